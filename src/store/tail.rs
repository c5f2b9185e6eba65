//! The newest articles of a segment by their keys, in memory: sorted runs, each at least twice as long as the one
//! behind it, so that an article more costs little and a key is looked up in few of them.

use std::ops::ControlFlow;

use super::postings::Entry;

#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    runs: Vec<Vec<Entry>>,
}

impl Tail {
    /// Adds entries in any order.
    pub(super) fn add(&mut self, mut entries: Vec<Entry>) {
        entries.sort_unstable_by_key(packed);
        while let Some(last) = self.runs.pop_if(|last| last.len() < 2 * entries.len()) {
            entries = merged(&last, &entries);
        }
        self.runs.push(entries);
    }

    /// Tells the numbers of the articles that have some of `keys`, with what stands beside the key; those of one key in
    /// order, until `each` says that there have been enough in a run.
    pub(super) fn look_up(&self, keys: &[(u32, u32)], mut each: impl FnMut(u32, u32) -> ControlFlow<()>) {
        // Runs are in the order of their articles.
        for run in self.runs.iter().filter(|run| !run.is_empty()) {
            let mut near = [0; TOGETHER];
            for keys in keys.chunks(TOGETHER) {
                // One key after the other, so that the reads do not wait for one another.
                near.iter_mut().zip(keys).for_each(|(near, &(key, _))| *near = nearer(run, key, 0, 0));
                near.iter_mut().zip(keys).for_each(|(near, &(key, _))| *near = nearer(run, key, run[*near].0, *near));
                for (&(key, beside), &near) in keys.iter().zip(&near) {
                    for &(own, local) in &run[first(run, key, near)..] {
                        if own != key || each(beside, local).is_break() {
                            break;
                        }
                    }
                }
            }
        }
    }

    /// All entries, in no order that is meant.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.runs.iter().flatten().copied()
    }
}

/// Keys that are looked up side by side.
const TOGETHER: usize = 32;

/// About where `key` is in a run, seeing that `known` is at this place: keys are spread evenly.
fn nearer(run: &[Entry], key: u32, known: u32, place: usize) -> usize {
    let further = ((i64::from(key) - i64::from(known)) * run.len() as i64) >> u32::BITS;
    (place as i64 + further).clamp(0, run.len() as i64 - 1) as usize
}

/// The first place in a run that is not before `key`: looked for from a place on by steps that double.
fn first(run: &[Entry], key: u32, near: usize) -> usize {
    let is_before = |at: usize| run[at].0 < key;
    let mut step = 1;
    let between = if is_before(near) {
        while near + step < run.len() && is_before(near + step) {
            step *= 2;
        }
        near + step / 2..run.len().min(near + step)
    } else {
        while step <= near && !is_before(near - step) {
            step *= 2;
        }
        near.saturating_sub(step)..near - step / 2
    };
    between.start + run[between].partition_point(|entry| entry.0 < key)
}

/// An entry as one number, of the same order.
fn packed(&(key, local): &Entry) -> u64 {
    u64::from(key) << u32::BITS | u64::from(local)
}

fn merged(a: &[Entry], b: &[Entry]) -> Vec<Entry> {
    let mut both = Vec::with_capacity(a.len() + b.len());
    let (mut i, mut j) = (0, 0);
    // Which comes next no processor can guess: without a branch.
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let is_first = packed(x) <= packed(y);
        both.push(if is_first { *x } else { *y });
        i += usize::from(is_first);
        j += usize::from(!is_first);
    }
    both.extend_from_slice(&a[i..]);
    both.extend_from_slice(&b[j..]);
    both
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::spread;

    use super::*;

    proptest! {
        #[test]
        fn a_key_is_found_from_everywhere(mut run in proptest::collection::vec((0..200u32, 0..3u32), 1..80), key in 0..220u32, even: bool) {
            let spread = |key: u32| if even { key * 19_000_000 } else { key };
            run.iter_mut().for_each(|entry| entry.0 = spread(entry.0));
            run.sort_unstable();
            let key = spread(key);
            for near in (0..run.len()).chain([nearer(&run, key, 0, 0), nearer(&run, key, run[0].0, 0)]) {
                prop_assert_eq!(first(&run, key, near), run.partition_point(|entry| entry.0 < key));
            }
        }

        #[test]
        fn every_key_is_found_as_in_a_plain_list(added in proptest::collection::vec(proptest::collection::vec(0..30u32, 0..9), 0..60)) {
            let (mut tail, mut naive) = (Tail::default(), Vec::<Entry>::new());
            for (local, keys) in (0..).zip(added) {
                let entries: Vec<Entry> = keys.into_iter().map(|key| (spread(key), local)).collect();
                naive.extend(&entries);
                tail.add(entries);
            }
            for step in 1..5 {
                let mut keys: Vec<(u32, u32)> = (0..30).step_by(step).map(|key| (spread(key), key)).collect();
                keys.sort_unstable();
                let mut found = vec![Vec::new(); 30];
                tail.look_up(&keys, |beside, local| {
                    found[beside as usize].push(local);
                    ControlFlow::Continue(())
                });
                for (key, beside) in keys {
                    let expected: Vec<u32> = naive.iter().filter(|entry| entry.0 == key).map(|entry| entry.1).collect();
                    prop_assert_eq!(&found[beside as usize], &expected);
                }
            }
            let mut all: Vec<Entry> = tail.entries().collect();
            all.sort_unstable();
            naive.sort_unstable();
            prop_assert!(tail.runs.len() <= 10);
            prop_assert_eq!(all, naive);
        }
    }
}
