//! How much memory may be filled with what could as well lie on disk, and where on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The part of a budget that holds what is put aside.
const ASIDE: u64 = 4;

/// A budget of bytes for a run, which all that share it draw on, and the folder for what exceeds it.
///
/// A quarter of it holds what is put aside article by article; what exceeds that goes to disk. The rest is for what must
/// stay in memory, which grows with the number of articles alone: docs/scale.md says how much.
#[derive(Clone, Debug)]
pub struct Memory {
    left: Arc<AtomicU64>,
    bytes: u64,
    folder: PathBuf,
    checkpoints: Option<bool>,
}

impl Default for Memory {
    /// Without a bound.
    fn default() -> Memory {
        Memory::new(u64::MAX, &std::env::temp_dir())
    }
}

impl Memory {
    /// So many bytes for a run, and temporary files in `folder`.
    pub fn new(bytes: u64, folder: &Path) -> Memory {
        Memory { left: Arc::new(AtomicU64::new(bytes / ASIDE)), bytes, folder: folder.to_owned(), checkpoints: None }
    }

    /// The same, and what has been read of the input is kept in the folder until the run is done: if it is killed, a
    /// run of the same input with `resume` goes on from there. One run at a time can use the folder so.
    #[must_use]
    pub fn with_checkpoints(self, resume: bool) -> Memory {
        Memory { checkpoints: Some(resume), ..self }
    }

    /// Is what was read to be kept, and what was kept to be used?
    pub(crate) fn checkpoints(&self) -> Option<bool> {
        self.checkpoints
    }

    /// Where the rest goes.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes in all.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Bytes not taken.
    #[cfg(test)]
    pub(crate) fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }

    /// Takes `bytes` if there are so many.
    pub(super) fn take(&self, bytes: u64) -> bool {
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }

    /// Gives `bytes` back.
    pub(super) fn give(&self, bytes: u64) {
        self.left.fetch_add(bytes, Ordering::Relaxed);
    }
}
