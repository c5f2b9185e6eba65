//! Pairs of articles that share rare shingles: the way to a report quoted inside a longer article,
//! where the two are too unalike as a whole to meet in a band.
//!
//! A sampled shingle is rare if 2 to `max_df` articles have it; those articles are its posting. What more articles have may
//! still be rare *in its time* (`timely.rs`): it has a posting of each period in which 2 to `max_df_in_time` articles have it,
//! so that what is proposed does not thin out as an input grows over the years.
//!
//! Of each article, what stands behind it in its postings is put in one list, so a pair is counted once, at its earlier
//! article:
//!
//! ```text
//! postings (one after another)   3: 0  4  7 | 3: 2  4  7 | 2: 4  9 | ...
//! list of article 4                       7            7        9      ─▶ 7: 2 shared, 9: 1 shared
//! ```
//!
//! The lists are made for a block of articles at a time, as many as memory allows: each block goes through all
//! postings. The work is the sum of the lists, at most `max_df / 2` steps for each sampled shingle.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::config::{IndexConfig, Pair};
use super::lists::Lists;
use super::parts::{Parts, Sorting};
use super::timely::{Shareable, UNDATED, could_share, day_of, period};
use crate::error::Result;
use crate::parallel::Balanced;
use crate::spool::{Blob, Memory, Spool, Spooling};

/// The postings of rare shingles, and what they say of each article.
pub(super) struct Rare {
    /// One a part: the length of each posting and its articles, in 4 bytes each.
    postings: Vec<Blob>,
    spool: Spool,
    /// Of each article, how many shingles are sampled.
    sizes: Vec<u32>,
    /// How many of them not too many articles have.
    rare: Vec<u16>,
    /// How many more not too many have in their time.
    timely: Vec<u16>,
    /// The day of each article; [`UNDATED`] where it is not known.
    days: Vec<i32>,
    /// Different sampled shingles that too many articles have.
    pub(super) over_df: u64,
    /// Articles of which the postings say little: few shingles are sampled, or a good part of those is not rare.
    pub(super) blind: Vec<u32>,
    /// The sum of all lists.
    listed: u64,
}

impl Rare {
    /// Of articles of which so many shingles are sampled, which `parts` holds, published on these days, where that is
    /// known.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if what was put aside cannot be read, or the postings cannot be written.
    pub(super) fn new(
        parts: &Parts,
        sizes: Vec<u32>,
        days: Vec<Option<i64>>,
        config: &IndexConfig,
        memory: &Memory,
    ) -> Result<Rare> {
        let (max_df, max_df_in_time) = (usize::from(config.max_df), usize::from(config.max_df_in_time));
        let days: Vec<i32> = days.into_iter().map(day_of).collect();
        let counters = || -> Vec<AtomicU32> { sizes.iter().map(|_| AtomicU32::new(0)).collect() };
        let (common, timely) = (counters(), counters());
        let add = |counters: &[AtomicU32], article: u32| {
            counters[article as usize].fetch_add(1, Ordering::Relaxed);
        };
        let spooling = Spooling::new(memory);
        let of_parts: Vec<(Blob, u64, u64)> = (0..parts.len())
            .into_par_iter()
            .balanced()
            .map_init(<(Sorting, Vec<i64>)>::default, |(sorting, in_time), part| {
                let entries = parts.shared(part, sorting)?;
                let (mut over_df, mut listed) = (0, 0);
                let postings = spooling.put(|to| {
                    let mut post = |articles: &mut dyn ExactSizeIterator<Item = u32>| {
                        let len = articles.len() as u32;
                        listed += u64::from(len) * u64::from(len - 1) / 2;
                        to.extend(std::iter::once(len).chain(articles).flat_map(u32::to_le_bytes));
                    };
                    for run in entries.chunk_by(|x, y| x >> 32 == y >> 32).filter(|run| run.len() > 1) {
                        let articles = run.iter().map(|&entry| entry as u32);
                        if run.len() <= max_df {
                            post(&mut { articles });
                            continue;
                        }
                        over_df += 1;
                        if max_df_in_time == 0 {
                            articles.for_each(|article| add(&common, article));
                            continue;
                        }
                        let key = (run[0] >> 32) as u32;
                        // The period above the article, to sort by both.
                        let entry = |article| i64::from(period(days[article as usize], key)) << 32 | i64::from(article);
                        in_time.clear();
                        in_time.extend(articles.map(entry));
                        in_time.sort_unstable();
                        for run in in_time.chunk_by(|x, y| x >> 32 == y >> 32) {
                            let articles = run.iter().map(|&entry| entry as u32);
                            if run[0] >> 32 == i64::from(UNDATED) || run.len() > max_df_in_time {
                                articles.for_each(|article| add(&common, article));
                                continue;
                            }
                            articles.clone().for_each(|article| add(&timely, article));
                            if run.len() > 1 {
                                post(&mut { articles });
                            }
                        }
                    }
                });
                Ok((postings, over_df, listed))
            })
            .collect::<Result<_>>()?;
        let numbers =
            |counters: Vec<AtomicU32>| -> Vec<u32> { counters.into_iter().map(AtomicU32::into_inner).collect() };
        let (common, timely) = (numbers(common), numbers(timely));
        let few = |count: u32| count.min(u16::MAX.into()) as u16;
        let not_rare = || common.iter().zip(&timely).map(|(common, timely)| common + timely).zip(&sizes);
        let blind =
            |(article, (not_rare, &size)): (u32, (u32, &u32))| config.is_blind(not_rare, size).then_some(article);
        Ok(Rare {
            postings: of_parts.iter().map(|part| part.0).collect(),
            spool: spooling.finish()?,
            over_df: of_parts.iter().map(|part| part.1).sum(),
            listed: of_parts.iter().map(|part| part.2).sum(),
            blind: (0..).zip(not_rare()).filter_map(blind).collect(),
            rare: not_rare().map(|(not_rare, &size)| few(size.saturating_sub(not_rare))).collect(),
            timely: timely.iter().map(|&count| few(count)).collect(),
            days,
            sizes,
        })
    }

