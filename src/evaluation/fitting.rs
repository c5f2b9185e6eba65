//! A model fitted to judged corpora, and how good it is on pairs it has not seen.

use serde_json::Value;

use super::{Case, Evaluation, Judged};
use crate::config::Config;
use crate::detector::Detector;
use crate::error::Result;
use crate::verify::{Example, Model, Target, ThresholdChoice, fit};

/// A fitted model, and what it reaches.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Fitted on all pairs.
    pub model: Model,
    /// Of each corpus the measures of scores by models that had not seen the time of the pair.
    pub held_out: Vec<Evaluation>,
}

/// Fits a model that tells `target` to the pairs of `corpora`, which must be of both kinds
/// ([`both_kinds`](super::both_kinds)).
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) if no detector can be made.
pub fn fit_judged(corpora: &[Judged], target: Target, choice: ThresholdChoice) -> Result<Fitted> {
    let detector = Detector::new(Config::default())?;
    let examples: Vec<Example> =
        corpora.iter().enumerate().flat_map(|(number, corpus)| corpus.examples(number, &detector)).collect();
    let fitted = fit(&examples, target, choice, Value::Null);
    let mut scored = examples.iter().zip(fitted.held_out);
    let evaluation = |corpus: &Judged| {
        let cases = corpus.judgements.iter().zip(&mut scored).map(|(&judgement, (example, score))| Case {
            judgement,
            truth: example.same(target),
            score,
            said: score >= fitted.model.threshold(),
            grouping: None,
        });
        Evaluation::of(&cases.collect::<Vec<Case>>())
    };
    let held_out = corpora.iter().map(evaluation).collect();
    Ok(Fitted { model: fitted.model, held_out })
}
