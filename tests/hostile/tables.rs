//! CSV and Parquet that are not what they should be.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use naskh::{OnError, ReadOptions, read_articles};
use parquet::basic::Compression;
use parquet::data_type::{ByteArrayType, Int64Type};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::{GOOD, Place, formats, record, told};

const HEADER: &str = "id,text\n";

/// The rows after the header; the second must be refused so, between two that are kept.
fn bad_row(row: &str, what: &str) {
    let said = format!("bad.csv:3: {what}");
    Place::with(&[("bad.csv", format!("{HEADER}first,x\n{row}\nlast,y\n"))]).refused("", &said, &[&said]);
}

#[test]
fn rows_that_are_wrong() {
    bad_row("a,b,c", "found a row of 3 fields; expected 2, as in the header");
    bad_row("a", "found a row of 1 field; expected 2, as in the header");
    let expected = "expected the next field or the end of the row, and quotation marks inside a quoted field doubled";
    let what = format!("found text behind the closing quotation mark of field 2 (at byte 6); {expected}");
    bad_row("a,\"b\" c", &what);
    let rows = [HEADER.as_bytes(), b"a,b\nc,\xD9\x82\xD9\n"].concat();
    let said = "bad.csv:3: found bytes that are not UTF-8 (at byte 5 of the row); expected UTF-8 text";
    Place::with(&[("bad.csv", rows)]).refused("", said, &[said]);
    let said = "bad.tsv:1: found UTF-16 text; expected UTF-8 text: convert the file first";
    Place::with(&[("bad.tsv", b"\xFF\xFEi\0d\0\n\0")]).refused("", said, &[said]);
}

#[test]
fn a_quotation_mark_that_nothing_closes() {
    let said = "bad.csv:3: found a quotation mark that is not closed up to the end of the file; expected a closing \
                quotation mark";
    Place::with(&[("bad.csv", format!("{HEADER}a,b\nc,\"d\ne,f\n"))]).refused("", said, &[said]);
    let said = "bad.csv:3: found a row of more than 1024 bytes; expected at most 1024 bytes for one article \
                (--max-article-bytes raises this)";
    let long = format!("{HEADER}a,b\nc,\"d\n{}", "e,f\n".repeat(1 << 20));
    let mut place = Place::with(&[("bad.csv", long)]);
    let run = place.group("--max-article-bytes 1K");
    assert_eq!((run.code, run.err), (Some(2), format!("naskh: {said}\n")));
    place.add("good.jsonl", GOOD);
    let (groups, err) = place.groups("--max-article-bytes 3K --on-error skip");
    assert_eq!(groups, [["good-1", "good-2"]]);
    assert_eq!(told(&err, "skipped"), "1");
}

#[test]
fn headers_that_are_wrong() {
    let text = "the field \"text\" or \"content\" or \"body\" (text)";
    for (header, found) in [
        ("id,title\n", format!("found a table with only the columns \"id\", \"title\"; expected {text}")),
        ("id;text\n1;2\n", format!("found a table with only the columns \"id;text\"; expected {text}")),
        ("text,text\n", "found the column \"text\" twice; expected it once".to_owned()),
    ] {
        let said = format!("bad.csv:1: {found}");
        Place::with(&[("bad.csv", header)]).refused("", &said, &[&said]);
    }
}

fn parquet(jsonl: &str) -> Vec<u8> {
    formats::parquet(jsonl, Compression::UNCOMPRESSED, 3)
}

#[test]
fn parquet_cut_short_or_not_there() {
    let whole = parquet(GOOD);
    let undamaged = "expected an undamaged Parquet file";
    for (bytes, found) in [
        (&whole[..whole.len() / 2], "bad Parquet data (no PAR1 at its end: the file is cut short)"),
        (&whole[..4], "bad Parquet data (no footer)"),
        (&b"PAR1\xFF\xFF\0\0PAR1"[..], "bad Parquet data (a footer longer than the file)"),
    ] {
        let said = format!("bad.parquet: found {found}; {undamaged}");
        Place::with(&[("bad.parquet", bytes)]).refused("", &said, &[&said]);
    }
    let said = "bad.parquet: found a file that does not begin with PAR1; expected a Parquet file";
    for bytes in [b"", &whole[1..], b"{\"text\":\"a\"}\n"] {
        Place::with(&[("bad.parquet", bytes)]).refused("", said, &[said]);
    }
}

