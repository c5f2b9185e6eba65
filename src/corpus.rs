//! The articles of one run, as they are kept: who they are, and their content without furniture.

mod checkpoints;
mod furniture;
mod intake;
mod part;
mod stock;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use crate::article::{Article, MOST_LISTED, OnError, Origin, ReadOptions, Skipped, Timestamp, Unit};
use crate::error::Result;
use crate::parallel::Balanced;
use crate::shingle::{Document, Documents, Furniture, FurnitureKind, Segment};
use crate::spool::{Memory, Spool, Spooling};
use checkpoints::Checkpoints;
use stock::{Content, Digest, Read, Stock};

pub use furniture::FurnitureText;
pub use intake::Intake;
pub use part::PartArticle;

/// Who an article is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The user's id.
    pub id: String,
    /// Its source, as a place in [`Corpus::sources`].
    pub source: Option<u32>,
    /// When it was published.
    pub date: Option<Timestamp>,
    /// Its place in the input, from 0.
    pub position: u32,
    /// Its file and line there.
    pub origin: Origin,
}

/// What reading yielded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadSummary {
    /// Files opened.
    pub files: usize,
    /// Files passed over because of their names.
    pub ignored: usize,
    /// Bytes read, after decompression.
    pub bytes: u64,
    /// Records left out: the first of them in the order of the input, then those whose ids came before.
    pub skipped: Vec<Skipped>,
    /// How many records were left out.
    pub skipped_count: u64,
    /// Articles without a word.
    pub empty: usize,
    /// Segments that were furniture.
    pub furniture: usize,
}

/// Articles in the order of their ids, which is what every result is computed from: the order of the
/// input shows only in [`Header::position`].
#[derive(Debug, Default)]
pub struct Corpus {
    /// One an article.
    pub headers: Vec<Header>,
    /// One an article, without furniture; of segments only titles are kept.
    pub documents: Documents,
    /// Names of the sources, in alphabetical order.
    pub sources: Vec<String>,
    /// The files read, as [`Origin::file`] counts them.
    pub files: Vec<PathBuf>,
    /// What reading yielded.
    pub summary: ReadSummary,
    memory: Memory,
    checkpoints: Option<Checkpoints>,
}

impl Corpus {
    /// Reads and tokenises `inputs`.
    ///
    /// # Errors
    /// Those of [`read_articles`](crate::read_articles), and [`Error::DuplicateId`](crate::Error::DuplicateId); with
    /// [`OnError::Skip`] an article whose id came before is left out.
    pub fn read(inputs: &[PathBuf], options: &ReadOptions) -> Result<Corpus> {
        Self::read_within(inputs, options, &Memory::default())
    }

    /// The same with what exceeds `memory` in temporary files.
    ///
    /// # Errors
    /// Those of [`Corpus::read`], and [`Error::Io`](crate::Error::Io) if a temporary file cannot be written.
    pub fn read_within(inputs: &[PathBuf], options: &ReadOptions, memory: &Memory) -> Result<Corpus> {
        Self::read_as(Content::Whole, inputs, options, memory)?.without_furniture()
    }

    /// Reads `inputs` for the fingerprints of the articles alone, which tell identical ones
    /// ([`Detector::group_identical`](crate::Detector::group_identical)); their documents are empty otherwise.
    ///
    /// # Errors
    /// As [`Corpus::read_within`].
    pub fn read_fingerprints(inputs: &[PathBuf], options: &ReadOptions, memory: &Memory) -> Result<Corpus> {
        Self::read_as(Content::Fingerprint, inputs, options, memory)
    }

    /// Reads with the furniture still there.
    fn read_as(content: Content, inputs: &[PathBuf], options: &ReadOptions, memory: &Memory) -> Result<Corpus> {
        let all = Unit::whole(inputs, options);
        options.progress.begin("reading", "articles", all.bytes());
        let checkpoints = Checkpoints::open(memory, inputs, content, options)?;
        let (mut stock, spool) = match &checkpoints {
            Some(checkpoints) => checkpoints.read(all, content, options)?,
            None => Stock::read(all, content, options, Spooling::new(memory))?,
        };
        let mut summary = ReadSummary {
            files: stock.files.len(),
            ignored: stock.ignored,
            bytes: stock.bytes,
            skipped: std::mem::take(&mut stock.skipped),
            skipped_count: stock.skipped_count,
            ..ReadSummary::default()
        };
        let (order, again) = stock.by_id();
        match again.first() {
            Some(first) if options.on_error == OnError::Stop => return Err(stock.duplicate(first)),
            Some(_) => {
                let room = MOST_LISTED.saturating_sub(summary.skipped.len());
                let listed = again.iter().take(room);
                summary.skipped.extend(listed.map(|twice| Skipped::from_error(stock.duplicate(twice))));
                summary.skipped_count += again.len() as u64;
            }
            None => {}
        }
        let mut corpus = Self::assemble(stock, &order, &again, spool, summary, memory);
        corpus.documents.tell(&options.progress);
        Ok(Corpus { checkpoints, ..corpus })
    }

