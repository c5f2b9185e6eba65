//! Rarity: document frequencies of stems and pairs, and the weights they give.

use std::sync::atomic::{AtomicU16, Ordering};

use ahash::AHashMap;
use rayon::prelude::*;

use crate::arabic::Stem;
use crate::shingle::{Document, pairs};

/// Document frequencies counted over a set of articles.
pub struct Counts {
    documents: u32,
    stems: AHashMap<Stem, u32>,
    pairs: Vec<AtomicU16>,
    shift: u32,
}

impl Counts {
    /// Counts `documents`.
    pub fn of(documents: &[Document]) -> Counts {
        let total: usize = documents.iter().map(|d| d.stems.len() * 3).sum();
        let slots = (total * 4).next_power_of_two().clamp(1 << 16, 1 << 27);
        let pair_counts: Vec<AtomicU16> = (0..slots).map(|_| AtomicU16::new(0)).collect();
        let shift = 64 - slots.trailing_zeros();
        let stems = documents
            .par_iter()
            .fold(
                || (AHashMap::new(), Vec::new()),
                |(mut counts, mut scratch): (AHashMap<Stem, u32>, Vec<u64>), document| {
                    scratch.clear();
                    scratch.extend(document.stems.iter().map(|s| u64::from(s.0)));
                    scratch.sort_unstable();
                    scratch.dedup();
                    for &stem in &scratch {
                        *counts.entry(Stem(stem as u32)).or_default() += 1;
                    }
                    scratch.clear();
                    pairs(&document.stems, |_, _, hash| scratch.push(hash));
                    scratch.sort_unstable();
                    scratch.dedup();
                    for &hash in &scratch {
                        pair_counts[(hash >> shift) as usize].fetch_add(1, Ordering::Relaxed);
                    }
                    (counts, scratch)
                },
            )
            .map(|(counts, _)| counts)
            .reduce(AHashMap::new, |mut a, b| {
                for (stem, n) in b {
                    *a.entry(stem).or_default() += n;
                }
                a
            });
        Counts { documents: documents.len() as u32, stems, pairs: pair_counts, shift }
    }

    /// Document frequency of a stem.
    pub fn stem(&self, stem: Stem) -> u32 {
        self.stems.get(&stem).copied().unwrap_or(0)
    }

    /// Document frequency of a pair; never too low, seldom too high.
    pub fn pair(&self, hash: u64) -> u32 {
        u32::from(self.pairs[(hash >> self.shift) as usize].load(Ordering::Relaxed))
    }
}

/// Weights in 0..=1 from document frequencies: 1 for what one article has, 0 for what all have.
pub struct Weights {
    counts: Counts,
    table: Vec<f32>,
}

impl Weights {
    /// Weights by `counts`.
    pub fn new(counts: Counts) -> Weights {
        let n = f64::from(counts.documents) + 1.0;
        let r: f64 = std::env::var("NREF").ok().and_then(|x| x.parse().ok()).unwrap_or(n);
        let weight = |df: f64| ((n / (df.max(1.0) + 0.5)).ln() / (r / 1.5).ln()).clamp(0.0, 1.0) as f32;
        let table = (0..=counts.documents).map(|df| weight(f64::from(df))).collect();
        Weights { counts, table }
    }
    /// Weight of a stem.
    pub fn stem(&self, stem: Stem) -> f32 {
        self.table[self.counts.stem(stem) as usize]
    }
    /// Weight of a pair, and its document frequency.
    pub fn pair(&self, hash: u64) -> (f32, u32) {
        let df = self.counts.pair(hash);
        (self.table[(df as usize).min(self.table.len() - 1)], df)
    }
}
