//! The scaled sample: a fixed fraction of all shingles, the same ones in every article.
//!
//! A shingle is kept if its hash, spread once more, lies below a fixed fraction of 2^64: Broder's "mod" sketch
//! ("On the resemblance and containment of documents", 1997) in the form of FracMinHash
//! (Irber et al., "Lightweight compositional analysis of metagenomes with FracMinHash and minimum
//! metagenome covers", 2022). The sample grows with the article, so it can say how much of a short
//! report stands within a long one, which a signature of fixed length cannot.

use crate::error::{Error, Result};

use std::cmp::Ordering;

/// Brings the low bits of a shingle, which is a hash already, to bear on the high ones that decide: 2^64
/// over the golden ratio.
const SPREAD: u64 = 0x9E37_79B9_7F4A_7C15;

/// Decides which shingles are in the sample: one in `denominator`, on average.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scaled {
    /// The greatest hash that is kept.
    last: u64,
}

impl Scaled {
    /// Keeps a fraction of 1/`denominator` of all shingles; 1 keeps every one.
    ///
    /// # Errors
    /// [`Error::Config`] if `denominator` is 0.
    pub fn new(denominator: u32) -> Result<Self> {
        match u64::MAX.checked_div(u64::from(denominator)) {
            // The whole numbers below 2^64 / d are 0 ..= (2^64 - 1) / d.
            Some(last) => Ok(Self { last }),
            None => Err(Error::Config {
                what: "sampling denominator".into(),
                found: denominator.to_string(),
                expected: "1 or more (keeps one shingle in so many)".into(),
            }),
        }
    }

    /// Whether this shingle belongs to the sample of every article that has it.
    #[inline]
    #[must_use]
    pub fn keep(&self, shingle: u64) -> bool {
        shingle.wrapping_mul(SPREAD) <= self.last
    }
}

/// Estimates which share of A's shingles is in B, from 0 to 1, from their samples under one
/// [`Scaled`], both in ascending order without repetition; `None` if A's sample is empty.
///
/// This is |a ∩ b| / |a| with no correction: a sample that is not empty is, given its size, a
/// uniform draw from A, so the ratio is unbiased. The factor 1-(1-s)^|A| of Hera, Pierce-Ward and
/// Koslicki (2023) makes up for empty samples counted as 0, which here are `None`.
#[must_use]
pub fn containment(a: &[u64], b: &[u64]) -> Option<f64> {
    if a.is_empty() {
        return None;
    }
    let (mut i, mut j, mut shared) = (0, 0, 0usize);
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        let order = x.cmp(y);
        i += usize::from(order != Ordering::Greater);
        j += usize::from(order != Ordering::Less);
        shared += usize::from(order == Ordering::Equal);
    }
    Some(shared as f64 / a.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shingle::mask;
    use proptest::collection::btree_set;
    use proptest::prelude::*;

    fn sample(scaled: Scaled, shingles: impl IntoIterator<Item = u64>) -> Vec<u64> {
        let mut kept: Vec<u64> = shingles.into_iter().filter(|&s| scaled.keep(s)).collect();
        kept.sort_unstable();
        kept
    }

    #[test]
    fn keeps_one_in_so_many() {
        assert!(Scaled::new(0).is_err());
        assert_eq!(sample(Scaled::new(1).unwrap(), 0..1000).len(), 1000);
        for denominator in [2, 8, 50] {
            let share = 1.0 / f64::from(denominator);
            let kept = sample(Scaled::new(denominator).unwrap(), 0..100_000).len() as f64;
            let spread = (1e5 * share * (1.0 - share)).sqrt();
            assert!((kept - 1e5 * share).abs() < 4.0 * spread, "{kept} of 100000 at {share}");
        }
    }

    #[test]
    fn the_sample_is_frozen() {
        assert_eq!(sample(Scaled::new(8).unwrap(), 0..64), [0, 5, 13, 18, 26, 34, 39, 47, 60]);
    }

    #[test]
    fn containment_by_hand() {
        assert_eq!(containment(&[], &[1, 2]), None);
        assert_eq!(containment(&[1, 2], &[]), Some(0.0));
        assert_eq!(containment(&[1, 5, 9, 12], &[0, 5, 6, 12, 13, 14]), Some(0.5));
        assert_eq!(containment(&[3, 4], &[1, 2, 3, 4, 5]), Some(1.0));
        assert_eq!(containment(&[1, 2, 3, 4, 5], &[3, 4]), Some(0.4));
    }

    #[test]
    fn containment_is_unbiased() {
        // 200 shingles of which 60 are in the other set, one in 16 sampled, many draws.
        let scaled = Scaled::new(16).unwrap();
        let mut errors = Vec::new();
        for draw in 0..2000u64 {
            let shingle = |i: u64| mask(draw << 32 | i);
            let a = sample(scaled, (0..200).map(shingle));
            let b = sample(scaled, (140..500).map(shingle));
            errors.extend(containment(&a, &b).map(|estimate| estimate - 0.3));
        }
        let n = errors.len() as f64;
        let mean = errors.iter().sum::<f64>() / n;
        let variance = errors.iter().map(|e| (e - mean).powi(2)).sum::<f64>() / (n - 1.0);
        assert!(mean.abs() < 4.0 * (variance / n).sqrt(), "bias {mean}");
    }

    proptest! {
        #[test]
        fn a_superset_has_a_superset_sample(
            a in btree_set(any::<u64>(), 0..200), more in btree_set(any::<u64>(), 0..200), d in 1..40u32,
        ) {
            let scaled = Scaled::new(d).unwrap();
            let inner = sample(scaled, a.iter().copied());
            let outer = sample(scaled, a.union(&more).copied());
            prop_assert!(inner.iter().all(|shingle| outer.binary_search(shingle).is_ok()));
            prop_assert!([None, Some(1.0)].contains(&containment(&inner, &outer)));
            // A coarser sample is a part of a finer one.
            let coarser = sample(Scaled::new(d + 1).unwrap(), a.iter().copied());
            prop_assert!(coarser.iter().all(|shingle| inner.binary_search(shingle).is_ok()));
        }

        #[test]
        fn containment_equals_the_set_count(
            a in btree_set(0..50u64, 1..30), b in btree_set(0..50u64, 0..30),
        ) {
            let share = a.intersection(&b).count() as f64 / a.len() as f64;
            let (a, b): (Vec<_>, Vec<_>) = (a.into_iter().collect(), b.into_iter().collect());
            prop_assert_eq!(containment(&a, &b), Some(share));
        }
    }
}
