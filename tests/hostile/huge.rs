//! Articles and lines far larger than any newspaper prints.

use std::fs;
use std::io::{ErrorKind, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::prose::Prose;
use super::{GOOD, Place, Run, ids, record, told};

/// MiB that a run may hold which must not hold its input.
const MODEST: u64 = 400;

#[test]
fn fifty_megabytes_in_one_article() {
    let text = Prose::new(50).long(50 << 20);
    let place = Place::with(&[("a.txt", &*text), ("b.jsonl", &record("b", &text)), ("good.jsonl", GOOD)]);
    drop(text);
    let (groups, err) = place.groups("--on-error skip");
    assert_eq!(groups, [["a.txt", "b"], ["good-1", "good-2"]]);
    assert!(!err.contains("skipped"), "{err}");
}

#[test]
fn a_line_of_a_gigabyte_stops_the_run() {
    let (run, peak) = with_a_gigabyte("");
    let most = 64 << 20;
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert_eq!(
        run.err,
        format!(
            "naskh: -:2: found a line of more than {most} bytes; expected at most {most} bytes for one article \
             (--max-article-bytes raises this)\n"
        )
    );
    assert_eq!(run.out, "");
    assert!(peak < MODEST, "{peak} MiB");
}

#[test]
fn a_line_of_a_gigabyte_is_passed_over() {
    let (run, peak) = with_a_gigabyte("--on-error skip");
    assert_eq!(run.code, Some(0), "{}", run.err);
    assert_eq!(ids(&run.out), [["good-1", "good-2"]]);
    assert_eq!(told(&run.err, "skipped"), "1");
    assert!(run.err.contains("\n  -:2: found a line of more than 67108864 bytes; expected "), "{}", run.err);
    assert!(peak < MODEST, "{peak} MiB");
}

#[test]
fn a_text_of_a_gigabyte_stops_the_run() {
    let (run, peak) = fed("--max-article-bytes 16M", |feed| gigabyte(feed, "\u{0642}\u{0644}\u{0645} "));
    assert_eq!(run.code, Some(2), "{}", run.err);
    assert!(run.err.starts_with("naskh: -: found a text of more than 16777216 bytes; expected "), "{}", run.err);
    assert!(peak < MODEST, "{peak} MiB");
}

/// A run on a good line, a line of a gigabyte, and another good one; and the most memory it held, in MiB.
fn with_a_gigabyte(flags: &str) -> (Run, u64) {
    fed(flags, |feed| {
        let mut good = GOOD.split_inclusive('\n');
        feed(good.next().unwrap().as_bytes())?;
        feed(br#"{"id":"long","text":""#)?;
        gigabyte(feed, "\u{0642}\u{0644}\u{0645} ")?;
        feed(b"\"}\n")?;
        feed(good.next().unwrap().as_bytes())
    })
}

type Fed = std::io::Result<()>;

fn gigabyte(feed: &mut dyn FnMut(&[u8]) -> Fed, words: &str) -> Fed {
    let block = words.repeat((1 << 20) / words.len());
    (0..1 << 10).try_for_each(|_| feed(block.as_bytes()))
}

/// A run of `naskh group` whose standard input `write` provides, until the pipe is closed; and the most memory
/// it held, in MiB, as last seen while it ran.
fn fed(flags: &str, write: impl FnOnce(&mut dyn FnMut(&[u8]) -> Fed) -> Fed + Send + 'static) -> (Run, u64) {
    let mut child = Command::new(assert_cmd::cargo::cargo_bin!("naskh"))
        .args(["group", "-", "--format", "jsonl"])
        .args(flags.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || match write(&mut |bytes| pipe.write_all(bytes)) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => panic!("{error}"),
        _ => {}
    });
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(&status).unwrap_or_default();
        let held =
            status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse().ok());
        peak = held.unwrap_or(0).max(peak);
        std::thread::sleep(Duration::from_millis(2));
    }
    writer.join().unwrap();
    assert!(peak > 0 || !cfg!(target_os = "linux"));
    (Run::of(child.wait_with_output().unwrap()), peak >> 10)
}
