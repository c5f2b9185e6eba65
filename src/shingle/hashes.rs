//! The hashes of all pairs of an article, and which of them are in a sample: many at a time.
//!
//! A hash is made of the product of two numbers of 64 bits whose high halves never change, so that three products of 32 by 32
//! bits make it up, which a processor has lanes for.

use super::{PAIR, PAIR_DISTANCE};
use crate::arabic::Stem;
use crate::lanes::{Loops, by_lanes};

/// Pairs hashed at a time.
const LANES: usize = 16;

/// Replaces `hashes` by those of all pairs of `stems`, as [`super::pairs`] gives them but for their order.
pub(crate) fn pair_hashes(stems: &[Stem], hashes: &mut Vec<u64>) {
    hashes.clear();
    hashes.reserve(stems.len() * PAIR_DISTANCE);
    for others in (1..=PAIR_DISTANCE).filter_map(|distance| stems.get(distance..)) {
        by_lanes(Hashing { stems, others, hashes });
    }
}

/// Adds the hash of each stem and the one at the same place among the others.
struct Hashing<'a> {
    stems: &'a [Stem],
    others: &'a [Stem],
    hashes: &'a mut Vec<u64>,
}

impl Loops for Hashing<'_> {
    #[inline(always)]
    fn run(self) {
        let Hashing { stems, others, hashes } = self;
        let ((first, _), (second, end)) = (stems.as_chunks(), others.as_chunks());
        for (a, b) in first.iter().zip(second) {
            add(a, b, hashes);
        }
        if !end.is_empty() {
            // Behind the last pair both are the same, which is none.
            let [mut a, mut b] = [[Stem(0); LANES]; 2];
            a[..end.len()].copy_from_slice(&stems[second.len() * LANES..][..end.len()]);
            b[..end.len()].copy_from_slice(end);
            add(&a, &b, hashes);
        }
    }
}

/// Adds the hash of each two that are not the same.
#[inline(always)]
fn add(a: &[Stem; LANES], b: &[Stem; LANES], hashes: &mut Vec<u64>) {
    let mut all = pairs_of(a, b);
    let mut any = false;
    for lane in 0..LANES {
        any |= a[lane] == b[lane];
    }
    if !any {
        // As nearly everywhere.
        return hashes.extend_from_slice(&all);
    }
    let mut number = 0;
    for lane in 0..LANES {
        all[number] = all[lane];
        number += usize::from(a[lane] != b[lane]);
    }
    hashes.extend_from_slice(&all[..number]);
}

/// The [`super::pair`] of each two.
#[inline(always)]
fn pairs_of(a: &[Stem; LANES], b: &[Stem; LANES]) -> [u64; LANES] {
    const HALF: u64 = u32::MAX as u64;
    const HIGH: (u64, u64) = (PAIR.0 >> 32, PAIR.1 >> 32);
    let mut hashes = [0; LANES];
    for lane in 0..LANES {
        let (low, high) = (a[lane].0.min(b[lane].0), a[lane].0.max(b[lane].0));
        let (x, y) = (u64::from(low ^ PAIR.0 as u32), u64::from(high ^ PAIR.1 as u32));
        // As one multiplies on paper; no sum is longer than 64 bits.
        let first = x * y;
        let second = x * HIGH.1 + (first >> 32);
        let third = HIGH.0 * y + (second & HALF);
        let upper = HIGH.0 * HIGH.1 + (second >> 32) + (third >> 32);
        hashes[lane] = (third << 32 | (first & HALF)) ^ upper;
    }
    hashes
}

/// Replaces `kept` by those of `all` for which `keep` says yes.
///
/// Which of some hashes are in a sample no processor can guess: a bit each is made without a branch, and few are set.
pub(crate) fn filter(all: &[u64], kept: &mut Vec<u64>, keep: impl Fn(u64) -> bool) {
    kept.clear();
    by_lanes(Filtering { all, kept, keep });
}

struct Filtering<'a, F> {
    all: &'a [u64],
    kept: &'a mut Vec<u64>,
    keep: F,
}

impl<F: Fn(u64) -> bool> Loops for Filtering<'_, F> {
    #[inline(always)]
    fn run(self) {
        let Filtering { all, kept, keep } = self;
        let (chunks, rest) = all.as_chunks::<{ u64::BITS as usize }>();
        for chunk in chunks {
            add_kept(chunk, kept, &keep);
        }
        add_kept(rest, kept, &keep);
    }
}

/// Adds those of at most 64.
#[inline(always)]
fn add_kept(some: &[u64], kept: &mut Vec<u64>, keep: impl Fn(u64) -> bool) {
    let mut bits = 0u64;
    for (at, &hash) in some.iter().enumerate() {
        bits |= u64::from(keep(hash)) << at;
    }
    while bits != 0 {
        kept.push(some[bits.trailing_zeros() as usize]);
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{pair, pairs};
    use super::*;

    /// The loops as they are compiled for any processor.
    fn pair_hashes_portably(stems: &[Stem], hashes: &mut Vec<u64>) {
        hashes.clear();
        for others in (1..=PAIR_DISTANCE).filter_map(|distance| stems.get(distance..)) {
            Hashing { stems, others, hashes }.run();
        }
    }

    proptest! {
        #[test]
        fn the_hashes_of_all_pairs(
            stems in prop::collection::vec(prop_oneof![4 => any::<u32>(), 1 => 0..4u32, 1 => Just(u32::MAX)], 0..120),
        ) {
            let stems: Vec<Stem> = stems.into_iter().map(Stem).collect();
            let mut expected = Vec::new();
            pairs(&stems, |_, _, hash| expected.push(hash));
            expected.sort_unstable();
            for by in [pair_hashes, pair_hashes_portably] {
                let mut found = vec![7];
                by(&stems, &mut found);
                found.sort_unstable();
                prop_assert_eq!(&found, &expected);
            }
        }

        #[test]
        fn a_lane_holds_a_pair(a in any::<[u32; LANES]>(), b in any::<[u32; LANES]>()) {
            let (a, b) = (a.map(Stem), b.map(Stem));
            prop_assert_eq!(pairs_of(&a, &b), std::array::from_fn(|lane| pair(a[lane], b[lane])));
        }

        #[test]
        fn those_that_are_kept(all in prop::collection::vec(any::<u64>(), 0..300), one_in in 1..70u64) {
            let keep = |hash| hash % one_in == 0;
            let (mut kept, mut portably) = (vec![7], Vec::new());
            filter(&all, &mut kept, keep);
            Filtering { all: &all, kept: &mut portably, keep }.run();
            prop_assert_eq!(&kept, &portably);
            prop_assert_eq!(kept, all.into_iter().filter(|&hash| keep(hash)).collect::<Vec<_>>());
        }
    }
}
