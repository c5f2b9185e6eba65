//! `naskh index export`: the groups of an index.

use std::path::PathBuf;

use clap::Args;
use naskh::Index;

use super::super::Outcome;
use super::super::sink::Sink;
use crate::report::jsonl;

/// What can be typed after `naskh index export`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Write to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Also write the articles that are in no group, as groups of one
    #[arg(long, help_heading = "Output")]
    singletons: bool,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<Outcome> {
    let mut out = Sink::open(flags.output.as_deref())?;
    let mut number = 0;
    let mut failed = None;
    Index::open(&flags.folder)?.groups(flags.singletons, |group| {
        if failed.is_none() {
            failed = jsonl::write_indexed(&mut out, number, &group).err();
            number += 1;
        }
        Ok(())
    })?;
    if let Some(failed) = failed {
        return Err(failed.into());
    }
    out.finish()?;
    Ok(Outcome::Done)
}
