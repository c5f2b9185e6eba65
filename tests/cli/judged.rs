//! `naskh score`, `eval` and `fit`: given pairs of the samples.

use std::fs;
use std::path::PathBuf;

use serde_json::Value;

use super::{names, naskh, run};

const PAIRS: &str = "a\tb\tlabel\ttemplate\tsure\tweight
alsahil-0412-01\talwadi-0412-01\t5\tno\tyes\t1
alsahil-0412-01\talrasid-0413-01\t4\tno\tyes\t2
nabaa-0413-01\talwadi-0414-01\t4\tno\tno\t3
alsahil-0412-01\talsahil-0415-01\t2\tno\tno\t4
alrasid-0412-01\talrasid-0413-02\t2\tyes\tyes\t5
nabaa-0412-01\tnabaa-0414-01\t2\tyes\tyes\t6
alsahil-0413-01\talwadi-0412-02\t1\tno\tyes\t7
";

/// A folder with the pairs, and their path.
fn pairs(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("pairs.tsv");
    fs::write(&path, text).unwrap();
    (folder, path)
}

#[test]
fn scores_in_the_order_of_the_pairs() {
    let (_folder, path) = pairs(PAIRS);
    let (out, _) = run(naskh("score --articles samples/newsroom.jsonl --pairs").arg(&path), 0);
    let cells = |text: &str| text.lines().map(|l| l.split('\t').map(str::to_owned).collect()).collect::<Vec<Vec<_>>>();
    let (found, given) = (cells(&out), cells(PAIRS));
    assert_eq!(found[0], ["a", "b", "score", "relation"]);
    assert_eq!(found.len(), given.len());
    for (found, given) in found.iter().zip(&given).skip(1) {
        assert_eq!(found[..2], given[..2]);
        let score: f64 = found[2].parse().unwrap();
        assert!((0.0..=1.0).contains(&score) && found[2].len() == 6, "{found:?}");
        assert!(["identical", "copy", "derived", "none"].contains(&&*found[3]));
    }
    assert_eq!(found[7][3], "none");
}

#[test]
fn errors_name_file_and_line() {
    for (text, message) in [
        ("a\tb\nalrasid-0412-01\tnobody\n", "pairs.tsv:2: found \"nobody\"; expected the id of an article"),
        ("a\tc\nx\ty\n", "pairs.tsv:1: found the columns [\"a\", \"c\"]; expected also one named \"b\""),
        ("a\tb\n\nx\n", "pairs.tsv:3: found 1 column; expected 2, separated by tabs: a, b"),
    ] {
        let (_folder, path) = pairs(text);
        let (out, err) = run(naskh("score -q --articles samples/newsroom.jsonl --pairs").arg(&path), 2);
        assert_eq!(out, "");
        assert!(err.contains(message), "{err}");
    }
}

#[test]
fn eval_measures_verdicts_groups_and_candidates() {
    let (_folder, path) = pairs(PAIRS);
    let eval = |flags: &str| {
        let mut command = naskh(&format!("eval --articles samples/newsroom.jsonl {flags} --pairs"));
        run(command.arg(&path), 0).0
    };
    let found: Value = serde_json::from_str(&eval("--json")).unwrap();
    assert_eq!((&found["articles"], &found["level"]), (&12.into(), &"derived".into()));
    assert_eq!((&found["all"]["pairs"], &found["sure"]["pairs"]), (&7.into(), &5.into()));
    assert_eq!((&found["all"]["templates_merged"]["of"], &found["all"]["proposed"]["of"]), (&2.into(), &3.into()));
    assert_eq!(found["all"]["proposed"]["count"], 3);
    for measure in ["precision", "recall", "f1"] {
        assert!(found["all"]["groups"][measure].is_f64() && found["all"]["verdicts"][measure].is_f64(), "{found}");
    }
    // With a threshold of 0 only pairs with too few stems in common are told apart.
    let found: Value = serde_json::from_str(&eval("--json --threshold 0")).unwrap();
    assert_eq!(found["all"]["verdicts"]["recall"], 1.0);
    let precision = found["all"]["verdicts"]["precision"].as_f64().unwrap();
    assert!((6.0 / 28.0..1.0).contains(&precision), "{precision}");

    let table = eval("");
    for row in ["pairs judged ", "verdicts: precision ", "groups: F1 ", "template siblings in one group "] {
        assert!(table.contains(row), "{table}");
    }
}

#[test]
fn an_identical_article_is_proposed_where_its_twin_is() {
    let (folder, path) = pairs("a\tb\tlabel\tweight\nb.txt\tc.txt\t4\t1\na.txt\tb.txt\t5\t1\nb.txt\td.txt\t4\t1\n");
    for (name, sample) in
        [("a", "wire-reworded-1"), ("b", "wire-reworded-1"), ("c", "wire-reworded-2"), ("d", "README")]
    {
        let extension = if sample == "README" { "md" } else { "txt" };
        let copy = folder.path().join(format!("{name}.txt"));
        fs::copy(format!("samples/{sample}.{extension}"), copy).unwrap();
    }
    let mut command = naskh("eval --json --articles");
    let (out, _) = run(command.arg(folder.path()).arg("--pairs").arg(&path), 0);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["all"]["proposed"]["count"], 2, "{found}");
}

#[test]
fn a_fitted_model_can_be_used() {
    let (folder, path) = pairs(PAIRS);
    let model = folder.path().join("model.json");
    let mut command = naskh("fit --articles samples/newsroom.jsonl --precision 0.9 --pairs");
    let (out, _) = run(command.arg(&path).arg("-o").arg(&model), 0);
    assert!(out.contains("held-out scores") && out.contains("newsroom.jsonl, sure"), "{out}");
    assert_eq!(names(folder.path()), ["model.json", "pairs.tsv"]);

    let json: Value = serde_json::from_str(&fs::read_to_string(&model).unwrap()).unwrap();
    let provenance = &json["provenance"];
    let command = "naskh fit --articles newsroom.jsonl --precision 0.9 --pairs pairs.tsv -o model.json";
    assert_eq!(provenance["command"], command);
    assert_eq!(provenance["corpora"][0]["articles"], 12);
    assert_eq!(provenance["corpora"][0]["held_out"]["sure"]["pairs"], 5);
    assert!(!provenance.to_string().contains('/'), "{provenance}");
    run(naskh("group samples --model").arg(&model), 0);
}

#[test]
fn fit_wants_as_many_pairs_as_articles_and_both_kinds() {
    let (folder, path) = pairs("a\tb\tlabel\tweight\nalsahil-0412-01\talwadi-0412-01\t5\t1\n");
    let model = folder.path().join("model.json");
    let mut command = naskh("fit --articles samples/newsroom.jsonl --articles samples --pairs");
    let (_, err) = run(command.arg(&path).arg("-o").arg(&model), 2);
    assert!(err.contains("found 2 --articles and 1 --pairs"), "{err}");
    let mut command = naskh("fit --articles samples/newsroom.jsonl --pairs");
    let (_, err) = run(command.arg(&path).arg("-o").arg(&model), 2);
    assert!(err.contains("found 1 duplicates (label 4 or 5) of 1 pairs; expected pairs of both kinds"), "{err}");
    assert_eq!(names(folder.path()), ["pairs.tsv"]);
}
