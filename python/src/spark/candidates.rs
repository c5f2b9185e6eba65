//! Samples, bands, and the pairs that they propose, bucket by bucket.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{BooleanArray, Int32Array};
use naskh::stages as stage;
use naskh::stages::About;
use pyo3::prelude::*;

use super::columns::{bytes, longs, made, moments, numbers, of_ints, of_numbers, typed};
use super::{Batch, Batches, config, dealt, gathered, part};
use crate::errors::exception;

/// How far it is from one counted article to the next.
#[pyfunction]
pub(super) fn step(level: &str, articles: u64) -> PyResult<u64> {
    Ok(stage::PartDetector::step(&config(level, None)?, articles))
}

/// Samples shingles.
#[pyclass(module = "naskh")]
pub(super) struct Sampler(stage::Sampler);

#[pymethods]
impl Sampler {
    /// `counted` has number, date, source and document of the counted articles that stand for themselves.
    #[new]
    fn new(py: Python<'_>, level: &str, articles: u64, stems: u64, counted: Batches) -> PyResult<Sampler> {
        py.detach(|| {
            let counted = part(&counted)?;
            stage::Sampler::new(&config(level, None)?, articles, stems, &counted).map(Sampler).map_err(exception)
        })
    }

    /// Of a batch of articles that stand for themselves (the same columns) the entries by buckets; and number,
    /// sampled and common.
    fn sample(&mut self, py: Python<'_>, batch: Batch, buckets: u32) -> PyResult<(Batch, Batch)> {
        py.detach(|| {
            let (mut entries, mut counted) = (Vec::new(), Vec::new());
            for article in part(&[batch])? {
                let mut sampled = self.0.sample(&article).map_err(exception)?;
                entries.append(&mut sampled.entries);
                counted.push((article.number, sampled.size, sampled.common));
            }
            let counted = vec![
                ("number", of_numbers(counted.iter().map(|counted| counted.0))),
                ("sampled", of_ints(counted.iter().map(|counted| counted.1))),
                ("common", of_ints(counted.iter().map(|counted| counted.2))),
            ];
            Ok((dealt(entries, buckets)?, made(counted)?))
        })
    }
}

/// The postings of a bucket of samples, dealt out by the earlier article: what is behind it, what is common, and what is
/// rare in its time.
#[pyfunction]
pub(super) fn postings(py: Python<'_>, level: &str, batches: Batches, buckets: u32) -> PyResult<(Batch, Batch, Batch)> {
    py.detach(|| {
        let found = stage::postings(&config(level, None)?, gathered(&batches, "entries")?);
        Ok((dealt(found.behind, buckets)?, dealt(found.common, buckets)?, dealt(found.timely, buckets)?))
    })
}

/// The pairs of a bucket of postings (a, b and how many shingles they share); and how many shingles that are common, or
/// rare in their time, articles have (number, common, timely).
#[pyfunction]
pub(super) fn count_pairs(py: Python<'_>, level: &str, batches: Batches) -> PyResult<(Batch, Batch)> {
    py.detach(|| {
        let pairs = stage::count_pairs(&config(level, None)?, gathered(&batches, "entries")?);
        let mut sums: BTreeMap<u64, [u32; 2]> = BTreeMap::new();
        for (at, name) in ["common", "timely"].into_iter().enumerate() {
            for entry in gathered(&batches, name)? {
                sums.entry(entry.key).or_default()[at] += entry.value as u32;
            }
        }
        let pairs = vec![
            ("a", of_numbers(pairs.iter().map(|pair| pair.0))),
            ("b", of_numbers(pairs.iter().map(|pair| pair.1))),
            ("shared", of_ints(pairs.iter().map(|pair| pair.2.into()))),
        ];
        let sums = vec![
            ("number", of_numbers(sums.keys().copied())),
            ("common", of_ints(sums.values().map(|sums| sums[0]))),
            ("timely", of_ints(sums.values().map(|sums| sums[1]))),
        ];
        Ok((made(pairs)?, made(sums)?))
    })
}

/// Of articles (columns sampled, common and timely) whether rare shingles say little of them.
#[pyfunction]
pub(super) fn is_blind(level: &str, batch: Batch) -> PyResult<Batch> {
    let config = config(level, None)?;
    let [sampled, common, timely] = ["sampled", "common", "timely"].map(|name| typed::<Int32Array>(&batch.0, name));
    let counts = sampled?.values().iter().zip(common?.values()).zip(timely?.values());
    let blind = counts.map(|((&sampled, &common), &timely)| {
        Some(stage::is_blind(&config, common as u32, timely as u32, sampled as u32))
    });
    let blind: BooleanArray = blind.collect();
    made(vec![("blind", Arc::new(blind))])
}

/// The bands of a batch of articles: columns number and document.
#[pyfunction]
pub(super) fn bands(py: Python<'_>, level: &str, batch: Batch, buckets: u32) -> PyResult<Batch> {
    py.detach(|| {
        let mut signer = stage::Signer::new(&config(level, None)?).map_err(exception)?;
        let mut entries = Vec::new();
        for (number, document) in numbers(&batch.0, "number")?.zip(bytes(&batch.0, "document")?) {
            entries.extend(signer.bands(number, document).map_err(exception)?);
        }
        dealt(entries, buckets)
    })
}

/// The pairs that the bands of a bucket propose.
#[pyfunction]
pub(super) fn pairs_of_bucket(py: Python<'_>, level: &str, batches: Batches) -> PyResult<Batch> {
    py.detach(|| {
        let pairs = stage::pairs_of_bucket(&config(level, None)?, gathered(&batches, "entries")?);
        let shared = of_ints(pairs.iter().map(|_| 0));
        let [a, b] = [of_numbers(pairs.iter().map(|pair| pair.0)), of_numbers(pairs.iter().map(|pair| pair.1))];
        made(vec![("a", a), ("b", b), ("shared", shared)])
    })
}

/// A first look at pairs: columns shared, and of both articles date, source, rare and timely, with the ends _a and _b.
#[pyfunction]
#[pyo3(signature = (level, window, batch))]
pub(super) fn first_look(py: Python<'_>, level: &str, window: Option<f64>, batch: Batch) -> PyResult<Batch> {
    py.detach(|| {
        let (config, batch) = (config(level, window)?, &batch.0);
        let about = |end: &str| -> PyResult<Vec<About>> {
            let rare = typed::<Int32Array>(batch, &format!("rare_{end}"))?.values().iter();
            let dates = moments(batch, &format!("date_{end}"))?;
            let timely = typed::<Int32Array>(batch, &format!("timely_{end}"))?.values().iter();
            let rows = dates.zip(longs(batch, &format!("source_{end}"))?).zip(rare.zip(timely));
            let about =
                |((date, source), (&rare, &timely))| About { date, source, rare: rare as u32, timely: timely as u32 };
            Ok(rows.map(about).collect())
        };
        let shared = typed::<Int32Array>(batch, "shared")?.values().iter();
        let pairs = about("a")?.into_iter().zip(about("b")?).zip(shared);
        let look = |((a, b), &shared): ((About, About), &i32)| stage::first_look(&config, shared as u16, a, b);
        let (compare, partners): (Vec<bool>, Vec<bool>) =
            pairs.map(look).map(|look| (look.compare, look.partners)).unzip();
        made(vec![
            ("compare", Arc::new(BooleanArray::from(compare))),
            ("partners", Arc::new(BooleanArray::from(partners))),
        ])
    })
}
