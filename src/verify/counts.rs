//! Rarity: document frequencies of stems and pairs, and the weights they give.

use std::sync::{Mutex, PoisonError};

use ahash::AHashMap;
use rayon::prelude::*;

use super::background::Background;
use crate::arabic::Stem;
use crate::shingle::{DistinctPairs, Document};

/// Articles from which on an input's own frequencies are all that counts. Below, the background stands in
/// for the articles that are missing.
pub(super) const ENOUGH: f64 = 4000.0;
/// One article in so many is as rare as weights tell.
const RAREST: f64 = 1000.0;
/// The most articles that are counted: of a larger input every so-manieth. More would hardly tell better
/// whether one article in 1,000 has a stem or a pair.
const COUNTED: usize = 20_000;
/// Pairs of the input for each of their counters: on average two or three different ones share one, and
/// seem as much more common than they are, which is little beside one article in 1,000.
const PAIRS_PER_COUNTER: usize = 6;
/// The least and most counters for pairs, 2 bytes each.
const MIN_COUNTERS: usize = 1 << 16;
const MAX_COUNTERS: usize = 1 << 25;
/// The most tables of counters at a time, whatever the threads; together they have at most [`MAX_COUNTERS`].
const MOST_TABLES: usize = 8;

/// One pair in 8 is sampled: those whose hashes begin with so many zero bits.
const SAMPLE_BITS: u32 = 3;

/// Is this pair one of the sample?
pub(super) fn is_sampled(pair: u64) -> bool {
    pair >> (u64::BITS - SAMPLE_BITS) == 0
}

/// Document frequencies over a set of articles.
pub(crate) struct Counts {
    /// Articles counted, and how far from each to the next.
    documents: u32,
    step: usize,
    stems: AHashMap<Stem, u32>,
    /// Counts by the top bits of a pair's hash. Two pairs may share a counter: then both seem more common.
    pairs: Vec<u16>,
    shift: u32,
    /// The counters of the sampled pairs of each article counted.
    samples: Vec<Box<[u32]>>,
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
        let counters = (total / PAIRS_PER_COUNTER).next_power_of_two().clamp(MIN_COUNTERS, MAX_COUNTERS);
        let shift = 64 - counters.trailing_zeros();
        // One thread after another adds an article to a table of its own: atomic counters cost three times as much.
        let tables = rayon::current_num_threads().min((MAX_COUNTERS / counters).max(1)).min(MOST_TABLES);
        let tables: Vec<Mutex<Vec<u16>>> = (0..tables).map(|_| Mutex::new(vec![0; counters])).collect();
        let (made, mut samples): (Vec<T>, Vec<Box<[u32]>>) = documents
            .par_iter()
            .enumerate()
            .with_min_len(64)
            .map_init(DistinctPairs::default, |distinct, (number, document)| {
                let own = distinct.of(&document.stems);
                let is_counted = number % step == 0;
                let counted = if is_counted { own } else { &[] };
                {
                    let table = &tables[rayon::current_thread_index().unwrap_or(0) % tables.len()];
                    let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                    for pair in counted {
                        // No counter overflows: no more articles are counted than it can hold.
                        table[(pair >> shift) as usize] += 1;
                    }
                }
                let sample = counted.iter().filter(|&&pair| is_sampled(pair)).map(|pair| (pair >> shift) as u32);
                (each(number, own), sample.collect())
            })
            .unzip();
        if step > 1 {
            samples = samples.into_iter().step_by(step).collect();
        }
        let mut tables = tables.into_iter().map(|table| table.into_inner().unwrap_or_else(PoisonError::into_inner));
        let mut pairs = tables.next().unwrap_or_default();
        for table in tables {
            pairs.par_iter_mut().with_min_len(1 << 16).zip(table).for_each(|(sum, more)| *sum += more);
        }
        let stems = count_stems(&counted().collect::<Vec<_>>());
        (Counts { documents: counted().count() as u32, step, stems, pairs, shift, samples }, made)
    }

    /// The numbers of the articles counted.
    pub(super) fn counted(&self) -> impl Iterator<Item = usize> {
        (0..self.documents as usize).map(|number| number * self.step)
    }

    /// The counters of the sampled pairs of each article counted, to be had once.
    pub(super) fn take_samples(&mut self) -> Vec<Box<[u32]>> {
        std::mem::take(&mut self.samples)
    }

    /// The document frequencies of the sampled pairs, by counter.
    pub(super) fn frequencies_of_sampled(&self) -> impl Iterator<Item = u16> {
        self.pairs[..self.pairs.len() >> SAMPLE_BITS].iter().copied()
    }

    /// How far to shift a pair's hash to find its counter.
    pub(super) fn shift(&self) -> u32 {
        self.shift
    }

    /// All stems with their document frequencies, in no order.
    fn stems(&self) -> impl Iterator<Item = (Stem, u32)> {
        self.stems.iter().map(|(&stem, &df)| (stem, df))
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

    /// Weights of the different pairs of a document, in the order of first occurrence.
    pub(crate) fn pairs(&self, document: &Document, distinct: &mut DistinctPairs) -> Box<[u8]> {
        let count = |pair: u64| self.counts.pairs[(pair >> self.counts.shift) as usize];
        let pairs = distinct.of(&document.stems).iter();
        if self.missing == 0.0 {
            return pairs.map(|&pair| self.by_frequency[usize::from(count(pair))]).collect();
        }
        let all = f64::from(self.counts.documents) + self.missing;
        let frequency = |pair: u64| f64::from(count(pair)) + self.missing * self.background.pair(pair);
        pairs.map(|&pair| weight(frequency(pair), all)).collect()
    }
}
