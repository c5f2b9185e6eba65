//! Reads the inputs a second time and gives their records back as they stand there: those that are kept, or all of
//! them with what was found.
//!
//! A file here for each form that holds many records; a text file is kept as a whole. A record is known by its place
//! in the input, so nothing is parsed again to find it.

mod check;
mod csv;
mod lines;
mod parquet;
mod records;

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use self::parquet::Rows;
use self::records::{Made, made};
use crate::article::{Form, Original, Originals, Packing};
use crate::corpus::Corpus;
use crate::dedup::Decision;
use crate::error::{Error, Result};
use crate::parallel::Balanced;

/// The keys or columns that are added to a record, in their order.
const ADDED: [&str; 5] = ["naskh_group", "naskh_representative", "naskh_relation", "naskh_score", "naskh_kept"];

/// How many blocks a thread are read at a time: a round is over when its last block is, and all wait for that.
const ROUND: usize = 2;

/// What is to be written.
#[derive(Debug)]
pub struct Rewrite<'a> {
    /// The inputs that `corpus` was read from, found before that.
    pub originals: &'a Originals,
    /// The articles.
    pub corpus: &'a Corpus,
    /// What becomes of each.
    pub decisions: &'a [Decision],
    /// Write every record, with what was found of it added.
    pub annotate: bool,
    /// All records become one file, which names their columns once.
    pub together: bool,
}

/// What [`Rewrite::run`] gives out, in the order of the input.
#[derive(Debug)]
pub enum Piece<'a> {
    /// A file of records begins.
    File {
        /// The file.
        original: &'a Original,
        /// How it is packed as a whole.
        packing: Packing,
    },
    /// The next bytes of the last file, or of the one that all become; not packed.
    Records(&'a [u8]),
    /// A text file that is kept, to be copied as it is.
    Text(&'a Original),
}

/// What was given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Records and text files.
    pub records: u64,
    /// Their bytes: of records not packed, of text files as they are on disk.
    pub bytes: u64,
    /// Blank lines between records, which are dropped.
    pub blank: u64,
}

/// One file, and its articles by number, in the order of their lines.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    rewrite: &'a Rewrite<'a>,
    original: &'a Original,
    articles: &'a [u32],
}

