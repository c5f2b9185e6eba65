//! Two articles compared: the verdict, what speaks for and against it, and the passages that coincide.

use std::io::{self, Write};
use std::ops::Range;

use naskh::{Article, Comparison, ComparisonReport, Contribution, Level, Relation, by_size};

use super::{Grid, Screen};

/// Writes features with their values and what each adds to the log-odds.
pub(crate) fn write_contributions<'c>(
    out: &mut dyn Write,
    screen: Screen,
    contributions: impl IntoIterator<Item = &'c Contribution>,
) -> io::Result<()> {
    let mut grid = Grid::new(["feature", "value", "log-odds"].map(str::to_owned), screen);
    for one in contributions {
        let value = if one.value.is_nan() { "unknown".to_owned() } else { format!("{:.3}", one.value) };
        grid.row([one.feature.to_owned(), value, format!("{:+.3}", one.contribution)]);
    }
    grid.write(out)
}

/// What there is to tell.
pub(crate) struct Report<'r> {
    a: &'r Article,
    b: &'r Article,
    comparison: &'r Comparison,
    level: Level,
    told: ComparisonReport<'r>,
}

impl<'r> Report<'r> {
    /// `level` and `threshold` are those that the two were compared with.
    pub(crate) fn new(
        (a, b): (&'r Article, &'r Article),
        comparison: &'r Comparison,
        level: Level,
        threshold: f64,
    ) -> Report<'r> {
        Report { a, b, comparison, level, told: ComparisonReport::new((a, b), comparison, level, threshold) }
    }

    /// For people, with at most `most` features.
    pub(crate) fn write(&self, out: &mut dyn Write, screen: Screen, most: usize) -> io::Result<()> {
        let verdict = self.comparison.verdict;
        let (score, threshold) = (verdict.score, self.told.threshold);
        match (verdict.relation, self.told.update_of) {
            (_, Some("a")) => write!(out, "not the same report: B is an update of A, ")?,
            (_, Some(_)) => write!(out, "not the same report: A is an update of B, ")?,
            (Some(Relation::Event), None) => write!(out, "the same event, not the same report: ")?,
            (Some(relation), None) => write!(out, "the same report: {}, ", relation.name())?,
            (None, None) => match self.level {
                Level::Copy => write!(out, "no copy: ")?,
                Level::Derived => write!(out, "not the same report: ")?,
                Level::Event => write!(out, "not the same event: ")?,
            },
        }
        writeln!(out, "score {score:.4} (threshold {threshold:.4})\n")?;
        for (name, article) in [("A", self.a), ("B", self.b)] {
            let (id, title) = (screen.show(&article.id), screen.show(&article.title));
            writeln!(out, "{}", format!("{name}  {id}  {title}").trim_end())?;
        }
        writeln!(out)?;
        self.write_containment(out)?;
        write_contributions(out, screen, by_size(&self.comparison.contributions).iter().take(most))?;
        self.write_passages(out, screen)
    }

    fn write_containment(&self, out: &mut dyn Write) -> io::Result<()> {
        let containment = self.comparison.containment;
        let (a, b) = (100.0 * containment.a_in_b(), 100.0 * containment.b_in_a());
        write!(out, "A contains {b:.0} % of B; B contains {a:.0} % of A")?;
        match self.told.direction {
            Some(words) => writeln!(out, ": {words}")?,
            None => writeln!(out)?,
        }
        if let Some(place) = &self.told.place {
            let (shorter, longer) = if place.in_ == "b" { ("A", "B") } else { ("B", "A") };
            let (from, to) = (100.0 * place.from, 100.0 * place.to);
            write!(out, "{shorter} is found in {longer} from {from:.0} % to {to:.0} %: ")?;
            write!(out, "bytes {}..{}, ", place.start, place.end)?;
            writeln!(out, "characters {}..{}", place.start_char, place.end_char)?;
        }
        writeln!(out)
    }

    fn write_passages(&self, out: &mut dyn Write, screen: Screen) -> io::Result<()> {
        let passages = &self.comparison.passages;
        if passages.is_empty() {
            return writeln!(out, "\nno passage coincides");
        }
        let a = 100.0 * covered(&self.a.text, passages.iter().map(|p| p.a.clone()));
        let b = 100.0 * covered(&self.b.text, passages.iter().map(|p| p.b.clone()));
        let (number, verb) = (passages.len(), if passages.len() == 1 { " coincides" } else { "s coincide" });
        writeln!(out, "\n{number} passage{verb}: {a:.0} % of A, {b:.0} % of B")?;
        for passage in &self.told.passages {
            writeln!(out, "\n  A  {}", screen.show(passage.a.text))?;
            writeln!(out, "  B  {}", screen.show(passage.b.text))?;
        }
        Ok(())
    }

    /// For programs: everything, with spans in bytes of the article's text.
    pub(crate) fn to_json(&self) -> serde_json::Result<String> {
        serde_json::to_string(&self.told)
    }
}

/// The share of the letters of `text` that stand in one of `ranges`, which may overlap.
fn covered(text: &str, ranges: impl Iterator<Item = Range<usize>>) -> f64 {
    let letters = |range: Range<usize>| text.get(range).unwrap_or_default().chars().count();
    let mut ranges: Vec<Range<usize>> = ranges.collect();
    ranges.sort_unstable_by_key(|range| range.start);
    let (mut behind, mut sum) = (0, 0);
    for range in ranges {
        let start = range.start.max(behind);
        if start < range.end {
            sum += letters(start..range.end);
            behind = range.end;
        }
    }
    sum as f64 / letters(0..text.len()).max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_covered_twice_counts_once() {
        let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
        near(covered("0123456789", [5..8, 0..2, 6..9, 1..2].into_iter()), 0.6);
        near(covered("", std::iter::empty()), 0.0);
        // By letters, not bytes: five of ten.
        near(covered("خبرخبabcde", std::iter::once(0..10)), 0.5);
    }
}
