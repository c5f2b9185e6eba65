//! The features: what an overlap says, as numbers between articles of any length.

use super::overlap::{Overlap, Side};
use super::prepared::{PairWeights, Prepared};

/// What is known of two articles beside their texts.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Circumstances {
    /// Days between the two dates, where both are known.
    pub(crate) days: Option<f64>,
    /// Whether both name the same source; unknown where one names none.
    pub(crate) same_source: Option<bool>,
}

/// The value of a feature that cannot be told: the model takes the average for it, which weighs nothing.
const UNKNOWN: f64 = f64::NAN;

/// Articles without a date are taken for ones of nearly the same day: an input without dates is mostly of one
/// time, but a little doubt keeps precision where series can no longer be told by their days (docs/quality.md).
pub(super) const DAYS_UNKNOWN: f64 = 0.4;

/// The features by name, in their order in [`Features`] and in model files.
///
/// *lighter* is the article whose words weigh less in all, *containment* a share of that one, *pairs* are
/// unordered pairs of stems at most three apart, and weights are by rarity.
pub const FEATURES: [&str; 25] = [
    "pair_containment",
    "rare_pair_containment",
    "pair_containment_unweighted",
    "pair_containment_heavier",
    "stem_containment",
    "rare_stem_containment",
    "stem_cosine",
    "coverage_lighter",
    "coverage_less_covered",
    "lead_coverage_more",
    "lead_coverage_less",
    "verbatim",
    "verbatim_of_covered",
    "longest_run",
    "common_share",
    "rare_share",
    "same_form",
    "same_order",
    "numbers_contained",
    "other_weekday",
    "title_overlap",
    "title_in_other",
    "shared_evidence",
    "rare_evidence",
    "lighter_length",
];

/// Features that come from outside the texts follow those of the texts.
pub const CIRCUMSTANCES: [&str; 3] = ["days_apart", "same_source", "elsewhere"];

/// The place of `elsewhere`, the share of what two articles share that stands in articles of other days.
pub(crate) const ELSEWHERE: usize = FEATURES.len() + CIRCUMSTANCES.len() - 1;

/// The values of [`FEATURES`] and [`CIRCUMSTANCES`] for one pair of articles.
pub type Features = [f64; FEATURES.len() + CIRCUMSTANCES.len()];

/// Names of all values, in order.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    FEATURES.into_iter().chain(CIRCUMSTANCES)
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A share that nothing can be said of where there is nothing.
fn known_ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { UNKNOWN } else { ratio(part, whole) }
}

/// The features of the overlap of `a` and `b`; of what stands elsewhere nothing is known yet.
pub(crate) fn features(
    overlap: &Overlap,
    (a, pairs_a): (&Prepared, &PairWeights),
    (b, pairs_b): (&Prepared, &PairWeights),
    around: Circumstances,
) -> Features {
    let coverage = |side: &Side| ratio(side.covered, side.body);
    let lead = |side: &Side| ratio(side.lead_covered, side.lead);
    let title = |side: &Side| ratio(side.title_shared, side.title);
    let (ca, cb) = (coverage(&overlap.a), coverage(&overlap.b));
    let (la, lb) = (lead(&overlap.a), lead(&overlap.b));
    let lighter = a.stem_sum.min(b.stem_sum);
    let fewer_numbers = a.numbers.min(b.numbers);
    let covered = overlap.a.covered_stems.min(overlap.b.covered_stems);
    let titled = overlap.a.title > 0 && overlap.b.title > 0;
    let other_weekday = a.weekdays != 0 && b.weekdays != 0 && a.weekdays & b.weekdays == 0;
    let unit = 255.0;
    [
        ratio(overlap.pair_sum, pairs_a.sum.min(pairs_b.sum)),
        ratio(overlap.pair_squares, pairs_a.squares.min(pairs_b.squares)),
        ratio(overlap.pairs.into(), pairs_a.weights.len().min(pairs_b.weights.len()) as u64),
        ratio(overlap.pair_sum, pairs_a.sum.max(pairs_b.sum)),
        ratio(overlap.stem_sum, lighter),
        ratio(overlap.stem_squares, a.stem_squares.min(b.stem_squares)),
        overlap.stem_squares as f64 / (a.stem_squares as f64 * b.stem_squares as f64).sqrt().max(1.0),
        if (a.stem_sum, ca.to_bits()) < (b.stem_sum, cb.to_bits()) { ca } else { cb },
        ca.min(cb),
        la.max(lb),
        la.min(lb),
        ratio(overlap.bigrams.into(), a.weights.len().min(b.weights.len()) as u64),
        ratio(overlap.bigrams.into(), covered.into()).min(1.5),
        libm::log1p(overlap.longest.into()),
        ratio(overlap.common_sum, overlap.pair_sum),
        overlap.rare_share(),
        known_ratio(overlap.same_form_sum, overlap.stem_sum),
        known_ratio(overlap.same_order_sum, overlap.pair_sum),
        if fewer_numbers == 0 { 0.5 } else { ratio(overlap.numbers.into(), fewer_numbers.into()) },
        f64::from(u8::from(other_weekday)),
        if titled { ratio(overlap.title_sum, overlap.a.title.min(overlap.b.title)).min(1.0) } else { UNKNOWN },
        if titled { title(&overlap.a).max(title(&overlap.b)) } else { UNKNOWN },
        (overlap.pair_sum as f64 / unit).sqrt(),
        (overlap.rare_sum as f64 / unit).sqrt(),
        (lighter as f64 / unit).sqrt(),
        libm::log1p(around.days.unwrap_or(DAYS_UNKNOWN)),
        around.same_source.map_or(UNKNOWN, |same| f64::from(u8::from(same))),
        UNKNOWN,
    ]
}
