//! A hash table for keys that are hashes already, emptied in no time: scratch space for one article after
//! another.

/// Open addressing with linear probing; a slot is taken if it carries the present stamp.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stamped<V> {
    slots: Vec<Slot<V>>,
    /// Slots in use by the present article, less one: a power of two less one.
    mask: usize,
    stamp: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot<V> {
    key: u64,
    stamp: u32,
    value: V,
}

impl<V: Copy + Default> Stamped<V> {
    /// Empties the table and makes room for `keys` keys, which must not be exceeded.
    pub(crate) fn clear(&mut self, keys: usize) {
        let wanted = (keys + keys / 2 + 1).next_power_of_two();
        if self.slots.len() < wanted || self.stamp == u32::MAX {
            self.slots = vec![Slot::default(); wanted.max(self.slots.len())];
            self.stamp = 0;
        }
        self.mask = wanted - 1;
        self.stamp += 1;
    }

    /// The slot of `key`, or the free one where it would go.
    #[inline]
    fn find(&self, key: u64) -> usize {
        let mut at = (key >> 20) as usize & self.mask;
        while self.slots[at].stamp == self.stamp && self.slots[at].key != key {
            at = (at + 1) & self.mask;
        }
        at
    }

    /// The value of `key`.
    #[inline]
    pub(crate) fn get_mut(&mut self, key: u64) -> Option<&mut V> {
        let at = self.find(key);
        let slot = &mut self.slots[at];
        (slot.stamp == self.stamp).then_some(&mut slot.value)
    }

    /// The value of `key`, put in with the default value if it is not there; and whether it was new.
    #[inline]
    pub(crate) fn entry(&mut self, key: u64) -> (&mut V, bool) {
        let at = self.find(key);
        let slot = &mut self.slots[at];
        let new = slot.stamp != self.stamp;
        if new {
            *slot = Slot { key, stamp: self.stamp, value: V::default() };
        }
        (&mut slot.value, new)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn does_what_a_map_does(rounds in proptest::collection::vec(proptest::collection::vec((0u64..40, any::<u8>()), 0..60), 1..5)) {
            let mut table = Stamped::<u8>::default();
            for round in rounds {
                table.clear(round.len());
                let mut map = BTreeMap::new();
                for (key, value) in round {
                    // Keys that crowd into the same slots.
                    let key = key << 18;
                    let (slot, new) = table.entry(key);
                    *slot = value;
                    prop_assert_eq!(map.insert(key, value).is_none(), new);
                }
                for key in (0..40).map(|k| k << 18) {
                    prop_assert_eq!(table.get_mut(key).copied(), map.get(&key).copied());
                }
            }
        }
    }
}
