//! Writing to an index: one process at a time. What is done shows in the writer's own view at once, to others and
//! for good when [`Writer::commit`] returns. If anything fails, all since the last commit is undone.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;
use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, PoisonError};

use super::cache::Cache;
use super::database::{Database, Table};
use super::head::Head;
use super::lock::Lock;
use super::mark::Mark;
use super::reader::expect_fingerprint;
use super::view::{HEAD, Held, SETTINGS, View, members, tail_row};
use super::{New, Place, Stored, id_key, record, rows, spread};
use crate::error::{Error, Result};

/// An index that is open to be written to.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(super) view: View,
    /// Numbers of sources by their names.
    sources: BTreeMap<String, u32>,
    mark: Mark,
    /// Segments of which articles were removed since the last commit.
    removals: BTreeSet<i32>,
    /// Is a transaction open?
    begun: bool,
    /// Is what is in memory not what is stored, after a failure?
    stale: bool,
    _lock: Lock,
}

/// Makes an index in a directory, which is made if need be. `settings` is what the caller wants to know again when it
/// opens the index, `fingerprint` what must be the same for results to be comparable.
///
/// # Errors
/// [`Error::Io`] if there is one already, or it cannot be made.
pub(crate) fn create(folder: &Path, settings: &str, fingerprint: u64) -> Result<()> {
    let io = |source| Error::Io { path: folder.to_owned(), source };
    std::fs::create_dir_all(folder).map_err(io)?;
    let _lock = Lock::take(folder)?;
    let database = Database::create(folder)?;
    database.begin(true)?;
    database.put(Table::Meta, SETTINGS, 0, &mut settings.as_bytes().to_vec())?;
    let head = Head { fingerprint, commit: 1, ..Head::default() };
    database.put(Table::Meta, HEAD, 0, &mut head.encode())?;
    database.commit()?;
    Mark::open(folder, true)?.write(head.commit)?;
    // The names of the files, too, are on the disk before the index counts as made.
    std::fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(io)
}

impl Writer {
    /// Opens the index in a directory.
    ///
    /// # Errors
    /// [`Error::Locked`] if another process writes to it, [`Error::Config`] if it was made with other settings or has
    /// another format, [`Error::Input`] if it is damaged or something else, [`Error::Io`] if it cannot be written to.
    pub(crate) fn open(folder: &Path, fingerprint: u64) -> Result<Writer> {
        let lock = Lock::take(folder)?;
        let view = View::new(Database::open_to_write(folder)?, Arc::new(Cache::default()));
        let mark = Mark::open(folder, true)?;
        let mut writer = Writer {
            view,
            sources: BTreeMap::new(),
            mark,
            removals: BTreeSet::new(),
            begun: false,
            stale: false,
            _lock: lock,
        };
        writer.reload()?;
        writer.mark.check(writer.mark.read()?, writer.view.head.commit)?;
        expect_fingerprint(folder, writer.view.head.fingerprint, fingerprint)?;
        Ok(writer)
    }

    /// Adds an article that is not there yet.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written; all since the last commit is undone then: so everywhere below.
    /// [`Error::Input`] for damage.
    pub(crate) fn add(&mut self, new: &New<'_>) -> Result<Place> {
        self.undoing(|writer| writer.try_to_add(new))
    }

    fn try_to_add(&mut self, new: &New<'_>) -> Result<Place> {
        let source = new.source.map(|name| self.source_number(name)).transpose()?;
        let view = &mut self.view;
        let segment = view.head.segment_mut(new.segment);
        let place = Place { segment: new.segment, local: segment.articles };
        segment.articles += 1;
        let stored = Stored {
            id: new.id.to_owned(),
            facts: new.facts.to_vec(),
            source,
            sequence: view.head.sequence,
            group: new.group.unwrap_or(place),
            link: new.link.to_vec(),
            members: 0,
            has_text: !new.text.is_empty(),
            document: new.document.to_vec(),
        };
        view.head.sequence += 1;
        let mut keys: Vec<u32> = new.keys.iter().map(|&key| spread(key)).collect();
        keys.sort_unstable();
        keys.dedup();
        let id = id_key(new.id);
        let database = view.database.get_mut().unwrap_or_else(PoisonError::into_inner);
        database.put(Table::Article, place.key(), 0, &mut record::encode(place, &stored))?;
        database.put(Table::Tail, place.key(), 0, &mut tail_row(id, &keys))?;
        if stored.has_text {
            database.put(Table::Text, place.key(), 0, &mut new.text.to_vec())?;
        }
        if let Some(segment) = view.head.segment(new.segment) {
            view.held.entry(new.segment).or_default().add(segment, place.local, id, &keys);
        }
        if stored.group != place {
            self.link(stored.group, |members| members.push(place))?;
        }
        Ok(place)
    }

