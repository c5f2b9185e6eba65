//! The keys by which an article of an index is found: of its sampled pairs, its sentences, its title and all its words.

use xxhash_rust::xxh3::xxh3_64;

use crate::index::FEW;
use crate::shingle::{DistinctPairs, Document, finalise};
use crate::verify::is_sampled;

/// Told apart from pairs by these: the first digits of π after those of pairs.
const SENTENCE: u64 = 0xA409_3822_299F_31D0;
const TITLE: u64 = 0x082E_FA98_EC4E_6C89;
const WORDS: u64 = 0x4528_21E6_38D0_1377;

/// The pairs of an article that others look it up by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sample {
    /// Ascending. The pairs of the sample, or where these are few the pairs that are the next to be in it: two short texts
    /// that are alike have most of those in common.
    pub(crate) pairs: Vec<u64>,
    /// How many of them are in the sample that all articles have.
    pub(crate) sampled: u32,
}

impl Sample {
    /// Of the pairs of `document`.
    pub(crate) fn of(document: &Document, distinct: &mut DistinctPairs) -> Sample {
        let mut pairs = distinct.of(&document.stems).to_vec();
        pairs.sort_unstable();
        // The sample is of the lowest hashes.
        let sampled = pairs.partition_point(|&pair| is_sampled(pair));
        pairs.truncate(sampled.max(FEW as usize));
        Sample { pairs, sampled: sampled as u32 }
    }

    /// Does chance decide whether enough of the sample is shared with another article?
    pub(crate) fn is_small(&self) -> bool {
        self.sampled < FEW
    }
}

/// The last bit of the keys of sentences and titles; those of pairs and words have another. Of the articles that arrive
/// together sentences are looked up apart from pairs: in the index, too, none may be found by the other's key.
const OF_SENTENCES: u32 = 1;

/// The key of a pair.
pub(crate) fn pair(pair: u64) -> u32 {
    finalise(pair) as u32 & !OF_SENTENCES
}

/// The key of a segment of an article of this source ([`source`]).
pub(crate) fn sentence(source: Option<u32>, segment: u64) -> u32 {
    let source = source.map_or(0, |source| u64::from(source) + 1);
    finalise(segment ^ finalise(SENTENCE.wrapping_add(source))) as u32 | OF_SENTENCES
}

/// The key of a title, given its hash as a segment.
pub(crate) fn title(segment: u64) -> u32 {
    finalise(segment ^ TITLE) as u32 | OF_SENTENCES
}

/// The key of a fingerprint.
pub(crate) fn words(fingerprint: u64) -> u32 {
    finalise(fingerprint ^ WORDS) as u32 & !OF_SENTENCES
}

/// A source as a number, the same in every index; the greatest there is means none.
pub(crate) fn source(name: &str) -> u32 {
    (xxh3_64(name.as_bytes()) as u32).min(u32::MAX - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arabic::Stem;

    #[test]
    fn keys_stay_what_they_are() {
        let found = [pair(1), sentence(None, 1), sentence(Some(0), 1), title(1), words(1)];
        // As they are in indexes that there are.
        assert_eq!(found.map(|key| format!("{key:08x}")), ["100b05e4", "7dfd42a7", "4e78c12d", "11ec032d", "16879992"]);
    }

    #[test]
    fn a_short_article_has_enough_to_be_found_by() {
        let document = |stems: u32| Document {
            stems: (0..stems).map(|stem| Stem(finalise(stem.into()) as u32 >> 1)).collect(),
            ..Document::default()
        };
        let sample = |stems| Sample::of(&document(stems), &mut DistinctPairs::default());
        let [short, shortest, long] = [20, 3, 400].map(sample);
        assert_eq!((short.pairs.len(), shortest.pairs.len()), (16, 3));
        assert!(short.is_small() && short.sampled < 16 && !long.is_small());
        assert!(long.pairs.len() > 100 && long.pairs.iter().all(|&pair| is_sampled(pair)));
        assert_eq!(long.sampled as usize, long.pairs.len());
        let all = DistinctPairs::default().of(&document(20).stems).to_vec();
        assert!(all.iter().all(|pair| short.pairs.contains(pair) || pair > &short.pairs[15]));
    }
}
