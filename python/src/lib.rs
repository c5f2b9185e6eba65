//! The face that the Python package `naskh` puts on the library: what comes in is turned into the library's types,
//! and what it says into Python's. Nothing is decided here.

mod characters;
mod spark;
mod tokenizer;

use pyo3::prelude::*;

/// The compiled part of the package; users see `naskh`.
#[pymodule]
mod _naskh {
    #[pymodule_export]
    use super::spark::stages;
    #[pymodule_export]
    use super::tokenizer::{Token, Tokenizer};
    use super::*;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("PROFILE", naskh::PROFILE)
    }
}
