//! An index that lives on: open to be asked, or to be written to.

use std::path::PathBuf;
use std::sync::{Mutex, TryLockError};

use naskh::{IndexSettings, IndexWriter, OnConflict, Progress, indexed_group_line, stats_line};
use pyo3::prelude::*;

use crate::corpus::{FieldNames, lines};
use crate::detector::Model;
use crate::errors::{ClosedError, ConfigError, exception};
use crate::index_work::{IndexWork, moment};
use crate::session::Session;

/// An index, open until it is closed.
#[pyclass(module = "naskh._naskh", frozen)]
pub(crate) struct Index {
    folder: PathBuf,
    session: Session,
    /// The process that opened it.
    process: u32,
    open: Mutex<Option<Open>>,
}

/// What is open.
pub(crate) struct Open {
    folder: PathBuf,
    writer: Option<IndexWriter>,
    /// Opened when something is asked, if the index is open to be written to.
    reader: Option<naskh::Index>,
    /// Are articles being added?
    pub(crate) adding: bool,
}

impl Open {
    /// The index to be asked.
    pub(crate) fn reader(&mut self) -> naskh::Result<&mut naskh::Index> {
        let reader = match self.reader.take() {
            Some(reader) => reader,
            None => naskh::Index::open(&self.folder)?,
        };
        Ok(self.reader.insert(reader))
    }

    /// The index to be written to.
    pub(crate) fn writer(&mut self) -> naskh::Result<&mut IndexWriter> {
        self.writer.as_mut().ok_or_else(|| naskh::Error::Config {
            what: format!("index {}", self.folder.display()),
            found: "that it is open to be read".into(),
            expected: "one that was opened without readonly=True".into(),
        })
    }

    /// The same while no articles are being added, which would be committed with what is done now.
    fn idle_writer(&mut self) -> naskh::Result<&mut IndexWriter> {
        if self.adding {
            return Err(naskh::Error::Config {
                what: format!("index {}", self.folder.display()),
                found: "that articles are being added".into(),
                expected: "one change after the other".into(),
            });
        }
        self.writer()
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // What a forked process has is not its own: to close it would take it from the other.
        if self.process != std::process::id()
            && let Ok(open) = self.open.get_mut()
        {
            std::mem::forget(open.take());
        }
    }
}

#[pymethods]
impl Index {
    /// Makes an empty index, and opens it.
    #[staticmethod]
    #[pyo3(signature = (folder, level, *, window, threshold, model, store_text, threads))]
    #[allow(clippy::too_many_arguments, reason = "they have names in Python")]
    fn create(
        py: Python<'_>,
        folder: PathBuf,
        level: &str,
        window: Option<f64>,
        threshold: Option<f64>,
        model: Option<Model>,
        store_text: bool,
        threads: Option<usize>,
    ) -> PyResult<Index> {
        let level = level.parse().map_err(exception)?;
        let model = model.map(|model| model.0);
        let settings = IndexSettings { level, window_days: window, threshold, store_text, model };
        let session = Session::new(threads, None)?;
        session.run(py, || naskh::Index::create(&folder, &settings))?;
        Index::opened(py, folder, false, session)
    }

    /// What is wrong with an index.
    #[staticmethod]
    fn check(py: Python<'_>, folder: PathBuf) -> PyResult<Vec<String>> {
        Session::new(None, None)?.run(py, || naskh::Index::check(&folder))
    }

    #[new]
    #[pyo3(signature = (folder, *, readonly, threads))]
    fn new(py: Python<'_>, folder: PathBuf, readonly: bool, threads: Option<usize>) -> PyResult<Index> {
        Index::opened(py, folder, readonly, Session::new(threads, None)?)
    }

