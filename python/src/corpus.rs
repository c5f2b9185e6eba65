//! Articles on their way in, and what is found of them: groups, and which article of each is kept.

use std::path::PathBuf;

use arrow_array::ffi_stream::RecordBatchStreamReader;
use arrow_array::{Array, BooleanArray, RecordBatchIterator, RecordBatchReader, ffi};
use arrow_pyarrow::{FromPyArrow, IntoPyArrow};
use naskh::{Fields, Keep, Listing, Memory, ReadOptions, Rows};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyCapsule, PyList};

use crate::arrow::{batches, kept_rows};
use crate::detector::Detector;
use crate::errors::{InputError, exception};
use crate::records::Records;
use crate::session::Session;

/// The fields of articles under their names in the command line.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub(crate) struct FieldNames {
    id: Option<String>,
    title: Option<String>,
    text: Option<String>,
    date: Option<String>,
    source: Option<String>,
}

impl From<FieldNames> for Fields {
    fn from(names: FieldNames) -> Fields {
        let FieldNames { id, title, text, date, source } = names;
        Fields { id, title, text, date, source }
    }
}

/// Takes articles in.
#[pyclass(module = "naskh._naskh")]
pub(crate) struct Intake {
    pub(crate) session: Session,
    fields: Fields,
    /// Taken when it is finished.
    intake: Option<naskh::Intake>,
}

/// Articles that have been taken in.
#[pyclass(module = "naskh._naskh", frozen)]
pub(crate) struct Corpus {
    session: Session,
    corpus: naskh::Corpus,
}

/// For each article, in the order of the input, whether it is kept: an array of Arrow.
#[pyclass(module = "naskh._naskh", frozen)]
pub(crate) struct Kept {
    session: Session,
    kept: BooleanArray,
}

/// The names among `names` that play a part: those of the columns to hand over.
#[pyfunction]
pub(crate) fn columns_wanted(fields: FieldNames, names: Vec<String>) -> PyResult<Vec<String>> {
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let place = naskh::Place { path: "articles".into(), line: None };
    let wanted = naskh::columns_wanted(&fields.into(), &names, &place).map_err(exception)?;
    Ok(wanted.into_iter().map(str::to_owned).collect())
}

/// Refuses what is no rule of which article is kept.
#[pyfunction]
pub(crate) fn check_keep(keep: &str) -> PyResult<()> {
    keep.parse::<Keep>().map(drop).map_err(exception)
}

#[pymethods]
impl Intake {
    #[new]
    #[pyo3(signature = (fields, *, exact, memory, temp, threads, progress))]
    fn new(
        fields: FieldNames,
        exact: bool,
        memory: u64,
        temp: Option<PathBuf>,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Intake> {
        let session = Session::new(threads, progress)?;
        let memory = Memory::new(memory, &temp.unwrap_or_else(std::env::temp_dir));
        let options =
            ReadOptions { fields: fields.into(), progress: session.progress.clone(), ..ReadOptions::default() };
        let new = if exact { naskh::Intake::of_fingerprints } else { naskh::Intake::new };
        let intake = Some(new(&options, &memory));
        Ok(Intake { session, fields: options.fields, intake })
    }

    /// Takes in the rows of a table that has the Arrow C interface for streams.
    fn add_table(&mut self, table: &Bound<'_, PyAny>) -> PyResult<()> {
        let stream = RecordBatchStreamReader::from_pyarrow_bound(table)?;
        self.add(table.py(), || batches(stream))
    }

    /// Takes in dicts.
    fn add_records(&mut self, records: &Bound<'_, PyList>) -> PyResult<()> {
        let py = records.py();
        // No dicts have no keys, which would be said of them.
        if records.is_empty() {
            return Ok(());
        }
        let records = Records::new(records, &self.fields, self.len())?;
        self.add(py, || Ok(vec![records]))
    }

    /// How many articles were taken in.
    fn __len__(&self) -> usize {
        self.len()
    }

    /// The corpus of all articles.
    fn finish(&mut self, py: Python<'_>) -> PyResult<Corpus> {
        Ok(Corpus { session: self.session.clone(), corpus: self.corpus(py)? })
    }
}

impl Intake {
    /// The corpus of all articles; the intake is empty from then on.
    pub(crate) fn corpus(&mut self, py: Python<'_>) -> PyResult<naskh::Corpus> {
        match self.intake.take() {
            Some(intake) if !intake.is_empty() => self.session.run(py, || intake.finish()),
            _ => Err(InputError::new_err("articles: found none; expected one or more")),
        }
    }

