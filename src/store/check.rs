//! Looking an index over: every checksum, every reference, and nothing that should not be there.

use std::ops::Range;
use std::path::Path;

use xxhash_rust::xxh3::xxh3_64;

use super::database::{Database, Table};
use super::fold::each_entry;
use super::head::{KINDS, Kind, Segment};
use super::reader::Reader;
use super::view::{View, members};
use super::{Place, Stored, id_key, record, rows};
use crate::error::Result;

/// So many findings are told; that there are more is the last.
const MOST: usize = 100;

/// What is wrong with the index in a directory, a line each; nothing if it is as it was written. It can be looked over
/// beside others who read and write.
///
/// # Errors
/// [`crate::Error::Io`] if there is none, or it cannot be read; [`crate::Error::Config`] if its format is another one.
pub(crate) fn check(folder: &Path) -> Result<Vec<String>> {
    let mut findings = Findings::default();
    match Reader::open_any(folder) {
        Ok(mut reader) => match reader.snapshot() {
            Ok(view) => findings.look_over(&view),
            Err(error) => findings.wrong(error)?,
        },
        Err(error) => findings.wrong(error)?,
    }
    let integrity = Database::open_to_read(folder).and_then(|database| database.integrity());
    findings.note(integrity).into_iter().flatten().for_each(|line| findings.add(line));
    if findings.more > 0 {
        findings.told.push(format!("{} more", findings.more));
    }
    Ok(findings.told)
}

#[derive(Default)]
struct Findings {
    told: Vec<String>,
    more: u64,
}

