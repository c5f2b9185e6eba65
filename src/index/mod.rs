//! Which articles are worth comparing: pairs that agree in a band of their signatures or share rare
//! shingles, found without looking at all pairs.
//!
//! ```text
//! signatures ─▶ bands ─▶ parts ─▶ lsh ─────┐
//!                                         ├─▶ candidates: sorted pairs, and what was cut
//! samples ─▶ parts ─▶ postings ─▶ rare ───┘
//! ```
//!
//! At level event also the neighbours of each article, by its heaviest stems (`neighbours`).
//!
//! Articles are numbered from 0 in input order. Every result is sorted by article numbers, so it
//! does not depend on threads.

mod bands;
mod candidates;
mod config;
mod lists;
mod lsh;
mod neighbours;
mod partners;
mod parts;
mod rare;
mod timely;

pub use bands::Bands;
pub use candidates::Candidates;
pub(crate) use candidates::Search;
pub(crate) use config::FEW;
pub use config::{Cut, IndexConfig, NeighbourConfig, Pair};
pub(crate) use lsh::expand as bucket_pairs;
pub(crate) use neighbours::{Neighbours, Profile, find as find_neighbours};
pub(crate) use partners::{Gathering, Partners};
pub(crate) use parts::{Dealing, Gathered, Parts, key_bits};
pub(crate) use timely::{Shareable, UNDATED, could_share, day_of, period};
