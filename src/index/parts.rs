//! Keys of all articles, sampled shingles or those of bands, dealt out to parts by some bits of a hash: each part is
//! small enough to be sorted within the cache, and lies in memory or in a file.
//!
//! ```text
//! entry of a part   32 further bits of the hash │ article
//! ```
//!
//! Two keys are taken for one if these bits agree as well, which is to be expected of one pair of keys in 2^40 and more
//! of a large input.

use std::sync::{Mutex, PoisonError};

use crate::error::Result;
use crate::shingle::finalise;
use crate::spool::{Blob, Memory, Spool, Spooling};

/// Entries that a part should have, 8 bytes each, and the most bits that choose a part.
const ENTRIES_A_PART: u64 = 1 << 12;
const MOST_BITS: u32 = 10;
/// Entries of a part that wait in memory before they are put aside together.
const WAITING: usize = 1 << 13;
/// Entries that a thread gathers before it deals them out.
const GATHERED: usize = 1 << 14;

/// Keys being dealt out.
pub(crate) struct Dealing {
    bits: u32,
    /// Room for the entries of a part that wait, given at once: what grows is copied, and takes up twice as much.
    room: usize,
    parts: Vec<Mutex<Part>>,
    spooling: Spooling,
}

#[derive(Default)]
struct Part {
    waiting: Vec<u64>,
    aside: Vec<Blob>,
}

/// The bits that choose a part, of so many entries in all.
fn bits(entries: u64) -> u32 {
    (entries / ENTRIES_A_PART).max(2).ilog2().min(MOST_BITS)
}

/// By how many bits of their hashes shingles are told apart, of so many articles with so many entries in all. Of more
/// articles than can be numbered here, by all.
pub(crate) fn key_bits(articles: u64, entries: u64) -> u32 {
    if articles > u64::from(u32::MAX) { u64::BITS } else { u32::BITS + bits(entries) }
}

/// What one thread has gathered.
#[derive(Default)]
pub(crate) struct Gathered {
    /// The hash, and the article.
    entries: Vec<(u64, u32)>,
    by_part: Vec<u64>,
    ends: Vec<usize>,
}

impl Dealing {
    /// For about so many entries in all.
    pub(crate) fn new(entries: u64, memory: &Memory) -> Dealing {
        let bits = bits(entries);
        let parts = (0..1usize << bits).map(|_| Mutex::default()).collect();
        // Hashes do not deal them out quite evenly.
        let room = ((entries >> bits) * 17 / 16).min(WAITING as u64) as usize;
        Dealing { bits, room, parts, spooling: Spooling::new(memory) }
    }

    /// How many bits of a hash choose its part.
    #[cfg(test)]
    pub(super) fn bits(&self) -> u32 {
        self.bits
    }

    /// Deals out the keys of an article, in any order; one given twice counts once.
    pub(crate) fn add(&self, gathered: &mut Gathered, article: u32, keys: impl IntoIterator<Item = u64>) {
        gathered.entries.extend(keys.into_iter().map(|key| (finalise(key), article)));
        if gathered.entries.len() >= GATHERED {
            self.deal(gathered);
        }
    }

    /// Deals out what is left; to be called once a thread is done.
    pub(crate) fn deal(&self, gathered: &mut Gathered) {
        let part = |hash: u64| (hash >> (u64::BITS - self.bits)) as usize;
        let Gathered { entries, by_part, ends } = gathered;
        // Sort by counting.
        ends.clear();
        ends.resize(self.parts.len(), 0);
        entries.iter().for_each(|&(hash, _)| ends[part(hash)] += 1);
        let mut total = 0;
        ends.iter_mut().for_each(|end| total += std::mem::replace(end, total));
        by_part.clear();
        by_part.resize(total, 0);
        for &(hash, article) in entries.iter() {
            let end = &mut ends[part(hash)];
            by_part[*end] = hash << self.bits >> 32 << 32 | u64::from(article);
            *end += 1;
        }
        entries.clear();
        // Each thread begins with another part, lest one wait for another all the way.
        let first = rayon::current_thread_index().unwrap_or(0) * self.parts.len() / rayon::current_num_threads();
        for number in (first..self.parts.len()).chain(0..first) {
            let start = number.checked_sub(1).map_or(0, |before| ends[before]);
            let own = &by_part[start..ends[number]];
            let mut part = self.parts[number].lock().unwrap_or_else(PoisonError::into_inner);
            let Part { waiting, aside } = &mut *part;
            if waiting.len() + own.len() > WAITING && !waiting.is_empty() {
                let put = |to: &mut Vec<u8>| to.extend(waiting.iter().flat_map(|entry| entry.to_le_bytes()));
                aside.push(self.spooling.put(put));
                waiting.clear();
            }
            if waiting.capacity() == 0 {
                waiting.reserve_exact(self.room);
            }
            waiting.extend_from_slice(own);
        }
    }

