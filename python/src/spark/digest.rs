//! Articles as digests, and which of the same words are told by whom.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, Int64Array};
use arrow_schema::DataType;
use naskh::stages as stage;
use naskh::{Timestamp, Tokenizer};
use pyo3::prelude::*;

use super::columns::{column, made, moments, numbers, of_bytes, of_ints, of_lists, of_maybe, of_numbers, typed, wrong};
use super::{Batch, config};

/// How many stems an article must have to be compared; checks the settings of a run.
#[pyfunction]
#[pyo3(signature = (level, window=None))]
pub(super) fn least_stems(level: &str, window: Option<f64>) -> PyResult<usize> {
    config(level, window).map(|config| config.least_stems)
}

/// The digests of a batch of articles: columns id, title, text, date and source, of strings; date may be seconds.
#[pyfunction]
pub(super) fn digest(py: Python<'_>, batch: Batch) -> PyResult<Batch> {
    py.detach(|| {
        let batch = batch.0;
        let [ids, titles, texts, sources] = [
            typed::<arrow_array::StringArray>(&batch, "id")?,
            typed::<arrow_array::StringArray>(&batch, "title")?,
            typed::<arrow_array::StringArray>(&batch, "text")?,
            typed::<arrow_array::StringArray>(&batch, "source")?,
        ];
        let date = column(&batch, "date")?;
        let date = |row: usize| match date.data_type() {
            _ if date.is_null(row) => Ok(None),
            DataType::Int64 => Ok(Timestamp::from_seconds(date.as_primitive::<Int64Type>().value(row))),
            _ => match date.as_string_opt::<i32>().map(|dates| dates.value(row)) {
                Some(written) if written.trim().is_empty() => Ok(None),
                Some(written) => Timestamp::parse(written).map(Some).ok_or_else(|| {
                    wrong(format!(
                        "article {:?}: found date {written:?}; expected a date such as 2015-07-21 or 2015-07-21T10:30:00Z",
                        ids.value(row)
                    ))
                }),
                None => Err(wrong(format!("column date: found {}", date.data_type()))),
            },
        };
        let tokenizer = Tokenizer::new();
        let (mut dates, mut keys, mut digests) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            let source = (!sources.is_null(row)).then(|| sources.value(row)).filter(|source| !source.is_empty());
            let title = if titles.is_null(row) { "" } else { titles.value(row) };
            let article = stage::article(title, texts.value(row), date(row)?, source);
            dates.push(article.date.map(Timestamp::seconds));
            keys.push(source.map(stage::source_key));
            digests.push(stage::digest(&article, &tokenizer));
        }
        made(vec![
            ("date", Arc::new(Int64Array::from(dates))),
            ("source", of_maybe(keys)),
            ("fingerprint", of_numbers(digests.iter().map(|digest| digest.fingerprint))),
            ("title", of_maybe(digests.iter().map(|digest| Some(digest.title?.0)))),
            ("title_stems", of_ints(digests.iter().map(|digest| digest.title.map_or(0, |title| title.1)))),
            ("sentences", of_lists(digests.iter().map(|digest| &digest.sentences[..]))),
            ("document", of_bytes(digests.iter().map(|digest| &digest.document))),
        ])
    })
}

/// Goes through fingerprint, date and number of articles in the order of these, those without a date last.
#[pyclass(module = "naskh")]
pub(super) struct Twins {
    window: Option<f64>,
    run: stage::TwinRun<u64>,
    fingerprint: Option<u64>,
}

#[pymethods]
impl Twins {
    #[new]
    #[pyo3(signature = (window=None))]
    fn new(window: Option<f64>) -> Twins {
        Twins { window, run: stage::TwinRun::new(window), fingerprint: None }
    }

    /// The articles of the next batch that are later ones, each with the first one.
    fn later(&mut self, batch: Batch) -> PyResult<Batch> {
        let batch = &batch.0;
        let (mut firsts, mut later) = (Vec::new(), Vec::new());
        let rows = numbers(batch, "fingerprint")?.zip(moments(batch, "date")?).zip(numbers(batch, "number")?);
        for ((fingerprint, date), number) in rows {
            if self.fingerprint != Some(fingerprint) {
                self.run = stage::TwinRun::new(self.window);
                self.fingerprint = Some(fingerprint);
            }
            if let Some(first) = self.run.next(date, number) {
                firsts.push(first);
                later.push(number);
            }
        }
        made(vec![("number", of_numbers(later)), ("first", of_numbers(firsts))])
    }
}