    /// Puts an article into the group of another, or, if that is itself, out of any.
    ///
    /// # Errors
    /// As [`Writer::add`], and [`Error::Config`] if one of them is not there.
    pub(crate) fn set_group(&mut self, place: Place, group: Place, link: &[u8]) -> Result<()> {
        self.there(group)?;
        let mut stored = self.there(place)?;
        self.undoing(|writer| {
            if stored.group != group {
                if stored.group != place {
                    writer.link(stored.group, |members| members.retain(|&member| member != place))?;
                }
                if group != place {
                    writer.link(group, |members| members.push(place))?;
                }
                // It may have changed: an article can be in a group and have had one.
                stored = writer.there(place)?;
            }
            let stored = Stored { group, link: link.to_vec(), ..stored };
            writer.view.database().put(Table::Article, place.key(), 0, &mut record::encode(place, &stored))
        })
    }

    /// Takes an article out, for good.
    ///
    /// # Errors
    /// As [`Writer::add`], and [`Error::Config`] if it is not there or still represents others.
    pub(crate) fn remove(&mut self, place: Place) -> Result<()> {
        let stored = self.there(place)?;
        if stored.members > 0 {
            return Err(not_handed_on(&stored));
        }
        self.undoing(|writer| {
            if stored.group != place {
                writer.link(stored.group, |members| members.retain(|&member| member != place))?;
            }
            let view = &mut writer.view;
            let database = view.database.get_mut().unwrap_or_else(PoisonError::into_inner);
            for table in [Table::Article, Table::Tail, Table::Text] {
                database.delete(table, place.key()..place.key() + 1)?;
            }
            let removed = &mut view.held.entry(place.segment).or_default().removed;
            removed.insert(removed.partition_point(|&local| local < place.local), place.local);
            view.head.segment_mut(place.segment).removed = removed.len() as u32;
            writer.removals.insert(place.segment);
            Ok(())
        })
    }

    /// Drops all segments before `segment`; how many articles were in them. Representatives of groups that go on must
    /// have been replaced ([`View::representatives_across`]).
    ///
    /// # Errors
    /// As [`Writer::add`], and [`Error::Config`] if one has not.
    pub(crate) fn expire(&mut self, segment: i32) -> Result<u64> {
        if let Some(&place) = self.view.representatives_across(segment)?.first() {
            return Err(not_handed_on(&self.there(place)?));
        }
        self.undoing(|writer| {
            for (place, group) in writer.members_across(segment)? {
                writer.link(group, |members| members.retain(|&member| member != place))?;
            }
            writer.removals.retain(|&number| number >= segment);
            let view = &mut writer.view;
            let kept = view.head.segments.partition_point(|known| known.number < segment);
            let dropped: Vec<_> = view.head.segments.drain(..kept).collect();
            let database = view.database.get_mut().unwrap_or_else(PoisonError::into_inner);
            for number in dropped.iter().map(|segment| segment.number) {
                let own = rows(number..number.saturating_add(1));
                for table in [Table::Article, Table::Text, Table::Posting, Table::Tail, Table::Member] {
                    database.delete(table, own.clone())?;
                }
                database.delete(Table::Removed, number.into()..i64::from(number) + 1)?;
                view.held.remove(&number);
            }
            Ok(dropped.iter().map(|segment| u64::from(segment.articles - segment.removed)).sum())
        })
    }

    /// Keeps bytes under a name, in the place of those kept there before.
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub(crate) fn put(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.undoing(|writer| {
            let blobs = &mut writer.view.head.blobs;
            let number = blobs.iter().position(|blob| blob.0 == name).unwrap_or_else(|| {
                blobs.push((name.to_owned(), 0));
                blobs.len() - 1
            });
            blobs[number].1 += 1;
            let (number, version) = (number as i64, blobs[number].1);
            let database = writer.view.database();
            // Put in their place they would need room of their own before those leave theirs.
            database.delete(Table::Blob, number..number + 1)?;
            database.put(Table::Blob, number, version, &mut bytes.to_vec())
        })
    }

    /// When this returns, all that was done so far is on the disk and shows to others.
    ///
    /// # Errors
    /// As [`Writer::add`]; then nothing since the last commit was done.
    pub(crate) fn commit(&mut self) -> Result<()> {
        if !self.begun {
            return Ok(());
        }
        self.undoing(|writer| {
            writer.fold_what_is_due()?;
            writer.view.head.commit += 1;
            let head = &writer.view.head;
            let database = writer.view.database();
            for number in take(&mut writer.removals) {
                let Some(Held { removed, .. }) = writer.view.held.get(&number) else { continue };
                let mut row = removed.iter().flat_map(|local| local.to_le_bytes()).collect();
                database.put(Table::Removed, number.into(), removed.len() as u64, &mut row)?;
            }
            database.put(Table::Meta, HEAD, 0, &mut head.encode())?;
            database.commit()
        })?;
        self.begun = false;
        self.mark.write(self.view.head.commit)
    }

