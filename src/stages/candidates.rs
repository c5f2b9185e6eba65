//! Candidates by keys: articles that share sampled shingles which are rare, and those of which these say little that
//! share a band of their signatures; and the first look at a pair.

use ahash::AHashSet;

use super::digest::read;
use super::exchange::Entry;
use crate::article::Timestamp;
use crate::config::Config;
use crate::error::Result;
use crate::index::{Bands, bucket_pairs, is_blind as says_little, key_bits, may_be_contained};
use crate::minhash::{MinHasher, Scaled};
use crate::shingle::{DistinctPairs, Document, PAIR_DISTANCE, finalise, pairs, select};
use crate::verify::{Circumstances, is_apart, is_promising};

/// Samples the shingles of articles that stand for themselves: long enough, and not identical to an earlier one.
pub struct Sampler {
    scaled: Scaled,
    least_stems: usize,
    /// How far to shift a hash down to a key.
    shift: u32,
    max_df: usize,
    /// Keys that are not rare: more of the counted articles alone have them. They need not be brought together.
    common: AHashSet<u64>,
    /// Scratch space.
    places: Vec<u64>,
    sample: Vec<u64>,
}

/// What is sampled of one article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many shingles.
    pub size: u32,
    /// How many of these are already known not to be rare.
    pub common: u32,
    /// The others.
    pub entries: Vec<Entry>,
}

impl Sampler {
    /// For an input of so many `articles` with so many stems in all. `counted` are documents of some of them that stand
    /// for themselves, by which it is known of many shingles that they are not rare.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a setting out of range or a document that is something else.
    pub fn new(config: &Config, articles: u64, stems: u64, counted: &[&[u8]]) -> Result<Sampler> {
        let entries = stems * PAIR_DISTANCE as u64 / u64::from(config.sample.max(1));
        let mut sampler = Sampler {
            scaled: Scaled::new(config.sample)?,
            least_stems: config.least_stems,
            shift: u64::BITS - key_bits(articles, entries),
            max_df: usize::from(config.index.max_df).max(1),
            common: AHashSet::new(),
            places: Vec::new(),
            sample: Vec::new(),
        };
        let mut keys = Vec::new();
        for document in counted {
            sampler.keys(&read(document)?);
            keys.extend_from_slice(&sampler.sample);
        }
        keys.sort_unstable();
        let runs = keys.chunk_by(|x, y| x == y).filter(|run| run.len() > sampler.max_df);
        sampler.common = runs.map(|run| run[0]).collect();
        Ok(sampler)
    }

    /// Leaves the keys of a document in `sample`, each once. Returns how many shingles they are of.
    fn keys(&mut self, document: &Document) -> u32 {
        let Sampler { places, sample, scaled, shift, .. } = self;
        sample.clear();
        if document.stems.len() < self.least_stems {
            return 0;
        }
        places.clear();
        pairs(&document.stems, |_, _, hash| places.push(hash));
        select(places, sample, |pair| scaled.keep(pair));
        let size = sample.len() as u32;
        sample.iter_mut().for_each(|shingle| *shingle = finalise(*shingle) >> *shift);
        sample.sort_unstable();
        sample.dedup();
        size
    }

    /// Samples one article: the entries are its keys, their values how many shingles of it are sampled.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if `document` is something else.
    pub fn sample(&mut self, article: u64, document: &[u8]) -> Result<Counted> {
        let size = self.keys(&read(document)?);
        let (common, rest): (Vec<u64>, Vec<u64>) = self.sample.iter().partition(|key| self.common.contains(key));
        let entry = |key| Entry { key, article, value: size.into() };
        Ok(Counted { size, common: common.len() as u32, entries: rest.into_iter().map(entry).collect() })
    }
}

/// What the entries of a bucket of samples say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Postings {
    /// For each article of a rare shingle those behind it: the key is the earlier article, the value how many shingles
    /// are sampled of the one that has fewer.
    pub behind: Vec<Entry>,
    /// For each shingle that too many have an entry under each of its articles, whose value is how many it has.
    pub common: Vec<Entry>,
}

