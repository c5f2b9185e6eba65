//! Dicts as rows: what plays a part is copied out of them, for threads cannot look into objects of Python.

use std::collections::HashSet;

use naskh::{ColumnKind, Fields, Place, Rows, Value};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyFloat, PyInt, PyList, PyMapping, PyString};

use crate::errors::{InputError, exception};

/// Signals are looked for after so many.
const TURN: usize = 1 << 13;

/// Rows of some columns; where a dict has no such key a cell is absent.
pub(crate) struct Records {
    columns: Vec<String>,
    cells: Vec<Vec<Value<'static>>>,
}

impl Rows for Records {
    fn columns(&self) -> Vec<(String, ColumnKind)> {
        self.columns.iter().map(|name| (name.clone(), ColumnKind::Mixed)).collect()
    }

    fn len(&self) -> usize {
        self.cells.len()
    }

    fn cell(&self, row: usize, column: usize) -> Value<'_> {
        match self.cells.get(row).and_then(|cells| cells.get(column)) {
            Some(Value::String(text)) => Value::String((&**text).into()),
            Some(value) => value.clone(),
            None => Value::Absent,
        }
    }
}

impl Records {
    /// Of `dicts`, the first of which is number `first` of all articles.
    pub(crate) fn new(dicts: &Bound<'_, PyList>, fields: &Fields, first: usize) -> PyResult<Records> {
        let py = dicts.py();
        let mut known: HashSet<String> = HashSet::new();
        let mut names: Vec<String> = Vec::new();
        for (number, dict) in dicts.iter().enumerate() {
            if number % TURN == 0 {
                py.check_signals()?;
            }
            let Ok(dict) = dict.cast::<PyMapping>() else {
                let found = dict.get_type().name()?;
                let number = first + number;
                return Err(InputError::new_err(format!("articles[{number}]: found a {found}; expected a dict")));
            };
            for key in dict.keys()?.iter() {
                if let Ok(key) = key.cast::<PyString>() {
                    let key = key.to_cow()?;
                    if !known.contains(&*key) {
                        names.push(key.clone().into_owned());
                        known.insert(key.into_owned());
                    }
                }
            }
        }
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        let place = Place { path: "articles".into(), line: None };
        let wanted = naskh::columns_wanted(fields, &all, &place).map_err(exception)?;
        let wanted: Vec<String> = wanted.into_iter().map(str::to_owned).collect();
        let keys: Vec<Bound<'_, PyString>> = wanted.iter().map(|name| PyString::new(py, name)).collect();
        let mut cells = Vec::with_capacity(dicts.len());
        for (number, dict) in dicts.iter().enumerate() {
            if number % TURN == 0 {
                py.check_signals()?;
            }
            let dict = dict.cast::<PyMapping>()?;
            let mut row = Vec::with_capacity(keys.len());
            for key in &keys {
                row.push(if dict.contains(key)? { value(&dict.get_item(key)?)? } else { Value::Absent });
            }
            cells.push(row);
        }
        Ok(Records { columns: wanted, cells })
    }
}

/// What `object` is. A number that is none (NaN), as tables write what is missing, is null.
pub(crate) fn value(object: &Bound<'_, PyAny>) -> PyResult<Value<'static>> {
    if object.is_none() {
        return Ok(Value::Null);
    }
    if let Ok(text) = object.cast::<PyString>() {
        // A lone surrogate is no text that could be written down.
        return Ok(match text.to_cow() {
            Ok(text) => Value::String(text.into_owned().into()),
            Err(_) => Value::Other("a string with lone surrogates".into()),
        });
    }
    if object.is_instance_of::<PyBool>() {
        return Ok(Value::Other("true or false".into()));
    }
    if object.is_instance_of::<PyInt>() {
        let signed = object.extract::<i64>().map(Value::Signed);
        let any = signed.or_else(|_| object.extract::<u64>().map(Value::Unsigned));
        return Ok(any.unwrap_or(Value::Float(f64::MAX)));
    }
    if let Ok(number) = object.cast::<PyFloat>() {
        let number = number.value();
        return Ok(if number.is_nan() { Value::Null } else { Value::Float(number) });
    }
    // Dates, and dates with a time of day.
    if let Ok(written) = object.call_method0("isoformat")
        && let Ok(written) = written.extract::<String>()
    {
        return Ok(Value::String(written.into()));
    }
    Ok(Value::Other(format!("a {}", object.get_type().name()?).into()))
}
