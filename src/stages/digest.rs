//! What is made of each article by itself: its digest when it comes in, and what is left of its document without the
//! furniture. Documents are bytes from here on (`shingle/documents.rs` draws them).

use ahash::AHashSet;
use xxhash_rust::xxh3::xxh3_64;

use crate::arabic::Tokenizer;
use crate::article::{Article, Timestamp, clean};
use crate::error::{Error, Result};
use crate::shingle::{Document, Furniture, decode, encode, finalise};

/// What is kept of an article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Digest {
    /// Fingerprint of all its words; 0 if there are none.
    pub fingerprint: u64,
    /// The hash of its title and how many stems that has, if it has enough of them for a teaser.
    pub title: Option<(u64, u32)>,
    /// The keys of the sentences of its body, each once: the same for one sentence in articles of one source.
    pub sentences: Vec<u64>,
    /// Its content.
    pub document: Vec<u8>,
}

/// An article of what a record holds: entities and line ends are mended as in every input. An empty source is none.
pub fn article(title: &str, text: &str, date: Option<Timestamp>, source: Option<&str>) -> Article {
    let [title, text] = [title, text].map(|text| clean(text.into()).into_owned());
    let source = source.filter(|source| !source.is_empty()).map(str::to_owned);
    Article { id: String::new(), source, date, title, text }
}

/// The digest of `article`.
pub fn digest(article: &Article, tokenizer: &Tokenizer) -> Digest {
    let document = Document::new(article, tokenizer);
    let title = document.segments.first().filter(|_| document.has_telling_title());
    let title = title.map(|segment| (segment.hash, document.title_len() as u32));
    let source = article.source.as_deref().map(source_key);
    let body = document.segments.iter().filter(|segment| !segment.title);
    let mut sentences: Vec<u64> = body.map(|segment| sentence_key(source, segment.hash)).collect();
    sentences.sort_unstable();
    sentences.dedup();
    Digest { fingerprint: document.fingerprint, title, sentences, document: written(&document) }
}

/// A source as the other stages know it: a hash of its name.
pub fn source_key(name: &str) -> u64 {
    xxh3_64(name.as_bytes())
}

/// How many stems a document has.
///
/// # Errors
/// [`Error::Config`] if `bytes` are something else.
pub fn stems(bytes: &[u8]) -> Result<usize> {
    Ok(read(bytes)?.stems.len())
}

/// A document without the sentences that are furniture: those whose keys ([`Digest::sentences`]) are among
/// `repeated`, those whose hashes are among `teasers`, and what it says twice. Of an article of `source`.
///
/// # Errors
/// [`Error::Config`] if `bytes` are something else than a document.
pub fn strip(bytes: &[u8], source: Option<u64>, repeated: &[u64], teasers: &[u64]) -> Result<Vec<u8>> {
    let mut document = read(bytes)?;
    let keys: AHashSet<u64> = repeated.iter().copied().collect();
    let hashes = document.segments.iter().map(|segment| segment.hash);
    let repeated = hashes.filter(|&hash| keys.contains(&sentence_key(source, hash)));
    let mut furniture = Furniture::default();
    repeated.for_each(|hash| furniture.know(None, hash));
    furniture.tease(0, teasers.iter().copied());
    furniture.strip(0, None, &mut document, |_, _| {});
    document.segments.truncate(usize::from(document.title_len() > 0));
    Ok(written(&document))
}

/// A sentence as one that several articles of a source may have.
pub(super) fn sentence_key(source: Option<u64>, hash: u64) -> u64 {
    finalise(hash ^ source.map_or(0, |source| finalise(source | 1)))
}

pub(super) fn written(document: &Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    encode(&mut bytes, document);
    bytes
}

pub(super) fn read(bytes: &[u8]) -> Result<Document> {
    let mut document = Document::default();
    if decode(bytes, &mut document) { Ok(document) } else { Err(changed("document")) }
}

/// Bytes that come back are not those that were given.
pub(super) fn changed(what: &str) -> Error {
    Error::Config {
        what: what.into(),
        found: "other bytes than were written".into(),
        expected: "what the stage before made".into(),
    }
}