impl Rewrite<'_> {
    /// Checks what can be seen to be wrong with the inputs before they are read: that the records of `originals` can be
    /// written, `together` in one file, or with what was found added to each.
    ///
    /// # Errors
    /// [`Error::Input`] for the first file with which that cannot be.
    pub fn check(originals: &Originals, annotate: bool, together: bool) -> Result<()> {
        check::check(originals, annotate, together)
    }

    /// Hands what is to be written to `write`, piece by piece. At most four blocks (256 KiB, or one longer record) a
    /// thread are held at a time, and what is made of as many; of Parquet a column of a row group.
    ///
    /// # Errors
    /// Those of `write`; and [`Error::Input`] or [`Error::Io`] where the inputs are not what they were on the first
    /// reading, or with `annotate` where a record has a key already that would be added. What was given out is
    /// worthless then.
    pub fn run<E: From<Error> + Send>(
        &self,
        mut write: impl FnMut(Piece<'_>) -> Result<(), E> + Send,
    ) -> Result<Rewritten, E> {
        let headers = &self.corpus.headers;
        let mut order: Vec<u32> = (0..self.corpus.len() as u32).collect();
        order.par_sort_unstable_by_key(|&article| headers[article as usize].origin);

        let mut written = Rewritten::default();
        let mut named = false;
        let mut rows: Option<Rows<'_>> = None;
        let mut rest = &order[..];
        for (number, original) in (0u32..).zip(self.originals.opened(&self.corpus.files)?) {
            let end = rest.partition_point(|&article| headers[article as usize].origin.file <= number);
            let (articles, after) = rest.split_at(end);
            rest = after;
            let wanted = Wanted { rewrite: self, original, articles };
            match original.form() {
                Form::Lines | Form::Csv { .. } => {
                    self.records(wanted, &mut named, &mut written, &mut write)?;
                }
                Form::Parquet => {
                    // One without columns could not be read, and was skipped.
                    if original.columns().is_none() {
                        wanted.check_passed(0, 0)?;
                        continue;
                    }
                    let (table, packing) = self.originals.table(original)?;
                    write(Piece::File { original, packing })?;
                    let mut bytes = |bytes: &[u8]| {
                        written.bytes += bytes.len() as u64;
                        write(Piece::Records(bytes))
                    };
                    let mut open = match rows.take() {
                        Some(open) => open,
                        None => Rows::new(self, original, &table)?,
                    };
                    written.records += open.add(wanted, Arc::new(table), &mut bytes)?;
                    if self.together {
                        rows = Some(open);
                    } else {
                        open.finish(&mut bytes)?;
                    }
                }
                Form::Text => {
                    if articles.iter().any(|&article| self.is_kept(article)) {
                        written.records += 1;
                        written.bytes += original.bytes();
                        write(Piece::Text(original))?;
                    }
                }
            }
        }
        if let Some(rows) = rows {
            rows.finish(&mut |bytes: &[u8]| {
                written.bytes += bytes.len() as u64;
                write(Piece::Records(bytes))
            })?;
        }
        self.originals.check_unchanged()?;
        Ok(written)
    }

    fn is_kept(&self, article: u32) -> bool {
        self.decisions[article as usize].kept == article
    }

    /// Is the record of `article` to be written?
    fn is_written(&self, article: u32) -> bool {
        self.annotate || self.is_kept(article)
    }

    /// The line or row of an article, from 1.
    fn line(&self, article: u32) -> u64 {
        u64::from(self.corpus.headers[article as usize].origin.line)
    }

    /// What is to be added to the record of an article under [`ADDED`].
    fn annotation(&self, article: u32) -> [Value; ADDED.len()] {
        let decision = self.decisions[article as usize];
        let told = decision.membership;
        let id = |article: u32| self.corpus.headers[article as usize].id.as_str();
        [
            Value::from(told.map(|told| told.group)),
            Value::from(told.map(|told| id(told.representative))),
            Value::from(told.map(|told| told.relation())),
            Value::from(told.map(|told| told.score())),
            Value::from(decision.kept == article),
        ]
    }

    /// While what was made of some blocks is written, more is made of those behind them, and others are read: by itself each
    /// would keep all threads waiting, for a file is written by one.
    fn records<E: From<Error> + Send>(
        &self,
        wanted: Wanted<'_>,
        named: &mut bool,
        written: &mut Rewritten,
        write: &mut (impl FnMut(Piece<'_>) -> Result<(), E> + Send),
    ) -> Result<(), E> {
        let threads = rayon::current_num_threads();
        let mut blocks = self.originals.blocks(wanted.original)?;
        // Its header makes no articles, so the file was skipped.
        if blocks.header().is_some() && wanted.original.columns().is_none() {
            return Ok(wanted.check_passed(0, 0)?);
        }
        write(Piece::File { original: wanted.original, packing: blocks.packing() })?;
        let mut line_end = b"\n".to_vec();
        if let Form::Csv { delimiter } = wanted.original.form() {
            // Without a header nothing of a file could be read, or it is empty.
            let Some(header) = blocks.header().map(<[u8]>::to_vec) else {
                return Ok(wanted.check_passed(0, 0)?);
            };
            if matches!(csv::line_end(&header), b"\r\n") {
                line_end = b"\r\n".to_vec();
            }
            if !std::mem::replace(named, self.together) {
                let mut header =
                    if self.annotate { Cow::Owned(csv::annotated_header(&header, delimiter)) } else { header.into() };
                if csv::line_end(&header).is_empty() {
                    header.to_mut().extend_from_slice(&line_end);
                }
                written.bytes += header.len() as u64;
                write(Piece::Records(&header))?;
            }
        }
        let (mut found, mut passed) = (0, 0);
        let (mut ahead, mut done) = (blocks.next(ROUND * threads)?, Vec::new());
        while !(ahead.is_empty() && done.is_empty()) {
            let (at_hand, to_write) = (std::mem::take(&mut ahead), std::mem::take(&mut done));
            let write = || -> Result<(), E> {
                for made in to_write {
                    let made: Made = made?;
                    found += made.found;
                    passed += made.passed;
                    written.records += made.written;
                    written.bytes += made.bytes.len() as u64;
                    written.blank += made.blank;
                    if !made.bytes.is_empty() {
                        write(Piece::Records(&made.bytes))?;
                    }
                }
                Ok(())
            };
            let make = || at_hand.par_iter().balanced().map(|block| made(block, wanted, &line_end)).collect();
            let read_and_make = || rayon::join(|| blocks.next(ROUND * threads), make);
            let (wrote, (read, made)) = rayon::join(write, read_and_make);
            wrote?;
            (ahead, done) = (read?, made);
        }
        Ok(wanted.check_passed(found, passed)?)
    }
}

impl Wanted<'_> {
    /// Checks that so many articles found, and records passed by, can be those of the first reading.
    fn check_passed(&self, found: u64, passed: u64) -> Result<()> {
        // Records that were skipped are passed by.
        if found == self.articles.len() as u64 && passed <= self.rewrite.corpus.summary.skipped_count {
            Ok(())
        } else {
            Err(self.original.changed())
        }
    }
}

#[cfg(test)]
mod tests;
