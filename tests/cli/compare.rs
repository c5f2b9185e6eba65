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

/// Compares two articles of the samples, by id; the object that is written.
fn compared(a: &str, b: &str) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let records = fs::read_to_string("samples/newsroom.jsonl").unwrap();
    let mut command = naskh("compare --json");
    for id in [a, b] {
        let path = folder.path().join(format!("{id}.jsonl"));
        fs::write(&path, records.lines().find(|line| line.contains(&format!("\"id\": \"{id}\""))).unwrap()).unwrap();
        command.arg(path);
    }
    let output = command.output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(id: &str) -> String {
    let records = fs::read_to_string("samples/newsroom.jsonl").unwrap();
    let mut records = records.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.find(|record| record["id"] == id).unwrap()["text"].as_str().unwrap().to_owned()
}

#[test]
fn an_item_is_found_in_the_round_up_that_absorbed_it() {
    let (item, round_up) = ("nabaa-0413-01", "alwadi-0414-01");
    let found = compared(item, round_up);
    let (a_in_b, b_in_a) = (found["a_in_b"].as_f64().unwrap(), found["b_in_a"].as_f64().unwrap());
    assert!(a_in_b > 0.8 && b_in_a < 0.7, "{a_in_b}, {b_in_a}");
    // The item is a day older.
    assert_eq!(found["direction"], "B extends A");

    let place = &found["place"];
    assert_eq!(place["in"], "b");
    let at = |key: &str| usize::try_from(place[key].as_u64().unwrap()).unwrap();
    let text = text(round_up);
    let stretch = &text[at("start")..at("end")];
    // The second of three items, without the headings before and behind it.
    let lines: Vec<&str> = text.lines().collect();
    assert!(!stretch.contains(lines[2]) && !stretch.contains(lines[6]), "{stretch}");
    assert!(stretch.contains(lines[4]), "{stretch}");
    assert_eq!(text[..at("start")].chars().count(), at("start_char"));
    assert_eq!(stretch.chars().count(), at("end_char") - at("start_char"));
    for (share, characters) in [("from", at("start_char")), ("to", at("end_char"))] {
        let exact = characters as f64 / text.chars().count() as f64;
        assert!((place[share].as_f64().unwrap() - exact).abs() <= 0.005, "{share}");
    }

    let turned = compared(round_up, item);
    assert_eq!((&turned["a_in_b"], &turned["b_in_a"]), (&found["b_in_a"], &found["a_in_b"]));
    assert_eq!(turned["direction"], "A extends B");
    assert_eq!(turned["place"]["in"], "a");
}

#[test]
fn who_abridges_whom() {
    let abridged = compared("alsahil-0412-01", "alrasid-0413-01");
    assert_eq!(abridged["direction"], "B abridges A");
    assert_eq!(abridged["place"]["in"], "a");
    let copy = compared("alsahil-0412-01", "alwadi-0412-01");
    assert_eq!((&copy["direction"], &copy["place"]), (&"both alike".into(), &Value::Null));
    // Siblings of one template are alike, but are not one report.
    let siblings = compared("alrasid-0412-01", "alrasid-0413-02");
    assert!(siblings["a_in_b"].as_f64().unwrap() > 0.5);
    assert_eq!((&siblings["direction"], &siblings["place"]), (&Value::Null, &Value::Null));
}

#[test]
fn containment_for_people() {
    let (out, _) = run(&mut naskh("compare samples/wire-reworded-1.txt samples/wire-reworded-2.txt"), 0);
    let line = out.lines().find(|line| line.starts_with("A contains ")).unwrap();
    assert!(line.contains(" % of B; B contains ") && line.ends_with(" % of A: both alike"), "{line}");
    assert!(!out.contains(" is found in "), "{out}");
    let (out, _) = run(&mut naskh(ITSELF), 0);
    assert!(out.contains("\nA contains 100 % of B; B contains 100 % of A: both alike\n"), "{out}");

    let folder = tempfile::tempdir().unwrap();
    let [whole, part] = ["whole.txt", "part.txt"].map(|name| folder.path().join(name));
    let text = fs::read_to_string("samples/wire-reworded-1.txt").unwrap();
    let half = text.floor_char_boundary(text.len() / 2);
    fs::write(&whole, &text).unwrap();
    fs::write(&part, &text[half..]).unwrap();
    let (out, _) = run(naskh("compare --threshold 0").arg(&whole).arg(&part), 0);
    let line = out.lines().find(|line| line.starts_with("B is found in A from ")).unwrap();
    assert!(line.contains(&format!("..{}, characters ", text.trim_end().trim_end_matches('.').len())), "{line}");
    assert!(out.contains(" % of A: B abridges A\n"), "{out}");
}
