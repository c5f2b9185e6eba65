//! Shingles: what counts as one feature of a text.
//!
//! All of content stems (stop words are gone, numbers stay): unordered pairs within a distance, which survive
//! rewording and are what signatures, samples and verdicts are made of; and runs of any number of stems in
//! order, by which repeated sentences, labels and titles are told. The hashes are
//! fixed for ever by `vectors.tsv`: signatures and indexes are made of them.

mod distinct;
mod document;
mod documents;
mod furniture;
mod hashes;
mod mix;
mod places;
mod written;

pub(crate) use distinct::DistinctPairs;
pub(crate) use document::spans;
pub use document::{Document, Segment};
pub use documents::Documents;
pub(crate) use documents::{Entry, Reader, put, put_written};
pub use furniture::FurnitureKind;
pub(crate) use furniture::{Furniture, SAME_TITLE, Stories, same_story, stories, teased};
pub(crate) use hashes::{filter, pair_hashes};
pub(crate) use mix::{finalise, mask};
pub(crate) use places::Places;
pub(crate) use written::{decode, encode};

use crate::arabic::Stem;

/// How far apart the stems of a pair may be: 1 is neighbours.
pub(crate) const PAIR_DISTANCE: usize = 3;

/// The hash of the unordered pair of `a` and `b`.
#[inline]
pub(crate) fn pair(a: Stem, b: Stem) -> u64 {
    let (low, high) = if a.0 < b.0 { (a.0, b.0) } else { (b.0, a.0) };
    fold(u64::from(low) ^ PAIR.0, u64::from(high) ^ PAIR.1)
}

/// Random odd numbers, so that no product is small: the first digits of π.
const PAIR: (u64, u64) = (0x243F_6A88_85A3_08D3, 0x1319_8A2E_0370_7345);

/// Mixes two numbers by a product of twice their length, its halves joined: the step of Wang Yi's wyhash.
/// Each stem of a text is hashed with three others, so one multiplication counts.
#[inline]
fn fold(x: u64, y: u64) -> u64 {
    let product = u128::from(x) * u128::from(y);
    product as u64 ^ (product >> 64) as u64
}

/// The hash of a run of stems, in order.
pub(crate) fn run(stems: &[Stem]) -> u64 {
    stems.iter().fold(stems.len() as u64, |hash, stem| finalise(hash.rotate_left(23) ^ u64::from(stem.0)))
}

/// Calls `emit` with the positions and the hash of each pair of different stems at most
/// [`PAIR_DISTANCE`] apart; each place where a pair stands, so the same hash may come again.
#[inline]
pub(crate) fn pairs(stems: &[Stem], mut emit: impl FnMut(usize, usize, u64)) {
    let mut each = |i: usize, others: &[Stem]| {
        let a = stems[i];
        for (j, &b) in (i + 1..).zip(others) {
            if a != b {
                emit(i, j, pair(a, b));
            }
        }
    };
    // Behind all but the last there are as many others as may be, a number that the compiler knows.
    let whole = stems.len().saturating_sub(PAIR_DISTANCE);
    for (i, others) in stems.windows(PAIR_DISTANCE + 1).map(|window| &window[1..]).enumerate() {
        each(i, &others[..PAIR_DISTANCE]);
    }
    (whole..stems.len()).for_each(|i| each(i, &stems[i + 1..]));
}

/// Replaces `kept` by the different ones of these hashes for which `keep` says yes, in no order that is meant.
pub(crate) fn select(all: &[u64], kept: &mut Vec<u64>, keep: impl Fn(u64) -> bool) {
    filter(all, kept, keep);
    if kept.len() > FEW {
        kept.sort_unstable();
        kept.dedup();
        return;
    }
    // Those that are not seen to be new are looked for.
    let mut met = Met::default();
    let mut number = 0;
    for at in 0..kept.len() {
        let hash = kept[at];
        let is_new = met.is_surely_new(hash) || !kept[..number].contains(&hash);
        kept[number] = hash;
        number += usize::from(is_new);
    }
    kept.truncate(number);
}

