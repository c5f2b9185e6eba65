//! Good and bad records, by table.

use super::*;
use crate::article::Fields;

fn read_with(line: &[u8], fields: &Fields) -> Result<Article, String> {
    let place = Place { path: "f.jsonl".into(), line: Some(7) };
    article_of_json(line, &FieldTable::new(fields), &place)
        .map_err(|trouble| format!("{}; {}", trouble.found, trouble.expected))
}

fn read(line: &str) -> Article {
    read_with(line.as_bytes(), &Fields::default()).unwrap()
}

fn refused(line: &[u8]) -> String {
    read_with(line, &Fields::default()).unwrap_err()
}

#[test]
fn a_full_record() {
    let read = read(
        r#"{"id":"a1","extra":{"x":[1,{}]},"source":"s","date":"2015-07-21","title":"t &amp; u","text":"one\r\n\u0642&quot;"}"#,
    );
    assert_eq!(read.id, "a1");
    assert_eq!(read.source.as_deref(), Some("s"));
    assert_eq!(read.date, Timestamp::parse("2015-07-21"));
    assert_eq!(read.title, "t & u");
    assert_eq!(read.text, "one\n\u{642}\"");
}

#[test]
fn usual_names_are_tried_in_order() {
    let first = read(r#"{"body":"3","content":"2","text":"1","url":"u","id":"i"}"#);
    assert_eq!((&*first.text, &*first.id), ("1", "i"));
    let second = read(r#"{"body":"3","content":"2","url":"u","headline":"h","published":"20150721"}"#);
    assert_eq!((&*second.text, &*second.id), ("2", "u"));
    assert_eq!(second.title, "h");
    assert_eq!(second.date, Timestamp::parse("2015-07-21"));
    let nulls = read(r#"{"text":null,"body":"3","date":null,"date_extracted":"20150721"}"#);
    assert_eq!(nulls.text, "3");
    assert!(nulls.date.is_some());
}

#[test]
fn ids() {
    for (id, wanted) in [
        ("12", "12"),
        ("-3", "-3"),
        ("18446744073709551615", "18446744073709551615"),
        ("1.5", "1.5"),
        ("\"\"", "f.jsonl:7"),
        ("null", "f.jsonl:7"),
        ("\" x\"", " x"),
        ("\"\\u0661\"", "\u{661}"),
    ] {
        let line = format!(r#"{{"id":{id},"text":""}}"#);
        assert_eq!(read(&line).id, wanted);
    }
    assert_eq!(read(r#"{"text":""}"#).id, "f.jsonl:7");
}

#[test]
fn absent_is_not_wrong() {
    let read = read(r#"{"title":null,"source":null,"date":null,"text":"x"} "#);
    assert_eq!((read.source, read.date, &*read.title), (None, None, ""));
    let empty = super::tests::read(r#"{"title":"","source":"","date":" ","text":""}"#);
    assert_eq!((empty.source, empty.date, &*empty.text), (None, None, ""));
}

#[test]
fn the_last_of_equal_keys_counts() {
    assert_eq!(read(r#"{"text":"a","text":"b"}"#).text, "b");
}

#[test]
fn bad_records_say_what_is_wrong() {
    let one = "one JSON object a line (JSON Lines)";
    for (line, wanted) in [
        (&b"{\"text\":\"\xC3(\"}"[..], "bytes that are not UTF-8 (at byte 10 of the line); UTF-8 text".to_owned()),
        (
            b"{\"skipped\":\"\xFF\",\"text\":\"\"}",
            "bytes that are not UTF-8 (at byte 13 of the line); UTF-8 text".to_owned(),
        ),
        (
            br#"{"text":"abc"#,
            format!("a JSON object cut short at byte 12 of the line (EOF while parsing a string); {one}"),
        ),
        (br#"{"text":"abc"} {"#, format!("bad JSON at byte 16 of the line (trailing characters); {one}")),
        (br#"{"text":"\ud800"}"#, format!("bad JSON at byte 16 of the line (unexpected end of hex escape); {one}")),
        (br#"[{"text":"a"}]"#, format!("a JSON array; {one}")),
        (br#""text""#, format!("a JSON string; {one}")),
        (b"12", format!("a number; {one}")),
        (b"null", format!("text that is no JSON object; {one}")),
        (br#"{"text":1}"#, "a number in the field \"text\"; a string".to_owned()),
        (br#"{"text":null}"#, "null in the field \"text\"; a string".to_owned()),
        (br#"{"content":["a"]}"#, "an array in the field \"content\"; a string".to_owned()),
        (br#"{"text":"a","title":{"a":1}}"#, "an object in the field \"title\"; a string".to_owned()),
        (br#"{"text":"a","source":true}"#, "true or false in the field \"source\"; a string".to_owned()),
        (br#"{"text":"a","date":20150721}"#, "a number in the field \"date\"; a string".to_owned()),
        (br#"{"text":"a","id":[]}"#, "an array in the field \"id\"; a string or a number".to_owned()),
        (
            br#"{"text":"a","id":99999999999999999999}"#,
            "a number too long to keep in the field \"id\"; a shorter number, or the id as a string".to_owned(),
        ),
        (
            br#"{"text":"a","date":"tomorrow"}"#,
            "date \"tomorrow\"; a date such as 2015-07-21 or 2015-07-21T10:30:00Z".to_owned(),
        ),
        (
            br#"{"title":"a","b":2}"#,
            "a record with only the keys \"title\", \"b\"; the field \"text\" or \"content\" or \"body\" (text)"
                .to_owned(),
        ),
        (b"{}", "a record without keys; the field \"text\" or \"content\" or \"body\" (text)".to_owned()),
    ] {
        assert_eq!(refused(line), wanted, "{}", line.escape_ascii());
    }
}

#[test]
fn a_named_field_must_be_there() {
    let named = |key: &str| Some(key.to_owned());
    let line = br#"{"text":"a","nr":5,"when":null}"#;
    let fields = Fields { id: named("nr"), date: named("when"), ..Fields::default() };
    let read = read_with(line, &fields).unwrap();
    assert_eq!((&*read.id, read.date), ("5", None));
    for fields in [
        Fields { text: named("body"), ..Fields::default() },
        Fields { id: named("body"), ..Fields::default() },
        Fields { source: named("body"), ..Fields::default() },
    ] {
        let said = read_with(line, &fields).unwrap_err();
        let start = "a record with only the keys \"text\", \"nr\", \"when\"; the field \"body\" (";
        assert!(said.starts_with(start), "{said}");
    }
}

#[test]
fn one_key_may_be_text_and_title() {
    let fields = Fields { title: Some("text".into()), ..Fields::default() };
    let read = read_with(br#"{"text":"a"}"#, &fields).unwrap();
    assert_eq!((&*read.title, &*read.text), ("a", "a"));
}

#[test]
fn deep_nesting_is_no_danger() {
    let deep = format!("{{\"x\":{},\"text\":\"a\"}}", "[".repeat(1_000_000));
    assert!(refused(deep.as_bytes()).starts_with("bad JSON"));
    let deep = format!("{{\"text\":{}", "[".repeat(1_000_000));
    assert!(refused(deep.as_bytes()).contains("JSON"));
}
