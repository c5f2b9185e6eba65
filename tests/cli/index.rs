//! `naskh index` and `naskh watch`: what an index tells, and that it stays what it is from one run to the next.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;

use super::{naskh, run};

/// The samples that have dates.
const NEWSROOM: &str = "samples/newsroom.jsonl";

fn newsroom() -> Vec<String> {
    fs::read_to_string(NEWSROOM).unwrap().lines().map(str::to_owned).collect()
}

/// A folder with an index made with these flags.
fn index(flags: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    run(naskh("index create").arg(folder.path().join("news")).args(flags.split_whitespace()), 0);
    folder
}

/// Runs `naskh index COMMAND` on the index of `folder` with further arguments; standard output.
fn on(folder: &TempDir, command: &str, arguments: &str) -> String {
    ending(folder, command, arguments, 0).0
}

fn ending(folder: &TempDir, command: &str, arguments: &str, code: i32) -> (String, String) {
    run(naskh("index").arg(command).arg(folder.path().join("news")).args(arguments.split_whitespace()), code)
}

fn lines(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Members by representative, without scores.
fn groups(jsonl: &str) -> BTreeMap<String, Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let members = |group: &Value| {
        let mut members: Vec<String> =
            group["members"].as_array().unwrap().iter().map(|member| text(&member["id"])).collect();
        members.sort();
        members
    };
    lines(jsonl).iter().map(|group| (text(&group["representative"]), members(group))).collect()
}

#[test]
fn the_groups_are_those_of_the_batch() {
    let folder = index("--window none");
    let told = on(&folder, "add", NEWSROOM);
    assert_eq!(told.lines().count(), newsroom().len());
    let exported = on(&folder, "export", "--singletons");
    let (batch, _) = run(&mut naskh(&format!("group {NEWSROOM} --format jsonl --singletons -q")), 0);
    assert_eq!(groups(&exported), groups(&batch));
    // And they are written in the same way.
    for line in on(&folder, "export", "").lines() {
        let group: Value = serde_json::from_str(line).unwrap();
        assert!(batch.contains(&format!("\"representative\":{},\"members\":", group["representative"])), "{line}");
        let keys: Vec<&String> = group.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["group", "members", "representative", "size", "spread", "weakest"]);
    }
}

#[test]
fn a_line_for_each_article_in_its_order() {
    let folder = index("");
    let told = lines(&on(&folder, "add", NEWSROOM));
    let given: Vec<Value> = newsroom().iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(told.iter().map(|line| &line["id"]).eq(given.iter().map(|article| &article["id"])));
    for line in &told {
        let keys: Vec<&String> = line.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["group", "id", "matched", "relation", "score"]);
        assert_eq!(line["matched"].is_null(), line["relation"].is_null());
        assert_eq!(line["matched"].is_null(), line["score"].is_null());
    }
    assert!(told.iter().any(|line| line["group"] != line["id"] && line["relation"] == "copy"));
}

#[test]
fn one_by_one_is_the_same_as_together() {
    let (together, apart) = (index(""), index(""));
    let told = on(&together, "add", NEWSROOM);
    assert_eq!(on(&apart, "add", &format!("{NEWSROOM} --sync always")), told);
    assert_eq!(on(&apart, "export", "--singletons"), on(&together, "export", "--singletons"));
    let third = index("");
    let piece = third.path().join("piece.jsonl");
    let mut in_pieces = String::new();
    for line in newsroom() {
        fs::write(&piece, format!("{line}\n")).unwrap();
        in_pieces += &on(&third, "add", &piece.to_string_lossy());
    }
    assert_eq!(in_pieces, told);
}

