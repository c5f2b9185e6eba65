//! Pairs compared, and those that are verified put into groups.

use std::sync::Arc;

use arrow_array::types::Int8Type;
use arrow_array::{ArrayRef, Float64Array, Int8Array};
use naskh::stages as stage;
use naskh::stages::Connected;
use naskh::{Containment, Detector, Memory, Relation};
use pyo3::prelude::*;

use super::columns::{lists, made, numbers, of_numbers, typed, wrong};
use super::{Batch, Batches, config, part};
use crate::errors::exception;

const RELATIONS: [Relation; 3] = [Relation::Identical, Relation::Copy, Relation::Derived];

/// Compares and groups articles by what is rare in the whole input.
#[pyclass(module = "naskh", frozen)]
pub(super) struct PartDetector(stage::PartDetector);

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

    /// The links among pairs (columns a and b, and of the witnesses the partners of each, witnesses_a and witnesses_b) of
    /// articles (columns number, date, source and document).
    fn links(&self, py: Python<'_>, documents: Batches, pairs: Batches) -> PyResult<Batch> {
        py.detach(|| {
            let (mut wanted, mut partners) = (Vec::new(), Vec::new());
            for batch in &pairs {
                let batch = &batch.0;
                wanted.extend(numbers(batch, "a")?.zip(numbers(batch, "b")?));
                for (end, witnesses) in [("a", "witnesses_a"), ("b", "witnesses_b")] {
                    for (article, witnesses) in numbers(batch, end)?.zip(lists(batch, witnesses)?) {
                        partners.extend(witnesses.iter().map(|&witness| (article, witness)));
                    }
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
