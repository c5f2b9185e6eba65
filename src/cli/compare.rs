//! `naskh compare`: are two articles the same report (or event), and where do they coincide?

use std::io::{self, Write};
use std::path::PathBuf;

use clap::Args;
use naskh::{Article, read_one};

use super::Outcome;
use super::flags::{ReadingFlags, VerdictFlags};
use super::session::Session;
use super::sink::Sink;
use super::trouble::unless_closed;
use crate::report::{Screen, comparison::Report};

/// How many features are shown unless all are asked for.
const MOST_FEATURES: usize = 10;

/// What can be typed after `naskh compare`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// A file with one article
    #[arg(value_name = "A")]
    a: PathBuf,
    /// A file with another one
    #[arg(value_name = "B")]
    b: PathBuf,
    #[command(flatten)]
    verdict: VerdictFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Show all features, not only the ten that matter most (JSON always has all)
    #[arg(long, help_heading = "Output")]
    all: bool,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let detector = flags.verdict.detector()?;
    let options = flags.reading.settle();
    session.stage("comparing");
    let mut a = read_one(&flags.a, &options)?;
    let mut b = read_one(&flags.b, &options)?;
    tell_apart(&mut a, &mut b, flags);
    let comparison = detector.compare(&a, &b)?;
    session.settle();

    let report = Report::new((&a, &b), &comparison, detector.config().level, detector.threshold());
    let mut out = Sink::open(None)?;
    let screen = Screen::of(out.is_terminal());
    let written: io::Result<()> = if flags.json {
        writeln!(out, "{}", report.to_json()?)
    } else {
        report.write(&mut out, screen, if flags.all { usize::MAX } else { MOST_FEATURES })
    };
    // The exit code is the answer, whoever reads the rest.
    unless_closed(written.map_err(Into::into).and_then(|()| out.finish()))?;
    let same = comparison.verdict.relation.is_some_and(|relation| detector.config().level.admits(relation));
    Ok(if same { Outcome::Done } else { Outcome::No })
}

/// Gives the articles different ids: two files of one name, or one file twice, may well be compared.
fn tell_apart(a: &mut Article, b: &mut Article, flags: &Flags) {
    if a.id == b.id {
        a.id = flags.a.to_string_lossy().into_owned();
        b.id = flags.b.to_string_lossy().into_owned();
    }
    if a.id == b.id {
        b.id.push_str(" (again)");
    }
}