#[test]
fn a_dry_run_changes_nothing() {
    let folder = index("");
    let all = newsroom();
    let (first, rest) = (folder.path().join("first.jsonl"), folder.path().join("rest.jsonl"));
    fs::write(&first, all[..6].join("\n")).unwrap();
    fs::write(&rest, all[6..].join("\n")).unwrap();
    on(&folder, "add", &first.to_string_lossy());
    let before = on(&folder, "export", "--singletons");
    let asked = on(&folder, "add", &format!("{} --dry-run", rest.display()));
    assert_eq!(on(&folder, "add", &format!("{} --dry-run", rest.display())), asked);
    assert_eq!(on(&folder, "export", "--singletons"), before);
    // The first of them is told the same when it is added.
    let added = on(&folder, "add", &rest.to_string_lossy());
    assert_eq!(added.lines().next(), asked.lines().next());
}

#[test]
fn queries_tell_the_best_first_and_show_where() {
    let folder = index("--store-text");
    on(&folder, "add", NEWSROOM);
    let article: Value = serde_json::from_str(&newsroom()[0]).unwrap();
    let file = folder.path().join("one.jsonl");
    let first = on(&folder, "export", "");
    let member = lines(&first)[0]["members"][1]["id"].clone();
    let line = newsroom().into_iter().find(|line| line.contains(member.as_str().unwrap())).unwrap();
    fs::write(&file, line.replacen(member.as_str().unwrap(), "asked", 1)).unwrap();
    let found = lines(&on(&folder, "query", &format!("{} --json", file.display())));
    assert_eq!((found.len(), &found[0]["id"]), (1, &Value::from("asked")));
    let matches = found[0]["matches"].as_array().unwrap();
    assert_eq!((&matches[0]["id"], &matches[0]["relation"]), (&member, &Value::from("identical")));
    let scores: Vec<f64> = matches.iter().map(|found| found["score"].as_f64().unwrap()).collect();
    assert!(scores.len() > 1 && scores.is_sorted_by(|x, y| x >= y), "{scores:?}");
    for found in matches {
        let passage = &found["passages"][0];
        assert!(!passage["text_a"].as_str().unwrap().is_empty(), "{found}");
    }
    // For people, and of an article that nothing is like.
    let shown = on(&folder, "query", &file.to_string_lossy());
    assert!(shown.starts_with(&format!("asked: {} matches\n  identical  1.0000  ", matches.len())), "{shown}");
    let nothing = lines(&on(&folder, "query", "samples/river-analysis.txt --json"));
    assert_eq!(nothing[0]["matches"], Value::Array(Vec::new()));
    assert!(article["text"].is_string());
}

