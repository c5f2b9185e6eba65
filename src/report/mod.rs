//! Reports: what was found, in the forms that people and programs read. One file a form.

pub(crate) mod comparison;
pub(crate) mod csv;
pub(crate) mod dropped;
pub(crate) mod furniture;
mod grid;
mod groups;
pub(crate) mod index_stats;
pub(crate) mod jsonl;
pub(crate) mod links;
pub(crate) mod matches;
mod screen;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod words;

pub(crate) use grid::Grid;
pub(crate) use groups::Groups;
pub(crate) use screen::{Screen, escaped};

/// Scores are written with four decimals: the model knows no more.
pub(crate) fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}
