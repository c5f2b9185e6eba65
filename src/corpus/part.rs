//! A corpus of articles that are a part of a larger input, whose documents were made elsewhere.

use super::{Corpus, Header};
use crate::article::{Origin, Timestamp};
use crate::error::{Error, Result};
use crate::shingle::{Documents, Entry, put_written};
use crate::spool::{Memory, Spooling};

/// An article of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartArticle<'d> {
    /// Its number in the larger input.
    pub number: u64,
    /// When it was published.
    pub date: Option<Timestamp>,
    /// Its source: equal numbers, same source.
    pub source: Option<u64>,
    /// Its document without furniture; no bytes where nothing is asked of its text.
    pub document: &'d [u8],
}

impl Corpus {
    /// Some articles in the order of their numbers, one that is given again once; and these numbers.
    ///
    /// # Errors
    /// [`Error::Config`] if a document is something else, [`Error::Io`] if it cannot be put aside.
    pub(crate) fn of_part(mut articles: Vec<PartArticle<'_>>, memory: &Memory) -> Result<(Corpus, Vec<u64>)> {
        articles.sort_unstable_by_key(|article| (article.number, article.document.is_empty()));
        articles.dedup_by_key(|article| article.number);
        let mut sources: Vec<u64> = articles.iter().filter_map(|article| article.source).collect();
        sources.sort_unstable();
        sources.dedup();
        let source = |key: u64| sources.binary_search(&key).ok().map(|place| place as u32);
        let header = |(position, article): (u32, &PartArticle<'_>)| Header {
            id: String::new(),
            source: article.source.and_then(source),
            date: article.date,
            position,
            origin: Origin::default(),
        };
        let headers = (0..).zip(&articles).map(header).collect();
        let spooling = Spooling::new(memory);
        let put = |article: &PartArticle<'_>| match article.document {
            [] => Ok(Entry { blob: spooling.put(|_| {}), ..Entry::default() }),
            document => put_written(&spooling, document).ok_or_else(|| Error::Config {
                what: "document".into(),
                found: "other bytes than were written".into(),
                expected: "what the stage before made".into(),
            }),
        };
        let entries = articles.iter().map(put).collect::<Result<_>>()?;
        let documents = Documents::new(entries, spooling.finish()?);
        let corpus = Corpus { headers, documents, memory: memory.clone(), ..Corpus::default() };
        Ok((corpus, articles.into_iter().map(|article| article.number).collect()))
    }
}
