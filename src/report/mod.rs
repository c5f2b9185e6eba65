//! Reports: what was found, in the forms that people and programs read. One file a form.

pub(crate) mod comparison;
pub(crate) mod csv;
pub(crate) mod dropped;
pub(crate) mod furniture;
mod grid;
pub(crate) mod jsonl;
pub(crate) mod links;
#[cfg(test)]
mod samples;
mod screen;
pub(crate) mod summary;
pub(crate) mod table;
pub(crate) mod words;

pub(crate) use grid::Grid;
pub(crate) use screen::{Screen, escaped};