    /// Folds all tails, and gives back to the system the room of what is gone.
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub(crate) fn compact(&mut self) -> Result<()> {
        self.undoing(Writer::fold_all)?;
        self.commit()?;
        self.view.database().vacuum()
    }

    /// Adds to the members of a representative, or takes from them.
    fn link(&self, representative: Place, change: impl FnOnce(&mut Vec<Place>)) -> Result<()> {
        let mut stored = self.there(representative)?;
        let database = self.view.database();
        let mut members = members(&database, representative, stored.members)?;
        change(&mut members);
        members.sort_unstable();
        stored.members = members.len() as u32;
        database.put(Table::Article, representative.key(), 0, &mut record::encode(representative, &stored))?;
        if members.is_empty() {
            return database.delete(Table::Member, representative.key()..representative.key() + 1).map(drop);
        }
        let mut row = members.iter().flat_map(|member| member.key().to_le_bytes()).collect();
        database.put(Table::Member, representative.key(), stored.members.into(), &mut row)
    }

    /// Members before `segment` of groups whose representatives are not, with these.
    fn members_across(&self, segment: i32) -> Result<Vec<(Place, Place)>> {
        let mut found = Vec::new();
        let database = self.view.database();
        for known in self.view.head.segments.iter().take_while(|known| known.number < segment) {
            database.each(
                Table::Article,
                rows(known.number..known.number.saturating_add(1)),
                |_| 0,
                |key, row| {
                    let place = Place::of(key);
                    let group = row.and_then(|row| record::group(place, row));
                    let group = group.ok_or_else(|| database.broken(Table::Article, key))?;
                    if group.segment >= segment {
                        found.push((place, group));
                    }
                    Ok(())
                },
            )?;
        }
        Ok(found)
    }

    fn source_number(&mut self, name: &str) -> Result<u32> {
        if let Some(&number) = self.sources.get(name) {
            return Ok(number);
        }
        let number = self.view.head.sources;
        self.view.database().put(Table::Source, number.into(), 0, &mut name.as_bytes().to_vec())?;
        self.view.head.sources += 1;
        self.view.sources.push(name.to_owned());
        self.sources.insert(name.to_owned(), number);
        Ok(number)
    }

    fn there(&self, place: Place) -> Result<Stored> {
        self.view.article(place)?.ok_or_else(|| Error::Config {
            what: format!("article {} of segment {}", place.local, place.segment),
            found: "none".into(),
            expected: "one that is in the index".into(),
        })
    }

    /// Undoes all since the last commit.
    ///
    /// # Errors
    /// As [`Writer::open`] if it cannot be read anew.
    pub(crate) fn undo(&mut self) -> Result<()> {
        if std::mem::take(&mut self.begun) {
            self.view.database().roll_back();
            self.stale = true;
            self.view.forget_blocks();
        }
        if self.stale { self.reload() } else { Ok(()) }
    }

    /// Does `work` in a transaction, or none of what was done since the last commit.
    pub(super) fn undoing<T>(&mut self, work: impl FnOnce(&mut Writer) -> Result<T>) -> Result<T> {
        if self.stale {
            self.reload()?;
        }
        if !self.begun {
            self.view.database().begin(true)?;
            self.begun = true;
        }
        work(self).inspect_err(|_| {
            self.view.database().roll_back();
            self.begun = false;
            self.stale = true;
            self.removals.clear();
            self.view.forget_blocks();
            // If it cannot be read now, it is when something is to be written next; what was undone is not found until
            // then, which is told as damage.
            let _ = self.reload();
        })
    }

    /// Reads anew what is in memory, or leaves it as it is.
    fn reload(&mut self) -> Result<()> {
        let view = &mut self.view;
        let kept = (take(&mut view.head.commit), take(&mut view.held), take(&mut view.sources));
        if let Err(error) = view.refresh() {
            (view.head.commit, view.held, view.sources) = kept;
            return Err(error);
        }
        self.sources = view.sources.iter().cloned().zip(0..).collect();
        self.stale = false;
        Ok(())
    }
}

fn not_handed_on(stored: &Stored) -> Error {
    Error::Config {
        what: format!("article {}, to be taken out", stored.id),
        found: format!("{} members of its group", stored.members),
        expected: "another representative for them first".into(),
    }
}

impl Deref for Writer {
    type Target = View;

    fn deref(&self) -> &View {
        &self.view
    }
}
