//! Records and fields by table, against the crate `csv`, and in parts of any size.

use proptest::prelude::*;

use super::*;
use crate::article::{Fields, Timestamp};

fn fields(record: &str, delimiter: u8) -> Result<Vec<String>, String> {
    let mut fields = Vec::new();
    let count = split(record, delimiter, |column, field| {
        assert_eq!(column, fields.len());
        fields.push(field.into_owned());
    });
    let count = count.map_err(|trouble| trouble.found)?;
    assert_eq!(count, fields.len());
    Ok(fields)
}

#[test]
fn fields_plain_and_quoted() {
    for (record, wanted) in [
        ("", &[""][..]),
        (",", &["", ""]),
        ("a,b\tc", &["a", "b\tc"]),
        ("a,", &["a", ""]),
        ("\"a,\n\"\"b\"\"\",c", &["a,\n\"b\"", "c"]),
        ("\"\",\"\"", &["", ""]),
        ("\"\"\"\"", &["\""]),
        ("a \"b\", \"c\"", &["a \"b\"", " \"c\""]),
        ("\u{642}\u{60C}\u{644},\"\u{645}\"", &["\u{642}\u{60C}\u{644}", "\u{645}"]),
        ("a\rb", &["a\rb"]),
    ] {
        assert_eq!(fields(record, COMMA).unwrap(), wanted, "{record:?}");
        assert_eq!(
            fields(&record.replace(',', "\0").replace('\t', ",").replace('\0', "\t"), TAB).unwrap().len(),
            wanted.len()
        );
    }
    for (record, found) in [
        ("\"a", "a quotation mark that is not closed up to the end of the file"),
        ("a,\"b\"\"", "a quotation mark that is not closed up to the end of the file"),
        ("a,\"b\"c,d", "text behind the closing quotation mark of field 2 (at byte 6)"),
        ("\"a\" ,b", "text behind the closing quotation mark of field 1 (at byte 4)"),
    ] {
        assert_eq!(fields(record, COMMA).unwrap_err(), found, "{record:?}");
    }
}

fn read_with(header: &str, row: &[u8], fields: &Fields) -> Result<Article, String> {
    let told = |trouble: Trouble| format!("{}; {}", trouble.found, trouble.expected);
    let table = FieldTable::new(fields);
    let header = Header::read(header.as_bytes(), COMMA, &table).map_err(told)?;
    article(row, &header, &table, &Place { path: "f.csv".into(), line: Some(7) }).map_err(told)
}

fn read(header: &str, row: &str) -> Result<Article, String> {
    read_with(header, row.as_bytes(), &Fields::default())
}

#[test]
fn columns_are_found_by_name() {
    let found = read("words, title ,source,date,text,id\r\n", "9,t &amp; u,s,2015-07-21,\"a\r\nb\",i").unwrap();
    let wanted = Article {
        id: "i".into(),
        source: Some("s".into()),
        date: Timestamp::parse("2015-07-21"),
        title: "t & u".into(),
        text: "a\nb".into(),
    };
    assert_eq!(found, wanted);
    let named = Fields { text: Some("story".into()), id: Some("nr".into()), ..Fields::default() };
    let found = read_with("text,story,nr", b"x,y,007", &named).unwrap();
    assert_eq!((&*found.text, &*found.id), ("y", "007"));
}

#[test]
fn what_is_empty_is_absent_and_an_empty_text_is_a_text() {
    let found = read("id,url,date,published,text,body,source", ",u,,20150721,,b,").unwrap();
    assert_eq!((&*found.id, &*found.text, found.source), ("u", "b", None));
    assert_eq!(found.date, Timestamp::parse("20150721"));
    let found = read("id,text", ",").unwrap();
    assert_eq!((&*found.id, &*found.text), ("f.csv:7", ""));
}

