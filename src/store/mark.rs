//! How many commits were acknowledged, in a file beside the database.
//!
//! SQLite takes a damaged log for one that was cut short, and goes on with an older state. What was acknowledged must not
//! vanish in silence, so the number of the last commit is also written here, after the log is on the disk: a database
//! that knows of fewer has lost some. The file itself need not reach the disk: an older number is no harm.
//!
//! ```text
//! commit 8 │ checksum 8
//! ```

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use super::database::damaged;
use super::seal::{SEAL, opened, seal};
use crate::error::{Error, Result};

/// Its name in the directory of an index.
const FILE: &str = "acknowledged";
const LEN: usize = 8 + SEAL;

#[derive(Debug)]
pub(super) struct Mark {
    /// `None` where there is no such file: then nothing is known.
    file: Option<File>,
    path: PathBuf,
}

impl Mark {
    /// Opens it; `to_write` makes it where there is none.
    ///
    /// # Errors
    /// [`Error::Io`] if that is refused.
    pub(super) fn open(folder: &Path, to_write: bool) -> Result<Mark> {
        let path = folder.join(FILE);
        match File::options().read(true).write(to_write).create(to_write).truncate(false).open(&path) {
            Ok(file) => Ok(Mark { file: Some(file), path }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Mark { file: None, path }),
            Err(source) => Err(Error::Io { path, source }),
        }
    }

    /// The number of commits that were acknowledged at least.
    ///
    /// # Errors
    /// [`Error::Input`] if the file is something else.
    pub(super) fn read(&self) -> Result<u64> {
        let Some(mut file) = self.file.as_ref() else { return Ok(0) };
        let mut bytes = [0; LEN];
        let error = match file.rewind().and_then(|()| file.read_exact(&mut bytes)) {
            Ok(()) => None,
            // As it was made, before the first commit.
            Err(error)
                if error.kind() == io::ErrorKind::UnexpectedEof && file.metadata().is_ok_and(|f| f.len() == 0) =>
            {
                return Ok(0);
            }
            Err(error) => Some(error),
        };
        match opened(0, 0, 0, &bytes).and_then(|row| row.try_into().ok()) {
            Some(number) if error.is_none() => Ok(u64::from_le_bytes(number)),
            _ => Err(damaged(&self.path, "other bytes than were written".into())),
        }
    }

    /// Notes that so many commits are acknowledged.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub(super) fn write(&self, commit: u64) -> Result<()> {
        let mut row = commit.to_le_bytes().to_vec();
        seal(0, 0, 0, &mut row);
        let Some(mut file) = self.file.as_ref() else { return Ok(()) };
        // From then on only its bytes change, never its length: after a power cut they are the new ones or those before.
        let is_new = file.metadata().is_ok_and(|file| file.len() == 0);
        let written = file.rewind().and_then(|()| file.write_all(&row));
        let written = written.and_then(|()| if is_new { file.sync_all() } else { Ok(()) });
        written.map_err(|source| Error::Io { path: self.path.clone(), source })
    }

    /// # Errors
    /// [`Error::Input`] if the database knows of fewer commits than were acknowledged.
    pub(super) fn check(&self, acknowledged: u64, commit: u64) -> Result<()> {
        if commit >= acknowledged {
            return Ok(());
        }
        let found =
            format!("{commit} commits in the database, {acknowledged} acknowledged: its log is lost or damaged");
        Err(damaged(&self.path, found))
    }
}