    /// How many articles there are.
    pub(super) fn articles(&self) -> u32 {
        self.sizes.len() as u32
    }

    /// Blocks of articles whose lists, and their share of as many `pairs` besides, take up at most about `bytes`, or 1 GiB.
    pub(super) fn blocks(&self, pairs: usize, bytes: u64) -> impl Iterator<Item = Range<u32>> + use<> {
        let articles = self.articles();
        let blocks = (self.listed * size_of::<u32>() as u64 + (pairs * size_of::<Pair>()) as u64)
            .div_ceil(bytes.clamp(1, 1 << 30))
            .clamp(1, u64::from(articles).max(1));
        let start = move |block: u64| (block * u64::from(articles) / blocks) as u32;
        (0..blocks).map(move |block| start(block)..start(block + 1))
    }

    /// All pairs whose earlier article is in `block` with at least `min_shared` rare shingles in common, and by their
    /// samples perhaps as many of either one's as `config` asks for, for which `admit(a, b)`; ascending.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if the postings cannot be read.
    pub(super) fn pairs(
        &self,
        block: Range<u32>,
        config: &IndexConfig,
        admit: &(impl Fn(u32, u32) -> bool + Sync),
    ) -> Result<Vec<Pair>> {
        let lists = Lists::new(self, block.clone())?;
        let all = self.sizes.len();
        let articles: Vec<u32> = block.clone().collect();
        // Few pieces, since each has a counter per article.
        let piece = articles.len().div_ceil(rayon::current_num_threads() * 8).max(256);
        let found: Vec<Vec<Pair>> = articles
            .par_chunks(piece)
            .balanced()
            .map(|articles| {
                let mut counter = Counter { counts: vec![0; all], touched: Vec::new() };
                let mut pairs = Vec::new();
                for &a in articles {
                    counter.add(lists.of(a - block.start));
                    let size = |article: u32| self.sizes[article as usize];
                    counter.drain(config.min_shared.max(1), |b, shared| {
                        if config.may_share_enough(shared, (size(a), size(b))) && admit(a, b) {
                            pairs.push(Pair {
                                a,
                                b,
                                shared,
                                smaller: could_share(self.shareable(a), self.shareable(b)),
                            });
                        }
                    });
                }
                pairs
            })
            .collect();
        Ok(found.concat())
    }

    fn shareable(&self, article: u32) -> Shareable {
        let article = article as usize;
        Shareable { day: self.days[article], rare: self.rare[article], timely: self.timely[article] }
    }

    /// How many parts the postings lie in.
    pub(super) fn parts(&self) -> usize {
        self.postings.len()
    }

