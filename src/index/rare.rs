//! Pairs of articles that share rare shingles: the way to a report quoted inside a longer article,
//! where the two are too unalike as a whole to meet in a band.
//!
//! A sampled shingle is rare if 2 to `max_df` articles have it; those articles are its posting.
//! Each article keeps, for each of its rare shingles, the tail of the posting behind itself, so a
//! pair is counted once, at its earlier article:
//!
//! ```text
//! postings (one after another)   0  4  7 | 2  4  7 | 4  9 | ...
//! tails of article 4                   ^^|      ^^^|   ^^^|      ─▶ 7: 2 shared, 9: 1 shared
//! ```
//!
//! The work is the sum of the tails, at most `max_df / 2` steps for each sampled shingle.

use super::buckets::{Buckets, Entry};
use super::config::{IndexConfig, Pair};
use rayon::prelude::*;

/// Finds all pairs with at least `min_shared` rare shingles in common, and `min_containment` of the
/// smaller sample, for which `admit(a, b)`.
///
/// `samples` holds the sampled shingles of each article in any order. Returns the pairs in ascending
/// order, and the number of different shingles that more than `max_df` articles have.
pub(super) fn pairs<S: AsRef<[u64]> + Sync>(
    samples: &[S],
    config: &IndexConfig,
    admit: &(impl Fn(u32, u32) -> bool + Sync),
) -> (Vec<Pair>, u64) {
    let mut entries: Vec<Entry> = Vec::with_capacity(samples.iter().map(|s| s.as_ref().len()).sum());
    for (article, sample) in (0u32..).zip(samples) {
        entries.extend(sample.as_ref().iter().map(|&shingle| (shingle, article)));
    }
    let postings = Buckets::new(&mut entries);
    drop(entries);
    let max_df = usize::from(config.max_df);
    let over = postings.iter().filter(|posting| posting.len() > max_df).count() as u64;
    let tails = Tails::new(&postings, samples.len(), max_df);

    // A fixed number of blocks, since each has a counter per article.
    let block = samples.len().div_ceil(64).max(256);
    let articles: Vec<u32> = (0u32..).take(samples.len()).collect();
    let found: Vec<Vec<Pair>> = articles
        .par_chunks(block)
        .map(|articles| {
            let mut counter = Counter { counts: vec![0; samples.len()], touched: Vec::new() };
            let mut pairs = Vec::new();
            for &a in articles {
                for tail in tails.of(a) {
                    counter.add(&postings.articles[tail.from..][..usize::from(tail.len)]);
                }
                let size = |article: u32| samples[article as usize].as_ref().len();
                counter.drain(config.min_shared.max(1), |b, shared| {
                    let smaller = size(a).min(size(b)) as f64;
                    if f64::from(shared) >= config.min_containment * smaller && admit(a, b) {
                        pairs.push(Pair { a, b, shared });
                    }
                });
            }
            pairs
        })
        .collect();
    (found.concat(), over)
}

/// A part of the postings.
#[derive(Clone, Copy, Default)]
struct Tail {
    from: usize,
    len: u16,
}

/// The tails of every article, in one array.
struct Tails {
    tails: Vec<Tail>,
    /// Where each article's tails end.
    ends: Vec<usize>,
}

impl Tails {
    fn new(postings: &Buckets, articles: usize, max_df: usize) -> Self {
        let rare = || (0..postings.len()).map(|at| postings.range(at)).filter(|r| r.len() <= max_df);
        // Sort by counting: first how many tails each article has, then where they begin, and
        // after the second pass each beginning has moved to its end.
        let mut ends = vec![0usize; articles];
        for range in rare() {
            for &article in &postings.articles[range.start..range.end - 1] {
                ends[article as usize] += 1;
            }
        }
        let mut total = 0;
        for end in &mut ends {
            total += std::mem::replace(end, total);
        }
        let mut tails = vec![Tail::default(); total];
        for range in rare() {
            for from in range.start + 1..range.end {
                let end = &mut ends[postings.articles[from - 1] as usize];
                // At most max_df, which is a u16.
                tails[*end] = Tail { from, len: (range.end - from) as u16 };
                *end += 1;
            }
        }
        Self { tails, ends }
    }

    fn of(&self, article: u32) -> &[Tail] {
        let article = article as usize;
        let from = article.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.tails[from..self.ends[article]]
    }
}

/// Counts how often each article is met.
struct Counter {
    /// One per article; 0 between uses.
    counts: Vec<u16>,
    touched: Vec<u32>,
}

