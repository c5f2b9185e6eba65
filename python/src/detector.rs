//! How articles are compared: settings, as the command line has them, and the model.

use std::fs;
use std::path::PathBuf;

use naskh::{Config, Level, Target};
use pyo3::prelude::*;

use crate::errors::{ConfigError, exception};

/// A model that judges pairs of articles: what `naskh.fit` makes.
#[pyclass(module = "naskh", frozen, from_py_object)]
#[derive(Clone)]
pub(crate) struct Model(pub(crate) naskh::Model);

/// Settings, and the model in use.
#[pyclass(module = "naskh._naskh", frozen)]
pub(crate) struct Detector(pub(crate) naskh::Detector);

#[pymethods]
impl Model {
    /// Reads a model file.
    #[staticmethod]
    fn read(path: PathBuf) -> PyResult<Model> {
        let json =
            fs::read_to_string(&path).map_err(|source| exception(naskh::Error::Io { path: path.clone(), source }))?;
        let model = naskh::Model::read(&json);
        model.map(Model).map_err(|error| ConfigError::new_err(format!("{}: {error}", path.display())))
    }

    /// Writes a model file, which the command line reads as well.
    fn write(&self, path: PathBuf) -> PyResult<()> {
        let json = serde_json::to_string_pretty(&self.0).map_err(|error| ConfigError::new_err(error.to_string()))?;
        fs::write(&path, json + "\n").map_err(|source| exception(naskh::Error::Io { path, source }))
    }

    /// The score from which on two articles belong together.
    #[getter]
    fn threshold(&self) -> f64 {
        self.0.threshold()
    }

    fn __repr__(&self) -> String {
        let target = match self.0.target() {
            Target::Report => "report",
            Target::Event => "event",
        };
        format!("Model(target={target:?}, threshold={:.4})", self.0.threshold())
    }
}

#[pymethods]
impl Detector {
    #[new]
    #[pyo3(signature = (level, *, window=None, threshold=None, model=None, updates=false))]
    fn new(
        level: &str,
        window: Option<f64>,
        threshold: Option<f64>,
        model: Option<Model>,
        updates: bool,
    ) -> PyResult<Detector> {
        let level: Level = level.parse().map_err(exception)?;
        let config = if updates { Config::with_updates(level) } else { Config::at(level) };
        let config = Config { window_days: window, threshold, ..config };
        let detector = naskh::Detector::new(config).map_err(exception)?;
        let Some(Model(model)) = model else {
            return Ok(Detector(detector));
        };
        if model.target() == Target::Event && level != Level::Event {
            let wrong = "model: found a model of events; expected one of reports, or the level event";
            return Err(ConfigError::new_err(wrong));
        }
        Ok(Detector(detector.with_model(model)))
    }
}
