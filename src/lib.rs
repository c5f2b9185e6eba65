//! Groups Arabic news articles that tell the same report.

mod arabic;
mod article;
mod error;
mod index;
mod minhash;
mod shingle;
mod verify;

pub use arabic::{PROFILE, WordCounts, SpelledToken, Stem, Token, TokenKind, Tokenizer};
pub use shingle::{Document, Segment};
pub use verify::{Counts, Overlap, Prepared, Probe, Weights};
pub use article::{
    Article, Fields, Item, OnError, ReadOptions, ReadOutcome, Skipped, Timestamp, read_articles,
    read_one,
};
pub use error::{Error, Place, Result};

/// Lab.
pub fn furnish(docs: &mut [Document], sources: &[Option<u32>]) -> usize {
    let furniture = shingle::Furniture::find(docs, sources);
    docs.iter_mut().enumerate().map(|(i, d)| furniture.strip(i as u32, sources[i], d)).sum()
}
pub use index::{Bands, Candidates, Cut, IndexConfig, Pair};
pub use minhash::{MinHasher, Scaled, containment, jaccard};
/// Lab.
pub fn pair_hashes(d: &Document) -> Vec<u64> {
    let mut v = vec![];
    shingle::pairs(&d.stems, |_, _, h| v.push(h));
    v.sort_unstable();
    v.dedup();
    v
}
