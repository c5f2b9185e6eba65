//! Shingles: what counts as one feature of a text.
//!
//! Three kinds, all of content stems (stop words are gone, numbers stay): unordered pairs within a distance,
//! which survive rewording; runs of k, which show verbatim copying; and single stems. The hashes are
//! fixed for ever by `vectors.json`: signatures and indexes are made of them.

mod distinct;
mod document;
mod furniture;
mod mix;
mod stamped;

pub(crate) use distinct::DistinctPairs;
pub use document::{Document, Segment};
pub(crate) use furniture::Furniture;
pub(crate) use mix::{finalise, mask};
pub(crate) use stamped::Stamped;

use crate::arabic::Stem;

/// How far apart the stems of a pair may be: 1 is neighbours.
pub(crate) const PAIR_DISTANCE: usize = 3;

/// The hash of the unordered pair of `a` and `b`.
#[inline]
pub(crate) fn pair(a: Stem, b: Stem) -> u64 {
    let (low, high) = if a.0 < b.0 { (a.0, b.0) } else { (b.0, a.0) };
    finalise(u64::from(high) << 32 | u64::from(low))
}

/// The hash of a run of stems, in order.
pub(crate) fn run(stems: &[Stem]) -> u64 {
    stems.iter().fold(stems.len() as u64, |hash, stem| finalise(hash.rotate_left(23) ^ u64::from(stem.0)))
}

/// Calls `emit` with the positions and the hash of each pair of different stems at most
/// [`PAIR_DISTANCE`] apart; each place where a pair stands, so the same hash may come again.
#[inline]
pub(crate) fn pairs(stems: &[Stem], mut emit: impl FnMut(usize, usize, u64)) {
    for (i, &a) in stems.iter().enumerate() {
        for (j, &b) in stems.iter().enumerate().skip(i + 1).take(PAIR_DISTANCE) {
            if a != b {
                emit(i, j, pair(a, b));
            }
        }
    }
}
