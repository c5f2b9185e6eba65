//! Corpora with judged pairs, as `eval` and `fit` take them: `--articles` and `--pairs`, as many of each.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use naskh::{Corpus, Detector, Example, ReadOptions, Target, Timestamp};

use super::pairs::{self, Judgement, PairRow};
use super::session::Session;

/// The corpora as typed.
#[derive(Debug, Args)]
pub(crate) struct JudgedFlags {
    /// The articles of a corpus: a file, a folder, or `-` for standard input; may be given again for another corpus
    #[arg(long, value_name = "INPUT", required = true)]
    articles: Vec<PathBuf>,
    /// The judged pairs of a corpus, in the order of the corpora: tab-separated columns a, b, label (1 to 5), weight,
    /// and perhaps template and sure (yes, no)
    #[arg(long, value_name = "PAIRS.tsv", required = true)]
    pairs: Vec<PathBuf>,
}

/// What was judged of a corpus that is still to be read.
pub(crate) struct JudgedPairs {
    /// The input that holds the articles.
    pub(crate) articles: PathBuf,
    /// The file of the pairs.
    pub(crate) path: PathBuf,
    pub(crate) rows: Vec<(PairRow, Judgement)>,
}

/// A corpus, and what was judged of it.
pub(crate) struct Judged {
    pub(crate) pairs: JudgedPairs,
    pub(crate) corpus: Corpus,
    /// The articles of each pair.
    pub(crate) numbers: Vec<(u32, u32)>,
}

impl JudgedFlags {
    /// Reads the files of pairs: they are small, and what is wrong with them is told before any corpus is read.
    pub(crate) fn read_pairs(&self) -> anyhow::Result<Vec<JudgedPairs>> {
        let (inputs, pairs) = (self.articles.len(), self.pairs.len());
        if inputs != pairs {
            bail!("found {inputs} --articles and {pairs} --pairs; expected as many of each, in the same order");
        }
        let both = self.articles.iter().zip(&self.pairs);
        both.map(|(articles, path)| {
            let rows = pairs::read_judged(path)?;
            Ok(JudgedPairs { articles: articles.clone(), path: path.clone(), rows })
        })
        .collect()
    }
}

impl JudgedPairs {
    /// Reads the articles.
    pub(crate) fn read_articles(self, options: &ReadOptions, session: &Session) -> anyhow::Result<Judged> {
        let corpus = session.read_noted(std::slice::from_ref(&self.articles), options)?;
        let numbers = pairs::resolve(self.rows.iter().map(|(row, _)| row), &self.path, &corpus)?;
        Ok(Judged { pairs: self, corpus, numbers })
    }

    /// The name of the corpus: that of its file or folder.
    pub(crate) fn name(&self) -> String {
        file_name(&self.articles)
    }
}

impl Judged {
    /// Its pairs as examples to fit to; it is corpus `number` of those fitted together.
    pub(crate) fn examples(&self, number: usize, detector: &Detector, session: &Session) -> Vec<Example> {
        session.stage(format!("features of {} pairs", self.numbers.len()));
        let features = detector.features(&self.corpus, &self.numbers);
        let judged = self.pairs.rows.iter().zip(&self.numbers).zip(features);
        judged
            .map(|(((_, judgement), &(a, b)), features)| Example {
                features,
                label: judgement.label,
                weight: judgement.weight,
                day: later_day(&self.corpus, a, b),
                corpus: number,
            })
            .collect()
    }
}

/// The day of the later article; 0 if neither has a date.
fn later_day(corpus: &Corpus, a: u32, b: u32) -> i64 {
    let day = |article: u32| corpus.headers[article as usize].date.map(Timestamp::days);
    day(a).max(day(b)).unwrap_or(0)
}

/// Refuses `labels` to which no model of `target` can be fitted.
pub(crate) fn both_kinds(whose: impl Display, target: Target, labels: impl Iterator<Item = u8>) -> anyhow::Result<()> {
    let (mut same, mut all) = (0, 0);
    for label in labels {
        same += usize::from(label >= target.least_label());
        all += 1;
    }
    if same == 0 || same == all {
        let what = match target {
            Target::Report => "duplicates (label 4 or 5)",
            Target::Event => "of one event (label 3 to 5)",
        };
        bail!("{whose}: found {same} {what} of {all} pairs; expected pairs of both kinds");
    }
    Ok(())
}

/// The last part of a path: the rest would tell strangers about the machine.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
