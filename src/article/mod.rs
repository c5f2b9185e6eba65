//! The article: the plain type that every later stage reads, and the readers that make it.
//!
//! Reading streams: `Chunks` cuts the input into blocks of whole records (files of text, runs of JSON lines or CSV
//! records, rows of Parquet), which worker threads turn into articles; nothing keeps the raw corpus.

mod chunks;
mod columns;
mod compressed;
mod csv;
mod date;
mod entities;
mod fields;
mod inputs;
mod lines;
mod opened;
mod originals;
mod parquet;
mod read;
mod record;
mod rows;
mod skipped;
mod text;
mod trouble;
mod units;

use std::path::PathBuf;

use crate::progress::Progress;

pub use columns::ColumnKind;
pub use compressed::Packing;
pub(crate) use csv::records as csv_records;
pub use date::Timestamp;
pub(crate) use entities::clean;
pub use fields::Fields;
pub use inputs::{Form, check_readable_twice, files_below};
pub(crate) use originals::{Block, Columns};
pub use originals::{Original, Originals};
pub(crate) use parquet::{ParquetFile, guarded};
pub use read::{Item, Origin, ReadOutcome, read_articles, read_in_batches, read_one};
pub use record::Value;
pub(crate) use rows::{Row, RowReader, at_hand};
pub use rows::{Rows, articles_of, columns_wanted};
pub(crate) use skipped::MOST_LISTED;
pub use skipped::Skipped;
pub(crate) use units::Unit;

/// One article as read: decoded text, not yet tokenised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Article {
    /// The user's id, never renumbered; `path:line` or, of Parquet, `path:row` where the record gives none; of a
    /// text file the relative path.
    pub id: String,
    /// The outlet, where the record names it.
    pub source: Option<String>,
    /// When it was published, where the record says so.
    pub date: Option<Timestamp>,
    /// Headline; empty where there is none.
    pub title: String,
    /// Body text with HTML entities decoded. Token spans are byte offsets into this or into the title.
    pub text: String,
}

/// What to do about a record or file that cannot be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnError {
    /// Stop and return the first error in the order of the input.
    #[default]
    Stop,
    /// Leave it out, list it, and go on with the next record or file; of records with one id keep the first.
    Skip,
}

/// How to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOptions {
    /// Which keys of a record, or columns of a table, hold what.
    pub fields: Fields,
    /// What to do about what cannot be read.
    pub on_error: OnError,
    /// The longest record, row or text file accepted, in bytes after decompression; 64 MiB by default.
    /// Each thread may hold one.
    pub max_article_bytes: usize,
    /// A file to read in the place of standard input, which has been put aside there: for those who read it twice.
    pub standard_input: Option<PathBuf>,
    /// Where Parquet that comes packed or in a stream is put aside; the system's folder for temporary files by default.
    pub temporary_folder: PathBuf,
    /// Where reading tells how far it has come, and what works on what was read after it.
    pub progress: Progress,
}

impl Default for ReadOptions {
    fn default() -> ReadOptions {
        ReadOptions {
            fields: Fields::default(),
            on_error: OnError::default(),
            max_article_bytes: 64 << 20,
            standard_input: None,
            temporary_folder: std::env::temp_dir(),
            progress: Progress::default(),
        }
    }
}
