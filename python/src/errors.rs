//! The library's errors as exceptions of the package, in the library's words.

use naskh::Error;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::import_exception;
use pyo3::prelude::*;

import_exception!(naskh._errors, ConfigError);
import_exception!(naskh._errors, DuplicateIdError);
import_exception!(naskh._errors, InputError);
import_exception!(naskh._errors, FileError);

/// The exception for `error`.
pub(crate) fn exception(error: Error) -> PyErr {
    let said = error.to_string();
    match error {
        Error::Io { path, source } => {
            let what = source.to_string();
            FileError::new_err((source.raw_os_error(), what, path.to_string_lossy().into_owned()))
        }
        Error::Input { .. } => InputError::new_err(said),
        Error::DuplicateId { .. } => DuplicateIdError::new_err(said),
        // Whoever cancels a run raises what it was cancelled for.
        Error::Cancelled => PyKeyboardInterrupt::new_err(()),
        _ => ConfigError::new_err(said),
    }
}
