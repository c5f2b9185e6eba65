//! `naskh group`: formats, order, files.

use std::collections::BTreeMap;
use std::fs;

use serde_json::Value;

use super::{names, naskh, run};

/// Members by id, with relation and score; without the order of anything.
fn contents(jsonl: &str) -> Vec<BTreeMap<String, (String, String)>> {
    let members = |line: &str| {
        let group: Value = serde_json::from_str(line).unwrap();
        let members = group["members"].as_array().unwrap();
        let member = |m: &Value| {
            let text = |key: &str| m[key].to_string();
            (m["id"].as_str().unwrap().to_owned(), (text("relation"), text("score")))
        };
        members.iter().map(member).collect()
    };
    let mut groups: Vec<_> = jsonl.lines().map(members).collect();
    groups.sort();
    groups
}

/// Scores and relations change with the model; they are not what is frozen here.
fn frozen(name: &str, report: &str) {
    insta::with_settings!({ filters => vec![
        (r#""(score|weakest)":0\.\d+"#, r#""$1":"[score]""#),
        (r"([,\s])0\.\d{4}([,\s])", "$1[score]$2"),
        (r#""relation":"(copy|derived)""#, r#""relation":"[relation]""#),
        (r",(copy|derived),", ",[relation],"),
        (r"  (copy|derived) +", "  [relation]  "),
    ]}, { insta::assert_snapshot!(name, report) });
}

#[test]
fn the_formats() {
    for format in ["table", "jsonl", "csv"] {
        let (out, err) = run(&mut naskh(&format!("group samples/newsroom.jsonl --quiet --format {format}")), 0);
        assert_eq!(err, "");
        frozen(format, &out);
    }
}

#[test]
fn jsonl_has_the_promised_shape() {
    let (out, _) = run(&mut naskh("group samples --format jsonl --singletons"), 0);
    let mut articles = 0;
    for (number, line) in out.lines().enumerate() {
        let group: Value = serde_json::from_str(line).unwrap();
        let keys: Vec<&String> = group.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["group", "members", "representative", "size", "spread", "weakest"]);
        // The documented beginning, whatever follows the members.
        assert!(line.starts_with(&format!("{{\"group\":{number},\"size\":{},\"representative\":", group["size"])));
        assert_eq!(group["group"], number);
        let members = group["members"].as_array().unwrap();
        assert_eq!(group["size"], members.len());
        articles += members.len();
        assert_eq!(members[0]["id"], group["representative"]);
        assert_eq!(members[0]["relation"], "representative");
        assert_eq!(members[0]["score"], 1.0);
        let scores = members.iter().map(|member| member["score"].as_f64().unwrap());
        assert_eq!(group["weakest"].as_f64(), scores.min_by(f64::total_cmp));
        assert!(group["spread"].as_f64().is_none_or(|days| days >= 0.0));
        for member in &members[1..] {
            let score = member["score"].as_f64().unwrap();
            assert!(score > 0.0 && score <= 1.0 && (score * 1e4).fract().abs() < 1e-6, "{score}");
            assert!(["identical", "copy", "derived"].contains(&member["relation"].as_str().unwrap()));
        }
    }
    assert_eq!(articles, 15);
}

#[test]
fn singles_stand_where_they_stood_in_the_input() {
    let (out, _) = run(&mut naskh("group samples/newsroom.jsonl --format jsonl --singletons"), 0);
    let input = fs::read_to_string("samples/newsroom.jsonl").unwrap();
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    let place: BTreeMap<String, usize> = input.lines().map(id).zip(0..).collect();
    let first = |group: &BTreeMap<String, _>| group.keys().map(|id| place[id]).min();
    let firsts: Vec<_> = out.lines().map(|line| first(&contents(line)[0])).collect();
    assert!(firsts.is_sorted(), "{firsts:?}");
}

#[test]
fn neither_threads_nor_the_order_of_lines_matter() {
    let one = run(&mut naskh("group samples --format jsonl --singletons --threads 1"), 0).0;
    let two = run(&mut naskh("group samples --format jsonl --singletons --threads 2"), 0).0;
    assert_eq!(one, two);

    let mut lines: Vec<String> =
        fs::read_to_string("samples/newsroom.jsonl").unwrap().lines().map(str::to_owned).collect();
    let (before, _) = run(&mut naskh("group samples/newsroom.jsonl --format jsonl --singletons"), 0);
    lines.reverse();
    lines.rotate_left(5);
    let (after, _) = run(naskh("group - --format jsonl --singletons").write_stdin(lines.join("\n")), 0);
    assert_eq!(contents(&after), contents(&before));
    assert_ne!(after, before);
}

#[test]
fn an_identical_text_and_the_pairs() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["z.txt", "a.txt"] {
        fs::copy("samples/river-analysis.txt", folder.path().join(name)).unwrap();
    }
    let [groups, pairs] = ["groups", "pairs"].map(|name| folder.path().join(name));
    let mut command = naskh("group --format jsonl");
    command.arg(folder.path().join("z.txt")).arg(folder.path().join("a.txt"));
    command.arg("-o").arg(&groups).arg("--pairs").arg(&pairs);
    let (out, err) = run(&mut command, 0);
    assert_eq!(out, "");
    assert!(err.contains("identical   1 ") && err.contains("groups      1 with 2 articles"), "{err}");
    assert_eq!(names(folder.path()), ["a.txt", "groups", "pairs", "z.txt"]);
    // Of equals the lower id speaks for both; pairs keep the order of the input.
    let line = r#"{"group":0,"size":2,"representative":"a.txt","members":[{"id":"a.txt","relation":"representative","score":1.0},{"id":"z.txt","relation":"identical","score":1.0}],"weakest":1.0,"spread":null}"#;
    assert_eq!(fs::read_to_string(groups).unwrap(), format!("{line}\n"));
    let expected = "a\tb\tscore\trelation\ta_in_b\tb_in_a\nz.txt\ta.txt\t1.0000\tidentical\t1.00\t1.00\n";
    assert_eq!(fs::read_to_string(pairs).unwrap(), expected);
}

