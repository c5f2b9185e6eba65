//! The stages for `naskh.spark`: Arrow in, Arrow out, a batch of articles or the bytes of a bucket at a time.
//!
//! Whole numbers without a sign (hashes, keys) are columns of `int64` with the same bits.

mod candidates;
mod columns;
mod digest;
mod furniture;
mod verdicts;

use arrow_array::RecordBatch;
use arrow_pyarrow::PyArrowType;
use naskh::stages as stage;
use naskh::stages::{Entry, PartArticle};
use naskh::{Config, Level};
use pyo3::prelude::*;

use crate::errors::{ConfigError, exception};
use columns::{bytes, longs, made, moments, numbers, of_bytes, of_ints};

type Batch = PyArrowType<RecordBatch>;
type Batches = Vec<Batch>;

/// Entries as a column of buckets and one of bytes.
fn dealt(entries: Vec<Entry>, buckets: u32) -> PyResult<Batch> {
    let (numbers, bytes): (Vec<u32>, Vec<Vec<u8>>) = stage::deal(entries, buckets).into_iter().unzip();
    made(vec![("bucket", of_ints(numbers)), ("entries", of_bytes(bytes))])
}

/// All entries of a bucket.
fn gathered(batches: &[Batch], name: &str) -> PyResult<Vec<Entry>> {
    let mut entries = Vec::new();
    for batch in batches {
        for bytes in bytes(&batch.0, name)? {
            stage::gather(bytes, &mut entries).map_err(exception)?;
        }
    }
    Ok(entries)
}

/// Articles from columns number, date, source and document.
fn part(documents: &[Batch]) -> PyResult<Vec<PartArticle<'_>>> {
    let mut articles = Vec::new();
    for batch in documents {
        let batch = &batch.0;
        let about = numbers(batch, "number")?.zip(moments(batch, "date")?).zip(longs(batch, "source")?);
        let rows = about.zip(bytes(batch, "document")?);
        let article = |(((number, date), source), document)| PartArticle { number, date, source, document };
        articles.extend(rows.map(article));
    }
    Ok(articles)
}

fn config(written: &str, window: Option<f64>) -> PyResult<Config> {
    let level = [Level::Copy, Level::Derived].into_iter().find(|known| known.name() == written);
    let level =
        level.ok_or_else(|| ConfigError::new_err(format!("level: found {written}; expected copy or derived")))?;
    let config = Config { window_days: window, ..Config::at(level) };
    config.check().map_err(exception)?;
    Ok(config)
}

/// The stages of a run on Spark; no part of what users see.
#[pymodule(submodule)]
pub(crate) mod stages {
    #[pymodule_export]
    use super::candidates::{Sampler, bands, count_pairs, first_look, is_blind, pairs_of_bucket, postings, step};
    #[pymodule_export]
    use super::digest::{Twins, digest, least_stems};
    #[pymodule_export]
    use super::furniture::{is_furniture, is_teaser, repeated, sentences, strip, teaser_keys, teasers};
    #[pymodule_export]
    use super::verdicts::PartDetector;
}
