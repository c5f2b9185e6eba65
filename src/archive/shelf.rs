//! What matching asks of the store of an index, and nothing else of it: so that it can be held against the same on a shelf
//! that is a list in memory.

use std::ops::RangeInclusive;

use crate::error::Result;

/// Where an article stands: in which time segment, of a day each and counted since 1970, and as which of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    pub(crate) segment: i32,
    pub(crate) local: u32,
}

/// What is known of an article on the shelf beside its document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Card {
    pub(crate) id: String,
    pub(crate) source: Option<String>,
    /// [`Facts`](super::facts::Facts).
    pub(crate) facts: Vec<u8>,
    pub(crate) group: Place,
    /// [`Tie`](super::facts::Tie).
    pub(crate) tie: Vec<u8>,
}

/// The articles of an index, to read.
pub(crate) trait Shelf: Sync {
    /// The article with this id.
    fn find(&self, id: &str) -> Result<Option<Place>>;

    /// What is known of an article; `None` if there is none (any more).
    fn card(&self, place: Place) -> Result<Option<Card>>;

    /// Replaces `to` by the document of an article; no if there is none (any more).
    fn document(&self, place: Place, to: &mut Vec<u8>) -> Result<bool>;

    /// Gives `each` the place in `keys` of every key, which ascend and differ, with each article of these segments that has
    /// it; those of one key ascend.
    fn postings(&self, segments: RangeInclusive<i32>, keys: &[u32], each: &mut dyn FnMut(usize, Place)) -> Result<()>;

    /// All articles of a group, given its representative.
    fn members(&self, representative: Place) -> Result<Vec<Place>>;
}
