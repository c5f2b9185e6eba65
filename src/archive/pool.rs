//! Articles at hand for comparison: arrivals, and those of the index that were looked up for them.

use ahash::AHashMap;
use rayon::prelude::*;

use super::chunk::{self, Arrival};
use super::facts::{Facts, Tie};
use super::keys;
use super::packed::unpack;
use super::shelf::Shelf;
use crate::article::Timestamp;
use crate::detector::Party;
use crate::error::{Error, Result};
use crate::parallel::Balanced;
use crate::shingle::Document;
use crate::store::Place;
use crate::verify::{Prepared, SeenStems, Weights};

/// An article made ready.
pub(crate) struct Ready {
    pub(crate) id: String,
    pub(crate) date: Option<Timestamp>,
    /// [`keys::source`] of its source, and its name if that comes from the index.
    pub(crate) source: Option<u32>,
    pub(crate) source_name: Option<String>,
    /// The representative of its group, and how it is tied to it; of an arrival itself.
    pub(crate) group: Place,
    pub(crate) tie: Tie,
    pub(crate) document: Document,
    prepared: Prepared,
}

/// Articles by numbers of their own.
pub(crate) struct Pool<'s, S> {
    pub(crate) shelf: &'s S,
    weights: &'s Weights,
    places: Vec<Place>,
    ready: Vec<Option<Ready>>,
    numbers: AHashMap<Place, u32>,
    sketches: &'s mut Sketches,
}

/// So few articles are read by one thread: to wake others takes longer.
const FEW: usize = 16;

/// What is known of an article without its document.
#[derive(Clone, Copy)]
pub(crate) struct Sketch {
    pub(crate) facts: Facts,
    /// [`keys::source`] of its source.
    pub(crate) source: Option<u32>,
}

/// Sketches of articles of the index, as long as no place is given to another article: a writer keeps them from one
/// arrival to the next.
#[derive(Default)]
pub(crate) struct Sketches {
    known: AHashMap<Place, Sketch>,
}

/// When so many are kept, of the articles of some weeks, all are forgotten before others are read.
const MOST_SKETCHES: usize = 1 << 20;

impl Sketches {
    /// Keeps that of an article which is in the index from now on.
    pub(crate) fn keep(&mut self, place: Place, sketch: Sketch) {
        self.known.insert(place, sketch);
    }

    /// Forgets all: places may be given anew.
    pub(crate) fn forget(&mut self) {
        self.known.clear();
    }
}

