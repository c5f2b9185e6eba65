//! `naskh index query`: the articles of an index that are the same report as others.

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use naskh::{Article, Index, Timestamp, read_in_batches};

use super::super::Outcome;
use super::super::flags::ReadingFlags;
use super::super::session::Session;
use super::super::sink::Sink;
use crate::report::{Screen, matches};

/// What can be typed after `naskh index query`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// A file with one or more articles, which are not added; `-` for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write one JSON object an article, on one line
    #[arg(long, help_heading = "Output")]
    json: bool,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let mut index = Index::open(&flags.folder)?;
    let today = Timestamp::now();
    let mut out = Sink::open(None)?;
    let screen = Screen::of(out.is_terminal());
    let ask = |articles: Vec<Article>| {
        for article in articles {
            let found = index.query(&article, today)?;
            let written: io::Result<()> = match flags.json {
                true => matches::json(&article, &found).and_then(|line| writeln!(out, "{line}")),
                false => matches::write(&mut out, &article, &found, screen),
            };
            written?;
        }
        anyhow::Ok(())
    };
    let outcome =
        read_in_batches(std::slice::from_ref(&flags.file), &flags.reading.settle(), |article, _| article, ask)?;
    out.finish()?;
    session.notes(|notes| crate::report::summary::skipped(notes, &outcome.skipped, outcome.skipped_count));
    Ok(Outcome::Done)
}