#[test]
fn troubles_say_what_is_wrong() {
    let text = "the field \"text\" or \"content\" or \"body\" (text)";
    for (header, row, wanted) in [
        ("id,title", "", format!("a table with only the columns \"id\", \"title\"; {text}")),
        ("id;text", "", format!("a table with only the columns \"id;text\"; {text}")),
        ("text,id,text", "", "the column \"text\" twice; it once".to_owned()),
        (
            "\"text",
            "",
            "a quotation mark that is not closed up to the end of the file; a closing quotation mark".into(),
        ),
        ("id,text", "a,b,c", "a row of 3 fields; 2, as in the header".to_owned()),
        ("id,text", "a", "a row of 1 field; 2, as in the header".to_owned()),
        ("date,text", "tomorrow,a", "date \"tomorrow\"; a date such as 2015-07-21 or 2015-07-21T10:30:00Z".to_owned()),
    ] {
        assert_eq!(read(header, row).unwrap_err(), wanted, "{header}, {row}");
    }
    let wide = "column,".repeat(30);
    assert!(read(&wide, "").unwrap_err().contains("\"column\", ...; the field"));
    let bad = read_with("id,text", b"1,\xD9\x82\xD9", &Fields::default()).unwrap_err();
    assert_eq!(bad, "bytes that are not UTF-8 (at byte 5 of the row); UTF-8 text");
    let date = Fields { date: Some("when".into()), ..Fields::default() };
    let bad = read_with("id,text", b"", &date).unwrap_err();
    assert_eq!(bad, "a table with only the columns \"id\", \"text\"; the field \"when\" (date)");
}

#[test]
fn unnamed_files_are_known_by_two_columns() {
    let table = FieldTable::new(&Fields { text: Some("story".into()), ..Fields::default() });
    assert_eq!(by_header(b"id,story\r\n", &table), Some(COMMA));
    assert_eq!(by_header(b"\"story\"\tdate\n", &table), Some(TAB));
    for other in ["id,text\n", "story\n", "story,x\n", "id\n", "\"id,story\n", "", "\n"] {
        assert_eq!(by_header(other.as_bytes(), &table), None, "{other:?}");
    }
}

/// Where records end, told one byte at a time: the oracle of [`RecordEnds`].
fn naive_ends(bytes: &[u8], delimiter: u8) -> Vec<usize> {
    let (mut ends, mut quoted, mut fresh) = (Vec::new(), false, true);
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if quoted {
            if byte == QUOTE && bytes.get(at + 1) == Some(&QUOTE) {
                at += 1;
            } else if byte == QUOTE {
                quoted = false;
            }
        } else if byte == QUOTE && fresh {
            quoted = true;
        } else if byte == b'\n' {
            ends.push(at + 1);
        }
        fresh = !quoted && (byte == delimiter || byte == b'\n');
        at += 1;
    }
    ends
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![3 => Just(b'"'), 2 => Just(b','), 1 => Just(b'\n'), 1 => Just(b'\r'), 2 => Just(b'a')];
    prop::collection::vec(byte, 0..40)
}

fn cells() -> impl Strategy<Value = Vec<Vec<String>>> {
    (1_usize..5).prop_flat_map(|columns| {
        let cell =
            prop::collection::vec(prop::sample::select(vec!["\"", ",", "\t", "\n", "\r\n", "\u{642}", " "]), 0..6);
        let row = prop::collection::vec(cell.prop_map(|parts| parts.concat()), columns);
        prop::collection::vec(row, 1..6)
    })
}

proptest! {
    #[test]
    fn ends_are_found_in_parts_of_any_size(bytes in bytes(), part in 1_usize..8) {
        let mut ends = RecordEnds::new(COMMA);
        let mut found = Vec::new();
        let mut at = 0;
        for part in bytes.chunks(part) {
            let mut rest = part;
            while let Some(length) = ends.next(rest) {
                at += length;
                rest = &rest[length..];
                found.push(at);
            }
            at += rest.len();
        }
        prop_assert_eq!(&found, &naive_ends(&bytes, COMMA));
        let records: Vec<_> = records(&bytes, 1, COMMA).collect();
        prop_assert_eq!(records.iter().flat_map(|(_, record)| record.to_vec()).collect::<Vec<_>>(), bytes.clone());
        let mut lines = 1;
        for (line, record) in records {
            prop_assert_eq!(line, lines);
            lines += record.iter().filter(|&&byte| byte == b'\n').count() as u64;
        }
    }

    #[test]
    fn what_the_crate_writes_is_read(
        rows in cells(), tab in any::<bool>(), crlf in any::<bool>(), always in any::<bool>(),
    ) {
        let delimiter = if tab { TAB } else { COMMA };
        let mut writer = ::csv::WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(if crlf { ::csv::Terminator::CRLF } else { ::csv::Terminator::Any(b'\n') })
            .quote_style(if always { ::csv::QuoteStyle::Always } else { ::csv::QuoteStyle::Necessary })
            .from_writer(Vec::new());
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let written = writer.into_inner().unwrap();
        let read: Vec<Vec<String>> = records(&written, 1, delimiter)
            .map(|(_, record)| fields(std::str::from_utf8(without_end(record)).unwrap(), delimiter).unwrap())
            .collect();
        prop_assert_eq!(read, rows);
    }
}
