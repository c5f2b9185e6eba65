//! Articles that arrive together, and where the keys of each stand: in the index, and among those before it.

use std::collections::BTreeMap;
use std::ops::{Range, RangeInclusive};

use rayon::prelude::*;

use super::keys::{self, Sample};
use super::shelf::Shelf;
use crate::arabic::Tokenizer;
use crate::article::{Article, Row, Timestamp};
use crate::error::Result;
use crate::parallel::Balanced;
use crate::shingle::Document;
use crate::store::{Lists, Place};
use crate::verify::Listed;

/// An article that arrives.
#[derive(Debug, Default)]
pub(crate) struct Arrival {
    pub(crate) id: String,
    pub(crate) date: Option<Timestamp>,
    pub(crate) source: Option<String>,
    /// [`keys::source`] of it.
    pub(crate) source_number: Option<u32>,
    /// The segment it belongs in.
    pub(crate) segment: i32,
    /// Without furniture once that is known.
    pub(crate) document: Document,
    /// Of the document without furniture.
    pub(crate) sample: Sample,
    /// The keys of its sentences that are no furniture, and of its title.
    pub(crate) sentences: Vec<u32>,
    /// Title and text, where they are kept.
    pub(crate) wording: Vec<u8>,
}

impl Arrival {
    /// Adds the keys of its pairs and of all its words.
    pub(crate) fn content_keys(&self, to: &mut Vec<u32>) {
        to.extend(self.sample.pairs.iter().map(|&pair| keys::pair(pair)));
        to.extend((self.document.fingerprint != 0).then(|| keys::words(self.document.fingerprint)));
    }

    /// All keys by which it is found.
    pub(crate) fn keys(&self) -> Vec<u32> {
        let mut keys = self.sentences.clone();
        self.content_keys(&mut keys);
        keys
    }

    /// Of an article; one without a date is put where those of `today` are.
    pub(crate) fn of(article: Article, today: Timestamp, tokenizer: &Tokenizer, keep_wording: bool) -> Arrival {
        let Article { id, source, date, title, text } = article;
        let row = Row { id, source, date, title: title.into(), text: text.into() };
        Self::of_row(row, today, tokenizer, keep_wording)
    }

    /// The same of a row whose texts are mended.
    pub(crate) fn of_row(row: Row<'_, String>, today: Timestamp, tokenizer: &Tokenizer, keep_wording: bool) -> Arrival {
        let Row { id, source, date, title, text } = row;
        Arrival {
            document: Document::of(&title, &text, tokenizer),
            wording: if keep_wording { super::facts::wording(&title, &text) } else { Vec::new() },
            source_number: source.as_deref().map(keys::source),
            segment: segment(date.unwrap_or(today).days()),
            id,
            date,
            source,
            sample: Sample::default(),
            sentences: Vec::new(),
        }
    }
}

