//! Columns of Arrow, in and out: whole numbers without a sign are `int64` with the same bits.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, Int64Builder, ListBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, BinaryArray, Int32Array, Int64Array, ListArray, RecordBatch};
use arrow_pyarrow::PyArrowType;
use naskh::Timestamp;
use pyo3::prelude::*;

use super::Batch;
use crate::errors::InputError;

pub(super) fn wrong(said: impl std::fmt::Display) -> PyErr {
    InputError::new_err(said.to_string())
}

pub(super) fn column<'b>(batch: &'b RecordBatch, name: &str) -> PyResult<&'b ArrayRef> {
    batch.column_by_name(name).ok_or_else(|| wrong(format!("no column {name}")))
}

pub(super) fn typed<'b, A: Array + 'static>(batch: &'b RecordBatch, name: &str) -> PyResult<&'b A> {
    let array = column(batch, name)?;
    array.as_any().downcast_ref().ok_or_else(|| wrong(format!("column {name}: found {}", array.data_type())))
}

/// Column `name` of `int64`, null where the value is.
pub(super) fn longs<'b>(batch: &'b RecordBatch, name: &str) -> PyResult<impl Iterator<Item = Option<u64>> + use<'b>> {
    Ok(typed::<Int64Array>(batch, name)?.iter().map(|value| value.map(|value| value as u64)))
}

/// Column `name` of `int64` without nulls.
pub(super) fn numbers<'b>(batch: &'b RecordBatch, name: &str) -> PyResult<impl Iterator<Item = u64> + use<'b>> {
    Ok(typed::<Int64Array>(batch, name)?.values().iter().map(|&value| value as u64))
}

/// Column `name` of `binary`, empty where there is null.
pub(super) fn bytes<'b>(batch: &'b RecordBatch, name: &str) -> PyResult<impl Iterator<Item = &'b [u8]> + use<'b>> {
    Ok(typed::<BinaryArray>(batch, name)?.iter().map(Option::unwrap_or_default))
}

/// Column `name` of lists of `int64`, empty where there is null.
pub(super) fn lists<'b>(batch: &'b RecordBatch, name: &str) -> PyResult<impl Iterator<Item = Vec<u64>> + use<'b>> {
    let values = |list: ArrayRef| list.as_primitive::<Int64Type>().values().iter().map(|&value| value as u64).collect();
    Ok(typed::<ListArray>(batch, name)?.iter().map(move |list| list.map(values).unwrap_or_default()))
}

pub(super) fn moments<'b>(
    batch: &'b RecordBatch,
    name: &str,
) -> PyResult<impl Iterator<Item = Option<Timestamp>> + use<'b>> {
    Ok(typed::<Int64Array>(batch, name)?.iter().map(|seconds| Timestamp::from_seconds(seconds?)))
}

pub(super) fn made(columns: Vec<(&str, ArrayRef)>) -> PyResult<Batch> {
    let nullable = columns.into_iter().map(|(name, array)| (name, array, true));
    RecordBatch::try_from_iter_with_nullable(nullable).map(PyArrowType).map_err(wrong)
}

pub(super) fn of_numbers(values: impl IntoIterator<Item = u64>) -> ArrayRef {
    Arc::new(values.into_iter().map(|value| value as i64).collect::<Int64Array>())
}

pub(super) fn of_maybe(values: impl IntoIterator<Item = Option<u64>>) -> ArrayRef {
    Arc::new(values.into_iter().map(|value| value.map(|value| value as i64)).collect::<Int64Array>())
}

pub(super) fn of_ints(values: impl IntoIterator<Item = u32>) -> ArrayRef {
    Arc::new(values.into_iter().map(|value| value as i32).collect::<Int32Array>())
}

pub(super) fn of_bytes(values: impl IntoIterator<Item = impl AsRef<[u8]>>) -> ArrayRef {
    let mut builder = BinaryBuilder::new();
    values.into_iter().for_each(|value| builder.append_value(value));
    Arc::new(builder.finish())
}

pub(super) fn of_lists<'v>(values: impl IntoIterator<Item = &'v [u64]>) -> ArrayRef {
    let mut builder = ListBuilder::new(Int64Builder::new());
    for list in values {
        list.iter().for_each(|&value| builder.values().append_value(value as i64));
        builder.append(true);
    }
    Arc::new(builder.finish())
}
