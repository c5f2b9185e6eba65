//! What an index has learned of its articles: how common stems and pairs are, on which days articles stand, and what is
//! furniture.
//!
//! Frequencies change in steps only: when so many articles have come since the last step, these are counted. A step takes
//! an eighth of what is counted, so that it tells little anew; and what comes of an article does not depend on how many
//! were added together with it.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::packed::unpack;
use super::shelf::Shelf;
use crate::error::Result;
use crate::parallel::Balanced;
use crate::shingle::{DistinctPairs, Document, Furniture};
use crate::store::Place;
use crate::verify::{Background, Counted, Frequencies, Weights, is_apart};

/// The least and most articles of a step.
const STEP: (u32, u32) = (64, 2048);

/// What an index has learned.
pub(crate) struct State {
    /// What the frequencies make.
    weights: Weights,
    /// How many articles were counted of each day.
    calendar: BTreeMap<i64, u32>,
    /// Articles to be counted in the next step, in the order in which they came.
    pending: Vec<Pending>,
    /// How many steps there were: the frequencies of as many are the same.
    steps: u64,
    furniture: Furniture,
    /// The version of the bytes that this was read from, if it is known: those of one version are the same.
    furniture_version: Option<u64>,
}

/// An article to be counted.
struct Pending {
    place: Place,
    is_dated: bool,
    /// As it is packed, if it came while the index was open.
    document: Option<Vec<u8>>,
}

impl State {
    /// Nothing yet.
    pub(crate) fn new(background: &Background) -> State {
        State {
            weights: Frequencies::default().into_weights(background),
            calendar: BTreeMap::new(),
            pending: Vec::new(),
            steps: 0,
            furniture: Furniture::default(),
            furniture_version: None,
        }
    }

    pub(crate) fn weights(&self) -> &Weights {
        &self.weights
    }

    pub(crate) fn furniture(&self) -> &Furniture {
        &self.furniture
    }

    /// Learns what is furniture besides.
    pub(crate) fn learn(&mut self, furniture: Furniture) {
        (self.furniture, self.furniture_version) = (furniture, None);
    }

    /// How many of the articles counted could be witnesses of two of these days.
    pub(crate) fn witnesses(&self, days: (i64, i64)) -> usize {
        let apart = self.calendar.iter().filter(|&(&day, _)| is_apart(day, days));
        apart.map(|(_, &articles)| articles as usize).sum()
    }

    /// How many articles can come before the next step.
    pub(crate) fn room(&self) -> usize {
        let step = (self.weights.documents() / 8).clamp(STEP.0, STEP.1) as usize;
        step.saturating_sub(self.pending.len())
    }

    /// Takes note of an article that has come, and of its document as it is packed.
    pub(crate) fn came(&mut self, place: Place, is_dated: bool, document: Vec<u8>) {
        self.pending.push(Pending { place, is_dated, document: Some(document) });
    }

    /// Counts what has come, if it is time for it. Says whether it was.
    ///
    /// # Errors
    /// Those of the shelf.
    pub(crate) fn settle(&mut self, shelf: &impl Shelf, background: &Background) -> Result<bool> {
        if self.room() > 0 {
            return Ok(false);
        }
        let pending = std::mem::take(&mut self.pending);
        let counted = pending.par_iter().balanced().map_init(
            <(Vec<u8>, Document, DistinctPairs)>::default,
            |scratch, pending| {
                let (bytes, document, distinct) = scratch;
                let is_there = match &pending.document {
                    Some(packed) => unpack(packed, document),
                    None => shelf.document(pending.place, bytes)? && unpack(bytes, document),
                };
                Ok(is_there.then(|| Counted::of(document, distinct)))
            },
        );
        let counted: Vec<Option<Counted>> = counted.collect::<Result<_>>()?;
        let mut frequencies = Frequencies::of(std::mem::take(&mut self.weights));
        for (Pending { place, is_dated, .. }, counted) in pending.into_iter().zip(counted) {
            if let Some(counted) = counted {
                frequencies.add(&counted);
                *self.calendar.entry(place.segment.into()).or_default() += u32::from(is_dated);
            }
        }
        self.steps += 1;
        self.weights = frequencies.into_weights(background);
        Ok(true)
    }

    /// The frequencies as bytes to keep.
    pub(crate) fn frequencies_to_bytes(&self) -> std::io::Result<Vec<u8>> {
        self.weights.frequencies_to_bytes()
    }