impl Counter {
    fn add(&mut self, articles: &[u32]) {
        for &article in articles {
            let count = &mut self.counts[article as usize];
            if *count == 0 {
                self.touched.push(article);
            }
            *count = count.saturating_add(1);
        }
    }

    /// Gives the articles met at least `least` times, ascending, and starts anew.
    fn drain(&mut self, least: u16, mut found: impl FnMut(u32, u16)) {
        self.touched.retain(|&article| {
            let count = &mut self.counts[article as usize];
            let enough = *count >= least;
            if !enough {
                *count = 0;
            }
            enough
        });
        self.touched.sort_unstable();
        for article in self.touched.drain(..) {
            found(article, std::mem::take(&mut self.counts[article as usize]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn config(min_shared: u16, max_df: u16) -> IndexConfig {
        IndexConfig { min_shared, max_df, min_containment: 0.0, ..IndexConfig::default() }
    }

    fn found(samples: &[Vec<u64>], config: &IndexConfig) -> Vec<(u32, u32, u16)> {
        let (pairs, _) = pairs(samples, config, &|_, _| true);
        pairs.iter().map(|pair| (pair.a, pair.b, pair.shared)).collect()
    }

    /// All pairs by comparing all sets.
    fn naive(samples: &[Vec<u64>], config: &IndexConfig) -> (Vec<(u32, u32, u16)>, u64) {
        let sets: Vec<BTreeSet<u64>> = samples.iter().map(|sample| sample.iter().copied().collect()).collect();
        let df = |shingle: &u64| sets.iter().filter(|set| set.contains(shingle)).count();
        let max_df = usize::from(config.max_df);
        let mut pairs = Vec::new();
        for a in 0..sets.len() {
            for b in a + 1..sets.len() {
                let shared = sets[a].intersection(&sets[b]).filter(|s| df(s) <= max_df).count();
                if shared >= usize::from(config.min_shared.max(1)) {
                    pairs.push((a as u32, b as u32, shared as u16));
                }
            }
        }
        let all: BTreeSet<u64> = sets.iter().flatten().copied().collect();
        // df 1 is never over: a lone shingle makes no posting.
        (pairs, all.iter().filter(|s| df(s) > max_df.max(1)).count() as u64)
    }

    #[test]
    fn nothing_from_nothing() {
        let none: [Vec<u64>; 0] = [];
        assert_eq!(pairs(&none, &config(2, 50), &|_, _| true), (vec![], 0));
        assert!(found(&[vec![], vec![], vec![1, 2]], &config(1, 50)).is_empty());
    }

    #[test]
    fn the_drawing() {
        let mut samples = vec![vec![]; 10];
        for (shingle, posting) in [(1, vec![0, 4, 7]), (2, vec![2, 4, 7]), (3, vec![4, 9])] {
            posting.into_iter().for_each(|article: usize| samples[article].push(shingle));
        }
        assert_eq!(found(&samples, &config(2, 50)), [(4, 7, 2)]);
        assert_eq!(found(&samples, &config(1, 2)), [(4, 9, 1)]);
        assert_eq!(found(&samples, &config(0, 50)), found(&samples, &config(1, 50)));
    }

    #[test]
    fn a_shingle_given_twice_counts_once() {
        let samples = [vec![5, 5, 5], vec![5, 5], vec![6, 6]];
        assert!(found(&samples, &config(2, 50)).is_empty());
        assert_eq!(found(&samples, &config(1, 2)), [(0, 1, 1)]);
    }

    #[test]
    fn only_admitted_pairs_are_stored() {
        let samples = vec![vec![1u64, 2]; 4];
        let (pairs, over) = pairs(&samples, &config(2, 4), &|a, b| b - a == 2);
        let expected = [Pair { a: 0, b: 2, shared: 2 }, Pair { a: 1, b: 3, shared: 2 }];
        assert_eq!((&pairs[..], over), (&expected[..], 0));
    }

    proptest! {
        #[test]
        fn equals_the_quadratic_way(
            samples in prop::collection::vec(prop::collection::vec(0..40u64, 0..12), 0..40),
            min_shared in 0..4u16, max_df in 0..12u16,
        ) {
            let config = config(min_shared, max_df);
            let (expected, over) = naive(&samples, &config);
            prop_assert_eq!(found(&samples, &config), expected);
            prop_assert_eq!(pairs(&samples, &config, &|_, _| true).1, over);
        }
    }
}