#[test]
fn pairs_say_how_much_of_each_is_in_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let pairs = folder.path().join("pairs");
    run(naskh("group samples/newsroom.jsonl --pairs").arg(&pairs), 0);
    let pairs = fs::read_to_string(pairs).unwrap();
    let rows: Vec<Vec<&str>> = pairs.lines().map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows[0], ["a", "b", "score", "relation", "a_in_b", "b_in_a"]);
    let shares = |a: &str, b: &str| {
        let row = rows.iter().find(|row| row[..2] == [a, b]).unwrap();
        (row[4].parse::<f64>().unwrap(), row[5].parse::<f64>().unwrap())
    };
    // The report and its abridgement; the item and the round-up. Ids and input differ in their order.
    let (a_in_b, b_in_a) = shares("alsahil-0412-01", "alrasid-0413-01");
    assert!(a_in_b < 0.7 && b_in_a > 0.9, "{a_in_b}, {b_in_a}");
    let (a_in_b, b_in_a) = shares("nabaa-0413-01", "alwadi-0414-01");
    assert!(a_in_b > 0.8 && b_in_a < 0.7, "{a_in_b}, {b_in_a}");
}

#[test]
fn the_level_and_the_window_narrow_what_is_grouped() {
    let sizes = |flags: &str| {
        let (out, _) = run(&mut naskh(&format!("group samples/newsroom.jsonl --format jsonl {flags}")), 0);
        contents(&out).iter().map(BTreeMap::len).sum::<usize>()
    };
    let all = sizes("");
    assert!(all >= 4, "{all}");
    assert!(sizes("--window 0.5") < all);
    assert!(sizes("--level copy") < all);
    assert!(sizes("--threshold 1") < all);
}

#[test]
fn an_output_is_neither_an_input_nor_the_other_output() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("in.jsonl"), "no record").unwrap();
    for (flags, said) in [
        ("-o a --pairs ./a", "found the same FILE for --output and --pairs; expected two names"),
        ("-o ./in.jsonl", "in.jsonl: found an input as FILE for --output; expected another name"),
        ("--pairs in.jsonl", "in.jsonl: found an input as FILE for --pairs; expected another name"),
    ] {
        let (_, err) = run(naskh(&format!("group in.jsonl {flags}")).current_dir(folder.path()), 2);
        assert_eq!(err, format!("naskh: {said}\n"));
    }
    assert_eq!(fs::read_to_string(folder.path().join("in.jsonl")).unwrap(), "no record");
    assert_eq!(names(folder.path()), ["in.jsonl"]);
}
