//! `naskh index add`: articles into the index, and what each of them matches.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use naskh::{Article, Index, IndexWriter, Timestamp, read_in_batches};

use super::super::Outcome;
use super::super::flags::ReadingFlags;
use super::super::session::Session;
use super::super::sink::Sink;
use super::{AddingFlags, write_added};

/// What can be typed after `naskh index add`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    adding: AddingFlags,
    /// Only tell what would become of each article if it were added alone
    #[arg(long, help_heading = "Adding", conflicts_with_all = ["on_conflict", "sync"])]
    dry_run: bool,
    #[command(flatten)]
    reading: ReadingFlags,
}

/// An index to add to, or to ask.
enum To {
    Write(IndexWriter),
    Ask(Index),
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let mut to = match flags.dry_run {
        true => To::Ask(Index::open(&flags.folder)?),
        false => To::Write(IndexWriter::open(&flags.folder)?),
    };
    let options = flags.reading.settle();
    let today = Timestamp::now();
    let mut out = Sink::open(None)?;
    let (mut read, mut told) = (0, 0);
    let outcome = read_in_batches(
        &flags.inputs,
        &options,
        |article, _| article,
        |articles: Vec<Article>| {
            read += articles.len();
            told += flags.take(&mut to, articles, today, &mut out)?;
            anyhow::Ok(())
        },
    )?;
    out.finish()?;
    session.notes(|notes| {
        let megabytes = outcome.bytes as f64 / 1e6;
        writeln!(notes, "read        {read} articles in {} files, {megabytes:.1} MB", outcome.paths.len())?;
        crate::report::summary::skipped(notes, &outcome.skipped, outcome.skipped_count)?;
        match flags.dry_run {
            true => Ok(()),
            false if told < read => {
                writeln!(notes, "added       {told}; {} left out, their ids being there", read - told)
            }
            false => writeln!(notes, "added       {told}"),
        }
    });
    Ok(Outcome::Done)
}

impl Flags {
    /// Adds articles, or asks what would become of them, and tells it; of how many there was something to tell.
    fn take(&self, to: &mut To, articles: Vec<Article>, today: Timestamp, out: &mut Sink) -> anyhow::Result<usize> {
        let mut told = 0;
        let mut rest = articles.into_iter();
        loop {
            let some: Vec<Article> = rest.by_ref().take(self.adding.sync.together()).collect();
            if some.is_empty() {
                return Ok(told);
            }
            let added = match to {
                To::Write(index) => index.add(some, today, self.adding.on_conflict.settle())?,
                To::Ask(index) => index.preview(some, today)?,
            };
            told += added.len();
            write_added(out, &added)?;
            // What is told is safe; and who waits for it hears of it.
            out.flush()?;
        }
    }
}