    /// All parts.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if something could not be put aside.
    pub(crate) fn finish(self) -> Result<Parts> {
        let parts = self.parts.into_iter().map(|part| part.into_inner().unwrap_or_else(PoisonError::into_inner));
        Ok(Parts { parts: parts.collect(), spool: self.spooling.finish()? })
    }
}

/// The entries by parts.
pub(crate) struct Parts {
    parts: Vec<Part>,
    spool: Spool,
}

impl Parts {
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// The entries of a part, ascending, each once; of keys that one article has alone some may be left out.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if what was put aside cannot be read.
    pub(super) fn shared<'s>(&self, part: usize, sorting: &'s mut Sorting) -> Result<&'s [u64]> {
        let Part { waiting, aside } = &self.parts[part];
        let Sorting { entries, met, scratch } = sorting;
        entries.clear();
        entries.extend_from_slice(waiting);
        for &blob in aside {
            let bytes = self.spool.get(blob, scratch)?;
            entries.extend(bytes.as_chunks().0.iter().map(|&entry| u64::from_le_bytes(entry)));
        }
        drop_lone(entries, met);
        entries.sort_unstable();
        entries.dedup();
        Ok(entries)
    }
}

/// Scratch space for sorting parts; reused from part to part.
#[derive(Default)]
pub(super) struct Sorting {
    entries: Vec<u64>,
    met: Vec<[u64; 2]>,
    scratch: Vec<u8>,
}

/// Drops most entries whose keys no other one has: more than half of those of news, which need not be sorted.
fn drop_lone(entries: &mut Vec<u64>, met: &mut Vec<[u64; 2]>) {
    // Eight bits an entry, chosen by its key: met once, met again.
    met.clear();
    met.resize((entries.len() / 8).next_power_of_two(), [0; 2]);
    let mask = met.len() - 1;
    let bit = |entry: u64| ((entry >> 38) as usize & mask, 1u64 << (entry >> 32 & 63));
    for &entry in entries.iter() {
        let (word, bit) = bit(entry);
        let [once, again] = &mut met[word];
        *again |= *once & bit;
        *once |= bit;
    }
    // Without a branch: which have company no processor can guess.
    let mut kept = 0;
    for at in 0..entries.len() {
        let entry = entries[at];
        let (word, bit) = bit(entry);
        entries[kept] = entry;
        kept += usize::from(met[word][1] & bit != 0);
    }
    entries.truncate(kept);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use rayon::prelude::*;

    use super::*;

    #[test]
    fn every_article_of_a_key_is_in_one_run() {
        let folder = tempfile::tempdir().unwrap();
        let articles = 30_000u32;
        let keys = |article: u32| [u64::from(article % 5000), u64::from(article) << 32, 7];
        for memory in [Memory::default(), Memory::new(0, folder.path())] {
            let dealing = Dealing::new(u64::from(articles) * 3, &memory);
            (0..articles).into_par_iter().chunks(1000).for_each(|some| {
                let mut gathered = Gathered::default();
                some.into_iter().for_each(|article| dealing.add(&mut gathered, article, keys(article)));
                dealing.deal(&mut gathered);
            });
            let parts = dealing.finish().unwrap();
            let mut sorting = Sorting::default();
            let mut sizes: BTreeMap<usize, usize> = BTreeMap::new();
            for part in 0..parts.len() {
                let entries = parts.shared(part, &mut sorting).unwrap();
                for run in entries.chunk_by(|x, y| x >> 32 == y >> 32) {
                    assert!(run.is_sorted_by(|x, y| (*x as u32) < *y as u32));
                    *sizes.entry(run.len()).or_default() += 1;
                }
            }
            // Of the keys of one article most are left out.
            let lone = sizes.remove(&1).unwrap_or_default();
            assert!(lone < articles as usize / 4, "{lone}");
            // Article 0 gives 0 twice, which is one of the 5,000 that six articles have.
            let expected = [(6, 5000 - 1), (articles as usize, 1)];
            assert_eq!(sizes.into_iter().collect::<Vec<_>>(), expected);
        }
    }
}
