//! The file below: tables of rows with whole numbers as keys, in SQLite.
//!
//! SQLite finds rows, keeps them apart in transactions, and lets any number of processes read beside one that writes
//! (write-ahead log). What stands in a row is this module's business: every row is sealed ([`super::seal`]) on its way
//! in and looked over on its way out.

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, params};

use super::seal::{opened, seal};
use crate::error::{Error, Place as Where, Result};

/// Its name in the directory of an index.
pub(super) const FILE: &str = "index.sqlite";
/// Bytes of a page: some fourteen articles, so that little of it stays empty; of an article that is added alone some four
/// pages are written.
const PAGE: u32 = 16 << 10;
/// How long to wait for another process that opens or closes the file at this moment.
const PATIENCE: Duration = Duration::from_secs(10);
/// What SQLite may keep of the file in memory, in KiB. Postings have a place of their own ([`super::cache`]).
const CACHE: i64 = 16 << 10;
/// The log is cut back to this size when it has been worked off.
const LOG: i64 = 16 << 20;
/// In the header of the file, so that other programs can tell what it is: "nskh".
const APPLICATION: i32 = 0x6E73_6B68;

/// The tables. The numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Settings and head.
    Meta = 1,
    /// Articles by their places.
    Article = 2,
    /// Texts by the places of their articles.
    Text = 3,
    /// Blocks of postings by segment, kind and number.
    Posting = 4,
    /// Keys of articles that are in no block yet, by place.
    Tail = 5,
    /// Who else is in a group, by the place of its representative.
    Member = 6,
    /// Numbers of articles that are gone, by segment.
    Removed = 7,
    /// Names of sources by their numbers.
    Source = 8,
    /// What the caller keeps under a name, by a number that the head gives it.
    Blob = 9,
}

/// Every table with its name, and what is said to SQLite about it.
const TABLES: [(Table, &str); 9] = [
    (Table::Meta, "meta"),
    (Table::Article, "article"),
    (Table::Text, "text"),
    (Table::Posting, "posting"),
    (Table::Tail, "tail"),
    (Table::Member, "member"),
    (Table::Removed, "removed"),
    (Table::Source, "source"),
    (Table::Blob, "blob"),
];

#[derive(Debug)]
struct Statements {
    get: String,
    put: String,
    delete: String,
    range: String,
    keys: String,
    lengths: String,
}

#[derive(Debug)]
pub(super) struct Database {
    connection: Connection,
    statements: Vec<Statements>,
    path: PathBuf,
}

impl Database {
    /// Makes the file with its tables.
    ///
    /// # Errors
    /// [`Error::Io`] if there is one already, or it cannot be made.
    pub(super) fn create(folder: &Path) -> Result<Database> {
        let path = folder.join(FILE);
        std::fs::File::create_new(&path).map_err(|source| Error::Io { path: path.clone(), source })?;
        let database = Self::connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        database.pragma("page_size", PAGE)?;
        database.pragma("application_id", APPLICATION)?;
        database.to_write()?;
        for (_, name) in TABLES {
            let sql = format!("CREATE TABLE {name}(key INTEGER PRIMARY KEY, row BLOB NOT NULL)");
            database.connection.execute_batch(&sql).map_err(|e| database.failed(e))?;
        }
        Ok(database)
    }

