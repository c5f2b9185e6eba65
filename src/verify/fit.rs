//! Fits the model to judged pairs: logistic regression with an L2 penalty, by Newton's method
//! (iteratively reweighted least squares; Hastie, Tibshirani and Friedman, "The Elements of Statistical
//! Learning", section 4.4.1), and cross-validation by date.

use super::features::{Features, names};
use super::model::{FORMAT, Logistic, Model, Target, probability};
use crate::arabic::PROFILE;

/// One judged pair.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// What the two articles have in common.
    pub features: Features,
    /// The judge's label, 1 to 5; 3 is the same event, 4 and 5 the same report, 5 a copy.
    pub label: u8,
    /// How many pairs of the corpus it stands for.
    pub weight: f64,
    /// The later of the two dates, in days; pairs of one time are held out together.
    pub day: i64,
    /// Which of the corpora fitted together it is from.
    pub corpus: usize,
}

impl Example {
    /// Judged the same report, or the same event?
    pub fn same(&self, target: Target) -> bool {
        self.label >= target.least_label()
    }
}

/// A fitted model, and the score each example got from a model that had not seen its time.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Fitted on all examples.
    pub model: Model,
    /// One an example.
    pub held_out: Vec<f64>,
}

/// Strength of the penalty on standardised coefficients; chosen by cross-validation, docs/quality.md.
const PENALTY: f64 = 4.0;
const FOLDS: usize = 5;
const MOST_STEPS: usize = 50;

/// How the threshold of a model is chosen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ThresholdChoice {
    /// This score.
    Score(f64),
    /// The least score from which on held-out precision, by weight, is at least this in every corpus.
    Precision(f64),
}

/// Fits a model that tells `target` to `examples`.
pub fn fit(examples: &[Example], target: Target, choice: ThresholdChoice, provenance: serde_json::Value) -> Fit {
    let fold = folds_by_date(examples);
    let mut held_out = vec![0.0; examples.len()];
    for k in 0..FOLDS {
        let model = fit_without(examples, target, &fold, k);
        for ((score, example), _) in held_out.iter_mut().zip(examples).zip(&fold).filter(|(_, f)| **f == k) {
            *score = model.verdict(&example.features).score;
        }
    }
    let mut model = fit_once(&examples.iter().collect::<Vec<_>>(), target);
    model.threshold = match choice {
        ThresholdChoice::Score(score) => score,
        ThresholdChoice::Precision(precision) => threshold(examples, target, &held_out, precision),
    };
    model.round();
    model.provenance = provenance;
    Fit { model, held_out }
}

/// The fold of each example, 0 to 4: quantiles of the days of its corpus. Examples of one corpus and day are in
/// one fold.
pub fn folds_by_date(examples: &[Example]) -> Vec<usize> {
    examples
        .iter()
        .map(|example| {
            let of_corpus = || examples.iter().filter(|e| e.corpus == example.corpus);
            let earlier = of_corpus().filter(|e| e.day < example.day).count();
            (earlier * FOLDS / of_corpus().count().max(1)).min(FOLDS - 1)
        })
        .collect()
}

/// A model that has not seen the examples of one fold: fitted on the others. `fold` names the fold of each example.
/// Its threshold is 0.5.
pub fn fit_without(examples: &[Example], target: Target, fold: &[usize], held_out: usize) -> Model {
    let seen: Vec<&Example> = examples.iter().zip(fold).filter(|(_, f)| **f != held_out).map(|(e, _)| e).collect();
    fit_once(&seen, target)
}

fn fit_once(seen: &[&Example], target: Target) -> Model {
    let width = names().count();
    let (mean, deviation) = (0..width)
        .map(|feature| {
            let known = || seen.iter().map(|e| e.features[feature]).filter(|x| !x.is_nan());
            let n = known().count().max(1) as f64;
            let mean = known().sum::<f64>() / n;
            let variance = known().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n;
            (mean, if variance > 1e-12 { variance.sqrt() } else { 1.0 })
        })
        .unzip();
    let mut model = Model {
        format: FORMAT.into(),
        profile: PROFILE.into(),
        target,
        features: names().map(str::to_owned).collect(),
        mean,
        deviation,
        same: Logistic::default(),
        threshold: 0.5,
        copy: None,
        provenance: serde_json::Value::Null,
    };
    let rows: Vec<(Features, bool)> = seen.iter().map(|e| (model.standardise(&e.features), e.same(target))).collect();
    model.same = newton(&rows, width);
    if target == Target::Report {
        let same = seen.iter().filter(|e| e.same(target));
        let rows: Vec<(Features, bool)> = same.map(|e| (model.standardise(&e.features), e.label == 5)).collect();
        model.copy = Some(newton(&rows, width));
    }
    model
}

