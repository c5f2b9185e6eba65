//! `naskh compare`: the answer, and its reasons.

use std::fs;

use serde_json::Value;

use super::{naskh, run};

const OTHER: &str = "compare samples/wire-reworded-1.txt samples/river-analysis.txt";
const ITSELF: &str = "compare samples/river-analysis.txt samples/river-analysis.txt";

#[test]
fn the_exit_code_is_the_answer() {
    let (out, err) = run(&mut naskh(OTHER), 1);
    assert!(out.starts_with("not the same report: score 0."), "{out}");
    assert_eq!(err, "");
    let (out, _) = run(&mut naskh(ITSELF), 0);
    assert!(out.starts_with("the same report: identical, score 1.0000 (threshold 0."), "{out}");
    assert!(out.contains("\n1 passage coincides: ") || out.contains(" passages coincide: "), "{out}");
}

#[test]
fn two_files_of_one_name() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("river-analysis.txt");
    fs::copy("samples/river-analysis.txt", &copy).unwrap();
    let (out, _) = run(naskh("compare samples/river-analysis.txt").arg(&copy), 0);
    assert!(out.contains("\nA  samples/river-analysis.txt\n"), "{out}");
    assert!(out.contains(&format!("\nB  {}\n", copy.display())), "{out}");
}

#[test]
fn features_by_weight_ten_of_them() {
    let features = |flag: &str| {
        let (out, _) = run(&mut naskh(&format!("{OTHER} {flag}")), 1);
        let table: Vec<String> =
            out.lines().skip_while(|l| !l.starts_with("feature")).skip(1).map(str::to_owned).collect();
        let rows: Vec<f64> = table
            .iter()
            .take_while(|line| !line.is_empty())
            .map(|line| line.split_whitespace().last().unwrap().parse::<f64>().unwrap().abs())
            .collect();
        rows
    };
    let ten = features("");
    assert_eq!(ten.len(), 10);
    assert!(ten.is_sorted_by(|x, y| x >= y));
    assert!(features("--all").len() > 20);
}

#[test]
fn json_spans_are_those_of_the_texts() {
    let (out, _) =
        run(&mut naskh("compare --json samples/wire-reworded-1.txt samples/wire-reworded-2.txt --threshold 0"), 0);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["same"], true);
    assert_eq!(found["threshold"], 0.0);
    assert!(found["contributions"].as_array().unwrap().len() > 20);
    let texts = ["1", "2"].map(|n| fs::read_to_string(format!("samples/wire-reworded-{n}.txt")).unwrap());
    let passages = found["passages"].as_array().unwrap();
    assert!(!passages.is_empty());
    for passage in passages {
        for (side, text) in ["a", "b"].into_iter().zip(&texts) {
            let at = |key: &str| usize::try_from(passage[side][key].as_u64().unwrap()).unwrap();
            assert_eq!(text.get(at("start")..at("end")), passage[side]["text"].as_str());
        }
        assert!(passage["stems"].as_u64().unwrap() >= 4);
    }
    let (out, _) = run(&mut naskh(&format!("{OTHER} --json")), 1);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((&found["same"], &found["relation"]), (&Value::Bool(false), &Value::Null));
}
