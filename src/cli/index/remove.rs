//! `naskh index remove`: articles out of the index.

use std::path::PathBuf;

use anyhow::bail;
use clap::Args;
use naskh::IndexWriter;

use super::super::Outcome;
use super::super::session::Session;

/// What can be typed after `naskh index remove`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Ids of articles; if one is not there, none is removed
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let mut index = IndexWriter::open(&flags.folder)?;
    let mut ids: Vec<&str> = flags.ids.iter().map(String::as_str).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in &ids {
        if !index.contains(id)? {
            bail!("id {id:?}: found no article of this id in the index; expected one that is there");
        }
    }
    index.remove(&ids)?;
    session.notes(|notes| writeln!(notes, "removed     {}", ids.len()));
    Ok(Outcome::Done)
}
