//! Reads all articles with all threads, in the order of the input.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use memchr::memchr_iter;
use rayon::iter::{IntoParallelIterator, ParallelBridge, ParallelIterator};

use super::chunks::{BLOCK, Chunk, Chunks, Content};
use super::fields::FieldTable;
use super::inputs::{InputFile, Inputs, resolve};
use super::skipped::{MOST_LISTED, SkipList, Skipped};
use super::trouble::Trouble;
use super::{Article, OnError, ReadOptions, csv, record, text};
use crate::error::{Error, Place, Result};
use crate::parallel::Balanced;

/// Where an article stands in the input. In this order articles were read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Origin {
    /// Its file, from 0, of those that were opened.
    pub file: u32,
    /// Its line, from 1; 0 for a text file.
    pub line: u32,
}

impl Origin {
    fn new(file: u32, place: &Place) -> Result<Origin> {
        let line = u32::try_from(place.line.unwrap_or(0)).map_err(|_| {
            Trouble::new("too many lines before it", "at most 4294967295 lines in one file: split it").at(place.clone())
        })?;
        Ok(Origin { file, line })
    }
}

/// What became of one article. Eight bytes more than `T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<T> {
    /// Where it stands.
    pub origin: Origin,
    /// What the work made of it.
    pub value: T,
}

/// What was read, in the order of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadOutcome<T> {
    /// One for each article.
    pub items: Vec<Item<T>>,
    /// What was left out ([`OnError::Skip`]): the first 10,000 in input order at most.
    pub skipped: Vec<Skipped>,
    /// How many were left out in all.
    pub skipped_count: u64,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Files passed over in folders, because of their names.
    pub ignored: usize,
    /// The files opened, in order.
    pub paths: Vec<PathBuf>,
}

impl<T> ReadOutcome<T> {
    /// Where an item of this outcome stands in the input.
    pub fn place(&self, item: &Item<T>) -> Place {
        let path = self.paths.get(item.origin.file as usize);
        Place {
            path: path.map_or_else(String::new, |path| path.to_string_lossy().into_owned()),
            line: (item.origin.line > 0).then_some(u64::from(item.origin.line)),
        }
    }
}

/// Reads the articles in `inputs` (files, folders, `-` for standard input) and hands each to `work`
/// on one of rayon's threads; article and raw text are gone as soon as `work` returns.
///
/// The outcome does not depend on the number of threads. At most one chunk of the input (about
/// 1 MiB, or one longer article) a thread is held at a time.
///
/// # Errors
/// With [`OnError::Stop`], the first failure in the order of the input: [`Error::Io`] where the
/// system refuses, [`Error::Input`] where a record or file is not what it should be. With
/// [`OnError::Skip`] none: failures are listed in [`ReadOutcome::skipped`].
pub fn read_articles<T, F>(inputs: &[PathBuf], options: &ReadOptions, work: F) -> Result<ReadOutcome<T>>
where
    F: Fn(Article, &Place) -> T + Sync,
    T: Send,
{
    let Inputs { files, ignored } = resolve(inputs, options);
    read_files(files, ignored, options, BLOCK, work)
}

/// Reads all articles in `inputs` as [`read_articles`] does, but some thousand at a time: `take` gets what `work` made of
/// them, in the order of the input, before the next are read.
///
/// # Errors
/// Those of [`read_articles`], after all batches before that in which the failure is; and those of `take`.
pub fn read_in_batches<T, E>(
    inputs: &[PathBuf],
    options: &ReadOptions,
    work: impl Fn(Article, &Place) -> T + Sync,
    mut take: impl FnMut(Vec<T>) -> Result<(), E>,
) -> Result<ReadOutcome<T>, E>
where
    T: Send,
    E: From<Error>,
{
    let Inputs { files, ignored } = resolve(inputs, options);
    let table = FieldTable::new(&options.fields);
    let reading = Reading::new(&table, options, work);
    let mut chunks = Chunks::new(files, &table, options, BLOCK);
    let mut number = 0;
    loop {
        let some: Vec<(usize, Result<Chunk>)> = (number..).zip(chunks.by_ref().take(CHUNKS_A_BATCH)).collect();
        let (first, last) = (number, some.len() < CHUNKS_A_BATCH);
        number += some.len();
        let items: Vec<Vec<Item<T>>> =
            some.into_par_iter().balanced().map(|(number, chunk)| reading.batch(number, chunk)).collect();
        if let Some(error) = reading.failed() {
            return Err(error.into());
        }
        let items: Vec<T> = items.into_iter().flatten().map(|item| item.value).collect();
        if !items.is_empty() {
            take(items)?;
        }
        if last || number == first {
            break;
        }
    }
    let (skipped, skipped_count) = reading.skipped();
    Ok(ReadOutcome {
        items: Vec::new(),
        skipped,
        skipped_count,
        bytes: chunks.bytes(),
        ignored,
        paths: chunks.into_paths(),
    })
}

