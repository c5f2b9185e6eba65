//! An index as of one commit: finding articles by place, id and keys.
//!
//! A view keeps in memory the head, the tail, the numbers of articles that are gone, and the blocks it has read; all else
//! is looked up. Many threads may use one at once; the database below serves one of them at a time.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range, RangeInclusive};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::bytes::Bytes;
use super::cache::{Blocks, Cache};
use super::database::{Database, Table};
use super::head::{Head, Kind, Segment};
use super::postings::{Block, Seek};
use super::tail::Tail;
use super::{Place, Stored, id_key, record, rows, spread};
use crate::error::{Error, Result};
use crate::parallel::Balanced;

/// Rows of the table of settings and head.
pub(super) const SETTINGS: i64 = 1;
pub(super) const HEAD: i64 = 2;

/// What is in memory of one segment.
#[derive(Debug, Default)]
pub(super) struct Held {
    /// That of the segment when this was read.
    generation: u64,
    /// Numbers of articles that are gone, in order.
    pub(super) removed: Vec<u32>,
    /// Articles below this number are in the blocks or the tail.
    next: u32,
    pub(super) tails: [Tail; 2],
}

/// How many keys are looked up in blocks side by side.
const TOGETHER: usize = 32;
/// Into how many parts keys are cut for each thread, and the least of them that is worth its while.
const PARTS: usize = 4;
const MANY: usize = 32;
/// From so many keys on for each block of a segment all its blocks are read.
const KEYS_A_BLOCK: usize = 1;

#[derive(Debug)]
pub(crate) struct View {
    pub(super) database: Mutex<Database>,
    pub(super) head: Head,
    /// One for each segment.
    pub(super) held: BTreeMap<i32, Held>,
    pub(super) sources: Vec<String>,
    cache: Arc<Cache>,
}

/// How many articles a segment has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SegmentInfo {
    /// The segment.
    pub(crate) segment: i32,
    /// Articles that are there.
    pub(crate) articles: u32,
    /// Articles that were there and are gone.
    pub(crate) removed: u32,
    /// Articles that are in the tail.
    pub(crate) tail: u32,
}

/// Where some keys stand.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// The index of each key among those asked for, and where its list ends.
    ends: Vec<(u32, u32)>,
    places: Vec<Place>,
}

impl Lists {
    /// For keys of these indices, each with so many of the places `found`, which name a key by its number here.
    fn of(indices: impl Iterator<Item = u32>, mut counts: Vec<u32>, found: &[(u32, Place)]) -> Lists {
        let mut end = 0;
        let ends: Vec<(u32, u32)> = indices
            .zip(&counts)
            .map(|(index, count)| {
                end += count;
                (index, end)
            })
            .collect();
        let mut places = vec![Place { segment: 0, local: 0 }; found.len()];
        for &(at, place) in found {
            let left = &mut counts[at as usize];
            places[(ends[at as usize].1 - *left) as usize] = place;
            *left -= 1;
        }
        Lists { ends, places }
    }

    /// Of the key of this index.
    #[cfg(test)]
    pub(crate) fn of_one(index: u32, places: Vec<Place>) -> Lists {
        Lists { ends: vec![(index, places.len() as u32)], places }
    }

    /// The index of each key, and which of the places are its.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (usize, Range<u32>)> {
        let mut start = 0;
        self.ends.iter().map(move |&(index, end)| (index as usize, std::mem::replace(&mut start, end)..end))
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }
}

impl View {
    pub(super) fn new(database: Database, cache: Arc<Cache>) -> View {
        View {
            database: Mutex::new(database),
            head: Head::default(),
            held: BTreeMap::new(),
            sources: Vec::new(),
            cache,
        }
    }