    /// Opens the file to write to it.
    ///
    /// # Errors
    /// [`Error::Io`] if that is refused, [`Error::Input`] if it is not such a file.
    pub(super) fn open_to_write(folder: &Path) -> Result<Database> {
        let database = Self::connect(folder.join(FILE), OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        database.to_write()?;
        Ok(database)
    }

    /// Opens the file to read it, beside any who read or write.
    ///
    /// # Errors
    /// [`Error::Io`] if that is refused, [`Error::Input`] if it is not such a file.
    pub(super) fn open_to_read(folder: &Path) -> Result<Database> {
        let path = folder.join(FILE);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        match connection(&path, flags) {
            // Nobody writes to a folder that cannot be written to, and there is no log: the file is all there is.
            Err(e) if e.sqlite_error_code() == Some(ErrorCode::CannotOpen) && path.is_file() && !has_log(&path) => {
                let uri = format!("file:{}?immutable=1", escaped(&path));
                Self::with(connection(Path::new(&uri), flags | OpenFlags::SQLITE_OPEN_URI), path)
            }
            connection => Self::with(connection, path),
        }
    }

    fn connect(path: PathBuf, flags: OpenFlags) -> Result<Database> {
        Self::with(connection(&path, flags), path)
    }

    fn with(connection: rusqlite::Result<Connection>, path: PathBuf) -> Result<Database> {
        // SQLite's own message does not say why a file cannot be opened.
        let why = |e| {
            std::fs::File::open(&path)
                .err()
                .map_or_else(|| failed(&path, e), |source| Error::Io { path: path.clone(), source })
        };
        let connection = connection.map_err(why)?;
        let statements = TABLES
            .map(|(_, name)| Statements {
                get: format!("SELECT row FROM {name} WHERE key = ?1"),
                put: format!("INSERT OR REPLACE INTO {name}(key, row) VALUES(?1, ?2)"),
                delete: format!("DELETE FROM {name} WHERE key >= ?1 AND key < ?2"),
                range: format!("SELECT key, row FROM {name} WHERE key >= ?1 AND key < ?2 ORDER BY key"),
                keys: format!("SELECT key FROM {name} WHERE key >= ?1 AND key < ?2 ORDER BY key"),
                lengths: format!(
                    "SELECT count(*), ifnull(sum(length(row)), 0) FROM {name} WHERE key >= ?1 AND key < ?2"
                ),
            })
            .into();
        Ok(Database { connection, statements, path })
    }

    fn to_write(&self) -> Result<()> {
        let mode: String =
            self.connection.query_row("PRAGMA journal_mode = wal", [], |row| row.get(0)).map_err(|e| self.failed(e))?;
        if mode != "wal" {
            return Err(self.damaged(format!("the journal {mode}, where the file system allows no write-ahead log")));
        }
        // The log is on the disk before a commit is acknowledged.
        self.pragma("synchronous", "full")?;
        self.pragma("journal_size_limit", LOG)
    }

    fn pragma(&self, name: &str, value: impl rusqlite::ToSql) -> Result<()> {
        self.connection.pragma_update(None, name, value).map_err(|e| self.failed(e))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Begins to read or to write, as the case may be; what is read from now on is of one moment.
    pub(super) fn begin(&self, to_write: bool) -> Result<()> {
        self.run(if to_write { "BEGIN IMMEDIATE" } else { "BEGIN" })
    }

    pub(super) fn commit(&self) -> Result<()> {
        self.run("COMMIT")
    }

    /// Ends a transaction, if there is one, as if nothing had been written.
    pub(super) fn roll_back(&self) {
        if !self.connection.is_autocommit() {
            // What cannot be rolled back now is rolled back by the next to open the file.
            let _ = self.run("ROLLBACK");
        }
    }

    fn run(&self, sql: &str) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(e))?;
        statement.execute([]).map(drop).map_err(|e| self.failed(e))
    }

