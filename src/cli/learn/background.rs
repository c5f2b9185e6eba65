//! `naskh learn background`: how common stems and pairs of stems are in a corpus.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use naskh::Background;

use crate::cli::Outcome;
use crate::cli::flags::ReadingFlags;
use crate::cli::session::Session;
use crate::cli::sink::Sink;

/// What can be typed after `naskh learn background`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The articles to learn from: files, folders, or `-` for standard input
    #[arg(long, value_name = "INPUT", required = true, num_args = 1..)]
    articles: Vec<PathBuf>,
    /// Keep the stems that stand in at least so many articles
    #[arg(long, value_name = "N", default_value_t = 3)]
    min_stem: u32,
    /// Keep the pairs that stand in at least so many articles
    #[arg(long, value_name = "N", default_value_t = 20)]
    min_pair: u32,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write the table to FILE
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: PathBuf,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let mut out = Sink::open(Some(&flags.output))?;
    let corpus = session.read_noted(&flags.articles, &flags.reading.settle())?;
    session.stage("counting stems and pairs");
    let table = Background::learn(&corpus.documents, flags.min_stem, flags.min_pair);
    session.settle();
    out.write_all(&table)?;
    out.finish()?;
    Ok(Outcome::Done)
}
