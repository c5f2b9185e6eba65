//! `naskh words`: tokens of a text, with their places.

use serde_json::Value;

use super::{naskh, run};

const RECORD: &str = "{\"id\":\"a\",\"title\":\"\u{62E}\u{628}\u{631} &amp; 12,500.50\",\
    \"text\":\"\u{648}\u{627}\u{644}\u{648}\u{632}\u{64A}\u{631}\u{64F} \u{641}\u{64A} \u{663}\u{665} \u{645}\u{62F}\u{631}\u{633}\u{629}. UNESCO\"}\n";

#[test]
fn tokens_of_a_record() {
    let (out, err) = run(naskh("words -").write_stdin(RECORD), 0);
    assert_eq!(err, "");
    insta::assert_snapshot!(out);
}

#[test]
fn spans_are_bytes_of_the_text() {
    let text = "\u{648}\u{627}\u{644}\u{648}\u{632}\u{64A}\u{631}\u{64F}  12\n";
    let (out, _) = run(naskh("words --json -").write_stdin(text), 0);
    let found: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(found["title"], Value::Array(Vec::new()));
    let tokens = found["text"].as_array().unwrap();
    assert_eq!(tokens.len(), 2);
    for token in tokens {
        let at = |key: &str| usize::try_from(token[key].as_u64().unwrap()).unwrap();
        assert_eq!(&text[at("start")..at("end")], token["word"].as_str().unwrap());
    }
    assert_eq!((&tokens[1]["kind"], &tokens[1]["stem"]), (&"number".into(), &"12".into()));
}

#[test]
fn a_folder_is_no_text() {
    let (_, err) = run(&mut naskh("words samples"), 2);
    assert!(err.contains("samples: found a folder; expected a file with one article"), "{err}");
}

#[test]
fn the_furniture_of_the_samples() {
    let (out, err) = run(&mut naskh("words --furniture samples"), 0);
    assert!(
        err.contains("read        15 articles in 4 files") && err.contains("furniture   3 segments dropped"),
        "{err}"
    );
    insta::assert_snapshot!(out);
    let (json, err) = run(&mut naskh("words --furniture --json --quiet samples/newsroom.jsonl --threads 1"), 0);
    assert_eq!(err, "");
    let lines: Vec<Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let table: Vec<&str> = out.lines().skip(1).collect();
    assert_eq!(lines.len(), table.len());
    for (line, row) in lines.iter().zip(table) {
        for key in ["kind", "source", "text"] {
            assert!(row.contains(line[key].as_str().unwrap()), "{key}: {row}");
        }
        assert!(row.contains(&format!(" {} ", line["articles"])), "{row}");
    }
}

#[test]
fn furniture_needs_inputs_that_can_be_read_twice() {
    let (out, err) = run(naskh("words --furniture -").write_stdin(RECORD), 2);
    assert_eq!(out, "");
    let expected = "naskh: -: found an input that can be read once only; expected files or folders, which are read \
                    twice here\n";
    assert_eq!(err, expected);
    let (_, err) = run(&mut naskh("words samples/river-analysis.txt samples/newsroom.jsonl"), 2);
    assert_eq!(err, "naskh: found 2 files; expected one, or --furniture\n");
}
