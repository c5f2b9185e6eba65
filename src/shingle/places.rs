//! A hash table that knows where keys stand in a list kept elsewhere: scratch space for one article after
//! another.

/// Open addressing with linear probing. Four bytes a slot, so that the table of a usual article stays in the
/// fastest cache and is emptied in no time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    /// One more than a place in the list; 0 is free. A power of two of them, at least three quarters of them free, so that a key
    /// mostly has its own: of two that meet, one is found later than the processor has guessed.
    slots: Vec<u32>,
}

impl Places {
    /// Empties the table and makes room for `most` keys, which must not be exceeded.
    pub(crate) fn clear(&mut self, most: usize) {
        self.slots.clear();
        self.slots.resize((4 * most).next_power_of_two(), 0);
    }

    /// The slot of a key with this hash, whose low bits decide, or the free one where it would go; and what
    /// stands there. `is(place)` tells whether the key is that at `place` of the list.
    #[inline]
    fn slot(&self, hash: u64, is: impl Fn(usize) -> bool) -> (usize, u32) {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot];
            if found == 0 || is(found as usize - 1) {
                return (slot, found);
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The place of a key.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is: impl Fn(usize) -> bool) -> Option<usize> {
        (self.slot(hash, is).1 as usize).checked_sub(1)
    }

    /// One more than the place of a key, or 0 if it is not there: whether it is, no processor can guess, so that no branch asks.
    /// `is(at)` tells whether the key is that before `at` in the list; what it says of 0 does not matter.
    #[inline]
    pub(crate) fn find_behind(&self, hash: u64, is: impl Fn(usize) -> bool) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let found = self.slots[slot] as usize;
            if (found == 0) | is(found) {
                return found;
            }
            slot = (slot + 1) & mask;
        }
    }

    /// The place of a key, or `None` if it was not there: now it is, at place `next`.
    #[inline]
    pub(crate) fn find_or_put(&mut self, hash: u64, next: usize, is: impl Fn(usize) -> bool) -> Option<usize> {
        let (slot, found) = self.slot(hash, is);
        if found == 0 {
            self.slots[slot] = next as u32 + 1;
        }
        (found as usize).checked_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_search_of_the_list_finds(rounds in prop::collection::vec(prop::collection::vec(0u64..40, 0..60), 1..5)) {
            // Keys that crowd into the same slots.
            let hash = |key: u64| key / 8;
            let mut places = Places::default();
            for keys in rounds {
                places.clear(keys.len());
                let mut list: Vec<u64> = Vec::new();
                for &key in &keys {
                    let naive = list.iter().position(|&known| known == key);
                    prop_assert_eq!(places.find(hash(key), |at| list[at] == key), naive);
                    let behind = |at: usize| at > 0 && list[at - 1] == key;
                    prop_assert_eq!(places.find_behind(hash(key), behind).checked_sub(1), naive);
                    prop_assert_eq!(places.find_or_put(hash(key), list.len(), |at| list[at] == key), naive);
                    if naive.is_none() {
                        list.push(key);
                    }
                }
            }
        }
    }
}