/// Some 16 MiB, or as many longer articles.
const CHUNKS_A_BATCH: usize = 64;

/// Reads a file that holds one article: a text, or JSON Lines with a single record.
///
/// # Errors
/// As [`read_articles`] with [`OnError::Stop`]; also [`Error::Input`] where `path` is a folder or
/// holds no record or several.
pub fn read_one(path: &Path, options: &ReadOptions) -> Result<Article> {
    let place = || Place { path: path.to_string_lossy().into_owned(), line: None };
    if path.is_dir() {
        return Err(Trouble::new("a folder", "a file with one article").at(place()));
    }
    let table = FieldTable::new(&options.fields);
    let inputs = resolve(&[path.to_owned()], options);
    let mut only = None;
    for chunk in Chunks::new(inputs.files, &table, options, BLOCK) {
        let outcome = each_article(chunk?, &table, options.max_article_bytes, |place, read| match read {
            Ok(_) if only.is_some() => {
                ControlFlow::Break(Trouble::new("a second article", "one article only").at(place.clone()))
            }
            Ok(article) => {
                only = Some(article);
                ControlFlow::Continue(())
            }
            Err(error) => ControlFlow::Break(error),
        });
        if let ControlFlow::Break(error) = outcome {
            return Err(error);
        }
    }
    only.ok_or_else(|| Trouble::new("no article", "one").at(place()))
}

/// Reads `files` in blocks of about so many bytes; `ignored` others were passed over.
pub(super) fn read_files<T, F>(
    files: Vec<Result<InputFile>>,
    ignored: usize,
    options: &ReadOptions,
    block: usize,
    work: F,
) -> Result<ReadOutcome<T>>
where
    F: Fn(Article, &Place) -> T + Sync,
    T: Send,
{
    let table = FieldTable::new(&options.fields);
    let reading = Reading::new(&table, options, work);
    let mut chunks = Chunks::new(files, &table, options, block);
    // Chunks are handed out in order, so once one has failed none before it is still to come.
    let wanted = std::iter::from_fn(|| match reading.failed_at.load(Ordering::Relaxed) {
        usize::MAX if !options.progress.is_cancelled() => chunks.next(),
        _ => None,
    });
    let read: Mutex<InOrder<T>> = Mutex::default();
    wanted.enumerate().par_bridge().for_each(|(number, chunk)| {
        let items = reading.batch(number, chunk);
        read.lock().unwrap_or_else(PoisonError::into_inner).add(number, items);
    });

    options.progress.check()?;
    if let Some(error) = reading.failed() {
        return Err(error);
    }
    let InOrder { items, .. } = read.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (skipped, skipped_count) = reading.skipped();
    let bytes = chunks.bytes();
    let paths = chunks.into_paths();
    Ok(ReadOutcome { items, skipped, skipped_count, bytes, ignored, paths })
}

/// What was made of the chunks so far. They are done nearly in order, so that one list is enough, and no second one is put
/// together of it in the end.
struct InOrder<T> {
    items: Vec<Item<T>>,
    /// The number of the chunk whose items come next.
    next: usize,
    /// Those of chunks after it.
    early: BTreeMap<usize, Vec<Item<T>>>,
}

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        InOrder { items: Vec::new(), next: 0, early: BTreeMap::new() }
    }
}

impl<T> InOrder<T> {
    /// Adds what was made of chunk `number`.
    fn add(&mut self, number: usize, items: Vec<Item<T>>) {
        self.early.insert(number, items);
        while let Some(items) = self.early.remove(&self.next) {
            self.items.extend(items);
            self.next += 1;
        }
    }
}

/// What the threads share.
struct Reading<'a, F> {
    table: &'a FieldTable,
    options: &'a ReadOptions,
    work: F,
    /// The error to stop with, and its chunk's number: the lowest of those found.
    first_error: Mutex<Option<(usize, Error)>>,
    /// The number in `first_error`; `usize::MAX` while there is none.
    failed_at: AtomicUsize,
    skips: Mutex<SkipList>,
}