#[test]
fn a_text_that_only_begins_like_parquet() {
    let text = super::prose::Prose::new(7).sentences(5);
    let text = format!("PAR1 {text}");
    let place = Place::with(&[("a.txt", &text), ("b", &text)]);
    assert_eq!(place.groups("").0, [["a.txt", "b"]]);
}

/// A text, and a column of dates that holds a year as a number.
fn parquet_with_years() -> Vec<u8> {
    let schema = parse_message_type("message articles { required int64 date; required binary text (UTF8); }").unwrap();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::default()).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<Int64Type>().write_batch(&[2015], None, None).unwrap();
    column.close().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<ByteArrayType>().write_batch(&["x".into()], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.into_inner().unwrap()
}

#[test]
fn a_column_of_another_type_and_a_row_without_text() {
    let lines = record("a", "x") + "{\"id\":\"b\"}\n" + &record("c", "y");
    let said = "bad.parquet:2: found null in the field \"text\"; expected a string";
    Place::with(&[("bad.parquet", parquet(&lines))]).refused("", said, &[said]);
    let said =
        "bad.parquet: found the column \"date\" of whole numbers; expected a column of strings, dates or timestamps";
    Place::with(&[("bad.parquet", parquet_with_years())]).refused("", said, &[said]);
}

/// 64-bit numbers after Marsaglia.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

/// Flips one to three bits from byte `from` on, or now and then cuts the end off.
fn damage(bytes: &mut Vec<u8>, trial: usize, from: usize, state: &mut u64) {
    if trial.is_multiple_of(10) {
        bytes.truncate(next(state) as usize % bytes.len());
        return;
    }
    for _ in 0..=trial % 3 {
        let at = from + next(state) as usize % (bytes.len() - from);
        bytes[at] ^= 1 << (next(state) % 8);
    }
}

/// Reads a damaged file both ways, which must agree; whether it is refused, and how many articles it still has.
fn read_damaged(path: &Path, bytes: &[u8]) -> (bool, usize) {
    fs::write(path, bytes).unwrap();
    let read = |on_error| {
        let options = ReadOptions { on_error, max_article_bytes: 1 << 20, ..ReadOptions::default() };
        read_articles(&[path.to_owned()], &options, |article, _| article.id)
    };
    let skipping = read(OnError::Skip).unwrap();
    assert_eq!(skipping.skipped.len() as u64, skipping.skipped_count);
    match read(OnError::Stop) {
        Ok(outcome) => assert_eq!(outcome, skipping),
        Err(error) => {
            let first = &skipping.skipped[0];
            assert_eq!(error.to_string(), format!("{}: {}", first.place, first.reason));
        }
    }
    (skipping.skipped_count > 0, skipping.items.len())
}

#[test]
fn a_thousand_damaged_files() {
    let mut prose = super::prose::Prose::new(11);
    let lines: String = (0..40).map(|id| record(id, &prose.sentences(2))).collect();
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("a.parquet", formats::parquet(&lines, Compression::UNCOMPRESSED, 15)),
        ("a.parquet", formats::parquet(&lines, Compression::SNAPPY, 15)),
        ("a.csv", formats::csv(&lines, b',')),
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15;
    for (name, whole) in files {
        let (mut refused, mut partly) = (0, 0);
        for trial in 0..1_000 {
            let mut bytes = whole.clone();
            // Every third time at the end, where Parquet has its footer.
            let from = if trial % 3 == 0 { bytes.len() - 800 } else { 0 };
            damage(&mut bytes, trial, from, &mut state);
            let (bad, articles) = read_damaged(&folder.path().join(name), &bytes);
            assert!(articles <= 41, "{name}, trial {trial}");
            refused += usize::from(bad);
            partly += usize::from(bad && articles > 0);
        }
        // Many of these files cannot be read as they are, of many a part can.
        assert!(refused > 300 && partly > 100, "{name}: {refused} refused, {partly} of them read in part");
    }
}
