//! Flags that several commands share, as typed, and how they settle into the library's types.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use naskh::{Config, Detector, Fields, Level, Memory, Model, OnError, ReadOptions, Target};

/// Flags of all commands.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Threads to work with [default: all there are]; the results do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) threads: Option<u16>,
    /// No progress and no summary on standard error, errors only
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
}

/// How articles are read.
#[derive(Debug, Args)]
#[command(next_help_heading = "Reading")]
pub(crate) struct ReadingFlags {
    /// Key or column of the id [default: id, url]
    #[arg(long, value_name = "NAME")]
    id_field: Option<String>,
    /// Key or column of the headline [default: title, headline]
    #[arg(long, value_name = "NAME")]
    title_field: Option<String>,
    /// Key or column of the body text [default: text, content, body]
    #[arg(long, value_name = "NAME")]
    text_field: Option<String>,
    /// Key or column of the date [default: date, published, date_extracted]
    #[arg(long, value_name = "NAME")]
    date_field: Option<String>,
    /// Key or column of the outlet [default: source]
    #[arg(long, value_name = "NAME")]
    source_field: Option<String>,
    /// What to do about a record or file that cannot be read
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    on_error: OnErrorFlag,
    /// Longest record, row or text file accepted, in bytes after decompression; 64M is understood, and 1G the most
    #[arg(long, value_name = "N", default_value = "64M", value_parser = byte_count)]
    max_article_bytes: usize,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnErrorFlag {
    /// Stop with the first error in the order of the input
    Stop,
    /// Leave it out, list it in the summary, and go on
    Skip,
}

impl ReadingFlags {
    /// As the library takes them.
    pub(crate) fn settle(&self) -> ReadOptions {
        ReadOptions {
            fields: Fields {
                id: self.id_field.clone(),
                title: self.title_field.clone(),
                text: self.text_field.clone(),
                date: self.date_field.clone(),
                source: self.source_field.clone(),
            },
            on_error: match self.on_error {
                OnErrorFlag::Stop => OnError::Stop,
                OnErrorFlag::Skip => OnError::Skip,
            },
            max_article_bytes: self.max_article_bytes,
            ..ReadOptions::default()
        }
    }

