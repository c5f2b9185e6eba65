//! Furniture found bucket by bucket, and taken out of documents.

use std::sync::Arc;

use arrow_array::{BooleanArray, Int32Array};
use naskh::stages as stage;
use naskh::stages::Entry;
use pyo3::prelude::*;

use super::columns::{bytes, lists, longs, made, numbers, of_bytes, of_ints, of_lists, of_numbers, typed};
use super::{Batch, Batches, dealt, gathered};
use crate::errors::exception;

/// Articles of a run of sentences that stand in one row.
const ARTICLES_A_ROW: usize = 1 << 16;
/// The number of a row of copies, behind all others.
const COPIES: u32 = i32::MAX as u32;

/// The sentences of a batch of articles: columns number, source, copy and sentences.
#[pyfunction]
pub(super) fn sentences(py: Python<'_>, batch: Batch, buckets: u32) -> PyResult<Batch> {
    py.detach(|| {
        let batch = &batch.0;
        let copies = typed::<BooleanArray>(batch, "copy")?.iter();
        let rows = numbers(batch, "number")?.zip(longs(batch, "source")?).zip(copies).zip(lists(batch, "sentences")?);
        let entries = rows.flat_map(|(((number, source), copy), keys)| {
            stage::sentences(&keys, number, source.is_some(), copy == Some(true))
        });
        dealt(entries.collect(), buckets)
    })
}

/// The sentences of a bucket that may be furniture. One in very many articles takes several rows.
#[pyfunction]
pub(super) fn repeated(py: Python<'_>, batches: Batches) -> PyResult<Batch> {
    py.detach(|| {
        let found = stage::repeated(gathered(&batches, "entries")?);
        // Each with the sentence, a number, and articles that are no copies or copies.
        let mut rows: Vec<(&stage::Repeated, u32, [&[u64]; 2])> = Vec::new();
        for sentence in &found {
            let own = sentence.articles.chunks(ARTICLES_A_ROW);
            let copies = sentence.copies.chunks(ARTICLES_A_ROW);
            rows.extend((0..).zip(own).map(|(part, articles)| (sentence, part, [articles, &[][..]])));
            rows.extend(copies.map(|copies| (sentence, COPIES, [&[][..], copies])));
        }
        made(vec![
            ("key", of_numbers(rows.iter().map(|row| row.0.key))),
            ("part", of_ints(rows.iter().map(|row| row.1))),
            ("wanted", of_ints(rows.iter().map(|row| row.0.wanted as u32))),
            ("articles", of_lists(rows.iter().map(|row| row.2[0]))),
            ("copies", of_lists(rows.iter().map(|row| row.2[1]))),
        ])
    })
}

/// Titles, and places where titles may stand, of a batch of articles: columns number, title and document.
#[pyfunction]
pub(super) fn teaser_keys(py: Python<'_>, batch: Batch, longest: u32, buckets: u32) -> PyResult<Batch> {
    py.detach(|| {
        let batch = &batch.0;
        let mut entries = Vec::new();
        let rows = numbers(batch, "number")?.zip(longs(batch, "title")?).zip(bytes(batch, "document")?);
        for ((article, title), document) in rows {
            entries.extend(stage::teaser_keys(document, article, longest).map_err(exception)?);
            entries.extend(title.map(|key| Entry { key, article, value: 0 }));
        }
        dealt(entries, buckets)
    })
}

/// The sentences of a bucket that may be teasers.
#[pyfunction]
pub(super) fn teasers(py: Python<'_>, batches: Batches) -> PyResult<Batch> {
    py.detach(|| {
        let found = stage::teasers(gathered(&batches, "entries")?);
        made(vec![
            ("number", of_numbers(found.iter().map(|teaser| teaser.article))),
            ("place", of_numbers(found.iter().map(|teaser| teaser.place))),
            ("titled", of_lists(found.iter().map(|teaser| &teaser.titled[..]))),
        ])
    })
}

fn stories(documents: &[Batch]) -> PyResult<stage::Stories> {
    let mut articles = Vec::new();
    for batch in documents {
        let batch = &batch.0;
        let rows = numbers(batch, "number")?.zip(longs(batch, "source")?).zip(bytes(batch, "document")?);
        articles.extend(rows.map(|((number, source), document)| (number, source, document)));
    }
    stage::Stories::new(articles).map_err(exception)
}

/// Of sentences (columns key, wanted, articles) whether the articles tell so many stories.
#[pyfunction]
pub(super) fn is_furniture(py: Python<'_>, documents: Batches, sentences: Batches) -> PyResult<Batch> {
    py.detach(|| {
        let mut stories = stories(&documents)?;
        let (mut keys, mut answers) = (Vec::new(), Vec::new());
        for batch in &sentences {
            let batch = &batch.0;
            let wanted = typed::<Int32Array>(batch, "wanted")?.values().iter();
            for ((key, &wanted), articles) in numbers(batch, "key")?.zip(wanted).zip(lists(batch, "articles")?) {
                keys.push(key);
                answers.push(stories.is_furniture(key, wanted as usize, &articles));
            }
        }
        made(vec![("key", of_numbers(keys)), ("furniture", Arc::new(BooleanArray::from(answers)))])
    })
}

/// Of sentences that may be teasers (columns number, place, titled) those that are: number, and hash of the sentence.
#[pyfunction]
pub(super) fn is_teaser(py: Python<'_>, documents: Batches, sentences: Batches) -> PyResult<Batch> {
    py.detach(|| {
        let mut stories = stories(&documents)?;
        let (mut articles, mut hashes) = (Vec::new(), Vec::new());
        for batch in &sentences {
            let batch = &batch.0;
            let rows = numbers(batch, "number")?.zip(numbers(batch, "place")?).zip(lists(batch, "titled")?);
            for ((article, place), titled) in rows {
                if let Some(hash) = stories.teaser(&stage::Teaser { article, place, titled }) {
                    articles.push(article);
                    hashes.push(hash);
                }
            }
        }
        made(vec![("number", of_numbers(articles)), ("hash", of_numbers(hashes))])
    })
}

/// A batch of documents without furniture: columns source, document, repeated and teasers.
#[pyfunction]
pub(super) fn strip(py: Python<'_>, batch: Batch) -> PyResult<Batch> {
    py.detach(|| {
        let batch = &batch.0;
        let dropped = lists(batch, "repeated")?.zip(lists(batch, "teasers")?);
        let mut documents = Vec::new();
        for ((source, document), (repeated, teasers)) in
            longs(batch, "source")?.zip(bytes(batch, "document")?).zip(dropped)
        {
            documents.push(stage::strip(document, source, &repeated, &teasers).map_err(exception)?);
        }
        let stems = documents.iter().map(|document| stage::stems(document)).collect::<Result<Vec<_>, _>>();
        let stems = stems.map_err(exception)?.into_iter().map(|stems| stems as u32);
        made(vec![("stems", of_ints(stems)), ("document", of_bytes(&documents))])
    })
}
