//! Page furniture by keys: which sentences several articles of a source have, which may be teasers, and what the
//! articles' documents say of both.

use super::digest::{read, sentence_key};
use super::exchange::Entry;
use crate::error::Result;
use crate::shingle::{self, Documents, SAME_TITLE, stories, teased};

/// Marks of an entry of a sentence: its article names no source, and is a copy.
const NO_SOURCE: u64 = 1;
const COPY: u64 = 2;

/// The sentences of an article as entries, from their keys ([`Digest::sentences`](super::Digest::sentences)). `copy` if
/// an earlier article of its source has the same words.
pub fn sentences(keys: &[u64], article: u64, names_source: bool, copy: bool) -> Vec<Entry> {
    let value = if names_source { 0 } else { NO_SOURCE } | if copy { COPY } else { 0 };
    keys.iter().map(|&key| Entry { key, article, value }).collect()
}

/// A sentence that may be furniture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeated {
    /// Of the sentence and its source.
    pub key: u64,
    /// How many stories it must stand in.
    pub wanted: usize,
    /// The articles that have it, ascending: those that are no copies, and the copies.
    pub articles: Vec<u64>,
    /// Of these it is not asked what they tell.
    pub copies: Vec<u64>,
}

/// The sentences that may be furniture, from all entries of a bucket: as many articles have them as there must be
/// stories.
pub fn repeated(mut entries: Vec<Entry>) -> Vec<Repeated> {
    entries.sort_unstable();
    entries.dedup();
    let of_run = |run: &[Entry]| {
        let wanted = stories(run[0].value & NO_SOURCE == 0);
        let (copies, own): (Vec<Entry>, Vec<Entry>) = run.iter().partition(|entry| entry.value & COPY != 0);
        let [articles, copies] = [own, copies].map(|some| some.iter().map(|entry| entry.article).collect::<Vec<_>>());
        (articles.len() >= wanted).then_some(Repeated { key: run[0].key, wanted, articles, copies })
    };
    entries.chunk_by(|x, y| x.key == y.key).filter_map(of_run).collect()
}

/// The places of an article's body where a title may stand, as entries under the hash of the title; their value is the
/// place, from 1. No title has more stems than `longest`. A title's own entry has the value 0.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) if `document` is something else.
pub fn teaser_keys(document: &[u8], article: u64, longest: u32) -> Result<Vec<Entry>> {
    let document = read(document)?;
    let segments = (1u64..).zip(document.segments());
    let body = segments.filter(|(_, (segment, _))| !segment.title);
    let keys = |(value, (_, content))| teased(content, longest as usize).map(move |key| Entry { key, article, value });
    Ok(body.flat_map(keys).collect())
}

/// A sentence that may be a teaser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teaser {
    /// The article it stands in.
    pub article: u64,
    /// Its place there, from 1.
    pub place: u64,
    /// Articles that bear it as a title, ascending.
    pub titled: Vec<u64>,
}

/// The sentences that may be teasers, from all entries of a bucket.
pub fn teasers(mut entries: Vec<Entry>) -> Vec<Teaser> {
    entries.sort_unstable();
    entries.dedup();
    let of_run = |run: &[Entry]| {
        let (titles, places): (Vec<Entry>, Vec<Entry>) = run.iter().partition(|entry| entry.value == 0);
        let titled: Vec<u64> = titles.iter().map(|title| title.article).collect();
        let is_other = |place: &Entry| !titled.is_empty() && titled.binary_search(&place.article).is_err();
        let first: Vec<u64> = titled.iter().copied().take(SAME_TITLE).collect();
        let teaser = |place: Entry| Teaser { article: place.article, place: place.value, titled: first.clone() };
        places.into_iter().filter(is_other).map(teaser).collect::<Vec<_>>()
    };
    entries.chunk_by(|x, y| x.key == y.key).flat_map(of_run).collect()
}

/// Some articles whose stories are to be told apart.
pub struct Stories {
    /// Ascending, each with its source.
    articles: Vec<(u64, Option<u64>)>,
    documents: Documents,
    known: shingle::Stories,
}

impl Stories {
    /// Of articles by number, each with its source and document, furniture and all.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if a document is something else.
    pub fn new(mut articles: Vec<(u64, Option<u64>, &[u8])>) -> Result<Stories> {
        articles.sort_unstable_by_key(|article| article.0);
        let documents = articles.iter().map(|article| read(article.2)).collect::<Result<Vec<_>>>()?;
        let articles = articles.into_iter().map(|(number, source, _)| (number, source)).collect();
        Ok(Stories { articles, documents: Documents::of(&documents), known: shingle::Stories::new() })
    }

    fn place(&self, article: u64) -> Option<u32> {
        self.articles.binary_search_by_key(&article, |known| known.0).ok().map(|place| place as u32)
    }

    /// Do `articles`, which have the sentence with this key, tell `wanted` stories? They must all be here.
    pub fn is_furniture(&mut self, key: u64, wanted: usize, articles: &[u64]) -> bool {
        let places: Vec<u32> = articles.iter().filter_map(|&article| self.place(article)).collect();
        let Some(&first) = places.first() else { return false };
        let source = self.articles[first as usize].1;
        let document = self.documents.get(first as usize);
        let stems = document.segments().find(|(segment, _)| sentence_key(source, segment.hash) == key);
        stems.is_some_and(|(_, stems)| self.known.differ(&self.documents, &places, stems.len(), wanted))
    }

    /// The hash of the sentence of `teaser` if that is one: no article with the title tells the story of its own.
    pub fn teaser(&mut self, teaser: &Teaser) -> Option<u64> {
        let own = self.place(teaser.article)?;
        let document = self.documents.get(own as usize);
        let (segment, stems) = document.segments().nth(teaser.place.checked_sub(1)? as usize)?;
        let titled: Vec<u32> = teaser.titled.iter().filter_map(|&article| self.place(article)).collect();
        let is_other = |&other: &u32| !self.known.same(&self.documents, other, own, stems.len());
        titled.iter().all(is_other).then_some(segment.hash)
    }
}
