//! The store as a whole against a naive one: whatever is done to both, they answer alike.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

const FINGERPRINT: u64 = 0xF00D;

/// An article as one would write it down.
#[derive(Clone, Debug)]
struct Naive {
    place: Place,
    id: String,
    group: Place,
    link: Vec<u8>,
    text: Vec<u8>,
    keys: Vec<u32>,
    sequence: u64,
}

#[derive(Clone, Debug, Default)]
struct Oracle {
    articles: BTreeMap<Place, Naive>,
    added: BTreeMap<i32, u32>,
    sequence: u64,
}

impl Oracle {
    fn compare(&self, view: &View, keys: u32) {
        let there = view.segments().map(|info| info.articles).sum::<u32>();
        assert_eq!(there as usize, self.articles.len());
        assert_eq!(view.sequence(), self.sequence);
        for naive in self.articles.values() {
            let stored = view.article(naive.place).unwrap().unwrap();
            assert_eq!((&stored.id, stored.group, &stored.link), (&naive.id, naive.group, &naive.link));
            assert_eq!((stored.sequence, &stored.document), (naive.sequence, &document(&naive.id)));
            assert_eq!(stored.source.and_then(|source| view.source(source)), source(&naive.id).as_deref());
            assert_eq!(view.text(naive.place).unwrap().unwrap_or_default(), naive.text);
            assert_eq!(view.find(&naive.id).unwrap(), Some(naive.place));
            let others = |other: &&Naive| other.group == naive.place && other.place != naive.place;
            let members: Vec<Place> = self.articles.values().filter(others).map(|other| other.place).collect();
            assert_eq!(view.members(naive.place).unwrap(), members);
        }
        assert_eq!(view.find("nobody").unwrap(), None);
        let wanted: Vec<u32> = (0..keys).collect();
        for (first, last) in [(-9, 9), (0, 1), (2, 2)] {
            let mut found = Vec::new();
            view.postings(first..=last, &wanted, |key, place| found.push((place.segment, key, place.local))).unwrap();
            let mut expected = Vec::new();
            for naive in self.articles.values().filter(|naive| (first..=last).contains(&naive.place.segment)) {
                let keys = wanted.iter().filter(|key| naive.keys.contains(key));
                expected.extend(keys.map(|&key| (naive.place.segment, key as usize, naive.place.local)));
            }
            expected.sort_unstable();
            assert_eq!(found, expected);
        }
    }
}

fn document(id: &str) -> Vec<u8> {
    id.bytes().cycle().take(id.len() * 40).collect()
}

fn source(id: &str) -> Option<String> {
    (id.len() % 3 > 0).then(|| format!("source {}", id.len() % 3))
}

/// What can be done to a store.
#[derive(Clone, Debug)]
enum Step {
    Add {
        segment: i32,
        group: Option<usize>,
        text: bool,
        keys: Vec<u32>,
    },
    Group(usize, usize, u8),
    Remove(usize),
    Expire(i32),
    Commit,
    Fold,
    Compact,
    /// Ends without a commit, and opens it again.
    Lose,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let keys = proptest::collection::vec(0..12u32, 0..6);
    let step = prop_oneof![
        12 => (-1..4i32, proptest::option::of(any::<usize>()), any::<bool>(), keys)
            .prop_map(|(segment, group, text, keys)| Step::Add { segment, group, text, keys }),
        4 => any::<(usize, usize, u8)>().prop_map(|(of, to, link)| Step::Group(of, to, link)),
        3 => any::<usize>().prop_map(Step::Remove),
        1 => (-1..4i32).prop_map(Step::Expire),
        4 => Just(Step::Commit),
        2 => Just(Step::Fold),
        1 => Just(Step::Compact),
        1 => Just(Step::Lose),
    ];
    proptest::collection::vec(step, 1..50)
}

/// The place that a number falls on, of those that are there.
fn any_place(oracle: &Oracle, number: usize) -> Option<Place> {
    oracle.articles.keys().nth(number % oracle.articles.len().max(1)).copied()
}

/// Someone who represents nobody but perhaps itself.
fn is_free(oracle: &Oracle, place: Place) -> bool {
    oracle.articles.values().all(|naive| naive.group != place || naive.place == place)
}

