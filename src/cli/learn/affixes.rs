//! `naskh learn affixes`: the words for which the stemmer's prefix rules would be wrong, from word counts.

use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::Args;
use naskh::{Article, WordCounts, read_articles};

use crate::cli::Outcome;
use crate::cli::flags::ReadingFlags;
use crate::cli::session::Session;
use crate::cli::sink::Sink;

/// The first line of the file.
const HEADING: &str = "# Where the stemmer's prefix rules would be wrong: folded word, letters of prefix. \
                       Made by `naskh learn affixes`.";

/// What can be typed after `naskh learn affixes`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The articles to learn from: files, folders, or `-` for standard input
    #[arg(long, value_name = "INPUT", required = true, num_args = 1..)]
    articles: Vec<PathBuf>,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write the list to FILE
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: PathBuf,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let mut out = Sink::open(Some(&flags.output))?;
    session.stage("counting words");
    // One count a thread: they add up to the same in any order.
    let counts: Vec<Mutex<WordCounts>> = (0..rayon::current_num_threads()).map(|_| Mutex::default()).collect();
    let count = |article: Article| {
        let thread = rayon::current_thread_index().unwrap_or(0) % counts.len();
        let mut counts = counts[thread].lock().unwrap_or_else(PoisonError::into_inner);
        counts.add(&article.title);
        counts.add(&article.text);
    };
    let outcome = read_articles(&flags.articles, &flags.reading.settle(), |article, _| count(article))?;
    let mut all = WordCounts::default();
    for part in counts {
        all.merge(part.into_inner().unwrap_or_else(PoisonError::into_inner));
    }
    let exceptions = all.exceptions();
    session.settle();

    writeln!(out, "{HEADING}")?;
    for (word, letters) in &exceptions {
        writeln!(out, "{word} {letters}")?;
    }
    out.finish()?;
    session.notes(|notes| {
        let (articles, skipped) = (outcome.items.len(), outcome.skipped_count);
        writeln!(notes, "{} exceptions from {articles} articles ({skipped} skipped)", exceptions.len())
    });
    Ok(Outcome::Done)
}
