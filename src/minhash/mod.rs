//! Sketches of a set of shingles: the k-value signature that estimates how alike two articles are,
//! and the scaled sample that estimates how much of one stands in the other.
//!
//! An article comes here as a slice of distinct, well-mixed `u64` hashes in any order. Everything
//! is plain integer arithmetic, so a sketch is the same to the byte on every machine.

mod estimate;
mod sample;
mod signature;
#[cfg(test)]
mod unbiased;

pub use estimate::jaccard;
pub use sample::{Scaled, containment};
pub use signature::MinHasher;
