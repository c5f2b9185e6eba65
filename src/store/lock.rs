//! Who writes to an index: one process at a time, named in a file that it holds a lock on. The system takes the lock
//! away when the process ends, however it ends; what stands in the file then means nothing.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::error::{Error, Result};

/// Its name in the directory of an index.
const FILE: &str = "writer";

/// Held as long as this lives.
#[derive(Debug)]
pub(super) struct Lock {
    file: File,
}

impl Lock {
    /// # Errors
    /// [`Error::Locked`] if another process holds it, saying which; [`Error::Io`] if the file cannot be made.
    pub(super) fn take(folder: &Path) -> Result<Lock> {
        let path = folder.join(FILE);
        let io = |source| Error::Io { path: path.clone(), source };
        let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Whoever has just taken it may not have written its name yet.
                let _ = file.take(1000).read_to_string(&mut holder);
                let holder = if holder.is_empty() { "another process".to_owned() } else { holder };
                return Err(Error::Locked { folder: folder.to_owned(), holder: holder.trim_end().to_owned() });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
        let host = if host.trim().is_empty() { "an unknown host" } else { host.trim() };
        let since = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
        let holder = format!("process {} on {host} since {since}", std::process::id());
        file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{holder}")).map_err(io)?;
        Ok(Lock { file })
    }
}

impl Drop for Lock {
    /// Said, and not left to the closing of the file: a process that was forked meanwhile has it open as well.
    fn drop(&mut self) {
        // Whoever cannot give it back has it as long as the process lives.
        let _ = self.file.unlock();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_is_told_who_is_first() {
        let folder = tempfile::tempdir().unwrap();
        let first = Lock::take(folder.path()).unwrap();
        let said = Lock::take(folder.path()).unwrap_err().to_string();
        assert!(said.contains(&format!("found that process {} on ", std::process::id())), "{said}");
        assert!(said.contains(" since 2") && said.contains("Z writes to it; expected one writer"), "{said}");
        drop(first);
        Lock::take(folder.path()).unwrap();
        assert!(Lock::take(&folder.path().join("none")).is_err());
    }
}
