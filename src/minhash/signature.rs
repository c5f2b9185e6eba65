//! The k-value signature of a set: one-permutation hashing with optimal densification.
//!
//! This is the specification; `vectors.json` freezes its output. With `k` bins, `2^c = k`:
//!
//! ```text
//! hash of a shingle = finalise(shingle ^ mask(seed)):
//!
//!     63      64-c            32 31                0
//!    ┌─────────┬────────────────┬──────────────────┐
//!    │   bin   │    not used    │      value       │
//!    └─────────┴────────────────┴──────────────────┘
//!
//! 1. Every bin keeps the least value that falls into it. (A value of 2^32-1 is read as 2^32-2, so
//!    that all ones can stand for an empty bin, ∅.)
//!
//!    bin    0   1   2   3   4   5   6   7
//!         ┌───┬───┬───┬───┬───┬───┬───┬───┐
//!         │ 7 │ ∅ │ 3 │ ∅ │ ∅ │ 9 │ ∅ │ 5 │
//!         └───┴───┴───┴───┴───┴───┴───┴───┘
//!
//! 2. Every empty bin i looks at the bins d(i, 0), d(i, 1), ... and copies the first that step 1
//!    left full, never one that is itself a copy.
//!
//!    d(1, 0) = 0                 bin 1 becomes 7
//!    d(3, 0) = 1, d(3, 1) = 2    bin 3 becomes 3
//!
//!    d(i, t) = top c bits of finalise((i * 2^32 + t) ^ mask(mask(seed)))
//! ```
//!
//! Step 1 is Li, Owen, Zhang, "One permutation hashing" (NIPS 2012); step 2 is the algorithm of
//! Shrivastava, "Optimal densification for fast and accurate minwise hashing" (ICML 2017), with a
//! full finaliser where the paper asks for a 2-universal hash.
//!
//! Why position by position the chance of equal values is the Jaccard similarity: look at position
//! `i` and the first bin of `i, d(i,0), d(i,1), ...` that is full in the union of the two sets. The
//! least value there belongs to a uniformly drawn member of the union. If that member is in both
//! sets, both signatures copy that same bin and agree; if in one only, the other set either has a
//! different least value there or goes on to another bin, and they differ (but for two 32-bit
//! values that happen to coincide, 2^-32).

use crate::error::{Error, Result};
use crate::lanes::{Loops, by_lanes};
use crate::shingle::{finalise, mask};

/// Shingles hashed at a time, before the first of them is put into its bin.
const LANES: usize = 16;

/// Marks a bin into which no shingle fell; never a value.
const EMPTY: u32 = u32::MAX;

/// The longest signature; bounds what densification keeps on the stack.
const MAX_K: usize = 4096;

/// Makes signatures of one length under one seed; only those are comparable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MinHasher {
    k: usize,
    /// 32 - log2(k): shifts the high half of a hash down to its bin.
    shift: u32,
    value_mask: u64,
    donor_mask: u64,
}

impl MinHasher {
    /// The length used where the user asks for none.
    pub const DEFAULT_K: usize = 128;

    /// A hasher for signatures of `k` values under `seed`.
    ///
    /// # Errors
    /// [`Error::Config`] unless `k` is a power of two from 1 to 4096.
    pub fn new(k: usize, seed: u64) -> Result<Self> {
        if !k.is_power_of_two() || k > MAX_K {
            return Err(Error::Config {
                what: "signature length k".into(),
                found: k.to_string(),
                expected: format!("a power of two from 1 to {MAX_K}"),
            });
        }
        let value_mask = mask(seed);
        Ok(Self { k, shift: 32 - k.trailing_zeros(), value_mask, donor_mask: mask(value_mask) })
    }

    /// The number of values in a signature.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// Writes the signature of a set into `out`, which is `k` long.
    ///
    /// The order of the shingles and repeated ones make no difference. Returns false and leaves
    /// `out` untouched if the set is empty, for it has no signature (or if `out` is not `k` long,
    /// which a debug build asserts).
    pub fn sign(&self, shingles: &[u64], out: &mut [u32]) -> bool {
        debug_assert_eq!(out.len(), self.k, "room for another k");
        if shingles.is_empty() || out.len() != self.k {
            return false;
        }
        self.fill(shingles, out);
        self.densify(out);
        true
    }

