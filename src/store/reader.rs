//! Reading an index, beside others who read and one who writes.

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use super::cache::Cache;
use super::database::{Database, Table};
use super::mark::Mark;
use super::view::{SETTINGS, View};
use crate::error::{Error, Result};

/// An index that is open to be read.
#[derive(Debug)]
pub(crate) struct Reader {
    view: View,
    mark: Mark,
}

/// The index as of one commit, which stays as it is as long as this lives. The writer cannot take back room that is
/// in use here, so it should not live longer than an answer takes.
#[derive(Debug)]
pub(crate) struct Snapshot<'r> {
    view: &'r View,
}

impl Reader {
    /// Opens the index in a directory.
    ///
    /// # Errors
    /// [`Error::Config`] if it was made with other settings or has another format, [`Error::Input`] if it is damaged or
    /// something else, [`Error::Io`] if it cannot be read.
    pub(crate) fn open(folder: &Path, fingerprint: u64) -> Result<Reader> {
        let mut reader = Self::open_any(folder)?;
        let found = reader.snapshot()?.view.head.fingerprint;
        expect_fingerprint(folder, found, fingerprint)?;
        Ok(reader)
    }

    /// Opens the index whatever it was made with.
    pub(super) fn open_any(folder: &Path) -> Result<Reader> {
        let view = View::new(Database::open_to_read(folder)?, Arc::new(Cache::default()));
        Ok(Reader { view, mark: Mark::open(folder, false)? })
    }

    /// Another reader of the same index, for another thread: what one has read into memory serves both.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub(crate) fn another(&self, folder: &Path) -> Result<Reader> {
        let view = View::new(Database::open_to_read(folder)?, Arc::clone(&self.view.cache));
        Ok(Reader { view, mark: Mark::open(folder, false)? })
    }

    /// The state after the last commit.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub(crate) fn snapshot(&mut self) -> Result<Snapshot<'_>> {
        let acknowledged = self.mark.read()?;
        self.view.database().begin(false)?;
        let refreshed = self.view.refresh();
        let snapshot = Snapshot { view: &self.view };
        refreshed?;
        self.mark.check(acknowledged, snapshot.head.commit)?;
        Ok(snapshot)
    }
}

impl Deref for Snapshot<'_> {
    type Target = View;

    fn deref(&self) -> &View {
        self.view
    }
}

impl Drop for Snapshot<'_> {
    fn drop(&mut self) {
        self.view.database().roll_back();
    }
}

/// What the index in a directory was made with, as the caller wrote it then.
///
/// # Errors
/// As [`Reader::open`].
pub(crate) fn settings(folder: &Path) -> Result<String> {
    let read = |row: &[u8]| std::str::from_utf8(row).ok().map(str::to_owned);
    Database::open_to_read(folder)?.must(Table::Meta, SETTINGS, 0, read)
}

/// # Errors
/// [`Error::Config`] if they differ, with both.
pub(super) fn expect_fingerprint(folder: &Path, found: u64, expected: u64) -> Result<()> {
    if found == expected {
        return Ok(());
    }
    Err(Error::Config {
        what: format!("index {}", folder.display()),
        found: format!("the fingerprint {found:016x} of other settings, model or version"),
        expected: format!("{expected:016x}"),
    })
}
