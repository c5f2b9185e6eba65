//! What matching asks of the store of an index, and nothing else of it: so that it can be held against the same on a shelf
//! that is a list in memory.

use std::ops::RangeInclusive;

use crate::error::Result;
use crate::store::{Lists, Place, View};

/// What matching wants to know of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) source: Option<String>,
    /// [`Facts`](super::facts::Facts).
    pub(crate) facts: Vec<u8>,
    pub(crate) group: Place,
    /// [`Tie`](super::facts::Tie).
    pub(crate) tie: Vec<u8>,
    pub(crate) document: Vec<u8>,
}

/// The articles of an index, to read.
pub(crate) trait Shelf: Sync {
    /// An article; `None` if there is none (any more).
    fn card(&self, place: Place) -> Result<Option<Card>>;

    /// Replaces `to` by the document of an article; no if there is none (any more).
    fn document(&self, place: Place, to: &mut Vec<u8>) -> Result<bool>;

    /// Where `keys`, which ascend and differ, stand in these segments: of each, all in one of the lists, the first `most`
    /// articles that have it, ascending.
    fn postings(&self, segments: RangeInclusive<i32>, keys: &[u32], most: u32) -> Result<Vec<Lists>>;

    /// The others of a group, in order, given its representative.
    fn members(&self, representative: Place) -> Result<Vec<Place>>;
}

impl Shelf for View {
    fn card(&self, place: Place) -> Result<Option<Card>> {
        let card = |article: crate::store::Stored| Card {
            source: article.source.and_then(|source| self.source(source)).map(str::to_owned),
            id: article.id,
            facts: article.facts,
            group: article.group,
            tie: article.link,
            document: article.document,
        };
        Ok(self.article(place)?.map(card))
    }

    fn document(&self, place: Place, to: &mut Vec<u8>) -> Result<bool> {
        View::document(self, place, to)
    }

    fn postings(&self, segments: RangeInclusive<i32>, keys: &[u32], most: u32) -> Result<Vec<Lists>> {
        View::postings(self, segments, keys, most)
    }

    fn members(&self, representative: Place) -> Result<Vec<Place>> {
        View::members(self, representative)
    }
}
