//! Bands of a signature: which articles share a key, and how likely two of a given similarity do.
//!
//! A signature is cut into `bands` runs of `rows` values; articles that agree in all rows of a band
//! meet under one key (Leskovec, Rajaraman, Ullman, "Mining of massive datasets", section 3.4).

use crate::error::{Error, Result};
use crate::shingle::{finalise, mask};

/// How a signature is cut. Fields have names so that the two numbers cannot be swapped unnoticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bands {
    /// Number of bands: more of them find more pairs.
    pub bands: usize,
    /// Values per band: more of them find fewer pairs.
    pub rows: usize,
}

impl Bands {
    /// The cut of a signature of `k` values with the most rows per band, so the fewest chance
    /// candidates, that still finds two articles of Jaccard similarity `similarity` with a
    /// probability of at least `recall`. There are `k / rows` bands; up to `rows - 1` values at the
    /// end of the signature go unused.
    ///
    /// # Errors
    /// [`Error::Config`] if `similarity` or `recall` is not over 0 and at most 1, if `k` is 0, or if
    /// even bands of one row miss too many.
    pub fn choose(k: usize, similarity: f64, recall: f64) -> Result<Self> {
        for (what, value) in [("band similarity", similarity), ("band recall", recall)] {
            if !(value > 0.0 && value <= 1.0) {
                return Err(Error::Config {
                    what: what.into(),
                    found: value.to_string(),
                    expected: "a number over 0 and at most 1".into(),
                });
            }
        }
        (1..=k)
            .rev()
            .map(|rows| Self { bands: k / rows, rows })
            .find(|bands| bands.probability(similarity) >= recall)
            .ok_or_else(|| Error::Config {
                what: "band recall".into(),
                found: format!("{recall} at similarity {similarity} with {k} values"),
                expected: format!(
                    "at most {:.4}, or longer signatures",
                    Self { bands: k, rows: 1 }.probability(similarity)
                ),
            })
    }

    /// The S-curve 1 - (1 - s^rows)^bands: the probability that two signatures agree in at least
    /// one band if each value agrees with probability `similarity` independently.
    #[must_use]
    pub fn probability(&self, similarity: f64) -> f64 {
        1.0 - power(1.0 - power(similarity, self.rows), self.bands)
    }

    /// One key per band, in order: a fixed 64-bit hash of the band's number and its rows.
    ///
    /// Bands for which the signature is too short have no key.
    pub fn keys(&self, signature: &[u32]) -> impl Iterator<Item = u64> {
        (0..self.bands).map_while(|band| self.key(signature, band))
    }

    /// The key of one band, from 0; `None` if the signature ends before it does.
    pub(super) fn key(&self, signature: &[u32], band: usize) -> Option<u64> {
        let from = band.checked_mul(self.rows)?;
        let rows = signature.get(from..from.checked_add(self.rows)?)?;
        // Two rows a step; every step is one to one, so a difference in one step always shows.
        Some(rows.chunks(2).fold(mask(band as u64), |hash, rows| {
            let word = rows.iter().fold(0, |word, &row| word << 32 | u64::from(row));
            finalise(hash ^ word)
        }))
    }
}

