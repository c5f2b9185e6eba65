//! The background: how common stems and pairs are in Arabic news at large, for inputs too small to tell.
//!
//! Two tables, each from a 24-bit hash to a level of rarity. Absent means rarer than the table goes. The
//! file (`background.bin`, made by `naskh learn background`) is little-endian:
//!
//! ```text
//! 8 bytes  "naskhbg1"
//! u32      articles counted
//! u32 u32  entries of the table of stems, of pairs
//! u16 ...  stems, then pairs: 4 bits level, 12 bits distance to the entry before it, ascending
//! ```
//!
//! Level `v` stands for a share of `2^(-v/..)`: see [`level`]. Level 15 marks a step of 4,095 that names
//! no entry. Two hashes that collide count as the more common of the two, which happens to 1 stem in 300.

use std::sync::{Arc, OnceLock};

use ahash::AHashMap;
use rayon::prelude::*;
use xxhash_rust::xxh3::xxh3_64;

use crate::arabic::Stem;
use crate::error::{Error, Result};
use crate::shingle::{DistinctPairs, Document, Documents};

const MAGIC: &[u8; 8] = b"naskhbg1";
const HEADER: usize = 20;
const STEP: u32 = 0xFFF;
const NO_ENTRY: u8 = 15;
/// Levels per halving of the share.
const LEVELS_PER_OCTAVE: f64 = 1.25;

/// Shares of articles that stems and pairs stand in.
#[derive(Clone, Debug, Default)]
pub struct Background {
    articles: u32,
    /// Hash of the file.
    fingerprint: u64,
    // Shared, so that weights can be made again and again.
    stems: Arc<Levels>,
    pairs: Arc<Levels>,
}

/// Levels by key. A large input never asks for one.
#[derive(Debug, Default)]
struct Levels {
    packed: Vec<u16>,
    unpacked: OnceLock<AHashMap<u32, u8>>,
}

impl Levels {
    /// The share of articles that have what has this key; 0 if it is rarer than the table tells.
    fn share(&self, key: u32) -> f64 {
        self.unpacked.get_or_init(|| unpack(&self.packed)).get(&key).map_or(0.0, |&level| share(level))
    }
}

/// The level of a share of all articles: 0 for about all, 14 for about 1 in 2,400 and less.
fn level(share: f64) -> u8 {
    (-libm::log2(share) * LEVELS_PER_OCTAVE).round().clamp(0.0, f64::from(NO_ENTRY - 1)) as u8
}

fn share(level: u8) -> f64 {
    libm::exp2(-f64::from(level) / LEVELS_PER_OCTAVE)
}

fn stem_key(stem: Stem) -> u32 {
    // The top bit only tells numbers.
    (stem.0 ^ stem.0 >> 24) & 0xFF_FFFF
}

fn pair_key(pair: u64) -> u32 {
    (pair >> 40) as u32
}

impl Background {
    /// The table that ships with the crate.
    pub fn shipped() -> Background {
        Self::read(include_bytes!("background.bin")).unwrap_or_default()
    }

