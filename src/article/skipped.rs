//! What was left out, and why: the list for the user, kept short of filling memory.

use std::collections::BTreeMap;

use crate::error::{Error, Place};

/// At most this many are listed, the first in input order; the rest are counted. A small archive
/// can unpack to billions of bad lines.
pub(crate) const MOST_LISTED: usize = 10_000;

/// A record, or a file, that was left out.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Skipped {
    /// Where it stands.
    pub place: Place,
    /// What was found and what was expected there.
    pub reason: String,
}

impl Skipped {
    pub(crate) fn from_error(error: Error) -> Skipped {
        match error {
            Error::Input { place, found, expected } => {
                Skipped { place, reason: format!("found {found}; expected {expected}") }
            }
            Error::Io { path, source } => Skipped {
                place: Place { path: path.to_string_lossy().into_owned(), line: None },
                reason: source.to_string(),
            },
            Error::DuplicateId { id, first, second } => Skipped {
                place: second,
                reason: format!("found the id {id:?} again (first at {first}); expected ids that differ"),
            },
            other => Skipped { place: Place { path: String::new(), line: None }, reason: other.to_string() },
        }
    }
}

/// Gathers what chunks leave out, whatever the order they are worked on in.
#[derive(Debug, Default)]
pub(super) struct SkipList {
    /// By number of the chunk.
    listed: BTreeMap<usize, Vec<Skipped>>,
    in_list: usize,
    total: u64,
}

impl SkipList {
    /// Adds what chunk number `chunk` leaves out: `total`, of which `first` holds the first.
    pub(super) fn add(&mut self, chunk: usize, first: Vec<Skipped>, total: u64) {
        self.total += total;
        if first.is_empty() {
            return;
        }
        self.in_list += first.len();
        self.listed.insert(chunk, first);
        // The last may go once those before it are enough by themselves.
        while let Some(last) = self.listed.last_entry() {
            let without = self.in_list - last.get().len();
            if without < MOST_LISTED {
                break;
            }
            last.remove();
            self.in_list = without;
        }
    }

    /// The first in input order, and how many there are in all.
    pub(super) fn finish(self) -> (Vec<Skipped>, u64) {
        let listed = self.listed.into_values().flatten().take(MOST_LISTED);
        (listed.collect(), self.total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(chunk: usize) -> Vec<Skipped> {
        let skipped =
            |line| Skipped { place: Place { path: chunk.to_string(), line: Some(line) }, reason: String::new() };
        (0..MOST_LISTED as u64 / 4).map(skipped).collect()
    }

    #[test]
    fn the_first_are_kept_in_any_order() {
        let mut outcomes = [[0, 1, 2, 3, 4, 5, 6], [6, 5, 4, 3, 2, 1, 0], [3, 6, 0, 5, 1, 4, 2]]
            .map(|order| {
                let mut list = SkipList::default();
                for chunk in order {
                    list.add(chunk, batch(chunk), 5000);
                    assert!(list.in_list <= 2 * MOST_LISTED);
                }
                list.finish()
            })
            .into_iter();
        let (first, total) = outcomes.next().unwrap();
        assert_eq!(total, 35_000);
        assert_eq!(first.len(), MOST_LISTED);
        assert_eq!(first.last().unwrap().place.path, "3");
        assert!(outcomes.all(|other| other == (first.clone(), total)));
    }
}
