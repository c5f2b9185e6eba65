//! A shelf that is a list in memory: what the store is held against.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::shelf::{Card, Shelf};
use crate::error::Result;
use crate::store::{Lists, Place};

/// Its articles and their keys.
#[derive(Default)]
pub(crate) struct MemoryShelf {
    articles: BTreeMap<Place, Card>,
    postings: BTreeMap<u32, Vec<Place>>,
    next: BTreeMap<i32, u32>,
}

impl MemoryShelf {
    pub(crate) fn add(&mut self, segment: i32, keys: &[u32], card: impl FnOnce(Place) -> Card) -> Place {
        let local = self.next.entry(segment).or_default();
        let place = Place { segment, local: *local };
        *local += 1;
        for &key in keys {
            let places = self.postings.entry(key).or_default();
            if !places.contains(&place) {
                let at = places.partition_point(|&other| other < place);
                places.insert(at, place);
            }
        }
        self.articles.insert(place, card(place));
        place
    }

    pub(crate) fn set_group(&mut self, place: Place, group: Place, tie: Vec<u8>) {
        if let Some(card) = self.articles.get_mut(&place) {
            (card.group, card.tie) = (group, tie);
        }
    }

    /// The groups as sets, each by its representative.
    pub(crate) fn groups(&self) -> BTreeMap<String, BTreeSet<String>> {
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for card in self.articles.values() {
            groups.entry(self.articles[&card.group].id.clone()).or_default().insert(card.id.clone());
        }
        groups
    }
}

impl Shelf for MemoryShelf {
    fn card(&self, place: Place) -> Result<Option<Card>> {
        Ok(self.articles.get(&place).cloned())
    }

    fn document(&self, place: Place, to: &mut Vec<u8>) -> Result<bool> {
        to.clear();
        Ok(self.articles.get(&place).map(|card| to.extend(&card.document)).is_some())
    }

    fn postings(&self, segments: RangeInclusive<i32>, keys: &[u32], most: u32) -> Result<Vec<Lists>> {
        let list = |(number, key): (u32, &u32)| {
            let places = self.postings.get(key).into_iter().flatten().copied();
            let wanted = places.filter(|place| segments.contains(&place.segment)).take(most as usize);
            Lists::of_one(number, wanted.collect())
        };
        Ok((0..).zip(keys).map(list).collect())
    }

    fn members(&self, representative: Place) -> Result<Vec<Place>> {
        let members = self.articles.iter().filter(|(_, card)| card.group == representative);
        Ok(members.map(|(&place, _)| place).filter(|&place| place != representative).collect())
    }
}
