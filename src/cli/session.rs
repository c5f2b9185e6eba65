//! What a person at a terminal sees meanwhile: progress and notes on standard error, never results.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use naskh::{Corpus, Memory, ReadOptions};

use crate::report::summary;

/// How often the progress line moves.
const TICK: Duration = Duration::from_millis(120);

/// One run of the program.
pub(crate) struct Session {
    quiet: bool,
    started: Instant,
    progress: ProgressBar,
}

impl Session {
    pub(crate) fn new(quiet: bool) -> Session {
        let progress = if !quiet && io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})");
            ProgressBar::new_spinner().with_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()))
        } else {
            ProgressBar::hidden()
        };
        Session { quiet, started: Instant::now(), progress }
    }

    /// Time since the program began.
    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Shows what is being done.
    pub(crate) fn stage(&self, what: impl Into<String>) {
        self.progress.set_message(what.into());
        self.progress.enable_steady_tick(TICK);
    }

    /// Takes the progress line away, before results are written.
    pub(crate) fn settle(&self) {
        self.progress.finish_and_clear();
    }

    /// Writes notes to standard error, unless the user wants quiet. That nobody reads them is no trouble.
    pub(crate) fn notes(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
        if !self.quiet {
            self.progress.suspend(|| {
                let mut text = Vec::new();
                if write(&mut text).is_ok() {
                    let _ = io::stderr().write_all(&text);
                }
            });
        }
    }

    /// Reads articles, and says how long that took.
    pub(crate) fn read(
        &self,
        inputs: &[PathBuf],
        options: &ReadOptions,
        memory: &Memory,
    ) -> naskh::Result<(Corpus, Duration)> {
        self.read_by(Corpus::read_within, inputs, options, memory)
    }

    /// The same by another way of reading.
    pub(crate) fn read_by(
        &self,
        reader: impl Fn(&[PathBuf], &ReadOptions, &Memory) -> naskh::Result<Corpus>,
        inputs: &[PathBuf],
        options: &ReadOptions,
        memory: &Memory,
    ) -> naskh::Result<(Corpus, Duration)> {
        let begun = Instant::now();
        self.stage("reading");
        let corpus = reader(inputs, options, memory)?;
        Ok((corpus, begun.elapsed()))
    }

    /// Reads articles for a command that has no summary of its own, and notes what was read.
    pub(crate) fn read_noted(&self, inputs: &[PathBuf], options: &ReadOptions) -> naskh::Result<Corpus> {
        let (corpus, _) = self.read(inputs, options, &Memory::default())?;
        self.notes(|out| summary::reading(out, &corpus));
        Ok(corpus)
    }
}