    pub(super) fn database(&self) -> MutexGuard<'_, Database> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn cache(&self) -> Arc<Cache> {
        Arc::clone(&self.cache)
    }

    /// Reads blocks anew from now on: those of a folding that was undone must not be taken for those of the next.
    pub(super) fn forget_blocks(&mut self) {
        self.cache = Arc::default();
    }

    /// The segments, in order.
    pub(crate) fn segments(&self) -> impl Iterator<Item = SegmentInfo> {
        self.head.segments.iter().map(|segment| SegmentInfo {
            segment: segment.number,
            articles: segment.articles - segment.removed,
            removed: segment.removed,
            tail: segment.articles - segment.folded,
        })
    }

    /// How many articles were ever added.
    pub(crate) fn sequence(&self) -> u64 {
        self.head.sequence
    }

    /// How many commits there were.
    pub(crate) fn commit(&self) -> u64 {
        self.head.commit
    }

    /// The name of a source.
    pub(crate) fn source(&self, number: u32) -> Option<&str> {
        self.sources.get(number as usize).map(String::as_str)
    }

    /// The article that has this id.
    ///
    /// # Errors
    /// [`Error::Input`] for damage, [`Error::Io`] if the index cannot be read: so everywhere below.
    pub(crate) fn find(&self, id: &str) -> Result<Option<Place>> {
        let mut places = Vec::new();
        let key = id_key(id);
        for segment in self.head.segments.iter().rev() {
            self.look_up(segment, Kind::Ids, &[(key, 0)], |_, place| {
                places.push(place);
                ControlFlow::Continue(())
            })?;
            for place in places.drain(..) {
                if self.article(place)?.is_some_and(|stored| stored.id == id) {
                    return Ok(Some(place));
                }
            }
        }
        Ok(None)
    }

    /// What is stored of an article; `None` if there is none at this place, or it is gone.
    pub(crate) fn article(&self, place: Place) -> Result<Option<Stored>> {
        if !self.is_there(place) {
            return Ok(None);
        }
        self.database().must(Table::Article, place.key(), 0, |row| record::decode(place, row)).map(Some)
    }

    /// Replaces `to` by the document of an article; whether there is one at this place.
    pub(crate) fn document(&self, place: Place, to: &mut Vec<u8>) -> Result<bool> {
        to.clear();
        if !self.is_there(place) {
            return Ok(false);
        }
        let read = |row: &[u8]| record::document(place, row).map(|document| to.extend(document));
        self.database().must(Table::Article, place.key(), 0, read).map(|()| true)
    }

    /// The text of an article, if it has one.
    pub(crate) fn text(&self, place: Place) -> Result<Option<Vec<u8>>> {
        match self.article(place)? {
            Some(Stored { has_text: true, .. }) => {
                self.database().must(Table::Text, place.key(), 0, |row| Some(row.to_vec())).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// The other articles of the group that this one represents, in order.
    pub(crate) fn members(&self, place: Place) -> Result<Vec<Place>> {
        match self.article(place)? {
            Some(stored) => members(&self.database(), place, stored.members),
            None => Ok(Vec::new()),
        }
    }

    /// Which articles of some segments have which of the keys: of each key, all in one of the lists, the first `most`, in the
    /// order of segments and then in that in which they were added.
    pub(crate) fn postings(&self, segments: RangeInclusive<i32>, keys: &[u32], most: u32) -> Result<Vec<Lists>> {
        let mut keys: Vec<(u32, u32)> = (0..).zip(keys).map(|(index, &key)| (spread(key), index)).collect();
        keys.par_sort_unstable();
        self.read_ahead(segments.clone(), keys.len())?;
        let segments = self.within(segments);
        let found = |some: &[(u32, u32)]| {
            let mut left: Vec<(u32, u32)> = some.iter().zip(0..).map(|(&(key, _), at)| (key, at)).collect();
            let mut counts = vec![0; some.len()];
            let mut found: Vec<(u32, Place)> = Vec::new();
            for segment in segments {
                self.look_up(segment, Kind::Keys, &left, |at, place| {
                    let count = &mut counts[at as usize];
                    if *count < most {
                        *count += 1;
                        found.push((at, place));
                    }
                    if *count < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
                left.retain(|&(_, at)| counts[at as usize] < most);
            }
            Ok(Lists::of(some.iter().map(|&(_, index)| index), counts, &found))
        };
        let some = keys.len().div_ceil(rayon::current_num_threads() * PARTS).max(MANY);
        keys.par_chunks(some).balanced().map(found).collect()
    }

    /// The segments with these numbers that there are.
    fn within(&self, numbers: RangeInclusive<i32>) -> &[Segment] {
        let first = self.head.segments.partition_point(|segment| segment.number < *numbers.start());
        let end = self.head.segments.partition_point(|segment| segment.number <= *numbers.end());
        self.head.segments.get(first..end).unwrap_or_default()
    }

    /// Representatives in segments before `segment` of groups that have members from there on: they are handed on
    /// before those segments can be dropped.
    pub(crate) fn representatives_across(&self, segment: i32) -> Result<Vec<Place>> {
        let mut found = Vec::new();
        let database = self.database();
        for known in self.head.segments.iter().take_while(|known| known.number < segment) {
            let keys = database.keys(Table::Member, rows(known.number..known.number.saturating_add(1)))?;
            for place in keys.into_iter().map(Place::of) {
                let stored = database.must(Table::Article, place.key(), 0, |row| record::decode(place, row))?;
                let members = members(&database, place, stored.members)?;
                if members.last().is_some_and(|last| last.segment >= segment) {
                    found.push(place);
                }
            }
        }
        Ok(found)
    }

    /// How often what the caller keeps under this name was written; of as often it is the same.
    pub(crate) fn blob_version(&self, name: &str) -> Option<u64> {
        self.head.blobs.iter().find(|blob| blob.0 == name).map(|blob| blob.1)
    }

    /// What the caller keeps under this name.
    pub(crate) fn blob(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match (0..).zip(&self.head.blobs).find(|(_, blob)| blob.0 == name) {
            Some((number, &(_, version))) => {
                self.database().must(Table::Blob, number, version, |row| Some(row.to_vec())).map(Some)
            }
            None => Ok(None),
        }
    }

    /// Should there be an article at this place?
    pub(super) fn is_there(&self, place: Place) -> bool {
        let added = self.head.segment(place.segment).is_some_and(|segment| place.local < segment.articles);
        added && self.held.get(&place.segment).is_some_and(|held| held.removed.binary_search(&place.local).is_err())
    }

    /// Tells where `keys`, which ascend and differ, stand in a segment, with what stands beside the key; in the blocks and
    /// in each run of the tail until `each` says that there have been enough of a key.
    fn look_up(
        &self,
        segment: &Segment,
        kind: Kind,
        keys: &[(u32, u32)],
        mut each: impl FnMut(u32, Place) -> ControlFlow<()>,
    ) -> Result<()> {
        let Some(held) = self.held.get(&segment.number) else { return Ok(()) };
        let mut tell = |beside, local| match held.removed.binary_search(&local) {
            Ok(_) => ControlFlow::Continue(()),
            Err(_) => each(beside, Place { segment: segment.number, local }),
        };
        if segment.folded > 0 {
            let shape = segment.shapes[kind as usize];
            let blocks = self.cache.segment(segment);
            let mut begun: Vec<(u32, Seek<'_>)> = Vec::with_capacity(TOGETHER);
            // Of many keys several are in one block.
            let mut last: Option<(u32, Block<'_>)> = None;
            for some in keys.chunks(TOGETHER) {
                for &(key, beside) in some {
                    let number = shape.block(key);
                    let block = match last {
                        Some((of, block)) if of == number => block,
                        _ => self.block(segment, &blocks, kind, number)?,
                    };
                    last = Some((number, block));
                    begun.push((beside, block.seek(key)));
                }
                begun.drain(..).for_each(|(beside, seek)| seek.each(|local| tell(beside, local)));
            }
        }
        held.tails[kind as usize].look_up(keys, tell);
        Ok(())
    }

    /// Reads those blocks of some segments that are not in memory, if so many keys are about to be looked up in each that
    /// nearly all are wanted: as they lie, which takes half as long as one by one.
    pub(crate) fn read_ahead(&self, segments: RangeInclusive<i32>, keys: usize) -> Result<()> {
        for segment in self.within(segments).iter().filter(|segment| segment.folded > 0) {
            let all = segment.shapes[Kind::Keys as usize].blocks();
            if keys < KEYS_A_BLOCK * all as usize {
                continue;
            }
            let blocks = self.cache.segment(segment);
            let mut missing = (0..all).filter(|&number| blocks.get(Kind::Keys, number).is_none());
            let Some(first) = missing.next() else { continue };
            let last = missing.next_back().unwrap_or(first);
            let rows = segment.block(Kind::Keys, first)..segment.block(Kind::Keys, last) + 1;
            let hold = |key: i64, row: Option<&[u8]>| {
                // Whoever asks for a block that is damaged will be told.
                if let (Some(row), Ok(place)) = (row, u32::try_from(key - rows.start)) {
                    self.cache.hold(&blocks, Kind::Keys, first + place, row);
                }
                Ok(())
            };
            self.database().each(Table::Posting, rows.clone(), |_| segment.generation, hold)?;
        }
        Ok(())
    }

    /// A block of a segment; from then on it is in memory.
    fn block<'b>(&self, segment: &Segment, blocks: &'b Blocks, kind: Kind, number: u32) -> Result<Block<'b>> {
        let key = || segment.block(kind, number);
        let bytes = match blocks.get(kind, number) {
            Some(bytes) => bytes,
            None => {
                let hold = |row: &[u8]| self.cache.hold(blocks, kind, number, row);
                self.database().must(Table::Posting, key(), segment.generation, hold)?
            }
        };
        let block = Block::new(segment.shapes[kind as usize], bytes);
        block.ok_or_else(|| self.database().broken(Table::Posting, key()))
    }

    /// Takes in what was committed since: within a transaction.
    ///
    /// # Errors
    /// As above, and [`Error::Config`] if the format is another one.
    pub(super) fn refresh(&mut self) -> Result<()> {
        let head = read_head(&self.database())?;
        if head.commit == self.head.commit && head.commit > 0 {
            return Ok(());
        }
        let database = self.database.get_mut().unwrap_or_else(PoisonError::into_inner);
        for number in self.sources.len() as u32..head.sources {
            let name = |row: &[u8]| std::str::from_utf8(row).ok().map(str::to_owned);
            self.sources.push(database.must(Table::Source, number.into(), 0, name)?);
        }
        self.held.retain(|number, _| head.segment(*number).is_some());
        for segment in &head.segments {
            let held = self.held.entry(segment.number).or_default();
            if held.generation != segment.generation {
                *held = Held { generation: segment.generation, next: segment.folded, ..Held::default() };
            }
            if held.removed.len() != segment.removed as usize {
                held.removed = read_removed(database, segment)?;
            }
            held.read_tail(database, segment)?;
        }
        self.head = head;
        Ok(())
    }
}

impl Held {
    /// Reads what was added to the tail since.
    fn read_tail(&mut self, database: &Database, segment: &Segment) -> Result<()> {
        if self.next >= segment.articles {
            return Ok(());
        }
        let place = |local| Place { segment: segment.number, local };
        let (mut keys, mut ids) = (Vec::new(), Vec::new());
        let mut next = self.next;
        let whole = |numbers: Range<u32>| match numbers.into_iter().find(|n| self.removed.binary_search(n).is_err()) {
            Some(missing) => Err(database.damaged(format!("no keys of article {}", place(missing).key()))),
            None => Ok(()),
        };
        database.each(
            Table::Tail,
            place(self.next).key()..place(segment.articles).key(),
            |_| 0,
            |key, row| {
                let local = Place::of(key).local;
                let (id, own) = row.and_then(keys_of).ok_or_else(|| database.broken(Table::Tail, key))?;
                whole(next..local)?;
                next = local + 1;
                ids.push((id, local));
                keys.extend(own.map(|key| (key, local)));
                Ok(())
            },
        )?;
        whole(next..segment.articles)?;
        self.next = segment.articles;
        let [of_keys, of_ids] = &mut self.tails;
        of_keys.add(keys);
        of_ids.add(ids);
        Ok(())
    }

    /// Takes in the next article.
    pub(super) fn add(&mut self, segment: &Segment, local: u32, id: u32, keys: &[u32]) {
        self.generation = segment.generation;
        self.next = local + 1;
        let [of_keys, of_ids] = &mut self.tails;
        of_keys.add(keys.iter().map(|&key| (key, local)).collect());
        of_ids.add(vec![(id, local)]);
    }

    /// All that was in the tail is now in the blocks.
    pub(super) fn folded(&mut self, segment: &Segment) {
        self.generation = segment.generation;
        self.tails = Default::default();
    }
}

/// The row of an article in the tail: what its id is found by, and its keys.
pub(super) fn tail_row(id: u32, keys: &[u32]) -> Vec<u8> {
    [id].iter().chain(keys).flat_map(|key| key.to_le_bytes()).collect()
}

/// What stands in it.
pub(super) fn keys_of(row: &[u8]) -> Option<(u32, impl Iterator<Item = u32>)> {
    let (numbers, rest) = row.as_chunks::<4>();
    let (id, keys) = numbers.split_first()?;
    rest.is_empty().then(|| (u32::from_le_bytes(*id), keys.iter().map(|key| u32::from_le_bytes(*key))))
}

/// The head, of this format.
pub(super) fn read_head(database: &Database) -> Result<Head> {
    database
        .must(Table::Meta, HEAD, 0, |row| {
            let version = Bytes(row).u32()?;
            Some(if version == super::head::FORMAT { Ok(Head::decode(row)) } else { Err(version) })
        })?
        .map_err(|version| Error::Config {
            what: format!("index {}", database.path().display()),
            found: format!("format {version}"),
            expected: format!(
                "format {}: make the index anew, or use the version of naskh that made it",
                super::head::FORMAT
            ),
        })?
        .ok_or_else(|| database.broken(Table::Meta, HEAD))
}

fn read_removed(database: &Database, segment: &Segment) -> Result<Vec<u32>> {
    let read = |row: &[u8]| {
        let (numbers, rest) = row.as_chunks::<4>();
        rest.is_empty().then(|| numbers.iter().map(|number| u32::from_le_bytes(*number)).collect())
    };
    let removed: Vec<u32> = database.must(Table::Removed, segment.number.into(), segment.removed.into(), read)?;
    if removed.len() == segment.removed as usize && removed.is_sorted() {
        Ok(removed)
    } else {
        Err(database.broken(Table::Removed, segment.number.into()))
    }
}

/// The members of the group that an article represents, of which there are so many.
pub(super) fn members(database: &Database, place: Place, count: u32) -> Result<Vec<Place>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    let read = |row: &[u8]| {
        let (places, rest) = row.as_chunks::<8>();
        let members = places.iter().map(|&place| Place::of(i64::from_le_bytes(place))).collect::<Vec<_>>();
        (rest.is_empty() && members.len() == count as usize && members.is_sorted()).then_some(members)
    };
    database.must(Table::Member, place.key(), count.into(), read)
}
