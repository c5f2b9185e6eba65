//! What a person at a terminal sees meanwhile: progress and notes on standard error, never results.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use indicatif::{HumanCount, HumanDuration, ProgressBar, ProgressState, ProgressStyle};
use naskh::{Corpus, Memory, Progress, ReadOptions, Stage};

use super::large_pages;
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
            ProgressBar::new_spinner().with_style(plain())
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
        self.progress.set_style(plain());
        self.watched(what);
    }

    /// Shows what the stages that are watched are part of.
    pub(crate) fn watched(&self, what: impl Into<String>) {
        self.progress.set_message(what.into());
        self.progress.enable_steady_tick(TICK);
    }

    /// Shows from now on how far the present stage is.
    fn watch(&self, progress: &Progress) {
        let progress = progress.clone();
        let told = move |_: &ProgressState, out: &mut dyn fmt::Write| {
            let _ = out.write_str(&progress.stage().map_or_else(String::new, told));
        };
        let style = ProgressStyle::with_template("{spinner} {msg}{stage} ({elapsed})");
        self.progress.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()).with_key("stage", told));
        self.watched("");
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
        large_pages::settle(inputs);
        self.watch(&options.progress);
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

fn plain() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {msg} ({elapsed})").unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// What is shown of a stage.
fn told(stage: Stage) -> String {
    let mut told = stage.name.to_owned();
    if stage.count > 0 {
        told += &format!(", {} {}", HumanCount(stage.count), stage.unit);
    }
    if let Some(rate) = stage.rate() {
        told += &format!(", {}/s", HumanCount(rate as u64));
    }
    if let Some(left) = stage.left() {
        told += &format!(", {} left", HumanDuration(left));
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stage_is_told_as_far_as_it_is_known() {
        let elapsed = Duration::from_secs(2);
        let stage = Stage { name: "reading", unit: "articles", count: 0, done: 0, total: 4000, elapsed };
        assert_eq!(told(stage), "reading");
        let half = Stage { count: 24_000, done: 1000, ..stage };
        assert_eq!(told(half), "reading, 24,000 articles, 12,000/s, 6 seconds left");
        assert_eq!(told(Stage { total: 0, ..half }), "reading, 24,000 articles, 12,000/s");
    }
}
