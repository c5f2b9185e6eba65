//! Archives cut short, damaged, or small outside and large inside.

use std::io::Write;

use super::formats::{gzip, zstd};
use super::prose::Prose;
use super::{GOOD, Place, record, told};

/// `times` times the byte, gzipped, without ever being held as a whole.
fn swollen(byte: u8, times: usize) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    let block = vec![byte; 1 << 20];
    for _ in 0..times >> 20 {
        packer.write_all(&block).unwrap();
    }
    let packed = packer.finish().unwrap();
    assert!(packed.len() * 900 < times, "{} bytes for {times}", packed.len());
    packed
}

/// 5,000 records of one sentence each.
fn many() -> String {
    let mut prose = Prose::new(5);
    (0..5_000).map(|id| record(id, &prose.sentences(1))).collect()
}

#[test]
fn archives_cut_short() {
    let lines = many();
    for (packed, kind) in [(gzip(lines.as_bytes()), "gzip"), (zstd(lines.as_bytes()), "zstd")] {
        let half = &packed[..packed.len() / 2];
        // How many lines come out of half the archive is the packer's affair; each of them is kept.
        let mut place = Place::with(&[("a.jsonl", half)]);
        let (_, err) = place.groups("--on-error skip");
        let (articles, _) = told(&err, "read").split_once(' ').unwrap();
        assert!(articles.parse::<u32>().unwrap() > 1_000, "{err}");
        let end = format!("found the end of the {kind} data");
        let said = format!("a.jsonl: {end} after {articles} whole lines; expected more: the file is cut short");
        place.refused("", &said, &[&said]);

        let said = format!("a.txt: {end}; expected more: the file is cut short");
        Place::with(&[("a.txt", half)]).refused("", &said, &[&said]);
        // No more than its first bytes.
        Place::with(&[("a.txt", &packed[..5])]).refused("", &said, &[&said]);
    }
}

#[test]
fn a_damaged_archive() {
    let mut packed = gzip(GOOD.as_bytes());
    let last = packed.len() - 6;
    packed[last] ^= 1;
    let run = Place::with(&[("a.jsonl.gz", packed)]).group("");
    assert_eq!(run.code, Some(2));
    assert!(run.err.starts_with("naskh: a.jsonl.gz: found bad gzip data after 2 whole lines ("), "{}", run.err);
    assert!(run.err.ends_with("; expected an undamaged file\n"), "{}", run.err);
}

#[test]
fn archives_that_swell_a_thousandfold() {
    for byte in [0, b' ', b'a'] {
        let packed = swollen(byte, 72 << 20);
        for (name, unit, place) in
            [("a.txt", "text", "a.txt"), ("a.gz", "text", "a.gz"), ("a.jsonl", "line", "a.jsonl:1")]
        {
            for (flags, most) in [("", 64 << 20), ("--max-article-bytes 1M", 1 << 20)] {
                let said = format!(
                    "{place}: found a {unit} of more than {most} bytes; expected at most {most} bytes for one article \
                     (--max-article-bytes raises this)"
                );
                Place::with(&[(name, &packed)]).refused(flags, &said, &[&said]);
            }
        }
    }
}

#[test]
fn what_swells_to_just_under_the_limit_is_read() {
    for (byte, empty) in [(0, "1"), (b' ', "1"), (b'a', "0"), (b'\n', "1")] {
        let place = Place::with(&[("a.txt", swollen(byte, 8 << 20)), ("good.jsonl", GOOD.into())]);
        let (groups, err) = place.groups("--max-article-bytes 8M");
        assert_eq!(groups, [["good-1", "good-2"]]);
        assert_eq!(told(&err, "empty"), empty, "byte {byte}: {err}");
        assert_eq!(told(&err, "read"), "3 articles in 2 files, 8.4 MB");
    }
}

#[test]
fn an_archive_of_many_small_lines_is_read() {
    // Half a million blank lines, and 2,000 articles of one word.
    let mut lines = "\n".repeat(500_000);
    let words = ["\u{0642}\u{0644}\u{0645}", "\u{0634}\u{062C}\u{0631}"];
    lines.extend((0..2_000).map(|id| record(id, words[usize::from(id > 0)])));
    let (packed, longer) = (gzip(lines.as_bytes()), swollen(b'\n', 72 << 20));
    let place = Place::with(&[("a.jsonl", &packed), ("b.jsonl", &longer)]);
    for flags in ["", "--on-error skip"] {
        let (groups, err) = place.groups(flags);
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [1_999]);
        assert_eq!(told(&err, "empty"), "0");
        assert!(told(&err, "read").starts_with("2000 articles in 2 files"), "{err}");
    }
}
