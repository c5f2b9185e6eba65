//! `naskh dedup`: keeps one article of each group, and writes the records as they stand in the input.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use naskh::{Config, Corpus, Detector, InputForm, Keep, Level, Original, Originals, Rewrite, dedup};
use tempfile::NamedTempFile;

use super::Outcome;
use super::flags::{MemoryFlags, ModelFlags, ReadingFlags};
use super::output::{Output, is_folder};
use super::packed::Compression;
use super::session::Session;
use super::sink::{Sink, place};
use super::trouble::is_closed_pipe;
use crate::report::{dropped, summary};

/// What can be typed after `naskh dedup`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// Files, folders, or `-` for standard input
    #[arg(value_name = "INPUT", required = true)]
    inputs: Vec<PathBuf>,
    /// Write the records to OUT instead of standard output: a file, or a folder (its name ends in `/`, or it is there)
    /// in which each input file gets a file of its name
    #[arg(long, short, value_name = "OUT", help_heading = "Output")]
    output: Option<PathBuf>,
    /// Which article of a group is kept: `earliest`; `longest`, by words that are not page furniture; `first`, of the
    /// input; `source:A,B`, of A, else of B, else the earliest. Of several alike the earliest, those without a date last
    #[arg(long, value_name = "RULE", default_value = "earliest", help_heading = "Output")]
    keep: Keep,
    /// Also write the dropped articles to FILE, as JSON Lines: id, group, kept, representative, relation, score
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    dropped: Option<PathBuf>,
    /// Drop nothing: write every record, with naskh_group, naskh_representative, naskh_relation, naskh_score and
    /// naskh_kept added at its end, as keys or columns
    #[arg(long, help_heading = "Output")]
    annotate: bool,
    /// How OUT is packed [default: as its name says, .gz or .zst; else plain; in a folder as the inputs]
    #[arg(long, value_name = "HOW", help_heading = "Output")]
    compression: Option<Compression>,
    /// Up to which relation articles belong together
    #[arg(long, value_name = "LEVEL", default_value = "copy", help_heading = "Grouping")]
    level: DedupLevel,
    /// Only articles that are identical after normalisation belong together: much quicker, for no two are compared
    #[arg(long, help_heading = "Grouping", conflicts_with_all = ["level", "model", "threshold"])]
    exact: bool,
    /// Compare articles at most so many days apart; those without a date are compared with all [default: no bound]
    #[arg(long, value_name = "DAYS", help_heading = "Grouping")]
    window: Option<f64>,
    #[command(flatten)]
    model: ModelFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    #[command(flatten)]
    memory: MemoryFlags,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DedupLevel {
    /// The same text, at most lightly edited
    Copy,
    /// The same report: identical, copied or re-edited
    Derived,
}

impl Flags {
    fn detector(&self) -> anyhow::Result<Detector> {
        let level = match self.level {
            DedupLevel::Copy => Level::Copy,
            DedupLevel::Derived => Level::Derived,
        };
        self.model.detector_with(Config { window_days: self.window, ..Config::at(level) })
    }

    /// What can be seen to be wrong with the files before there is any work.
    fn check_files(&self, originals: &Originals) -> anyhow::Result<()> {
        if self.annotate
            && let Some(text) = originals.files().iter().find(|file| file.form() == InputForm::Text)
        {
            bail!("{}: found a text file; expected records, which --annotate adds to", text.path().display());
        }
        let Some(dropped) = &self.dropped else {
            return Ok(());
        };
        let (shown, at) = (dropped.display(), place(dropped));
        match &self.output {
            Some(out) if is_folder(out) => {
                let mut names = originals.files().iter().filter_map(Original::name);
                if names.any(|name| place(&out.join(name)) == at) {
                    bail!("{shown}: found the name of an output as FILE for --dropped; expected another name");
                }
            }
            Some(out) if place(out) == at => {
                bail!("found the same FILE for --output and --dropped; expected two names");
            }
            _ => {}
        }
        if originals.files().iter().any(|file| place(file.path()) == at) {
            bail!("{shown}: found an input as FILE for --dropped; expected another name");
        }
        Ok(())
    }
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let detector = flags.detector()?;
    let memory = flags.memory.settle(&flags.inputs)?;
    let mut options = flags.reading.settle_with(&memory);
    session.stage("reading");
    // Removed when dropped.
    let stdin = flags.inputs.iter().find(|input| input.as_os_str() == "-");
    let stdin = stdin.map(|_| put_stdin_aside(memory.folder())).transpose()?;
    options.standard_input = stdin.as_ref().map(|file| file.path().to_owned());
    let originals = Originals::find(&flags.inputs, &options)?;
    flags.check_files(&originals)?;
    let together = !flags.output.as_deref().is_some_and(is_folder);
    Rewrite::check(&originals, flags.annotate, together)?;
    let mut out = Output::open(flags.output.as_deref(), flags.compression, &originals)?;
    let mut dropped = flags.dropped.as_deref().map(Sink::file).transpose()?;

    let reader = if flags.exact { Corpus::read_fingerprints } else { Corpus::read_within };
    let (corpus, reading) = session.read_by(reader, &flags.inputs, &options, &memory)?;
    session.watched(format!("grouping {} articles: ", corpus.len()));
    let grouping = if flags.exact { detector.group_identical(&corpus) } else { detector.group(&corpus)? };
    let decisions = dedup(&corpus, &grouping.groups, &flags.keep);

    if let Some(dropped) = &mut dropped {
        dropped::write(dropped, &corpus, &decisions)?;
        // A full disk is found before OUT gets its name.
        dropped.flush()?;
    }

    session.stage("writing");
    let begun = Instant::now();
    let annotate = flags.annotate;
    let rewrite = Rewrite { originals: &originals, corpus: &corpus, decisions: &decisions, annotate, together };
    let written = rewrite.run(|piece| out.take(&piece));
    session.settle();
    let mut stages = grouping.summary.stages.clone();
    stages.push(("write", begun.elapsed()));
    // What was dropped, and the summary, are wanted by others than the reader of the records.
    let written = written.and_then(|written| out.finish().map(|()| written));
    let written = match written {
        Err(error) if is_closed_pipe(&error) => None,
        written => Some(written?),
    };
    dropped.map_or(Ok(()), Sink::finish)?;
    corpus.remove_checkpoints()?;
    session.notes(|notes| {
        summary::reading(notes, &corpus)?;
        if flags.exact {
            summary::identical(notes, &grouping)?;
        } else {
            summary::grouping(notes, &corpus, &grouping, detector.config())?;
        }
        summary::dedup(notes, &corpus, &decisions, &flags.keep)?;
        if let Some(written) = written {
            summary::rewritten(notes, written)?;
        }
        summary::cost(notes, reading, &stages, session.elapsed())
    });
    // The system takes all memory back at once.
    std::mem::forget((corpus, grouping));
    Ok(Outcome::Done)
}

/// Copies standard input, which can be read once only, to a temporary file.
fn put_stdin_aside(folder: &Path) -> anyhow::Result<NamedTempFile> {
    let file = NamedTempFile::new_in(folder).context("a temporary file for standard input")?;
    let shown = || format!("standard input, or {}", file.path().display());
    io::copy(&mut io::stdin().lock(), &mut file.as_file()).with_context(shown)?;
    Ok(file)
}