fn is_representative(oracle: &Oracle, place: Place) -> bool {
    oracle.articles.get(&place).is_some_and(|naive| naive.group == place)
}

fn take(step: &Step, writer: &mut Writer, oracle: &mut Oracle, saved: &mut Oracle) {
    match step {
        Step::Add { segment, group, text, keys } => {
            let id = format!("{:x}", oracle.sequence * 7919);
            let group = group.and_then(|number| any_place(oracle, number)).filter(|&at| is_representative(oracle, at));
            let text = if *text { id.repeat(3).into_bytes() } else { Vec::new() };
            let source = source(&id);
            let new = New {
                id: &id,
                segment: *segment,
                date: b"then",
                source: source.as_deref(),
                group,
                link: b"first",
                document: &document(&id),
                text: &text,
                keys,
            };
            let place = writer.add(&new).unwrap();
            let local = oracle.added.entry(*segment).or_default();
            assert_eq!(place, Place { segment: *segment, local: *local });
            *local += 1;
            let (group, sequence) = (group.unwrap_or(place), oracle.sequence);
            let naive = Naive { place, id, group, link: b"first".to_vec(), text, keys: keys.clone(), sequence };
            oracle.articles.insert(place, naive);
            oracle.sequence += 1;
        }
        Step::Group(of, to, link) => {
            if let (Some(of), Some(to)) = (any_place(oracle, *of), any_place(oracle, *to))
                && (of == to || is_free(oracle, of) && is_representative(oracle, to))
            {
                writer.set_group(of, to, &[*link]).unwrap();
                let naive = oracle.articles.get_mut(&of).unwrap();
                (naive.group, naive.link) = (to, vec![*link]);
            }
        }
        Step::Remove(number) => {
            if let Some(place) = any_place(oracle, *number) {
                let removed = writer.remove(place);
                assert_eq!(removed.is_ok(), is_free(oracle, place));
                if removed.is_ok() {
                    oracle.articles.remove(&place);
                }
            }
        }
        Step::Expire(segment) => {
            let is_across = |naive: &Naive| naive.group.segment < *segment && naive.place.segment >= *segment;
            let mut across: Vec<Place> = oracle.articles.values().filter(|n| is_across(n)).map(|n| n.group).collect();
            across.sort_unstable();
            across.dedup();
            assert_eq!(writer.representatives_across(*segment).unwrap(), across);
            let expired = writer.expire(*segment);
            assert_eq!(expired.is_ok(), across.is_empty());
            if let Ok(count) = expired {
                let before = oracle.articles.len();
                oracle.articles.retain(|place, _| place.segment >= *segment);
                oracle.added.retain(|added, _| added >= segment);
                assert_eq!(count as usize, before - oracle.articles.len());
            }
        }
        Step::Commit => {
            writer.commit().unwrap();
            *saved = oracle.clone();
        }
        Step::Fold => writer.undoing(Writer::fold_all).unwrap(),
        Step::Compact => {
            writer.compact().unwrap();
            *saved = oracle.clone();
        }
        Step::Lose => unreachable!(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn whatever_is_done_it_answers_as_a_naive_one(steps in steps()) {
        let folder = tempfile::tempdir().unwrap();
        create(folder.path(), "settings", FINGERPRINT).unwrap();
        let mut reader = Reader::open(folder.path(), FINGERPRINT).unwrap();
        let mut writer = Writer::open(folder.path(), FINGERPRINT).unwrap();
        let (mut oracle, mut saved) = (Oracle::default(), Oracle::default());
        for step in &steps {
            if matches!(step, Step::Lose) {
                drop(writer);
                // The lock of the first is gone with it.
                oracle = saved.clone();
                writer = Writer::open(folder.path(), FINGERPRINT).unwrap();
            } else {
                take(step, &mut writer, &mut oracle, &mut saved);
            }
            oracle.compare(&writer, 12);
            // One who reads beside it sees what was committed.
            saved.compare(&reader.snapshot().unwrap(), 12);
        }
        drop(writer);
        saved.compare(&Reader::open(folder.path(), FINGERPRINT).unwrap().snapshot().unwrap(), 12);
        prop_assert_eq!(settings(folder.path()).unwrap(), "settings");
    }
}
