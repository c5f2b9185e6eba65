//! The library's errors as exceptions of the package, in the library's words.

use std::io::ErrorKind;

use naskh::Error;
use pyo3::exceptions::PyKeyboardInterrupt;
use pyo3::import_exception;
use pyo3::prelude::*;

import_exception!(naskh._errors, ClosedError);
import_exception!(naskh._errors, ConfigError);
import_exception!(naskh._errors, DuplicateIdError);
import_exception!(naskh._errors, InputError);
import_exception!(naskh._errors, FileError);
import_exception!(naskh._errors, LockedError);

/// The exception for `error`.
pub(crate) fn exception(error: Error) -> PyErr {
    let said = error.to_string();
    match error {
        Error::Io { path, source } => {
            let what = source.to_string();
            let number = source.raw_os_error().or_else(|| number(source.kind()));
            FileError::new_err((number, what, path.to_string_lossy().into_owned()))
        }
        Error::Input { .. } => InputError::new_err(said),
        Error::DuplicateId { .. } | Error::IdTaken { .. } => DuplicateIdError::new_err(said),
        Error::Locked { .. } => LockedError::new_err(said),
        // Whoever cancels a run raises what it was cancelled for.
        Error::Cancelled => PyKeyboardInterrupt::new_err(()),
        _ => ConfigError::new_err(said),
    }
}

/// The `errno` of trouble that came without one, where it is the same on all systems.
fn number(kind: ErrorKind) -> Option<i32> {
    Some(match kind {
        ErrorKind::OutOfMemory => 12,
        ErrorKind::PermissionDenied => 13,
        ErrorKind::StorageFull => 28,
        ErrorKind::ReadOnlyFilesystem => 30,
        ErrorKind::Other => 5,
        _ => return None,
    })
}
