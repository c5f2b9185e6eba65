//! Files and folders that are not there, cannot be read, or hold nothing.

use std::fs;
use std::path::PathBuf;

use super::{GOOD, Place, told};

const READ: &str =
    "files ending in .txt, .text, .jsonl, .ndjson, .json, .csv, .tsv or .parquet, or these and .gz or .zst";

fn named(name: &str) -> Place {
    let mut place = Place::with::<&str>(&[]);
    place.inputs.push(name.to_owned());
    place
}

#[test]
fn a_missing_file() {
    let said = "gone.jsonl: No such file or directory (os error 2)";
    named("gone.jsonl").refused("", said, &[said]);
}

#[test]
fn a_path_through_a_file() {
    // What a folder without permission is for others, this is for root too.
    let mut place = Place::with(&[("file.txt", "")]);
    place.inputs[0] = "file.txt/below".to_owned();
    let said = "file.txt/below: Not a directory (os error 20)";
    place.refused("", said, &[said]);
}

#[test]
#[cfg(unix)]
fn a_folder_and_a_file_without_permission() {
    use std::os::unix::fs::PermissionsExt;

    let allow = |path: PathBuf, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let mut folder = named("closed");
    fs::create_dir(folder.path("closed")).unwrap();
    let mut file = Place::with(&[("closed.txt", "a")]);
    allow(folder.path("closed"), 0o000);
    allow(file.path("closed.txt"), 0o000);
    if fs::read_dir(folder.path("closed")).is_ok() {
        eprintln!("left out: this user (root?) may read what nobody may");
        return;
    }
    let said = "closed: Permission denied (os error 13)";
    folder.refused("", said, &[said]);
    // Else it could not be removed.
    allow(folder.path("closed"), 0o700);
    let said = "closed.txt: Permission denied (os error 13)";
    file.refused("", said, &[said]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_whose_reading_fails() {
    // It opens, and then refuses to be read: an error of the disk, whatever the user.
    let said = "/proc/self/mem: Input/output error (os error 5)";
    named("/proc/self/mem").refused("", said, &[said]);
}

#[test]
fn a_folder_without_files_to_read() {
    let mut place = named("empty");
    fs::create_dir(place.path("empty")).unwrap();
    let said = format!("empty: found an empty folder; expected {READ}");
    place.refused("", &said, &[&said]);

    let mut place = Place::with(&[("papers/a.pdf", "%PDF-1.4"), ("papers/b.doc", "")]);
    place.inputs = vec!["papers".into()];
    let said = format!("papers: found a folder with no file to read (2 passed over); expected {READ}");
    place.refused("", &said, &[&said]);
}

#[test]
fn files_of_no_bytes() {
    // No record is no trouble; an empty text is an article without a word.
    let place = Place::with(&[("none.jsonl", ""), ("none.txt", ""), ("also.txt", ""), ("good.jsonl", GOOD)]);
    for flags in ["", "--on-error skip"] {
        let (groups, err) = place.groups(flags);
        assert_eq!(groups, [["good-1", "good-2"]]);
        assert_eq!(told(&err, "read"), "4 articles in 4 files, 0.0 MB");
        assert_eq!(told(&err, "empty"), "2");
        assert!(!err.contains("skipped"), "{err}");
    }
    let (groups, err) = Place::with(&[("none.jsonl", "")]).groups("--singletons");
    assert!(groups.is_empty());
    assert_eq!(told(&err, "read"), "0 articles in 1 file, 0.0 MB");
}

#[test]
#[cfg(unix)]
fn a_name_that_would_command_the_terminal() {
    // The message is one line, and holds no escape sequence.
    let name = "a\u{1B}]0;x\u{7}\r\nnaskh: b.jsonl";
    let said =
        "a\\u{1b}]0;x\\u{7}\\r\\nnaskh: b.jsonl:1: found a JSON array; expected one JSON object a line (JSON Lines)";
    Place::with(&[(name, "[]")]).refused("", said, &[said]);
}
