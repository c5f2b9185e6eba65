//! `naskh index remove`: articles out of the index.

use std::path::PathBuf;

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
    let ids: Vec<&str> = flags.ids.iter().map(String::as_str).collect();
    let removed = IndexWriter::open(&flags.folder)?.remove(&ids)?;
    session.notes(|notes| writeln!(notes, "removed     {removed}"));
    Ok(Outcome::Done)
}
