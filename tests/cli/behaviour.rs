//! What holds for all commands: exit codes, quiet, files that are whole or not there, closed pipes, errors.

use std::fs;
use std::process::Stdio;

use super::{names, naskh, run};

#[test]
fn usage_errors_end_with_2() {
    for wrong in [
        "",
        "nothing",
        "group",
        "group samples --threads 0",
        "group samples --level topic",
        "group samples --max-article-bytes 1T",
        "compare samples/river-analysis.txt",
    ] {
        let (out, err) = run(&mut naskh(wrong), 2);
        assert!(out.is_empty() && err.contains("Usage") || err.contains("--help"), "{wrong}: {err}");
    }
    for right in ["--help", "--version", "group --help"] {
        run(&mut naskh(right), 0);
    }
}

#[test]
fn trouble_ends_with_2_and_says_what() {
    for (arguments, message) in [
        ("group nowhere", "naskh: nowhere: No such file or directory (os error 2)\n"),
        ("group samples --threshold 2", "naskh: threshold: found 2; expected a score from 0 to 1\n"),
        ("group samples --window -- -1", "a value is required for '--window <DAYS>'"),
        ("group samples --model nowhere", "naskh: nowhere: No such file or directory (os error 2)\n"),
        ("group samples --model Cargo.toml", "naskh: Cargo.toml: model: found "),
        ("group samples -o nowhere/x", "naskh: nowhere/x: No such file or directory (os error 2)\n"),
        ("group samples -o src", "naskh: src: found a folder; expected the name of a file\n"),
        ("group samples -o same --pairs same", "naskh: found the same FILE for --output and --pairs"),
        ("group samples samples --max-article-bytes 100", "--max-article-bytes"),
        ("group samples/newsroom.jsonl samples/newsroom.jsonl", "found the id \"alrasid-0412-01\" again"),
        ("group samples/newsroom.jsonl --text-field story", "samples/newsroom.jsonl:1: "),
        ("compare samples samples", "samples: found a folder; expected a file with one article"),
    ] {
        let (out, err) = run(&mut naskh(arguments), 2);
        assert_eq!(out, "", "{arguments}");
        assert!(err.contains(message), "{arguments}: {err}");
    }
}

#[test]
fn quiet_says_nothing_and_the_summary_goes_to_standard_error() {
    let (out, err) = run(&mut naskh("group samples"), 0);
    for line in ["read        15 articles in 4 files", "ignored     1 file", "candidates ", "seconds     read "] {
        assert!(err.contains(line), "{err}");
    }
    assert_eq!(run(&mut naskh("--quiet group samples"), 0), (out, String::new()));
}

#[test]
fn skipped_records_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let bad = "{\"id\": 1.5e}\n".repeat(25);
    fs::write(&path, format!("{bad}{{\"id\":\"x\",\"text\":\"y\"}}\n")).unwrap();
    run(naskh("group").arg(&path), 2);
    let (_, err) = run(naskh("group --on-error skip").arg(&path), 0);
    assert!(
        err.contains("skipped     25\n") && err.contains("a.jsonl:20: ") && err.contains("  and 5 more\n"),
        "{err}"
    );
    assert!(!err.contains("a.jsonl:21: "), "{err}");
}

#[test]
fn a_failed_run_leaves_the_old_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.jsonl");
    run(naskh("group nowhere -o").arg(&out), 2);
    assert!(names(folder.path()).is_empty());
    fs::write(&out, "old").unwrap();
    run(naskh("group nowhere -o").arg(&out), 2);
    assert_eq!(fs::read_to_string(&out).unwrap(), "old");
    assert_eq!(names(folder.path()), ["out.jsonl"]);
    run(naskh("group samples --format jsonl -o").arg(&out), 0);
    assert!(fs::read_to_string(&out).unwrap().starts_with("{\"group\":0,"));
    assert_eq!(names(folder.path()), ["out.jsonl"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_trouble() {
    let (_, err) = run(&mut naskh("group samples -o /dev/full"), 2);
    assert!(err.starts_with("naskh: /dev/full: No space left on device"), "{err}");
}

#[test]
#[cfg(unix)]
fn a_closed_pipe_is_success() {
    let pairs = tempfile::tempdir().unwrap();
    let [pairs, dropped] = ["pairs.tsv", "dropped.jsonl"].map(|name| pairs.path().join(name));
    let samples = "samples/wire-reworded-1.txt samples/river-analysis.txt";
    for (arguments, code) in [
        ("group samples --format table", 0),
        ("group samples --format csv", 0),
        (&*format!("group samples --format jsonl --pairs {}", pairs.display()), 0),
        (&*format!("dedup samples/newsroom.jsonl --level derived --dropped {}", dropped.display()), 0),
        ("words samples/river-analysis.txt", 0),
        // The answer counts, whoever reads the reasons.
        (&*format!("compare {samples}"), 1),
    ] {
        let mut child = std::process::Command::new(assert_cmd::cargo::cargo_bin!("naskh"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(arguments.split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments}");
        assert!(!String::from_utf8(output.stderr).unwrap().contains("naskh:"), "{arguments}");
    }
    assert!(fs::read_to_string(pairs).unwrap().starts_with("a\tb\t"));
    assert!(fs::read_to_string(dropped).unwrap().starts_with("{\"id\":"));
}
