//! Files of pairs of articles: tab-separated, columns found by their names in the first line.
//!
//! `a` and `b` are ids. Judged pairs have `label` (1 to 5) and `weight` (how many pairs of the corpus this one
//! stands for), and may have `template` and `sure` (yes or no).

use std::fs;
use std::path::Path;

use anyhow::Context;
use naskh::{Corpus, Error, Judgement, Place};

/// Two ids, as they stand in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PairRow {
    /// Line number, from 1.
    pub(crate) line: u64,
    pub(crate) a: String,
    pub(crate) b: String,
}

/// Reads the pairs in the file `path`.
pub(crate) fn read_pairs(path: &Path) -> anyhow::Result<Vec<PairRow>> {
    let text = contents(path)?;
    let table = Table::new(path, &text)?;
    let [a, b] = [table.column("a")?, table.column("b")?];
    table
        .rows()
        .map(|row| {
            let row = row?;
            Ok(row.pair(a, b))
        })
        .collect()
}

/// Reads the pairs in the file `path`, and what was judged of them.
pub(crate) fn read_judged(path: &Path) -> anyhow::Result<Vec<(PairRow, Judgement)>> {
    let text = contents(path)?;
    let table = Table::new(path, &text)?;
    let [a, b] = [table.column("a")?, table.column("b")?];
    let [label, weight] = [table.column("label")?, table.column("weight")?];
    let [template, sure] = ["template", "sure"].map(|name| table.column(name).ok());
    table
        .rows()
        .map(|row| {
            let row = row?;
            let judgement = Judgement {
                label: row.label(label)?,
                weight: row.weight(weight)?,
                template: template.map_or(Ok(false), |at| row.yes(at))?,
                sure: sure.map_or(Ok(true), |at| row.yes(at))?,
            };
            Ok((row.pair(a, b), judgement))
        })
        .collect()
}

/// The numbers of the articles that the pairs name.
pub(crate) fn resolve<'p>(
    pairs: impl IntoIterator<Item = &'p PairRow>,
    path: &Path,
    corpus: &Corpus,
) -> anyhow::Result<Vec<(u32, u32)>> {
    let find = |line: u64, id: &str| {
        corpus.find(id).ok_or_else(|| {
            let found = format!("{id:?}");
            wrong(path, line, found, "the id of an article that was read")
        })
    };
    let numbers = |pair: &PairRow| Ok((find(pair.line, &pair.a)?, find(pair.line, &pair.b)?));
    pairs.into_iter().map(numbers).collect()
}

fn contents(path: &Path) -> anyhow::Result<String> {
    let shown = || path.display().to_string();
    let text = fs::read_to_string(path).with_context(shown)?;
    Ok(match text.strip_prefix('\u{FEFF}') {
        Some(rest) => rest.to_owned(),
        None => text,
    })
}

fn wrong(path: &Path, line: u64, found: String, expected: impl Into<String>) -> anyhow::Error {
    let place = Place { path: path.display().to_string(), line: Some(line) };
    let expected = expected.into();
    Error::Input { place, found, expected }.into()
}

/// The file, and the names of its columns.
struct Table<'t> {
    path: &'t Path,
    names: Vec<&'t str>,
    /// The line that the names stand in.
    heading: u64,
    /// Numbered lines below the names.
    lines: Vec<(u64, &'t str)>,
}

struct Row<'t> {
    table: &'t Table<'t>,
    line: u64,
    cells: Vec<&'t str>,
}

