//! Measures groups against the planted truth.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, bail};
use serde::Deserialize;

use crate::retell::Kind;

/// A line of `naskh group --format jsonl`, as far as it counts here.
#[derive(Deserialize)]
struct Group {
    members: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    id: String,
}

/// What an article is, by the truth.
struct Planted {
    family: u32,
    /// Its group, if it is in one.
    group: Option<u32>,
}

/// What is known of a family or series.
#[derive(Default)]
struct Family {
    original: Option<String>,
    again: Vec<(Kind, String)>,
    siblings: Vec<String>,
}

/// Pairs that were found, of how many.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) found: u64,
    pub(crate) of: u64,
}

/// How well groups meet the truth.
#[derive(Default, Debug, PartialEq, Eq)]
pub(crate) struct Score {
    /// Pairs of [`Score::kinds`] that were verified, whether or not they are in one group; if that is known.
    pub(crate) verified: Option<[u64; 4]>,
    /// Pairs of an original and what tells it again, by kind.
    pub(crate) kinds: [Found; 4],
    /// All pairs of one family.
    pub(crate) family: Found,
    /// Pairs of one series in one group.
    pub(crate) siblings: Found,
    /// Pairs in one group.
    pub(crate) grouped: u64,
}

impl Score {
    /// As a table of Markdown.
    pub(crate) fn table(&self) -> String {
        let mut table = String::from("| pairs | planted | in one group | share |\n| --- | --- | --- | --- |\n");
        let rows = Kind::ALL.map(Kind::name).into_iter().zip(self.kinds);
        let others = [("all of one family", self.family), ("siblings of one template", self.siblings)];
        for (name, Found { found, of }) in rows.chain(others) {
            let _ = writeln!(table, "| {name} | {of} | {found} | {:.4} |", share(found, of));
        }
        if let Some(verified) = self.verified {
            table += "\n| pairs | planted | verified | share |\n| --- | --- | --- | --- |\n";
            for ((name, Found { of, .. }), verified) in
                Kind::ALL.map(Kind::name).into_iter().zip(self.kinds).zip(verified)
            {
                let _ = writeln!(table, "| {name} | {of} | {verified} | {:.4} |", share(verified, of));
            }
        }
        let (right, all) = (self.family.found, self.grouped);
        let _ =
            writeln!(table, "\n{all} pairs in one group, {right} of them planted: precision {:.4}", share(right, all));
        table
    }
}

fn share(part: u64, all: u64) -> f64 {
    if all == 0 { f64::NAN } else { part as f64 / all as f64 }
}

/// Scores the groups in `groups`, and the pairs that were verified in `pairs`, by the truth in `truth`. Planted pairs that
/// are not in one group go to `missed`, a line each: a, b, kind.
pub(crate) fn score(truth: &Path, groups: &Path, pairs: Option<&Path>, missed: Option<&Path>) -> anyhow::Result<Score> {
    let (mut planted, families) = read_truth(truth)?;
    let pairs = pairs.map(read_pairs).transpose()?;
    let mut score = Score { verified: pairs.as_ref().map(|_| [0; 4]), ..Score::default() };
    for (number, line) in (0..).zip(lines(groups)?) {
        let group: Group =
            serde_json::from_str(&line?).with_context(|| format!("{}:{}", groups.display(), number + 1))?;
        let size = group.members.len() as u64;
        score.grouped += size * size.saturating_sub(1) / 2;
        for member in group.members {
            if let Some(planted) = planted.get_mut(&member.id) {
                planted.group = Some(number);
            }
        }
    }
    // Pairs of one family in one group: members counted by family and group.
    let mut together: BTreeMap<(u32, u32), u64> = BTreeMap::new();
    for Planted { family, group } in planted.values() {
        if let Some(group) = group {
            *together.entry((*family, *group)).or_default() += 1;
        }
    }
    let create = |path: &Path| File::create(path).with_context(|| path.display().to_string()).map(BufWriter::new);
    let mut missed = missed.map(create).transpose()?;
    if let Some(missed) = &mut missed {
        writeln!(missed, "a\tb\tkind")?;
    }
    for (number, family) in (0..).zip(&families) {
        let found: u64 = together.range((number, 0)..=(number, u32::MAX)).map(|(_, &n)| n * (n - 1) / 2).sum();
        let size = (family.again.len() + family.siblings.len()) as u64 + u64::from(family.original.is_some());
        let of = size * size.saturating_sub(1) / 2;
        let sum = if family.original.is_some() { &mut score.family } else { &mut score.siblings };
        *sum = Found { found: sum.found + found, of: sum.of + of };
        let Some(original) = &family.original else { continue };
        for (kind, again) in &family.again {
            let group = |id: &String| planted.get(id).and_then(|planted| planted.group);
            let found = group(original).is_some() && group(original) == group(again);
            let sum = &mut score.kinds[*kind as usize];
            *sum = Found { found: sum.found + u64::from(found), of: sum.of + 1 };
            if let (Some(pairs), Some(verified)) = (&pairs, &mut score.verified) {
                let either = [(original, again), (again, original)].map(|(a, b)| format!("{a}\t{b}"));
                verified[*kind as usize] += u64::from(either.iter().any(|pair| pairs.contains(pair)));
            }
            if let Some(missed) = missed.as_mut().filter(|_| !found) {
                writeln!(missed, "{original}\t{again}\t{}", kind.name())?;
            }
        }
    }
    if let Some(missed) = &mut missed {
        missed.flush()?;
    }
    Ok(score)
}

/// The first two columns of each row below the names of the columns.
fn read_pairs(path: &Path) -> anyhow::Result<BTreeSet<String>> {
    lines(path)?.skip(1).map(|line| Ok(line?.split('\t').take(2).collect::<Vec<_>>().join("\t"))).collect()
}

fn read_truth(path: &Path) -> anyhow::Result<(BTreeMap<String, Planted>, Vec<Family>)> {
    let (mut planted, mut families) = (BTreeMap::new(), Vec::<Family>::new());
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    for (number, line) in (1..).zip(lines(path)?) {
        let line = line?;
        let fields: Vec<&str> = line.split('\t').collect();
        let [id, family, kind] = fields[..] else {
            bail!("{}:{number}: found {} columns, expected id, family, kind", path.display(), fields.len());
        };
        if number == 1 {
            continue;
        }
        let next = families.len() as u32;
        let family = *numbers.entry(family.to_owned()).or_insert(next);
        if family == next {
            families.push(Family::default());
        }
        let known = &mut families[family as usize];
        match (kind, Kind::ALL.into_iter().find(|known| known.name() == kind)) {
            (_, Some(kind)) => known.again.push((kind, id.to_owned())),
            ("original", _) => known.original = Some(id.to_owned()),
            ("sibling", _) => known.siblings.push(id.to_owned()),
            _ => bail!("{}:{number}: found the kind {kind:?}", path.display()),
        }
        planted.insert(id.to_owned(), Planted { family, group: None });
    }
    Ok((planted, families))
}

fn lines(path: &Path) -> anyhow::Result<std::io::Lines<BufReader<File>>> {
    Ok(BufReader::new(File::open(path).with_context(|| path.display().to_string())?).lines())
}
