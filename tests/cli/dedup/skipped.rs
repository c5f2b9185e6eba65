//! What `--on-error skip` leaves out is not written, and all else is.

use std::fs;

use parquet::basic::Compression;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::csv::{HEADER, rows};
use super::parquet::{cell, parquet_rows};
use super::{OTHER, Place, gunzip, newsroom, record};
use crate::{formats, gzip, names};

#[test]
fn skipped_records_are_not_written() {
    let [undated, late, other, early, again] = newsroom();
    let bad = "{\"id\":\"bad\"}\n";
    let place = Place::with(&[
        ("1.jsonl", [bad, &*other, "no record\n", &*undated, &*undated].concat()),
        ("2.jsonl", [late, early.clone(), bad.into(), again].concat()),
    ]);
    place.add("cut.jsonl.gz", &gzip(record("cut", "", "", OTHER))[..40]);
    for arguments in ["1.jsonl 2.jsonl gone.jsonl cut.jsonl.gz", "gone.jsonl 1.jsonl cut.jsonl.gz 2.jsonl"] {
        place.refused(&format!("{arguments} -o out"), "gone.jsonl: No such file or directory");
        let (out, err) = place.dedup(&format!("--on-error skip {arguments}"), 0);
        assert_eq!(out, [&*other, &*early].concat());
        assert!(err.contains("\nskipped     6\n"), "{err}");
    }
    // One too long to be read.
    let long = record("long", "", "", &"نهر ".repeat(1 << 17));
    place.add("long.jsonl", [&*other, &long, &early, &long, bad].concat());
    let (out, err) = place.dedup("--on-error skip --max-article-bytes 64K long.jsonl", 0);
    assert_eq!(out, [&*other, &*early].concat());
    assert!(err.contains("\nskipped     3\n"), "{err}");
    place.dedup("--on-error skip 1.jsonl cut.jsonl.gz -o out/", 0);
    assert_eq!(names(&place.path("out")), ["1.jsonl", "cut.jsonl.gz"]);
    assert_eq!(gunzip(&place.path("out/cut.jsonl.gz")), "");
}

#[test]
fn a_table_that_makes_no_articles_is_passed_over() {
    let [_, _, other, early, _] = rows();
    let good = [&*HEADER.replace("date", "words"), &other, &early].concat();
    let place = Place::with(&[
        ("bad.csv", "words,days\n1,2\n3,4\n5,6\n".to_owned().into_bytes()),
        ("twice.csv", "text,text\na,b\nc,d\n".to_owned().into_bytes()),
        ("good.csv", good.clone().into_bytes()),
        // Its column of words holds numbers, which are no titles.
        ("bad.parquet", formats::tagged(&newsroom().concat(), 2)),
    ]);
    let skip = "--on-error skip --title-field words";
    let (out, err) = place.dedup(&format!("bad.csv good.csv twice.csv {skip}"), 0);
    assert_eq!(out, good);
    assert!(err.contains("\nskipped     2\n"), "{err}");
    place.dedup(&format!("bad.csv bad.parquet twice.csv good.csv -o out/ {skip}"), 0);
    assert_eq!(names(&place.path("out")), ["good.csv"]);
    assert_eq!(place.read("out/good.csv"), good);
}

#[test]
fn rows_of_parquet_behind_damage_are_passed_over() {
    let mut bytes = formats::parquet(&newsroom().concat(), Compression::UNCOMPRESSED, 2);
    let place = Place::with(&[("in.parquet", &bytes)]);
    let reader = SerializedFileReader::new(fs::File::open(place.path("in.parquet")).unwrap()).unwrap();
    let column = reader.metadata().row_group(0).columns().iter().find(|c| c.column_path().string() == "text").unwrap();
    let start = usize::try_from(column.byte_range().0).unwrap();
    // The header of the first page of texts, and so two rows.
    bytes[start..start + 8].fill(0xFF);
    place.add("in.parquet", &bytes);
    let (_, err) = place.dedup("in.parquet --on-error skip -o out.parquet", 0);
    assert!(err.contains("\nskipped     1\n"), "{err}");
    let ids: Vec<String> = parquet_rows(&place.path("out.parquet"))
        .iter()
        .map(|row| cell(row, "id").as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, ["other", "early"]);
}
