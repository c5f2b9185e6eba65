//! `naskh fit`: a model file from judged pairs, and how good it is on pairs it has not seen.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use naskh::{Evaluation, Judged, Target, ThresholdChoice, both_kinds, fit_judged};
use serde_json::{Value, json};

use super::Outcome;
use super::evaluation_table;
use super::flags::ReadingFlags;
use super::judged::{JudgedFlags, JudgedPairs, file_name};
use super::session::Session;
use super::sink::Sink;

/// What can be typed after `naskh fit`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    judged: JudgedFlags,
    /// What the model tells
    #[arg(long, value_name = "LEVEL", default_value = "derived")]
    level: FitLevel,
    /// Held-out precision that the threshold reaches in every corpus, over 0 up to 1
    #[arg(long, value_name = "P", default_value_t = 0.95)]
    precision: f64,
    /// Use this score as the threshold, instead of one found by --precision
    #[arg(long, value_name = "SCORE", conflicts_with = "precision")]
    threshold: Option<f64>,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write the model to FILE; the measures go to standard output
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    output: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FitLevel {
    /// The same report, which labels 4 and 5 are, and copies of it, label 5
    Derived,
    /// Preview: the same event, which labels 3 to 5 are
    Event,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    if !(flags.precision > 0.0 && flags.precision <= 1.0) {
        bail!("precision: found {}; expected a number over 0 up to 1", flags.precision);
    }
    if let Some(score) = flags.threshold.filter(|score| !(0.0..=1.0).contains(score)) {
        bail!("threshold: found {score}; expected a score from 0 to 1");
    }
    let choice = flags.threshold.map_or(ThresholdChoice::Precision(flags.precision), ThresholdChoice::Score);
    let target = match flags.level {
        FitLevel::Derived => Target::Report,
        FitLevel::Event => Target::Event,
    };
    let mut file = Sink::file(&flags.output)?;
    let judged = flags.judged.read_pairs()?;
    for pairs in &judged {
        both_kinds(&pairs.path.display().to_string(), target, pairs.rows.iter().map(|(_, judgement)| judgement.label))?;
    }
    let options = flags.reading.settle();
    let corpora: Vec<Judged> =
        judged.iter().map(|pairs| pairs.read_articles(&options, session)).collect::<anyhow::Result<_>>()?;
    session.stage("fitting");
    let fitted = fit_judged(&corpora, target, choice)?;
    session.settle();
    let threshold = fitted.model.threshold();
    let model = fitted.model.with_provenance(provenance(&judged, &corpora, &fitted.held_out));
    serde_json::to_writer_pretty(&mut file, &model).context("the model file")?;
    writeln!(file)?;
    file.finish()?;

    let mut out = Sink::open(None)?;
    writeln!(out, "held-out scores, threshold {threshold:.4}\n")?;
    let names = corpora.iter().map(|corpus| corpus.name.clone());
    let columns: Vec<(String, &Evaluation)> = names.zip(&fitted.held_out).collect();
    evaluation_table::write(&mut out, &columns)?;
    out.finish()?;
    Ok(Outcome::Done)
}

/// What the model was fitted on, when and how, and what it reached on pairs it had not seen. No paths: they would
/// tell strangers about the machine.
fn provenance(pairs: &[JudgedPairs], corpora: &[Judged], found: &[Evaluation]) -> Value {
    let of_corpus = |((pairs, corpus), evaluation): ((&JudgedPairs, &Judged), &Evaluation)| {
        json!({
            "articles_file": corpus.name,
            "pairs_file": file_name(&pairs.path),
            "articles": corpus.corpus.len(),
            "pairs": corpus.judgements.len(),
            "held_out": evaluation.to_json(),
        })
    };
    json!({
        "date": jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        "command": command_line(std::env::args_os().map(|arg| arg.to_string_lossy().into_owned())),
        "corpora": pairs.iter().zip(corpora).zip(found).map(of_corpus).collect::<Vec<_>>(),
    })
}

/// The command as typed, each path cut to its file name.
fn command_line(arguments: impl Iterator<Item = String>) -> String {
    let shortened = arguments.skip(1).map(|argument| match argument.split_once('=') {
        Some((flag, value)) if flag.starts_with("--") => format!("{flag}={}", file_name(Path::new(value))),
        _ => file_name(Path::new(&argument)),
    });
    std::iter::once("naskh".to_owned()).chain(shortened).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_names_files_only() {
        let typed = ["/usr/bin/naskh", "fit", "--articles", "/home/me/a.jsonl", "--pairs=../p.tsv", "-o", "m.json"];
        assert_eq!(
            command_line(typed.into_iter().map(str::to_owned)),
            "naskh fit --articles a.jsonl --pairs=p.tsv -o m.json"
        );
    }
}
