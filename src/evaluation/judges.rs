//! Who judges which pair, and what comes of it: one detector judges all pairs, or, held out, each pair a detector
//! whose model was fitted without it.

use std::str::FromStr;

use super::{Case, InGrouping, Judged, both_kinds};
use crate::config::Config;
use crate::detector::{Detector, Grouping};
use crate::error::{Error, Result};
use crate::verify::{Contribution, Example, Relation, Target, fit_without, folds_by_date};

/// What is kept from the model that judges a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeldOut {
    /// Its time: five folds by date, each judged by a model fitted to the other folds of all corpora.
    Date,
    /// Its corpus: each is judged by a model fitted to the other corpora.
    Corpus,
}

/// Detectors, and which of them judges which pair.
pub struct Judges {
    detectors: Vec<Detector>,
    /// The pairs of each corpus, by each detector.
    pairs: Vec<Vec<Vec<usize>>>,
}

/// A pair as judged by people and by a detector.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// What became of it.
    pub case: Case,
    /// The relation found, whether or not the level admits it.
    pub relation: Option<Relation>,
}

impl HeldOut {
    /// Its name, as typed.
    pub fn name(self) -> &'static str {
        match self {
            HeldOut::Date => "date",
            HeldOut::Corpus => "corpus",
        }
    }
}

impl FromStr for HeldOut {
    type Err = Error;

    /// `date` or `corpus`.
    ///
    /// # Errors
    /// [`Error::Config`] for anything else.
    fn from_str(written: &str) -> Result<HeldOut> {
        [HeldOut::Date, HeldOut::Corpus].into_iter().find(|scheme| scheme.name() == written).ok_or_else(|| {
            Error::Config { what: "held out".into(), found: written.into(), expected: "date or corpus".into() }
        })
    }
}

impl Judges {
    /// One judge of all pairs.
    pub fn one(detector: Detector, corpora: &[Judged]) -> Judges {
        let all = |corpus: &Judged| vec![(0..corpus.numbers.len()).collect()];
        Judges { detectors: vec![detector], pairs: corpora.iter().map(all).collect() }
    }

    /// Judges with the settings and the threshold of `detector`, none of whom has seen the pairs it judges.
    ///
    /// # Errors
    /// [`Error::Config`] if what is left to fit to is all of one kind, as where a whole corpus is held out of one.
    pub fn held_out(scheme: HeldOut, detector: &Detector, corpora: &[Judged]) -> Result<Judges> {
        let examples: Vec<Example> =
            corpora.iter().enumerate().flat_map(|(number, corpus)| corpus.examples(number, detector)).collect();
        let fold = match scheme {
            HeldOut::Date => folds_by_date(&examples),
            HeldOut::Corpus => examples.iter().map(|example| example.corpus).collect(),
        };
        let mut folds = fold.clone();
        folds.sort_unstable();
        folds.dedup();
        let config = Config { threshold: Some(detector.threshold()), ..detector.config().clone() };
        let mut judges = Judges { detectors: Vec::new(), pairs: vec![Vec::new(); corpora.len()] };
        for &held_out in &folds {
            let whose = match scheme {
                HeldOut::Date => format!("held out by date: all but fold {}", held_out + 1),
                HeldOut::Corpus => format!("held out by corpus: all but {}", corpora[held_out].name),
            };
            let others = examples.iter().zip(&fold).filter(|(_, fold)| **fold != held_out);
            let labels: Vec<u8> = others.map(|(example, _)| example.label).collect();
            let mut judge = Detector::new(config.clone())?;
            // At level event the groups of one report are held out as well.
            let targets = [(Target::Report, detector.report_threshold()), (Target::Event, detector.threshold())];
            let event = config.level.target() == Target::Event;
            for (target, threshold) in targets.into_iter().filter(|(target, _)| event || *target == Target::Report) {
                both_kinds(&whose, target, labels.iter().copied())?;
                let model = fit_without(&examples, target, &fold, held_out);
                judge = judge.with_model(model.with_threshold(threshold));
            }
            judges.detectors.push(judge);
            let mut rest = &fold[..];
            for (corpus, pairs) in corpora.iter().zip(&mut judges.pairs) {
                let (own, others) = rest.split_at(corpus.numbers.len());
                pairs.push((0..own.len()).filter(|&pair| own[pair] == held_out).collect());
                rest = others;
            }
        }
        Ok(judges)
    }

    /// What comes of the pairs of corpus `number`: each judge groups the corpus as a whole, and of that its own
    /// pairs count.
    ///
    /// # Errors
    /// Those of [`Detector::group`].
    pub fn judge(&self, number: usize, judged: &Judged) -> Result<Vec<Found>> {
        let corpus = &judged.corpus;
        // The index knows no model.
        let proposed = match self.detectors.first() {
            Some(detector) => detector.proposed(corpus, &judged.numbers)?,
            None => Vec::new(),
        };
        let mut found: Vec<(usize, Found)> = Vec::new();
        for (detector, pairs) in self.of(number) {
            let numbers: Vec<(u32, u32)> = pairs.iter().map(|&pair| judged.numbers[pair]).collect();
            let group = group_numbers(&detector.group(corpus)?, corpus.len());
            let verdicts = detector.score(corpus, &numbers);
            let level = detector.config().level;
            for ((&pair, &(a, b)), verdict) in pairs.iter().zip(&numbers).zip(verdicts) {
                let (a, b) = (a as usize, b as usize);
                let judgement = judged.judgements[pair];
                let case = Case {
                    judgement,
                    truth: judgement.label >= level.least_label(),
                    score: verdict.score,
                    said: verdict.relation.is_some_and(|relation| level.admits(relation)),
                    grouping: Some(InGrouping {
                        together: a == b || group[a].is_some() && group[a] == group[b],
                        proposed: proposed[pair],
                    }),
                };
                found.push((pair, Found { case, relation: verdict.relation }));
            }
        }
        found.sort_unstable_by_key(|(pair, _)| *pair);
        Ok(found.into_iter().map(|(_, found)| found).collect())
    }

    /// What each feature added to the scores of the pairs of corpus `number` that are `wanted`, in the order of the
    /// pairs; by the model that scored the pair.
    pub fn contributions(
        &self,
        number: usize,
        judged: &Judged,
        wanted: impl Fn(usize) -> bool,
    ) -> Vec<(usize, Vec<Contribution>)> {
        let mut found = Vec::new();
        for (detector, pairs) in self.of(number) {
            let pairs: Vec<usize> = pairs.iter().copied().filter(|&pair| wanted(pair)).collect();
            let numbers: Vec<(u32, u32)> = pairs.iter().map(|&pair| judged.numbers[pair]).collect();
            found.extend(pairs.into_iter().zip(detector.contributions(&judged.corpus, &numbers)));
        }
        found.sort_by_key(|(pair, _)| *pair);
        found
    }

    /// The judges of corpus `number` that have pairs to judge, and these.
    fn of(&self, number: usize) -> impl Iterator<Item = (&Detector, &[usize])> {
        let pairs = self.pairs[number].iter().map(Vec::as_slice);
        self.detectors.iter().zip(pairs).filter(|(_, pairs)| !pairs.is_empty())
    }
}

/// The group of each article that is in one.
fn group_numbers(grouping: &Grouping, articles: usize) -> Vec<Option<usize>> {
    let mut number = vec![None; articles];
    for (at, group) in grouping.groups.iter().enumerate() {
        number[group.representative as usize] = Some(at);
        for &(member, _) in &group.members {
            number[member as usize] = Some(at);
        }
    }
    number
}
