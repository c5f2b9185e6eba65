//! `naskh learn`: the tables are made in the form that the crate reads.

use std::fs;

use super::{naskh, run};

#[test]
fn affixes() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("affixes.txt");
    let (out, err) = run(naskh("learn affixes --articles samples samples/README.md -o").arg(&list), 0);
    assert_eq!(out, "");
    assert!(err.contains("exceptions from 16 articles (0 skipped)"), "{err}");
    let list = fs::read_to_string(list).unwrap();
    let shipped = fs::read_to_string("src/arabic/affixes.txt").unwrap();
    assert_eq!(list.lines().next(), shipped.lines().next());
    for line in list.lines().skip(1) {
        let (word, letters) = line.split_once(' ').unwrap();
        assert!(!word.is_empty() && ["0", "1"].contains(&letters), "{line}");
    }
}

#[test]
fn background() {
    let folder = tempfile::tempdir().unwrap();
    let make = |name: &str, flags: &str| {
        let table = folder.path().join(name);
        run(naskh(&format!("learn background --articles samples {flags} -o")).arg(&table), 0);
        naskh::Background::read(&fs::read(&table).unwrap()).unwrap();
        fs::read(table).unwrap()
    };
    let table = make("a", "--min-stem 2 --min-pair 2 --threads 1");
    assert_eq!(table, make("b", "--min-stem 2 --min-pair 2 --threads 2"));
    assert!(make("c", "").len() < table.len());
}