impl<'a, F> Reading<'a, F> {
    fn new(table: &'a FieldTable, options: &'a ReadOptions, work: F) -> Reading<'a, F> {
        Reading {
            table,
            options,
            work,
            first_error: Mutex::new(None),
            failed_at: AtomicUsize::new(usize::MAX),
            skips: Mutex::new(SkipList::default()),
        }
    }

    /// The error to stop with, to be had once.
    fn failed(&self) -> Option<Error> {
        self.first_error.lock().unwrap_or_else(PoisonError::into_inner).take().map(|(_, error)| error)
    }

    /// What was left out, and how many there were.
    fn skipped(self) -> (Vec<Skipped>, u64) {
        self.skips.into_inner().unwrap_or_else(PoisonError::into_inner).finish()
    }

    /// Works through chunk `number`.
    fn batch<T>(&self, number: usize, chunk: Result<Chunk>) -> Vec<Item<T>>
    where
        F: Fn(Article, &Place) -> T,
    {
        let mut items = Vec::new();
        let mut skipped = Vec::new();
        let mut skipped_count = 0;
        let mut fail = |error| match self.options.on_error {
            OnError::Stop => {
                self.stop(number, error);
                ControlFlow::Break(())
            }
            OnError::Skip => {
                skipped_count += 1;
                if skipped.len() < MOST_LISTED {
                    skipped.push(Skipped::from_error(error));
                }
                ControlFlow::Continue(())
            }
        };
        match chunk {
            Ok(chunk) => {
                let file = chunk.file;
                let longest = self.options.max_article_bytes;
                // Broken off or not: what there is to say is said in `fail`.
                let _ = each_article(chunk, self.table, longest, |place, read| {
                    if self.failed_at.load(Ordering::Relaxed) < number {
                        return ControlFlow::Break(());
                    }
                    let (article, origin) = match read.and_then(|article| Ok((article, Origin::new(file, place)?))) {
                        Ok(read) => read,
                        Err(error) => return fail(error),
                    };
                    items.push(Item { origin, value: (self.work)(article, place) });
                    ControlFlow::Continue(())
                });
            }
            Err(error) => drop(fail(error)),
        }
        if skipped_count > 0 {
            let mut skips = self.skips.lock().unwrap_or_else(PoisonError::into_inner);
            skips.add(number, skipped, skipped_count);
        }
        items
    }

    fn stop(&self, number: usize, error: Error) {
        let mut first = self.first_error.lock().unwrap_or_else(PoisonError::into_inner);
        if first.as_ref().is_none_or(|(earlier, _)| number < *earlier) {
            *first = Some((number, error));
            self.failed_at.store(number, Ordering::Relaxed);
        }
    }
}

/// Hands every article of a chunk to `visit`, or what is wrong with it, until `visit` breaks off.
fn each_article<B>(
    chunk: Chunk,
    table: &FieldTable,
    longest: usize,
    mut visit: impl FnMut(&Place, Result<Article>) -> ControlFlow<B>,
) -> ControlFlow<B> {
    let mut place = Place { path: chunk.path.to_string(), line: None };
    match chunk.content {
        Content::Text { id, bytes } => return visit(&place, text::article(bytes, id, &chunk.path)),
        Content::Rows(slice) => return slice.each(table, longest, place, visit),
        Content::Lines { first_line, bytes } => {
            for (number, line) in (first_line..).zip(lines(&bytes)) {
                place.line = Some(number);
                let read = if line.len() > longest {
                    Err(Trouble::too_long("line", longest))
                } else if line.trim_ascii().is_empty() {
                    continue;
                } else {
                    record::article_of_json(line, table, &place)
                };
                visit(&place, read.map_err(|trouble| trouble.at(place.clone())))?;
            }
        }
        Content::Csv { header, first_line, bytes } => {
            for (number, row) in csv::records(&bytes, first_line, header.delimiter) {
                place.line = Some(number);
                let row = csv::without_end(row);
                let read = if row.len() > longest {
                    Err(Trouble::too_long("row", longest))
                } else if row.is_empty() {
                    continue;
                } else {
                    csv::article(row, &header, table, &place)
                };
                visit(&place, read.map_err(|trouble| trouble.at(place.clone())))?;
            }
        }
    }
    ControlFlow::Continue(())
}

/// The lines of `bytes` without their ends.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut from = 0;
    memchr_iter(b'\n', bytes).chain([bytes.len()]).map(move |end| &bytes[std::mem::replace(&mut from, end + 1)..end])
}

#[cfg(test)]
mod tests;
