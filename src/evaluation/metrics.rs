//! Measures of quality over judged pairs, each standing for as many pairs as its weight says.

/// How often a yes was right, and how much of what is true was found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Rates {
    /// Weight of the right ones among all yeses; `None` without a yes.
    pub precision: Option<f64>,
    /// Weight of the yeses among all that are true; `None` if nothing is true.
    pub recall: Option<f64>,
}

/// A number of things out of some.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Share {
    /// How many.
    pub count: usize,
    /// Out of how many.
    pub of: usize,
    /// The share by weight; `None` of nothing.
    pub weighted: Option<f64>,
}

fn ratio(part: f64, whole: f64) -> Option<f64> {
    (whole > 0.0).then(|| part / whole)
}

impl Rates {
    /// Of answers: `(said yes, is true, weight)`.
    pub fn of(answers: impl IntoIterator<Item = (bool, bool, f64)>) -> Rates {
        let (mut right, mut said, mut is) = (0.0, 0.0, 0.0);
        for (yes, truth, weight) in answers {
            said += if yes { weight } else { 0.0 };
            is += if truth { weight } else { 0.0 };
            right += if yes && truth { weight } else { 0.0 };
        }
        Rates { precision: ratio(right, said), recall: ratio(right, is) }
    }

    /// The harmonic mean of both.
    pub fn f1(self) -> Option<f64> {
        let (precision, recall) = (self.precision?, self.recall?);
        Some(ratio(2.0 * precision * recall, precision + recall).unwrap_or(0.0))
    }
}

impl Share {
    /// Of things: `(counts, weight)`.
    pub fn of(things: impl IntoIterator<Item = (bool, f64)>) -> Share {
        let mut share = Share::default();
        let (mut part, mut whole) = (0.0, 0.0);
        for (counts, weight) in things {
            share.of += 1;
            whole += weight;
            if counts {
                share.count += 1;
                part += weight;
            }
        }
        share.weighted = ratio(part, whole);
        share
    }
}

/// Average precision of the ranking by score: the sum over its places of precision there times recall won
/// there; equal scores are one place. Items: `(score, is true, weight)`. `None` if nothing is true.
pub(super) fn average_precision(items: impl IntoIterator<Item = (f64, bool, f64)>) -> Option<f64> {
    let mut ranked: Vec<(f64, bool, f64)> = items.into_iter().collect();
    ranked.sort_by(|x, y| y.0.total_cmp(&x.0));
    let (mut right, mut all, mut sum) = (0.0, 0.0, 0.0);
    for tied in ranked.chunk_by(|x, y| x.0 == y.0) {
        let won: f64 = tied.iter().filter(|item| item.1).map(|item| item.2).sum();
        right += won;
        all += tied.iter().map(|item| item.2).sum::<f64>();
        sum += ratio(right, all).unwrap_or(0.0) * won;
    }
    ratio(sum, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(found: Option<f64>, expected: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < 1e-12, "{found} for {expected}");
    }

    #[test]
    fn rates_by_weight() {
        let rates = Rates::of([(true, true, 3.0), (true, false, 1.0), (false, true, 2.0), (false, false, 50.0)]);
        near(rates.precision, 3.0 / 4.0);
        near(rates.recall, 3.0 / 5.0);
        // 2 * 0.75 * 0.6 / 1.35
        near(rates.f1(), 2.0 / 3.0);
    }

    #[test]
    fn rates_of_nothing_are_none() {
        assert_eq!(Rates::of([]), Rates::default());
        let rates = Rates::of([(false, true, 1.0)]);
        assert_eq!((rates.precision, rates.recall, rates.f1()), (None, Some(0.0), None));
        let rates = Rates::of([(false, true, 1.0), (true, false, 1.0)]);
        assert_eq!(rates.f1(), Some(0.0));
    }

    #[test]
    fn average_precision_without_ties() {
        // Places 1, 3 and 4 of 5 are true: (1/1 + 2/3 + 3/4) / 3.
        let items = [(0.9, true), (0.8, false), (0.7, true), (0.6, true), (0.5, false)];
        let found = average_precision(items.map(|(s, t)| (s, t, 1.0)));
        near(found, (1.0 + 2.0 / 3.0 + 3.0 / 4.0) / 3.0);
    }

    #[test]
    fn average_precision_with_weights() {
        // Precision 2/2, then 2/5, then 6/9; recall won 2/6 and 4/6.
        let items = [(0.9, true, 2.0), (0.8, false, 3.0), (0.7, true, 4.0)];
        near(average_precision(items), 2.0 / 6.0 + 6.0 / 9.0 * 4.0 / 6.0);
    }

    #[test]
    fn equal_scores_are_one_place_whatever_their_order() {
        let tied = [(0.5, true, 1.0), (0.5, false, 1.0), (0.2, true, 1.0), (0.2, false, 1.0)];
        // Both places have precision 1/2.
        near(average_precision(tied), 0.5);
        let mut other = tied;
        other.reverse();
        near(average_precision(other), 0.5);
    }

    #[test]
    fn average_precision_at_its_ends() {
        assert_eq!(average_precision([]), None);
        assert_eq!(average_precision([(0.5, false, 1.0)]), None);
        near(average_precision([(0.5, true, 7.0), (0.1, false, 7.0)]), 1.0);
    }

    #[test]
    fn shares() {
        assert_eq!(Share::of([(true, 3.0), (false, 1.0)]), Share { count: 1, of: 2, weighted: Some(0.75) });
        assert_eq!(Share::of([]).weighted, None);
    }
}
