//! The stages for `naskh.spark`: Arrow in, Arrow out, a batch of articles or the bytes of a bucket at a time.
//!
//! Whole numbers without a sign (hashes, keys) are columns of `int64` with the same bits.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Int8Type, Int64Type};
use arrow_array::{Array, ArrayRef, BooleanArray, Float64Array, Int8Array, Int32Array, Int64Array, RecordBatch};
use arrow_pyarrow::PyArrowType;
use arrow_schema::DataType;
use naskh::stages as stage;
use naskh::stages::{About, Connected, Entry, PartArticle};
use naskh::{Config, Containment, Detector, Level, Memory, Relation, Timestamp, Tokenizer};
use pyo3::prelude::*;

use crate::errors::{ConfigError, exception};

mod columns;

use columns::{
    bytes, column, lists, longs, made, moments, numbers, of_bytes, of_ints, of_lists, of_maybe, of_numbers, typed,
    wrong,
};

type Batch = PyArrowType<RecordBatch>;
type Batches = Vec<Batch>;

/// Articles of a run of sentences that stand in one row.
const ARTICLES_A_ROW: usize = 1 << 16;
/// The number of a row of copies, behind all others.
const COPIES: u32 = i32::MAX as u32;
const RELATIONS: [Relation; 3] = [Relation::Identical, Relation::Copy, Relation::Derived];

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

fn config(written: &str, window: Option<f64>) -> PyResult<Config> {
    let level = [Level::Copy, Level::Derived].into_iter().find(|known| known.name() == written);
    let level =
        level.ok_or_else(|| ConfigError::new_err(format!("level: found {written}; expected copy or derived")))?;
    let config = Config { window_days: window, ..Config::at(level) };
    config.check().map_err(exception)?;
    Ok(config)
}

/// How many stems an article must have to be compared; checks the settings of a run.
#[pyfunction]
#[pyo3(signature = (level, window=None))]
fn least_stems(level: &str, window: Option<f64>) -> PyResult<usize> {
    config(level, window).map(|config| config.least_stems)
}

/// The digests of a batch of articles: columns id, title, text, date and source, of strings; date may be seconds.
#[pyfunction]
fn digest(py: Python<'_>, batch: Batch) -> PyResult<Batch> {
    py.detach(|| {
        let batch = batch.0;
        let [ids, titles, texts, sources] = [
            typed::<arrow_array::StringArray>(&batch, "id")?,
            typed::<arrow_array::StringArray>(&batch, "title")?,
            typed::<arrow_array::StringArray>(&batch, "text")?,
            typed::<arrow_array::StringArray>(&batch, "source")?,
        ];
        let date = column(&batch, "date")?;
        let date = |row: usize| match date.data_type() {
            _ if date.is_null(row) => Ok(None),
            DataType::Int64 => Ok(Timestamp::from_seconds(date.as_primitive::<Int64Type>().value(row))),
            _ => match date.as_string_opt::<i32>().map(|dates| dates.value(row)) {
                Some(written) if written.trim().is_empty() => Ok(None),
                Some(written) => Timestamp::parse(written).map(Some).ok_or_else(|| {
                    wrong(format!(
                        "article {:?}: found date {written:?}; expected a date such as 2015-07-21 or 2015-07-21T10:30:00Z",
                        ids.value(row)
                    ))
                }),
                None => Err(wrong(format!("column date: found {}", date.data_type()))),
            },
        };
        let tokenizer = Tokenizer::new();
        let (mut dates, mut keys, mut digests) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..batch.num_rows() {
            let source = (!sources.is_null(row)).then(|| sources.value(row)).filter(|source| !source.is_empty());
            let title = if titles.is_null(row) { "" } else { titles.value(row) };
            let article = stage::article(title, texts.value(row), date(row)?, source);
            dates.push(article.date.map(Timestamp::seconds));
            keys.push(source.map(stage::source_key));
            digests.push(stage::digest(&article, &tokenizer));
        }
        made(vec![
            ("date", Arc::new(Int64Array::from(dates))),
            ("source", of_maybe(keys)),
            ("fingerprint", of_numbers(digests.iter().map(|digest| digest.fingerprint))),
            ("title", of_maybe(digests.iter().map(|digest| Some(digest.title?.0)))),
            ("title_stems", of_ints(digests.iter().map(|digest| digest.title.map_or(0, |title| title.1)))),
            ("sentences", of_lists(digests.iter().map(|digest| &digest.sentences[..]))),
            ("document", of_bytes(digests.iter().map(|digest| &digest.document))),
        ])
    })
}

