//! Many articles that are alike, or nothing.

use super::prose::Prose;
use super::{GOOD, Place, record, told};

#[test]
fn ten_thousand_empty_articles() {
    let mut lines: String = (0..10_000).map(|id| record(id, "")).collect();
    lines.push_str(GOOD);
    let place = Place::with(&[("a.jsonl", lines)]);
    for flags in ["", "--on-error skip"] {
        let (groups, err) = place.groups(flags);
        assert_eq!(groups, [["good-1", "good-2"]]);
        assert_eq!((told(&err, "empty"), told(&err, "candidates")), ("10000", "1 (0.00 an article)"));
    }
    let (groups, _) = place.groups("--singletons");
    assert_eq!(groups.len(), 10_001);
}

#[test]
fn a_thousand_identical_articles() {
    let text = Prose::new(1000).sentences(20);
    let mut lines: String = (0..1_000).map(|id| record(id, &text)).collect();
    lines.push_str(GOOD);
    let place = Place::with(&[("a.jsonl", lines)]);
    for flags in ["", "--on-error skip"] {
        let (groups, err) = place.groups(flags);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [1_000, 2]);
        assert_eq!(told(&err, "identical"), "999 (to an earlier one)");
    }
}

/// A bulletin with `{}` where one differs from the next.
const BULLETIN: &str = include_str!("bulletin.txt");

#[test]
fn three_hundred_articles_of_one_template() {
    let mut prose = Prose::new(300);
    let lines: String = (0..300)
        .map(|id| {
            let mut text = String::new();
            for (at, part) in BULLETIN.split("{}").enumerate() {
                match at {
                    0 => {}
                    _ if at % 2 == 0 => text.push_str(&prose.word()),
                    _ => text.push_str(&(10 + prose.below(9_000)).to_string()),
                }
                text.push_str(part);
            }
            record(format!("{id:03}"), &text)
        })
        .collect();
    let place = Place::with(&[("a.jsonl", lines + GOOD)]);
    for flags in ["", "--on-error skip"] {
        let (groups, _) = place.groups(flags);
        assert_eq!(groups, [["good-1", "good-2"]]);
    }
}

#[test]
fn twenty_thousand_articles_under_one_title() {
    // Half of them repeat the title in their bodies, half have it as a teaser. Comparing each with all that bear
    // the title took more than a minute.
    let mut prose = Prose::new(20_000);
    let title = (0..6).map(|_| prose.word()).collect::<Vec<_>>().join(" ");
    let mut lines = String::new();
    for id in 0..20_000 {
        let text = format!("{}{title}\n", prose.sentences(3));
        let headline = if id % 2 == 0 { title.clone() } else { prose.sentences(1) };
        let record = serde_json::json!({ "id": id.to_string(), "title": headline, "text": text });
        lines.push_str(&format!("{record}\n"));
    }
    let place = Place::with(&[("a.jsonl", lines + GOOD)]);
    let (groups, err) = place.groups("");
    assert_eq!(groups, [["good-1", "good-2"]]);
    assert_eq!(told(&err, "furniture"), "20000 segments dropped");
}
