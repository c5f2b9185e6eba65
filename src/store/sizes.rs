//! What an index takes up, split by what the bytes are for.

use super::database::Table;
use super::head::Kind;
use super::seal::SEAL;
use super::view::View;
use super::{Place, record};
use crate::error::Result;

/// Rows of one purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Part {
    /// What they are for.
    pub(crate) name: &'static str,
    /// How many there are.
    pub(crate) rows: u64,
    /// Their bytes, those of their checksums among them.
    pub(crate) bytes: u64,
}

/// All of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sizes {
    /// The rows, by what they are for.
    pub(crate) parts: Vec<Part>,
    /// Bytes of rows by segment, in order.
    pub(crate) segments: Vec<(i32, u64)>,
    /// Bytes of the file; what is in no part is SQLite's: keys of rows, and room within pages.
    pub(crate) file: u64,
    /// How many of these are in pages that wait to be used again.
    pub(crate) free: u64,
}

impl View {
    /// What the index takes up. It reads all of it.
    ///
    /// # Errors
    /// [`crate::Error::Input`] for damage, [`crate::Error::Io`] if the index cannot be read.
    pub(crate) fn sizes(&self) -> Result<Sizes> {
        let database = self.database();
        let (file, free) = database.size()?;
        let mut sizes = Sizes { file, free, ..Sizes::default() };
        let mut add = |name: &'static str, segment: Option<i32>, rows: u64, bytes: usize| {
            let bytes = bytes as u64;
            match sizes.parts.iter_mut().find(|part| part.name == name) {
                Some(part) => {
                    part.rows += rows;
                    part.bytes += bytes;
                }
                None => sizes.parts.push(Part { name, rows, bytes }),
            }
            match (segment, sizes.segments.last_mut()) {
                (None, _) => {}
                (Some(segment), Some(last)) if last.0 == segment => last.1 += bytes,
                (Some(segment), _) => sizes.segments.push((segment, bytes)),
            }
        };
        for segment in &self.head.segments {
            let number = Some(segment.number);
            let own = super::rows(segment.number..segment.number.saturating_add(1));
            database.each(
                Table::Article,
                own.clone(),
                |_| 0,
                |key, row| {
                    let row = row.ok_or_else(|| database.broken(Table::Article, key))?;
                    let document = record::document(Place::of(key), row).map_or(0, <[u8]>::len);
                    add("documents", number, 1, document);
                    add("ids, facts, groups", number, 1, row.len() - document + SEAL);
                    Ok(())
                },
            )?;
            let version = |_: i64| segment.generation;
            database.each(Table::Posting, own.clone(), version, |key, row| {
                let row = row.ok_or_else(|| database.broken(Table::Posting, key))?;
                let is_id = key >= segment.block(Kind::Ids, 0);
                add(if is_id { "ids to articles" } else { "keys to articles" }, number, 1, row.len() + SEAL);
                Ok(())
            })?;
            for (table, name) in [(Table::Tail, "keys in the tail"), (Table::Text, "texts")] {
                database.each(
                    table,
                    own.clone(),
                    |_| 0,
                    |key, row| {
                        let row = row.ok_or_else(|| database.broken(table, key))?;
                        add(name, number, 1, row.len() + SEAL);
                        Ok(())
                    },
                )?;
            }
            let (rows, bytes) = database.lengths(Table::Member, own)?;
            add("members of groups", number, rows, bytes);
        }
        let whole = i64::MIN..i64::MAX;
        let others = [
            (Table::Removed, "articles removed"),
            (Table::Source, "sources"),
            (Table::Blob, "blobs"),
            (Table::Meta, "settings and head"),
        ];
        for (table, name) in others {
            let (rows, bytes) = database.lengths(table, whole.clone())?;
            add(name, None, rows, bytes);
        }
        Ok(sizes)
    }
}
