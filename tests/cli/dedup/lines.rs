//! JSON Lines are written as they stand, or with what was found added.

use std::fs;

use serde_json::{Value, json};

use super::{Place, REPORT, copy, ids, newsroom, record, unzstd};

#[test]
fn annotating_leaves_each_record_as_it_is_and_adds_to_its_end() {
    let odd = format!(" {{ \"text\" : {}, \"naskh\":1,\"id\":\"odd\" }} \r\n", json!(copy()));
    let records = [newsroom().concat(), odd].concat();
    let place = Place::with(&[("in.jsonl", &records)]);
    let (out, err) = place.dedup("in.jsonl --annotate --dropped dropped.jsonl", 0);
    assert_eq!(out.lines().count(), 6);
    for (before, after) in records.split_terminator('\n').zip(out.split_terminator('\n')) {
        let value: Value = serde_json::from_str(after).unwrap();
        let own = before.trim_end().strip_suffix('}').unwrap();
        let added = after.strip_prefix(own).unwrap();
        assert!(added.starts_with(",\"naskh_group\":"), "{added}");
        assert_eq!(added.ends_with("} \r"), before.ends_with("} \r"));
        assert_eq!(value["naskh_kept"], ["early", "other"].contains(&value["id"].as_str().unwrap()));
    }
    let other = out.lines().nth(2).unwrap();
    let added = r#","naskh_group":null,"naskh_representative":null,"naskh_relation":null,"naskh_score":null,"naskh_kept":true}"#;
    assert!(other.ends_with(added), "{other}");
    assert!(err.contains("\nwritten     6 records"), "{err}");
    // What would be dropped is told as ever.
    assert_eq!(ids(&place.read("dropped.jsonl")), ["undated", "late", "again", "odd"]);

    place.add("twice.jsonl", &out);
    place.refused(
        "twice.jsonl --annotate",
        "twice.jsonl:1: found the key \"naskh_group\", which --annotate adds; expected records",
    );
    // Without it such records are like any others.
    place.dedup("twice.jsonl", 0);
    place.add("a.txt", REPORT);
    place.refused("a.txt --annotate -o out/", "a.txt: found a text file; expected records, which --annotate adds to");
}

#[test]
fn line_ends_and_marks() {
    let [undated, _, other, early, _] = newsroom();
    let [dos, last] = [other.replace('\n', "\r\n"), early.trim_end().to_owned()];
    let mark = "\u{FEFF}";
    let place = Place::with(&[
        ("1.jsonl", [mark, "\n \r\n", &*dos, "\r\n"].concat()),
        ("2.jsonl", [mark, &*undated, "\n", &*last].concat()),
    ]);
    let (out, err) = place.dedup("1.jsonl 2.jsonl", 0);
    // CR stays, a mark does not, and the last line gets its end.
    assert_eq!(out, [&*dos, &*early].concat());
    assert!(err.contains("\nblank       4 lines, not written\n"), "{err}");
    let (out, _) = place.dedup("2.jsonl --annotate", 0);
    assert!(out.starts_with(undated.trim_end().strip_suffix('}').unwrap()) && out.ends_with("}\n"), "{out}");
}

#[test]
fn many_blocks_come_in_order_whatever_the_threads() {
    // Some 4 MB: more than all threads have in hand at a time. Each third record is the one before it again.
    let text = |story: usize| (0..200).map(|word| format!("كلمة{} ", story * 1000 + word)).collect::<String>();
    let records: Vec<String> =
        (0..1200).map(|number| record(&format!("{number}"), "", "", &text(number - number % 3 / 2))).collect();
    let place = Place::with(&[("in.jsonl", records.concat())]);
    let kept: String = records.iter().enumerate().filter(|(number, _)| number % 3 < 2).map(|(_, r)| &**r).collect();
    let mut packed = Vec::new();
    for threads in [1, 2, 5] {
        place.dedup(&format!("in.jsonl --exact --threads {threads} -o out.zst"), 0);
        assert_eq!(unzstd(&place.path("out.zst")), kept);
        packed.push(fs::read(place.path("out.zst")).unwrap());
    }
    assert!(packed.windows(2).all(|two| two[0] == two[1]));
}
