//! Candidates by keys: articles that share sampled shingles which are rare, and those of which these say little that
//! share a band of their signatures; and the first look at a pair.

use ahash::AHashSet;

use super::digest::read;
use super::exchange::Entry;
use crate::article::Timestamp;
use crate::config::Config;
use crate::corpus::PartArticle;
use crate::error::Result;
use crate::index::{Bands, Shareable, UNDATED, bucket_pairs, could_share, day_of, key_bits, period};
use crate::minhash::{MinHasher, Scaled};
use crate::shingle::{Document, PAIR_DISTANCE, finalise, pair_hashes, select};
use crate::verify::{Circumstances, is_apart, is_promising};

/// Samples the shingles of articles that stand for themselves: long enough, and not identical to an earlier one.
pub struct Sampler {
    scaled: Scaled,
    least_stems: usize,
    /// How far to shift a hash down to a key.
    shift: u32,
    max_df: usize,
    max_df_in_time: usize,
    /// Keys that are not rare: more of the counted articles alone have them. They are brought together by periods.
    common: AHashSet<u64>,
    /// Those with periods ([`in_time`]) in which they are not rare either. They need not be brought together.
    crowded: AHashSet<u64>,
    /// Scratch space.
    places: Vec<u64>,
    sample: Vec<u64>,
}

/// What is sampled of one article.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many shingles.
    pub size: u32,
    /// How many of these are already known not to be rare, nor so in their time.
    pub common: u32,
    /// The others.
    pub entries: Vec<Entry>,
}

/// A sampled entry's value is how many shingles of its article are sampled, and below that, in so many bits, the period in
/// which it has this one.
const PERIOD_BITS: u32 = 22;
/// Of articles without a date, and where nothing is rare in its time.
const NO_PERIOD: u64 = 0;
/// Where the key is that of a period ([`in_time`]).
const KEY_OF_PERIOD: u64 = 1 << (PERIOD_BITS - 1);
/// Added to periods, which are fewer for all days that a [`Timestamp`] may have.
const FIRST_PERIOD: i64 = 1 << (PERIOD_BITS - 2);

/// The key of a shingle in a period: another one than of any shingle, as long as not all 64 bits tell these apart.
fn in_time(key: u64, period: u64) -> u64 {
    key ^ period << (u64::BITS - PERIOD_BITS)
}

fn period_of(entry: &Entry) -> u64 {
    entry.value & ((1 << PERIOD_BITS) - 1)
}

impl Sampler {
    /// For an input of so many `articles` with so many stems in all. `counted` are some of them that stand for themselves,
    /// by which it is known of many shingles that they are not rare.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a setting out of range or a document that is something else.
    pub fn new(config: &Config, articles: u64, stems: u64, counted: &[PartArticle<'_>]) -> Result<Sampler> {
        let entries = stems * PAIR_DISTANCE as u64 / u64::from(config.sample.max(1));
        let mut sampler = Sampler {
            scaled: Scaled::new(config.sample)?,
            least_stems: config.least_stems,
            shift: u64::BITS - key_bits(articles, entries),
            max_df: usize::from(config.index.max_df).max(1),
            max_df_in_time: config.index.max_df_in_time.into(),
            common: AHashSet::new(),
            crowded: AHashSet::new(),
            places: Vec::new(),
            sample: Vec::new(),
        };
        let mut keys = Vec::new();
        for article in counted {
            sampler.keys(&read(article.document)?);
            keys.extend(sampler.sample.iter().map(|&key| (key, sampler.period(article, key))));
        }
        keys.sort_unstable();
        for run in keys.chunk_by(|x, y| x.0 == y.0).filter(|run| run.len() > sampler.max_df) {
            sampler.common.insert(run[0].0);
            let crowded = run.chunk_by(|x, y| x == y).filter(|run| run.len() > sampler.max_df_in_time);
            sampler.crowded.extend(crowded.map(|run| in_time(run[0].0, run[0].1)));
        }
        Ok(sampler)
    }

    /// The period in which an article has a key, as entries have it.
    fn period(&self, article: &PartArticle<'_>, key: u64) -> u64 {
        match period(day_of(article.date.map(Timestamp::days)), key as u32) {
            UNDATED => NO_PERIOD,
            _ if self.max_df_in_time == 0 => NO_PERIOD,
            period => (i64::from(period) + FIRST_PERIOD) as u64,
        }
    }

    /// Leaves the keys of a document in `sample`, each once. Returns how many shingles they are of.
    fn keys(&mut self, document: &Document) -> u32 {
        let Sampler { places, sample, scaled, shift, .. } = self;
        sample.clear();
        if document.stems.len() < self.least_stems {
            return 0;
        }
        pair_hashes(&document.stems, places);
        select(places, sample, |pair| scaled.keep(pair));
        let size = sample.len() as u32;
        sample.iter_mut().for_each(|shingle| *shingle = finalise(*shingle) >> *shift);
        sample.sort_unstable();
        sample.dedup();
        size
    }

    /// Samples one article: the entries are its keys.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if its document is something else.
    pub fn sample(&mut self, article: &PartArticle<'_>) -> Result<Counted> {
        let size = self.keys(&read(article.document)?);
        let mut counted = Counted { size, common: 0, entries: Vec::with_capacity(self.sample.len()) };
        for &key in &self.sample {
            let period = self.period(article, key);
            let (key, period) = if !self.common.contains(&key) {
                (key, period)
            } else if period != NO_PERIOD && !self.crowded.contains(&in_time(key, period)) {
                (in_time(key, period), KEY_OF_PERIOD)
            } else {
                counted.common += 1;
                continue;
            };
            counted.entries.push(Entry {
                key,
                article: article.number,
                value: u64::from(size) << PERIOD_BITS | period,
            });
        }
        Ok(counted)
    }
}

/// What the entries of a bucket of samples say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Postings {
    /// For each article of a rare shingle those behind it: the key is the earlier article, the value how many shingles
    /// are sampled of the two, in 32 bits each.
    pub behind: Vec<Entry>,
    /// Of each article that has shingles which too many have an entry under its number, whose value is how many.
    pub common: Vec<Entry>,
    /// The same of shingles which too many have, but not in their time.
    pub timely: Vec<Entry>,
}