    /// All else but furniture as bytes to keep.
    ///
    /// ```text
    /// steps 8 │ days 4 │ (day 8, articles 4) ... │ to be counted: (segment 4, number 4, has a date 1) ...
    /// ```
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.steps.to_le_bytes().to_vec();
        bytes.extend((self.calendar.len() as u32).to_le_bytes());
        for (day, articles) in &self.calendar {
            bytes.extend(day.to_le_bytes());
            bytes.extend(articles.to_le_bytes());
        }
        for Pending { place: Place { segment, local }, is_dated, .. } in &self.pending {
            bytes.extend(segment.to_le_bytes());
            bytes.extend(local.to_le_bytes());
            bytes.push((*is_dated).into());
        }
        bytes
    }

    /// Becomes what was kept: `bytes`, where there have been other steps the frequencies, and the furniture where its
    /// version is another one. `None` if these are other bytes.
    ///
    /// # Errors
    /// Those of getting frequencies and furniture.
    pub(crate) fn restore(
        &mut self,
        bytes: &[u8],
        (version, furniture): (Option<u64>, impl FnOnce() -> Result<Vec<u8>>),
        frequencies: impl FnOnce() -> Result<Vec<u8>>,
        background: &Background,
    ) -> Result<Option<()>> {
        let Some((steps, calendar, pending)) = parts(bytes) else { return Ok(None) };
        if version.is_none() || version != self.furniture_version {
            let Some(furniture) = Furniture::from_bytes(&furniture()?) else { return Ok(None) };
            (self.furniture, self.furniture_version) = (furniture, version);
        }
        if steps != self.steps {
            let bytes = frequencies()?;
            let Some(restored) = Frequencies::of(std::mem::take(&mut self.weights)).restored(&bytes) else {
                // The old ones are gone: as many steps must not be taken for the same frequencies.
                *self = State::new(background);
                return Ok(None);
            };
            self.weights = restored.into_weights(background);
        }
        (self.steps, self.calendar, self.pending) = (steps, calendar, pending);
        Ok(Some(()))
    }

    /// Forgets what is to be counted still of an article.
    pub(crate) fn forget(&mut self, place: Place) {
        self.pending.retain(|pending| pending.place != place);
    }

    /// Forgets the days before this one, and what is to be counted still of their segments.
    pub(crate) fn forget_before(&mut self, day: i32) {
        self.calendar = self.calendar.split_off(&i64::from(day));
        self.pending.retain(|pending| pending.place.segment >= day);
    }
}

/// Steps, calendar and what is to be counted.
type Parts = (u64, BTreeMap<i64, u32>, Vec<Pending>);

fn parts(bytes: &[u8]) -> Option<Parts> {
    let (steps, rest) = bytes.split_first_chunk()?;
    let (days, rest) = rest.split_first_chunk()?;
    let (days, pending) = rest.split_at_checked((u32::from_le_bytes(*days) as usize).checked_mul(12)?)?;
    let day = |entry: &[u8; 12]| {
        let (day, articles) = entry.split_first_chunk()?;
        Some((i64::from_le_bytes(*day), u32::from_le_bytes(*articles.first_chunk()?)))
    };
    let place = |entry: &[u8; 9]| {
        let (segment, rest) = entry.split_first_chunk()?;
        let (local, is_dated) = rest.split_first_chunk()?;
        let place = Place { segment: i32::from_le_bytes(*segment), local: u32::from_le_bytes(*local) };
        Some(Pending { place, is_dated: is_dated != [0], document: None })
    };
    let calendar = days.as_chunks().0.iter().map(day).collect::<Option<_>>()?;
    let (pending, rest) = pending.as_chunks();
    let pending = pending.iter().map(place).collect::<Option<_>>()?;
    rest.is_empty().then_some((u64::from_le_bytes(*steps), calendar, pending))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn furniture_is_read_when_it_is_another_one() {
        let background = Background::default();
        let bytes = State::new(&background).to_bytes();
        let furniture = |hash: u64| {
            let mut furniture = Furniture::default();
            furniture.know(Some(1), hash);
            furniture.to_bytes()
        };
        let known = |state: &State| [7, 8].map(|hash| state.furniture().is_known(Some(1), hash));
        let none = || Ok(Vec::new());
        let mut state = State::new(&background);
        for (version, kept, expected) in [
            (None, Vec::new(), [false, false]),
            (Some(1), furniture(7), [true, false]),
            // Of the same version it is not asked for.
            (Some(1), furniture(8), [true, false]),
            (Some(2), furniture(8), [false, true]),
        ] {
            state.restore(&bytes, (version, || Ok(kept)), none, &background).unwrap().unwrap();
            assert_eq!(known(&state), expected, "{version:?}");
        }
        // What was learned is of no version.
        state.learn(Furniture::default());
        state.restore(&bytes, (Some(2), || Ok(furniture(8))), none, &background).unwrap().unwrap();
        assert_eq!(known(&state), [false, true]);
        assert!(state.restore(&bytes, (Some(3), || Ok(vec![0])), none, &background).unwrap().is_none());
    }
}
