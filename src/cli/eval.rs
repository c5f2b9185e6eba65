//! `naskh eval`: verdicts, groups and candidates measured against judged pairs.

use std::io::Write;
use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use naskh::{Case, Evaluation, Found, HeldOut, Judged, Judges, check_readable_twice};
use serde_json::json;

use super::flags::{GroupingFlags, ReadingFlags};
use super::judged::JudgedFlags;
use super::session::Session;
use super::sink::Sink;
use super::{Outcome, errors, evaluation_table};

/// What can be typed after `naskh eval`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    #[command(flatten)]
    judged: JudgedFlags,
    /// Fit models to the pairs, so that none judges a pair it has seen: what is held out from each. Of `--model`
    /// only the threshold is used
    #[arg(long, value_name = "WHAT")]
    held_out: Option<HeldOutFlag>,
    #[command(flatten)]
    grouping: GroupingFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write one JSON object a corpus, on one line, in the order of the corpora
    #[arg(long, help_heading = "Output")]
    json: bool,
    /// Also write the pairs that were judged or grouped wrongly to FILE, with both articles and each feature
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    errors: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum HeldOutFlag {
    /// Its time: five folds by date, each judged by a model fitted to the other folds of all corpora
    Date,
    /// Its corpus: each is judged by a model fitted to the other corpora
    Corpus,
}

impl HeldOutFlag {
    fn settle(self) -> HeldOut {
        match self {
            HeldOutFlag::Date => HeldOut::Date,
            HeldOutFlag::Corpus => HeldOut::Corpus,
        }
    }
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let detector = flags.grouping.detector(false)?;
    let held_out = flags.held_out.map(HeldOutFlag::settle);
    let judged = flags.judged.read_pairs()?;
    if held_out == Some(HeldOut::Corpus) && judged.len() < 2 {
        bail!("--held-out corpus: found one corpus; expected --articles and --pairs of two or more");
    }
    let mut errors = match &flags.errors {
        Some(path) => {
            judged.iter().try_for_each(|pairs| check_readable_twice(&pairs.articles)).context("--errors")?;
            Some(Sink::file(path)?)
        }
        None => None,
    };
    let options = flags.reading.settle();
    let corpora: Vec<Judged> =
        judged.iter().map(|pairs| pairs.read_articles(&options, session)).collect::<anyhow::Result<_>>()?;
    let threshold = detector.threshold();
    let level = detector.config().level.name();
    let judges = match held_out {
        Some(scheme) => {
            session.stage("fitting");
            Judges::held_out(scheme, &detector, &corpora)?
        }
        None => Judges::one(detector, &corpora),
    };
    let found: Vec<Vec<Found>> = corpora
        .iter()
        .enumerate()
        .map(|(number, judged)| {
            session.stage(format!("grouping {} articles", judged.corpus.len()));
            Ok(judges.judge(number, judged)?)
        })
        .collect::<anyhow::Result<_>>()?;
    let sizes: Vec<String> = corpora.iter().map(|judged| judged.corpus.len().to_string()).collect();
    let mut heading = format!("{} articles, level {level}, threshold {threshold:.4}", sizes.join(" + "));
    if let Some(scheme) = held_out {
        heading += &format!(", held out by {}", scheme.name());
    }
    if let Some(file) = &mut errors {
        session.stage("listing errors");
        writeln!(file, "{heading}")?;
        for (number, ((pairs, judged), found)) in judged.iter().zip(&corpora).zip(&found).enumerate() {
            writeln!(file)?;
            errors::write(file, (number, pairs, judged, found), &judges, &options)?;
        }
    }
    session.settle();
    errors.map_or(Ok(()), Sink::finish)?;

    let evaluations: Vec<Evaluation> = found
        .iter()
        .map(|found| Evaluation::of(&found.iter().map(|found| found.case).collect::<Vec<Case>>()))
        .collect();
    let mut out = Sink::open(None)?;
    if flags.json {
        for (judged, evaluation) in corpora.iter().zip(&evaluations) {
            let mut json = evaluation.to_json();
            json["articles"] = json!(judged.corpus.len());
            json["level"] = json!(level);
            json["threshold"] = json!(threshold);
            if let Some(scheme) = held_out {
                json["held_out"] = json!(scheme.name());
            }
            writeln!(out, "{json}")?;
        }
    } else {
        writeln!(out, "{heading}\n")?;
        let name = |judged: &Judged| if corpora.len() == 1 { String::new() } else { judged.name.clone() };
        let columns: Vec<(String, &Evaluation)> = corpora.iter().map(name).zip(&evaluations).collect();
        evaluation_table::write(&mut out, &columns)?;
    }
    out.finish()?;
    Ok(Outcome::Done)
}
