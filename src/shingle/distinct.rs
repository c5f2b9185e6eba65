//! The pairs of an article, each once.

use super::{PAIR_DISTANCE, pairs};
use crate::arabic::Stem;

/// Scratch space to tell which pairs have come before; reused from article to article.
#[derive(Clone, Debug, Default)]
pub(crate) struct DistinctPairs {
    /// A hash table with linear probing: one more than a place in `all`, or 0. Four bytes a slot, so that the
    /// table of a usual article stays in the fastest cache and is cleared in no time.
    slots: Vec<u32>,
    all: Vec<u64>,
}

impl DistinctPairs {
    /// The different pairs of `stems`, in the order of first occurrence.
    pub(crate) fn of(&mut self, stems: &[Stem]) -> &[u64] {
        let most = stems.len() * PAIR_DISTANCE;
        let mask = (2 * most).next_power_of_two() - 1;
        self.slots.clear();
        self.slots.resize(mask + 1, 0);
        self.all.clear();
        self.all.reserve(most);
        let (slots, all) = (&mut self.slots[..=mask], &mut self.all);
        pairs(stems, |_, _, hash| {
            let mut at = hash as usize & mask;
            loop {
                match slots[at] {
                    0 => {
                        all.push(hash);
                        slots[at] = all.len() as u32;
                        return;
                    }
                    known if all[known as usize - 1] == hash => return,
                    _ => at = (at + 1) & mask,
                }
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
