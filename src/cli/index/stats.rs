//! `naskh index stats`: what an index holds.

use std::path::PathBuf;

use clap::Args;
use naskh::Index;

use super::super::Outcome;
use super::super::sink::Sink;
use crate::report::index_stats;

/// What can be typed after `naskh index stats`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<Outcome> {
    let mut index = Index::open(&flags.folder)?;
    let stats = index.stats()?;
    let mut out = Sink::open(None)?;
    index_stats::write(&mut out, index.settings(), &stats, flags.json)?;
    out.finish()?;
    Ok(Outcome::Done)
}
