//! Rarity: document frequencies of stems and pairs, and the weights they give.

use ahash::AHashMap;
use rayon::prelude::*;

use super::background::Background;
use crate::arabic::Stem;
use crate::shingle::{DistinctPairs, Document};

/// Articles from which on an input's own frequencies are all that counts. Below, the background stands in
/// for the articles that are missing.
const ENOUGH: f64 = 4000.0;
/// One article in so many is as rare as weights tell.
const RAREST: f64 = 1000.0;
/// The most articles that are counted: of a larger input every so-manieth. More would hardly tell better
/// whether one article in 1,000 has a stem or a pair.
const COUNTED: usize = 20_000;
/// The most counters for pairs, 2 bytes each.
const MAX_COUNTERS: usize = 1 << 25;
/// Pairs are counted a part of the counters at a time, so that the part stays in the cache.
const PARTS: usize = 64;

/// Document frequencies over a set of articles.
pub(crate) struct Counts {
    /// Articles counted.
    documents: u32,
    stems: AHashMap<Stem, u32>,
    /// Counts by the top bits of a pair's hash. Two pairs may share a counter: then both seem more common.
    pairs: Vec<u16>,
    shift: u32,
}

impl Counts {
    /// Counts `documents`.
    pub(crate) fn of(documents: &[Document]) -> Counts {
        Self::with(documents, |_, _| ()).0
    }

    /// Counts `documents`, and gives what `each` makes of every one's number and different pairs, which
    /// are at hand here.
    pub(crate) fn with<T: Send>(documents: &[Document], each: impl Fn(usize, &[u64]) -> T + Sync) -> (Counts, Vec<T>) {
        let step = documents.len().div_ceil(COUNTED).max(1);
        let counted = || documents.iter().step_by(step);
        // An upper bound, without going through the pairs themselves.
        let total: usize = counted().map(|d| d.stems.len() * crate::shingle::PAIR_DISTANCE).sum();
        let counters = total.next_power_of_two().clamp(1 << 12, MAX_COUNTERS);
        let bits = counters.trailing_zeros();
        let shift = 64 - bits;
        let part_bits = bits - PARTS.trailing_zeros();

        let share = documents.len().div_ceil(4 * rayon::current_num_threads()).max(1);
        let (gathered, made): (Vec<Vec<Vec<u32>>>, Vec<Vec<T>>) = documents
            .par_chunks(share)
            .enumerate()
            .map_init(DistinctPairs::default, |distinct, (chunk, documents)| {
                let mut parts = vec![Vec::new(); PARTS];
                let made = (chunk * share..)
                    .zip(documents)
                    .map(|(number, document)| {
                        let pairs = distinct.of(&document.stems);
                        if number % step == 0 {
                            for pair in pairs {
                                let counter = pair >> shift;
                                parts[(counter >> part_bits) as usize].push(counter as u32);
                            }
                        }
                        each(number, pairs)
                    })
                    .collect();
                (parts, made)
            })
            .unzip();
        let mut pairs = vec![0u16; counters];
        pairs.par_chunks_mut(counters / PARTS).enumerate().for_each(|(part, counters)| {
            let mask = counters.len() - 1;
            for counter in gathered.iter().flat_map(|parts| &parts[part]) {
                let counter = &mut counters[*counter as usize & mask];
                *counter = counter.saturating_add(1);
            }
        });
        let counts = Counts {
            documents: counted().count() as u32,
            stems: count_stems(&counted().collect::<Vec<_>>()),
            pairs,
            shift,
        };
        (counts, made.into_iter().flatten().collect())
    }

    pub(crate) fn documents(&self) -> u32 {
        self.documents
    }

    /// All stems with their document frequencies, in no order.
    pub(crate) fn stems(&self) -> impl Iterator<Item = (Stem, u32)> {
        self.stems.iter().map(|(&stem, &df)| (stem, df))
    }

    #[inline]
    fn pair(&self, hash: u64) -> u32 {
        u32::from(self.pairs[(hash >> self.shift) as usize])
    }
}

fn count_stems(documents: &[&Document]) -> AHashMap<Stem, u32> {
    let share = documents.len().div_ceil(rayon::current_num_threads()).max(1);
    let parts: Vec<AHashMap<Stem, u32>> = documents
        .par_chunks(share)
        .map(|documents| {
            let mut counts: AHashMap<Stem, (u32, u32)> = AHashMap::new();
            for (index, document) in (1u32..).zip(documents) {
                for &stem in &document.stems {
                    let (last, count) = counts.entry(stem).or_default();
                    if *last != index {
                        *last = index;
                        *count += 1;
                    }
                }
            }
            counts.into_iter().map(|(stem, (_, count))| (stem, count)).collect()
        })
        .collect();
    parts
        .into_iter()
        .reduce(|mut all, part| {
            for (stem, count) in part {
                *all.entry(stem).or_default() += count;
            }
            all
        })
        .unwrap_or_default()
}

/// Weights of 0 to 255 from document frequencies: 255 for what one article in 1,000 has, 0 for what
/// all have, on a logarithmic scale between. They do not depend on how many articles there are, so that
/// a score means the same in a small input and in a large one.
pub(crate) struct Weights {
    counts: Counts,
    background: Background,
    /// Articles that the background stands in for.
    missing: f64,
    /// Weights of the stems of the input.
    stems: AHashMap<Stem, u8>,
    /// Weights by document frequency, where no background is wanted.
    by_frequency: Vec<u8>,
}

fn weight(frequency: f64, articles: f64) -> u8 {
    let rarity = libm::log((articles + 1.0) / (frequency.max(1.0) + 0.5)) / libm::log(RAREST);
    (rarity * 255.0).round().clamp(0.0, 255.0) as u8
}

impl Weights {
    pub(crate) fn new(counts: Counts, background: Background) -> Weights {
        let missing = (ENOUGH - f64::from(counts.documents)).max(0.0);
        let mut weights = Weights {
            by_frequency: (0..=u16::MAX).map(|df| weight(f64::from(df), f64::from(counts.documents))).collect(),
            missing,
            stems: AHashMap::new(),
            counts,
            background,
        };
        weights.stems = weights.counts.stems().map(|(stem, df)| (stem, weights.stem_weight(stem, df))).collect();
        weights
    }

    fn stem_weight(&self, stem: Stem, df: u32) -> u8 {
        let frequency = f64::from(df) + self.missing * self.background.stem(stem);
        weight(frequency, f64::from(self.counts.documents) + self.missing)
    }

    /// Weight of a stem.
    pub(crate) fn stem(&self, stem: Stem) -> u8 {
        self.stems.get(&stem).copied().unwrap_or_else(|| self.stem_weight(stem, 0))
    }

    /// Weight of a pair.
    #[inline]
    pub(crate) fn pair(&self, hash: u64) -> u8 {
        let df = self.counts.pair(hash);
        if self.missing == 0.0 {
            return self.by_frequency[df as usize];
        }
        let frequency = f64::from(df) + self.missing * self.background.pair(hash);
        weight(frequency, f64::from(self.counts.documents) + self.missing)
    }
}
