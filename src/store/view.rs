//! An index as of one commit: finding articles by place and id; by their keys in [`super::lookup`].
//!
//! A view keeps in memory the head, the tail, the numbers of articles that are gone, and the blocks it has read; all else
//! is looked up. Many threads may use one at once; the database below serves one of them at a time.

use std::collections::BTreeMap;
use std::ops::{ControlFlow, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::bytes::Bytes;
use super::cache::Cache;
use super::database::{Database, Table};
use super::head::{Head, Kind, Segment};
use super::tail::Tail;
use super::{Place, Stored, id_key, record, rows};
use crate::error::{Error, Result};

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

#[derive(Debug)]
pub(crate) struct View {
    pub(super) database: Mutex<Database>,
    pub(super) head: Head,
    /// One for each segment.
    pub(super) held: BTreeMap<i32, Held>,
    pub(super) sources: Vec<String>,
    pub(super) cache: Arc<Cache>,
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
