//! `naskh index check`: is an index what it should be?

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use naskh::Index;

use super::super::Outcome;
use super::super::sink::Sink;
use super::super::trouble::unless_closed;

/// What can be typed after `naskh index check`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<Outcome> {
    let findings = Index::check(&flags.folder)?;
    let mut out = Sink::open(None)?;
    let written = findings.iter().try_for_each(|finding| writeln!(out, "{finding}"));
    unless_closed(written.map_err(Into::into).and_then(|()| out.finish()))?;
    Ok(if findings.is_empty() { Outcome::Done } else { Outcome::No })
}
