//! Pairs of articles that agree in a band of their signatures, with a bound on large buckets.
//!
//! A bucket of up to `max_bucket` articles gives all its pairs. In a larger one each article is
//! paired with the first few (hubs) and the next few (neighbours) only, which keeps the bucket
//! connected at a cost linear in its size:
//!
//! ```text
//! bucket   h h │ · · · · · ·      hubs = 2, neighbours = 1
//!          └─┴─┴─┴─┴─┴─┴─┴─┘      every article with every hub
//!              └─┴─┴─┴─┴─┘        and with the next one
//! ```
//!
//! The keys of all bands lie in parts, as sampled shingles do, and a bucket is a run of one key in its part. Memory
//! holds some parts and the different pairs: what they propose is merged into the pairs so far before much has merging.

use rayon::prelude::*;

use super::config::{Cut, IndexConfig};
use super::parts::{Parts, Sorting};
use crate::error::Result;
use crate::parallel::Balanced;

/// A pair `a < b` in one word, in the order of pairs.
pub(super) type Word = u64;

/// The two articles of a word.
pub(super) fn unpack(word: Word) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}

/// Parts that are looked at before their pairs are merged.
const PARTS_AT_ONCE: usize = 64;

/// The different pairs proposed by any band for which `admit(a, b)`, in ascending order.
///
/// `keys` has those of each article. Adds to `cut` what large buckets left out.
///
/// # Errors
/// [`Error::Io`](crate::Error::Io) if what was put aside cannot be read.
pub(super) fn pairs(
    keys: &Parts,
    config: &IndexConfig,
    admit: &(impl Fn(u32, u32) -> bool + Sync),
    cut: &mut Cut,
) -> Result<Vec<Word>> {
    let mut merging = Merging::default();
    let numbers: Vec<usize> = (0..keys.len()).collect();
    for some in numbers.chunks(PARTS_AT_ONCE) {
        let found: Vec<(Vec<Word>, Cut)> = some
            .par_iter()
            .balanced()
            .map_init(<(Sorting, Vec<u32>)>::default, |(sorting, bucket), &part| {
                let entries = keys.shared(part, sorting)?;
                let (mut words, mut cut) = (Vec::new(), Cut::default());
                for run in entries.chunk_by(|x, y| x >> 32 == y >> 32).filter(|run| run.len() > 1) {
                    bucket.clear();
                    bucket.extend(run.iter().map(|&entry| entry as u32));
                    let (size, proposed) = (bucket.len() as u64, proposals(bucket.len(), config));
                    let all = size * (size - 1) / 2;
                    cut.buckets += u64::from(proposed < all);
                    cut.pairs_not_proposed += all - proposed;
                    let pairs = expand(bucket, config).filter(|&(a, b)| admit(a, b));
                    words.extend(pairs.map(|(a, b)| u64::from(a) << 32 | u64::from(b)));
                }
                Ok((words, cut))
            })
            .collect::<Result<_>>()?;
        for (words, of_part) in found {
            cut.buckets += of_part.buckets;
            cut.pairs_not_proposed += of_part.pairs_not_proposed;
            merging.pending.extend(words);
        }
        merging.settle(false);
    }
    merging.settle(true);
    Ok(merging.settled)
}

/// The pairs that a bucket proposes: first those of the hubs (of all, in a bucket that is not
/// large), then those of neighbours. No pair comes twice.
pub(crate) fn expand<T: Copy>(bucket: &[T], config: &IndexConfig) -> impl Iterator<Item = (T, T)> {
    let hubs = if bucket.len() <= config.max_bucket { bucket.len() } else { config.hubs };
    bucket.iter().enumerate().flat_map(move |(at, &a)| {
        let reach = if at < hubs { bucket.len() } else { config.neighbours };
        bucket[at + 1..].iter().take(reach).map(move |&b| (a, b))
    })
}

/// How many pairs [`expand`] gives for a bucket of `size` articles.
fn proposals(size: usize, config: &IndexConfig) -> u64 {
    // Of the last n articles, each with up to `reach` later ones.
    let within = |n: u64, reach: u64| {
        let full = n.saturating_sub(reach);
        full * reach + (n - full) * (n - full).saturating_sub(1) / 2
    };
    let size64 = size as u64;
    if size <= config.max_bucket || size <= config.hubs {
        return within(size64, size64);
    }
    let rest = size64 - config.hubs as u64;
    within(size64, size64) - within(rest, rest) + within(rest, config.neighbours as u64)
}

/// Different pairs, of which the last few parts' are still to be merged.
#[derive(Default)]
struct Merging {
    /// Ascending, each once.
    settled: Vec<Word>,
    /// As they came.
    pending: Vec<Word>,
}

impl Merging {
    /// Pairs that may wait before a merge is worth the pass over all that are settled.
    const WAIT: usize = 1 << 20;

