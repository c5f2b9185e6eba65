//! A hash table from stems to numbers: open addressing, with the stems' own bits for a hash.

use crate::arabic::Stem;
use crate::prefetch::prefetch;

/// A number for each stem.
#[derive(Clone, Debug, Default)]
pub(super) struct StemTable {
    /// A power of two of them, at least half of them free; none at first.
    slots: Vec<(u32, u32)>,
    used: usize,
}

/// The key of a free slot. The stem with these bits goes by another's name, as one of 2^32 may.
const FREE: u32 = u32::MAX;

/// The least slots, where there are any.
const LEAST: usize = 1 << 10;

fn key(stem: Stem) -> u32 {
    stem.0.min(FREE - 1)
}

impl StemTable {
    /// The slot of `key`, or the free one where it would go. There must be slots.
    #[inline]
    fn slot(&self, key: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = key as usize & mask;
        while self.slots[at].0 != key && self.slots[at].0 != FREE {
            at = (at + 1) & mask;
        }
        at
    }

    /// The number of `stem` will be asked for.
    #[inline]
    pub(super) fn prefetch(&self, stem: Stem) {
        if let Some(slot) = self.slots.get(key(stem) as usize & self.slots.len().wrapping_sub(1)) {
            prefetch(slot);
        }
    }

    /// The number of `stem`.
    #[inline]
    pub(super) fn get(&self, stem: Stem) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        let (found, number) = self.slots[self.slot(key(stem))];
        (found != FREE).then_some(number)
    }

    /// The number of `stem`, which is 0 if it has had none.
    #[inline]
    pub(super) fn entry(&mut self, stem: Stem) -> &mut u32 {
        if 2 * self.used >= self.slots.len() {
            self.grow();
        }
        let at = self.slot(key(stem));
        if self.slots[at].0 == FREE {
            self.slots[at] = (key(stem), 0);
            self.used += 1;
        }
        &mut self.slots[at].1
    }

    /// Forgets all, and has room for so many stems.
    pub(super) fn clear(&mut self, room: usize) {
        self.slots.clear();
        self.slots.resize((2 * room + 2).next_power_of_two().max(LEAST), (FREE, 0));
        self.used = 0;
    }

    fn grow(&mut self) {
        let larger = (2 * self.slots.len()).max(LEAST);
        let old = std::mem::replace(&mut self.slots, vec![(FREE, 0); larger]);
        for (key, number) in old.into_iter().filter(|slot| slot.0 != FREE) {
            let at = self.slot(key);
            self.slots[at] = (key, number);
        }
    }

    /// Changes every number.
    pub(super) fn each(&mut self, mut change: impl FnMut(&mut u32)) {
        self.slots.iter_mut().for_each(|slot| change(&mut slot.1));
    }

    /// All stems with their numbers, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Stem, u32)> {
        self.slots.iter().filter(|slot| slot.0 != FREE).map(|&(key, number)| (Stem(key), number))
    }

    /// The same stems, each with what `f` makes of it and its number.
    pub(super) fn map(&self, f: impl Fn(Stem, u32) -> u32) -> StemTable {
        let slot = |&(key, number): &(u32, u32)| if key == FREE { (FREE, 0) } else { (key, f(Stem(key), number)) };
        StemTable { slots: self.slots.iter().map(slot).collect(), used: self.used }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn does_what_a_map_does(stems in prop::collection::vec((0u32..4, 0u32..600), 0..3000)) {
            let mut table = StemTable::default();
            let mut map: BTreeMap<Stem, u32> = BTreeMap::new();
            for (block, stem) in stems {
                // Stems that crowd into the same slots, the last of all among them.
                let stem = Stem((block << 30 | stem).wrapping_sub(1));
                *table.entry(stem) += 1;
                *map.entry(Stem(stem.0.min(u32::MAX - 1))).or_default() += 1;
            }
            prop_assert_eq!(table.iter().collect::<BTreeMap<_, _>>(), map.clone());
            for stem in (0..700).map(Stem) {
                prop_assert_eq!(table.get(stem), map.get(&stem).copied());
                prop_assert_eq!(table.map(|_, n| n + 1).get(stem), map.get(&stem).map(|n| n + 1));
            }
            table.clear(map.len());
            prop_assert_eq!(table.iter().count(), 0);
            map.iter().for_each(|(&stem, &number)| *table.entry(stem) = number);
            prop_assert_eq!(table.iter().collect::<BTreeMap<_, _>>(), map);
        }
    }
}