impl<'t> Table<'t> {
    fn new(path: &'t Path, text: &'t str) -> anyhow::Result<Table<'t>> {
        let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        let (line, first) =
            lines.next().ok_or_else(|| wrong(path, 1, "an empty file".into(), "a line of column names"))?;
        let names: Vec<&str> = first.split('\t').map(str::trim).collect();
        if let Some(at) = (1..names.len()).find(|&at| names[..at].contains(&names[at])) {
            let found = format!("the column {:?} twice", names[at]);
            return Err(wrong(path, line, found, "names that differ"));
        }
        Ok(Table { path, names, heading: line, lines: lines.collect() })
    }

    fn column(&self, wanted: &str) -> anyhow::Result<usize> {
        let at = self.names.iter().position(|&name| name == wanted);
        at.ok_or_else(|| {
            let found = format!("the columns {:?}", self.names);
            wrong(self.path, self.heading, found, format!("also one named {wanted:?}"))
        })
    }

    fn rows(&'t self) -> impl Iterator<Item = anyhow::Result<Row<'t>>> {
        self.lines.iter().map(move |&(line, text)| {
            let cells: Vec<&str> = text.split('\t').collect();
            if cells.len() != self.names.len() {
                let found = format!("{} column{}", cells.len(), if cells.len() == 1 { "" } else { "s" });
                let expected = format!("{}, separated by tabs: {}", self.names.len(), self.names.join(", "));
                return Err(wrong(self.path, line, found, expected));
            }
            Ok(Row { table: self, line, cells })
        })
    }
}

impl Row<'_> {
    fn pair(&self, a: usize, b: usize) -> PairRow {
        PairRow { line: self.line, a: self.cells[a].to_owned(), b: self.cells[b].to_owned() }
    }

    fn label(&self, at: usize) -> anyhow::Result<u8> {
        let label = self.cells[at].parse().ok().filter(|label| (1..=5).contains(label));
        label.ok_or_else(|| self.wrong(at, "a label from 1 to 5"))
    }

    fn weight(&self, at: usize) -> anyhow::Result<f64> {
        let weight = self.cells[at].parse().ok();
        weight
            .filter(|weight: &f64| weight.is_finite() && *weight >= 0.0)
            .ok_or_else(|| self.wrong(at, "a weight, a number of 0 or more"))
    }

    fn yes(&self, at: usize) -> anyhow::Result<bool> {
        match self.cells[at] {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(self.wrong(at, "yes or no")),
        }
    }

    fn wrong(&self, at: usize, expected: &str) -> anyhow::Error {
        let found = format!("{:?} in the column {}", self.cells[at], self.table.names[at]);
        wrong(self.table.path, self.line, found, expected)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(text: &str) -> Result<Vec<(PairRow, Judgement)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.tsv");
        fs::write(&path, text).unwrap();
        let folder = format!("{}/", folder.path().display());
        read_judged(&path).map_err(|e| e.to_string().replace(&folder, ""))
    }

    #[test]
    fn columns_are_found_by_name() {
        let found = judged("\u{FEFF}weight\tb\ta\tlabel\tmore\r\n2.5\ty\tx\t4\t\r\n\r\n1\tw\tv\t1\t?\n").unwrap();
        let row = |line, a: &str, b: &str| PairRow { line, a: a.into(), b: b.into() };
        let judgement = |label, weight| Judgement { label, weight, template: false, sure: true };
        assert_eq!(found, [(row(2, "x", "y"), judgement(4, 2.5)), (row(4, "v", "w"), judgement(1, 1.0))]);
    }

    #[test]
    fn errors_say_where_and_what() {
        for (text, error) in [
            ("", "p.tsv:1: found an empty file; expected a line of column names"),
            (
                "a\tb\tlabel\n",
                "p.tsv:1: found the columns [\"a\", \"b\", \"label\"]; expected also one named \"weight\"",
            ),
            ("a\tb\ta\n", "p.tsv:1: found the column \"a\" twice; expected names that differ"),
            (
                "a\tb\tlabel\tweight\nx\ty\t4\n",
                "p.tsv:2: found 3 columns; expected 4, separated by tabs: a, b, label, weight",
            ),
            (
                "a\tb\tlabel\tweight\nx\ty\t6\t1\n",
                "p.tsv:2: found \"6\" in the column label; expected a label from 1 to 5",
            ),
            (
                "a\tb\tlabel\tweight\nx\ty\t5\tinf\n",
                "p.tsv:2: found \"inf\" in the column weight; expected a weight, a number of 0 or more",
            ),
            ("a\tb\tlabel\tweight\tsure\nx\ty\t5\t1\t\n", "p.tsv:2: found \"\" in the column sure; expected yes or no"),
        ] {
            assert_eq!(judged(text).unwrap_err(), error);
        }
    }
}
