//! Corpora with judged pairs, as `eval` and `fit` take them: `--articles` and `--pairs`, as many of each.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::Args;
use naskh::{Judged, Judgement, ReadOptions};

use super::pairs::{self, PairRow};
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
    pub(crate) fn read_articles(&self, options: &ReadOptions, session: &Session) -> anyhow::Result<Judged> {
        let corpus = session.read_noted(std::slice::from_ref(&self.articles), options)?;
        let numbers = pairs::resolve(self.rows.iter().map(|(row, _)| row), &self.path, &corpus)?;
        let judgements = self.rows.iter().map(|(_, judgement)| *judgement).collect();
        Ok(Judged { name: self.name(), corpus, numbers, judgements })
    }

    /// The name of the corpus: that of its file or folder.
    pub(crate) fn name(&self) -> String {
        file_name(&self.articles)
    }
}

/// The last part of a path: the rest would tell strangers about the machine.
pub(crate) fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}
