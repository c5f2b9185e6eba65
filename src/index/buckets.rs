//! Buckets: the articles that share a key. Bands and rare shingles both come down to this.
//!
//! ```text
//! entries, sorted   (key 3, 0) (key 3, 7) (key 5, 2) (key 9, 1) (key 9, 2) (key 9, 7)
//! articles           0  7 | 1  2  7          one run per key with two articles or more
//! ends                    2          5
//! ```

use crate::shingle::finalise;
use rayon::prelude::*;
use std::ops::Range;

/// An article under a key; ordered by key, then article.
pub(super) type Entry = (u64, u32);

/// All runs of two articles or more under one key, in the order of their keys.
#[derive(Debug, Default)]
pub(super) struct Buckets {
    /// The runs one after another, each in ascending order.
    pub(super) articles: Vec<u32>,
    /// Where each run ends in `articles`.
    ends: Vec<usize>,
}

impl Buckets {
    /// Groups entries by key; they come in any order, and an entry that occurs twice counts once.
    ///
    /// Sorts `entries` where they lie, so that the caller can fill the same memory again.
    pub(super) fn new(entries: &mut [Entry]) -> Self {
        entries.par_sort_unstable();
        let mut buckets = Self::default();
        for run in entries.chunk_by(|x, y| x.0 == y.0) {
            if run.len() < 2 {
                continue;
            }
            let from = buckets.articles.len();
            buckets.articles.extend(run.iter().map(|&(_, article)| article));
            buckets.close(from);
        }
        buckets
    }

    /// Groups the articles by the keys of their sets, in whatever order those are; a key that a set has twice
    /// counts once.
    ///
    /// For many keys an article: they are dealt out to parts by some bits of a hash, so that each part is
    /// sorted within the cache. Two keys are taken for one if the next 32 bits agree as well, which is to be
    /// expected of one pair of keys in 2^33, or in 2^40 and more of a large input.
    pub(super) fn of_sets<S: AsRef<[u64]> + Sync>(sets: &[S]) -> Self {
        let total: usize = sets.iter().map(|set| set.as_ref().len()).sum();
        let bits = (total / ENTRIES_A_PART).max(2).ilog2().min(MOST_PART_BITS);
        let dealt: Vec<Dealt> = sets
            .par_chunks(ARTICLES_DEALT)
            .enumerate()
            .map(|(chunk, sets)| Dealt::new(sets, (chunk * ARTICLES_DEALT) as u32, bits))
            .collect();
        let parts: Vec<Buckets> = (0..1usize << bits)
            .into_par_iter()
            .map_init(Vec::new, |entries: &mut Vec<u64>, part| {
                entries.clear();
                dealt.iter().for_each(|dealt| entries.extend_from_slice(dealt.part(part)));
                entries.sort_unstable();
                entries.dedup();
                let mut buckets = Self::default();
                for run in entries.chunk_by(|x, y| x >> 32 == y >> 32).filter(|run| run.len() > 1) {
                    buckets.articles.extend(run.iter().map(|&entry| entry as u32));
                    buckets.ends.push(buckets.articles.len());
                }
                buckets
            })
            .collect();
        let mut all = Self {
            articles: Vec::with_capacity(parts.iter().map(|part| part.articles.len()).sum()),
            ends: Vec::with_capacity(parts.iter().map(Buckets::len).sum()),
        };
        for part in parts {
            let from = all.articles.len();
            all.articles.extend(part.articles);
            all.ends.extend(part.ends.iter().map(|end| from + end));
        }
        all
    }

    /// Ends the run that began at `from`, or takes it back if it has only one article.
    fn close(&mut self, from: usize) {
        let mut to = from + 1;
        for at in from + 1..self.articles.len() {
            if self.articles[at] != self.articles[to - 1] {
                self.articles[to] = self.articles[at];
                to += 1;
            }
        }
        let different = to - from;
        self.articles.truncate(if different < 2 { from } else { to });
        if different >= 2 {
            self.ends.push(to);
        }
    }

    /// How many buckets there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where the bucket lies in `articles`.
    pub(super) fn range(&self, bucket: usize) -> Range<usize> {
        let from = bucket.checked_sub(1).map_or(0, |before| self.ends[before]);
        from..self.ends[bucket]
    }

    /// The articles of every bucket, ascending, two or more.
    pub(super) fn iter(&self) -> impl Iterator<Item = &[u32]> {
        (0..self.len()).map(|bucket| &self.articles[self.range(bucket)])
    }