    /// Removes what was kept for the case that the run is killed ([`Memory::with_checkpoints`]): to be called once its
    /// results are safe.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if it cannot be removed.
    pub fn remove_checkpoints(&self) -> Result<()> {
        self.checkpoints.as_ref().map_or(Ok(()), Checkpoints::remove)
    }

    /// Tokenises articles that are already at hand; their ids must differ.
    ///
    /// # Errors
    /// [`Error::DuplicateId`](crate::Error::DuplicateId), with the place of an article given as `articles[N]`, from 0.
    pub fn of(articles: Vec<Article>) -> Result<Corpus> {
        let memory = Memory::default();
        let digest = Digest::new(Content::Whole, Spooling::new(&memory));
        let read: Vec<Read> = articles.into_par_iter().balanced().map(|article| digest.article(article)).collect();
        let (sources, spool) = digest.finish()?;
        let items = (1u32..).zip(read).map(|(line, read)| (Origin { file: 0, line }, read)).collect();
        let stock = Stock { items, sources, ..Stock::default() };
        let (order, again) = stock.by_id();
        match again.first() {
            Some(first) => Err(stock.duplicate(first)),
            None => Self::assemble(stock, &order, &[], spool, ReadSummary::default(), &memory).without_furniture(),
        }
    }

    /// Brings all articles together in this order, but for those that come `again` with an id ([`Stock::by_id`]).
    fn assemble(
        mut stock: Stock,
        order: &[u32],
        again: &[(u32, u32)],
        spool: Spool,
        mut summary: ReadSummary,
        memory: &Memory,
    ) -> Corpus {
        let mut sources: Vec<(String, u32)> = stock.sources.drain(..).zip(0..).collect();
        sources.sort_unstable();
        let mut number = vec![0; sources.len()];
        (0u32..).zip(&sources).for_each(|(place, &(_, met))| number[met as usize] = place);
        let mut entries = Vec::with_capacity(order.len());
        let is_first = |position| again.binary_search_by_key(position, |&(second, _)| second).is_err();
        let header = |((origin, Read { id, source, date, entry }), &position): ((Origin, Read), &u32)| {
            summary.empty += usize::from(entry.fingerprint == 0);
            entries.push(entry);
            Header { source: source.map(|met| number[met as usize]), id, date, position, origin }
        };
        // Rust collects them where the items lie: two lists would be half as much memory again for a large input.
        let in_place = stock.in_order(order).into_iter().zip(order);
        let mut headers: Vec<Header> = in_place.filter(|(_, position)| is_first(position)).map(header).collect();
        headers.shrink_to_fit();
        Corpus {
            headers,
            documents: Documents::new(entries, spool),
            sources: sources.into_iter().map(|(name, _)| name).collect(),
            files: stock.files,
            summary,
            memory: memory.clone(),
            checkpoints: None,
        }
    }

    fn without_furniture(mut self) -> Result<Corpus> {
        self.strip(|&mut (), _, _| {})?;
        Ok(self)
    }

    /// Takes the furniture out. `tell` notes each segment dropped, and why, in what is returned of its article.
    fn strip<T: Default + Send>(&mut self, tell: impl Fn(&mut T, &Segment, FurnitureKind) + Sync) -> Result<Vec<T>> {
        let by_source: Vec<Option<u32>> = self.headers.iter().map(|h| h.source).collect();
        let (furniture, concerned) = Furniture::find(&self.documents, &by_source);
        let dropped = AtomicUsize::new(0);
        let strip = |index: usize, document: &mut Document| {
            let mut told = T::default();
            let tell = |segment: &Segment, kind| tell(&mut told, segment, kind);
            let own = furniture.strip(index as u32, by_source[index], document, tell);
            dropped.fetch_add(own, Ordering::Relaxed);
            (own > 0).then_some(told)
        };
        let (documents, told) = std::mem::take(&mut self.documents).stripped(&self.memory, &concerned, strip)?;
        self.documents = documents;
        self.summary.furniture = dropped.into_inner();
        Ok(told)
    }

    /// The memory that what is put aside may take up.
    pub(crate) fn memory(&self) -> &Memory {
        &self.memory
    }

    /// The headline of an article.
    pub fn title(&self, article: u32) -> String {
        self.documents.title(article as usize)
    }

    /// The number of the article with this id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.headers.binary_search_by(|h| h.id.as_str().cmp(id)).ok().map(|i| i as u32)
    }

    /// Number of articles.
    pub fn len(&self) -> usize {
        self.headers.len()
    }

    /// Is there no article?
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }
}