    /// What `read` makes of a row; `None` if there is no such row.
    ///
    /// # Errors
    /// [`Error::Input`] if the row does not pass its checksum.
    pub(super) fn get<T>(
        &self,
        table: Table,
        key: i64,
        version: u64,
        read: impl FnOnce(&[u8]) -> T,
    ) -> Result<Option<T>> {
        let sql = &self.statements[table as usize - 1].get;
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(e))?;
        let found = statement
            .query_row([key], |row| Ok(opened(table as u8, key, version, row.get_ref(0)?.as_blob()?).map(read)))
            .optional();
        match found.map_err(|e| self.failed(e))? {
            Some(None) => Err(self.broken(table, key)),
            found => Ok(found.flatten()),
        }
    }

    /// The same of a row that must be there.
    ///
    /// # Errors
    /// [`Error::Input`] also if it is not, or if `read` says that it is something else.
    pub(super) fn must<T>(
        &self,
        table: Table,
        key: i64,
        version: u64,
        read: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Result<T> {
        match self.get(table, key, version, read)? {
            Some(Some(read)) => Ok(read),
            Some(None) => Err(self.broken(table, key)),
            None => Err(self.damaged(format!("no row {key} of the table {}", table.name()))),
        }
    }

    /// Writes a row, or replaces it; `scratch` is the row, and is changed.
    pub(super) fn put(&self, table: Table, key: i64, version: u64, scratch: &mut Vec<u8>) -> Result<()> {
        seal(table as u8, key, version, scratch);
        let sql = &self.statements[table as usize - 1].put;
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(e))?;
        statement.execute(params![key, &scratch[..]]).map(drop).map_err(|e| self.failed(e))
    }

    /// Removes the rows of these keys; how many there were.
    pub(super) fn delete(&self, table: Table, keys: Range<i64>) -> Result<usize> {
        let sql = &self.statements[table as usize - 1].delete;
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(e))?;
        statement.execute([keys.start, keys.end]).map_err(|e| self.failed(e))
    }

    /// Tells the rows of these keys, in order, and whether each passes its checksum: `None` if it does not.
    pub(super) fn each(
        &self,
        table: Table,
        keys: Range<i64>,
        version: impl Fn(i64) -> u64,
        mut each: impl FnMut(i64, Option<&[u8]>) -> Result<()>,
    ) -> Result<()> {
        let sql = &self.statements[table as usize - 1].range;
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(e))?;
        let mut rows = statement.query([keys.start, keys.end]).map_err(|e| self.failed(e))?;
        while let Some(row) = rows.next().map_err(|e| self.failed(e))? {
            let read = || Ok((row.get::<_, i64>(0)?, row.get_ref(1)?.as_blob()?));
            let (key, row) = read().map_err(|e: rusqlite::Error| self.failed(e))?;
            each(key, opened(table as u8, key, version(key), row))?;
        }
        Ok(())
    }

    /// Tells the keys of the rows within these, in order.
    pub(super) fn keys(&self, table: Table, keys: Range<i64>) -> Result<Vec<i64>> {
        let sql = &self.statements[table as usize - 1].keys;
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(e))?;
        let found = statement.query_map([keys.start, keys.end], |row| row.get(0)).and_then(Iterator::collect);
        found.map_err(|e| self.failed(e))
    }

    /// How many rows have keys within these, and how many bytes they are.
    pub(super) fn lengths(&self, table: Table, keys: Range<i64>) -> Result<(u64, usize)> {
        let sql = &self.statements[table as usize - 1].lengths;
        let mut statement = self.connection.prepare_cached(sql).map_err(|e| self.failed(e))?;
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as usize));
        statement.query_row([keys.start, keys.end], read).map_err(|e| self.failed(e))
    }

    /// Bytes of the file, and how many of them wait to be used again.
    pub(super) fn size(&self) -> Result<(u64, u64)> {
        let number = |name| {
            let read = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0);
            self.connection.pragma_query_value(None, name, read).map_err(|e| self.failed(e))
        };
        let page = number("page_size")?;
        Ok(((number("page_count")? * page) as u64, (number("freelist_count")? * page) as u64))
    }

    /// Writes the file anew, without what waits to be used again.
    pub(super) fn vacuum(&self) -> Result<()> {
        self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)").map_err(|e| self.failed(e))
    }

    /// What SQLite itself finds wrong with its trees and lists.
    pub(super) fn integrity(&self) -> Result<Vec<String>> {
        let mut statement = self.connection.prepare("PRAGMA integrity_check(100)").map_err(|e| self.failed(e))?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0)).and_then(Iterator::collect);
        let mut lines: Vec<String> = lines.map_err(|e| self.failed(e))?;
        lines.retain(|line| line != "ok");
        Ok(lines)
    }

    /// The trouble with a row that is there but is something else.
    pub(super) fn broken(&self, table: Table, key: i64) -> Error {
        self.damaged(format!("a damaged row {key} of the table {}", table.name()))
    }

    /// The trouble with the file as a whole.
    pub(super) fn damaged(&self, found: String) -> Error {
        damaged(&self.path, found)
    }

    fn failed(&self, error: rusqlite::Error) -> Error {
        failed(&self.path, error)
    }
}

/// Opens a file, and looks into it.
fn connection(name: &Path, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(name, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "cache_size", -CACHE)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

impl Table {
    pub(super) fn name(self) -> &'static str {
        TABLES[self as usize - 1].1
    }
}

/// Is there a log with something in it beside the file?
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// A path in a URI.
fn escaped(path: &Path) -> String {
    path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// The trouble with a file of an index that is not as it was written.
pub(super) fn damaged(path: &Path, found: String) -> Error {
    Error::Input {
        place: Where { path: path.display().to_string(), line: None },
        found,
        expected: "an index as it was written; `naskh index check` says what else is wrong".into(),
    }
}

/// What SQLite said: of the system, or of the file.
fn failed(path: &Path, error: rusqlite::Error) -> Error {
    let io = |kind: io::ErrorKind| Error::Io { path: path.to_owned(), source: io::Error::new(kind, error.to_string()) };
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => io(io::ErrorKind::StorageFull),
        Some(ErrorCode::ReadOnly) => io(io::ErrorKind::ReadOnlyFilesystem),
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => io(io::ErrorKind::PermissionDenied),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => io(io::ErrorKind::WouldBlock),
        Some(ErrorCode::OutOfMemory) => io(io::ErrorKind::OutOfMemory),
        Some(ErrorCode::SystemIoFailure) => io(io::ErrorKind::Other),
        _ => damaged(path, error.to_string()),
    }
}
