//! Updates: `naskh group --updates`, and what `compare`, `score` and `eval` say of one.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{naskh, run};

/// A report, and its follow-up, which repeats a part of it under a new lead.
const REPORT: &str = "alsahil-0412-01";
const FOLLOW_UP: &str = "alsahil-0415-01";

/// The lines of the samples as objects.
fn newsroom() -> Vec<Value> {
    let lines = fs::read_to_string("samples/newsroom.jsonl").unwrap();
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn article(id: &str) -> Value {
    newsroom().into_iter().find(|article| article["id"] == id).unwrap()
}

/// A folder with these articles and the pair to be judged, and the paths of both.
fn folder(articles: &[Value], pairs: &str) -> (tempfile::TempDir, PathBuf, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let [lines, tsv] = ["a.jsonl", "p.tsv"].map(|name| folder.path().join(name));
    fs::write(&lines, articles.iter().map(|article| format!("{article}\n")).collect::<String>()).unwrap();
    fs::write(&tsv, pairs).unwrap();
    (folder, lines, tsv)
}

#[test]
fn updates_are_added_and_nothing_else_changes() {
    for more in ["", "--singletons", "--level copy", "--window 2"] {
        let group = |flags: &str| {
            let (out, _) = run(&mut naskh(&format!("group samples --quiet --format jsonl {more} {flags}")), 0);
            out.lines().map(str::to_owned).collect::<Vec<_>>()
        };
        let (without, with) = (group(""), group("--updates"));
        let cut: Vec<&str> = with.iter().map(|line| line.split_once(r#","updates":["#).unwrap().0).collect();
        let as_before: Vec<&str> = without.iter().map(|line| line.strip_suffix('}').unwrap()).collect();
        assert_eq!(cut, as_before, "{more}");
        let updates: Vec<Value> = with
            .iter()
            .flat_map(|line| serde_json::from_str::<Value>(line).unwrap()["updates"].as_array().unwrap().clone())
            .collect();
        if more == "--window 2" {
            assert!(updates.is_empty(), "{updates:?}");
            continue;
        }
        assert_eq!(updates.len(), 1, "{more}: {updates:?}");
        assert_eq!((updates[0]["id"].as_str(), updates[0]["of"].as_str()), (Some(FOLLOW_UP), Some(REPORT)));
        let single = with.iter().position(|line| line.contains(&format!(r#""representative":"{FOLLOW_UP}""#)));
        assert_eq!(updates[0]["group"].as_u64(), single.map(|number| number as u64), "{more}");
        assert_eq!(single.is_some(), more == "--singletons");
    }
}

#[test]
fn tables_rows_and_pairs_have_them() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = folder.path().join("pairs");
    let group = |flags: &str| run(naskh(&format!("group samples {flags}")).arg("--pairs").arg(&pairs), 0);
    let (without, err) = group("");
    assert!(!err.contains("updates"), "{err}");
    let as_before = fs::read_to_string(&pairs).unwrap();
    assert!(!as_before.contains("update"));

    let (table, err) = group("--updates");
    assert!(err.contains("\nupdates     1 pair\n"), "{err}");
    let added: Vec<&str> = table.lines().filter(|line| !without.lines().any(|other| other == *line)).collect();
    assert!(added.len() == 1 && added[0].starts_with("  update          0."), "{added:?}");
    assert!(added[0].contains(&format!("  2026-04-15  alsahil  {FOLLOW_UP}  ")), "{added:?}");
    let all = fs::read_to_string(&pairs).unwrap();
    let added: Vec<&str> = all.lines().filter(|line| !as_before.lines().any(|other| other == *line)).collect();
    let cells: Vec<&str> = added[0].split('\t').collect();
    assert_eq!((added.len(), cells[0], cells[1], cells[3]), (1, REPORT, FOLLOW_UP, "update"));

    let (csv, _) = group("--updates --format csv");
    let rows: Vec<&str> = csv.lines().filter(|row| row.contains(",update,")).collect();
    assert!(rows.len() == 1 && rows[0].starts_with(&format!("0,3,{FOLLOW_UP},update,0.")), "{rows:?}");
    assert!(rows[0].ends_with(&format!(",{REPORT}")));
}

#[test]
fn neither_threads_nor_the_order_of_lines_matter() {
    let updates = |out: &str| -> BTreeSet<String> {
        let line = |line: &str| serde_json::from_str::<Value>(line).unwrap();
        out.lines().map(|text| format!("{} {}", line(text)["representative"], line(text)["updates"])).collect()
    };
    let [one, two] = [1, 2].map(|threads| {
        run(&mut naskh(&format!("group samples/newsroom.jsonl --updates --format jsonl --threads {threads}")), 0).0
    });
    assert_eq!(one, two);
    let mut lines: Vec<String> = newsroom().iter().map(Value::to_string).collect();
    lines.reverse();
    let (reversed, _) = run(naskh("group - --updates --format jsonl").write_stdin(lines.join("\n")), 0);
    assert_eq!(updates(&reversed), updates(&one));
}

#[test]
fn which_is_the_later_one_must_be_known() {
    let relation = |dates: [Option<&str>; 2]| {
        let mut articles = [REPORT, FOLLOW_UP].map(article);
        for (article, date) in articles.iter_mut().zip(dates) {
            article["date"] = date.map_or(Value::Null, Value::from);
        }
        let (_folder, lines, pairs) = folder(&articles, &format!("a\tb\n{FOLLOW_UP}\t{REPORT}\n"));
        let (out, _) = run(naskh("score --quiet").arg("--articles").arg(lines).arg("--pairs").arg(pairs), 0);
        out.trim_end().rsplit('\t').next().unwrap().to_owned()
    };
    for (dates, expected) in [
        ([Some("2026-04-12"), Some("2026-04-15")], "update"),
        ([Some("2026-04-12T08:00"), Some("2026-04-12T20:00")], "update"),
        // A day without a time.
        ([Some("2026-04-12"), Some("2026-04-12T20:00")], "none"),
        ([Some("2026-04-12"), Some("2026-04-12")], "none"),
        ([None, Some("2026-04-15")], "none"),
        ([None, None], "none"),
        // The report would be the later one, but nothing in its lead is new.
        ([Some("2026-04-15"), Some("2026-04-12")], "none"),
    ] {
        assert_eq!(relation(dates), expected, "{dates:?}");
    }
}

#[test]
fn compare_says_which_is_an_update_of_which() {
    let folder = tempfile::tempdir().unwrap();
    let [report, follow_up] = [REPORT, FOLLOW_UP].map(|id| {
        let path = folder.path().join(format!("{id}.jsonl"));
        fs::write(&path, article(id).to_string()).unwrap();
        path
    });
    for ([a, b], says, of) in [
        ([&report, &follow_up], "not the same report: B is an update of A, score 0.", "a"),
        ([&follow_up, &report], "not the same report: A is an update of B, score 0.", "b"),
    ] {
        let (out, _) = run(naskh("compare").arg(a).arg(b), 1);
        assert!(out.starts_with(says), "{out}");
        let (out, _) = run(naskh("compare --json").arg(a).arg(b), 1);
        let found: Value = serde_json::from_str(&out).unwrap();
        assert_eq!((&found["same"], found["relation"].as_str()), (&Value::Bool(false), Some("update")));
        assert_eq!((found["update_of"].as_str(), &found["direction"]), (Some(of), &Value::Null));
    }
}

#[test]
fn eval_does_not_take_an_update_for_the_same_report() {
    let pairs = format!("a\tb\tlabel\tweight\n{REPORT}\talwadi-0412-01\t5\t1\n{REPORT}\t{FOLLOW_UP}\t2\t9\n");
    let (_folder, lines, pairs) = folder(&newsroom(), &pairs);
    let (out, _) = run(naskh("eval --quiet --json").arg("--articles").arg(lines).arg("--pairs").arg(pairs), 0);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (&found["all"]["verdicts"]["precision"], &found["all"]["verdicts"]["recall"]),
        (&1.0.into(), &1.0.into())
    );
    assert_eq!(found["all"]["groups"]["precision"], 1.0);
}