impl Findings {
    fn add(&mut self, finding: String) {
        if self.told.len() < MOST {
            self.told.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// What was read, or else a finding.
    fn note<T>(&mut self, read: Result<T>) -> Option<T> {
        read.inspect_err(|error| self.add(error.to_string())).ok()
    }

    /// A finding, if it is one and not a reason why nothing could be looked over.
    fn wrong(&mut self, error: crate::error::Error) -> Result<()> {
        match error {
            crate::error::Error::Input { .. } => self.add(error.to_string()),
            other => return Err(other),
        }
        Ok(())
    }

    fn look_over(&mut self, view: &View) {
        let database = view.database();
        let mut ids: Vec<(u64, Place)> = Vec::new();
        let (mut in_groups, mut members) = (0, 0);
        let mut before = i32::MIN;
        for segment in &view.head.segments {
            self.nothing_between(&database, before..segment.number);
            before = segment.number.saturating_add(1);
            let articles = self.articles(&database, view, segment);
            for (place, stored) in &articles {
                ids.push((xxh3_64(stored.id.as_bytes()), *place));
                in_groups += u64::from(stored.group != *place);
                members += u64::from(stored.members);
            }
            self.groups(&database, &articles);
            self.texts(&database, segment, &articles);
            self.postings(&database, view, segment, &articles);
        }
        self.nothing_between(&database, before..i32::MAX);
        if in_groups != members {
            self.add(format!("{in_groups} articles are in groups of others, which have {members} members"));
        }
        self.no_id_twice(&database, ids);
        for (table, count) in [(Table::Source, view.head.sources as usize), (Table::Blob, view.head.blobs.len())] {
            let versions = |key: i64| match table {
                Table::Blob => view.head.blobs.get(key as usize).map_or(0, |blob| blob.1),
                _ => 0,
            };
            let mut seen = 0;
            let broken = |key| database.broken(table, key);
            let read = database.each(table, i64::MIN..i64::MAX, versions, |key, row| {
                seen += 1;
                row.filter(|_| key < count as i64).map(drop).ok_or_else(|| broken(key))
            });
            if self.note(read).is_some() && seen != count {
                self.add(format!("{seen} rows of the table {}, not {count}", table.name()));
            }
        }
    }

    /// The articles of a segment, of which there must be so many.
    fn articles(&mut self, database: &Database, view: &View, segment: &Segment) -> Vec<(Place, Stored)> {
        let mut articles = Vec::new();
        let read = database.each(
            Table::Article,
            own(segment),
            |_| 0,
            |key, row| {
                let place = Place::of(key);
                match row.and_then(|row| record::decode(place, row)) {
                    Some(stored) if view.is_there(place) && stored.source.is_none_or(|s| s < view.head.sources) => {
                        articles.push((place, Stored { document: Vec::new(), ..stored }));
                    }
                    _ => self.add(database.broken(Table::Article, key).to_string()),
                }
                Ok(())
            },
        );
        self.note(read);
        let expected = segment.articles - segment.removed;
        if articles.len() != expected as usize {
            self.add(format!("{} good articles of segment {}, not {expected}", articles.len(), segment.number));
        }
        articles
    }

    /// Whoever is in the list of a representative must name it; that as many are named as listed is seen to at the end.
    fn groups(&mut self, database: &Database, articles: &[(Place, Stored)]) {
        for (representative, stored) in articles.iter().filter(|(_, stored)| stored.members > 0) {
            if stored.group != *representative {
                self.add(format!("article {} is in the group of another and represents others", stored.id));
            }
            let listed = members(database, *representative, stored.members);
            for member in self.note(listed).into_iter().flatten() {
                let read = |row: &[u8]| record::group(member, row);
                match database.get(Table::Article, member.key(), 0, read) {
                    Ok(Some(Some(group))) if group == *representative => {}
                    _ => self.add(format!("article {} does not name {}, which lists it", member.key(), stored.id)),
                }
            }
        }
    }

    fn texts(&mut self, database: &Database, segment: &Segment, articles: &[(Place, Stored)]) {
        let expected = articles.iter().filter(|(_, stored)| stored.has_text).map(|(place, _)| place.key());
        let mut found = Vec::new();
        let read = database.each(
            Table::Text,
            own(segment),
            |_| 0,
            |key, row| {
                found.push(key);
                row.map(drop).ok_or_else(|| database.broken(Table::Text, key))
            },
        );
        if self.note(read).is_some() && !expected.eq(found) {
            self.add(format!("other texts in segment {} than its articles have", segment.number));
        }
    }

    fn postings(&mut self, database: &Database, view: &View, segment: &Segment, articles: &[(Place, Stored)]) {
        let number = segment.number;
        let blocks = if segment.folded == 0 { 0 } else { segment.shapes.iter().map(|shape| shape.blocks()).sum() };
        let rows = database.keys(Table::Posting, own(segment)).map(|keys| keys.len());
        if self.note(rows).is_some_and(|rows| rows != blocks as usize) {
            self.add(format!("other blocks of postings in segment {number} than there should be"));
        }
        let tail = database.keys(Table::Tail, own(segment));
        let in_tail = articles.iter().filter(|(place, _)| place.local >= segment.folded).map(|(place, _)| place.key());
        if self.note(tail).is_some_and(|tail| !in_tail.eq(tail)) {
            self.add(format!("another tail of segment {number} than there should be"));
        }
        for kind in KINDS {
            let mut entries = Vec::new();
            if segment.folded > 0 {
                let read = each_entry(database, segment, kind, |entry| entries.push(entry));
                if self.note(read).is_none() {
                    continue;
                }
            }
            if entries.iter().any(|&(_, local)| local >= segment.folded) {
                self.add(format!("a posting in segment {number} of an article that is not folded"));
            }
            if kind == Kind::Ids {
                entries.extend(view.held.get(&number).into_iter().flat_map(|held| held.tails[kind as usize].entries()));
                entries.retain(|&(_, local)| view.is_there(Place { segment: number, local }));
                let mut expected: Vec<_> =
                    articles.iter().map(|(place, stored)| (id_key(&stored.id), place.local)).collect();
                entries.sort_unstable();
                expected.sort_unstable();
                if entries != expected {
                    self.add(format!("the ids of segment {number} do not lead to their articles"));
                }
            }
        }
    }

    fn nothing_between(&mut self, database: &Database, segments: Range<i32>) {
        let tables = [Table::Article, Table::Text, Table::Posting, Table::Tail, Table::Member];
        let ranges = tables.map(|table| (table, rows(segments.clone())));
        let removed = (Table::Removed, segments.start.into()..segments.end.into());
        for (table, keys) in ranges.into_iter().chain([removed]) {
            for key in self.note(database.keys(table, keys)).into_iter().flatten() {
                self.add(format!("a row {key} of the table {} in no segment", table.name()));
            }
        }
    }

    fn no_id_twice(&mut self, database: &Database, mut ids: Vec<(u64, Place)>) {
        ids.sort_unstable();
        for pair in ids.windows(2).filter(|pair| pair[0].0 == pair[1].0) {
            let [one, other] = [pair[0].1, pair[1].1].map(|place| {
                let read = |row: &[u8]| record::decode(place, row).map(|stored| stored.id);
                self.note(database.must(Table::Article, place.key(), 0, read))
            });
            if one == other {
                self.add(format!("the id {:?} twice", one.unwrap_or_default()));
            }
        }
    }
}

/// The keys of the rows of a segment.
fn own(segment: &Segment) -> Range<i64> {
    rows(segment.number..segment.number.saturating_add(1))
}
