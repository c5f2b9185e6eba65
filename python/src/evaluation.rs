//! Verdicts and groups measured against judged pairs, and models fitted to them.

use naskh::{
    Case, Evaluation, HeldOut, Judged, Judgement, Judges, Level, ThresholdChoice, Value, both_kinds, fit_judged,
};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyMapping};
use serde_json::json;

use crate::corpus::Intake;
use crate::detector::{Detector, Model};
use crate::errors::{ConfigError, InputError, exception};
use crate::records::value;

/// What messages call the articles.
const NAME: &str = "articles";

/// Measures what `detector` makes of `articles` against judged pairs, dicts: an object of JSON, as `naskh eval --json`
/// writes it.
#[pyfunction]
pub(crate) fn evaluate(
    articles: &mut Intake,
    pairs: &Bound<'_, PyList>,
    detector: &Detector,
    held_out: Option<&str>,
) -> PyResult<String> {
    let scheme = held_out.map(str::parse::<HeldOut>).transpose().map_err(exception)?;
    if scheme == Some(HeldOut::Corpus) {
        return Err(ConfigError::new_err("held_out: found corpus, of one corpus; expected date"));
    }
    let py = pairs.py();
    let judged = judged(articles, pairs)?;
    let corpora = std::slice::from_ref(&judged);
    articles.session.run(py, || {
        let detector = &detector.0;
        let (level, threshold) = (detector.config().level.name(), detector.threshold());
        let judges = match scheme {
            Some(scheme) => Judges::held_out(scheme, detector, corpora)?,
            None => Judges::one(detector.clone(), corpora),
        };
        let found = judges.judge(0, &judged)?;
        let mut told = Evaluation::of(&found.iter().map(|found| found.case).collect::<Vec<Case>>()).to_json();
        told["articles"] = json!(judged.corpus.len());
        told["level"] = json!(level);
        told["threshold"] = json!(threshold);
        if let Some(scheme) = scheme {
            told["held_out"] = json!(scheme.name());
        }
        Ok(told.to_string())
    })
}

/// Fits a model to judged pairs, dicts; with what it reaches on pairs of times it has not seen, in JSON. The model file
/// says that it was made on `date`.
#[pyfunction]
pub(crate) fn fit(
    articles: &mut Intake,
    pairs: &Bound<'_, PyList>,
    level: &str,
    precision: f64,
    threshold: Option<f64>,
    date: &str,
) -> PyResult<(Model, String)> {
    let level: Level = level.parse().map_err(exception)?;
    if level == Level::Copy {
        return Err(ConfigError::new_err(
            "level: found copy; expected derived, whose model tells copies as well, or event",
        ));
    }
    if !(precision > 0.0 && precision <= 1.0) {
        return Err(ConfigError::new_err(format!("precision: found {precision}; expected a number over 0 up to 1")));
    }
    if let Some(score) = threshold.filter(|score| !(0.0..=1.0).contains(score)) {
        return Err(ConfigError::new_err(format!("threshold: found {score}; expected a score from 0 to 1")));
    }
    let choice = threshold.map_or(ThresholdChoice::Precision(precision), ThresholdChoice::Score);
    let py = pairs.py();
    let judged = judged(articles, pairs)?;
    both_kinds("pairs", level.target(), judged.judgements.iter().map(|one| one.label)).map_err(exception)?;
    articles.session.run(py, || {
        let fitted = fit_judged(std::slice::from_ref(&judged), level.target(), choice)?;
        let held_out = fitted.held_out.first().map_or(serde_json::Value::Null, Evaluation::to_json);
        let told = held_out.to_string();
        let (articles, pairs) = (judged.corpus.len(), judged.judgements.len());
        let provenance = json!({
            "date": date,
            "command": "naskh.fit",
            "corpora": [{ "articles": articles, "pairs": pairs, "held_out": held_out }],
        });
        Ok((Model(fitted.model.with_provenance(provenance)), told))
    })
}

/// The articles taken in, and what was judged of them.
fn judged(articles: &mut Intake, pairs: &Bound<'_, PyList>) -> PyResult<Judged> {
    let corpus = articles.corpus(pairs.py())?;
    let (mut numbers, mut judgements) = (Vec::new(), Vec::new());
    for (number, pair) in pairs.iter().enumerate() {
        let Ok(columns) = pair.cast::<PyMapping>() else {
            let found = pair.get_type().name()?;
            return Err(InputError::new_err(format!("pairs[{number}]: found a {found}; expected a dict")));
        };
        let pair = Pair { number, columns: columns.clone() };
        numbers.push((pair.article("a", &corpus)?, pair.article("b", &corpus)?));
        judgements.push(pair.judgement()?);
    }
    Ok(Judged { name: NAME.into(), corpus, numbers, judgements })
}

/// A judged pair, as it came.
struct Pair<'py> {
    number: usize,
    columns: Bound<'py, PyMapping>,
}

impl Pair<'_> {
    fn column(&self, name: &str) -> PyResult<Value<'static>> {
        if self.columns.contains(name)? { value(&self.columns.get_item(name)?) } else { Ok(Value::Absent) }
    }

    fn wrong(&self, name: &str, found: &Value<'_>, expected: &str) -> PyErr {
        let found = match found {
            Value::Absent | Value::Null => "nothing".to_owned(),
            Value::String(text) => format!("{text:?}"),
            Value::Unsigned(number) => number.to_string(),
            Value::Signed(number) => number.to_string(),
            Value::Float(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        InputError::new_err(format!("pairs[{}]: found {found} in the column {name}; expected {expected}", self.number))
    }

    fn article(&self, name: &str, corpus: &naskh::Corpus) -> PyResult<u32> {
        let found = self.column(name)?;
        let id = match &found {
            Value::String(id) => Some(id.to_string()),
            Value::Signed(id) => Some(id.to_string()),
            _ => None,
        };
        let number = id.and_then(|id| corpus.find(&id));
        number.ok_or_else(|| self.wrong(name, &found, "the id of an article that was read"))
    }

    fn judgement(&self) -> PyResult<Judgement> {
        let label = self.column("label")?;
        let number = match &label {
            Value::Signed(number) => u8::try_from(*number).ok(),
            Value::String(written) => written.parse().ok(),
            _ => None,
        };
        let number = number.filter(|label| (1..=5).contains(label));
        let weight = self.column("weight")?;
        let heavy = match &weight {
            Value::Signed(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            Value::String(written) => written.parse().ok(),
            _ => None,
        };
        let heavy = heavy.filter(|weight: &f64| weight.is_finite() && *weight >= 0.0);
        Ok(Judgement {
            label: number.ok_or_else(|| self.wrong("label", &label, "a label from 1 to 5"))?,
            weight: heavy.ok_or_else(|| self.wrong("weight", &weight, "a weight, a number of 0 or more"))?,
            template: self.yes("template", false)?,
            sure: self.yes("sure", true)?,
        })
    }

    fn yes(&self, name: &str, otherwise: bool) -> PyResult<bool> {
        if self.columns.contains(name)?
            && let Ok(yes) = self.columns.get_item(name)?.extract::<bool>()
        {
            return Ok(yes);
        }
        match self.column(name)? {
            Value::Absent => Ok(otherwise),
            Value::String(written) if written == "yes" => Ok(true),
            Value::String(written) if written == "no" => Ok(false),
            other => Err(self.wrong(name, &other, "yes or no")),
        }
    }
}
