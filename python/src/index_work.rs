//! Articles on their way to an index: to be added in one commit, or to be asked about.

use std::ops::Range;

use arrow_pyarrow::FromPyArrow;
use naskh::{
    Article, IndexIntake, IndexMatch, OnConflict, Passage, ReadOptions, Rows, SharedPassage, Timestamp, Wording,
    added_line, articles_of, matches_line,
};
use pyo3::prelude::*;
use pyo3::types::{PyAny, PyList};

use crate::arrow::batches;
use crate::characters::Characters;
use crate::corpus::{FieldNames, lines};
use crate::errors::{ConfigError, exception};
use crate::index::Index;
use crate::records::Records;
use crate::session::Session;

/// Articles that are made at a time of rows that are asked about.
const BATCH: usize = 256;

/// Takes articles in, and tells a line of JSON of each.
#[pyclass(module = "naskh._naskh")]
pub(crate) struct IndexWork {
    index: Py<Index>,
    session: Session,
    options: ReadOptions,
    today: Timestamp,
    kind: Kind,
    taken: usize,
    told: Vec<String>,
}

enum Kind {
    Add(Box<IndexIntake>),
    Preview,
    Query,
    Done,
}

impl IndexWork {
    pub(crate) fn adding(
        index: &Bound<'_, Index>,
        session: Session,
        fields: FieldNames,
        today: Option<&str>,
        on_conflict: OnConflict,
    ) -> PyResult<IndexWork> {
        let work = Self::asking(index, session, fields, today, true)?;
        Ok(IndexWork { kind: Kind::Add(Box::new(IndexIntake::new(&work.options, work.today, on_conflict))), ..work })
    }

    pub(crate) fn asking(
        index: &Bound<'_, Index>,
        session: Session,
        fields: FieldNames,
        today: Option<&str>,
        preview: bool,
    ) -> PyResult<IndexWork> {
        let today = today.map_or_else(|| Ok(Timestamp::now()), |today| moment("today", today))?;
        let progress = session.progress.clone();
        progress.begin("asking", "articles", 0);
        let options = ReadOptions { fields: fields.into(), progress, ..ReadOptions::default() };
        let kind = if preview { Kind::Preview } else { Kind::Query };
        let index = index.clone().unbind();
        Ok(IndexWork { index, session, options, today, kind, taken: 0, told: Vec::new() })
    }

    fn take<R: Rows + Send>(
        &mut self,
        py: Python<'_>,
        tables: impl FnOnce() -> naskh::Result<Vec<R>> + Send,
    ) -> PyResult<()> {
        let IndexWork { index, session, options, today, kind, taken, told } = self;
        index.get().with(|open| {
            session.run(py, || {
                let tables = tables()?;
                match kind {
                    Kind::Add(intake) => {
                        let added = intake.add(open.writer()?, &tables)?;
                        told.extend(lines(added.iter().map(added_line))?);
                    }
                    Kind::Preview => each_article(&tables, *taken, options, |article| {
                        let added = open.reader()?.preview(vec![article], *today)?;
                        told.extend(lines(added.iter().map(added_line))?);
                        Ok(())
                    })?,
                    Kind::Query => each_article(&tables, *taken, options, |article| {
                        let matches = open.reader()?.query(&article, *today)?;
                        told.extend(lines([matches_in_characters(&article, &matches)].into_iter())?);
                        Ok(())
                    })?,
                    Kind::Done => {}
                }
                *taken += tables.iter().map(Rows::len).sum::<usize>();
                Ok(())
            })
        })
    }

    /// Ends what there was to do; articles that were added are, with `commit`, safe from then on, or else not added.
    fn end(&mut self, py: Python<'_>, commit: bool) -> PyResult<()> {
        let Kind::Add(intake) = std::mem::replace(&mut self.kind, Kind::Done) else { return Ok(()) };
        self.index.get().with(|open| {
            open.adding = false;
            let writer = open.writer().map_err(exception)?;
            py.detach(|| if commit { intake.finish(writer) } else { intake.abandon(writer) }).map_err(exception)
        })
    }
}

#[pymethods]
impl IndexWork {
    /// Takes in the rows of a table that has the Arrow C interface for streams.
    fn add_table(&mut self, table: &Bound<'_, PyAny>) -> PyResult<()> {
        let stream = arrow_array::ffi_stream::RecordBatchStreamReader::from_pyarrow_bound(table)?;
        self.take(table.py(), || batches(stream))
    }

    /// Takes in dicts.
    fn add_records(&mut self, records: &Bound<'_, PyList>) -> PyResult<()> {
        if records.is_empty() {
            return Ok(());
        }
        let py = records.py();
        let records = Records::new(records, &self.options.fields, self.taken)?;
        self.take(py, || Ok(vec![records]))
    }

    /// How many articles were taken in.
    fn __len__(&self) -> usize {
        self.taken
    }

    /// What is told of the articles, a line of JSON each; those that were added are safe then.
    fn finish(&mut self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.end(py, true)?;
        Ok(std::mem::take(&mut self.told))
    }

    /// Adds none of the articles.
    fn abandon(&mut self, py: Python<'_>) -> PyResult<()> {
        self.end(py, false)
    }
}

/// Gives the articles of some tables, the first of which is number `before` of all.
fn each_article<R: Rows>(
    tables: &[R],
    mut before: usize,
    options: &ReadOptions,
    mut each: impl FnMut(Article) -> naskh::Result<()>,
) -> naskh::Result<()> {
    for table in tables {
        for start in (0..table.len()).step_by(BATCH) {
            let which = start..table.len().min(start + BATCH);
            for article in articles_of(table, which, before, options)? {
                options.progress.check()?;
                each(article)?;
                options.progress.add(1);
            }
        }
        before += table.len();
    }
    Ok(())
}

/// The moment that an option names.
pub(crate) fn moment(option: &str, written: &str) -> PyResult<Timestamp> {
    let wrong = || ConfigError::new_err(format!("{option}: found {written:?}; expected a date such as 2026-04-12"));
    Timestamp::parse(written).ok_or_else(wrong)
}

/// As the command line tells it, but that places are in characters.
fn matches_in_characters(article: &Article, found: &[IndexMatch]) -> serde_json::Result<String> {
    matches_line(article, found, |passages, text| {
        let (mut in_a, mut in_b) = (Characters::of(&article.text), Characters::of(text));
        let passage = |passage: &Passage| SharedPassage {
            a: wording(&article.text, &mut in_a, &passage.a),
            b: wording(text, &mut in_b, &passage.b),
            stems: passage.stems,
        };
        passages.iter().map(passage).collect()
    })
}

/// A part of a text, given in bytes.
fn wording<'t>(text: &'t str, characters: &mut Characters<'_>, bytes: &Range<usize>) -> Wording<'t> {
    let (start, end) = (characters.before(bytes.start), characters.before(bytes.end));
    Wording { start, end, text: text.get(bytes.clone()).unwrap_or_default() }
}
