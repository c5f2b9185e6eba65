//! Verification: exact comparison of two articles that were proposed as candidates.
//!
//! ```text
//! document frequencies ─▶ weights ─▶ prepared article ─┐
//!   (input, background)                                ├─▶ overlap ─▶ features ─▶ model ─▶ verdict
//!                                      prepared article┘
//! ```

mod background;
mod counts;
mod elsewhere;
mod features;
mod fit;
mod model;
mod overlap;
mod passages;
mod prepared;

pub use background::Background;
pub(crate) use counts::{Counts, Weights};
pub(crate) use elsewhere::{Elsewhere, Tally};
pub use features::{CIRCUMSTANCES, FEATURES, Features};
pub(crate) use features::{Circumstances, features};
pub use fit::{Example, Fit, ThresholdChoice, fit};
pub use model::{Contribution, Model, Relation, Verdict};
pub(crate) use overlap::{Overlap, Probe};
pub use passages::Passage;
pub(crate) use passages::passages;
pub(crate) use prepared::Prepared;
