//! Two articles compared, as it is told: the verdict, what one does with the other, what speaks for and against, and
//! where the texts coincide.

use std::ops::Range;

use serde::Serialize;

use crate::article::Article;
use crate::config::Level;
use crate::detector::Comparison;
use crate::listing::rounded;
use crate::verify::{Contribution, Direction, Relation};

/// Those that matter most first.
pub fn by_size(contributions: &[Contribution]) -> Vec<Contribution> {
    let mut sorted = contributions.to_vec();
    sorted.sort_by(|x, y| y.contribution.abs().total_cmp(&x.contribution.abs()));
    sorted
}

/// What is told of a [`Comparison`] of two articles, `a` and `b`; serialised, the object that `naskh compare --json`
/// writes. Numbers are rounded to four decimals.
#[derive(Clone, Debug, Serialize)]
pub struct ComparisonReport<'r> {
    /// They belong together, at the level they were compared at.
    pub same: bool,
    /// 0 to 1.
    pub score: f64,
    /// How they are related.
    pub relation: Option<Relation>,
    /// Which of the two, `a` or `b`, the other is an update of.
    pub update_of: Option<&'static str>,
    /// The score from which on two articles belong together.
    pub threshold: f64,
    /// How much of `a` is in `b`.
    pub a_in_b: f64,
    /// How much of `b` is in `a`.
    pub b_in_a: f64,
    /// What one does with the other, in words, if they are the same report.
    pub direction: Option<&'static str>,
    /// Where in the one the other stands, if one contains the other.
    pub place: Option<Stretch>,
    /// What each feature adds to the score, those that matter most first.
    pub contributions: Vec<Contribution>,
    /// Where the texts coincide, in the order of `a`.
    pub passages: Vec<SharedPassage<'r>>,
}

/// The part of one article's text in which the other stands.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stretch {
    /// Which of the two: `a` or `b`.
    #[serde(rename = "in")]
    pub in_: &'static str,
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
    /// The first character.
    pub start_char: usize,
    /// The character behind the last one.
    pub end_char: usize,
    /// The share of the characters before it, to two decimals.
    pub from: f64,
    /// The share of the characters up to its end, to two decimals.
    pub to: f64,
}

/// A passage that coincides.
#[derive(Clone, Debug, Serialize)]
pub struct SharedPassage<'r> {
    /// In the text of `a`.
    pub a: Wording<'r>,
    /// In the text of `b`.
    pub b: Wording<'r>,
    /// How many stems they have in common.
    pub stems: usize,
}

/// A part of a text.
#[derive(Clone, Debug, Serialize)]
pub struct Wording<'r> {
    /// The first byte.
    pub start: usize,
    /// The byte behind the last one.
    pub end: usize,
    /// As it stands there.
    pub text: &'r str,
}

impl<'r> ComparisonReport<'r> {
    /// Of `comparison`, which was made at `level` with `threshold`.
    pub fn new(
        (a, b): (&'r Article, &'r Article),
        comparison: &Comparison,
        level: Level,
        threshold: f64,
    ) -> ComparisonReport<'r> {
        let verdict = comparison.verdict;
        let contributions = by_size(&comparison.contributions).into_iter().map(|one| Contribution {
            value: rounded(one.value),
            contribution: rounded(one.contribution),
            ..one
        });
        let passages = comparison.passages.iter().map(|passage| SharedPassage {
            a: Wording::new(&a.text, &passage.a),
            b: Wording::new(&b.text, &passage.b),
            stems: passage.stems,
        });
        let update = verdict.relation == Some(Relation::Update);
        ComparisonReport {
            same: verdict.relation.is_some_and(|relation| level.admits(relation)),
            score: rounded(verdict.score),
            relation: verdict.relation,
            update_of: update.then(|| if earlier(a, b) { "a" } else { "b" }),
            threshold,
            a_in_b: comparison.containment.a_in_b(),
            b_in_a: comparison.containment.b_in_a(),
            direction: direction((a, b), comparison),
            place: place((a, b), comparison),
            contributions: contributions.collect(),
            passages: passages.collect(),
        }
    }
}

/// What one does with the other, in words, if they are the same report. The one that is contained abridges the other;
/// where its date is the earlier one, the other extends it.
fn direction((a, b): (&Article, &Article), comparison: &Comparison) -> Option<&'static str> {
    if !comparison.verdict.is_same_report() {
        return None;
    }
    Some(match comparison.containment.direction()? {
        Direction::Alike => "both alike",
        Direction::AInB if earlier(a, b) => "B extends A",
        Direction::AInB => "A abridges B",
        Direction::BInA if earlier(b, a) => "A extends B",
        Direction::BInA => "B abridges A",
    })
}

fn place((a, b): (&Article, &Article), comparison: &Comparison) -> Option<Stretch> {
    let Range { start, end } = comparison.place.clone()?;
    let (in_, text) = match comparison.containment.direction()? {
        Direction::AInB => ("b", &b.text),
        Direction::BInA => ("a", &a.text),
        Direction::Alike => return None,
    };
    let characters = |bytes: usize| text.get(..bytes).unwrap_or_default().chars().count();
    let (start_char, end_char) = (characters(start), characters(end));
    let share = |characters_before: usize| {
        let whole = characters(text.len()).max(1);
        (100.0 * characters_before as f64 / whole as f64).round() / 100.0
    };
    Some(Stretch { in_, start, end, start_char, end_char, from: share(start_char), to: share(end_char) })
}

fn earlier(x: &Article, y: &Article) -> bool {
    x.date.zip(y.date).is_some_and(|(x, y)| x < y)
}

impl<'r> Wording<'r> {
    fn new(text: &'r str, range: &Range<usize>) -> Wording<'r> {
        Wording { start: range.start, end: range.end, text: text.get(range.clone()).unwrap_or_default() }
    }
}