    /// Merges the pending pairs in, if there are more than are settled or `now`.
    fn settle(&mut self, now: bool) {
        if !now && self.pending.len() < self.settled.len().max(Self::WAIT) {
            return;
        }
        self.pending.par_sort_unstable();
        self.pending.dedup();
        let mut merged = Vec::with_capacity(self.settled.len() + self.pending.len());
        let mut new = self.pending.iter().copied().peekable();
        for &old in &self.settled {
            while let Some(word) = new.next_if(|&word| word < old) {
                merged.push(word);
            }
            new.next_if_eq(&old);
            merged.push(old);
        }
        merged.extend(new);
        self.settled = merged;
        self.pending.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::super::bands::Bands;
    use super::super::parts::{Dealing, Gathered};
    use super::*;
    use crate::spool::Memory;

    type Signatures = Vec<Option<Vec<u32>>>;

    fn keys(signatures: &Signatures, bands: Bands) -> Parts {
        let dealing = Dealing::new(10_000, &Memory::default());
        let mut gathered = Gathered::default();
        for (article, signature) in (0..).zip(signatures) {
            dealing.add(&mut gathered, article, bands.keys(signature.as_deref().unwrap_or_default()));
        }
        dealing.deal(&mut gathered);
        dealing.finish().unwrap()
    }

    fn found(signatures: &Signatures, bands: Bands, config: &IndexConfig) -> (Vec<(u32, u32)>, Cut) {
        let mut cut = Cut::default();
        let words = pairs(&keys(signatures, bands), config, &|_, _| true, &mut cut).unwrap();
        (words.into_iter().map(unpack).collect(), cut)
    }

    /// The rule of the module, bucket by bucket and pair by pair.
    fn naive(signatures: &Signatures, bands: Bands, config: &IndexConfig) -> (Vec<(u32, u32)>, Cut) {
        let (mut pairs, mut cut) = (BTreeSet::new(), Cut::default());
        for band in 0..bands.bands {
            let mut buckets: BTreeMap<&[u32], Vec<u32>> = BTreeMap::new();
            for (article, signature) in (0..).zip(signatures) {
                let Some(signature) = signature else { continue };
                let rows = &signature[band * bands.rows..(band + 1) * bands.rows];
                buckets.entry(rows).or_default().push(article);
            }
            for bucket in buckets.values() {
                let mut missed = 0;
                for i in 0..bucket.len() {
                    for j in i + 1..bucket.len() {
                        let small = bucket.len() <= config.max_bucket;
                        if small || i < config.hubs || j - i <= config.neighbours {
                            pairs.insert((bucket[i], bucket[j]));
                        } else {
                            missed += 1;
                        }
                    }
                }
                cut.buckets += u64::from(missed > 0);
                cut.pairs_not_proposed += missed;
            }
        }
        (pairs.into_iter().collect(), cut)
    }

    #[test]
    fn a_merge_keeps_each_pair_once() {
        let mut merging = Merging::default();
        for (pending, settled) in
            [(vec![5, 1, 5], vec![1, 5]), (vec![], vec![1, 5]), (vec![9, 0, 5, 3, 9], vec![0, 1, 3, 5, 9])]
        {
            merging.pending = pending;
            merging.settle(true);
            assert_eq!(merging.settled, settled);
            assert!(merging.pending.is_empty());
        }
        merging.pending = vec![2];
        merging.settle(false);
        assert_eq!(merging.pending, [2]);
    }

    #[test]
    fn a_refused_pair_is_neither_stored_nor_counted() {
        let signatures: Signatures = vec![Some(vec![1, 1]); 5];
        let mut cut = Cut::default();
        let admit = |a: u32, b: u32| a + b == 4;
        let bands = Bands { bands: 2, rows: 1 };
        let words = pairs(&keys(&signatures, bands), &IndexConfig::default(), &admit, &mut cut).unwrap();
        assert_eq!(words.into_iter().map(unpack).collect::<Vec<_>>(), [(0, 4), (1, 3)]);
        assert_eq!(cut, Cut::default());
    }

    proptest! {
        #[test]
        fn equals_the_quadratic_way(
            signatures in prop::collection::vec(
                prop::option::weighted(0.9, prop::collection::vec(0..3u32, 8)), 0..60),
            rows in 1..5usize, max_bucket in 0..20usize, hubs in 0..6usize, neighbours in 0..6usize,
        ) {
            let bands = Bands { bands: 8 / rows, rows };
            let config = IndexConfig { max_bucket, hubs, neighbours, ..IndexConfig::default() };
            let expected = naive(&signatures, bands, &config);
            prop_assert_eq!(found(&signatures, bands, &config), expected);
        }

        #[test]
        fn proposals_counts_what_expand_gives(
            size in 0..80usize, max_bucket in 0..80usize, hubs in 0..90usize, neighbours in 0..90usize,
        ) {
            let config = IndexConfig { max_bucket, hubs, neighbours, ..IndexConfig::default() };
            let bucket: Vec<u32> = (0..size as u32).collect();
            prop_assert_eq!(expand(&bucket, &config).count() as u64, proposals(size, &config));
        }
    }
}
