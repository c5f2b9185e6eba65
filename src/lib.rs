//! Groups Arabic news articles that tell the same report.

mod article;
mod error;
mod index;
mod minhash;

pub use article::{
    Article, Fields, Item, OnError, ReadOptions, ReadOutcome, Skipped, Timestamp, read_articles,
    read_one,
};
pub use error::{Error, Place, Result};