/// Goes through fingerprint, date and number of articles in the order of these, those without a date last.
#[pyclass(module = "naskh")]
struct Twins {
    window: Option<f64>,
    run: stage::TwinRun<u64>,
    fingerprint: Option<u64>,
}

#[pymethods]
impl Twins {
    #[new]
    #[pyo3(signature = (window=None))]
    fn new(window: Option<f64>) -> Twins {
        Twins { window, run: stage::TwinRun::new(window), fingerprint: None }
    }

    /// The articles of the next batch that are later ones, each with the first one.
    fn later(&mut self, batch: Batch) -> PyResult<Batch> {
        let batch = &batch.0;
        let (mut firsts, mut later) = (Vec::new(), Vec::new());
        let rows = numbers(batch, "fingerprint")?.zip(moments(batch, "date")?).zip(numbers(batch, "number")?);
        for ((fingerprint, date), number) in rows {
            if self.fingerprint != Some(fingerprint) {
                self.run = stage::TwinRun::new(self.window);
                self.fingerprint = Some(fingerprint);
            }
            if let Some(first) = self.run.next(date, number) {
                firsts.push(first);
                later.push(number);
            }
        }
        made(vec![("number", of_numbers(later)), ("first", of_numbers(firsts))])
    }
}

/// The sentences of a batch of articles: columns number, source, copy and sentences.
#[pyfunction]
fn sentences(py: Python<'_>, batch: Batch, buckets: u32) -> PyResult<Batch> {
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
fn repeated(py: Python<'_>, batches: Batches) -> PyResult<Batch> {
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
fn teaser_keys(py: Python<'_>, batch: Batch, longest: u32, buckets: u32) -> PyResult<Batch> {
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
fn teasers(py: Python<'_>, batches: Batches) -> PyResult<Batch> {
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
fn is_furniture(py: Python<'_>, documents: Batches, sentences: Batches) -> PyResult<Batch> {
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
fn is_teaser(py: Python<'_>, documents: Batches, sentences: Batches) -> PyResult<Batch> {
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
fn strip(py: Python<'_>, batch: Batch) -> PyResult<Batch> {
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

/// How far it is from one counted article to the next.
#[pyfunction]
fn step(articles: u64) -> u64 {
    stage::PartDetector::step(articles)
}

/// Samples shingles.
#[pyclass(module = "naskh")]
struct Sampler(stage::Sampler);

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
fn postings(py: Python<'_>, level: &str, batches: Batches, buckets: u32) -> PyResult<(Batch, Batch, Batch)> {
    py.detach(|| {
        let found = stage::postings(&config(level, None)?, gathered(&batches, "entries")?);
        Ok((dealt(found.behind, buckets)?, dealt(found.common, buckets)?, dealt(found.timely, buckets)?))
    })
}

/// The pairs of a bucket of postings (a, b and how many shingles they share); and how many shingles that are common, or
/// rare in their time, articles have (number, common, timely).
#[pyfunction]
fn count_pairs(py: Python<'_>, level: &str, batches: Batches) -> PyResult<(Batch, Batch)> {
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
fn is_blind(batch: Batch) -> PyResult<Batch> {
    let [sampled, common, timely] = ["sampled", "common", "timely"].map(|name| typed::<Int32Array>(&batch.0, name));
    let counts = sampled?.values().iter().zip(common?.values()).zip(timely?.values());
    let blind = counts
        .map(|((&sampled, &common), &timely)| Some(stage::is_blind(common as u32, timely as u32, sampled as u32)));
    let blind: BooleanArray = blind.collect();
    made(vec![("blind", Arc::new(blind))])
}

/// The bands of a batch of articles: columns number and document.
#[pyfunction]
fn bands(py: Python<'_>, level: &str, batch: Batch, buckets: u32) -> PyResult<Batch> {
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
fn pairs_of_bucket(py: Python<'_>, level: &str, batches: Batches) -> PyResult<Batch> {
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
fn first_look(py: Python<'_>, level: &str, window: Option<f64>, batch: Batch) -> PyResult<Batch> {
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

/// Compares and groups articles by what is rare in the whole input.
#[pyclass(module = "naskh", frozen)]
struct PartDetector(stage::PartDetector);

#[pymethods]
impl PartDetector {
    /// `counted` has number, date, source and document of all counted articles of an input of so many.
    #[new]
    #[pyo3(signature = (level, window, articles, counted, memory))]
    fn new(
        py: Python<'_>,
        level: &str,
        window: Option<f64>,
        articles: u64,
        counted: Batches,
        memory: u64,
    ) -> PyResult<PartDetector> {
        py.detach(|| {
            let detector = Detector::new(config(level, window)?).map_err(exception)?;
            let memory = Memory::new(memory, &std::env::temp_dir());
            stage::PartDetector::new(detector, part(&counted)?, articles, memory).map(PartDetector).map_err(exception)
        })
    }

    /// The links among pairs (columns a, b and witnesses) of articles (columns number, date, source and document).
    fn links(&self, py: Python<'_>, documents: Batches, pairs: Batches) -> PyResult<Batch> {
        py.detach(|| {
            let (mut wanted, mut partners) = (Vec::new(), Vec::new());
            for batch in &pairs {
                let batch = &batch.0;
                for ((a, b), witnesses) in
                    numbers(batch, "a")?.zip(numbers(batch, "b")?).zip(lists(batch, "witnesses")?)
                {
                    wanted.push((a, b));
                    partners.extend(witnesses.iter().flat_map(|&witness| [(a, witness), (b, witness)]));
                }
            }
            let links = self.0.links(part(&documents)?, &wanted, &partners).map_err(exception)?;
            let percent = |of: fn(Containment) -> f64| -> ArrayRef {
                Arc::new(
                    links.iter().map(|link| Some((of(link.containment) * 100.0).round() as i8)).collect::<Int8Array>(),
                )
            };
            let score = Float64Array::from_iter_values(links.iter().map(|link| link.score));
            made(vec![
                ("a", of_numbers(links.iter().map(|link| link.a))),
                ("b", of_numbers(links.iter().map(|link| link.b))),
                ("score", Arc::new(score)),
                ("relation", relations(links.iter().map(|link| Some(link.relation)))),
                ("a_in_b", percent(Containment::a_in_b)),
                ("b_in_a", percent(Containment::b_in_a)),
            ])
        })
    }

    /// The groups of what links (as they came) connect; partners has number and other.
    fn groups(&self, py: Python<'_>, documents: Batches, links: Batches, partners: Batches) -> PyResult<Batch> {
        py.detach(|| {
            let mut connected = Vec::new();
            for batch in &links {
                let batch = &batch.0;
                let scores = typed::<Float64Array>(batch, "score")?.values();
                let [relations, a_in_b, b_in_a] = ["relation", "a_in_b", "b_in_a"]
                    .map(|name| Ok::<_, PyErr>(typed::<Int8Array>(batch, name)?.values()));
                let (relations, a_in_b, b_in_a) = (relations?, a_in_b?, b_in_a?);
                for (row, (a, b)) in numbers(batch, "a")?.zip(numbers(batch, "b")?).enumerate() {
                    let relation = RELATIONS.get(relations[row] as usize).copied();
                    let relation = relation.ok_or_else(|| wrong(format!("relation {}", relations[row])))?;
                    let containment = Containment::from_percent(a_in_b[row] as u8, b_in_a[row] as u8);
                    connected.push(Connected { a, b, score: scores[row], relation, containment });
                }
            }
            let mut rows = Vec::new();
            for batch in &partners {
                rows.extend(numbers(&batch.0, "number")?.zip(numbers(&batch.0, "other")?));
            }
            let members = self.0.groups(part(&documents)?, &connected, &rows).map_err(exception)?;
            let score =
                members.iter().map(|member| member.verdict.map_or(1.0, |verdict| (verdict.score * 1e4).round() / 1e4));
            made(vec![
                ("representative", of_numbers(members.iter().map(|member| member.representative))),
                ("number", of_numbers(members.iter().map(|member| member.article))),
                ("score", Arc::new(Float64Array::from_iter_values(score))),
                ("relation", relations(members.iter().map(|member| member.verdict?.relation))),
            ])
        })
    }
}

/// Relations by their places in [`RELATIONS`], null for none.
fn relations(values: impl Iterator<Item = Option<Relation>>) -> ArrayRef {
    let place = |relation| RELATIONS.iter().position(|known| *known == relation).map(|place| place as i8);
    Arc::new(values.map(|relation| place(relation?)).collect::<arrow_array::PrimitiveArray<Int8Type>>())
}

/// The stages of a run on Spark; no part of what users see.
#[pymodule(submodule)]
pub(crate) mod stages {
    #[pymodule_export]
    use super::{
        PartDetector, Sampler, Twins, bands, count_pairs, digest, first_look, is_blind, is_furniture, is_teaser,
        least_stems, pairs_of_bucket, postings, repeated, sentences, step, strip, teaser_keys, teasers,
    };
}
