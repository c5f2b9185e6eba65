//! Groups Arabic news articles that tell the same report.

mod arabic;
mod article;
mod error;
mod index;
mod minhash;

pub use arabic::{PROFILE, WordCounts, SpelledToken, Stem, Token, TokenKind, Tokenizer};
pub use article::Article;
pub use error::{Error, Place, Result};
