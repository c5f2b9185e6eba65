//! What large inputs need: bounded memory, and going on after a run was killed, tried on small ones.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::json;

use super::{names, naskh, run};

const REPORTS: [&str; 3] = [
    include_str!("../../samples/wire-reworded-1.txt"),
    include_str!("../../samples/river-analysis.txt"),
    include_str!("../../samples/wire-reworded-2.txt"),
];

/// Files of articles in `folder`/in: reports retold with other figures, cut in various ways.
fn write_articles(folder: &Path, files: usize, articles: usize) {
    fs::create_dir(folder.join("in")).unwrap();
    for file in 0..files {
        let record = |i: usize| {
            let number = file * articles + i;
            let words: Vec<&str> = REPORTS[number % 3].split_whitespace().collect();
            let text = words[number * 7 % (words.len() / 2)..].join(" ").replace("83", &number.to_string());
            let date = format!("2026-04-{:02}", 1 + number % 28);
            json!({"id": format!("n{number}"), "date": date, "title": words[..6].join(" "), "text": text}).to_string()
        };
        let lines: Vec<String> = (0..articles).map(record).collect();
        fs::write(folder.join(format!("in/{file}.jsonl")), lines.join("\n") + "\n").unwrap();
    }
}

#[test]
fn memory_changes_nothing_but_where_things_wait() {
    let folder = tempfile::tempdir().unwrap();
    write_articles(folder.path(), 3, 200);
    let group = |flags: &str| {
        let command = format!("group -q --format jsonl --singletons --pairs pairs.tsv in {flags}");
        let (out, err) = run(naskh(&command).current_dir(folder.path()), 0);
        assert_eq!(err, "");
        (out, fs::read_to_string(folder.path().join("pairs.tsv")).unwrap())
    };
    let all = group("");
    assert!(all.0.lines().count() > 100 && all.1.lines().count() > 100);
    fs::create_dir(folder.path().join("temp")).unwrap();
    for flags in
        ["--memory 1M", "--memory 1M --temp temp", "--memory 100G --temp temp --resume", "--memory 2M --threads 5"]
    {
        assert_eq!(group(flags), all, "{flags}");
        assert!(names(&folder.path().join("temp")).is_empty());
    }
}

#[test]
fn a_killed_run_goes_on_to_the_same_end() {
    let folder = tempfile::tempdir().unwrap();
    write_articles(folder.path(), 4, 250);
    let command = "dedup -q --level derived in -o out/ --dropped dropped.jsonl --temp temp";
    let outcome = |flags: &str| {
        run(naskh(&format!("{command} {flags}")).current_dir(folder.path()), 0);
        let files = names(&folder.path().join("out"));
        let texts =
            files.iter().map(|name| fs::read(folder.path().join("out").join(name)).unwrap()).collect::<Vec<_>>();
        (files, texts, fs::read(folder.path().join("dropped.jsonl")).unwrap())
    };
    let expected = outcome("");
    assert_eq!(expected.0.len(), 4);
    for delay in [0, 2, 5, 10, 20, 40, 80, 160] {
        fs::remove_dir_all(folder.path().join("out")).unwrap();
        let mut run = Command::new(assert_cmd::cargo::cargo_bin!("naskh"))
            .args(command.split_whitespace())
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(delay));
        // It may be done by now.
        let _ = run.kill();
        run.wait().unwrap();
        assert_eq!(outcome("--resume"), expected, "killed after {delay} ms");
        assert!(names(&folder.path().join("temp")).is_empty());
    }
}

#[test]
fn what_cannot_be_resumed() {
    let (_, err) = run(&mut naskh("group samples --resume"), 2);
    assert!(err.contains("--temp <DIR>"), "{err}");
    let folder = tempfile::tempdir().unwrap();
    let temp = folder.path().display();
    let (_, err) = run(&mut naskh(&format!("group - --temp {temp} --resume")), 2);
    assert!(err.starts_with("naskh: found - for standard input; expected files or folders"), "{err}");
    let (_, err) = run(&mut naskh("group samples --memory 10"), 2);
    assert!(err.contains("expected a number of bytes such as 512M or 4G"), "{err}");
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (_, err) = run(&mut naskh(&format!("group samples --temp {}", file.display())), 2);
    assert!(err.starts_with(&format!("naskh: {}", file.display())), "{err}");
}
