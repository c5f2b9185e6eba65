//! The program from outside: what it prints, where, and how it ends.

#![allow(clippy::unwrap_used, reason = "in tests a panic is the report")]

mod behaviour;
mod compare;
mod dedup;
mod event;
#[path = "../formats/mod.rs"]
mod formats;
mod group;
mod index;
mod inputs;
mod judged;
mod learn;
mod scale;
mod updates;
mod words;

use std::path::Path;

use assert_cmd::Command;
use formats::{gzip, zstd};

/// `naskh` with these arguments, separated by blanks, run in the folder of the crate.
fn naskh(arguments: &str) -> Command {
    let mut command = Command::from_std(std::process::Command::new(assert_cmd::cargo::cargo_bin!("naskh")));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments.split_whitespace());
    command
}

/// Runs a command that must end with `code`; its standard output and standard error.
fn run(command: &mut Command, code: i32) -> (String, String) {
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(output.stdout), text(output.stderr));
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    (out, err)
}

/// Names of the files in a folder, sorted; hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
