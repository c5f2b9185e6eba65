//! Rows of Parquet are written with all their columns, or with columns added.

use std::fs;
use std::io::Read;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};

use super::{OTHER, Place, ids, newsroom, record};
use crate::{formats, gzip};

pub(super) fn parquet_rows(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// A cell of a row, as JSON.
pub(super) fn cell(row: &Row, name: &str) -> Value {
    let (_, field) = row.get_column_iter().find(|(column, _)| *column == name).unwrap();
    match field {
        Field::Null => Value::Null,
        Field::Str(text) => text.as_str().into(),
        Field::Long(number) => (*number).into(),
        Field::Double(number) => (*number).into(),
        Field::Bool(truth) => (*truth).into(),
        other => other.to_string().into(),
    }
}

#[test]
fn rows_of_parquet_are_kept_with_all_their_columns() {
    let records = newsroom().concat();
    let place = Place::with(&[
        ("in.jsonl", records.clone().into_bytes()),
        ("in.parquet", formats::tagged(&records, 2)),
        ("packed/more.parquet.gz", gzip(formats::tagged(&record("more", "", "daily", OTHER), 2))),
    ]);
    for keep in ["", "--keep first", "--keep longest", "--keep first --exact"] {
        let (lines, _) = place.dedup(&format!("in.jsonl {keep}"), 0);
        // There are no dates in this table.
        let kept = if keep.is_empty() { vec!["undated".to_owned(), "other".into()] } else { ids(&lines) };
        let (_, err) = place.dedup(&format!("in.parquet {keep} -o out.parquet"), 0);
        let rows = parquet_rows(&place.path("out.parquet"));
        let all = parquet_rows(&place.path("in.parquet"));
        let expected: Vec<Row> = all.into_iter().filter(|row| kept.iter().any(|id| cell(row, "id") == **id)).collect();
        assert_eq!(rows, expected, "{keep}");
        assert!(err.contains(&format!("\nwritten     {} records", kept.len())), "{err}");
        let [before, after] = ["in.parquet", "out.parquet"]
            .map(|name| SerializedFileReader::new(fs::File::open(place.path(name)).unwrap()).unwrap());
        let [before, after] = [before.metadata(), after.metadata()];
        assert_eq!(before.file_metadata().schema(), after.file_metadata().schema());
        assert_eq!(before.file_metadata().key_value_metadata(), after.file_metadata().key_value_metadata());
        for (before, after) in before.row_group(0).columns().iter().zip(after.row_group(0).columns()) {
            assert_eq!(before.compression_codec(), after.compression_codec(), "{}", before.column_path());
        }
    }
    // Of the third row two tags.
    let other = parquet_rows(&place.path("out.parquet")).into_iter().find(|row| cell(row, "id") == "other").unwrap();
    assert_eq!(cell(&other, "tags"), "[\"wire\", \"wire\"]");

    // Several into one, and each into a folder, packed as it was.
    place.dedup("in.parquet packed -o out.parquet", 0);
    let ids = |path: &Path| -> Vec<Value> { parquet_rows(path).iter().map(|row| cell(row, "id")).collect() };
    assert_eq!(ids(&place.path("out.parquet")), ["undated", "other"]);
    place.dedup("packed in.parquet -o out/", 0);
    assert_eq!(ids(&place.path("out/in.parquet")), ["undated"]);
    let packed = fs::File::open(place.path("out/more.parquet.gz")).unwrap();
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut unpacked).unwrap();
    place.add("unpacked", unpacked);
    assert_eq!(ids(&place.path("unpacked")), ["more"]);

    place.dedup("in.parquet -o noted.parquet --annotate", 0);
    let told = records.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let plain: String =
        told.map(|record| json!({ "id": record["id"], "text": record["text"] }).to_string() + "\n").collect();
    place.add("plain.jsonl", plain);
    let (lines, _) = place.dedup("plain.jsonl --annotate", 0);
    let noted = parquet_rows(&place.path("noted.parquet"));
    assert_eq!(noted.len(), 5);
    for (row, line) in noted.iter().zip(lines.lines()) {
        let line: Value = serde_json::from_str(line).unwrap();
        for key in ["id", "naskh_group", "naskh_representative", "naskh_relation", "naskh_score", "naskh_kept"] {
            assert_eq!(cell(row, key), line[key], "{key}");
        }
    }
    place.refused("noted.parquet --annotate", "noted.parquet: found the column \"naskh_group\", which --annotate adds");
}
