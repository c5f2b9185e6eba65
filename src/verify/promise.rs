//! What is known of a candidate before it is compared as a whole, and whether that leaves any hope.
//!
//! The first look needs no text: two articles that tell one report share many of their rare shingles; the fewer they share,
//! the nearer in time they must be, and of different outlets. The second look needs the stems that they share, and not yet the
//! pairs, which take several times as long: much of the lighter article must be in the other one, in the same forms. The
//! weights are those of logistic models of which candidates are verified in the end, rounded. The first look dismisses
//! three candidates in four, and of 14,609 that would be verified 13; the second one a sixth of the rest, and of 14,596 4
//! (docs/performance.md). Of what may be a copy it dismisses next to nothing, so it is not asked of copies.

use super::features::{Circumstances, DAYS_UNKNOWN};
use super::overlap::Overlap;
use super::prepared::Prepared;

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

/// The second look: log-odds for each logarithm of the part of the lighter article's stems that is shared, by weight; if all
/// that is shared is in the same form; for each logarithm of a day more between them; if they name the same source; and for
/// each logarithm of the stems of the shorter one.
const CONTAINED: f64 = 10.0;
const SAME_FORM: f64 = 28.0;
const DAYS_OF_STEMS: f64 = -2.4;
const SAME_SOURCE_OF_STEMS: f64 = -3.2;
const SHORTER: f64 = 1.8;
/// The least that is promising.
const LEAST_OF_STEMS: f64 = 24.0;

/// Is it worth comparing the pairs of two articles that share these stems, to see whether they tell the same report?
pub(crate) fn is_still_promising(shared: &Overlap, (a, b): (&Prepared, &Prepared), around: Circumstances) -> bool {
    let lighter = a.stem_sum.min(b.stem_sum);
    // Where nothing weighs anything there is nothing to dismiss them by.
    if lighter == 0 {
        return true;
    }
    let stem_sum = shared.stem_sum.max(1) as f64;
    let stems = a.weights.len().min(b.weights.len());
    let log_odds = CONTAINED * libm::log(stem_sum / lighter as f64)
        + SAME_FORM * shared.same_form_sum as f64 / stem_sum
        + DAYS_OF_STEMS * libm::log1p(around.days.unwrap_or(DAYS_UNKNOWN))
        + SAME_SOURCE_OF_STEMS * f64::from(u8::from(around.same_source == Some(true)))
        + SHORTER * libm::log(stems as f64);
    log_odds >= LEAST_OF_STEMS
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

    /// Of articles of 100 and 200 stems, each of weight 100, of which so many are shared, and so many of these in the same form.
    fn second(shared: u64, same_form: u64, days: f64) -> bool {
        let of = |stems: usize| {
            let mut article = Prepared::of_stems(vec![100; stems].into_boxed_slice());
            article.stem_sum = stems as u64 * 100;
            article
        };
        let shared = Overlap { stem_sum: shared * 100, same_form_sum: same_form * 100, ..Overlap::default() };
        is_still_promising(&shared, (&of(200), &of(100)), around(days, false))
    }

    #[test]
    fn much_of_the_lighter_must_be_in_the_other() {
        let least = |days| (1..=100).find(|&shared| second(shared, shared, days)).unwrap();
        assert_eq!([least(0.0), least(9.0)], [30, 51]);
        // In the same forms.
        assert!(second(60, 60, 0.0) && !second(60, 40, 0.0));
    }

    #[test]
    fn what_weighs_nothing_is_compared() {
        let nothing = Prepared::default();
        assert!(is_still_promising(&Overlap::default(), (&nothing, &nothing), around(0.0, true)));
    }
}
