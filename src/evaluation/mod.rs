//! What judged pairs say about scores, groups and candidates, and models fitted to them.

mod fitting;
mod judged;
mod judges;
mod metrics;

use serde_json::{Value, json};

pub use fitting::{Fitted, fit_judged};
pub use judged::{Judged, Judgement, both_kinds};
pub use judges::{Found, HeldOut, Judges};
use metrics::average_precision;
pub use metrics::{Rates, Share};

/// A judged pair, and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// What was judged.
    pub judgement: Judgement,
    /// Judged to belong together, at the level asked for.
    pub truth: bool,
    /// The score found.
    pub score: f64,
    /// The verdict.
    pub said: bool,
    /// What grouping made of it, where there was grouping.
    pub grouping: Option<InGrouping>,
}

impl Case {
    /// Was the verdict wrong, or what grouping made of the pair?
    pub fn is_wrong(&self) -> bool {
        self.said != self.truth || self.grouping.is_some_and(|grouping| grouping.together != self.truth)
    }
}

/// What grouping made of a pair.
#[derive(Clone, Copy, Debug)]
pub struct InGrouping {
    /// Both are in one group.
    pub together: bool,
    /// The index proposed the pair.
    pub proposed: bool,
}

/// The measures of some cases.
#[derive(Clone, Debug)]
pub struct Quality {
    /// How many cases.
    pub pairs: usize,
    /// Of the verdicts.
    pub verdicts: Rates,
    /// Of the ranking by score; `None` if nothing is true.
    pub average_precision: Option<f64>,
    /// Where all cases were grouped.
    pub grouping: Option<GroupingQuality>,
}

/// The measures of groups and candidates.
#[derive(Clone, Debug)]
pub struct GroupingQuality {
    /// Yes: both in one group.
    pub groups: Rates,
    /// Pairs of one template, and of different reports or at level event of different events, that are in one group.
    pub templates_merged: Share,
    /// Pairs judged to be the same report, or at level event the same event, that were candidates.
    pub proposed: Share,
}

/// The measures of all cases, and of those the judge was sure of.
#[derive(Clone, Debug)]
pub struct Evaluation {
    /// Of all.
    pub all: Quality,
    /// Of the sure ones.
    pub sure: Quality,
}

impl Evaluation {
    /// The measures of `cases`.
    pub fn of(cases: &[Case]) -> Evaluation {
        let sure: Vec<Case> = cases.iter().filter(|case| case.judgement.sure).copied().collect();
        Evaluation { all: Quality::of(cases), sure: Quality::of(&sure) }
    }

    /// As `naskh eval --json` writes it.
    pub fn to_json(&self) -> Value {
        json!({ "all": self.all.to_json(), "sure": self.sure.to_json() })
    }
}

impl Quality {
    fn of(cases: &[Case]) -> Quality {
        let weight = |case: &Case| case.judgement.weight;
        Quality {
            pairs: cases.len(),
            verdicts: Rates::of(cases.iter().map(|c| (c.said, c.truth, weight(c)))),
            average_precision: average_precision(cases.iter().map(|c| (c.score, c.truth, weight(c)))),
            grouping: GroupingQuality::of(cases),
        }
    }

    fn to_json(&self) -> Value {
        let mut verdicts = rates(self.verdicts);
        verdicts["average_precision"] = number(self.average_precision);
        let mut json = json!({ "pairs": self.pairs, "verdicts": verdicts });
        if let Some(grouping) = &self.grouping {
            json["groups"] = rates(grouping.groups);
            json["templates_merged"] = share(grouping.templates_merged);
            json["proposed"] = share(grouping.proposed);
        }
        json
    }
}

impl GroupingQuality {
    /// `None` unless all cases were grouped.
    fn of(cases: &[Case]) -> Option<GroupingQuality> {
        let grouped: Option<Vec<(&Case, InGrouping)>> = cases.iter().map(|case| Some((case, case.grouping?))).collect();
        let grouped = grouped.filter(|grouped| !grouped.is_empty())?;
        let rows = || grouped.iter().map(|&(case, found)| (case.judgement, case.truth, found));
        Some(GroupingQuality {
            groups: Rates::of(rows().map(|(judgement, truth, found)| (found.together, truth, judgement.weight))),
            templates_merged: Share::of(
                rows()
                    .filter(|(judgement, truth, _)| judgement.template && judgement.label <= 3 && !truth)
                    .map(|(judgement, _, found)| (found.together, judgement.weight)),
            ),
            proposed: Share::of(
                rows()
                    .filter(|(judgement, truth, _)| judgement.label >= 4 || *truth)
                    .map(|(judgement, _, found)| (found.proposed, judgement.weight)),
            ),
        })
    }
}

/// Four decimals are more than some hundred pairs can tell.
fn number(value: Option<f64>) -> Value {
    value.map_or(Value::Null, |x| json!((x * 1e4).round() / 1e4))
}

fn rates(rates: Rates) -> Value {
    json!({ "precision": number(rates.precision), "recall": number(rates.recall), "f1": number(rates.f1()) })
}

fn share(share: Share) -> Value {
    json!({ "count": share.count, "of": share.of, "weighted": number(share.weighted) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_measure_asks_its_own_pairs() {
        let case = |label, template, sure, together, proposed| Case {
            judgement: Judgement { label, weight: f64::from(label), template, sure },
            truth: label >= 4,
            score: f64::from(label) / 5.0,
            said: label >= 3,
            grouping: Some(InGrouping { together, proposed }),
        };
        let cases = [
            case(5, true, true, true, true),
            case(4, false, false, false, false),
            case(3, true, true, true, true),
            case(2, true, false, false, true),
            case(1, false, true, false, false),
        ];
        let found = Evaluation::of(&cases).to_json();
        assert_eq!(
            found["all"],
            json!({
                "pairs": 5,
                // 9 of 12 by weight.
                "verdicts": { "precision": 0.75, "recall": 1.0, "f1": 0.8571, "average_precision": 1.0 },
                "groups": { "precision": 0.625, "recall": 0.5556, "f1": 0.5882 },
                "templates_merged": { "count": 1, "of": 2, "weighted": 0.6 },
                "proposed": { "count": 1, "of": 2, "weighted": 0.5556 },
            })
        );
        assert_eq!(found["sure"]["pairs"], 3);
        assert_eq!(found["sure"]["groups"]["recall"], 1.0);
    }

    #[test]
    fn without_grouping_its_measures_are_left_out() {
        let case = Case {
            judgement: Judgement { label: 5, weight: 1.0, template: false, sure: false },
            truth: true,
            score: 1.0,
            said: true,
            grouping: None,
        };
        let found = Evaluation::of(&[case]).to_json();
        assert!(found["all"].get("groups").is_none());
        assert_eq!(found["sure"]["pairs"], 0);
        assert_eq!(found["sure"]["verdicts"]["precision"], Value::Null);
    }
}
