//! A file that several threads read and write at places of their own.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Result};

/// An open file, its name for messages, and where it ends.
#[derive(Clone, Debug)]
pub(crate) struct SpoolFile {
    file: Arc<File>,
    path: Arc<PathBuf>,
    end: Arc<AtomicU64>,
}

impl SpoolFile {
    /// A file without a name in `folder`, gone when it is dropped; messages name the folder.
    pub(super) fn temporary(folder: &Path) -> Result<SpoolFile> {
        Self::new(tempfile::tempfile_in(folder), folder)
    }

    /// A new file at `path`.
    pub(super) fn create(path: &Path) -> Result<SpoolFile> {
        Self::new(File::options().read(true).write(true).create(true).truncate(true).open(path), path)
    }

    /// The file at `path`, to be read.
    pub(super) fn open(path: &Path) -> Result<SpoolFile> {
        Self::new(File::open(path), path)
    }

    fn new(file: io::Result<File>, path: &Path) -> Result<SpoolFile> {
        let file = file.map_err(|source| Error::Io { path: path.to_owned(), source })?;
        Ok(SpoolFile { file: Arc::new(file), path: Arc::new(path.to_owned()), end: Arc::default() })
    }

    /// Moves the end by `len` bytes; returns where it was.
    pub(super) fn reserve(&self, len: u64) -> u64 {
        self.end.fetch_add(len, Ordering::Relaxed)
    }

    /// Writes all of `bytes`.
    pub(super) fn write(&self, offset: u64, bytes: &[u8]) -> Result<()> {
        self.named(write_all_at(&self.file, bytes, offset))
    }

    /// Fills `bytes`.
    pub(super) fn read(&self, offset: u64, bytes: &mut [u8]) -> Result<()> {
        self.named(read_exact_at(&self.file, bytes, offset))
    }

    /// Waits until all that was written is safe.
    pub(super) fn sync(&self) -> Result<()> {
        self.named(self.file.sync_data())
    }

    fn named<T>(&self, outcome: io::Result<T>) -> Result<T> {
        outcome.map_err(|source| Error::Io { path: self.path.to_path_buf(), source })
    }
}

#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        bytes = &bytes[written..];
        offset += written as u64;
    }
    Ok(())
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}
