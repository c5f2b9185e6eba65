//! `naskh words`: what the tokenizer makes of a text.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use naskh::{Tokenizer, read_one};

use super::Outcome;
use super::flags::ReadingFlags;
use super::sink::Sink;
use crate::report::{Screen, words};

/// What can be typed after `naskh words`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// A file with one article, or `-` for standard input. Spans are bytes of its text with HTML entities decoded
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<Outcome> {
    let article = read_one(&flags.file, &flags.reading.settle())?;
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
    out.finish()?;
    Ok(Outcome::Done)
}
