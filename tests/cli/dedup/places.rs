//! Where records come from and go to: files, folders, standard input, packed or not, and places that are refused.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::{OTHER, Place, REPORT, copy, gunzip, ids, newsroom, unzstd};
use crate::{gzip, names, naskh, run};

#[test]
fn packed_files_in_and_out() {
    let [undated, late, other, early, again] = newsroom();
    let packed = zstd::encode_all([late, other.clone()].concat().as_bytes(), 1).unwrap();
    let place = Place::with(&[
        ("1.jsonl.gz", [gzip(&undated), gzip("\n")].concat()),
        ("2.bin", packed),
        ("3.jsonl", [early.clone(), again].concat().into_bytes()),
    ]);
    let expected = [other, early].concat();
    for (flags, read) in [
        ("-o out", None),
        ("-o out.jsonl.gz", Some(gunzip as fn(&Path) -> String)),
        ("-o out.zst", Some(unzstd)),
        ("-o plain.gz --compression plain", None),
        ("-o other.zst --compression gzip", Some(gunzip)),
        ("-o other --compression zstd", Some(unzstd)),
    ] {
        place.dedup(&format!("1.jsonl.gz 2.bin 3.jsonl {flags}"), 0);
        let out = place.path(flags.split(' ').nth(1).unwrap());
        let found = read.map_or_else(|| fs::read_to_string(&out).unwrap(), |read| read(&out));
        assert_eq!(found, expected, "{flags}");
    }
    let (plain, _) = place.dedup("1.jsonl.gz 2.bin 3.jsonl -o -", 0);
    assert_eq!(plain, expected);
}

#[test]
fn a_folder_of_records_becomes_a_folder() {
    let [undated, late, other, early, again] = newsroom();
    let place = Place::with(&[
        ("in/b.jsonl", undated.as_bytes()),
        ("in/a/1.jsonl.gz", &gzip([late, other.clone()].concat())),
        ("in/a/2.jsonl", early.as_bytes()),
        ("in/c.json", b""),
        ("named.ndjson", again.as_bytes()),
        ("in/notes.pdf", b"passed over"),
    ]);
    for out in ["out/", "out", "in"] {
        // The first makes the folder, the second replaces what is in it.
        place.dedup(&format!("in named.ndjson -o {out}"), 0);
        assert_eq!(gunzip(&place.path(&format!("{out}/a/1.jsonl.gz"))), other);
        assert_eq!(place.read(&format!("{out}/a/2.jsonl")), early);
        for empty in ["b.jsonl", "c.json", "named.ndjson"] {
            assert_eq!(place.read(&format!("{out}/{empty}")), "", "{empty}");
        }
        assert_eq!(names(&place.path(&format!("{out}/a"))), ["1.jsonl.gz", "2.jsonl"]);
    }
    assert_eq!(names(&place.path("out")), ["a", "b.jsonl", "c.json", "named.ndjson"]);
    assert_eq!(names(&place.path("in")), ["a", "b.jsonl", "c.json", "named.ndjson", "notes.pdf"]);
    #[cfg(unix)]
    {
        let mode = |name| std::os::unix::fs::PermissionsExt::mode(&place.path(name).metadata().unwrap().permissions());
        assert_eq!(mode("out"), mode("in"));
        assert_eq!(mode("out/b.jsonl"), mode("named.ndjson"));
    }
}

#[test]
fn a_folder_of_texts_becomes_a_folder_of_those_kept() {
    let place = Place::with(&[
        ("in/1.txt", "\u{FEFF}".to_owned().into_bytes()),
        ("in/2.txt", [b"\xEF\xBB\xBF", REPORT.as_bytes()].concat()),
        ("in/sub/3.txt.gz", gzip(copy())),
        ("in/sub/4.txt.gz", gzip(OTHER)),
        ("in/5.jsonl", newsroom()[3].clone().into_bytes()),
    ]);
    let (_, err) = place.dedup("in -o out/ --keep first --dropped dropped.jsonl", 0);
    assert_eq!(names(&place.path("out")), ["1.txt", "2.txt", "5.jsonl", "sub"]);
    assert_eq!(names(&place.path("out/sub")), ["4.txt.gz"]);
    assert_eq!(place.read("out/5.jsonl"), "");
    // As they are, byte order mark and packing included.
    for same in ["1.txt", "2.txt", "sub/4.txt.gz"] {
        let [before, after] = ["in", "out"].map(|folder| fs::read(place.path(&format!("{folder}/{same}"))).unwrap());
        assert_eq!(before, after, "{same}");
    }
    assert_eq!(ids(&place.read("dropped.jsonl")), ["early", "sub/3.txt.gz"]);
    assert!(err.contains("\nwritten     3 records"), "{err}");

    // A text dropped now could still be there from before.
    place.refused("in -o out", "out/1.txt: found a file; expected none of the name of an input");
    place.refused("in/2.txt", "in/2.txt: found a text file; expected records, or a folder as OUT (its name ends in /)");
    place.refused("in -o all.jsonl", "in/1.txt: found a text file");
}