    #[getter]
    fn closed(&self) -> bool {
        match self.open.try_lock() {
            Ok(open) => open.is_none(),
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Poisoned(_)) => true,
        }
    }

    /// Closes it. Articles that are being added are not.
    fn close(&self, py: Python<'_>) -> PyResult<()> {
        self.expect_own_process()?;
        if !self.closed() {
            let open = self.open.try_lock().map_err(|_| self.in_use())?.take();
            py.detach(|| drop(open));
        }
        Ok(())
    }

    /// Begins to add articles: those without a date are put with those of `today`.
    #[pyo3(signature = (fields, on_conflict, *, today, progress))]
    fn adding(
        slf: &Bound<'_, Self>,
        fields: FieldNames,
        on_conflict: &str,
        today: Option<&str>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<IndexWork> {
        let on_conflict = match on_conflict {
            "refuse" => OnConflict::Refuse,
            "replace" => OnConflict::Replace,
            "skip" => OnConflict::Skip,
            other => {
                let wrong = format!("on_conflict: found {other}; expected refuse, replace or skip");
                return Err(ConfigError::new_err(wrong));
            }
        };
        let index = slf.get();
        let work = IndexWork::adding(slf, index.session.another(progress), fields, today, on_conflict)?;
        index.with(|open| {
            open.idle_writer().map_err(exception)?;
            open.adding = true;
            Ok(work)
        })
    }

    /// Begins to ask what articles match or, as a `preview`, what would become of them if they were added.
    #[pyo3(signature = (fields, *, preview, today, progress))]
    fn asking(
        slf: &Bound<'_, Self>,
        fields: FieldNames,
        preview: bool,
        today: Option<&str>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<IndexWork> {
        let index = slf.get();
        index.with(|_| Ok(()))?;
        IndexWork::asking(slf, index.session.another(progress), fields, today, preview)
    }

    /// Removes articles; how many they were.
    fn remove(&self, py: Python<'_>, ids: Vec<String>) -> PyResult<usize> {
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        self.run(py, |open, _| open.idle_writer()?.remove(&ids))
    }

    /// Forgets the days before that of `before`; how many articles they had.
    fn expire(&self, py: Python<'_>, before: &str) -> PyResult<u64> {
        let before = moment("before", before)?;
        self.run(py, |open, _| open.idle_writer()?.expire(before))
    }

    /// Gives room back that is not in use.
    fn compact(&self, py: Python<'_>) -> PyResult<()> {
        self.run(py, |open, _| open.idle_writer()?.compact())
    }

    /// The groups, a line of JSON each.
    fn groups(&self, py: Python<'_>, singletons: bool) -> PyResult<Vec<String>> {
        self.run(py, |open, progress| {
            let mut told = Vec::new();
            open.reader()?.groups(singletons, |group| {
                told.push(indexed_group_line(told.len(), &group));
                progress.check()
            })?;
            lines(told.into_iter())
        })
    }

    /// What it holds, in JSON.
    fn stats(&self, py: Python<'_>) -> PyResult<String> {
        self.run(py, |open, _| {
            let reader = open.reader()?;
            let stats = reader.stats()?;
            Ok(stats_line(reader.settings(), &stats))
        })
    }
}

impl Index {
    fn opened(py: Python<'_>, folder: PathBuf, readonly: bool, session: Session) -> PyResult<Index> {
        let (writer, reader) = session.run(py, || match readonly {
            true => Ok((None, Some(naskh::Index::open(&folder)?))),
            false => Ok((Some(IndexWriter::open(&folder)?), None)),
        })?;
        let open = Open { folder: folder.clone(), writer, reader, adding: false };
        Ok(Index { folder, session, process: std::process::id(), open: Mutex::new(Some(open)) })
    }

    /// Does `work` on the threads of the index.
    fn run<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Open, &Progress) -> naskh::Result<T> + Send,
    ) -> PyResult<T> {
        let session = self.session.another(None);
        self.with(|open| session.run(py, || work(open, &session.progress)))
    }

    /// Does something with what is open.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Open) -> PyResult<T>) -> PyResult<T> {
        self.expect_own_process()?;
        let mut open = match self.open.try_lock() {
            Ok(open) => open,
            Err(TryLockError::WouldBlock) => return Err(self.in_use()),
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        match open.as_mut() {
            Some(open) => work(open),
            None => Err(ClosedError::new_err(self.wrong("that it is closed", "one that is open"))),
        }
    }

    /// SQLite, and the lock of who writes, are not to be shared with a process that has been forked.
    fn expect_own_process(&self) -> PyResult<()> {
        if self.process == std::process::id() {
            return Ok(());
        }
        let found = format!("that process {} opened it, from which this one was forked", self.process);
        Err(ConfigError::new_err(self.wrong(&found, "an index opened by the process that uses it")))
    }

    /// Of a call that comes from within another one, such as one of the watcher.
    fn in_use(&self) -> PyErr {
        ConfigError::new_err(self.wrong("a call from within another one on it", "one call after the other"))
    }

    fn wrong(&self, found: &str, expected: &str) -> String {
        format!("index {}: found {found}; expected {expected}", self.folder.display())
    }
}
