//! Articles into an index from tables that others hold in memory, in one commit: rows are tokenised where they lie, and
//! no text is copied but to be kept.

use rayon::prelude::*;

use super::chunk::Arrival;
use super::writing::{Added, IndexWriter, OnConflict};
use crate::arabic::Tokenizer;
use crate::article::{ReadOptions, Row, RowReader, Rows, Timestamp};
use crate::error::Result;
use crate::parallel::Balanced;
use crate::progress::Progress;

/// Rows that are tokenised together, before the first of them is compared.
const BATCH: usize = 4096;

/// Takes tables into an index, some at a time; none of their articles shows to others before [`IndexIntake::finish`].
///
/// What becomes of the articles is what becomes of them with [`IndexWriter::add`]; while tables are being taken in nothing
/// else may be done with the writer.
pub struct IndexIntake {
    reader: RowReader,
    today: Timestamp,
    on_conflict: OnConflict,
    taken: usize,
    progress: Progress,
}

impl IndexIntake {
    /// For tables with the fields of `options`, whose longest article holds for a row. Each row must have an id: a number
    /// would not tell it from the rows of other tables.
    pub fn new(options: &ReadOptions, today: Timestamp, on_conflict: OnConflict) -> IndexIntake {
        options.progress.begin("adding", "articles", 0);
        let reader = RowReader::with_ids(&options.fields, options.max_article_bytes);
        IndexIntake { reader, today, on_conflict, taken: 0, progress: options.progress.clone() }
    }

    /// Adds the rows of some tables, one table after the other, and tells what became of each; of those left out nothing.
    /// Columns, rows and, where they are refused, ids are looked over before the first is added.
    ///
    /// # Errors
    /// [`Error::Input`](crate::Error::Input) for the first column or row that makes no article,
    /// [`Error::Cancelled`](crate::Error::Cancelled), and those of [`IndexWriter::add`]. None of the articles of this intake
    /// is added then, and nothing more can be made of it.
    pub fn add<R: Rows>(&mut self, index: &mut IndexWriter, tables: &[R]) -> Result<Vec<Added>> {
        let added = self.added(index, tables);
        if added.is_err() {
            index.let_go()?;
        }
        added
    }

    fn added<R: Rows>(&mut self, index: &mut IndexWriter, tables: &[R]) -> Result<Vec<Added>> {
        let tables = self.reader.tables(tables)?;
        let rows = tables.rows(self.taken, str::to_owned)?;
        if self.on_conflict == OnConflict::Refuse {
            index.refuse_conflicts(rows.iter().map(|row| &*row.id))?;
        }
        self.taken += tables.len();
        let keep_wording = index.settings().store_text;
        let arrival = |tokenizer: &mut Tokenizer, row: Row<'_, String>| {
            Arrival::of_row(row.clean(), self.today, tokenizer, keep_wording)
        };
        let mut added = Vec::with_capacity(rows.len());
        let mut rows = rows.into_iter();
        loop {
            let batch: Vec<Row<'_, String>> = rows.by_ref().take(BATCH).collect();
            if batch.is_empty() {
                return Ok(added);
            }
            let arrivals = batch.into_par_iter().balanced().map_init(Tokenizer::new, arrival).collect();
            added.extend(index.all_arrived(arrivals, self.on_conflict, &self.progress)?);
            index.fold()?;
        }
    }

    /// How many rows were taken in.
    pub fn len(&self) -> usize {
        self.taken
    }

    /// Was none taken in?
    pub fn is_empty(&self) -> bool {
        self.taken == 0
    }

    /// Commits: once this returns, all articles survive whatever happens.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if it cannot be written; none is added then.
    pub fn finish(self, index: &mut IndexWriter) -> Result<()> {
        index.keep()
    }

    /// Adds none of the articles after all.
    ///
    /// # Errors
    /// As [`IndexWriter::open`], if the index cannot be read anew.
    pub fn abandon(self, index: &mut IndexWriter) -> Result<()> {
        index.let_go()
    }
}
