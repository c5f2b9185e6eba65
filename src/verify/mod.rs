//! Verification: exact comparison of two articles that were proposed as candidates.

mod overlap;
mod weights;

pub use overlap::{Overlap, Prepared, Probe};
pub use weights::{Counts, Weights};
