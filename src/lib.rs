//! Groups Arabic news articles that tell the same report.

mod article;
mod error;
mod index;
mod minhash;

pub use article::{Article, Timestamp};
pub use error::{Error, Place, Result};
pub use index::{Bands, Candidates, Cut, IndexConfig, Pair};
pub use minhash::{MinHasher, Scaled, containment, jaccard};
