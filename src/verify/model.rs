//! The verdict: a logistic model over the features, and a relation. Two models ship, of the same features: one tells
//! whether two articles are the same report, one whether they are about the same event.

use serde::{Deserialize, Serialize};

use super::features::{ELSEWHERE, Features, names};
use crate::arabic::PROFILE;
use crate::error::{Error, Result};

/// How two articles are related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Relation {
    /// The same words after normalisation.
    Identical,
    /// The same text, lightly edited.
    Copy,
    /// The same report re-edited: abridged, extended, reworded, merged into a longer piece.
    Derived,
    /// The same occurrence, independently written.
    Event,
    /// Not the same report: the later article repeats much of the earlier one under a new lead.
    Update,
}

impl Relation {
    /// Do the two articles tell the same report?
    pub fn is_same_report(self) -> bool {
        self <= Relation::Derived
    }

    /// Its name, as in all output.
    pub fn name(self) -> &'static str {
        match self {
            Relation::Identical => "identical",
            Relation::Copy => "copy",
            Relation::Derived => "derived",
            Relation::Event => "event",
            Relation::Update => "update",
        }
    }
}

/// What a model tells of two articles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Target {
    /// Are they the same report?
    #[default]
    Report,
    /// Are they about the same occurrence, the same report or not?
    Event,
}

impl Target {
    /// The least judged label for which the answer is yes.
    pub fn least_label(self) -> u8 {
        match self {
            Target::Report => 4,
            Target::Event => 3,
        }
    }

    fn is_report(&self) -> bool {
        *self == Target::Report
    }
}

/// What verification says of two articles.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// 0 to 1: the probability that they tell the same report, or at level event are about the same occurrence.
    pub score: f64,
    /// How they are related; `None`: not the same report, nor event where that was asked, nor an update.
    pub relation: Option<Relation>,
}

impl Verdict {
    /// Do the two articles tell the same report?
    pub fn is_same_report(self) -> bool {
        self.relation.is_some_and(Relation::is_same_report)
    }
}

/// What one feature adds to the score of a pair, in log-odds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Contribution {
    /// The feature's name.
    pub feature: &'static str,
    /// Its value for this pair.
    pub value: f64,
    /// What it adds to the log-odds, measured from the average pair that was judged.
    pub contribution: f64,
}

/// One logistic regression over standardised features.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logistic {
    pub(crate) intercept: f64,
    /// One a feature.
    pub(crate) coefficients: Vec<f64>,
}

impl Logistic {
    pub(crate) fn log_odds(&self, standardised: &[f64]) -> f64 {
        self.intercept + self.coefficients.iter().zip(standardised).map(|(c, x)| c * x).sum::<f64>()
    }
}

pub(crate) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-log_odds))
}

/// Coefficients, and where they come from: the contents of a model file (JSON).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Always `naskh-model-1`.
    pub(crate) format: String,
    /// The tokenizer's profile that the features were computed with.
    pub(crate) profile: String,
    /// What it tells.
    #[serde(default, skip_serializing_if = "Target::is_report")]
    pub(crate) target: Target,
    pub(crate) features: Vec<String>,
    /// Mean and standard deviation of each feature over the judged pairs.
    pub(crate) mean: Vec<f64>,
    pub(crate) deviation: Vec<f64>,
    /// Is it the same report, or the same event?
    #[serde(rename = "report")]
    pub(crate) same: Logistic,
    /// The score from which on it is.
    pub(crate) threshold: f64,
    /// If so, is it a copy? Of reports only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) copy: Option<Logistic>,
    /// What it was fitted on, when and how, and what it reached.
    pub(crate) provenance: serde_json::Value,
}

pub(crate) const FORMAT: &str = "naskh-model-1";

impl Model {
    /// The model for `target` that ships with the crate.
    ///
    /// # Errors
    /// None, for the file is tested; the signature is that of [`Model::read`].
    pub fn shipped(target: Target) -> Result<Model> {
        Self::read(match target {
            Target::Report => include_str!("model.json"),
            Target::Event => include_str!("event-model.json"),
        })
    }

