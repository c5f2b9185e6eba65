//! `naskh score`: the verdicts on given pairs of articles, a row a pair, in their order.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use naskh::Relation;

use super::flags::{ReadingFlags, VerdictFlags};
use super::session::Session;
use super::sink::Sink;
use super::{Outcome, pairs};

/// What can be typed after `naskh score`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The articles: a file, a folder, or `-` for standard input
    #[arg(long, value_name = "INPUT")]
    articles: PathBuf,
    /// The pairs: tab-separated, the first line with the names of the columns, of which a and b hold ids
    #[arg(long, value_name = "PAIRS.tsv")]
    pairs: PathBuf,
    #[command(flatten)]
    verdict: VerdictFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let detector = flags.verdict.detector()?;
    let rows = pairs::read_pairs(&flags.pairs)?;
    let mut out = Sink::open(flags.output.as_deref())?;
    let corpus = session.read_noted(std::slice::from_ref(&flags.articles), &flags.reading.settle())?;
    let numbers = pairs::resolve(&rows, &flags.pairs, &corpus)?;
    session.stage(format!("scoring {} pairs", rows.len()));
    let verdicts = detector.score(&corpus, &numbers);
    let level = detector.config().level;
    session.settle();

    writeln!(out, "a\tb\tscore\trelation")?;
    for (row, verdict) in rows.iter().zip(verdicts) {
        let relation = verdict
            .relation
            .filter(|&r| level.admits(r) || r == Relation::Update)
            .map_or("none", |relation| relation.name());
        writeln!(out, "{}\t{}\t{:.4}\t{relation}", row.a, row.b, verdict.score)?;
    }
    out.finish()?;
    Ok(Outcome::Done)
}
