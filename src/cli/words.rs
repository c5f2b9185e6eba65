//! `naskh words`: what the tokenizer makes of a text; or the page furniture of a corpus.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use naskh::{Corpus, Tokenizer, read_one};

use super::Outcome;
use super::flags::ReadingFlags;
use super::session::Session;
use super::sink::Sink;
use crate::report::{Screen, furniture, summary, words};

/// What can be typed after `naskh words`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// A file with one article, or `-` for standard input. Spans are bytes of its text with HTML entities decoded.
    /// With --furniture: files and folders
    #[arg(value_name = "FILE", required = true)]
    inputs: Vec<PathBuf>,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Show what is dropped from the articles in FILE... as page furniture, what most articles have first: its
    /// kind (repeated in an outlet's other stories; teaser, another story's title; tag, a label; again, said before
    /// in the article), source, number of articles, and its wording
    #[arg(long, help_heading = "Output")]
    furniture: bool,
    /// Write one JSON object; with --furniture one a line
    #[arg(long, help_heading = "Output")]
    json: bool,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    match &flags.inputs[..] {
        inputs if flags.furniture => show_furniture(inputs, flags, session)?,
        [file] => show_words(file, flags)?,
        files => bail!("found {} files; expected one, or --furniture", files.len()),
    }
    Ok(Outcome::Done)
}

fn show_words(file: &Path, flags: &Flags) -> anyhow::Result<()> {
    let article = read_one(file, &flags.reading.settle())?;
    let tokenizer = Tokenizer::new();
    let spelled = |text| words::Spelled { text, tokens: tokenizer.spelled(text) };
    let (title, text) = (spelled(&article.title), spelled(&article.text));
    let mut out = Sink::open(None)?;
    if flags.json {
        writeln!(out, "{}", words::to_json(&title, &text)?)?;
    } else {
        let screen = Screen::of(out.is_terminal());
        words::write(&mut out, &title, &text, screen)?;
    }
    out.finish()
}

fn show_furniture(inputs: &[PathBuf], flags: &Flags, session: &Session) -> anyhow::Result<()> {
    session.stage("reading twice");
    let (corpus, found) = Corpus::read_with_furniture(inputs, &flags.reading.settle())?;
    session.settle();
    session.notes(|notes| summary::reading(notes, &corpus));
    let mut out = Sink::open(None)?;
    if flags.json {
        furniture::write_json(&mut out, &found)?;
    } else {
        let screen = Screen::of(out.is_terminal());
        furniture::write(&mut out, &found, screen)?;
    }
    out.finish()
}
