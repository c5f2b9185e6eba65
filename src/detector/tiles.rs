//! Pairs in an order in which few articles are made ready at a time, and few of them again.
//!
//! ```text
//! later ▲ 4 5 6          the square of all pairs is cut into tiles, gone through one after another; the articles of
//!       │ 2 3            one tile are all ready at once
//!       │ 1
//!       └──────▶ earlier
//! ```
//!
//! Were pairs sorted by the earlier article alone, and each of a large template had many with others all over the corpus,
//! those would be made ready anew in part after part.

use rayon::prelude::*;

use crate::index::Pair;

/// How the pairs of a corpus are cut into tiles.
pub(super) struct Tiles {
    /// How many articles the corpus has.
    pub(super) articles: usize,
    /// How many of them are to be ready at once; a tile has two stretches of half as many.
    pub(super) at_once: usize,
}

impl Tiles {
    /// What pairs are sorted by.
    pub(super) fn place(&self, pair: &Pair) -> [u32; 4] {
        let stretch = (self.at_once as u32 / 2).max(1);
        [pair.b / stretch, pair.a / stretch, pair.a, pair.b]
    }

    /// Sorts `pairs` by their places, and cuts them into parts of at most about as many articles as are to be ready at once.
    pub(super) fn parts<'p>(&self, pairs: &'p mut [Pair]) -> Vec<&'p [Pair]> {
        pairs.par_sort_unstable_by_key(|pair| self.place(pair));
        let pairs: &'p [Pair] = pairs;
        let mut last_part = vec![0u32; self.articles];
        let (mut parts, mut start, mut met) = (Vec::new(), 0, 0);
        for (at, pair) in pairs.iter().enumerate() {
            if met >= self.at_once {
                parts.push(&pairs[start..at]);
                (start, met) = (at, 0);
            }
            let part = parts.len() as u32 + 1;
            for article in [pair.a, pair.b] {
                met += usize::from(std::mem::replace(&mut last_part[article as usize], part) != part);
            }
        }
        parts.push(&pairs[start..]);
        parts
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    /// How many articles each part has.
    fn sizes(parts: &[&[Pair]]) -> Vec<usize> {
        let articles = |part: &&[Pair]| part.iter().flat_map(|pair| [pair.a, pair.b]).collect::<BTreeSet<_>>().len();
        parts.iter().map(articles).collect()
    }

    #[test]
    fn what_is_all_over_the_corpus_is_made_ready_a_few_times() {
        // Each article with forty others, anywhere.
        let articles = 4000;
        let other = |a: u32, i: u32| (a * 7919 + i * 104_729) % articles;
        let pairs = (0..articles).flat_map(|a| (1..41).map(move |i| (a, other(a, i)))).filter(|&(a, b)| a != b);
        let mut pairs: Vec<Pair> = pairs.map(|(a, b)| Pair::of(a, b)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let tiles = Tiles { articles: articles as usize, at_once: 1000 };
        let made: usize = sizes(&tiles.parts(&mut pairs)).into_iter().sum();
        // Eight stretches meet each other: 36 tiles of a thousand articles.
        assert!(made <= 36 * 1000, "{made}");
        // A thousand pairs have about as many articles, where each is with its like.
        pairs.sort_unstable();
        let naive: usize = sizes(&pairs.chunks(1000).collect::<Vec<_>>()).into_iter().sum();
        assert!(naive > 3 * made, "{naive}");
    }

    proptest! {
        #[test]
        fn each_pair_is_in_one_part(
            pairs in prop::collection::btree_set((0..90u32, 0..90u32), 0..400), at_once in 0..120usize,
        ) {
            let pairs: BTreeSet<Pair> = pairs.into_iter().filter(|p| p.0 < p.1).map(|(a, b)| Pair::of(a, b)).collect();
            let mut sorted: Vec<Pair> = pairs.iter().copied().collect();
            let tiles = Tiles { articles: 90, at_once };
            let parts = tiles.parts(&mut sorted);
            prop_assert!(sizes(&parts).into_iter().all(|size| size <= at_once.max(1) + 1));
            let found: Vec<Pair> = parts.concat();
            prop_assert!(found.is_sorted_by_key(|pair| tiles.place(pair)));
            prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), pairs);
        }
    }
}
