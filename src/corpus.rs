//! The articles of one run, as they are kept: who they are, and their content without furniture.

mod furniture;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock};

use ahash::AHashMap;
use rayon::prelude::*;

use crate::arabic::Tokenizer;
use crate::article::{Article, MOST_LISTED, OnError, Origin, ReadOptions, Skipped, Timestamp, read_articles};
use crate::error::{Error, Place, Result};
use crate::shingle::{Document, Documents, Entry, Furniture, FurnitureKind, Segment, put};
use crate::spool::{Memory, Spooling};

pub use furniture::FurnitureText;

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
}

/// An article between reading and numbering.
struct Read {
    id: String,
    /// As a place among the sources in the order in which they were met.
    source: Option<u32>,
    date: Option<Timestamp>,
    entry: Entry,
}

/// Makes of an article what is kept of its content.
type Content = fn(&Article, &Tokenizer) -> Document;

/// Tokenises articles on all threads and puts them aside.
struct Digest {
    /// What is kept of an article's content.
    content: Content,
    spooling: Spooling,
    /// Sources, each with its place in the order in which they were met.
    sources: RwLock<AHashMap<String, u32>>,
}

impl Digest {
    fn new(content: Content, memory: &Memory) -> Digest {
        Digest { content, spooling: Spooling::new(memory), sources: RwLock::default() }
    }

    fn article(&self, article: Article) -> Read {
        let document = (self.content)(&article, &Tokenizer::new());
        let entry = put(&self.spooling, &document, &article.title);
        let mut id = article.id;
        id.shrink_to_fit();
        Read { id, source: article.source.map(|name| self.source(name)), date: article.date, entry }
    }

    fn source(&self, name: String) -> u32 {
        let known = self.sources.read().unwrap_or_else(PoisonError::into_inner).get(&name).copied();
        known.unwrap_or_else(|| {
            let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
            let next = sources.len() as u32;
            *sources.entry(name).or_insert(next)
        })
    }
}

impl Corpus {
    /// Reads and tokenises `inputs`.
    ///
    /// # Errors
    /// Those of [`read_articles`], and [`Error::DuplicateId`]; with [`OnError::Skip`] an article whose id came
    /// before is left out.
    pub fn read(inputs: &[PathBuf], options: &ReadOptions) -> Result<Corpus> {
        Self::read_within(inputs, options, &Memory::default())
    }

    /// The same with what exceeds `memory` in temporary files.
    ///
    /// # Errors
    /// Those of [`Corpus::read`], and [`Error::Io`] if a temporary file cannot be written.
    pub fn read_within(inputs: &[PathBuf], options: &ReadOptions, memory: &Memory) -> Result<Corpus> {
        Self::read_as(Document::new, inputs, options, memory)?.without_furniture()
    }

    /// Reads `inputs` for the fingerprints of the articles alone, which tell identical ones
    /// ([`Detector::group_identical`](crate::Detector::group_identical)); their documents are empty otherwise.
    ///
    /// # Errors
    /// As [`Corpus::read_within`].
    pub fn read_fingerprints(inputs: &[PathBuf], options: &ReadOptions, memory: &Memory) -> Result<Corpus> {
        Self::read_as(Document::fingerprint_of, inputs, options, memory)
    }

    /// Reads with the furniture still there.
    fn read_as(content: Content, inputs: &[PathBuf], options: &ReadOptions, memory: &Memory) -> Result<Corpus> {
        let digest = Digest::new(content, memory);
        let outcome = read_articles(inputs, options, |article, _| digest.article(article))?;
        let mut summary = ReadSummary {
            files: outcome.paths.len(),
            ignored: outcome.ignored,
            bytes: outcome.bytes,
            skipped: outcome.skipped.clone(),
            skipped_count: outcome.skipped_count,
            ..ReadSummary::default()
        };
        let mut order: Vec<u32> = (0..outcome.items.len() as u32).collect();
        let id = |i: u32| &outcome.items[i as usize].value.id;
        order.par_sort_unstable_by(|&x, &y| (id(x), x).cmp(&(id(y), y)));
        // Of each id the first place in the input, and the others, as a reader of the input meets them.
        let same_id = order.chunk_by(|&x, &y| id(x) == id(y));
        let mut again: Vec<(u32, u32)> =
            same_id.flat_map(|run| run[1..].iter().map(|&second| (second, run[0]))).collect();
        again.sort_unstable();
        let duplicate = |&(second, first): &(u32, u32)| Error::DuplicateId {
            id: id(first).clone(),
            first: outcome.place(&outcome.items[first as usize]),
            second: outcome.place(&outcome.items[second as usize]),
        };
        match again.first() {
            Some(first) if options.on_error == OnError::Stop => return Err(duplicate(first)),
            Some(_) => {
                let room = MOST_LISTED.saturating_sub(summary.skipped.len());
                summary.skipped.extend(again.iter().take(room).map(|twice| Skipped::from_error(duplicate(twice))));
                summary.skipped_count += again.len() as u64;
                order.retain(|&i| again.binary_search_by_key(&i, |twice| twice.0).is_err());
            }
            None => {}
        }
        let mut items: Vec<Option<(Origin, Read)>> =
            outcome.items.into_iter().map(|item| Some((item.origin, item.value))).collect();
        let taken = |&i: &u32| items[i as usize].take().map(|(origin, read)| (i, origin, read));
        let ordered = order.iter().filter_map(taken).collect::<Vec<_>>();
        drop(items);
        Ok(Corpus { files: outcome.paths, ..Self::assemble(ordered, digest, summary)? })
    }

