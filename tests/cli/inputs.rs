//! The same articles in every format the program reads.

use std::fs;
use std::path::Path;

use parquet::basic::{Compression, GzipLevel, ZstdLevel};

use super::{formats, gzip, naskh, run, zstd};

fn samples() -> String {
    fs::read_to_string("samples/newsroom.jsonl").unwrap()
}

/// The groups of the articles in a file, and how many were read.
fn groups(path: &Path) -> (String, String) {
    let (out, err) = run(naskh("group --format jsonl --singletons").arg(path), 0);
    let read = err.lines().find_map(|line| line.strip_prefix("read ")).unwrap();
    (out, read.trim().split(',').next().unwrap().to_owned())
}

#[test]
fn the_groups_are_the_same_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let jsonl = samples();
    let wanted = groups(Path::new("samples/newsroom.jsonl"));
    let csv = formats::csv(&jsonl, b',');
    let tsv = formats::csv(&jsonl, b'\t');
    let parquet = |packing| formats::parquet(&jsonl, packing, 5);
    let plain = parquet(Compression::UNCOMPRESSED);
    for (name, data) in [
        ("a.jsonl.gz", gzip(jsonl.as_bytes())),
        ("a.jsonl.zst", zstd(jsonl.as_bytes())),
        ("a.csv", csv.clone()),
        ("a.csv.gz", gzip(&csv)),
        ("b.csv", [b"\xEF\xBB\xBF", &*csv].concat()),
        ("a.tsv", tsv.clone()),
        ("a.tsv.zst", zstd(&tsv)),
        ("unnamed", csv),
        ("unnamed-tabs", tsv),
        ("a.parquet", plain.clone()),
        ("unnamed-parquet", plain.clone()),
        ("called-a-text.txt", plain.clone()),
        ("a.parquet.gz", gzip(&plain)),
        ("snappy.parquet", parquet(Compression::SNAPPY)),
        ("gzip.parquet", parquet(Compression::GZIP(GzipLevel::default()))),
        ("zstd.parquet", parquet(Compression::ZSTD(ZstdLevel::default()))),
        ("lz4.parquet", parquet(Compression::LZ4_RAW)),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, data).unwrap();
        assert_eq!(groups(&path), wanted, "{name}");
    }
}

#[test]
fn every_format_comes_from_standard_input_too() {
    let jsonl = samples();
    let wanted = groups(Path::new("samples/newsroom.jsonl")).0;
    let parquet = formats::parquet(&jsonl, Compression::SNAPPY, 4);
    for data in [formats::csv(&jsonl, b','), formats::csv(&jsonl, b'\t'), zstd(&parquet), parquet] {
        let (out, _) = run(naskh("group - --format jsonl --singletons").write_stdin(data), 0);
        assert_eq!(out, wanted);
    }
}

#[test]
fn a_folder_of_all_formats_and_a_pattern() {
    let folder = tempfile::tempdir().unwrap();
    let jsonl = samples();
    let lines: Vec<&str> = jsonl.split_inclusive('\n').collect();
    let thirds: Vec<String> = lines.chunks(lines.len().div_ceil(3)).map(|lines| lines.concat()).collect();
    fs::create_dir(folder.path().join("below")).unwrap();
    fs::write(folder.path().join("1.jsonl"), &thirds[0]).unwrap();
    fs::write(folder.path().join("2.tsv"), formats::csv(&thirds[1], b'\t')).unwrap();
    let parquet = formats::parquet(&thirds[2], Compression::SNAPPY, 100);
    fs::write(folder.path().join("below/3.parquet"), parquet).unwrap();
    let wanted = groups(Path::new("samples/newsroom.jsonl")).0;
    assert_eq!(groups(folder.path()).0, wanted);
    assert_eq!(groups(&folder.path().join("*")).0, wanted);
    let (_, err) = run(naskh("group").arg(folder.path().join("*.csv")), 2);
    assert!(err.ends_with("*.csv: found no file that matches this pattern; expected one at least\n"), "{err}");
}

#[test]
fn rows_without_ids_go_by_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let records = "{\"text\":\"a\\nb\"}\n{\"text\":\"c\"}\n";
    fs::write(folder.path().join("a.csv"), formats::csv(records, b',')).unwrap();
    fs::write(folder.path().join("a.parquet"), formats::parquet(records, Compression::SNAPPY, 1)).unwrap();
    let mut command = naskh("group a.csv a.parquet --format csv --singletons");
    let (out, _) = run(command.current_dir(folder.path()), 0);
    let id = |line: &str| line.split(',').find(|cell| cell.contains(':')).unwrap().to_owned();
    let mut ids: Vec<String> = out.lines().skip(1).map(id).collect();
    ids.sort();
    // Of CSV the line that a row begins with, of Parquet its number.
    assert_eq!(ids, ["a.csv:2", "a.csv:4", "a.parquet:1", "a.parquet:2"]);
}
