//! The same records in other formats, for the tests of the program from outside.

use std::sync::Arc;

use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType};
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
