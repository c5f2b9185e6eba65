//! What groups in the making ask of pairs that are in no link: these are compared then.

use super::Detector;
use super::compare::{Asked, Prepare};
use crate::group::{Found, Verifier};
use crate::verify::{Containment, Verdict};

/// Compares articles that are in no link when their groups ask for it.
pub(super) struct Asking<'a, F> {
    pub(super) detector: &'a Detector,
    pub(super) prepare: &'a Prepare<'a>,
    /// May know of two that they are not verified.
    pub(super) is_refused: &'a F,
}

impl<F> Asking<'_, F> {
    fn compare(&self, a: u32, b: u32, asked: Asked) -> Found {
        let Asking { detector, prepare, .. } = self;
        if !detector.near(prepare.corpus, a, b) || prepare.corpus.documents.progress().is_cancelled() {
            return (Verdict { score: 0.0, relation: None }, Containment::default());
        }
        let (verdict, containment) = prepare.with_scratch(|scratch| detector.verdict(prepare, scratch, (a, b), asked));
        let relation = verdict.relation.filter(|&r| r.is_same_report() && detector.config.level.admits(r));
        (Verdict { relation, ..verdict }, containment)
    }
}

impl<F: Fn(u32, u32) -> bool> Verifier for Asking<'_, F> {
    fn found(&mut self, a: u32, b: u32) -> Found {
        // Not `Report`: the score of what is not verified counts as well.
        self.compare(a, b, Asked::ReportOrUpdate)
    }

    fn verified(&mut self, a: u32, b: u32) -> Option<Found> {
        if (self.is_refused)(a, b) {
            return None;
        }
        Some(self.compare(a, b, Asked::Report)).filter(|found| found.0.relation.is_some())
    }
}