    /// Gives every posting of some parts to `each`.
    pub(super) fn each_posting(&self, parts: Range<usize>, mut each: impl FnMut(&[u32])) -> Result<()> {
        let (mut scratch, mut words) = (Vec::new(), Vec::new());
        for &part in &self.postings[parts] {
            let bytes = self.spool.get(part, &mut scratch)?;
            words.clear();
            words.extend(bytes.as_chunks().0.iter().map(|&word| u32::from_le_bytes(word)));
            let mut rest = &words[..];
            while let Some((&len, articles)) = rest.split_first() {
                let (posting, behind) = articles.split_at(len as usize);
                each(posting);
                rest = behind;
            }
        }
        Ok(())
    }
}

/// Counts how often each article is met.
struct Counter {
    /// One per article; 0 between uses.
    counts: Vec<u16>,
    touched: Vec<u32>,
}

impl Counter {
    fn add(&mut self, articles: &[AtomicU32]) {
        for article in articles {
            let article = article.load(Ordering::Relaxed);
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
    use super::super::parts::{Dealing, Gathered};
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn config(min_shared: u16, max_df: u16) -> IndexConfig {
        IndexConfig { min_shared, max_df, max_df_in_time: 0, min_containment: 0.0, ..IndexConfig::default() }
    }

    fn rare(samples: &[Vec<u64>], config: &IndexConfig) -> Rare {
        rare_on(samples, &vec![None; samples.len()], config)
    }

    /// Of articles published on these days.
    fn rare_on(samples: &[Vec<u64>], days: &[Option<i64>], config: &IndexConfig) -> Rare {
        let dealing = Dealing::new(0, &Memory::default());
        let mut gathered = Gathered::default();
        for (article, sample) in (0..).zip(samples) {
            dealing.add(&mut gathered, article, sample.iter().copied());
        }
        dealing.deal(&mut gathered);
        let sizes = samples.iter().map(|sample| sample.len() as u32).collect();
        Rare::new(&dealing.finish().unwrap(), sizes, days.to_vec(), config, &Memory::default()).unwrap()
    }

    /// All pairs, found in blocks of so many bytes.
    fn in_blocks(samples: &[Vec<u64>], config: &IndexConfig, bytes: u64) -> Vec<(u32, u32, u16)> {
        let rare = rare(samples, config);
        let pairs = rare.blocks(0, bytes).flat_map(|block| rare.pairs(block, config, &|_, _| true).unwrap());
        pairs.map(|pair| (pair.a, pair.b, pair.shared)).collect()
    }

    fn found(samples: &[Vec<u64>], config: &IndexConfig) -> Vec<(u32, u32, u16)> {
        in_blocks(samples, config, u64::MAX)
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
        assert!(found(&none, &config(2, 50)).is_empty());
        let rare = rare(&none, &config(2, 50));
        assert_eq!((rare.over_df, rare.blind.len()), (0, 0));
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
        // Eighty articles of one template and one that has a few words of it: 24 shingles each.
        let own = |article: u64| (0..16).map(move |i| 1000 + article * 16 + i);
        let mut samples: Vec<Vec<u64>> = (0..80).map(|a| (0..8).chain(own(a)).collect()).collect();
        samples.push((0..7).chain(own(80)).chain([5000]).collect());
        samples.push((7000..7010).collect());
        // A third of the shingles of the eighty is common.
        assert!(rare(&samples, &config(2, 50)).blind.into_iter().eq((0..80).chain([81])));
    }

    #[test]
    fn what_is_common_could_not_be_shared() {
        let samples = [vec![1, 2, 3, 9], vec![9, 1, 2, 3, 4, 5], vec![9], vec![9]];
        let pairs = rare(&samples, &config(2, 3)).pairs(0..4, &config(2, 3), &|_, _| true).unwrap();
        assert_eq!(pairs, [Pair { a: 0, b: 1, shared: 3, smaller: 3 }]);
    }

    #[test]
    fn only_admitted_pairs_are_stored() {
        let samples = vec![vec![1u64, 2]; 4];
        let rare = rare(&samples, &config(2, 4));
        let pairs = rare.pairs(0..4, &config(2, 4), &|a, b| b - a == 2).unwrap();
        let expected = [(0, 2), (1, 3)].map(|(a, b)| Pair { a, b, shared: 2, smaller: 2 });
        assert_eq!((&pairs[..], rare.over_df), (&expected[..], 0));
    }

    #[test]
    fn what_many_have_is_rare_in_its_time() {
        // Two shingles of forty articles each, ten days with four of them: in more than 35 articles, but never in more
        // than sixteen of four days.
        let samples = vec![vec![1u64, 2]; 40];
        let days: Vec<Option<i64>> = (0..40).map(|article| Some(article / 4)).collect();
        let found = |max_df_in_time: u16, days: &[Option<i64>]| {
            let config = IndexConfig { max_df_in_time, ..config(1, 35) };
            let rare = rare_on(&samples, days, &config);
            (rare.pairs(0..40, &config, &|_, _| true).unwrap(), rare.over_df)
        };
        let (pairs, over_df) = found(16, &days);
        // Those of one day meet by both; others by as many as have them in one period, and not beyond three days.
        assert_eq!(over_df, 2);
        for (a, b) in (0..40u32).flat_map(|b| (0..b).map(move |a| (a, b))) {
            let pair = pairs.iter().find(|pair| (pair.a, pair.b) == (a, b));
            match b / 4 - a / 4 {
                0 => assert_eq!(pair.map(|pair| (pair.shared, pair.smaller)), Some((2, 2))),
                apart @ 1..4 => assert!(pair.is_none_or(|pair| u32::from(pair.smaller) == 2 * (4 - apart) / 4)),
                _ => assert_eq!(pair, None),
            }
        }
        assert!(pairs.iter().any(|pair| pair.b / 4 > pair.a / 4));
        assert_eq!(found(3, &days), (vec![], 2));
        assert_eq!(found(16, &[None; 40]), (vec![], 2));
    }

    proptest! {
        #[test]
        fn periods_as_they_are_told(
            samples in prop::collection::vec(prop::collection::btree_set(0..6u64, 0..5), 0..30),
            days in prop::collection::vec(prop::option::weighted(0.9, -9i64..9), 30),
            max_df_in_time in 0..5u16,
        ) {
            let config = IndexConfig { max_df_in_time, ..config(1, 3) };
            let samples: Vec<Vec<u64>> = samples.into_iter().map(Vec::from_iter).collect();
            let days = &days[..samples.len()];
            let rare = rare_on(&samples, days, &config);
            let found = rare.pairs(0..samples.len() as u32, &config, &|_, _| true).unwrap();
            // The key that a shingle has in its part, which decides when its periods begin.
            let bits = crate::index::parts::Dealing::new(0, &Memory::default()).bits();
            let key = |shingle: u64| (crate::shingle::finalise(shingle) << bits >> 32) as i64;
            let samples = &samples;
            let of = |article: usize, shingle: u64| Some((days[article]? + key(shingle) % 4).div_euclid(4));
            let having = |shingle: u64| (0..samples.len()).filter(move |&article| samples[article].contains(&shingle));
            let having = &having;
            let meet = |a: usize, b: usize, shingle: u64| {
                let together = having(shingle).filter(|&article| of(article, shingle) == of(a, shingle)).count();
                having(shingle).count() <= 3
                    || of(a, shingle).is_some() && of(a, shingle) == of(b, shingle) && together <= max_df_in_time.into()
            };
            let mut expected = Vec::new();
            for (a, b) in (0..samples.len()).flat_map(|a| (a + 1..samples.len()).map(move |b| (a, b))) {
                let both = samples[a].iter().filter(|shingle| samples[b].contains(shingle));
                let shared = both.filter(|&shingle| meet(a, b, *shingle)).count();
                expected.extend((shared > 0).then_some((a as u32, b as u32, shared as u16)));
            }
            prop_assert_eq!(found.iter().map(|pair| (pair.a, pair.b, pair.shared)).collect::<Vec<_>>(), expected);
        }

        #[test]
        fn equals_the_quadratic_way(
            samples in prop::collection::vec(prop::collection::vec(0..40u64, 0..12), 0..40),
            min_shared in 0..4u16, max_df in 0..12u16, bytes in 0..400u64,
        ) {
            let config = config(min_shared, max_df);
            let (expected, over) = naive(&samples, &config);
            prop_assert_eq!(in_blocks(&samples, &config, bytes), expected);
            prop_assert_eq!(rare(&samples, &config).over_df, over);
        }
    }
}
