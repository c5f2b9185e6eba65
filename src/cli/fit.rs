//! `naskh fit`: a model file from judged pairs, and how good it is on pairs it has not seen.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use naskh::{Config, Detector, Example, Target, ThresholdChoice, fit};
use serde_json::{Value, json};

use super::Outcome;
use super::evaluation::{Case, Evaluation};
use super::evaluation_table;
use super::flags::ReadingFlags;
use super::judged::{JudgedFlags, both_kinds, file_name};
use super::pairs::Judgement;
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

/// One corpus to fit to.
struct Fitted {
    articles_file: String,
    pairs_file: String,
    articles: usize,
    examples: Vec<(Example, Judgement)>,
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
        both_kinds(pairs.path.display(), target, pairs.rows.iter().map(|(_, judgement)| judgement.label))?;
    }
    let detector = Detector::new(Config::default())?;
    let corpora: Vec<Fitted> = judged
        .into_iter()
        .enumerate()
        .map(|(number, pairs)| {
            let corpus = pairs.read_articles(&flags.reading.settle(), session)?;
            let examples = corpus.examples(number, &detector, session);
            Ok(Fitted {
                articles_file: corpus.pairs.name(),
                pairs_file: file_name(&corpus.pairs.path),
                articles: corpus.corpus.len(),
                examples: examples.into_iter().zip(corpus.pairs.rows.iter().map(|(_, judgement)| *judgement)).collect(),
            })
        })
        .collect::<anyhow::Result<_>>()?;
    session.stage("fitting");
    let examples: Vec<Example> = corpora.iter().flat_map(|c| &c.examples).map(|e| e.0.clone()).collect();
    let fitted = fit(&examples, target, choice, Value::Null);
    session.settle();

    let mut scores = fitted.held_out.iter();
    let found: Vec<(String, Evaluation)> = corpora
        .iter()
        .map(|corpus| {
            let cases: Vec<Case> = corpus
                .examples
                .iter()
                .zip(&mut scores)
                .map(|((example, judgement), &score)| Case {
                    judgement: *judgement,
                    truth: example.same(target),
                    score,
                    said: score >= fitted.model.threshold(),
                    grouping: None,
                })
                .collect();
            (corpus.articles_file.clone(), Evaluation::of(&cases))
        })
        .collect();
    let threshold = fitted.model.threshold();
    let model = fitted.model.with_provenance(provenance(&corpora, &found));
    serde_json::to_writer_pretty(&mut file, &model).context("the model file")?;
    writeln!(file)?;
    file.finish()?;

    let mut out = Sink::open(None)?;
    writeln!(out, "held-out scores, threshold {threshold:.4}\n")?;
    let columns: Vec<(String, &Evaluation)> = found.iter().map(|(name, found)| (name.clone(), found)).collect();
    evaluation_table::write(&mut out, &columns)?;
    out.finish()?;
    Ok(Outcome::Done)
}

/// What the model was fitted on, when and how, and what it reached on pairs it had not seen. No paths: they would
/// tell strangers about the machine.
fn provenance(corpora: &[Fitted], found: &[(String, Evaluation)]) -> Value {
    let of_corpus = |(corpus, (_, evaluation)): (&Fitted, &(String, Evaluation))| {
        json!({
            "articles_file": corpus.articles_file,
            "pairs_file": corpus.pairs_file,
            "articles": corpus.articles,
            "pairs": corpus.examples.len(),
            "held_out": evaluation.to_json(),
        })
    };
    json!({
        "date": jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
        "command": command_line(std::env::args_os().map(|arg| arg.to_string_lossy().into_owned())),
        "corpora": corpora.iter().zip(found).map(of_corpus).collect::<Vec<_>>(),
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