/// x^n by repeated squaring. `f64::powi` may round differently from one platform to the next, which
/// could tip the choice of bands.
fn power(mut x: f64, mut n: usize) -> f64 {
    let mut result = 1.0;
    while n > 0 {
        if n & 1 == 1 {
            result *= x;
        }
        x *= x;
        n >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_curve_at_points_worked_out_by_hand() {
        assert_eq!(Bands { bands: 1, rows: 1 }.probability(0.25), 0.25);
        assert_eq!(Bands { bands: 1, rows: 2 }.probability(0.5), 0.25);
        assert_eq!(Bands { bands: 2, rows: 1 }.probability(0.5), 0.75);
        // The table of the book, section 3.4.2, for 20 bands of 5 rows.
        for (s, p) in [(0.2, 0.006), (0.4, 0.186), (0.5, 0.470), (0.6, 0.802), (0.8, 0.9996)] {
            let found = Bands { bands: 20, rows: 5 }.probability(s);
            assert!((found - p).abs() < 6e-4, "{s}: {found} is not {p}");
        }
    }

    #[test]
    fn the_curve_agrees_with_simulation() {
        let draws = 4000u64;
        for bands in [Bands { bands: 4, rows: 2 }, Bands { bands: 10, rows: 3 }] {
            for similarity in [0.2, 0.5, 0.8] {
                let met = (0..draws).filter(|&draw| {
                    // Signatures that agree in each value with the given probability.
                    let a: Vec<u32> = (0..30).collect();
                    let mut b = a.clone();
                    for value in &mut b {
                        let random = mask(draw << 8 | u64::from(*value)) as f64 / 2f64.powi(64);
                        *value += if random < similarity { 0 } else { 100 };
                    }
                    bands.keys(&a).zip(bands.keys(&b)).any(|(x, y)| x == y)
                });
                let share = met.count() as f64 / draws as f64;
                let p = bands.probability(similarity);
                let error = (p * (1.0 - p) / draws as f64).sqrt();
                assert!((share - p).abs() < 4.0 * error, "{bands:?} {similarity}: {share}, {p}");
            }
        }
    }

    #[test]
    fn choose_on_a_table() {
        for (k, similarity, recall, bands, rows) in [
            (128, 0.5, 0.99, 42, 3),
            (128, 0.5, 0.8, 32, 4),
            (128, 0.8, 0.99, 21, 6),
            (128, 0.9, 0.9, 9, 14),
            (128, 0.3, 0.9, 64, 2),
            (64, 0.5, 0.99, 32, 2),
            (16, 0.5, 0.5, 8, 2),
            (128, 1.0, 1.0, 1, 128),
            (1, 0.5, 0.5, 1, 1),
        ] {
            let found = Bands::choose(k, similarity, recall).unwrap();
            let case = format!("{k} {similarity} {recall}: {found:?}");
            assert_eq!(found, Bands { bands, rows }, "{case}");
            assert!(found.probability(similarity) >= recall, "{case}");
            let next = Bands { bands: k / (rows + 1), rows: rows + 1 };
            assert!(next.bands == 0 || next.probability(similarity) < recall, "{case}");
        }
    }

    #[test]
    fn choose_says_what_is_wrong() {
        for (k, similarity, recall) in [(0, 0.5, 0.9), (4, 0.1, 0.9), (8, 0.0, 0.9), (8, 1.5, 0.9), (8, 0.5, f64::NAN)]
        {
            assert!(matches!(Bands::choose(k, similarity, recall), Err(Error::Config { .. })));
        }
        let error = Bands::choose(4, 0.1, 0.9).unwrap_err().to_string();
        assert!(error.contains("at most 0.3439"), "{error}");
    }

    #[test]
    fn keys_are_frozen_and_differ_between_bands() {
        let bands = Bands { bands: 3, rows: 3 };
        let keys: Vec<u64> = bands.keys(&[7; 10]).collect();
        assert_eq!(keys, [0x23f4_f8bd_b41e_821d, 0x4ee9_3d27_6ea8_7070, 0x56fe_eeb3_6f63_abbe]);
        assert_eq!(bands.keys(&[7; 8]).count(), 2);
        assert_eq!(bands.keys(&[]).count(), 0);
    }

    proptest! {
        #[test]
        fn more_is_asked_fewer_rows_are_left(
            k in 1..200usize, s in 0.05..1.0f64, t in 0.05..1.0f64, p in 0.05..0.99f64, q in 0.05..0.99f64,
        ) {
            let rows = |s, p| Bands::choose(k, s, p).map_or(0, |bands| bands.rows);
            prop_assert!(rows(s.min(t), p) <= rows(s.max(t), p));
            prop_assert!(rows(s, p.max(q)) <= rows(s, p.min(q)));
            let found = Bands::choose(k, s, p);
            prop_assert!(found.map_or(true, |found| found.bands * found.rows <= k));
        }

        #[test]
        fn a_key_says_whether_all_rows_agree(
            a in prop::collection::vec(0..2u32, 12), b in prop::collection::vec(0..2u32, 12), rows in 1..5usize,
        ) {
            let bands = Bands { bands: 12 / rows, rows };
            for (band, (x, y)) in bands.keys(&a).zip(bands.keys(&b)).enumerate() {
                let run = band * rows..(band + 1) * rows;
                prop_assert_eq!(x == y, a[run.clone()] == b[run]);
            }
        }
    }
}
