//! Entries that are brought together by their keys: dealt out to buckets where they are made, packed, and gathered
//! again from all the bytes of a bucket.
//!
//! ```text
//! key, as the distance from the one before │ article, the same under one key │ value     each a varint
//! ```

use crate::error::Result;
use crate::shingle::finalise;

/// An article under a key. Ordered by key, then article.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// What it is to meet others by.
    pub key: u64,
    /// The number of the article.
    pub article: u64,
    /// What the next stage wants to know of it.
    pub value: u64,
}

/// Deals `entries` out to so many buckets by their keys: of each bucket that has any its number, ascending, and its
/// bytes. Entries may come again.
pub fn deal(mut entries: Vec<Entry>, buckets: u32) -> Vec<(u32, Vec<u8>)> {
    let bucket = |entry: &Entry| ((u128::from(finalise(entry.key)) * u128::from(buckets)) >> 64) as u32;
    entries.sort_unstable_by_key(|entry| (bucket(entry), *entry));
    entries.chunk_by(|x, y| bucket(x) == bucket(y)).map(|run| (bucket(&run[0]), packed(run))).collect()
}

fn packed(run: &[Entry]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(run.len() * 8);
    let mut last = Entry::default();
    for &entry in run {
        put(&mut bytes, entry.key - last.key);
        put(&mut bytes, if entry.key == last.key { entry.article - last.article } else { entry.article });
        put(&mut bytes, entry.value);
        last = entry;
    }
    bytes
}

/// Adds the entries of what [`deal`] packed to `entries`.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) if it is something else.
pub fn gather(mut bytes: &[u8], entries: &mut Vec<Entry>) -> Result<()> {
    let mut last = Entry::default();
    while !bytes.is_empty() {
        let mut entry = || {
            let key = last.key.checked_add(take(&mut bytes)?)?;
            let before = if key == last.key { last.article } else { 0 };
            Some(Entry { key, article: before.checked_add(take(&mut bytes)?)?, value: take(&mut bytes)? })
        };
        last = entry().ok_or_else(|| super::digest::changed("entries"))?;
        entries.push(last);
    }
    Ok(())
}

fn put(bytes: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..u64::BITS).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= u64::from(byte & 0x7F).checked_shl(shift)?;
        if byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let number = || prop_oneof![0..5u64, any::<u64>()];
        let entry = (number(), number(), number()).prop_map(|(key, article, value)| Entry { key, article, value });
        prop::collection::vec(entry, 0..60)
    }

    proptest! {
        #[test]
        fn what_is_dealt_out_is_gathered_by_key(some in entries(), others in entries(), buckets in 1..9u32) {
            let mut by_bucket: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
            for (bucket, bytes) in deal(some.clone(), buckets).into_iter().chain(deal(others.clone(), buckets)) {
                prop_assert!(bucket < buckets);
                gather(&bytes, by_bucket.entry(bucket).or_default()).unwrap();
            }
            let sorted = |entries: Vec<Entry>| { let mut sorted = entries; sorted.sort_unstable(); sorted };
            let found = by_bucket.values().flatten().copied().collect();
            prop_assert_eq!(sorted(found), sorted(some.into_iter().chain(others).collect()));
            // A key is in one bucket.
            let keys: Vec<BTreeSet<u64>> = by_bucket.values().map(|run| run.iter().map(|e| e.key).collect()).collect();
            let all: BTreeSet<u64> = keys.iter().flatten().copied().collect();
            prop_assert_eq!(keys.iter().map(BTreeSet::len).sum::<usize>(), all.len());
        }

        #[test]
        fn bytes_of_any_kind_are_no_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let mut entries = Vec::new();
            if gather(&bytes, &mut entries).is_ok() {
                prop_assert!(entries.is_sorted());
            }
        }
    }
}
