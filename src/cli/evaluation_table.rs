//! Evaluations as a table for people: a row a measure; a column for all pairs, and one for the sure ones.

use std::io::{self, Write};

use naskh::{Evaluation, GroupingQuality, Quality, Share};

use crate::report::{Grid, Screen};

type Measure = (&'static str, fn(&Quality) -> Option<String>);

/// The rows. One that says nothing in any column is left out.
const MEASURES: [Measure; 12] = [
    ("pairs judged", |q| Some(q.pairs.to_string())),
    ("verdicts: precision", |q| number(q.verdicts.precision)),
    ("verdicts: recall", |q| number(q.verdicts.recall)),
    ("verdicts: F1", |q| number(q.verdicts.f1())),
    ("average precision of the scores", |q| number(q.average_precision)),
    ("groups: precision", |q| grouping(q, |g| number(g.groups.precision))),
    ("groups: recall", |q| grouping(q, |g| number(g.groups.recall))),
    ("groups: F1", |q| grouping(q, |g| number(g.groups.f1()))),
    ("template siblings in one group", |q| grouping(q, |g| counts(g.templates_merged))),
    ("  their share by weight", |q| grouping(q, |g| number(g.templates_merged.weighted))),
    ("duplicates that were candidates", |q| grouping(q, |g| counts(g.proposed))),
    ("  their share by weight", |q| grouping(q, |g| number(g.proposed.weighted))),
];

/// Writes evaluations side by side, each under its name.
pub(super) fn write(out: &mut dyn Write, evaluations: &[(String, &Evaluation)]) -> io::Result<()> {
    let headings = evaluations.iter().flat_map(|(name, _)| {
        let under = |kind: &str| {
            if name.is_empty() { kind.to_owned() } else { format!("{name}, {kind}") }
        };
        [under("all"), under("sure")]
    });
    let mut grid = Grid::new(std::iter::once(String::new()).chain(headings), Screen::PLAIN);
    for (name, of) in MEASURES {
        let cells: Vec<Option<String>> = evaluations.iter().flat_map(|(_, e)| [of(&e.all), of(&e.sure)]).collect();
        if cells.iter().any(Option::is_some) {
            let cells = cells.into_iter().map(|cell| cell.unwrap_or_else(|| "-".into()));
            grid.row(std::iter::once(name.to_owned()).chain(cells));
        }
    }
    grid.write(out)
}

fn number(value: Option<f64>) -> Option<String> {
    value.map(|x| format!("{x:.3}"))
}

fn counts(share: Share) -> Option<String> {
    Some(format!("{} of {}", share.count, share.of))
}

fn grouping(quality: &Quality, of: fn(&GroupingQuality) -> Option<String>) -> Option<String> {
    quality.grouping.as_ref().and_then(of)
}