    /// The signature of a set, `k` values; `None` for the empty set.
    #[must_use]
    pub fn signature(&self, shingles: &[u64]) -> Option<Box<[u32]>> {
        if shingles.is_empty() {
            return None;
        }
        let mut out = vec![EMPTY; self.k].into_boxed_slice();
        self.sign(shingles, &mut out).then_some(out)
    }

    /// Step 1: the least value of every bin, `EMPTY` where there is none.
    fn fill(&self, shingles: &[u64], bins: &mut [u32]) {
        bins.fill(EMPTY);
        by_lanes(Filling { hasher: self, shingles, bins });
    }

    /// Step 2: every empty bin copies its first full donor. At least one bin must be full.
    ///
    /// With f full bins a donor takes k/f attempts on average.
    fn densify(&self, bins: &mut [u32]) {
        if !bins.contains(&EMPTY) {
            return;
        }
        // Which bins step 1 left full, one bit each: copies must not become donors.
        let mut full = [0u64; MAX_K / 64];
        for (word, bins) in full.iter_mut().zip(bins.chunks(64)) {
            for (bit, &value) in bins.iter().enumerate() {
                *word |= u64::from(value != EMPTY) << bit;
            }
        }
        for (at, &word) in full.iter().enumerate().take(self.k.div_ceil(64)) {
            let mut empty = !word;
            while empty != 0 {
                let bin = at * 64 + empty.trailing_zeros() as usize;
                empty &= empty - 1;
                if bin < self.k {
                    bins[bin] = bins[self.donor(bin, &full)];
                }
            }
        }
    }

    /// The first full bin of the sequence `d(bin, 0), d(bin, 1), ...`
    #[inline]
    fn donor(&self, bin: usize, full: &[u64; MAX_K / 64]) -> usize {
        let mut probe = (bin as u64) << 32;
        loop {
            let donor = self.bin(finalise(probe ^ self.donor_mask));
            if full[donor / 64] >> (donor % 64) & 1 == 1 {
                return donor;
            }
            probe += 1;
        }
    }

    /// The top log2(k) bits of a hash.
    #[inline]
    fn bin(&self, hash: u64) -> usize {
        ((hash >> 32) >> self.shift) as usize
    }
}

/// Puts the value of each shingle into its bin, if it is less than what is there.
struct Filling<'a> {
    hasher: &'a MinHasher,
    shingles: &'a [u64],
    bins: &'a mut [u32],
}

