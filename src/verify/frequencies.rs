//! Document frequencies of an index that lives on: articles are counted as they come, and when [`MOST`] have been counted
//! all counts are halved, so that what was long ago counts less and less.
//!
//! ```text
//! "naskhfq2" │ zstd of:  articles 4 │ stems 4 │ many 4 │ stems × 4, ascending │ their counts × 2
//!            │           counters of pairs × 1, those of 255 and more as 255 │ these again: (counter 4, count 2) × many
//! ```

use super::background::Background;
use super::counts::{Counts, Weights};
use super::stem_table::StemTable;
use crate::arabic::Stem;
use crate::shingle::{DistinctPairs, Document};

const MAGIC: &[u8; 8] = b"naskhfq2";
/// Articles counted when all counts are halved: as many as are counted of a corpus.
const MOST: u32 = 20_000;
/// Counters of pairs, as many as a corpus of [`MOST`] articles of usual length has.
const COUNTER_BITS: u32 = 21;
const SHIFT: u32 = u64::BITS - COUNTER_BITS;
/// A count that takes up more than one byte.
const MANY: u8 = u8::MAX;
const LEVEL: i32 = 1;
/// More than any frequencies take up: no table of stems has more than the articles' own.
const MOST_BYTES: usize = 1 << 29;

/// In how many of the articles counted each stem and each pair stands.
pub(crate) struct Frequencies(Counts);

impl Default for Frequencies {
    fn default() -> Frequencies {
        Frequencies(Counts::counted(0, StemTable::default(), vec![0; 1 << COUNTER_BITS], SHIFT))
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
        let counters = distinct.keys_of(&document.stems, |pair| pair >> SHIFT);
        Counted { stems, counters: counters.iter().map(|&counter| counter as u32).collect() }
    }
}

impl Frequencies {
    /// Those that made these weights.
    pub(crate) fn of(weights: Weights) -> Frequencies {
        Frequencies(weights.into_counts())
    }

    /// The weights that they give.
    pub(crate) fn into_weights(self, background: &Background) -> Weights {
        Weights::new(self.0, background.clone())
    }

    /// Counts an article.
    pub(crate) fn add(&mut self, Counted { stems, counters }: &Counted) {
        let counts = &mut self.0;
        stems.iter().for_each(|&stem| *counts.stems.entry(stem) += 1);
        // None overflows: there are no more articles.
        counters.iter().for_each(|&counter| counts.pairs[counter as usize] += 1);
        counts.documents += 1;
        if counts.documents >= MOST {
            self.halve();
        }
    }

    fn halve(&mut self) {
        let Frequencies(counts) = self;
        counts.documents /= 2;
        let mut stems = StemTable::default();
        for (stem, count) in counts.stems.iter().filter(|&(_, count)| count > 1) {
            *stems.entry(stem) = count / 2;
        }
        counts.stems = stems;
        counts.pairs.iter_mut().for_each(|count| *count /= 2);
    }

    /// Becomes those that [`Weights::frequencies_to_bytes`] wrote. `None` if the bytes are others; then it is of no use any more.
    pub(crate) fn restored(self, bytes: &[u8]) -> Option<Frequencies> {
        let Frequencies(mut counts) = self;
        let bytes = zstd::bulk::decompress(bytes.strip_prefix(MAGIC)?, MOST_BYTES).ok()?;
        let word = |bytes: &[u8]| bytes.first_chunk().map(|word| u32::from_le_bytes(*word));
        let (documents, stems, many) =
            (word(&bytes)?, word(bytes.get(4..)?)? as usize, word(bytes.get(8..)?)? as usize);
        let (stems, rest) = bytes.get(12..)?.split_at_checked(stems.checked_mul(4)?)?;
        let (of_stems, rest) = rest.split_at_checked(stems.len() / 2)?;
        let (few, many_bytes) = rest.split_at_checked(1 << COUNTER_BITS)?;
        let fits = |count: u16| u32::from(count) <= documents;
        if documents >= MOST || many_bytes.len() != many.checked_mul(6)? || few.iter().any(|&few| !fits(few.into())) {
            return None;
        }
        counts.documents = documents;
        counts.stems.clear(of_stems.len() / 2);
        for (stem, count) in stems.as_chunks().0.iter().zip(of_stems.as_chunks().0) {
            let count = u16::from_le_bytes(*count);
            *counts.stems.entry(Stem(u32::from_le_bytes(*stem))) = fits(count).then_some(count.into())?;
        }
        counts.pairs.clear();
        counts.pairs.extend(few.iter().map(|&few| u16::from(few)));
        for [a, b, c, d, count @ ..] in many_bytes.as_chunks::<6>().0 {
            let count = u16::from_le_bytes(*count);
            *counts.pairs.get_mut(u32::from_le_bytes([*a, *b, *c, *d]) as usize)? = fits(count).then_some(count)?;
        }
        Some(Frequencies(counts))
    }
}