    /// Reads a table.
    ///
    /// # Errors
    /// [`Error::Config`] if `bytes` is not such a table.
    pub fn read(bytes: &[u8]) -> Result<Background> {
        let wrong = |found: &str| Error::Config {
            what: "background table".into(),
            found: found.into(),
            expected: "a file made by `naskh learn background`".into(),
        };
        let (header, body) = bytes.split_at_checked(HEADER).ok_or_else(|| wrong("a shorter file"))?;
        let words: Vec<u32> =
            header[8..].chunks_exact(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect();
        if &header[..8] != MAGIC {
            return Err(wrong("another kind of file"));
        }
        let entries: Vec<u16> = body.chunks_exact(2).map(|b| u16::from_le_bytes([b[0], b[1]])).collect();
        let (stems, pairs) = (words[1] as usize, words[2] as usize);
        if stems.checked_add(pairs) != Some(entries.len()) || body.len() % 2 != 0 {
            return Err(wrong("a file of another length"));
        }
        let (stems, pairs) = entries.split_at(stems);
        let levels = |packed: &[u16]| Arc::new(Levels { packed: packed.to_vec(), ..Levels::default() });
        let [stems, pairs] = [stems, pairs].map(levels);
        Ok(Background { articles: words[0], fingerprint: xxh3_64(bytes), stems, pairs })
    }

    /// Makes a table file of the stems in at least `min_stem` of `documents` and the pairs in at least
    /// `min_pair`.
    pub fn learn(documents: &Documents, min_stem: u32, min_pair: u32) -> Vec<u8> {
        let stems = frequencies(documents, |document, _| {
            let mut stems: Vec<u64> = document.stems.iter().map(|stem| u64::from(stem_key(*stem))).collect();
            stems.sort_unstable();
            stems.dedup();
            stems
        });
        let pairs = frequencies(documents, |document, distinct| distinct.of(&document.stems).to_vec());
        let level = |df: u32| level(f64::from(df) / documents.len().max(1) as f64);
        let stems = pack(stems.filter(|s| s.1 >= min_stem).map(|(key, df)| (key as u32, level(df))));
        let pairs = pack(pairs.filter(|p| p.1 >= min_pair).map(|(pair, df)| (pair_key(pair), level(df))));
        let mut file = MAGIC.to_vec();
        for word in [documents.len(), stems.len(), pairs.len()] {
            file.extend((word as u32).to_le_bytes());
        }
        file.extend(stems.iter().chain(&pairs).flat_map(|entry| entry.to_le_bytes()));
        file
    }

    /// Tells this table from others.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Articles it was counted over.
    pub fn articles(&self) -> u32 {
        self.articles
    }

    /// The share of articles that have this stem; 0 if it is rarer than the table tells.
    pub(crate) fn stem(&self, stem: Stem) -> f64 {
        self.stems.share(stem_key(stem))
    }

    /// The share of articles that have this pair; 0 if it is rarer than the table tells.
    pub(crate) fn pair(&self, pair: u64) -> f64 {
        self.pairs.share(pair_key(pair))
    }
}

/// In how many documents each of the things occurs that `of` gives of one, which must differ.
fn frequencies(
    documents: &Documents,
    of: impl Fn(&Document, &mut DistinctPairs) -> Vec<u64> + Sync + Send,
) -> impl Iterator<Item = (u64, u32)> {
    let gather = |(distinct, all): &mut (DistinctPairs, Vec<u64>), _, document: &Document| {
        all.extend(of(document, distinct));
    };
    let gathered = documents.fold("counting", Default::default, gather);
    let mut all: Vec<u64> = gathered.into_iter().flat_map(|(_, all)| all).collect();
    all.par_sort_unstable();
    let counted: Vec<(u64, u32)> = all.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u32)).collect();
    counted.into_iter()
}

fn pack(entries: impl Iterator<Item = (u32, u8)>) -> Vec<u16> {
    let mut sorted: Vec<(u32, u8)> = entries.collect();
    // The lower level, the more common one, first.
    sorted.sort_unstable();
    sorted.dedup_by_key(|e| e.0);
    let mut packed = Vec::with_capacity(sorted.len());
    let mut last = 0;
    for (key, level) in sorted {
        while key - last > STEP {
            packed.push(u16::from(NO_ENTRY) << 12 | STEP as u16);
            last += STEP;
        }
        packed.push(u16::from(level) << 12 | (key - last) as u16);
        last = key;
    }
    packed
}

fn unpack(packed: &[u16]) -> AHashMap<u32, u8> {
    let mut table = AHashMap::with_capacity(packed.len());
    let mut key = 0u32;
    for &entry in packed {
        key = key.wrapping_add(u32::from(entry) & STEP);
        let level = (entry >> 12) as u8;
        if level != NO_ENTRY {
            table.insert(key, level);
        }
    }
    table
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn packing_loses_nothing(table in proptest::collection::btree_map(0u32..1 << 24, 0u8..15, 0..200)) {
            let back: std::collections::BTreeMap<u32, u8> = unpack(&pack(table.clone().into_iter())).into_iter().collect();
            prop_assert_eq!(back, table);
        }

        #[test]
        fn any_bytes_are_a_table_or_an_error(mut bytes in proptest::collection::vec(any::<u8>(), 0..64), magic: bool) {
            if magic && bytes.len() > 8 {
                bytes[..8].copy_from_slice(MAGIC);
            }
            let _ = Background::read(&bytes);
        }
    }

    #[test]
    fn levels_keep_the_order_of_shares() {
        for df in 1..2000u32 {
            let (a, b) = (f64::from(df) / 2400.0, f64::from(df + 1) / 2400.0);
            assert!(level(a) >= level(b));
            assert!((share(level(a)) / a).log2().abs() <= 0.5 / LEVELS_PER_OCTAVE + 1e-9);
        }
    }
}