/// The postings of a bucket of samples.
pub fn postings(config: &Config, mut entries: Vec<Entry>) -> Postings {
    entries.sort_unstable();
    entries.dedup();
    let max_df = usize::from(config.index.max_df).max(1);
    let mut found = Postings::default();
    let (mut common, mut timely): (Vec<u64>, Vec<u64>) = Default::default();
    for run in entries.chunk_by_mut(|x, y| x.key == y.key) {
        if run.len() <= max_df && period_of(&run[0]) != KEY_OF_PERIOD {
            post(&mut found.behind, run);
            continue;
        }
        run.sort_unstable_by_key(|entry| (period_of(entry), entry.article));
        for run in run.chunk_by(|x, y| period_of(x) == period_of(y)) {
            let articles = run.iter().map(|entry| entry.article);
            if period_of(&run[0]) == NO_PERIOD || run.len() > config.index.max_df_in_time.into() {
                common.extend(articles);
            } else {
                timely.extend(articles);
                post(&mut found.behind, run);
            }
        }
    }
    (found.common, found.timely) = (counts(common), counts(timely));
    found
}

/// Adds what is behind each article of a posting.
fn post(to: &mut Vec<Entry>, posting: &[Entry]) {
    for (at, a) in posting.iter().enumerate() {
        let behind = |b: &Entry| Entry {
            key: a.article,
            article: b.article,
            value: both_sizes(a.value >> PERIOD_BITS, b.value >> PERIOD_BITS),
        };
        to.extend(posting[at + 1..].iter().map(behind));
    }
}

/// How many shingles are sampled of two articles, whichever is the earlier one, as one number.
fn both_sizes(a: u64, b: u64) -> u64 {
    a << u32::BITS | b
}

/// How often each number comes, as entries under it.
fn counts(mut numbers: Vec<u64>) -> Vec<Entry> {
    numbers.sort_unstable();
    let count = |run: &[u64]| Entry { key: run[0], article: 0, value: run.len() as u64 };
    numbers.chunk_by(|x, y| x == y).map(count).collect()
}

/// The pairs of articles that share enough rare shingles, from all entries behind the articles of a bucket, which may
/// come in any order: the two, and how many they share.
pub fn count_pairs(config: &Config, mut entries: Vec<Entry>) -> Vec<(u64, u64, u16)> {
    entries.sort_unstable();
    let pair = |run: &[Entry]| {
        let Entry { key, article, value } = run[0];
        let shared = run.len().min(u16::MAX.into()) as u16;
        let enough = shared >= config.index.min_shared.max(1)
            && config.index.may_share_enough(shared, ((value >> u32::BITS) as u32, value as u32));
        enough.then_some((key, article, shared))
    };
    entries.chunk_by(|x, y| (x.key, x.article) == (y.key, y.article)).filter_map(pair).collect()
}

/// Do rare shingles say little of an article, of whose `sampled` ones so many are common, and so many more are rare in
/// their time alone?
pub fn is_blind(config: &Config, common: u32, timely: u32, sampled: u32) -> bool {
    config.index.is_blind(common + timely, sampled)
}

/// Makes the bands of articles of which rare shingles say little.
pub struct Signer {
    hasher: MinHasher,
    bands: Bands,
    /// Scratch space.
    shingles: Vec<u64>,
}

impl Signer {
    /// For these settings.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a setting out of range.
    pub fn new(config: &Config) -> Result<Signer> {
        let index = &config.index;
        let bands = Bands::choose(index.k, index.similarity, index.recall)?;
        Ok(Signer { hasher: MinHasher::new(index.k, config.seed)?, bands, shingles: Vec::new() })
    }

    /// The bands of one article as entries, whose value is 0.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if `document` is something else.
    pub fn bands(&mut self, article: u64, document: &[u8]) -> Result<Vec<Entry>> {
        pair_hashes(&read(document)?.stems, &mut self.shingles);
        let signature = self.hasher.signature(&self.shingles);
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
    /// How many more are so in their time.
    pub timely: u32,
}

impl About {
    fn shareable(self) -> Shareable {
        let few = |count: u32| count.min(u16::MAX.into()) as u16;
        let day = day_of(self.date.map(Timestamp::days));
        Shareable { day, rare: few(self.rare), timely: few(self.timely) }
    }
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
    let smaller = if shared == 0 { 0 } else { could_share(a.shareable(), b.shareable()) };
    Look {
        compare: near && is_promising(shared, smaller, Circumstances { days, same_source }),
        partners: dates.is_some_and(|(a, b)| is_apart(a.days(), (b.days(), b.days()))),
    }
}
