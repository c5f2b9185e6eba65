//! How much memory may be filled with what could as well lie on disk, and where on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A budget of bytes, which all that share it draw on, and the folder for what exceeds it.
///
/// It bounds what is put aside article by article. What else an article takes up is bound by
/// the articles' number alone: see docs/scale.md.
#[derive(Clone, Debug)]
pub struct Memory {
    left: Arc<AtomicU64>,
    bytes: u64,
    folder: PathBuf,
}

impl Default for Memory {
    /// Without a bound.
    fn default() -> Memory {
        Memory::new(u64::MAX, &std::env::temp_dir())
    }
}

impl Memory {
    /// So many bytes; what exceeds them goes into temporary files in `folder`.
    pub fn new(bytes: u64, folder: &Path) -> Memory {
        Memory { left: Arc::new(AtomicU64::new(bytes)), bytes, folder: folder.to_owned() }
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
    pub(super) fn left(&self) -> u64 {
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