/// The postings of a bucket of samples.
pub fn postings(config: &Config, mut entries: Vec<Entry>) -> Postings {
    entries.sort_unstable();
    entries.dedup();
    let max_df = usize::from(config.index.max_df).max(1);
    let mut found = Postings::default();
    let mut common: Vec<u64> = Vec::new();
    for run in entries.chunk_by(|x, y| x.key == y.key) {
        if run.len() > max_df {
            common.extend(run.iter().map(|entry| entry.article));
            continue;
        }
        for (at, a) in run.iter().enumerate() {
            let behind = |b: &Entry| Entry { key: a.article, article: b.article, value: a.value.min(b.value) };
            found.behind.extend(run[at + 1..].iter().map(behind));
        }
    }
    common.sort_unstable();
    let count = |run: &[u64]| Entry { key: run[0], article: 0, value: run.len() as u64 };
    found.common = common.chunk_by(|x, y| x == y).map(count).collect();
    found
}

/// The pairs of articles that share enough rare shingles, from all entries behind the articles of a bucket, which may
/// come in any order: the two, and how many they share.
pub fn count_pairs(config: &Config, mut entries: Vec<Entry>) -> Vec<(u64, u64, u16)> {
    entries.sort_unstable();
    let pair = |run: &[Entry]| {
        let Entry { key, article, value } = run[0];
        let shared = run.len().min(u16::MAX.into()) as u16;
        let enough = shared >= config.index.min_shared.max(1)
            && may_be_contained(shared, value as f64, config.index.min_containment);
        enough.then_some((key, article, shared))
    };
    entries.chunk_by(|x, y| (x.key, x.article) == (y.key, y.article)).filter_map(pair).collect()
}

/// Do rare shingles say little of an article, of whose `sampled` ones so many are common?
pub fn is_blind(common: u32, sampled: u32) -> bool {
    says_little(common, sampled)
}

/// Makes the bands of articles of which rare shingles say little.
pub struct Signer {
    hasher: MinHasher,
    bands: Bands,
    distinct: DistinctPairs,
}

impl Signer {
    /// For these settings.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a setting out of range.
    pub fn new(config: &Config) -> Result<Signer> {
        let index = &config.index;
        let bands = Bands::choose(index.k, index.similarity, index.recall)?;
        Ok(Signer { hasher: MinHasher::new(index.k, config.seed)?, bands, distinct: DistinctPairs::default() })
    }

    /// The bands of one article as entries, whose value is 0.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if `document` is something else.
    pub fn bands(&mut self, article: u64, document: &[u8]) -> Result<Vec<Entry>> {
        let signature = self.hasher.signature(self.distinct.of(&read(document)?.stems));
        let keys = signature.iter().flat_map(|signature| self.bands.keys(signature));
        Ok(keys.map(|key| Entry { key, article, value: 0 }).collect())
    }
}

/// The pairs that all bands of a bucket of entries propose: linearly many in a band that many articles share.
pub fn pairs_of_bucket(config: &Config, mut entries: Vec<Entry>) -> Vec<(u64, u64)> {
    entries.sort_unstable();
    entries.dedup();
    let mut found: Vec<(u64, u64)> = Vec::new();
    for run in entries.chunk_by(|x, y| x.key == y.key) {
        found.extend(bucket_pairs(run, &config.index).map(|(a, b)| (a.article, b.article)));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// What is known of an article of a pair without its text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// When it was published.
    pub date: Option<Timestamp>,
    /// Its source ([`source_key`](super::source_key)).
    pub source: Option<u64>,
    /// How many of its sampled shingles are rare.
    pub rare: u32,
}

/// What a first look at a pair says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// It is worth comparing the two.
    pub compare: bool,
    /// The two are of days so far apart that what others share with either may stand in the other as well.
    pub partners: bool,
}

/// Looks at a pair that shares so many rare shingles, or none where bands proposed it.
pub fn first_look(config: &Config, shared: u16, a: About, b: About) -> Look {
    let dates = a.date.zip(b.date);
    let days = dates.map(|(a, b)| Timestamp::days_between(a, b));
    let near = config.window_days.zip(days).is_none_or(|(window, days)| days <= window);
    let same_source = a.source.zip(b.source).map(|(a, b)| a == b);
    let smaller = if shared == 0 { 0 } else { a.rare.min(b.rare).min(u16::MAX.into()) as u16 };
    Look {
        compare: near && is_promising(shared, smaller, Circumstances { days, same_source }),
        partners: dates.is_some_and(|(a, b)| is_apart(a.days(), (b.days(), b.days()))),
    }
}
