//! What can go wrong, said so that a person can mend it: where, what was found, what was expected.

use std::fmt;
use std::io;
use std::path::PathBuf;

/// A place in the input: a file (or `-` for standard input) and, where there is one, a line.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Place {
    /// The path as the user gave it, joined with what was found below it; `-` is standard input.
    pub path: String,
    /// Line number, from 1; `None` where the trouble is with the file as a whole.
    pub line: Option<u64>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.path),
            None => f.write_str(&self.path),
        }
    }
}

/// Any failure of the library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A record, a line or a whole file is not what it should be.
    #[error("{place}: found {found}; expected {expected}")]
    Input {
        /// File and line.
        place: Place,
        /// What stands there.
        found: String,
        /// What should stand there, or how to mend it.
        expected: String,
    },
    /// Two articles carry one id.
    #[error("{second}: found the id {id:?} again (first at {first}); expected ids that differ")]
    DuplicateId {
        /// The id, as in the input.
        id: String,
        /// Where it stood first.
        first: Place,
        /// Where it stood again.
        second: Place,
    },
    /// An article that is to be added to an index has the id of one that is there.
    #[error("id {id:?}: found {found}; expected ids that differ, or to replace or skip what is there (--on-conflict)")]
    IdTaken {
        /// The id.
        id: String,
        /// Where there is another one.
        found: &'static str,
    },
    /// Another process writes to an index.
    #[error(
        "index {}: found that {holder} writes to it; expected one writer at a time; wait for it, or end it",
        folder.display()
    )]
    Locked {
        /// The index.
        folder: PathBuf,
        /// Which process, where, and since when.
        holder: String,
    },
    /// An option or a data file (model, background) does not fit.
    #[error("{what}: found {found}; expected {expected}")]
    Config {
        /// The option or file.
        what: String,
        /// Its value.
        found: String,
        /// What it may be.
        expected: String,
    },
    /// Somebody who watches the run wanted it to end ([`Progress::cancel`](crate::Progress::cancel)).
    #[error("cancelled")]
    Cancelled,
}

/// The library's result type.
pub type Result<T, E = Error> = std::result::Result<T, E>;
