//! What is told of an index, as lines of JSON without their ends.

use serde::Serialize;
use serde_json::json;

use super::group_line;
use crate::archive::{Added, IndexGroup, IndexMatch, IndexSettings, IndexStats};
use crate::article::Article;
use crate::verify::{Passage, Relation};

#[derive(Serialize)]
struct AddedLine<'a> {
    id: &'a str,
    group: &'a str,
    relation: Option<&'static str>,
    score: Option<f64>,
    matched: Option<&'a str>,
}

/// What became of an article that was added.
///
/// # Errors
/// Those of JSON.
pub fn added_line(Added { id, group, matched }: &Added) -> serde_json::Result<String> {
    serde_json::to_string(&AddedLine {
        id,
        group,
        relation: matched.as_ref().map(|matched| matched.1.name()),
        score: matched.as_ref().map(|matched| matched.2),
        matched: matched.as_ref().map(|matched| &*matched.0),
    })
}

#[derive(Serialize)]
struct MatchesLine<'a, P> {
    id: &'a str,
    matches: Vec<MatchEntry<'a, P>>,
}

#[derive(Serialize)]
struct MatchEntry<'a, P> {
    id: &'a str,
    group: &'a str,
    relation: &'static str,
    score: f64,
    date: Option<String>,
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    passages: Option<Vec<P>>,
}

/// What an index has that is the same report as `article`. `passages` tells where a match coincides with it, given the text of
/// the match; without a text nothing is told of that.
///
/// # Errors
/// Those of JSON.
pub fn matches_line<'a, P: Serialize>(
    article: &Article,
    found: &'a [IndexMatch],
    passages: impl Fn(&'a [Passage], &'a str) -> Vec<P>,
) -> serde_json::Result<String> {
    let entry = |found: &'a IndexMatch| MatchEntry {
        id: &found.id,
        group: &found.group,
        relation: found.relation.name(),
        score: found.score,
        date: found.date.map(|date| date.to_string()),
        source: found.source.as_deref(),
        passages: found.wording.as_ref().map(|(_, text)| passages(&found.passages, text)),
    };
    serde_json::to_string(&MatchesLine { id: &article.id, matches: found.iter().map(entry).collect() })
}

/// A group as group number `group`, as [`Listing::lines`](super::Listing::lines) tells those of a corpus.
///
/// # Errors
/// Those of JSON.
pub fn indexed_group_line(group: usize, told: &IndexGroup) -> serde_json::Result<String> {
    let relation = |relation: Option<Relation>| relation.map_or("representative", |relation| relation.name());
    let members = told.members.iter().map(|member| (&member.id[..], relation(member.relation), member.score));
    let dates = told.members.iter().filter_map(|member| member.date);
    group_line(group, members, dates)
}

/// What an index holds, and with which settings it was made.
pub fn stats_line(settings: &IndexSettings, stats: &IndexStats) -> String {
    let days = stats.segments.iter();
    let days = days.map(|of| json!({ "day": of.date(), "articles": of.articles, "removed": of.removed }));
    let parts = stats.parts.iter();
    let parts = parts.map(|part| json!({ "name": part.name, "rows": part.rows, "bytes": part.bytes }));
    let settings = json!({
        "level": settings.level.name(),
        "window": settings.window_days,
        "threshold": settings.threshold,
        "store_text": settings.store_text,
        "own_model": settings.model.is_some(),
    });
    let all = json!({
        "articles": stats.articles, "came": stats.came, "bytes": stats.bytes, "free": stats.free,
        "settings": settings, "days": days.collect::<Vec<_>>(), "parts": parts.collect::<Vec<_>>(),
    });
    all.to_string()
}
