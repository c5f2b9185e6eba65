//! The pairs of an article, each once.

use super::places::Places;
use super::{PAIR_DISTANCE, pairs};
use crate::arabic::Stem;

/// Scratch space to tell which pairs have come before; reused from article to article.
#[derive(Clone, Debug, Default)]
pub(crate) struct DistinctPairs {
    seen: Places,
    all: Vec<u64>,
}

impl DistinctPairs {
    /// The different pairs of `stems`, in the order of first occurrence.
    pub(crate) fn of(&mut self, stems: &[Stem]) -> &[u64] {
        self.keys_of(stems, |hash| hash)
    }

    /// The different keys of the pairs of `stems`, in the order of first occurrence: what `key` makes of their hashes.
    pub(crate) fn keys_of(&mut self, stems: &[Stem], key: impl Fn(u64) -> u64) -> &[u64] {
        let most = stems.len() * PAIR_DISTANCE;
        self.seen.clear(most);
        self.all.clear();
        self.all.reserve(most);
        let (seen, all) = (&mut self.seen, &mut self.all);
        pairs(stems, |_, _, hash| {
            let key = key(hash);
            if seen.find_or_put(key, all.len(), |at| all[at] == key).is_none() {
                all.push(key);
            }
        });
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_set_of_all_pairs(texts in proptest::collection::vec(proptest::collection::vec(0u32..30, 0..80), 1..4)) {
            let mut distinct = DistinctPairs::default();
            for text in texts {
                let stems: Vec<Stem> = text.into_iter().map(Stem).collect();
                let mut naive = BTreeSet::new();
                pairs(&stems, |_, _, hash| { naive.insert(hash); });
                let found = distinct.of(&stems);
                prop_assert_eq!(found.len(), naive.len());
                prop_assert_eq!(found.iter().copied().collect::<BTreeSet<_>>(), naive);
            }
        }
    }
}
