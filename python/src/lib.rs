//! The face that the Python package `naskh` puts on the library: what comes in is turned into the library's types,
//! and what it says into Python's. Nothing is decided here.

mod arrow;
mod characters;
mod comparison;
mod corpus;
mod detector;
mod errors;
mod evaluation;
mod index;
mod index_work;
mod records;
mod session;
mod spark;
mod tokenizer;

use pyo3::prelude::*;

/// Gives what is freed back to the system at once, as `pyproject.toml` has it, so that a call takes up a quarter less
/// (docs/python.md). What Python and others allocate is not its concern.
#[cfg(target_os = "linux")]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// The compiled part of the package; users see `naskh`.
#[pymodule]
mod _naskh {
    #[pymodule_export]
    use super::comparison::compare;
    #[pymodule_export]
    use super::corpus::{Corpus, Intake, Kept, check_keep, columns_wanted};
    #[pymodule_export]
    use super::detector::{Detector, Model};
    #[pymodule_export]
    use super::evaluation::{evaluate, fit};
    #[pymodule_export]
    use super::index::Index;
    #[pymodule_export]
    use super::index_work::IndexWork;
    #[pymodule_export]
    use super::session::Stage;
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
