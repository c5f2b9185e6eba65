//! Records of CSV are written as they stand, or with columns added.

use serde_json::Value;

use super::{Place, gunzip, newsroom};
use crate::{naskh, run};

/// The newsroom as records of CSV, in the order of [`newsroom`].
pub(super) fn rows() -> [String; 5] {
    newsroom().map(|line| {
        let record: Value = serde_json::from_str(&line).unwrap();
        let field = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        format!("{},{},\"{}\",{}\n", field("id"), field("source"), field("text"), field("date"))
    })
}

pub(super) const HEADER: &str = "id,source,text,date\n";

#[test]
fn records_of_csv_are_kept_as_they_stand() {
    let [undated, late, other, early, again] = rows();
    assert!(early.lines().count() > 1, "texts have lines");
    // The same fields otherwise written, which is kept so.
    let early = early.replacen("early", "\"early\"", 1);
    let mark = "\u{FEFF}";
    let place = Place::with(&[
        ("1.csv", [mark, "\n", HEADER, &*undated, "\n", &late, &other].concat()),
        ("2.csv", [HEADER, &*early, again.trim_end()].concat()),
        ("dos.csv", [HEADER, &*early, &other].concat().replace("\n", "\r\n")),
        ("unended.csv", [HEADER, &*other].concat().trim_end().replace("\n", "\r\n")),
        ("header.csv", HEADER.trim_end().to_owned()),
        ("tabs", HEADER.replace(',', "\t") + "a\twire\tأخبار\t\n"),
    ]);
    let kept = [HEADER, &*other, &early].concat();
    let (out, err) = place.dedup("1.csv 2.csv", 0);
    assert_eq!(out, kept);
    assert!(err.contains("\nwritten     2 records"), "{err}");
    assert!(err.contains("\nblank       1 line, not written\n"), "{err}");
    // Of the second file the last, which gets its end.
    assert_eq!(place.dedup("1.csv 2.csv --keep source:daily", 0).0, [HEADER, &*other, &again].concat());
    place.dedup("1.csv 2.csv -o out.csv.gz", 0);
    assert_eq!(gunzip(&place.path("out.csv.gz")), kept);
    place.dedup("1.csv 2.csv -o out/", 0);
    assert_eq!(
        [place.read("out/1.csv"), place.read("out/2.csv")],
        [[HEADER, &other], [HEADER, &early]].map(|f| f.concat())
    );
    // Line ends are those of the file.
    assert_eq!(place.dedup("dos.csv", 0).0, place.read("dos.csv"));
    assert_eq!(place.dedup("unended.csv", 0).0, place.read("unended.csv") + "\r\n");
    assert_eq!(place.dedup("header.csv", 0).0, HEADER);
    assert_eq!(place.dedup("tabs", 0).0, place.read("tabs"));
    let (out, _) = run(naskh("dedup -").write_stdin(place.read("2.csv")), 0);
    assert_eq!(out, [HEADER, &*early].concat());
}

#[test]
fn records_of_csv_are_annotated_in_columns_of_their_own() {
    let records = rows();
    let place = Place::with(&[("in.csv", [HEADER, &records.concat()].concat())]);
    let (out, _) = place.dedup("in.csv --annotate", 0);
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    assert_eq!(names[4..], ["naskh_group", "naskh_representative", "naskh_relation", "naskh_score", "naskh_kept"]);
    place.add("in.jsonl", newsroom().concat());
    let (lines, _) = place.dedup("in.jsonl --annotate", 0);
    for ((record, line), before) in reader.records().zip(lines.lines()).zip(&records) {
        let (record, line): (_, Value) = (record.unwrap(), serde_json::from_str(line).unwrap());
        for (name, field) in names.iter().zip(&record) {
            let told = match &line[name] {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(told, *field, "{name}");
        }
        assert!(out.contains(before.trim_end()));
    }
    place.add("twice.csv", &out);
    place.refused(
        "twice.csv --annotate",
        "twice.csv: found the column \"naskh_group\", which --annotate adds; expected",
    );
}
