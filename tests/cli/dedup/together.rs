//! What goes into one file must be of one form and have the same columns.

use parquet::basic::Compression;

use super::csv::HEADER;
use super::{Place, newsroom};
use crate::formats;

#[test]
fn what_cannot_go_into_one_file_is_refused_before_any_work() {
    let broken = "a,b\n";
    let parquet = |tags| formats::parquet(&newsroom().concat(), Compression::SNAPPY, tags);
    let place = Place::with(&[
        ("1.csv", [HEADER, broken].concat().into_bytes()),
        ("2.csv", [" id, source,text,date \r\n", broken].concat().into_bytes()),
        ("3.csv", ["id,text,date\n", broken].concat().into_bytes()),
        ("4.tsv", [HEADER, broken].concat().into_bytes()),
        ("5.jsonl", b"{".to_vec()),
        ("6.parquet", parquet(2)),
        ("7.parquet", formats::tagged(&newsroom().concat(), 2)),
        ("8.csv", Vec::new()),
    ]);
    let mend = "expected inputs of one form with the same columns, or a folder as OUT";
    let differ = |at: &str, path: &str| format!("columns that differ from those of {path} at \"{at}\"");
    for (files, at, found) in [
        ("1.csv 2.csv 3.csv", "3.csv", differ("text", "1.csv")),
        ("3.csv 1.csv", "1.csv", differ("source", "3.csv")),
        ("8.csv 1.csv 3.csv", "3.csv", differ("text", "1.csv")),
        ("1.csv 4.tsv", "4.tsv", "TSV, where 1.csv is CSV".to_owned()),
        ("5.jsonl 1.csv", "1.csv", "CSV, where 5.jsonl is JSON Lines".to_owned()),
        ("1.csv 6.parquet", "6.parquet", "Parquet, where 1.csv is CSV".to_owned()),
        ("6.parquet 7.parquet", "7.parquet", differ("id", "6.parquet")),
    ] {
        for out in ["", "-o out"] {
            place.refused(&format!("{files} {out}"), &format!("{at}: found {found}; {mend}"));
        }
    }
    // The work begins, and finds the records.
    place.refused("1.csv 2.csv", "1.csv:2: found a row of 2 fields; expected 4, as in the header");
    place.refused("1.csv 5.jsonl -o out/", "1.csv:2: found a row of 2 fields; expected 4, as in the header");
}
