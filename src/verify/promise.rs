//! What is known of a candidate before it is compared as a whole, and whether that leaves any hope.
//!
//! The first look needs no text: two articles that tell one report share many of their rare shingles; the fewer they share,
//! the nearer in time they must be, and of different outlets. The second look needs the stems that they share, and not yet the
//! pairs, which take several times as long: much of the lighter article must be in the other one, in the same forms. The
//! weights are those of logistic models of which candidates are verified in the end, rounded. The first look dismisses
//! three candidates in four, and of 14,609 that would be verified 13; the second one a sixth of the rest, and of 14,596 8
//! (docs/performance.md).

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

/// What the second look weighs, in log-odds.
struct Second {
    /// For each natural logarithm of the part that is shared of the lighter article's stems by weight, and of the heavier one's.
    lighter: f64,
    heavier: f64,
    /// If all that is shared is in the same form.
    same_form: f64,
    /// For each logarithm of a day more between them, if they name the same source, and for each logarithm of the stems of
    /// the shorter one.
    days: f64,
    same_source: f64,
    shorter: f64,
    /// The least that is promising.
    least: f64,
}

/// For the same report.
const REPORT: Second =
    Second { lighter: 10.0, heavier: 0.0, same_form: 28.0, days: -2.4, same_source: -3.2, shorter: 1.8, least: 24.0 };
/// For a copy.
const COPY: Second =
    Second { lighter: 25.0, heavier: 10.0, same_form: 19.0, days: 0.0, same_source: 0.0, shorter: 0.0, least: 10.0 };

/// Is it worth comparing the pairs of two articles that share these stems, where they must be copies or may be the same
/// report otherwise?
pub(crate) fn is_still_promising(
    shared: &Overlap,
    (a, b): (&Prepared, &Prepared),
    around: Circumstances,
    copies: bool,
) -> bool {
    let Second { lighter, heavier, same_form, days, same_source, shorter, least } = if copies { COPY } else { REPORT };
    let (less, more) = (a.stem_sum.min(b.stem_sum), a.stem_sum.max(b.stem_sum));
    // Where nothing weighs anything there is nothing to dismiss them by.
    if less == 0 {
        return true;
    }
    let log_of = |whole: u64| libm::log(shared.stem_sum.max(1) as f64 / whole as f64);
    let of_same_form = shared.same_form_sum as f64 / shared.stem_sum.max(1) as f64;
    let stems = a.weights.len().min(b.weights.len());
    let log_odds = lighter * log_of(less)
        + heavier * log_of(more)
        + same_form * of_same_form
        + days * libm::log1p(around.days.unwrap_or(DAYS_UNKNOWN))
        + same_source * f64::from(u8::from(around.same_source == Some(true)))
        + shorter * libm::log(stems as f64);
    log_odds >= least
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
    fn second(shared: u64, same_form: u64, days: f64, copies: bool) -> bool {
        let of = |stems: usize| {
            let mut article = Prepared::of_stems(vec![100; stems].into_boxed_slice());
            article.stem_sum = stems as u64 * 100;
            article
        };
        let shared = Overlap { stem_sum: shared * 100, same_form_sum: same_form * 100, ..Overlap::default() };
        is_still_promising(&shared, (&of(200), &of(100)), around(days, false), copies)
    }

    #[test]
    fn much_of_the_lighter_must_be_in_the_other() {
        let least = |days, copies| (1..=100).find(|&shared| second(shared, shared, days, copies)).unwrap();
        assert_eq!([least(0.0, false), least(9.0, false), least(0.0, true)], [30, 51, 95]);
        assert_eq!(least(9.0, true), least(0.0, true));
        // In the same forms.
        assert!(second(60, 60, 0.0, false) && !second(60, 40, 0.0, false));
    }

    #[test]
    fn what_weighs_nothing_is_compared() {
        let nothing = Prepared::default();
        for copies in [false, true] {
            assert!(is_still_promising(&Overlap::default(), (&nothing, &nothing), around(0.0, true), copies));
        }
    }
}
