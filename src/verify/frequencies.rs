//! Document frequencies of an index that lives on: articles are counted as they come, and when [`MOST`] have been counted
//! all counts are halved, so that what was long ago counts less and less.
//!
//! ```text
//! "naskhfq2" │ parts, each: length 4 │ zstd of so many bytes
//!
//! 1        articles 4 │ (stem 4, count 2) ..., ascending
//! 2        of the counters of 255 and more: (counter 4, count 2) ..., ascending
//! 3 to 6   a quarter of the counters of pairs each, × 1: those of 255 and more as 255
//! ```

use rayon::prelude::*;

use super::background::Background;
use super::counts::{Counts, USUAL, Weights};
use super::stem_table::StemTable;
use crate::arabic::Stem;
use crate::shingle::{DistinctPairs, Document};

const MAGIC: &[u8; 8] = b"naskhfq2";
/// Articles counted when all counts are halved: as many as are counted of a corpus.
const MOST: u32 = USUAL as u32;
/// Counters of pairs, as many as a corpus of [`MOST`] articles of usual length has.
const COUNTER_BITS: u32 = 21;
const SHIFT: u32 = u64::BITS - COUNTER_BITS;
/// Parts of the counters, which are unpacked side by side.
const QUARTERS: usize = 4;
const QUARTER: usize = (1 << COUNTER_BITS) / QUARTERS;
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

    /// Becomes those that [`Weights::frequencies_to_bytes`] wrote, in the same memory. `None` if the bytes are others.
    pub(crate) fn restored(self, bytes: &[u8]) -> Option<Frequencies> {
        let Frequencies(mut counts) = self;
        let [stems, many, quarters @ ..] = parts(bytes)?;
        let (documents, most) = rayon::join(
            || restore_stems(&mut counts.stems, &unpacked(stems)?),
            || restore_pairs(&mut counts.pairs, &unpacked(many)?, &quarters),
        );
        counts.documents = documents?;
        (counts.documents < MOST && u32::from(most?) <= counts.documents).then_some(Frequencies(counts))
    }
}

/// The parts, packed.
fn parts(bytes: &[u8]) -> Option<[&[u8]; 2 + QUARTERS]> {
    let mut rest = bytes.strip_prefix(MAGIC)?;
    let mut parts = [&[][..]; 2 + QUARTERS];
    for part in &mut parts {
        let (length, behind) = rest.split_first_chunk()?;
        (*part, rest) = behind.split_at_checked(u32::from_le_bytes(*length) as usize)?;
    }
    rest.is_empty().then_some(parts)
}

fn unpacked(part: &[u8]) -> Option<Vec<u8>> {
    zstd::bulk::decompress(part, MOST_BYTES).ok()
}

/// A number, and how many articles have what it stands for.
fn counted(entry: &[u8; 6]) -> (u32, u16) {
    let [a, b, c, d, e, f] = *entry;
    (u32::from_le_bytes([a, b, c, d]), u16::from_le_bytes([e, f]))
}

/// How many articles were counted, if the bytes are a first part.
fn restore_stems(stems: &mut StemTable, bytes: &[u8]) -> Option<u32> {
    let (documents, entries) = bytes.split_first_chunk()?;
    let documents = u32::from_le_bytes(*documents);
    let (entries, rest) = entries.as_chunks();
    stems.clear(entries.len());
    for (stem, count) in entries.iter().map(counted) {
        *stems.entry(Stem(stem)) = count.into();
        if u32::from(count) > documents {
            return None;
        }
    }
    rest.is_empty().then_some(documents)
}

/// The greatest count, if these are parts of counters.
fn restore_pairs(pairs: &mut Vec<u16>, many: &[u8], quarters: &[&[u8]]) -> Option<u16> {
    pairs.resize(1 << COUNTER_BITS, 0);
    let restored = pairs.par_chunks_mut(QUARTER).zip(quarters).map(|(counters, packed)| {
        let bytes = unpacked(packed).filter(|bytes| bytes.len() == counters.len())?;
        counters.iter_mut().zip(&bytes).for_each(|(counter, &count)| *counter = count.into());
        bytes.into_iter().max()
    });
    let most = restored.collect::<Option<Vec<u8>>>()?.into_iter().max()?;
    let (many, rest) = many.as_chunks();
    let mut most = most.into();
    for (counter, count) in many.iter().map(counted) {
        *pairs.get_mut(counter as usize)? = count;
        most = count.max(most);
    }
    rest.is_empty().then_some(most)
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
        let entry = |number: u32, count: u16| number.to_le_bytes().into_iter().chain(count.to_le_bytes());
        let stems = stems.iter().flat_map(|&(stem, count)| entry(stem.0, count as u16));
        let many = (0..).zip(pairs).filter(|&(_, &count)| count >= MANY.into());
        let mut parts: Vec<Vec<u8>> = vec![
            documents.to_le_bytes().into_iter().chain(stems).collect(),
            many.flat_map(|(counter, &count)| entry(counter, count)).collect(),
        ];
        let few = |quarter: &[u16]| quarter.iter().map(|&count| count.min(MANY.into()) as u8).collect();
        parts.extend(pairs.chunks(QUARTER).map(few));
        let packed =
            parts.par_iter().map(|part| zstd::bulk::compress(part, LEVEL)).collect::<std::io::Result<Vec<_>>>()?;
        let parts = packed.iter().flat_map(|part| [&(part.len() as u32).to_le_bytes()[..], part].concat());
        Ok(MAGIC.iter().copied().chain(parts).collect())
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
        (stems, weights.pairs(DistinctPairs::default().of(&document.stems)).to_vec())
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
        let mut frequencies = Frequencies::default();
        (0..50).for_each(|number| frequencies.add(&Counted::of(&document(number), &mut DistinctPairs::default())));
        let good = frequencies.into_weights(&Background::default()).frequencies_to_bytes().unwrap();
        // With one part changed.
        let repacked = |part: usize, change: fn(&mut Vec<u8>)| {
            let mut bytes = MAGIC.to_vec();
            for (number, packed) in parts(&good).unwrap().into_iter().enumerate() {
                let mut part_of = unpacked(packed).unwrap();
                if number == part {
                    change(&mut part_of);
                }
                let packed = zstd::bulk::compress(&part_of, LEVEL).unwrap();
                bytes.extend((packed.len() as u32).to_le_bytes());
                bytes.extend(packed);
            }
            bytes
        };
        let refuses = |bytes: &[u8]| Frequencies::default().restored(bytes).is_none();
        assert!(!refuses(&good) && !refuses(&repacked(0, |_| ())));
        let longer = [&good[..], &[0]].concat();
        for damaged in [&good[1..], &good[..good.len() - 1], &longer, &[], &MAGIC[..]] {
            assert!(refuses(damaged));
        }
        for part in 0..2 + QUARTERS {
            assert!(refuses(&repacked(part, |bytes| bytes.push(0))), "{part}");
        }
        // A count above that of the articles, of a stem and of pairs; a counter that there is not.
        assert!(refuses(&repacked(0, |bytes| *bytes.last_mut().unwrap() = 1)));
        assert!(refuses(&repacked(3, |bytes| bytes[7] = 51)));
        assert!(refuses(&repacked(1, |bytes| bytes.extend([0, 0, 0, 0, 51, 0]))));
        assert!(refuses(&repacked(1, |bytes| bytes.extend([0, 0, 0, 1, 1, 0]))));
    }
}
