//! Records of CSV as they stand: each kept record to the byte, or every record with what was found in fields behind its
//! own.

use std::borrow::Cow;

use serde_json::Value;

use super::ADDED;

/// The first record with the names of the columns that are added.
pub(super) fn annotated_header(header: &[u8], delimiter: u8) -> Vec<u8> {
    with_fields(header, delimiter, ADDED.map(Cow::Borrowed))
}

/// A record with `values` added, null as an empty field.
pub(super) fn annotated(record: &[u8], values: &[Value; ADDED.len()], delimiter: u8) -> Vec<u8> {
    let field = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => quoted(text, delimiter),
        other => other.to_string(),
    };
    with_fields(record, delimiter, values.each_ref().map(|value| Cow::Owned(field(value))))
}

/// The line end of `record`; empty where it has none.
pub(super) fn line_end(record: &[u8]) -> &[u8] {
    let text = record.strip_suffix(b"\n").unwrap_or(record);
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    &record[text.len()..]
}

fn with_fields(record: &[u8], delimiter: u8, fields: [Cow<'_, str>; ADDED.len()]) -> Vec<u8> {
    let end = line_end(record);
    let mut made = record[..record.len() - end.len()].to_vec();
    for field in fields {
        made.push(delimiter);
        made.extend_from_slice(field.as_bytes());
    }
    made.extend_from_slice(end);
    made
}

/// `text` as a field: in quotation marks where it could be taken for something else without.
fn quoted(text: &str, delimiter: u8) -> String {
    let special = |byte| byte == delimiter || matches!(byte, b'"' | b'\n' | b'\r');
    if text.bytes().any(special) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn fields_are_added_before_the_line_end() {
        let values = [Value::from(7), "a,\"b\"".into(), "copy".into(), 1.0.into(), true.into()];
        let none = [Value::Null, Value::Null, Value::Null, Value::Null, false.into()];
        for (record, values, expected) in [
            ("x,y\n", &values, "x,y,7,\"a,\"\"b\"\"\",copy,1.0,true\n"),
            ("\"x\ny\"\r\n", &none, "\"x\ny\",,,,,false\r\n"),
            ("x", &none, "x,,,,,false"),
        ] {
            assert_eq!(String::from_utf8(annotated(record.as_bytes(), values, b',')).unwrap(), expected);
        }
        let tabs = "text\tnaskh_group\tnaskh_representative\tnaskh_relation\tnaskh_score\tnaskh_kept\r\n";
        assert_eq!(annotated_header(b"text\r\n", b'\t'), tabs.as_bytes());
    }

    proptest! {
        #[test]
        fn what_is_added_is_read_back(own in "[a-c,\"\n\r\t]{0,6}", added in "[a-c,\"\n\r\t]{0,6}", tab: bool) {
            let delimiter = if tab { b'\t' } else { b',' };
            let record = format!("{}\r\n", quoted(&own, delimiter));
            let values = [Value::Null, added.clone().into(), Value::Null, Value::Null, true.into()];
            let made = annotated(record.as_bytes(), &values, delimiter);
            let mut reader =
                ::csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(&made[..]);
            let read: Vec<::csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(read.len(), 1);
            let fields: Vec<&str> = read[0].iter().collect();
            prop_assert_eq!(fields, [&*own, "", &*added, "", "", "true"]);
        }
    }
}
