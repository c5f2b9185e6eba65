//! The same records in other formats, or packed, for the tests of the program from outside.

#![allow(dead_code, reason = "every test uses another part")]

use std::io::Write;
use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::Value;

/// The columns, in the order they are written.
const COLUMNS: [&str; 5] = ["id", "source", "date", "title", "text"];

/// The records of JSON Lines, each as the cells of [`COLUMNS`].
fn rows(jsonl: &str) -> Vec<[Option<String>; 5]> {
    let cells = |record: Value| COLUMNS.map(|column| record[column].as_str().map(str::to_owned));
    jsonl.lines().map(|line| cells(serde_json::from_str(line).unwrap())).collect()
}

/// JSON Lines as CSV.
pub(crate) fn csv(jsonl: &str, delimiter: u8) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    writer.write_record(COLUMNS).unwrap();
    for row in rows(jsonl) {
        writer.write_record(row.map(Option::unwrap_or_default)).unwrap();
    }
    writer.into_inner().unwrap()
}

/// JSON Lines as Parquet, in row groups of at most `group` rows.
pub(crate) fn parquet(jsonl: &str, packing: Compression, group: usize) -> Vec<u8> {
    let columns: String = COLUMNS.iter().map(|column| format!("optional binary {column} (UTF8); ")).collect();
    let schema = Arc::new(parse_message_type(&format!("message articles {{ {columns} }}")).unwrap());
    let properties = Arc::new(WriterProperties::builder().set_compression(packing).build());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).unwrap();
    for rows in rows(jsonl).chunks(group) {
        let mut group = writer.next_row_group().unwrap();
        for column in 0..COLUMNS.len() {
            let levels: Vec<i16> = rows.iter().map(|row| i16::from(row[column].is_some())).collect();
            let values: Vec<ByteArray> = rows.iter().filter_map(|row| Some(row[column].as_deref()?.into())).collect();
            let mut cells = group.next_column().unwrap().unwrap();
            cells.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None).unwrap();
            cells.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.into_inner().unwrap()
}

/// A column of lists beside the others, as a program that knows more of the articles would write it.
pub(crate) const TAGGED: &str = "message tagged {
    required binary id (UTF8); optional group tags (LIST) { repeated group list { required binary element (UTF8); } }
    optional binary text (UTF8); required int64 words;
}";

/// JSON Lines as Parquet of the schema [`TAGGED`], in row groups of at most `group` rows: of each row the tags are its
/// source, so often as its number says, from 0.
pub(crate) fn tagged(jsonl: &str, group: usize) -> Vec<u8> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_column_compression("text".into(), Compression::ZSTD(Default::default()))
        .set_key_value_metadata(Some(vec![KeyValue::new("note".to_owned(), "of the desk".to_owned())]));
    let schema = Arc::new(parse_message_type(TAGGED).unwrap());
    let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).unwrap();
    let rows = rows(jsonl);
    for (first, rows) in (0..).step_by(group).zip(rows.chunks(group)) {
        let mut to = writer.next_row_group().unwrap();
        let bytes = |column: usize| rows.iter().map(move |row| ByteArray::from(row[column].as_deref().unwrap()));
        let mut column = to.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&bytes(0).collect::<Vec<_>>(), None, None).unwrap();
        column.close().unwrap();
        let (mut tags, mut definitions, mut repetitions) = (Vec::new(), Vec::new(), Vec::new());
        for (number, tag) in (first..).zip(bytes(1)) {
            tags.extend(vec![tag; number]);
            // An empty list has levels all the same.
            definitions.extend(vec![if number > 0 { 2 } else { 1 }; number.max(1)]);
            repetitions.extend((0..number.max(1)).map(|place| i16::from(place > 0)));
        }
        let mut column = to.next_column().unwrap().unwrap();
        column.typed::<ByteArrayType>().write_batch(&tags, Some(&definitions), Some(&repetitions)).unwrap();
        column.close().unwrap();
        let mut column = to.next_column().unwrap().unwrap();
        let present = vec![1; rows.len()];
        column.typed::<ByteArrayType>().write_batch(&bytes(4).collect::<Vec<_>>(), Some(&present), None).unwrap();
        column.close().unwrap();
        let mut column = to.next_column().unwrap().unwrap();
        let words: Vec<i64> = (first as i64..).take(rows.len()).collect();
        column.typed::<Int64Type>().write_batch(&words, None, None).unwrap();
        column.close().unwrap();
        to.close().unwrap();
    }
    writer.into_inner().unwrap()
}

pub(crate) fn gzip(data: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(data.as_ref()).unwrap();
    packer.finish().unwrap()
}

pub(crate) fn zstd(data: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(data.as_ref(), 1).unwrap()
}