/// The segment of a day.
pub(crate) fn segment(day: i64) -> i32 {
    // Timestamps are of years up to 9999.
    day.clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

/// Above all local numbers: an arrival that has no place yet is the one of this number in its chunk.
const ARRIVING: u32 = 1 << 31;

/// The place of an arrival until it has one: behind all articles of its segment that were there before.
pub(crate) fn arriving(arrivals: &[Arrival], number: u32) -> Place {
    Place { segment: arrivals[number as usize].segment, local: ARRIVING | number }
}

/// The number of an arrival, if this is the place of one.
pub(crate) fn arrival(place: Place) -> Option<u32> {
    (place.local & ARRIVING != 0).then_some(place.local & !ARRIVING)
}

/// Where keys begin in a sorted list of them: keys are hashes, so by their first bits one is all but found.
#[derive(Default)]
struct Directory {
    shift: u32,
    /// Of each first bits the first key that has them or greater ones.
    firsts: Vec<u32>,
}

impl Directory {
    fn of(len: usize, keys: impl Iterator<Item = u32>) -> Directory {
        let bits = len.max(1).ilog2();
        let mut firsts = vec![0; (1 << bits) + 1];
        let shift = u32::BITS - bits;
        keys.for_each(|key| firsts[first_bits(key, shift) + 1] += 1);
        for at in 1..firsts.len() {
            firsts[at] += firsts[at - 1];
        }
        Directory { shift, firsts }
    }

    /// Where a key is, if it is anywhere.
    fn near(&self, key: u32) -> Range<usize> {
        match self.firsts.get(first_bits(key, self.shift)..) {
            Some(&[first, end, ..]) => first as usize..end as usize,
            _ => 0..0,
        }
    }
}

fn first_bits(key: u32, shift: u32) -> usize {
    key.checked_shr(shift).unwrap_or(0) as usize
}

/// The places of some keys in some segments of the index.
#[derive(Default)]
struct Known {
    /// Each key, ascending.
    keys: Vec<(u32, Stretch)>,
    directory: Directory,
    lists: Vec<Lists>,
}

/// Which of the lists a key is in, and where it begins and ends there.
type Stretch = (u32, u32, u32);

impl Known {
    fn read(shelf: &impl Shelf, segments: RangeInclusive<i32>, mut keys: Vec<u32>) -> Result<Known> {
        keys.par_sort_unstable();
        keys.dedup();
        let lists = shelf.postings(segments, &keys, MOST as u32)?;
        let directory = Directory::of(keys.len(), keys.iter().copied());
        let mut keys: Vec<(u32, Stretch)> = keys.into_iter().map(|key| (key, Stretch::default())).collect();
        for (number, list) in (0..).zip(&lists) {
            list.ranges().for_each(|(index, range)| keys[index].1 = (number, range.start, range.end));
        }
        Ok(Known { keys, directory, lists })
    }

    fn of(&self, key: u32) -> &[Place] {
        let near = &self.keys[self.directory.near(key)];
        match near.iter().find(|known| known.0 >= key) {
            Some(&(known, (list, start, end))) if known == key => {
                &self.lists[list as usize].places()[start as usize..end as usize]
            }
            _ => &[],
        }
    }
}

/// The keys of arrivals.
#[derive(Default)]
struct Own {
    /// Each key, ascending, with each arrival that has it, ascending.
    entries: Vec<(u32, u32)>,
    directory: Directory,
}

impl Own {
    fn of(mut entries: Vec<(u32, u32)>) -> Own {
        entries.par_sort_unstable();
        entries.dedup();
        let directory = Directory::of(entries.len(), entries.iter().map(|entry| entry.0));
        Own { entries, directory }
    }

    /// The arrivals that have a key.
    fn of_key(&self, key: u32) -> impl Iterator<Item = u32> {
        let near = &self.entries[self.directory.near(key)];
        near.iter().skip_while(move |entry| entry.0 < key).take_while(move |entry| entry.0 == key).map(|entry| entry.1)
    }
}

/// The most places of a key that are of use.
const MOST: usize = Listed::MOST + 1;

/// Where the keys of arrivals stand.
#[derive(Default)]
pub(crate) struct Postings {
    /// Days around the segment of an article within which its keys are looked up; `None`: everywhere.
    reach: Option<i32>,
    /// In the index, by the segment of those that look them up.
    known: BTreeMap<i32, Known>,
    own: Own,
}

impl Postings {
    /// Of what `keys` gives of every arrival to be found by, and to look up: the latter is wanted of those alone.
    pub(crate) fn read(
        shelf: &impl Shelf,
        reach: Option<i32>,
        arrivals: &[Arrival],
        found_by: impl Fn(&Arrival, &mut Vec<u32>) + Sync,
        looked_up: impl Fn(&Arrival, &mut Vec<u32>) + Sync,
    ) -> Result<Postings> {
        let numbered: Vec<(u32, &Arrival)> = (0..).zip(arrivals).collect();
        let keys = |(number, arrival): &(u32, &Arrival)| {
            let (mut own, mut wanted) = (Vec::new(), Vec::new());
            found_by(arrival, &mut own);
            looked_up(arrival, &mut wanted);
            (own.into_iter().map(|key| (key, *number)).collect::<Vec<_>>(), wanted)
        };
        let keys: Vec<_> = numbered.par_iter().balanced().map(keys).collect();
        let own = Own::of(keys.iter().flat_map(|keys| keys.0.iter().copied()).collect());
        let mut wanted: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
        for (arrival, (_, keys)) in arrivals.iter().zip(keys) {
            wanted.entry(arrival.segment).or_default().extend(keys);
        }
        let known = wanted
            .into_iter()
            .map(|(segment, keys)| Ok((segment, Known::read(shelf, around(segment, reach), keys)?)))
            .collect::<Result<_>>()?;
        Ok(Postings { reach, known, own })
    }

    /// Of `keys` looked up from one segment.
    pub(crate) fn of_one(shelf: &impl Shelf, reach: Option<i32>, segment: i32, keys: Vec<u32>) -> Result<Postings> {
        let known = Known::read(shelf, around(segment, reach), keys)?;
        Ok(Postings { reach, known: [(segment, known)].into(), own: Own::default() })
    }

    /// Replaces `to` by the places of a key as looked up from a segment: those in the index, and of `arrivals` those that
    /// `own` (these or other postings) finds by it and that are `there` already, by their numbers; ascending, the first
    /// [`Listed::MOST`] and one more.
    pub(crate) fn places(
        &self,
        key: u32,
        from: i32,
        (own, arrivals, there): (&Postings, &[Arrival], impl Fn(u32) -> bool),
        to: &mut Vec<Place>,
    ) {
        to.clear();
        to.extend(self.known.get(&from).map_or(&[][..], |known| known.of(key)));
        let range = around(from, self.reach);
        let earlier = own.own.of_key(key).filter(|&number| there(number));
        let places = earlier.map(|number| arriving(arrivals, number)).filter(|place| range.contains(&place.segment));
        let indexed = to.len();
        to.extend(places);
        if to.len() > indexed {
            to.sort_unstable();
            to.truncate(MOST);
        }
    }

    /// Does a key, looked up from a segment, stand anywhere in the index, or in an arrival before this one?
    pub(crate) fn is_anywhere(&self, key: u32, from: i32, number: u32) -> bool {
        self.known.get(&from).is_some_and(|known| !known.of(key).is_empty())
            || self.own.of_key(key).next().is_some_and(|first| first < number)
    }
}

/// The segments within reach of one.
pub(crate) fn around(segment: i32, reach: Option<i32>) -> RangeInclusive<i32> {
    match reach {
        Some(days) => segment.saturating_sub(days)..=segment.saturating_add(days),
        None => i32::MIN..=i32::MAX,
    }
}
