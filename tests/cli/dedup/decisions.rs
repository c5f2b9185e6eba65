//! Which articles are kept and dropped, and what is told of them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Place, ids, newsroom, record};
use crate::{naskh, run};

#[test]
fn each_rule_keeps_one_as_it_stands() {
    let records = newsroom();
    let place = Place::with(&[("in.jsonl", records.concat())]);
    for (keep, kept) in [
        ("", "early"),
        ("--keep earliest", "early"),
        ("--keep longest", "late"),
        ("--keep first", "undated"),
        ("--keep source:wire", "late"),
        ("--keep source:nobody,daily,wire", "again"),
        ("--keep source:nobody", "early"),
    ] {
        let (out, err) = place.dedup(&format!("in.jsonl {keep}"), 0);
        let expected: String =
            records.iter().filter(|line| [kept, "other"].contains(&&*ids(line)[0])).map(String::as_str).collect();
        assert_eq!(out, expected, "{keep}");
        assert!(err.contains("\nkept        2 articles\ndropped     3 articles: "), "{err}");
        assert!(err.contains(&format!("\nwritten     2 records, {:.1} MB", expected.len() as f64 / 1e6)), "{err}");
        assert_eq!(err.contains("unknown     source \"nobody\""), keep.contains("nobody"), "{err}");
    }
    let (_, err) = place.dedup("in.jsonl --keep latest", 2);
    assert!(err.contains("keep: found latest; expected earliest, longest, first, or source:"), "{err}");
}

/// Members of each group by id: representative, relation and score.
type Groups = BTreeMap<u64, BTreeMap<String, (String, String, String)>>;

#[test]
fn groups_are_those_of_group() {
    for flags in
        ["", "--level copy", "--level derived", "--level derived --window 0.5", "--level derived --threshold 0.99"]
    {
        let same = if flags.contains("--level") { flags.to_owned() } else { format!("--level copy {flags}") };
        let (grouped, _) = run(&mut naskh(&format!("group samples/newsroom.jsonl --format jsonl {same}")), 0);
        let mut expected = Groups::new();
        for line in grouped.lines() {
            let group: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            for member in group["members"].as_array().unwrap() {
                let told = (text(&group["representative"]), text(&member["relation"]), member["score"].to_string());
                expected.entry(group["group"].as_u64().unwrap()).or_default().insert(text(&member["id"]), told);
            }
        }
        let mut found = Groups::new();
        let (annotated, _) = run(&mut naskh(&format!("dedup samples/newsroom.jsonl --annotate {flags}")), 0);
        for line in annotated.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            match record["naskh_group"].as_u64() {
                Some(group) => {
                    let told =
                        (text("naskh_representative"), text("naskh_relation"), record["naskh_score"].to_string());
                    found.entry(group).or_default().insert(text("id"), told);
                }
                None => assert_eq!(
                    json!([record["naskh_representative"], record["naskh_relation"], record["naskh_score"]]),
                    json!([null, null, null])
                ),
            }
        }
        assert_eq!(found, expected, "{flags}");
        assert!(!flags.contains("derived") || !found.is_empty());
    }
}

#[test]
fn every_dropped_article_is_told_with_its_reason() {
    let place = Place::with(&[("in.jsonl", newsroom().concat())]);
    let (kept, _) = place.dedup("in.jsonl --dropped dropped.jsonl --keep source:daily", 0);
    assert_eq!(ids(&kept), ["other", "again"]);
    let dropped = place.read("dropped.jsonl");
    // In the order of the input; those identical to the representative are told apart from copies.
    assert_eq!(ids(&dropped), ["undated", "late", "early"]);
    for line in dropped.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(json!([line["group"], line["kept"]]), json!([0, "again"]));
        let score = line["score"].as_f64().unwrap();
        assert!((0.5..=1.0).contains(&score));
        let relation = line["relation"].as_str().unwrap();
        assert_eq!(line["id"] == line["representative"], relation == "representative");
        assert!(["representative", "identical", "copy"].contains(&relation));
    }
    let (_, err) = place.dedup("in.jsonl --quiet -o out.jsonl --dropped out.jsonl", 2);
    assert!(err.contains("found the same FILE for --output and --dropped"));
    place.refused("in.jsonl --dropped ./in.jsonl", "./in.jsonl: found an input as FILE for --dropped");
}

#[test]
fn exact_drops_identical_articles_alone() {
    let short = |id| record(id, "", "wire", "أخبار الصباح");
    let records = [
        &newsroom().concat(),
        &*short("short-1"),
        &short("short-2"),
        &record("empty-1", "", "", " . "),
        &record("empty-2", "", "", " . "),
    ];
    let place = Place::with(&[("in.jsonl", records.concat())]);
    let (kept, err) = place.dedup("in.jsonl --exact --dropped dropped.jsonl", 0);
    assert_eq!(ids(&kept), ["late", "other", "early", "again", "short-1", "empty-1", "empty-2"]);
    assert_eq!(ids(&place.read("dropped.jsonl")), ["undated", "short-2"]);
    assert!(place.read("dropped.jsonl").contains(r#""representative":"again","relation":"identical","score":1.0}"#));
    assert!(err.contains("\ndropped     2 articles: 2 identical, 0 copy, 0 derived, 0 representative\n"), "{err}");
    assert!(!err.contains("candidates"), "{err}");
    // At level copy the same holds of what is too short.
    let (kept, _) = place.dedup("in.jsonl", 0);
    assert_eq!(ids(&kept), ["other", "early", "short-1", "empty-1", "empty-2"]);
    place.dedup("in.jsonl --exact --level copy", 2);
}
