//! Memory that will be read soon, asked for in time: for an entry of a table larger than the cache a processor would
//! wait longer than it works on it.

/// How many items ahead memory is asked for.
const AHEAD: usize = 16;

/// Each of `items`, and the one for which memory should be asked for meanwhile.
#[inline(always)]
pub(crate) fn with_later<T>(items: &[T]) -> impl Iterator<Item = (&T, Option<&T>)> {
    items.iter().enumerate().map(|(at, item)| (item, items.get(at + AHEAD)))
}

/// Has the processor fetch what `value` begins with, where it can be asked to. Nothing else happens.
#[inline(always)]
pub(crate) fn prefetch<T: ?Sized>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        // SAFETY: every x86-64 processor has the instruction; it changes nothing that a program could see, whatever the
        // address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(value).cast()) };
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_comes_once_and_is_announced_before() {
        for len in [0, 1, AHEAD, AHEAD + 1, 100] {
            let items: Vec<usize> = (0..len).collect();
            let found: Vec<_> = with_later(&items).map(|(&item, later)| (item, later.copied())).collect();
            let expected = |item| (item, Some(item + AHEAD).filter(|&later| later < len));
            assert_eq!(found, (0..len).map(expected).collect::<Vec<_>>());
        }
    }

    #[test]
    fn where_there_is_nothing_to_read_nothing_happens() {
        let table = [1u64; 10];
        prefetch(&table[10..]);
        prefetch("");
        prefetch(&());
    }
}
