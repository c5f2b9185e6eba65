//! Document frequencies of an index that lives on: articles are counted as they come, and when [`MOST`] have been counted
//! all counts are halved, so that what was long ago counts less and less.
//!
//! ```text
//! "naskhfq1" │ zstd of:  articles 4 │ stems 4 │ (stem 4, count 4) ... ascending │ counters of pairs, 2 bytes each
//! ```

use super::background::Background;
use super::counts::{Counts, Weights};
use super::stem_table::StemTable;
use crate::arabic::Stem;
use crate::shingle::{DistinctPairs, Document};

const MAGIC: &[u8; 8] = b"naskhfq1";
/// Articles counted when all counts are halved: as many as are counted of a corpus.
const MOST: u32 = 20_000;
/// Counters of pairs, as many as a corpus of [`MOST`] articles of usual length has.
const COUNTER_BITS: u32 = 21;
const SHIFT: u32 = u64::BITS - COUNTER_BITS;
const LEVEL: i32 = 1;

/// In how many of the articles counted each stem and each pair stands.
#[derive(Clone)]
pub(crate) struct Frequencies {
    documents: u32,
    stems: StemTable,
    /// By the top bits of a pair's hash. Two pairs may share a counter: then both seem more common.
    pairs: Vec<u16>,
}

impl Default for Frequencies {
    fn default() -> Frequencies {
        Frequencies { documents: 0, stems: StemTable::default(), pairs: vec![0; 1 << COUNTER_BITS] }
    }
}

/// What is counted of one article: its different stems, and the counters of its pairs.
pub(crate) struct Counted {
    stems: Vec<Stem>,
    counters: Vec<u32>,
}

impl Counted {
    pub(crate) fn of(document: &Document, distinct: &mut DistinctPairs) -> Counted {
        let mut stems = document.stems.clone();
        stems.sort_unstable();
        stems.dedup();
        let mut counters: Vec<u32> = distinct.of(&document.stems).iter().map(|&pair| (pair >> SHIFT) as u32).collect();
        counters.sort_unstable();
        counters.dedup();
        Counted { stems, counters }
    }
}

impl Frequencies {
    /// How many articles have been counted, of those of old a part.
    pub(crate) fn documents(&self) -> u32 {
        self.documents
    }

    /// Counts an article.
    pub(crate) fn add(&mut self, Counted { stems, counters }: &Counted) {
        stems.iter().for_each(|&stem| *self.stems.entry(stem) += 1);
        // None overflows: there are no more articles.
        counters.iter().for_each(|&counter| self.pairs[counter as usize] += 1);
        self.documents += 1;
        if self.documents >= MOST {
            self.halve();
        }
    }

    fn halve(&mut self) {
        self.documents /= 2;
        let mut stems = StemTable::default();
        for (stem, count) in self.stems.iter().filter(|&(_, count)| count > 1) {
            *stems.entry(stem) = count / 2;
        }
        self.stems = stems;
        self.pairs.iter_mut().for_each(|count| *count /= 2);
    }

    /// The weights that they give.
    pub(crate) fn weights(&self, background: &Background) -> Weights {
        Weights::new(Counts::counted(self.documents, self.stems.clone(), self.pairs.clone(), SHIFT), background.clone())
    }

    /// As bytes to keep.
    pub(crate) fn to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let mut stems: Vec<(Stem, u32)> = self.stems.iter().collect();
        stems.sort_unstable();
        let mut bytes = Vec::with_capacity(8 + 8 * stems.len() + 2 * self.pairs.len());
        bytes.extend(self.documents.to_le_bytes());
        bytes.extend((stems.len() as u32).to_le_bytes());
        stems.iter().for_each(|(stem, count)| bytes.extend([stem.0, *count].map(u32::to_le_bytes).as_flattened()));
        bytes.extend(self.pairs.iter().flat_map(|count| count.to_le_bytes()));
        Ok([&MAGIC[..], &zstd::bulk::compress(&bytes, LEVEL)?].concat())
    }

    /// From those bytes; `None` if they are others.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Frequencies> {
        let packed = bytes.strip_prefix(MAGIC)?;
        // No table of stems has more than the articles' own.
        let bytes = zstd::bulk::decompress(packed, (2 << COUNTER_BITS) + (1 << 29)).ok()?;
        let word = |bytes: &[u8]| bytes.first_chunk().map(|word| u32::from_le_bytes(*word));
        let (documents, count) = (word(&bytes)?, word(bytes.get(4..)?)? as usize);
        let (stems, pairs) = bytes.get(8..)?.split_at_checked(count.checked_mul(8)?)?;
        if documents >= MOST || pairs.len() != 2 << COUNTER_BITS {
            return None;
        }
        let mut frequencies = Frequencies { documents, ..Frequencies::default() };
        for entry in stems.chunks_exact(8) {
            *frequencies.stems.entry(Stem(word(entry)?)) = word(&entry[4..])?;
        }
        frequencies.pairs = pairs.chunks_exact(2).map(|count| u16::from_le_bytes([count[0], count[1]])).collect();
        Some(frequencies)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shingle::Documents;

    fn document(number: u32) -> Document {
        let stems: Vec<Stem> = (0..20).map(|i| Stem((number % 7 + i * i) * 7919)).collect();
        Document { forms: stems.iter().map(|_| Default::default()).collect(), stems, ..Document::default() }
    }

    /// The weights of all pairs and stems of a document.
    fn weighed(weights: &Weights, document: &Document) -> (Vec<u8>, Vec<u8>) {
        let stems = document.stems.iter().map(|&stem| weights.stem(stem)).collect();
        (stems, weights.pairs(document, &mut DistinctPairs::default()).to_vec())
    }

    #[test]
    fn counts_what_a_corpus_counts() {
        let documents: Vec<Document> = (0..300).map(document).collect();
        let mut frequencies = Frequencies::default();
        documents.iter().for_each(|document| frequencies.add(&Counted::of(document, &mut DistinctPairs::default())));
        let background = Background::default();
        let of_corpus = Weights::new(Counts::of(&Documents::of(&documents), u64::MAX), background.clone());
        let own = frequencies.weights(&background);
        for document in &documents[..7] {
            assert_eq!(weighed(&own, document), weighed(&of_corpus, document));
        }
        assert_eq!(frequencies.documents(), 300);
    }

    #[test]
    fn what_was_long_ago_is_forgotten() {
        let mut frequencies = Frequencies { documents: MOST - 1, ..Frequencies::default() };
        let counted = Counted::of(&document(0), &mut DistinctPairs::default());
        frequencies.add(&counted);
        assert_eq!(frequencies.documents, MOST / 2);
        assert!(
            frequencies.stems.iter().all(|(_, count)| count > 0) && frequencies.pairs.iter().all(|&pair| pair == 0)
        );
        frequencies.add(&counted);
        frequencies.add(&counted);
        frequencies.halve();
        assert_eq!(frequencies.stems.get(document(0).stems[0]), Some(1));
    }

    #[test]
    fn bytes_and_back() {
        let mut frequencies = Frequencies::default();
        (0..50).for_each(|number| frequencies.add(&Counted::of(&document(number), &mut DistinctPairs::default())));
        let bytes = frequencies.to_bytes().unwrap();
        let back = Frequencies::from_bytes(&bytes).unwrap();
        assert_eq!((back.documents, &back.pairs), (50, &frequencies.pairs));
        assert_eq!(back.to_bytes().unwrap(), bytes);
        for damaged in [&bytes[1..], &bytes[..bytes.len() - 1], &[], &MAGIC[..]] {
            assert!(Frequencies::from_bytes(damaged).is_none());
        }
    }
}
