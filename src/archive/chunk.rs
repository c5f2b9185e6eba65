//! Articles that arrive together, and where the keys of each stand: in the index, and among those before it.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use ahash::AHashMap;
use rayon::prelude::*;

use super::keys::{self, Sample};
use super::shelf::Shelf;
use crate::arabic::Tokenizer;
use crate::article::{Article, RowHead, Timestamp};
use crate::error::Result;
use crate::shingle::Document;
use crate::store::Place;
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
        Self::of_parts(RowHead { id, source, date }, (&title, &text), today, tokenizer, keep_wording)
    }

    /// The same of title and text of an article, and what else is known of it.
    pub(crate) fn of_parts(
        head: RowHead<String>,
        (title, text): (&str, &str),
        today: Timestamp,
        tokenizer: &Tokenizer,
        keep_wording: bool,
    ) -> Arrival {
        let RowHead { id, source, date } = head;
        Arrival {
            document: Document::of(title, text, tokenizer),
            wording: if keep_wording { super::facts::wording(title, text) } else { Vec::new() },
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

/// The places of some keys in some segments of the index.
#[derive(Default)]
struct Lists {
    /// Each key, ascending, and where its list ends.
    ends: Vec<(u32, u32)>,
    places: Vec<Place>,
}

impl Lists {
    fn read(shelf: &impl Shelf, segments: RangeInclusive<i32>, mut keys: Vec<u32>) -> Result<Lists> {
        keys.par_sort_unstable();
        keys.dedup();
        let mut lengths = vec![0u8; keys.len()];
        let mut found: Vec<(u32, Place)> = Vec::new();
        shelf.postings(segments, &keys, &mut |key, place| {
            if usize::from(lengths[key]) < MOST {
                lengths[key] += 1;
                found.push((key as u32, place));
            }
        })?;
        found.par_sort_unstable();
        let mut end = 0;
        let ends = keys.iter().zip(lengths).map(|(&key, length)| {
            end += u32::from(length);
            (key, end)
        });
        Ok(Lists { ends: ends.collect(), places: found.into_iter().map(|(_, place)| place).collect() })
    }

    fn of(&self, key: u32) -> &[Place] {
        let Ok(at) = self.ends.binary_search_by_key(&key, |end| end.0) else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        &self.places[start as usize..self.ends[at].1 as usize]
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
    lists: BTreeMap<i32, Lists>,
    /// In arrivals, ascending.
    own: AHashMap<u32, Vec<u32>>,
}

impl Postings {
    /// Of what `keys` gives of every arrival to be found by, and to look up: the latter is wanted of those alone.
    pub(crate) fn read(
        shelf: &impl Shelf,
        reach: Option<i32>,
        arrivals: &[Arrival],
        found_by: impl Fn(&Arrival, &mut Vec<u32>),
        looked_up: impl Fn(&Arrival, &mut Vec<u32>),
    ) -> Result<Postings> {
        let mut wanted: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
        let mut own: AHashMap<u32, Vec<u32>> = AHashMap::new();
        let mut keys = Vec::new();
        for (number, arrival) in (0u32..).zip(arrivals) {
            looked_up(arrival, wanted.entry(arrival.segment).or_default());
            keys.clear();
            found_by(arrival, &mut keys);
            for &key in &keys {
                let numbers = own.entry(key).or_default();
                if numbers.last() != Some(&number) {
                    numbers.push(number);
                }
            }
        }
        let lists = wanted
            .into_iter()
            .map(|(segment, keys)| Ok((segment, Lists::read(shelf, around(segment, reach), keys)?)))
            .collect::<Result<_>>()?;
        Ok(Postings { reach, lists, own })
    }

    /// Of `keys` looked up from one segment.
    pub(crate) fn of_one(shelf: &impl Shelf, reach: Option<i32>, segment: i32, keys: Vec<u32>) -> Result<Postings> {
        let lists = Lists::read(shelf, around(segment, reach), keys)?;
        Ok(Postings { reach, lists: [(segment, lists)].into(), own: AHashMap::new() })
    }

    /// Replaces `to` by the places of a key as looked up from a segment: those in the index, and of `arrivals` those
    /// `before` one, that `own` (these or other postings) finds by it; ascending, the first [`Listed::MOST`] and one more.
    pub(crate) fn places(
        &self,
        key: u32,
        from: i32,
        (own, arrivals, before): (&Postings, &[Arrival], u32),
        to: &mut Vec<Place>,
    ) {
        to.clear();
        to.extend(self.lists.get(&from).map_or(&[][..], |lists| lists.of(key)));
        let Some(numbers) = own.own.get(&key) else { return };
        let range = around(from, self.reach);
        let earlier = numbers.iter().copied().take_while(|&number| number < before);
        let places = earlier.map(|number| arriving(arrivals, number)).filter(|place| range.contains(&place.segment));
        let indexed = to.len();
        to.extend(places);
        if to.len() > indexed {
            to.sort_unstable();
            to.truncate(MOST);
        }
    }
}

/// The segments within reach of one.
fn around(segment: i32, reach: Option<i32>) -> RangeInclusive<i32> {
    match reach {
        Some(days) => segment.saturating_sub(days)..=segment.saturating_add(days),
        None => i32::MIN..=i32::MAX,
    }
}
