//! The pairs of an article, each once.

use super::pairs;
use crate::arabic::Stem;

/// Scratch space to tell which pairs have come before; reused from article to article.
#[derive(Clone, Debug, Default)]
pub(crate) struct DistinctPairs {
    /// Open addressing by the low bits; a slot is taken if its stamp is the article's.
    slots: Vec<(u64, u32)>,
    stamp: u32,
}

impl DistinctPairs {
    /// Calls `emit` with each different pair of `stems`, in the order of first occurrence.
    pub(crate) fn each(&mut self, stems: &[Stem], mut emit: impl FnMut(u64)) {
        let wanted = (stems.len() * super::PAIR_DISTANCE * 2).next_power_of_two().max(64);
        if self.slots.len() < wanted {
            self.slots = vec![(0, 0); wanted];
            self.stamp = 0;
        }
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.slots.fill((0, 0));
            self.stamp = 1;
        }
        let mask = self.slots.len() - 1;
        pairs(stems, |_, _, hash| {
            let mut at = hash as usize & mask;
            loop {
                let slot = &mut self.slots[at];
                if slot.1 != self.stamp {
                    *slot = (hash, self.stamp);
                    emit(hash);
                    break;
                }
                if slot.0 == hash {
                    break;
                }
                at = (at + 1) & mask;
            }
        });
    }

    /// The different pairs of `stems`, in the order of first occurrence.
    pub(crate) fn of(&mut self, stems: &[Stem]) -> Vec<u64> {
        let mut all = Vec::with_capacity(stems.len() * super::PAIR_DISTANCE);
        self.each(stems, |hash| all.push(hash));
        all
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
                prop_assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), naive);
            }
        }
    }
}
