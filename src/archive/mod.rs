//! The index that lives on: articles come, are matched with those before them, are asked for, and go.
//!
//! ```text
//! articles ─▶ arrivals ─▶ furniture out ─▶ keys ─▶ lookup ─▶ matches ─▶ groups joined ─▶ the store, one commit
//!   (chunk)                (sentences)              (matching)           (joining)
//! ```
//!
//! What becomes of an article depends on those that came before it and on nothing else: not on how many came with it, and
//! not on how often the index was closed and opened between (docs/index.md).

mod arriving;
mod chunk;
mod facts;
mod handing;
mod intake;
mod joining;
mod keys;
mod matching;
#[cfg(test)]
mod memory;
mod packed;
mod pool;
mod reading;
mod sentences;
mod settings;
mod shelf;
mod state;
#[cfg(test)]
mod tests;
mod writing;

pub use intake::IndexIntake;
pub use reading::{Index, IndexGroup, IndexMatch, IndexMember, IndexPart, IndexSegment, IndexStats};
pub use settings::IndexSettings;
pub use writing::{Added, IndexWriter, OnConflict};

use crate::error::{Error, Result};
use crate::store::View;
use crate::verify::Background;
use state::State;

/// Names of what an index keeps beside its articles.
const STATE: &str = "state";
const FURNITURE: &str = "furniture";
const FREQUENCIES: &str = "frequencies";

/// Brings `state` to that of `view`.
fn restore(state: &mut State, view: &View, background: &Background) -> Result<()> {
    let Some(bytes) = view.blob(STATE)? else { return Ok(()) };
    let furniture = (view.blob_version(FURNITURE), || Ok(view.blob(FURNITURE)?.unwrap_or_default()));
    let frequencies = || Ok(view.blob(FREQUENCIES)?.unwrap_or_default());
    state.restore(&bytes, furniture, frequencies, background)?.ok_or_else(|| Error::Config {
        what: "what the index has learned".into(),
        found: "bytes that mean nothing to this version".into(),
        expected: "those of an index that this version made".into(),
    })
}
