//! Words by their hash: looked up a million times a second, so hashed once and compared never.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_64;

/// The hash of a folded word. Among some 10,000 listed words no two meet, and a word that is not listed is
/// taken for one that is with a chance of 1 in 10^15.
pub(crate) fn word_hash(word: &str) -> u64 {
    xxh3_64(word.as_bytes())
}

/// A map by [`word_hash`].
pub(crate) type WordMap<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// Leaves hashes as they are.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}
