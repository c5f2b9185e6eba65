//! `naskh eval`: verdicts, groups and candidates measured against judged pairs.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use naskh::{Corpus, Detector, Grouping, Level};
use serde_json::json;

use super::Outcome;
use super::evaluation::{Case, Evaluation, InGrouping};
use super::evaluation_table;
use super::flags::{GroupingFlags, ReadingFlags};
use super::pairs::{self, Judgement, PairRow};
use super::session::Session;
use super::sink::Sink;

/// What can be typed after `naskh eval`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The articles: a file, a folder, or `-` for standard input
    #[arg(long, value_name = "INPUT")]
    articles: PathBuf,
    /// The judged pairs: tab-separated columns a, b, label (1 to 5), weight, and perhaps template and sure (yes, no).
    /// True are the labels 4 and 5; with `--level copy` 5 alone
    #[arg(long, value_name = "PAIRS.tsv")]
    pairs: PathBuf,
    #[command(flatten)]
    grouping: GroupingFlags,
    #[command(flatten)]
    reading: ReadingFlags,
    /// Write one JSON object
    #[arg(long, help_heading = "Output")]
    json: bool,
}

pub(crate) fn run(flags: Flags, session: &Session) -> anyhow::Result<Outcome> {
    let detector = flags.grouping.detector()?;
    let judged = pairs::read_judged(&flags.pairs)?;
    let corpus = session.read_noted(std::slice::from_ref(&flags.articles), &flags.reading.settle())?;
    session.stage(format!("grouping {} articles", corpus.len()));
    let cases = cases(&detector, &corpus, &judged, &flags.pairs)?;
    session.settle();

    let found = Evaluation::of(&cases);
    let level = match detector.config().level {
        Level::Copy => "copy",
        Level::Derived => "derived",
    };
    let mut out = Sink::open(None)?;
    if flags.json {
        let mut json = found.to_json();
        json["articles"] = json!(corpus.len());
        json["level"] = json!(level);
        json["threshold"] = json!(detector.threshold());
        writeln!(out, "{json}")?;
    } else {
        let (articles, threshold) = (corpus.len(), detector.threshold());
        writeln!(out, "{articles} articles, level {level}, threshold {threshold:.4}\n")?;
        evaluation_table::write(&mut out, &[(String::new(), &found)])?;
    }
    out.finish()?;
    Ok(Outcome::Done)
}

/// What the detector makes of the judged pairs.
fn cases(
    detector: &Detector,
    corpus: &Corpus,
    judged: &[(PairRow, Judgement)],
    path: &Path,
) -> anyhow::Result<Vec<Case>> {
    let numbers = pairs::resolve(judged.iter().map(|(row, _)| row), path, corpus)?;
    let level = detector.config().level;
    let grouping = detector.group(corpus)?;
    let group = group_numbers(&grouping, corpus.len());
    let proposed = detector.proposed(corpus, &numbers)?;
    let verdicts = detector.score(corpus, &numbers);
    let case = |(at, &(_, judgement)): (usize, &(PairRow, Judgement))| {
        let (a, b) = (numbers[at].0 as usize, numbers[at].1 as usize);
        Case {
            judgement,
            truth: judgement.label >= if level == Level::Copy { 5 } else { 4 },
            score: verdicts[at].score,
            said: verdicts[at].relation.is_some_and(|relation| level.admits(relation)),
            grouping: Some(InGrouping {
                together: a == b || group[a].is_some() && group[a] == group[b],
                proposed: proposed[at],
            }),
        }
    };
    Ok(judged.iter().enumerate().map(case).collect())
}

/// The group of each article that is in one.
fn group_numbers(grouping: &Grouping, articles: usize) -> Vec<Option<usize>> {
    let mut number = vec![None; articles];
    for (at, group) in grouping.groups.iter().enumerate() {
        number[group.representative as usize] = Some(at);
        for &(member, _) in &group.members {
            number[member as usize] = Some(at);
        }
    }
    number
}
