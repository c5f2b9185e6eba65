//! The articles of one run, as they are kept: who they are, and their content without furniture.

mod furniture;

use std::path::PathBuf;

use ahash::AHashMap;
use rayon::prelude::*;

use crate::arabic::Tokenizer;
use crate::article::{Article, MOST_LISTED, OnError, Origin, ReadOptions, Skipped, Timestamp, read_articles};
use crate::error::{Error, Place, Result};
use crate::shingle::{Document, Furniture, FurnitureKind, Segment};

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
    /// Headline.
    pub title: String,
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
#[derive(Clone, Debug, Default)]
pub struct Corpus {
    /// One an article.
    pub headers: Vec<Header>,
    /// One an article.
    pub documents: Vec<Document>,
    /// Names of the sources, in alphabetical order.
    pub sources: Vec<String>,
    /// The files read, as [`Origin::file`] counts them.
    pub files: Vec<PathBuf>,
    /// What reading yielded.
    pub summary: ReadSummary,
}

/// An article between reading and numbering.
struct Read {
    article: Article,
    document: Document,
}

/// Makes of an article what is kept of its content.
type Digest = fn(&Article, &Tokenizer) -> Document;

fn digested(mut article: Article, digest: Digest) -> Read {
    let document = digest(&article, &Tokenizer::new());
    article.text = String::new();
    Read { article, document }
}

impl Corpus {
    /// Reads and tokenises `inputs`.
    ///
    /// # Errors
    /// Those of [`read_articles`], and [`Error::DuplicateId`]; with [`OnError::Skip`] an article whose id came
    /// before is left out.
    pub fn read(inputs: &[PathBuf], options: &ReadOptions) -> Result<Corpus> {
        Ok(Self::read_as(inputs, options, Document::new)?.without_furniture())
    }

    /// Reads `inputs` for the fingerprints of the articles alone, which tell identical ones
    /// ([`Detector::group_identical`](crate::Detector::group_identical)); their documents are empty otherwise.
    ///
    /// # Errors
    /// As [`Corpus::read`].
    pub fn read_fingerprints(inputs: &[PathBuf], options: &ReadOptions) -> Result<Corpus> {
        Self::read_as(inputs, options, Document::fingerprint_of)
    }

    /// Reads with the furniture still there.
    fn read_as(inputs: &[PathBuf], options: &ReadOptions, digest: Digest) -> Result<Corpus> {
        let outcome = read_articles(inputs, options, |article, _| digested(article, digest))?;
        let mut summary = ReadSummary {
            files: outcome.paths.len(),
            ignored: outcome.ignored,
            bytes: outcome.bytes,
            skipped: outcome.skipped.clone(),
            skipped_count: outcome.skipped_count,
            ..ReadSummary::default()
        };
        let mut order: Vec<u32> = (0..outcome.items.len() as u32).collect();
        let id = |i: u32| &outcome.items[i as usize].value.article.id;
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
        let ordered = order.iter().filter_map(taken).collect();
        Ok(Corpus { files: outcome.paths, ..Self::assemble(ordered, summary) })
    }

    /// Tokenises articles that are already at hand; their ids must differ.
    ///
    /// # Errors
    /// [`Error::DuplicateId`], with the place of an article given as `articles:N`.
    pub fn of(articles: Vec<Article>) -> Result<Corpus> {
        let mut read: Vec<(u32, Read)> = articles
            .into_par_iter()
            .map(|article| digested(article, Document::new))
            .collect::<Vec<_>>()
            .into_iter()
            .zip(0u32..)
            .map(|(r, i)| (i, r))
            .collect();
        read.sort_by(|x, y| x.1.article.id.cmp(&y.1.article.id));
        if let Some(twice) = read.windows(2).find(|w| w[0].1.article.id == w[1].1.article.id) {
            let place = |at: u32| Place { path: "articles".into(), line: Some(u64::from(at) + 1) };
            return Err(Error::DuplicateId {
                id: twice[0].1.article.id.clone(),
                first: place(twice[0].0),
                second: place(twice[1].0),
            });
        }
        // As the lines of one file.
        let placed = read.into_iter().map(|(at, read)| (at, Origin { file: 0, line: at.saturating_add(1) }, read));
        Ok(Self::assemble(placed.collect(), ReadSummary::default()).without_furniture())
    }

    fn assemble(read: Vec<(u32, Origin, Read)>, mut summary: ReadSummary) -> Corpus {
        let mut sources: Vec<String> = read.iter().filter_map(|(.., r)| r.article.source.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        let number: AHashMap<&str, u32> = sources.iter().map(String::as_str).zip(0..).collect();
        let mut headers = Vec::with_capacity(read.len());
        let mut documents = Vec::with_capacity(read.len());
        for (position, origin, Read { article, document }) in read {
            summary.empty += usize::from(document.fingerprint == 0);
            headers.push(Header {
                source: article.source.as_deref().and_then(|name| number.get(name).copied()),
                id: article.id,
                date: article.date,
                title: article.title,
                position,
                origin,
            });
            documents.push(document);
        }
        Corpus { headers, documents, sources, files: Vec::new(), summary }
    }

    fn without_furniture(mut self) -> Corpus {
        self.strip(|&mut (), _, _| {});
        self
    }

    /// Takes the furniture out. `tell` notes each segment dropped, and why, in what is returned of its article.
    fn strip<T: Default + Send>(&mut self, tell: impl Fn(&mut T, &Segment, FurnitureKind) + Sync) -> Vec<T> {
        let by_source: Vec<Option<u32>> = self.headers.iter().map(|h| h.source).collect();
        let furniture = Furniture::find(&self.documents, &by_source);
        let strip = |(index, document): (usize, &mut Document)| {
            let mut told = T::default();
            let tell = |segment: &Segment, kind| tell(&mut told, segment, kind);
            (furniture.strip(index as u32, by_source[index], document, tell), told)
        };
        let (dropped, told): (Vec<usize>, Vec<T>) = self.documents.par_iter_mut().enumerate().map(strip).unzip();
        self.summary.furniture = dropped.into_iter().sum();
        told
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
