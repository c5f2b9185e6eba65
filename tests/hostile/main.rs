//! Hostile input, from outside: the program ends with 0 or 2, says where and what, leaves no half-written file,
//! and loses nothing silently. Each case also runs under `--on-error skip`, beside good articles that must
//! still be grouped.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

mod archives;
#[path = "../formats/mod.rs"]
mod formats;
mod huge;
mod many;
mod places;
mod prose;
mod records;
mod tables;
mod texts;

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// Two records that tell one report, a line each; their ids are `good-1` and `good-2`.
const GOOD: &str = include_str!("good.jsonl");

/// A folder with inputs, and a run of the program on them.
struct Place {
    folder: tempfile::TempDir,
    /// In the order of the command line, below the folder.
    inputs: Vec<String>,
}

/// How a run ended.
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    /// A folder with these files, all of them inputs.
    fn with<D: AsRef<[u8]>>(files: &[(&str, D)]) -> Place {
        let mut place = Place { folder: tempfile::tempdir().unwrap(), inputs: Vec::new() };
        for (name, data) in files {
            place.add(name, data);
        }
        place
    }

    fn add(&mut self, name: &str, data: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, data).unwrap();
        self.inputs.push(name.to_owned());
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `naskh group` on the inputs, in the folder.
    fn group(&self, flags: &str) -> Run {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("naskh"));
        command.current_dir(self.folder.path()).args(["group", "--format", "jsonl"]);
        Run::of(command.args(flags.split_whitespace()).args(&self.inputs).output().unwrap())
    }

    /// The groups that a run must yield without trouble, each as its ids, sorted.
    fn groups(&self, flags: &str) -> (Vec<Vec<String>>, String) {
        let run = self.group(flags);
        assert_eq!(run.code, Some(0), "{}", run.err);
        (ids(&run.out), run.err)
    }

    /// The run must be refused with this message, and leave nothing; under `--on-error skip` each of `skipped`
    /// must be listed, and good articles beside it be grouped. `flags` go with both runs.
    fn refused(&mut self, flags: &str, message: &str, skipped: &[&str]) {
        let run = self.group(&format!("{flags} -o out --pairs pairs"));
        assert_eq!(run.code, Some(2), "{message}\n{}", run.err);
        assert_eq!(run.err, format!("naskh: {message}\n"));
        assert_eq!(run.out, "");
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let known = self.inputs.iter().any(|input| input.split('/').next() == Some(&*name));
            assert!(known, "{name} was left behind: {message}");
        }

        self.add("good.jsonl", GOOD);
        let run = self.group(&format!("{flags} --on-error skip -o out"));
        assert_eq!(run.code, Some(0), "{message}\n{}", run.err);
        let list: Vec<&str> = run.err.lines().filter_map(|line| line.strip_prefix("  ")).collect();
        assert_eq!(list, skipped, "{}", run.err);
        assert!(run.err.contains(&format!("\nskipped     {}\n", skipped.len())), "{}", run.err);
        let groups = ids(&fs::read_to_string(self.path("out")).unwrap());
        assert!(groups.contains(&vec!["good-1".into(), "good-2".into()]), "{message}: {groups:?}");
    }
}

impl Run {
    fn of(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let run = Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
        assert!(!run.err.contains("panicked"), "{}", run.err);
        run
    }
}

/// The ids of each group in a report of the format jsonl, sorted.
fn ids(jsonl: &str) -> Vec<Vec<String>> {
    let of = |line: &str| {
        let group: serde_json::Value = serde_json::from_str(line).unwrap();
        let members = group["members"].as_array().unwrap().iter();
        let mut ids: Vec<String> = members.map(|member| member["id"].as_str().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    jsonl.lines().map(of).collect()
}

/// What the summary says behind `name`.
fn told<'e>(err: &'e str, name: &str) -> &'e str {
    let line = err.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("no {name} in {err}")).trim_start()
}

/// `{"id":…,"text":…}` and a line end.
fn record(id: impl std::fmt::Display, text: &str) -> String {
    let record = serde_json::json!({ "id": id.to_string(), "text": text });
    format!("{record}\n")
}

#[test]
fn the_good_articles_are_one_group() {
    let (groups, err) = Place::with(&[("good.jsonl", GOOD)]).groups("");
    assert_eq!(groups, [["good-1", "good-2"]]);
    assert!(!err.contains("skipped"), "{err}");
}
