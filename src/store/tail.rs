//! The newest articles of a segment by their keys, in memory: sorted runs, each at least twice as long as the one
//! behind it, so that an article more costs little and a key is looked up in few of them.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use super::postings::Entry;

#[derive(Clone, Debug, Default)]
pub(super) struct Tail {
    runs: Vec<Vec<Entry>>,
}

impl Tail {
    /// Adds entries in any order.
    pub(super) fn add(&mut self, mut entries: Vec<Entry>) {
        entries.sort_unstable();
        while let Some(last) = self.runs.pop_if(|last| last.len() < 2 * entries.len()) {
            entries = merged(&last, &entries);
        }
        self.runs.push(entries);
    }

    /// Tells the numbers of the articles that have some of `keys`, which ascend and differ, with what stands beside the
    /// key; those of one key in order, until `each` says that there have been enough in a run.
    pub(super) fn look_up(&self, keys: &[(u32, u32)], mut each: impl FnMut(u32, u32) -> ControlFlow<()>) {
        // Runs are in the order of their articles.
        for run in &self.runs {
            let (mut keys, mut run) = (keys, &run[..]);
            while let (Some(&(key, beside)), Some(&(own, local))) = (keys.first(), run.first()) {
                match key.cmp(&own) {
                    Ordering::Less => keys = from(keys, own),
                    Ordering::Greater => run = from(run, key),
                    Ordering::Equal => match each(beside, local) {
                        ControlFlow::Continue(()) => run = &run[1..],
                        ControlFlow::Break(()) => keys = &keys[1..],
                    },
                }
            }
        }
    }

    /// All entries, in no order that is meant.
    pub(super) fn entries(&self) -> impl Iterator<Item = Entry> {
        self.runs.iter().flatten().copied()
    }
}

/// What is left of a sorted list from `key` on: looked for near its beginning first, since most often it is there.
fn from(list: &[(u32, u32)], key: u32) -> &[(u32, u32)] {
    let mut step = 1;
    while step < list.len() && list[step].0 < key {
        step *= 2;
    }
    let near = &list[step / 2..list.len().min(step + 1)];
    &list[step / 2 + near.partition_point(|entry| entry.0 < key)..]
}

fn merged(a: &[Entry], b: &[Entry]) -> Vec<Entry> {
    let mut both = Vec::with_capacity(a.len() + b.len());
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let Some(entry) =
        if a.peek() <= b.peek() && a.peek().is_some() || b.peek().is_none() { a.next() } else { b.next() }
    {
        both.push(*entry);
    }
    both
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_key_is_found_as_in_a_plain_list(added in proptest::collection::vec(proptest::collection::vec(0..30u32, 0..9), 0..60)) {
            let (mut tail, mut naive) = (Tail::default(), Vec::<Entry>::new());
            for (local, keys) in (0..).zip(added) {
                let entries: Vec<Entry> = keys.into_iter().map(|key| (key, local)).collect();
                naive.extend(&entries);
                tail.add(entries);
            }
            for step in 1..5 {
                let keys: Vec<(u32, u32)> = (0..30).step_by(step).map(|key| (key, key + 100)).collect();
                let mut found = vec![Vec::new(); 30];
                tail.look_up(&keys, |beside, local| {
                    found[beside as usize - 100].push(local);
                    ControlFlow::Continue(())
                });
                for (key, beside) in keys {
                    let expected: Vec<u32> = naive.iter().filter(|entry| entry.0 == key).map(|entry| entry.1).collect();
                    prop_assert_eq!(&found[beside as usize - 100], &expected);
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
