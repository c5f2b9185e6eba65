//! The persistent index as bytes: what is kept of articles from one run to the next, and how it is found again.
//!
//! An index is a directory. Time is cut into *segments*, within which articles have numbers in the order they were
//! added; a [`Place`] is segment and number. New articles are put into the *tail*, a row each, and are *folded* into the
//! blocks of their segment when there are some thousand. A segment that is past is dropped as a whole.
//!
//! ```text
//! add ─▶ article, text, tail ──fold──▶ blocks of postings: keys and ids → articles of the segment
//!         └───────────── one transaction, in the write-ahead log when it is acknowledged
//! ```
//!
//! It knows nothing of what keys, documents and groups mean. docs/format.md has the layout to the byte.

mod bytes;
mod cache;
mod check;
mod database;
mod fold;
mod head;
mod lock;
mod lookup;
mod mark;
mod postings;
mod reader;
mod record;
mod seal;
mod sizes;
mod tail;
mod view;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use {
    check::check,
    lookup::Lists,
    reader::{Reader, settings},
    view::View,
    writer::{Writer, create},
};

/// Names an article: its segment, and its number within that, from 0 in the order in which it was added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Place {
    /// Which stretch of time: days since 1970, divided by the span of a segment.
    pub(crate) segment: i32,
    /// Its number.
    pub(crate) local: u32,
}

/// An article to be added.
#[derive(Clone, Copy, Debug)]
pub(crate) struct New<'a> {
    /// The user's id; that it is new is the caller's to see ([`View::find`]).
    pub(crate) id: &'a str,
    /// Which stretch of time it belongs to.
    pub(crate) segment: i32,
    /// When it was published and the like, as the caller writes it.
    pub(crate) facts: &'a [u8],
    /// The outlet.
    pub(crate) source: Option<&'a str>,
    /// The representative of its group; `None` if it is its own.
    pub(crate) group: Option<Place>,
    /// How it is related to that, as the caller writes it.
    pub(crate) link: &'a [u8],
    /// What it is compared by, as the caller writes it.
    pub(crate) document: &'a [u8],
    /// What the caller may want again of its text; may be empty.
    pub(crate) text: &'a [u8],
    /// What it is found by, in any order.
    pub(crate) keys: &'a [u32],
}

/// What is stored of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    /// The user's id.
    pub(crate) id: String,
    /// As it was added.
    pub(crate) facts: Vec<u8>,
    /// Number of the outlet ([`View::source`]).
    pub(crate) source: Option<u32>,
    /// How many articles were added before it, those since removed among them.
    pub(crate) sequence: u64,
    /// The representative of its group; itself if it is that, or alone.
    pub(crate) group: Place,
    /// How it is related to the representative.
    pub(crate) link: Vec<u8>,
    /// How many others are in the group that it represents.
    pub(crate) members: u32,
    /// Is there a text ([`View::text`])?
    pub(crate) has_text: bool,
    /// What it is compared by.
    pub(crate) document: Vec<u8>,
}

impl Place {
    /// The key of its rows: in the order of places.
    fn key(self) -> i64 {
        i64::from(self.segment) << 32 | i64::from(self.local)
    }

    fn of(key: i64) -> Place {
        Place { segment: (key >> 32) as i32, local: key as u32 }
    }
}

/// The keys of the rows of a segment and those behind it, up to another.
fn rows(segments: std::ops::Range<i32>) -> std::ops::Range<i64> {
    i64::from(segments.start) << 32..i64::from(segments.end) << 32
}

/// Spreads keys evenly over all 32 bits: a bijection, so that no two become one (the finaliser of MurmurHash3).
fn spread(key: u32) -> u32 {
    let key = (key ^ key >> 16).wrapping_mul(0x85EB_CA6B);
    let key = (key ^ key >> 13).wrapping_mul(0xC2B2_AE35);
    key ^ key >> 16
}

/// What an id is found by.
fn id_key(id: &str) -> u32 {
    xxhash_rust::xxh3::xxh3_64(id.as_bytes()) as u32
}