    /// Tokenises articles that are already at hand; their ids must differ.
    ///
    /// # Errors
    /// [`Error::DuplicateId`], with the place of an article given as `articles:N`.
    pub fn of(articles: Vec<Article>) -> Result<Corpus> {
        let digest = Digest::new(Document::new, &Memory::default());
        let read: Vec<Read> = articles.into_par_iter().map(|article| digest.article(article)).collect();
        let mut read: Vec<(u32, Read)> = (0..).zip(read).collect();
        read.sort_by(|x, y| x.1.id.cmp(&y.1.id));
        if let Some(twice) = read.windows(2).find(|w| w[0].1.id == w[1].1.id) {
            let place = |at: u32| Place { path: "articles".into(), line: Some(u64::from(at) + 1) };
            return Err(Error::DuplicateId {
                id: twice[0].1.id.clone(),
                first: place(twice[0].0),
                second: place(twice[1].0),
            });
        }
        // As the lines of one file.
        let placed = read.into_iter().map(|(at, read)| (at, Origin { file: 0, line: at.saturating_add(1) }, read));
        Self::assemble(placed.collect(), digest, ReadSummary::default())?.without_furniture()
    }

    /// Brings together what was read, in the order of ids.
    fn assemble(read: Vec<(u32, Origin, Read)>, digest: Digest, mut summary: ReadSummary) -> Result<Corpus> {
        let Digest { spooling, sources, .. } = digest;
        let memory = spooling.memory().clone();
        let mut sources: Vec<(String, u32)> =
            sources.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().collect();
        sources.sort_unstable();
        let mut number = vec![0; sources.len()];
        (0u32..).zip(&sources).for_each(|(place, &(_, met))| number[met as usize] = place);
        let mut headers = Vec::with_capacity(read.len());
        let mut entries = Vec::with_capacity(read.len());
        for (position, origin, Read { id, source, date, entry }) in read {
            summary.empty += usize::from(entry.fingerprint == 0);
            headers.push(Header { source: source.map(|met| number[met as usize]), id, date, position, origin });
            entries.push(entry);
        }
        let sources = sources.into_iter().map(|(name, _)| name).collect();
        let documents = Documents::new(entries, spooling.finish()?);
        Ok(Corpus { headers, documents, sources, files: Vec::new(), summary, memory })
    }

    fn without_furniture(mut self) -> Result<Corpus> {
        self.strip(|&mut (), _, _| {})?;
        Ok(self)
    }

    /// Takes the furniture out. `tell` notes each segment dropped, and why, in what is returned of its article.
    fn strip<T: Default + Send>(&mut self, tell: impl Fn(&mut T, &Segment, FurnitureKind) + Sync) -> Result<Vec<T>> {
        let by_source: Vec<Option<u32>> = self.headers.iter().map(|h| h.source).collect();
        let furniture = Furniture::find(&self.documents, &by_source);
        let dropped = AtomicUsize::new(0);
        let strip = |index: usize, document: &mut Document| {
            let mut told = T::default();
            let tell = |segment: &Segment, kind| tell(&mut told, segment, kind);
            let own = furniture.strip(index as u32, by_source[index], document, tell);
            dropped.fetch_add(own, Ordering::Relaxed);
            // No later stage asks where sentences end.
            document.segments.truncate(usize::from(document.title_len() > 0));
            told
        };
        let (documents, told) = std::mem::take(&mut self.documents).changed(&self.memory, strip)?;
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
