//! The articles that each article was proposed with, as far as its user takes them up: a graph in compressed rows.
//!
//! ```text
//! starts    0  2     5 ...
//! partners  3  8 | 2 3 7 | ...      article 0 was proposed with 3 and 8, article 1 with 2, 3 and 7
//! ```

use super::config::Pair;

/// The most partners that are kept of an article, those of the lowest numbers.
const MOST: u8 = 64;

/// Pairs being gathered, in their order.
pub(crate) struct Gathering {
    /// How many partners each article has so far.
    sizes: Vec<u8>,
    pairs: Vec<(u32, u32)>,
}

/// The partners of each article.
#[derive(Default)]
pub(crate) struct Partners {
    /// Where those of each article begin, and the end of all.
    starts: Vec<usize>,
    partners: Vec<u32>,
}

impl Gathering {
    /// Among so many articles.
    pub(crate) fn new(articles: usize) -> Gathering {
        Gathering { sizes: vec![0; articles], pairs: Vec::new() }
    }

    /// Takes up a pair, which must be behind the last one in the order of pairs.
    pub(crate) fn add(&mut self, pair: &Pair) {
        let ends = [pair.a, pair.b];
        if ends.iter().any(|&article| self.sizes[article as usize] < MOST) {
            self.pairs.push((pair.a, pair.b));
            ends.iter().for_each(|&article| grow(&mut self.sizes[article as usize]));
        }
    }

    /// The partners of each article.
    pub(crate) fn finish(mut self) -> Partners {
        let mut starts = Vec::with_capacity(self.sizes.len() + 1);
        let mut all = 0;
        starts.push(0);
        for size in &mut self.sizes {
            all += usize::from(std::mem::take(size));
            starts.push(all);
        }
        let mut partners = vec![0; all];
        // Partners of lower numbers come first, for a pair stands at its lower one.
        for (a, b) in self.pairs {
            for (article, partner) in [(a as usize, b), (b as usize, a)] {
                let place = starts[article] + usize::from(self.sizes[article]);
                if place < starts[article + 1] {
                    partners[place] = partner;
                    grow(&mut self.sizes[article]);
                }
            }
        }
        Partners { starts, partners }
    }
}

fn grow(size: &mut u8) {
    *size = (*size + 1).min(MOST);
}

impl Partners {
    /// Of so many articles, from rows of an article and one of its partners, at most [`MOST`] of each, in any order.
    pub(crate) fn of_rows(articles: usize, mut rows: Vec<(u32, u32)>) -> Partners {
        rows.sort_unstable();
        rows.dedup();
        let start = |article: usize| rows.partition_point(|row| (row.0 as usize) < article);
        Partners { starts: (0..=articles).map(start).collect(), partners: rows.iter().map(|row| row.1).collect() }
    }

    /// Those of one article, ascending; none of an article that was not there.
    pub(crate) fn of(&self, article: u32) -> &[u32] {
        let row = self.starts.get(article as usize).zip(self.starts.get(article as usize + 1));
        row.map_or(&[], |(&start, &end)| &self.partners[start..end])
    }

    /// Those of either of two articles, ascending, each once.
    pub(crate) fn of_either(&self, a: u32, b: u32) -> impl Iterator<Item = u32> {
        let [mut of_a, mut of_b] = [a, b].map(|article| self.of(article).iter().copied().peekable());
        std::iter::from_fn(move || {
            let next = of_a.peek().into_iter().chain(of_b.peek()).copied().min()?;
            for of_one in [&mut of_a, &mut of_b] {
                of_one.next_if_eq(&next);
            }
            Some(next)
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    use super::*;

    fn partners(articles: usize, pairs: &BTreeSet<(u32, u32)>) -> Partners {
        let mut gathering = Gathering::new(articles);
        pairs.iter().for_each(|&(a, b)| gathering.add(&Pair::of(a, b)));
        gathering.finish()
    }

    #[test]
    fn nobody_was_there() {
        assert_eq!(Partners::default().of_either(0, 1).count(), 0);
        assert_eq!(partners(2, &BTreeSet::new()).of_either(0, 1).count(), 0);
    }

    proptest! {
        #[test]
        fn equals_asking_every_pair(pairs in prop::collection::btree_set((0..120u32, 0..120u32), 0..6000)) {
            let pairs: BTreeSet<(u32, u32)> = pairs.into_iter().filter(|pair| pair.0 < pair.1).collect();
            let found = partners(120, &pairs);
            let rows = (0..120).flat_map(|article| found.of(article).iter().map(move |&partner| (article, partner)));
            let again = Partners::of_rows(120, rows.collect::<Vec<_>>().into_iter().rev().collect());
            let of = |article: u32| -> Vec<u32> {
                let is_pair = |&other: &u32| pairs.contains(&(article.min(other), article.max(other)));
                (0..120).filter(is_pair).take(MOST.into()).collect()
            };
            for (a, b) in [(0, 1), (5, 119), (60, 61), (3, 3)] {
                prop_assert_eq!(found.of(a), of(a));
                prop_assert_eq!(again.of(a), of(a));
                let naive: BTreeSet<u32> = of(a).into_iter().chain(of(b)).collect();
                prop_assert!(found.of_either(a, b).eq(naive));
            }
        }
    }
}
