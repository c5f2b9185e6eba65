//! Records that are not what they should be.

use super::{Place, record, told};

const OBJECT: &str = "expected one JSON object a line (JSON Lines)";

/// The second line of a file is `line`: it must be refused so, between two that are kept.
fn bad_line(line: impl AsRef<[u8]>, what: &str) {
    let lines = [record("first", "x").as_bytes(), line.as_ref(), b"\n", record("last", "y").as_bytes()].concat();
    let said = format!("bad.jsonl:2: {what}");
    Place::with(&[("bad.jsonl", lines)]).refused("", &said, &[&said]);
}

#[test]
fn bytes_that_are_not_utf_8() {
    let what = |at: usize, unit: &str| {
        format!("found bytes that are not UTF-8 (at byte {at} of the {unit}); expected UTF-8 text")
    };
    bad_line(b"{\"text\":\"\xD9\x82 \xD9\"}", &what(13, "line"));
    let said = format!("bad.txt:3: {}", what(9, "text"));
    Place::with(&[("bad.txt", b"one\ntwo\n\xC7\xE1")]).refused("", &said, &[&said]);
    let said = "wide.txt:1: found UTF-16 text; expected UTF-8 text: convert the file first";
    Place::with(&[("wide.txt", b"\xFF\xFE\x42\x06")]).refused("", said, &[said]);
}

#[test]
fn json_cut_short() {
    let cut = "found a JSON object cut short at byte 14 of the line (EOF while parsing a string)";
    bad_line(r#"{"text":"words"#, &format!("{cut}; {OBJECT}"));
    // As the last line, without an end.
    let said = format!("bad.jsonl:1: {cut}; {OBJECT}");
    Place::with(&[("bad.jsonl", r#"{"text":"words"#)]).refused("", &said, &[&said]);
}

#[test]
fn no_json() {
    bad_line("words", &format!("found text that is no JSON object; {OBJECT}"));
    bad_line("[]", &format!("found a JSON array; {OBJECT}"));
    bad_line(r#"{"text":"a"} {}"#, &format!("found bad JSON at byte 14 of the line (trailing characters); {OBJECT}"));
}

#[test]
fn a_record_without_text() {
    let text = r#"the field "text" or "content" or "body" (text)"#;
    bad_line(r#"{"id":"a"}"#, &format!(r#"found a record with only the keys "id"; expected {text}"#));
    bad_line("{}", &format!("found a record without keys; expected {text}"));
}

#[test]
fn fields_of_a_wrong_type() {
    for field in ["text", "content", "body", "title", "headline", "date", "published", "date_extracted", "source"] {
        for (value, kind) in
            [("7", "a number"), ("true", "true or false"), ("[\"a\"]", "an array"), ("{}", "an object")]
        {
            let text = if ["text", "content", "body"].contains(&field) { "" } else { r#","text":"a""# };
            let line = format!("{{\"{field}\":{value}{text}}}");
            bad_line(line, &format!("found {kind} in the field \"{field}\"; expected a string"));
        }
    }
    for field in ["id", "url"] {
        let line = format!(r#"{{"{field}":["a"],"text":"a"}}"#);
        bad_line(line, &format!("found an array in the field \"{field}\"; expected a string or a number"));
    }
    bad_line(r#"{"text":null}"#, r#"found null in the field "text"; expected a string"#);
}

#[test]
fn dates_that_are_none() {
    let expected = "expected a date such as 2015-07-21 or 2015-07-21T10:30:00Z";
    for date in ["yesterday", "2015-02-30", "21/07/2015", "2015-13-01", "2015-07-21T25:00", "0"] {
        bad_line(format!(r#"{{"date":"{date}","text":"a"}}"#), &format!("found date \"{date}\"; {expected}"));
    }
    let long = "9".repeat(5_000);
    let shown = format!("found date \"{}...\"; {expected}", "9".repeat(40));
    bad_line(format!(r#"{{"date":"{long}","text":"a"}}"#), &shown);
}

#[test]
fn one_id_twice() {
    let again = |second: &str, first: &str| {
        format!("{second}: found the id \"same\" again (first at {first}); expected ids that differ")
    };
    let lines = record("same", "a") + &record("other", "b") + &record("same", "c");
    let said = again("a.jsonl:3", "a.jsonl:1");
    Place::with(&[("a.jsonl", &lines)]).refused("", &said, &[&said]);

    let (one, two) = (record("same", "a"), record("same", "b") + &record("same", "a"));
    let (first, second) = (again("b.jsonl:1", "a.jsonl:1"), again("b.jsonl:2", "a.jsonl:1"));
    Place::with(&[("a.jsonl", &one), ("b.jsonl", &two)]).refused("", &first, &[&first, &second]);

    // A text file and a record.
    let said = "a.jsonl:1: found the id \"a.txt\" again (first at a.txt); expected ids that differ";
    Place::with(&[("a.txt", "a"), ("a.jsonl", &record("a.txt", "b"))]).refused("", said, &[said]);
}

#[test]
fn of_one_id_twice_the_first_is_kept() {
    let text = super::prose::Prose::new(3).sentences(4);
    let lines = record("same", &text) + &record("same", "z") + &record("copy", &text) + "no JSON\n";
    let (groups, err) = Place::with(&[("a.jsonl", lines)]).groups("--on-error skip");
    assert_eq!(groups, [["copy", "same"]]);
    assert_eq!(told(&err, "skipped"), "2");
    assert_eq!(told(&err, "read"), "2 articles in 1 file, 0.0 MB");
}

#[test]
fn ten_thousand_bad_lines_are_counted_and_not_all_listed() {
    let lines = "{\"text\":1}\n".repeat(12_000) + super::GOOD;
    let (groups, err) = Place::with(&[("a.jsonl", lines)]).groups("--on-error skip");
    assert_eq!(groups, [["good-1", "good-2"]]);
    assert_eq!(told(&err, "skipped"), "12000");
    assert!(err.contains("  and 11980 more\n") && err.lines().count() < 40, "{err}");
}
