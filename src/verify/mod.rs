//! Verification: exact comparison of two articles that were proposed as candidates.
//!
//! ```text
//! document frequencies ─▶ weights ─▶ prepared article ─┐
//!   (input, background)                                ├─▶ overlap ─▶ features ─▶ model ─▶ verdict
//!                                      prepared article┘
//! ```

mod background;
mod containment;
mod counts;
mod elsewhere;
mod features;
mod fit;
mod found;
mod frequencies;
mod listed;
mod model;
mod overlap;
mod passages;
mod prepared;
mod promise;
mod stem_table;
mod stretch;
mod update;

pub use background::Background;
pub use containment::{Containment, Direction};
pub(crate) use counts::{Counting, Counts, MOST_COUNTED, USUAL, Weights, is_sampled};
pub(crate) use elsewhere::{Elsewhere, Tally, is_apart};
pub use features::{CIRCUMSTANCES, FEATURES, Features};
pub(crate) use features::{Circumstances, ELSEWHERE, features};
pub use fit::{Example, Fit, ThresholdChoice, fit, fit_without, folds_by_date};
pub(crate) use frequencies::{Counted, Frequencies};
pub(crate) use listed::{Listed, Other};
pub use model::{Contribution, Model, Relation, Target, Verdict};
pub(crate) use overlap::{Overlap, Probe};
pub use passages::Passage;
pub(crate) use passages::passages;
pub(crate) use prepared::{Prepared, SeenStems};
pub(crate) use promise::{is_promising, is_still_promising};
pub(crate) use stretch::shortest_stretch;
pub(crate) use update::is_update;