impl Loops for Filling<'_> {
    #[inline(always)]
    fn run(self) {
        let Filling { hasher, shingles, bins } = self;
        let mut put = |hash: u64| {
            let slot = &mut bins[hasher.bin(hash)];
            *slot = (*slot).min((hash as u32).min(EMPTY - 1));
        };
        let (chunks, rest) = shingles.as_chunks::<LANES>();
        for chunk in chunks {
            let mut hashes = [0; LANES];
            for (hash, &shingle) in hashes.iter_mut().zip(chunk) {
                *hash = finalise(shingle ^ hasher.value_mask);
            }
            for hash in hashes {
                put(hash);
            }
        }
        for &shingle in rest {
            put(finalise(shingle ^ hasher.value_mask));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::btree_set;
    use proptest::prelude::*;
    use serde::Deserialize;

    /// A case of `vectors.json`, which was written by a separate program after the text above.
    #[derive(Deserialize)]
    struct Vector {
        name: String,
        k: usize,
        seed: String,
        /// Shingles `from..to`, or spelled out in hexadecimal.
        range: Option<[u64; 2]>,
        hex: Option<Vec<String>>,
        signature: String,
    }

    #[test]
    fn agrees_with_the_frozen_vectors() {
        let vectors: Vec<Vector> = serde_json::from_str(include_str!("vectors.json")).unwrap();
        assert!(vectors.len() >= 8);
        for vector in vectors {
            let number = |hex: &String| u64::from_str_radix(hex, 16).unwrap();
            let mut shingles: Vec<u64> = vector.hex.iter().flatten().map(number).collect();
            shingles.extend(vector.range.iter().flat_map(|&[from, to]| from..to));
            let hasher = MinHasher::new(vector.k, number(&vector.seed)).unwrap();
            let found: Vec<String> =
                hasher.signature(&shingles).unwrap().iter().map(|value| format!("{value:08x}")).collect();
            assert_eq!(found.join(" "), vector.signature, "{}", vector.name);
        }
    }

    #[test]
    fn refuses_lengths_that_are_no_power_of_two() {
        for k in [0, 3, 100, 8192] {
            let error = MinHasher::new(k, 0).unwrap_err().to_string();
            assert!(error.contains(&format!("found {k};")), "{error}");
        }
        for k in [1, 2, 64, 128, 4096] {
            assert_eq!(MinHasher::new(k, 0).unwrap().k(), k);
        }
    }

    #[test]
    fn the_empty_set_has_no_signature() {
        let hasher = MinHasher::new(8, 1).unwrap();
        let mut out = [7; 8];
        assert!(!hasher.sign(&[], &mut out));
        assert_eq!(out, [7; 8]);
        assert_eq!(hasher.signature(&[]), None);
    }

    #[test]
    fn one_shingle_fills_every_bin_with_its_value() {
        for k in [1, 2, 128, 4096] {
            let signature = MinHasher::new(k, 9).unwrap().signature(&[42]).unwrap();
            assert_eq!(*signature, vec![signature[0]; k]);
            assert_ne!(signature[0], EMPTY);
        }
    }

    #[test]
    fn a_hash_of_all_ones_is_not_taken_for_an_empty_bin() {
        // Worked back through the steps of the finaliser.
        let x = 0xcf9a_04af_fa6b_adc0;
        assert_eq!(finalise(x), u64::MAX);
        let signature = MinHasher::new(16, 5).unwrap().signature(&[x ^ mask(5)]).unwrap();
        assert_eq!(*signature, [EMPTY - 1; 16]);
    }

    proptest! {
        #[test]
        fn identical_sets_have_equal_signatures_in_any_order(
            mut shingles in prop::collection::vec(any::<u64>(), 1..300),
            seed: u64, bits in 0..9u32, turn: usize,
        ) {
            let hasher = MinHasher::new(1 << bits, seed).unwrap();
            let before = hasher.signature(&shingles).unwrap();
            let len = shingles.len();
            shingles.rotate_left(turn % len);
            shingles.swap(0, len / 2);
            shingles.push(shingles[len / 3]);
            let after = hasher.signature(&shingles).unwrap();
            prop_assert_eq!(super::super::jaccard(&before, &after), 1.0);
        }

        #[test]
        fn a_union_has_the_least_values_of_its_parts(
            a in btree_set(any::<u64>(), 0..80), b in btree_set(any::<u64>(), 0..80), seed: u64,
        ) {
            let hasher = MinHasher::new(32, seed).unwrap();
            let bins = |set: Vec<u64>| {
                let (mut bins, mut portably) = (vec![0; 32], vec![EMPTY; 32]);
                hasher.fill(&set, &mut bins);
                Filling { hasher: &hasher, shingles: &set, bins: &mut portably }.run();
                assert_eq!(bins, portably);
                bins
            };
            let union = bins(a.union(&b).copied().collect());
            let (a, b) = (bins(a.into_iter().collect()), bins(b.into_iter().collect()));
            for bin in 0..32 {
                prop_assert_eq!(union[bin], a[bin].min(b[bin]));
            }
        }

        #[test]
        fn only_full_bins_are_donors(set in btree_set(any::<u64>(), 1..40), seed: u64) {
            let hasher = MinHasher::new(64, seed).unwrap();
            let shingles: Vec<u64> = set.into_iter().collect();
            let mut bins = vec![0; 64];
            hasher.fill(&shingles, &mut bins);
            let signature = hasher.signature(&shingles).unwrap();
            for bin in 0..64u64 {
                let expected = (0..).map(|attempt| {
                    bins[(finalise(((bin << 32) + attempt) ^ hasher.donor_mask) >> 58) as usize]
                }).find(|&value| value != EMPTY);
                let own = Some(bins[bin as usize]).filter(|&value| value != EMPTY);
                prop_assert_eq!(Some(signature[bin as usize]), own.or(expected));
            }
        }
    }
}
