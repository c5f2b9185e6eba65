//! `naskh index compact`: room that is not in use, back to the system.

use std::path::PathBuf;

use clap::Args;
use naskh::{Index, IndexWriter};

use super::super::Outcome;
use super::super::session::Session;

/// What can be typed after `naskh index compact`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let bytes = || anyhow::Ok(Index::open(&flags.folder)?.stats()?.bytes);
    let before = bytes()?;
    IndexWriter::open(&flags.folder)?.compact()?;
    let after = bytes()?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    session.notes(|notes| writeln!(notes, "compacted   {:.1} MB to {:.1} MB", megabytes(before), megabytes(after)));
    Ok(Outcome::Done)
}