/// Penalised logistic regression of the rows' truths on their values; the intercept is not penalised.
fn newton(rows: &[(Features, bool)], width: usize) -> Logistic {
    // Coefficients, the intercept last.
    let mut beta = vec![0.0; width + 1];
    for _ in 0..MOST_STEPS {
        let mut gradient = vec![0.0; width + 1];
        let mut hessian = vec![vec![0.0; width + 1]; width + 1];
        for j in 0..width {
            gradient[j] = -PENALTY * beta[j];
            hessian[j][j] = PENALTY;
        }
        // Keeps the system solvable where all rows are of one kind.
        hessian[width][width] = 1e-6;
        for (features, truth) in rows {
            let x: Vec<f64> = features.iter().copied().chain([1.0]).collect();
            let p = probability(x.iter().zip(&beta).map(|(a, b)| a * b).sum());
            let error = f64::from(u8::from(*truth)) - p;
            for i in 0..=width {
                gradient[i] += error * x[i];
                for j in 0..=i {
                    hessian[i][j] += p * (1.0 - p) * x[i] * x[j];
                }
            }
        }
        let step = cholesky_solve(hessian, gradient);
        // Far from the optimum a full step can overshoot.
        let longest = step.iter().fold(0.0f64, |m, s| m.max(s.abs()));
        let scale = if longest > 2.0 { 2.0 / longest } else { 1.0 };
        for (b, s) in beta.iter_mut().zip(&step) {
            *b += scale * s;
        }
        if longest < 1e-10 {
            break;
        }
    }
    let intercept = beta.pop().unwrap_or(0.0);
    Logistic { intercept, coefficients: beta }
}

/// Solves `matrix * x = right` for a positive definite matrix given by its lower triangle.
fn cholesky_solve(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for i in 0..n {
        for j in 0..=i {
            let dot: f64 = (0..j).map(|k| matrix[i][k] * matrix[j][k]).sum();
            let value = matrix[i][j] - dot;
            matrix[i][j] = if i == j { value.max(1e-12).sqrt() } else { value / matrix[j][j] };
        }
    }
    for i in 0..n {
        let dot: f64 = (0..i).map(|k| matrix[i][k] * right[k]).sum();
        right[i] = (right[i] - dot) / matrix[i][i];
    }
    for i in (0..n).rev() {
        let dot: f64 = (i + 1..n).map(|k| matrix[k][i] * right[k]).sum();
        right[i] = (right[i] - dot) / matrix[i][i];
    }
    right
}

