//! The first look at a candidate: whether what is known without its texts leaves any hope.
//!
//! Two articles that tell one report share many of their rare shingles; the fewer they share, the nearer in time they
//! must be, and of different outlets. The weights are those of a logistic model of which candidates are verified in
//! the end, rounded. The bound dismisses three candidates in four, and of 14,609 that would be verified 13
//! (docs/performance.md).

use super::features::{Circumstances, DAYS_UNKNOWN};

/// Log-odds for each natural logarithm of the shingles that are shared, and of those that could be.
const SHARED: f64 = 6.0;
const SMALLER: f64 = -5.0;
/// For each logarithm of a day more between them, and if they name the same source.
const DAYS: f64 = -2.0;
const SAME_SOURCE: f64 = -3.0;
/// The least that is promising.
const LEAST: f64 = -9.0;

/// Is it worth comparing two articles that share so many rare shingles, where the one with fewer has `smaller`?
/// Of a pair that shares none nothing is known: something else proposed it.
pub(crate) fn is_promising(shared: u16, smaller: u16, around: Circumstances) -> bool {
    let log = |count: u16| libm::log(f64::from(count.max(1)));
    let days = libm::log1p(around.days.unwrap_or(DAYS_UNKNOWN));
    let same_source = f64::from(u8::from(around.same_source == Some(true)));
    shared == 0 || SHARED * log(shared) + SMALLER * log(smaller) + DAYS * days + SAME_SOURCE * same_source >= LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(days: f64, same_source: bool) -> Circumstances {
        Circumstances { days: Some(days), same_source: Some(same_source) }
    }

    #[test]
    fn a_long_article_must_share_more() {
        // Of 20 shingles 3 are enough, and of 100 it takes 11.
        let other = around(0.0, false);
        let least = |smaller| (1..=smaller).find(|&shared| is_promising(shared, smaller, other)).unwrap();
        assert_eq!([2, 10, 20, 50, 100, 400].map(least), [1, 2, 3, 6, 11, 33]);
        assert!((1..400).all(|smaller| least(smaller) <= least(smaller + 1)));
    }

    #[test]
    fn days_and_one_source_speak_against_it() {
        assert!(is_promising(11, 100, around(0.0, false)));
        assert!(!is_promising(11, 100, around(2.0, false)));
        assert!(!is_promising(11, 100, around(0.0, true)));
        assert!(is_promising(25, 100, around(2.0, true)));
        // Nothing known is nearly nothing said.
        assert!(!is_promising(11, 100, Circumstances::default()));
        assert!(is_promising(12, 100, Circumstances::default()));
    }

    #[test]
    fn what_bands_propose_is_compared() {
        assert!(is_promising(0, 0, around(100.0, true)));
    }
}