impl Weights {
    /// How many articles have been counted, of those of old a part.
    pub(crate) fn documents(&self) -> u32 {
        self.counts().documents
    }

    /// The frequencies that made them, as bytes to keep.
    pub(crate) fn frequencies_to_bytes(&self) -> std::io::Result<Vec<u8>> {
        let Counts { documents, stems, pairs, .. } = self.counts();
        let mut stems: Vec<(Stem, u32)> = stems.iter().collect();
        stems.sort_unstable();
        let many = || (0u32..).zip(pairs).filter(|&(_, &count)| count >= MANY.into());
        let mut bytes = Vec::with_capacity(12 + 6 * stems.len() + pairs.len() + 6 * many().count());
        bytes.extend([*documents, stems.len() as u32, many().count() as u32].map(u32::to_le_bytes).as_flattened());
        bytes.extend(stems.iter().flat_map(|(stem, _)| stem.0.to_le_bytes()));
        bytes.extend(stems.iter().flat_map(|&(_, count)| (count as u16).to_le_bytes()));
        bytes.extend(pairs.iter().map(|&count| count.min(MANY.into()) as u8));
        for (counter, count) in many() {
            bytes.extend(counter.to_le_bytes());
            bytes.extend(count.to_le_bytes());
        }
        Ok([&MAGIC[..], &zstd::bulk::compress(&bytes, LEVEL)?].concat())
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
        let own = frequencies.into_weights(&background);
        for document in &documents[..7] {
            assert_eq!(weighed(&own, document), weighed(&of_corpus, document));
        }
        assert_eq!(own.documents(), 300);
    }

    #[test]
    fn what_was_long_ago_is_forgotten() {
        let mut frequencies = Frequencies::default();
        frequencies.0.documents = MOST - 1;
        let counted = Counted::of(&document(0), &mut DistinctPairs::default());
        frequencies.add(&counted);
        assert_eq!(frequencies.0.documents, MOST / 2);
        let Counts { stems, pairs, .. } = &frequencies.0;
        assert!(stems.iter().all(|(_, count)| count > 0) && pairs.iter().all(|&pair| pair == 0));
        frequencies.add(&counted);
        frequencies.add(&counted);
        frequencies.halve();
        assert_eq!(frequencies.0.stems.get(document(0).stems[0]), Some(1));
    }

    #[test]
    fn bytes_and_back() {
        let mut frequencies = Frequencies::default();
        (0..700).for_each(|number| frequencies.add(&Counted::of(&document(number), &mut DistinctPairs::default())));
        // More than a byte holds, and just as much.
        (frequencies.0.pairs[0], frequencies.0.pairs[5]) = (700, 255);
        let before = frequencies.0.pairs.clone();
        let weights = frequencies.into_weights(&Background::default());
        let bytes = weights.frequencies_to_bytes().unwrap();
        // In the memory of others.
        let mut other = Frequencies::default();
        (700..900).for_each(|number| other.add(&Counted::of(&document(number * 31), &mut DistinctPairs::default())));
        let back = other.restored(&bytes).unwrap();
        assert_eq!((back.0.documents, &back.0.pairs), (700, &before));
        assert_eq!(back.into_weights(&Background::default()).frequencies_to_bytes().unwrap(), bytes);
    }

    #[test]
    fn other_bytes_are_refused() {
        let repacked = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut frequencies = Frequencies::default();
            (0..50).for_each(|number| frequencies.add(&Counted::of(&document(number), &mut DistinctPairs::default())));
            let bytes = frequencies.into_weights(&Background::default()).frequencies_to_bytes().unwrap();
            let mut bytes = zstd::bulk::decompress(&bytes[MAGIC.len()..], MOST_BYTES).unwrap();
            change(&mut bytes);
            [&MAGIC[..], &zstd::bulk::compress(&bytes, LEVEL).unwrap()].concat()
        };
        let refuses = |bytes: &[u8]| Frequencies::default().restored(bytes).is_none();
        let good = repacked(&|_| {});
        assert!(!refuses(&good));
        for damaged in [&good[1..], &good[..good.len() - 1], &[], &MAGIC[..]] {
            assert!(refuses(damaged));
        }
        // One byte more or less, more stems than there are, a count above that of the articles.
        assert!(refuses(&repacked(&|bytes| bytes.push(0))));
        assert!(refuses(&repacked(&|bytes| bytes.truncate(bytes.len() - 1))));
        assert!(refuses(&repacked(&|bytes| bytes[7] = 255)));
        assert!(refuses(&repacked(&|bytes| *bytes.last_mut().unwrap() = 51)));
    }
}
