//! Buckets: the articles that share a key of a band.
//!
//! ```text
//! entries, sorted   (key 3, 0) (key 3, 7) (key 5, 2) (key 9, 1) (key 9, 2) (key 9, 7)
//! articles           0  7 | 1  2  7          one run per key with two articles or more
//! ends                    2          5
//! ```

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
        }
    }
}
