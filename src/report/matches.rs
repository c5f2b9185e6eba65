//! What an index has that is the same report as an article.

use std::io::{self, Write};
use std::ops::Range;

use naskh::{Article, IndexMatch, Passage, matches_line};
use serde::Serialize;

use super::Screen;

#[derive(Serialize)]
struct PassageEntry<'a> {
    /// In the article asked for, in bytes.
    a: [usize; 2],
    /// In the match.
    b: [usize; 2],
    text_a: &'a str,
    text_b: &'a str,
}

/// The matches of an article as one line of JSON, without its end.
pub(crate) fn json(article: &Article, matches: &[IndexMatch]) -> io::Result<String> {
    let line = matches_line(article, matches, |passages, text| {
        let told = |passage: &Passage| PassageEntry {
            a: [passage.a.start, passage.a.end],
            b: [passage.b.start, passage.b.end],
            text_a: slice(&article.text, &passage.a),
            text_b: slice(text, &passage.b),
        };
        passages.iter().map(told).collect()
    });
    Ok(line?)
}

fn slice<'t>(text: &'t str, range: &Range<usize>) -> &'t str {
    text.get(range.clone()).unwrap_or_default()
}

/// The matches of an article for people.
pub(crate) fn write(out: &mut dyn Write, article: &Article, matches: &[IndexMatch], screen: Screen) -> io::Result<()> {
    let number = match matches.len() {
        0 => "no match".to_owned(),
        1 => "1 match".to_owned(),
        more => format!("{more} matches"),
    };
    writeln!(out, "{}: {number}", screen.show(&article.id))?;
    for found in matches {
        let date = found.date.map_or_else(String::new, |date| date.to_string());
        let source = screen.show(found.source.as_deref().unwrap_or_default());
        let title = screen.show(found.wording.as_ref().map_or("", |wording| &wording.0));
        let (relation, id, group) = (found.relation.name(), screen.show(&found.id), screen.show(&found.group));
        let line = format!("  {relation:<9}  {:.4}  {date}  {source}  {id}  (group {group})  {title}", found.score);
        writeln!(out, "{}", line.trim_end())?;
        for passage in &found.passages {
            writeln!(out, "    {}", screen.show(slice(&article.text, &passage.a)))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use naskh::{Relation, Timestamp};

    use super::*;

    fn sample() -> (Article, IndexMatch) {
        let article = Article {
            id: "new".into(), text: "افتتحت المكتبة صباح أمس".into(), ..Article::default()
        };
        let text = "صباح أمس افتتحت المكتبة";
        let found = IndexMatch {
            id: "old".into(),
            group: "first".into(),
            relation: Relation::Copy,
            score: 0.9877,
            date: Timestamp::parse("2026-04-12"),
            source: None,
            wording: Some(("افتتاح".into(), text.into())),
            passages: vec![Passage { a: 0..27, b: 16..43, stems: 2 }],
        };
        (article, found)
    }

    #[test]
    fn a_line_an_article() {
        let (article, found) = sample();
        let line = r#"{"id":"new","matches":[{"id":"old","group":"first","relation":"copy","score":0.9877,"date":"2026-04-12","source":null,"passages":[{"a":[0,27],"b":[16,43],"text_a":"افتتحت المكتبة","text_b":"افتتحت المكتبة"}]}]}"#;
        assert_eq!(json(&article, std::slice::from_ref(&found)).unwrap(), line);
        let bare = IndexMatch { wording: None, passages: Vec::new(), ..found };
        assert!(!json(&article, &[bare]).unwrap().contains("passages"));
        assert_eq!(json(&article, &[]).unwrap(), r#"{"id":"new","matches":[]}"#);
    }

    #[test]
    fn for_people() {
        let (article, found) = sample();
        let mut out = Vec::new();
        write(&mut out, &article, &[found], Screen::of(false)).unwrap();
        let expected =
            "new: 1 match\n  copy       0.9877  2026-04-12    old  (group first)  افتتاح\n    افتتحت المكتبة\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