    /// Reads a model file.
    ///
    /// # Errors
    /// [`Error::Config`] if `json` is no model for this version's features and tokenizer.
    pub fn read(json: &str) -> Result<Model> {
        let wrong = |found: String, expected: String| Error::Config { what: "model".into(), found, expected };
        let model: Model =
            serde_json::from_str(json).map_err(|e| wrong(format!("{e}"), "a file made by `naskh fit`".into()))?;
        if model.format != FORMAT {
            return Err(wrong(format!("format {:?}", model.format), format!("{FORMAT:?}")));
        }
        if model.profile != PROFILE {
            return Err(wrong(format!("tokenizer profile {:?}", model.profile), format!("{PROFILE:?}; fit it anew")));
        }
        if !model.features.iter().map(String::as_str).eq(names()) {
            return Err(wrong("other features".into(), "those of this version; fit it anew".into()));
        }
        if !model.fits() {
            return Err(wrong("numbers missing or out of range".into(), "a file made by `naskh fit`".into()));
        }
        Ok(model)
    }

    /// Is each number there, and in its range?
    fn fits(&self) -> bool {
        let logistic = || [Some(&self.same), self.copy.as_ref()].into_iter().flatten();
        let lists = || [&self.mean, &self.deviation].into_iter().chain(logistic().map(|l| &l.coefficients));
        let mut all = lists().flatten().chain(logistic().map(|l| &l.intercept)).chain([&self.threshold]);
        lists().all(|list| list.len() == self.features.len())
            && self.copy.is_some() == self.target.is_report()
            && all.all(|x| x.is_finite())
            && self.deviation.iter().all(|&d| d > 0.0)
            && (0.0..=1.0).contains(&self.threshold)
    }

    /// Six decimals are more than the data knows, and a file that people can read.
    pub(crate) fn round(&mut self) {
        let short = |x: &mut f64| *x = (*x * 1e6).round() / 1e6;
        short(&mut self.threshold);
        [&mut self.mean, &mut self.deviation].into_iter().flatten().for_each(short);
        for logistic in [Some(&mut self.same), self.copy.as_mut()].into_iter().flatten() {
            short(&mut logistic.intercept);
            logistic.coefficients.iter_mut().for_each(short);
        }
    }

    /// The same, with `provenance`: what it was fitted on, when and how, and what it reached.
    #[must_use]
    pub fn with_provenance(self, provenance: serde_json::Value) -> Model {
        Model { provenance, ..self }
    }

    /// The same with another threshold.
    #[must_use]
    pub fn with_threshold(self, threshold: f64) -> Model {
        Model { threshold, ..self }
    }

    /// What it tells.
    pub fn target(&self) -> Target {
        self.target
    }

    /// The score from which on two articles tell the same report, or are about the same event.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    pub(crate) fn standardise(&self, features: &Features) -> Features {
        let mut out = *features;
        for (x, (mean, deviation)) in out.iter_mut().zip(self.mean.iter().zip(&self.deviation)) {
            // What is not known is taken for average.
            *x = if x.is_nan() { 0.0 } else { (*x - mean) / deviation };
        }
        out
    }

    /// The verdict on a pair with these features.
    pub(crate) fn verdict(&self, features: &Features) -> Verdict {
        self.verdict_at(features, self.threshold)
    }

    /// The verdict with another threshold.
    pub(crate) fn verdict_at(&self, features: &Features, threshold: f64) -> Verdict {
        let standardised = self.standardise(features);
        let score = probability(self.same.log_odds(&standardised));
        let relation = (score >= threshold).then(|| match &self.copy {
            None => Relation::Event,
            Some(copy) if copy.log_odds(&standardised) > 0.0 => Relation::Copy,
            Some(_) => Relation::Derived,
        });
        Verdict { score, relation }
    }

    /// Could the verdict be yes, and the relation one up to `last`, for some share of what stands elsewhere?
    pub(crate) fn may_agree(&self, features: &Features, threshold: f64, last: Relation) -> bool {
        // It weighs linearly: most or least for all or none.
        let extremes = [0.0, 1.0].map(|elsewhere| {
            let mut features = *features;
            features[ELSEWHERE] = elsewhere;
            self.standardise(&features)
        });
        let may_be_copy = |copy: &Logistic| extremes.iter().any(|features| copy.log_odds(features) > 0.0);
        extremes.iter().any(|features| probability(self.same.log_odds(features)) >= threshold)
            && (last > Relation::Copy || self.copy.as_ref().is_none_or(may_be_copy))
    }

    /// What each feature adds, in the order of the features.
    pub(crate) fn contributions(&self, features: &Features) -> Vec<Contribution> {
        let standardised = self.standardise(features);
        names()
            .zip(features)
            .zip(self.same.coefficients.iter().zip(standardised))
            .map(|((feature, &value), (c, x))| Contribution { feature, value, contribution: c * x })
            .collect()
    }
}