#[test]
fn wrong_folders_are_refused_before_any_work() {
    let place = Place::with(&[("x/a.jsonl", "no record"), ("y/a.jsonl", "no record"), ("file", "")]);
    let said = "out/a.jsonl: found x/a.jsonl and y/a.jsonl, of one name; expected inputs of different names";
    place.refused("x y -o out/", said);
    place.refused("x/a.jsonl y/a.jsonl -o out/", said);
    place.refused("x -o file/", "file: found a file; expected a folder");
    place.refused("x -o nowhere/out/", "nowhere/out: No such file or directory");
    place.refused("x -o nowhere/out.jsonl", "nowhere/out.jsonl: No such file or directory");
    place.refused("- -o out/", "-: found standard input, which has no name in a folder");
    place.refused("x -o out/ --compression gzip", "--compression: found it with a folder as OUT");
    // Found in the work: nothing is left either.
    place.refused("x -o out/ --dropped dropped", "x/a.jsonl:1: found text that is no JSON object");
    place.refused("x -o y --dropped dropped", "x/a.jsonl:1: found text that is no JSON object");
    assert_eq!(names(&place.path("y")), ["a.jsonl"]);
}

#[test]
fn standard_input_is_put_aside() {
    let place = Place::with(&[("more.jsonl", &newsroom()[4])]);
    let nameless = format!("{}\n", json!({ "text": OTHER }));
    let records = [&newsroom()[..4].concat(), &*nameless, &nameless.replace("\n", "\r\n")].concat();
    for data in [records.clone().into_bytes(), gzip(&records)] {
        let mut command = naskh("dedup - more.jsonl --keep first --dropped dropped.jsonl");
        let (out, _) = run(command.current_dir(place.0.path()).write_stdin(data), 0);
        assert_eq!(out, [&*newsroom()[0], &newsroom()[2]].concat());
        // Records without an id go by their place in it.
        assert_eq!(ids(&place.read("dropped.jsonl")), ["late", "early", "-:5", "-:6", "again"]);
    }
    // The folder is made where it is not there, as for files.
    let mut command = naskh("dedup - --temp new/folder");
    assert_eq!(run(command.current_dir(place.0.path()).write_stdin(records), 0).0.lines().count(), 2);
}

#[test]
fn an_input_can_be_replaced() {
    let records = newsroom();
    let place = Place::with(&[("in.jsonl", records.concat())]);
    place.dedup("in.jsonl -o in.jsonl", 0);
    assert_eq!(place.read("in.jsonl"), [&*records[2], &records[3]].concat());
    // What is kept is kept.
    place.dedup("in.jsonl -o in.jsonl", 0);
    assert_eq!(place.read("in.jsonl"), [&*records[2], &records[3]].concat());
    assert_eq!(names(place.0.path()), ["in.jsonl"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_trouble() {
    let place = Place::with(&[("in.jsonl", newsroom().concat())]);
    for flags in [
        "-o /dev/full --dropped dropped",
        "--dropped /dev/full -o out",
        "-o /dev/full --compression zstd",
        "-o /dev/full --compression gzip",
    ] {
        place.refused(&format!("in.jsonl {flags}"), "/dev/full: No space left on device");
    }
}

#[test]
#[cfg(unix)]
fn what_can_be_read_once_only_is_refused() {
    let place = Place::with(&[("in.jsonl", "")]);
    place.refused("in.jsonl /dev/null", "/dev/null: found an input that can be read once only");
    place.refused("- -", "-: found standard input twice");
}

#[test]
fn an_output_cannot_be_two_things() {
    let place = Place::with(&[("in.jsonl", newsroom().concat()), ("x/in.jsonl", "another".into())]);
    fs::create_dir_all(place.path("out/in.jsonl")).unwrap();
    // However it is written.
    let said = "found the same FILE for --output and --dropped";
    place.refused("in.jsonl -o a --dropped ./a", said);
    place.refused("in.jsonl -o x/../a --dropped a", said);
    place
        .refused("in.jsonl -o x --dropped x/in.jsonl", "x/in.jsonl: found the name of an output as FILE for --dropped");
    place.refused("in.jsonl -o x/ --dropped x/./in.jsonl", "x/./in.jsonl: found the name of an output");
    assert_eq!(place.read("x/in.jsonl"), "another");
    place.dedup("in.jsonl -o x --dropped x/dropped.jsonl", 0);
    assert_eq!(names(&place.path("x")), ["dropped.jsonl", "in.jsonl"]);
    place.refused("in.jsonl -o out", "out/in.jsonl: found a folder; expected none of the name of an input");
    place.add("file/sub", "a file");
    place.add("y/sub/in.jsonl", newsroom().concat());
    place.refused("y -o file", "file/sub: found a file; expected a folder");
}

#[test]
#[cfg(unix)]
fn what_is_replaced_keeps_its_permissions() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::with(&[("in/in.jsonl", newsroom().concat())]);
    let mode = |name| place.path(name).metadata().unwrap().permissions().mode() & 0o777;
    for (private, arguments) in [(0o600, "in/in.jsonl -o in/in.jsonl"), (0o640, "in -o in")] {
        fs::set_permissions(place.path("in/in.jsonl"), fs::Permissions::from_mode(private)).unwrap();
        place.dedup(arguments, 0);
        assert_eq!(mode("in/in.jsonl"), private, "{arguments}");
    }
}
