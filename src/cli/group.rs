//! `naskh group`: reads articles, groups them, and reports the groups.

use std::path::PathBuf;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::Outcome;
use super::flags::{GroupingFlags, MemoryFlags, ReadingFlags};
use super::session::Session;
use super::sink::{Sink, place};
use super::trouble::unless_closed;
use naskh::Listing;

use crate::report::{Screen, csv, jsonl, links, summary, table};

/// What can be typed after `naskh group`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    grouping: GroupingFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    #[command(flatten)]
    memory: MemoryFlags,
    /// How groups are written
    #[arg(long, value_name = "FORMAT", default_value = "table", help_heading = "Output")]
    format: Format,
    /// Write the groups to FILE instead of standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Also write all verified pairs to FILE: tab-separated a, b, score, relation, a_in_b, b_in_a. Updates are among
    /// them with --updates
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pairs: Option<PathBuf>,
    /// Also write the articles that are in no group, as groups of one
    #[arg(long, help_heading = "Output")]
    singletons: bool,
    /// Also write the updates of the members of a group, later articles that repeat much of one under a new lead; an
    /// article that has one and is in no group comes as a group of one
    #[arg(long, help_heading = "Output")]
    updates: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// For people: a heading a group, a line a member
    Table,
    /// For programs: a JSON object a group
    Jsonl,
    /// For spreadsheets: a row a member
    Csv,
}

/// What can be seen to be wrong with the files before there is any work.
fn check_files(flags: &Flags) -> anyhow::Result<()> {
    let at = |path: &Option<PathBuf>| path.as_deref().filter(|path| path.as_os_str() != "-").map(place);
    let (output, pairs) = (at(&flags.output), at(&flags.pairs));
    if pairs.is_some() && pairs == output {
        bail!("found the same FILE for --output and --pairs; expected two names");
    }
    for (flag, file) in [("--output", output), ("--pairs", pairs)] {
        if let Some(input) = file.and_then(|file| flags.inputs.iter().find(|input| place(input) == file)) {
            bail!("{}: found an input as FILE for {flag}; expected another name", input.display());
        }
    }
    Ok(())
}

pub(crate) fn run(flags: Flags, session: &Session) -> anyhow::Result<Outcome> {
    let detector = flags.grouping.detector(flags.updates)?;
    check_files(&flags)?;
    let mut out = Sink::open(flags.output.as_deref())?;
    let mut pairs = flags.pairs.as_deref().map(Sink::file).transpose()?;

    let memory = flags.memory.settle(&flags.inputs)?;
    let options = flags.reading.settle_with(&memory);
    let (corpus, reading) = session.read(&flags.inputs, &options, &memory)?;
    if pairs.is_some() {
        links::check_ids(&corpus)?;
    }
    session.watched(format!("grouping {} articles: ", corpus.len()));
    let grouping = detector.group(&corpus)?;
    session.settle();

    if let Some(pairs) = &mut pairs {
        // Without the flag there are no updates.
        links::write(pairs, &corpus, grouping.links.iter().chain(&grouping.updates))?;
    }
    let groups = Listing::new(&corpus, &grouping.groups, flags.singletons);
    let groups = if flags.updates { groups.with_updates(&grouping.updates) } else { groups };
    let screen = Screen::of(out.is_terminal());
    let written = match flags.format {
        Format::Table => table::write(&mut out, &groups, screen),
        Format::Jsonl => jsonl::write(&mut out, &groups),
        Format::Csv => csv::write(&mut out, &groups),
    };
    corpus.documents.check()?;
    // The pairs and the summary are wanted by others than the reader of the groups.
    unless_closed(written.map_err(Into::into).and_then(|()| out.finish()))?;
    if let Some(pairs) = pairs {
        pairs.finish()?;
    }
    corpus.remove_checkpoints()?;
    session.notes(|notes| {
        summary::reading(notes, &corpus)?;
        summary::grouping(notes, &corpus, &grouping, detector.config())?;
        summary::cost(notes, reading, &grouping.summary.stages, session.elapsed())
    });
    // The system takes all memory back at once.
    std::mem::forget((corpus, grouping));
    Ok(Outcome::Done)
}