    /// The same for several threads.
    pub(super) fn par_iter(&self) -> impl IndexedParallelIterator<Item = &[u32]> {
        (0..self.len()).into_par_iter().map(|bucket| &self.articles[self.range(bucket)])
    }
}

/// Entries that a part should have, 8 bytes each, and the most bits that choose a part.
const ENTRIES_A_PART: usize = 1 << 12;
const MOST_PART_BITS: u32 = 12;
/// Articles whose keys are dealt out at a time.
const ARTICLES_DEALT: usize = 1 << 11;

/// The keys of some articles dealt out to parts: 32 bits of the key's hash, then the article.
struct Dealt {
    entries: Vec<u64>,
    /// Where each part ends.
    ends: Vec<usize>,
}

impl Dealt {
    /// `first` is the number of the first article; `bits` of a hash choose the part.
    fn new<S: AsRef<[u64]>>(sets: &[S], first: u32, bits: u32) -> Dealt {
        let part = |hash: u64| (hash >> (64 - bits)) as usize;
        let mut ends = vec![0usize; 1 << bits];
        let hashes: Vec<u64> = sets.iter().flat_map(AsRef::as_ref).map(|&key| finalise(key)).collect();
        hashes.iter().for_each(|&hash| ends[part(hash)] += 1);
        let mut total = 0;
        ends.iter_mut().for_each(|end| total += std::mem::replace(end, total));
        let mut entries = vec![0; total];
        let mut hashes = hashes.into_iter();
        for (article, set) in (first..).zip(sets) {
            for hash in hashes.by_ref().take(set.as_ref().len()) {
                let end = &mut ends[part(hash)];
                entries[*end] = hash << bits >> 32 << 32 | u64::from(article);
                *end += 1;
            }
        }
        Dealt { entries, ends }
    }

    fn part(&self, part: usize) -> &[u64] {
        let from = part.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.entries[from..self.ends[part]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    fn buckets(mut entries: Vec<Entry>) -> Vec<Vec<u32>> {
        Buckets::new(&mut entries).iter().map(<[u32]>::to_vec).collect()
    }

    #[test]
    fn lone_articles_have_no_bucket() {
        assert!(buckets(vec![]).is_empty());
        assert!(buckets(vec![(1, 0), (2, 0), (3, 1)]).is_empty());
        assert!(buckets(vec![(1, 4), (1, 4), (1, 4)]).is_empty());
    }

    #[test]
    fn sets_of_many_articles_are_dealt_to_parts_and_found_again() {
        let n = 3 * ARTICLES_DEALT as u64;
        // Each key is in the sets of two articles, one of them in another chunk.
        let sets: Vec<Vec<u64>> = (0..n).map(|a| (0..8).map(|i| (a % (n / 2)) * 8 + i).collect()).collect();
        let buckets = Buckets::of_sets(&sets);
        assert_eq!(buckets.len() as u64, n / 2 * 8);
        assert!(buckets.iter().all(|b| b.len() == 2 && u64::from(b[1] - b[0]) == n / 2));
    }

    #[test]
    fn the_drawing() {
        let found = buckets(vec![(9, 7), (3, 7), (5, 2), (9, 1), (3, 0), (9, 2)]);
        assert_eq!(found, [vec![0, 7], vec![1, 2, 7]]);
    }

    proptest! {
        #[test]
        fn equals_a_map(entries in prop::collection::vec((0..20u64, 0..10u32), 0..120)) {
            let mut map: BTreeMap<u64, BTreeSet<u32>> = BTreeMap::new();
            for &(key, article) in &entries {
                map.entry(key).or_default().insert(article);
            }
            let expected: Vec<Vec<u32>> = map.into_values()
                .filter(|articles| articles.len() >= 2)
                .map(|articles| articles.into_iter().collect())
                .collect();
            prop_assert_eq!(buckets(entries.clone()), expected.clone());
            let mut entries = entries;
            let found: Vec<Vec<u32>> =
                Buckets::new(&mut entries).par_iter().map(<[u32]>::to_vec).collect();
            prop_assert_eq!(&found, &expected);
            // By sets they come in another order.
            let mut sets = vec![Vec::new(); 10];
            entries.iter().for_each(|&(key, article)| sets[article as usize].push(key));
            let of_sets: BTreeSet<Vec<u32>> = Buckets::of_sets(&sets).iter().map(<[u32]>::to_vec).collect();
            prop_assert_eq!(of_sets, expected.into_iter().collect::<BTreeSet<_>>());
        }
    }
}
