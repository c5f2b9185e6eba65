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

use super::buckets::Buckets;
use super::config::{IndexConfig, Pair};
use rayon::prelude::*;

/// What the rare shingles say.
pub(super) struct Rare {
    /// The pairs they propose, ascending.
    pub(super) pairs: Vec<Pair>,
    /// Different sampled shingles that too many articles have.
    pub(super) over_df: u64,
    /// Articles of which they say little: few are sampled, or a good part of those is not rare.
    pub(super) blind: Vec<bool>,
}

/// Finds all pairs with at least `min_shared` rare shingles in common, and by their samples perhaps
/// `min_containment` of the smaller one's, for which `admit(a, b)`.
///
/// `samples` holds the sampled shingles of each article in any order.
pub(super) fn find<S: AsRef<[u64]> + Sync>(
    samples: &[S],
    config: &IndexConfig,
    admit: &(impl Fn(u32, u32) -> bool + Sync),
) -> Rare {
    let postings = Buckets::of_sets(samples);
    let max_df = usize::from(config.max_df);
    let mut common = vec![0u32; samples.len()];
    let mut over_df = 0;
    for posting in postings.iter().filter(|posting| posting.len() > max_df) {
        over_df += 1;
        for &article in posting {
            common[article as usize] += 1;
        }
    }
    let blind = common.iter().zip(samples).map(|(&common, sample)| is_blind(common, sample.as_ref().len())).collect();
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
                let rare = |article: u32| size(article) - common[article as usize] as usize;
                counter.drain(config.min_shared.max(1), |b, shared| {
                    let smaller = size(a).min(size(b)) as f64;
                    if may_be_contained(shared, smaller, config.min_containment) && admit(a, b) {
                        let smaller = rare(a).min(rare(b)).min(usize::from(u16::MAX)) as u16;
                        pairs.push(Pair { a, b, shared, smaller });
                    }
                });
            }
            pairs
        })
        .collect();
    Rare { pairs: found.concat(), over_df, blind }
}

/// Do the rare shingles say little of an article, of whose sampled ones so many are `common`?
fn is_blind(common: u32, sampled: usize) -> bool {
    sampled < FEW || common as usize * 5 >= sampled
}

/// With fewer sampled shingles than this, chance decides whether enough of them are shared.
const FEW: usize = 16;

/// Could the smaller article share `containment` of its shingles, seeing that it shares so many of those
/// sampled? Yes up to two standard deviations of the sample.
fn may_be_contained(shared: u16, smaller: f64, containment: f64) -> bool {
    let shared = f64::from(shared);
    shared + 2.0 * shared.sqrt() >= containment * smaller
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
        find(samples, config, &|_, _| true).pairs.iter().map(|pair| (pair.a, pair.b, pair.shared)).collect()
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
        let rare = find(&none, &config(2, 50), &|_, _| true);
        assert_eq!((rare.pairs, rare.over_df, rare.blind), (vec![], 0, vec![]));
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
    fn few_or_common_shingles_say_little() {
        // Eighty articles of one template and one that has a few words of it: 20 shingles each.
        let own = |article: u64| (0..16).map(move |i| 1000 + article * 16 + i);
        let mut samples: Vec<Vec<u64>> = (0..80).map(|a| (0..4).chain(own(a)).collect()).collect();
        samples.push((0..3).chain(own(80)).chain([5000]).collect());
        samples.push((7000..7010).collect());
        let blind = find(&samples, &config(2, 50), &|_, _| true).blind;
        assert!(blind[..80].iter().all(|&b| b), "a fifth of the shingles is common");
        assert_eq!(blind[80..], [false, true]);
    }

    #[test]
    fn what_is_common_could_not_be_shared() {
        let samples = [vec![1, 2, 3, 9], vec![9, 1, 2, 3, 4, 5], vec![9], vec![9]];
        let pairs = find(&samples, &config(2, 3), &|_, _| true).pairs;
        assert_eq!(pairs, [Pair { a: 0, b: 1, shared: 3, smaller: 3 }]);
    }

    #[test]
    fn only_admitted_pairs_are_stored() {
        let samples = vec![vec![1u64, 2]; 4];
        let Rare { pairs, over_df, .. } = find(&samples, &config(2, 4), &|a, b| b - a == 2);
        let pair = |a, b| Pair { a, b, shared: 2, smaller: 2 };
        let expected = [pair(0, 2), pair(1, 3)];
        assert_eq!((&pairs[..], over_df), (&expected[..], 0));
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
            prop_assert_eq!(find(&samples, &config, &|_, _| true).over_df, over);
        }
    }
}