#[test]
fn an_id_that_comes_again() {
    let folder = index("");
    on(&folder, "add", NEWSROOM);
    let before = on(&folder, "export", "--singletons");
    let (out, err) = ending(&folder, "add", NEWSROOM, 2);
    assert!(out.is_empty() && err.starts_with("naskh: id \"") && err.contains("--on-conflict"), "{err}");
    assert_eq!(on(&folder, "add", &format!("{NEWSROOM} --on-conflict skip")), "");
    assert_eq!(on(&folder, "export", "--singletons"), before);
    let replaced = on(&folder, "add", &format!("{NEWSROOM} --on-conflict replace"));
    assert_eq!(replaced.lines().count(), newsroom().len());
    let sizes = |jsonl: &str| lines(jsonl).iter().map(|group| group["size"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(sizes(&on(&folder, "export", "--singletons")), sizes(&before));
    on(&folder, "check", "");
}

#[test]
fn what_goes_is_gone() {
    let folder = index("");
    on(&folder, "add", NEWSROOM);
    let groups_before = groups(&on(&folder, "export", ""));
    let (representative, members) = groups_before.iter().find(|group| group.1.len() > 2).unwrap();
    on(&folder, "remove", representative);
    let after = groups(&on(&folder, "export", "--singletons"));
    // Whoever is left has a group, and none is the one that is gone.
    assert!(after.values().flatten().all(|id| id != representative));
    let left = members.iter().filter(|id| *id != representative);
    assert!(left.clone().all(|id| after.values().flatten().any(|other| other == id)));
    let (_, err) = ending(&folder, "remove", representative, 2);
    assert!(err.contains("found no article of this id"), "{err}");

    on(&folder, "expire", "--before 2026-04-14");
    let dates: Vec<String> = lines(&on(&folder, "stats", "--json"))[0]["days"]
        .as_array()
        .unwrap()
        .iter()
        .map(|day| day["day"].as_str().unwrap().to_owned())
        .collect();
    assert!(!dates.is_empty() && dates.iter().all(|day| &**day >= "2026-04-14"), "{dates:?}");
    on(&folder, "check", "");
    on(&folder, "compact", "");
    on(&folder, "check", "");
    ending(&folder, "expire", "", 2);
    on(&folder, "expire", "--older-than 0d");
    assert_eq!(on(&folder, "export", "--singletons"), "");
}

#[test]
fn what_is_wrong_is_said() {
    let folder = index("");
    let (_, err) = run(naskh("index create").arg(folder.path().join("news")), 2);
    assert!(err.starts_with("naskh: "), "{err}");
    ending(&folder, "query", "no-such-file.jsonl", 2);
    let (_, err) = run(&mut naskh("index stats no-such-folder"), 2);
    assert!(err.contains("no-such-folder"), "{err}");
    let elsewhere = folder.path().join("other");
    let (_, err) = run(naskh("index create --level event").arg(&elsewhere), 2);
    assert!(err.contains("level event") && !elsewhere.exists(), "{err}");
    let stats = on(&folder, "stats", "");
    assert!(stats.starts_with("settings    level derived, window 7 days, text not kept\narticles    0 "), "{stats}");
}

fn watch(folder: &TempDir, flags: &str) -> std::process::Command {
    let mut command = std::process::Command::new(assert_cmd::cargo::cargo_bin!("naskh"));
    command.arg("watch").arg(folder.path().join("news")).arg(folder.path().join("in")).args(flags.split_whitespace());
    command
}

fn append(path: &Path, lines: &[String]) {
    let mut file = fs::File::options().create(true).append(true).open(path).unwrap();
    lines.iter().for_each(|line| writeln!(file, "{line}").unwrap());
}

#[test]
fn files_are_taken_in_once() {
    let folder = index("");
    let incoming = folder.path().join("in");
    fs::create_dir(&incoming).unwrap();
    let all = newsroom();
    let once = || {
        let output = watch(&folder, "--once --quiet").output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        lines(&String::from_utf8(output.stdout).unwrap()).len()
    };
    assert_eq!(once(), 0);
    append(&incoming.join("a.jsonl"), &all[..4]);
    append(&incoming.join("b.jsonl"), &all[4..5]);
    append(&incoming.join(".c.jsonl"), &all[5..]);
    assert_eq!((once(), once()), (5, 0));
    // What is added to a file is taken, and nothing again.
    append(&incoming.join("a.jsonl"), &all[5..7]);
    assert_eq!((once(), once()), (2, 0));
    assert_eq!(lines(&on(&folder, "stats", "--json"))[0]["articles"], 7);
}

#[test]
fn a_watcher_that_is_killed_goes_on_where_it_was() {
    let folder = index("");
    let incoming = folder.path().join("in");
    fs::create_dir(&incoming).unwrap();
    let all = newsroom();
    append(&incoming.join("a.jsonl"), &all[..3]);
    for new in [3..6, 6..9] {
        let mut watcher = watch(&folder, "--quiet --sync always").stdout(Stdio::piped()).spawn().unwrap();
        let mut told = BufReader::new(watcher.stdout.take().unwrap()).lines();
        if new.start == 3 {
            (0..3).for_each(|_| drop(told.next().unwrap().unwrap()));
        }
        append(&incoming.join(format!("{}.jsonl", new.start)), &all[new.clone()]);
        for _ in new {
            told.next().unwrap().unwrap();
        }
        watcher.kill().unwrap();
        watcher.wait().unwrap();
    }
    let exported = lines(&on(&folder, "export", "--singletons"));
    assert_eq!(exported.iter().map(|group| group["size"].as_u64().unwrap()).sum::<u64>(), 9);
    on(&folder, "check", "");
}