impl<'s, S: Shelf> Pool<'s, S> {
    pub(crate) fn new(shelf: &'s S, weights: &'s Weights, sketches: &'s mut Sketches) -> Pool<'s, S> {
        Pool { shelf, weights, places: Vec::new(), ready: Vec::new(), numbers: AHashMap::new(), sketches }
    }

    /// The number of an article, which need not be at hand.
    pub(crate) fn number(&mut self, place: Place) -> u32 {
        *self.numbers.entry(place).or_insert_with(|| {
            self.places.push(place);
            self.ready.push(None);
            self.places.len() as u32 - 1
        })
    }

    pub(crate) fn place(&self, number: u32) -> Place {
        self.places[number as usize]
    }

    /// An article, if it is at hand.
    pub(crate) fn get(&self, number: u32) -> Option<&Ready> {
        self.ready.get(number as usize)?.as_ref()
    }

    /// An article, if it is at hand.
    pub(crate) fn at(&self, place: Place) -> Option<&Ready> {
        self.get(*self.numbers.get(&place)?)
    }

    /// Sketches the articles at these places.
    pub(crate) fn sketch(&mut self, mut places: Vec<Place>) -> Result<()> {
        if self.sketches.known.len() >= MOST_SKETCHES {
            self.sketches.forget();
        }
        places.par_sort_unstable();
        places.dedup();
        places.retain(|&place| chunk::arrival(place).is_none() && !self.sketches.known.contains_key(&place));
        let sketch = |&place: &Place| {
            let Some(card) = self.shelf.card(place)? else { return Ok((place, None)) };
            let facts = Facts::from_bytes(&card.facts).ok_or_else(|| other_bytes(&card.id))?;
            Ok((place, Some(Sketch { facts, source: card.source.as_deref().map(keys::source) })))
        };
        let sketches: Vec<(Place, Option<Sketch>)> = match places.len() {
            0..FEW => places.iter().map(sketch).collect::<Result<_>>()?,
            _ => places.par_iter().balanced().map(sketch).collect::<Result<_>>()?,
        };
        for (place, sketch) in sketches {
            if let Some(sketch) = sketch {
                self.sketches.keep(place, sketch);
            }
        }
        Ok(())
    }

    /// The sketch of an article, if there is one.
    pub(crate) fn sketched(&self, place: Place) -> Option<Sketch> {
        self.sketches.known.get(&place).copied()
    }

    /// Makes arrivals ready.
    pub(crate) fn take(&mut self, arrivals: &[Arrival]) {
        let weights = self.weights;
        let ready = (0u32..).zip(arrivals).collect::<Vec<_>>().into_par_iter().balanced().map_init(
            SeenStems::default,
            |seen, (number, arrival)| Ready {
                id: arrival.id.clone(),
                date: arrival.date,
                source: arrival.source_number,
                source_name: None,
                group: chunk::arriving(arrivals, number),
                tie: Tie::default(),
                prepared: Prepared::new(&arrival.document, weights, seen),
                document: arrival.document.clone(),
            },
        );
        let ready: Vec<Ready> = ready.collect();
        for ready in ready {
            let number = self.number(ready.group);
            self.ready[number as usize] = Some(ready);
        }
    }

    /// Makes the articles at these places ready, as far as they are not; those that are gone stay away.
    pub(crate) fn load(&mut self, mut places: Vec<Place>) -> Result<()> {
        places.sort_unstable();
        places.dedup();
        places.retain(|&place| chunk::arrival(place).is_none() && self.at(place).is_none());
        let loaded: Vec<Option<Ready>> = match places.len() {
            0 => return Ok(()),
            1..FEW => {
                let mut seen = SeenStems::default();
                places.iter().map(|&place| self.read(place, &mut seen)).collect::<Result<_>>()?
            }
            _ => places
                .par_iter()
                .balanced()
                .map_init(SeenStems::default, |seen, &place| self.read(place, seen))
                .collect::<Result<_>>()?,
        };
        for (place, ready) in places.into_iter().zip(loaded) {
            let number = self.number(place);
            self.ready[number as usize] = ready;
        }
        Ok(())
    }

    fn read(&self, place: Place, seen: &mut SeenStems) -> Result<Option<Ready>> {
        let Some(card) = self.shelf.card(place)? else { return Ok(None) };
        let mut document = Document::default();
        let facts = Facts::from_bytes(&card.facts);
        let (Some(facts), Some(tie), true) = (facts, Tie::from_bytes(&card.tie), unpack(&card.document, &mut document))
        else {
            return Err(other_bytes(&card.id));
        };
        Ok(Some(Ready {
            date: facts.date,
            source: card.source.as_deref().map(keys::source),
            source_name: card.source,
            group: card.group,
            tie,
            prepared: Prepared::new(&document, self.weights, seen),
            document,
            id: card.id,
        }))
    }

    /// An article as a party to a comparison.
    pub(crate) fn party(&self, number: u32) -> Option<Party<'_>> {
        let Ready { date, source, document, prepared, .. } = self.get(number)?;
        Some(Party { number, document, prepared, date: *date, source: *source })
    }
}

/// What the store gave, whole as it is, means nothing here.
pub(crate) fn other_bytes(id: &str) -> Error {
    Error::Config {
        what: format!("article {id:?} of the index"),
        found: "bytes that mean nothing to this version".into(),
        expected: "those of an index that this version made".into(),
    }
}
