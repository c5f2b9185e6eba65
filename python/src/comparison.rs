//! Two articles compared.

use naskh::{Article, ComparisonReport, Fields, ReadOptions, Rows, articles_of};
use pyo3::prelude::*;
use pyo3::types::PyList;

use crate::characters::Characters;
use crate::corpus::FieldNames;
use crate::detector::Detector;
use crate::records::Records;
use crate::session::Session;

/// What is told of two articles, given as a list of two dicts, in JSON; places are in characters.
#[pyfunction]
pub(crate) fn compare(articles: &Bound<'_, PyList>, fields: FieldNames, detector: &Detector) -> PyResult<String> {
    let fields = Fields::from(fields);
    let records = Records::new(articles, &fields, 0)?;
    let options = ReadOptions { fields, ..ReadOptions::default() };
    Session::new(None, None)?.run(articles.py(), || {
        let mut articles = articles_of(&records, 0..records.len(), 0, &options)?.into_iter();
        let [mut a, mut b] = [(); 2].map(|()| articles.next().unwrap_or_default());
        if a.id == b.id {
            // An article may well be compared with itself.
            [a.id, b.id] = ["a", "b"].map(str::to_owned);
        }
        told(&a, &b, detector)
    })
}

fn told(a: &Article, b: &Article, detector: &Detector) -> naskh::Result<String> {
    let comparison = detector.0.compare(a, b)?;
    let mut report = ComparisonReport::new((a, b), &comparison, detector.0.config().level, detector.0.threshold());
    let (mut in_a, mut in_b) = (Characters::of(&a.text), Characters::of(&b.text));
    for passage in &mut report.passages {
        for (side, text) in [(&mut passage.a, &mut in_a), (&mut passage.b, &mut in_b)] {
            (side.start, side.end) = (text.before(side.start), text.before(side.end));
        }
    }
    if let Some(place) = &mut report.place {
        (place.start, place.end) = (place.start_char, place.end_char);
    }
    serde_json::to_string(&report).map_err(|error| naskh::Error::Config {
        what: "JSON".into(),
        found: error.to_string(),
        expected: "what can be written".into(),
    })
}