fn threshold(examples: &[Example], target: Target, scores: &[f64], wanted: f64) -> f64 {
    let corpora = examples.iter().map(|e| e.corpus).max().map_or(0, |m| m + 1);
    (0..corpora)
        .map(|corpus| {
            let mut ranked: Vec<usize> = (0..examples.len()).filter(|&i| examples[i].corpus == corpus).collect();
            ranked.sort_by(|&i, &j| scores[j].total_cmp(&scores[i]));
            let (mut right, mut all, mut least) = (0.0, 0.0, 1.0);
            for (rank, &i) in ranked.iter().enumerate() {
                all += examples[i].weight;
                right += if examples[i].same(target) { examples[i].weight } else { 0.0 };
                let next = ranked.get(rank + 1).map_or(0.0, |&j| scores[j]);
                if right >= wanted * all && next < scores[i] {
                    // Half way to the next, so that rounding does not matter.
                    least = (scores[i] + next) / 2.0;
                }
            }
            least
        })
        .fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::verify::Relation;

    /// Examples whose first feature decides, with noise in the second.
    fn examples() -> Vec<Example> {
        (0..200)
            .map(|i| {
                let mut features = [0.0; std::mem::size_of::<Features>() / 8];
                features[0] = f64::from(i % 20) / 20.0;
                features[1] = f64::from(i * 7 % 13);
                let label = if features[0] > 0.6 { 4 + u8::from(i % 40 > 35) } else { 2 };
                Example { features, label, weight: 1.0, day: i64::from(i / 10), corpus: 0 }
            })
            .collect()
    }

    #[test]
    fn finds_the_feature_that_decides() {
        let found = fit(&examples(), Target::Report, ThresholdChoice::Precision(0.95), serde_json::Value::Null);
        let report = &found.model.same.coefficients;
        assert!(report[0] > 10.0 * report[1].abs(), "{report:?}");
        let all = examples();
        let right =
            all.iter().zip(&found.held_out).filter(|(e, s)| e.same(Target::Report) == (**s >= found.model.threshold));
        assert!(right.count() >= 190);
    }

    #[test]
    fn a_model_file_reads_back_and_strangers_are_refused() {
        let model = fit(&examples(), Target::Report, ThresholdChoice::Precision(0.95), serde_json::Value::Null).model;
        let json = serde_json::to_string(&model).unwrap();
        assert_eq!(Model::read(&json).unwrap(), model);
        assert!(Model::read("{}").is_err());
        assert!(Model::read(&json.replace(PROFILE, "arabic-news-0")).unwrap_err().to_string().contains("profile"));
        assert!(Model::read(&json.replace("stem_cosine", "stem_sine")).is_err());
    }

    #[test]
    fn of_events_label_3_is_true_and_there_are_no_copies() {
        let mut all = examples();
        // Between those of other events and those of one report.
        for example in all.iter_mut().filter(|e| e.features[0] > 0.3 && e.label < 4) {
            example.label = 3;
        }
        let model = fit(&all, Target::Event, ThresholdChoice::Score(0.5), serde_json::Value::Null).model;
        let right = all.iter().filter(|e| {
            let said = model.verdict(&e.features).relation;
            assert!([None, Some(Relation::Event)].contains(&said));
            said.is_some() == (e.label >= 3)
        });
        assert!(right.count() >= 190);
        let json = serde_json::to_string(&model).unwrap();
        assert_eq!(Model::read(&json).unwrap(), model);
        // Without its target it would be one of reports, which tell copies.
        assert!(Model::read(&json.replace(r#""target":"event","#, "")).is_err());
    }

    #[test]
    fn one_kind_of_example_is_no_trouble() {
        let mut all = examples();
        all.retain(|example| example.same(Target::Report));
        let found = fit(&all, Target::Report, ThresholdChoice::Precision(0.95), serde_json::Value::Null);
        assert!(found.held_out.iter().all(|s| *s > 0.9));
    }
    proptest! {
        /// Against the rule by sorting: the fifth of its corpus in which the first of a day stands has all of it.
        #[test]
        fn folds_are_quantiles_of_the_days_of_each_corpus(
            drawn in prop::collection::vec((0..6_i64, 0..2_usize), 0..40),
        ) {
            let one = examples().remove(0);
            let all: Vec<Example> =
                drawn.iter().map(|&(day, corpus)| Example { day, corpus, ..one.clone() }).collect();
            for (found, example) in folds_by_date(&all).into_iter().zip(&all) {
                let of_corpus = drawn.iter().filter(|d| d.1 == example.corpus);
                let mut days: Vec<i64> = of_corpus.map(|d| d.0).collect();
                days.sort_unstable();
                let first = days.iter().position(|day| *day == example.day).unwrap();
                let fifth = (0..FOLDS).rev().find(|k| first * FOLDS >= k * days.len());
                prop_assert_eq!(Some(found), fifth);
            }
        }
    }

    #[test]
    fn a_model_knows_nothing_of_what_is_held_out() {
        let all = examples();
        let fold = folds_by_date(&all);
        let scores = fit(&all, Target::Report, ThresholdChoice::Score(0.5), serde_json::Value::Null).held_out;
        for k in 0..FOLDS {
            let others: Vec<&Example> = all.iter().zip(&fold).filter(|(_, f)| **f != k).map(|(e, _)| e).collect();
            let model = fit_without(&all, Target::Report, &fold, k);
            assert_eq!(model, fit_once(&others, Target::Report));
            let mut changed = all.clone();
            for (example, _) in changed.iter_mut().zip(&fold).filter(|(_, f)| **f == k) {
                example.label = 6 - example.label;
                example.features = example.features.map(|x| 1.0 - x);
            }
            assert_eq!(model, fit_without(&changed, Target::Report, &fold, k));
            // And it is the one that `fit` scores them by.
            for ((example, score), _) in all.iter().zip(&scores).zip(&fold).filter(|(_, f)| **f == k) {
                assert_eq!(model.verdict(&example.features).score, *score);
            }
        }
    }
}