    fn len(&self) -> usize {
        self.intake.as_ref().map_or(0, naskh::Intake::len)
    }

    fn add<R: Rows + Send>(
        &mut self,
        py: Python<'_>,
        tables: impl FnOnce() -> naskh::Result<Vec<R>> + Send,
    ) -> PyResult<()> {
        let Intake { session, intake, .. } = self;
        session.run(py, || match intake {
            Some(intake) => intake.add(&tables()?),
            None => Ok(()),
        })
    }
}

#[pymethods]
impl Corpus {
    fn __len__(&self) -> usize {
        self.corpus.len()
    }

    /// The groups, a line of JSON each.
    fn group(&self, py: Python<'_>, detector: &Detector, singletons: bool) -> PyResult<Vec<String>> {
        self.session.run(py, || {
            let found = detector.0.group(&self.corpus)?;
            let listing = Listing::new(&self.corpus, &found.groups, singletons);
            let updates = detector.0.config().updates;
            let listing = if updates { listing.with_updates(&found.updates) } else { listing };
            lines(listing.lines())
        })
    }

    /// Which articles are kept, and for each that is dropped a line of JSON that says why. Without a detector only
    /// identical articles are dropped.
    fn dedup(&self, py: Python<'_>, detector: &Detector, exact: bool, keep: &str) -> PyResult<(Kept, Vec<String>)> {
        let keep: Keep = keep.parse().map_err(exception)?;
        self.session.run(py, || {
            let corpus = &self.corpus;
            let found = if exact { detector.0.group_identical(corpus) } else { detector.0.group(corpus)? };
            let decisions = naskh::dedup(corpus, &found.groups, &keep);
            let mut kept = vec![true; corpus.len()];
            for ((article, decision), header) in (0u32..).zip(&decisions).zip(&corpus.headers) {
                kept[header.position as usize] = decision.kept == article;
            }
            let dropped = naskh::dropped(corpus, &decisions);
            let kept = Kept { session: self.session.another(None), kept: kept.into() };
            Ok((kept, lines(dropped.iter().map(serde_json::to_string))?))
        })
    }
}

pub(crate) fn lines(lines: impl Iterator<Item = serde_json::Result<String>>) -> naskh::Result<Vec<String>> {
    lines.collect::<Result<_, _>>().map_err(|error| naskh::Error::Config {
        what: "JSON".into(),
        found: error.to_string(),
        expected: "what can be written".into(),
    })
}

#[pymethods]
impl Kept {
    fn __len__(&self) -> usize {
        self.kept.len()
    }

    /// Those from number `start` on, `length` of them.
    fn slice(&self, start: usize, length: usize) -> Kept {
        let start = start.min(self.kept.len());
        let kept = self.kept.slice(start, length.min(self.kept.len() - start));
        Kept { session: self.session.another(None), kept }
    }

    /// Those rows of a table that are kept, copied: a reader of pyarrow. `whole`: of each batch they are one batch.
    fn rows_of<'py>(&self, table: &Bound<'py, PyAny>, whole: bool) -> PyResult<Bound<'py, PyAny>> {
        let py = table.py();
        let stream = RecordBatchStreamReader::from_pyarrow_bound(table)?;
        let schema = stream.schema();
        let rows = self.session.run(py, || kept_rows(stream, &self.kept, whole))?;
        let rows: Box<dyn RecordBatchReader + Send> =
            Box::new(RecordBatchIterator::new(rows.into_iter().map(Ok), schema));
        rows.into_pyarrow(py)
    }

    /// A byte an article: 1 for those that are kept.
    fn flags<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        let flags: Vec<u8> = self.kept.values().iter().map(u8::from).collect();
        PyBytes::new(py, &flags)
    }

    /// The Arrow C interface.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyAny>>,
    ) -> PyResult<(Bound<'py, PyCapsule>, Bound<'py, PyCapsule>)> {
        // There is no other form to be had: whoever asks has to make do with it, says the specification.
        drop(requested_schema);
        let (array, schema) =
            ffi::to_ffi(&self.kept.to_data()).map_err(|error| InputError::new_err(error.to_string()))?;
        let schema = PyCapsule::new_with_value(py, schema, c"arrow_schema")?;
        Ok((schema, PyCapsule::new_with_value(py, array, c"arrow_array")?))
    }
}