    /// The same with temporary files in the folder of `memory`.
    pub(crate) fn settle_with(&self, memory: &Memory) -> ReadOptions {
        ReadOptions { temporary_folder: memory.folder().to_owned(), ..self.settle() }
    }
}

/// How pairs are judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verdict")]
pub(crate) struct VerdictFlags {
    /// Up to which relation articles belong together
    #[arg(long, value_name = "LEVEL", default_value = "derived")]
    level: LevelFlag,
    #[command(flatten)]
    model: ModelFlags,
}

/// How pairs are judged, whatever the level.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verdict")]
pub(crate) struct ModelFlags {
    /// A model file made by `naskh fit`, in the place of the one for that level that ships with naskh
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
    /// Score from 0 to 1 from which on two articles belong together [default: the model's]
    #[arg(long, value_name = "S")]
    threshold: Option<f64>,
}

impl VerdictFlags {
    /// A detector that judges so, its other settings at their defaults.
    pub(crate) fn detector(&self) -> anyhow::Result<Detector> {
        self.model.detector_with(Config::at(self.level.settle()))
    }
}

impl ModelFlags {
    /// A detector of these settings that judges so.
    pub(crate) fn detector_with(&self, config: Config) -> anyhow::Result<Detector> {
        let level = config.level;
        let detector = Detector::new(Config { threshold: self.threshold, ..config })?;
        let Some(path) = &self.model else {
            return Ok(detector);
        };
        let shown = || path.display().to_string();
        let json = fs::read_to_string(path).with_context(shown)?;
        let model = Model::read(&json).with_context(shown)?;
        if model.target() == Target::Event && level != Level::Event {
            bail!("{}: found a model of events; expected one of reports, or --level event", shown());
        }
        Ok(detector.with_model(model))
    }
}

/// How articles are grouped.
#[derive(Debug, Args)]
#[command(next_help_heading = "Grouping")]
pub(crate) struct GroupingFlags {
    /// Compare articles at most so many days apart; those without a date are compared with all [default: no bound;
    /// at level event 2 days between what is not the same report]
    #[arg(long, value_name = "DAYS")]
    window: Option<f64>,
    #[command(flatten)]
    verdict: VerdictFlags,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelFlag {
    /// The same report: identical, copied or re-edited
    Derived,
    /// The same text, at most lightly edited
    Copy,
    /// Preview: also the same occurrence, independently written
    Event,
}

impl LevelFlag {
    fn settle(self) -> Level {
        match self {
            LevelFlag::Derived => Level::Derived,
            LevelFlag::Copy => Level::Copy,
            LevelFlag::Event => Level::Event,
        }
    }
}

impl GroupingFlags {
    /// A detector that groups so, and looks for `updates` or does not.
    pub(crate) fn detector(&self, updates: bool) -> anyhow::Result<Detector> {
        let level = self.verdict.level.settle();
        let config = if updates { Config::with_updates(level) } else { Config::at(level) };
        self.verdict.model.detector_with(Config { window_days: self.window, ..config })
    }
}

/// What a run may take up.
#[derive(Debug, Args)]
#[command(next_help_heading = "Memory")]
pub(crate) struct MemoryFlags {
    /// Memory to keep within, in bytes; 512M and 4G are understood. What exceeds it waits in temporary files
    #[arg(long, value_name = "N", default_value = "2G", value_parser = memory_bytes)]
    memory: u64,
    /// Folder for temporary files [default: the system's]. In one that is named here, what has been read is kept until
    /// the run is done
    #[arg(long, value_name = "DIR")]
    temp: Option<PathBuf>,
    /// Go on where a run of the same inputs with the same --temp was killed: what it had read is not read again
    #[arg(long, requires = "temp")]
    resume: bool,
}

impl MemoryFlags {
    /// As the library takes them.
    pub(crate) fn settle(&self, inputs: &[PathBuf]) -> anyhow::Result<Memory> {
        if self.resume && inputs.iter().any(|input| input.as_os_str() == "-") {
            bail!("found - for standard input; expected files or folders, which can be read again, with --resume");
        }
        Ok(match &self.temp {
            Some(folder) => Memory::new(self.memory, folder).with_checkpoints(self.resume),
            None => Memory::new(self.memory, &std::env::temp_dir()),
        })
    }
}

/// Places in a text are 32-bit numbers, with room to spare for what decoding adds.
const MOST_BYTES: usize = 1 << 30;

/// `1000`, `64K`, `64M`, `1G`: a number of bytes over 0, the letters for powers of 1,024.
fn byte_count(written: &str) -> Result<usize, String> {
    let count = bytes(written).and_then(|n| usize::try_from(n).ok()).filter(|n| (1..=MOST_BYTES).contains(n));
    count.ok_or_else(|| "expected a number of bytes such as 65536, 64K or 64M, at most 1G".into())
}

/// The same without an upper bound, of at least 1 MiB.
fn memory_bytes(written: &str) -> Result<u64, String> {
    let count = bytes(written).filter(|&n| n >= 1 << 20);
    count.ok_or_else(|| "expected a number of bytes such as 512M or 4G, at least 1M".into())
}

fn bytes(written: &str) -> Option<u64> {
    let (digits, shift) = match written.char_indices().last() {
        Some((at, 'k' | 'K')) => (&written[..at], 10),
        Some((at, 'm' | 'M')) => (&written[..at], 20),
        Some((at, 'g' | 'G')) => (&written[..at], 30),
        _ => (written, 0),
    };
    digits.parse::<u64>().ok()?.checked_mul(1 << shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_counts() {
        for (written, count) in [("1", 1), ("65536", 65536), ("64K", 65536), ("64m", 64 << 20), ("1G", 1 << 30)] {
            assert_eq!(byte_count(written), Ok(count), "{written}");
        }
        for wrong in ["", "0", "0M", "M", "-1", "1T", "1.5G", "99999999999G", "64MB", "2G", "1025M"] {
            assert!(byte_count(wrong).is_err(), "{wrong}");
        }
    }
}