/// Hashes that were met, by 12 bits of each: of some hundred different ones most are seen to be new.
struct Met([u64; 64]);

impl Default for Met {
    /// None.
    fn default() -> Met {
        Met([0; 64])
    }
}

impl Met {
    /// Meets a hash; no if it may have been met before.
    #[inline(always)]
    fn is_surely_new(&mut self, hash: u64) -> bool {
        let (word, bit) = (&mut self.0[(hash >> 6) as usize % 64], 1 << (hash % 64));
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }
}

/// More hashes than this are told apart by sorting.
const FEW: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arabic::{Token, Tokenizer};

    /// Hashes that stored signatures and indexes are made of, as they were when this version was frozen.
    const VECTORS: &str = include_str!("vectors.tsv");

    #[test]
    fn hashes_stay_what_they_are() {
        for line in VECTORS.lines().filter(|l| !l.starts_with('#')) {
            let [words, stems, pair_hash, run_hash] = line.split('\t').collect::<Vec<_>>()[..] else {
                panic!("four columns wanted: {line}")
            };
            let mut tokens: Vec<Token> = Vec::new();
            Tokenizer::new().tokens(words, &mut tokens);
            let found: Vec<Stem> = tokens.iter().map(|t| t.stem).collect();
            let hex: Vec<String> = found.iter().map(|s| format!("{:08x}", s.0)).collect();
            let row = (hex.join(" "), format!("{:016x}", pair(found[0], found[1])), format!("{:016x}", run(&found)));
            assert_eq!(row, (stems.to_owned(), pair_hash.to_owned(), run_hash.to_owned()), "{words}");
        }
    }

    #[test]
    fn what_is_selected_comes_once() {
        let mut kept = vec![7];
        // The first two have their bits in common.
        select(&[1 << 40 | 2, 2, 9, 4, 2, 4, 1], &mut kept, |x| x % 2 == 0);
        assert_eq!(kept, [1 << 40 | 2, 2, 4]);
        let many: Vec<u64> = (0..2 * FEW as u64).map(|n| finalise(n % 700)).collect();
        select(&many, &mut kept, |_| true);
        assert_eq!(kept.len(), 700);
        select(&[1, 3], &mut kept, |x| x > 0);
        assert_eq!(kept, [1, 3]);
        select(&[], &mut kept, |_| true);
        assert!(kept.is_empty());
    }

    #[test]
    fn a_pair_has_no_order_and_a_run_has() {
        let [a, b, c] = [Stem(3), Stem(4), Stem(5)];
        assert_eq!(pair(a, b), pair(b, a));
        assert_ne!(pair(a, b), pair(a, c));
        assert_ne!(run(&[a, b]), run(&[b, a]));
        assert_ne!(run(&[a]), run(&[a, a]));
    }

    #[test]
    fn pairs_of_any_number_of_stems() {
        for len in 0..12usize {
            let stems: Vec<Stem> = (0..len as u32).map(|at| Stem(at % 5 * (at % 3))).collect();
            let all = (0..len).flat_map(|i| (i + 1..len.min(i + 1 + PAIR_DISTANCE)).map(move |j| (i, j)));
            let expected: Vec<_> = all.filter(|&(i, j)| stems[i] != stems[j]).collect();
            let mut found = Vec::new();
            pairs(&stems, |i, j, hash| {
                assert_eq!(hash, pair(stems[i], stems[j]));
                found.push((i, j));
            });
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn pairs_of_different_stems_within_the_distance() {
        let stems = [1, 2, 1, 3, 4].map(Stem);
        let mut found = Vec::new();
        pairs(&stems, |i, j, _| found.push((i, j)));
        assert_eq!(found, [(0, 1), (0, 3), (1, 2), (1, 3), (1, 4), (2, 3), (2, 4), (3, 4)]);
    }
}
