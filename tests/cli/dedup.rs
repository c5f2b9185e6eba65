//! `naskh dedup`: the folders and records that its tests share.

mod csv;
mod decisions;
mod lines;
mod parquet;
mod places;
mod skipped;
mod together;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{names, naskh, run};

const REPORT: &str = include_str!("../../samples/wire-reworded-1.txt");

const OTHER: &str = include_str!("../../samples/river-analysis.txt");

/// A folder that the program runs in.
struct Place(tempfile::TempDir);

impl Place {
    fn with<D: AsRef<[u8]>>(files: &[(&str, D)]) -> Place {
        let place = Place(tempfile::tempdir().unwrap());
        for (name, data) in files {
            place.add(name, data);
        }
        place
    }

    fn add(&self, name: &str, data: impl AsRef<[u8]>) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), data).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Standard output and standard error of `naskh dedup` with these arguments, which must end so.
    fn dedup(&self, arguments: &str, code: i32) -> (String, String) {
        run(naskh("dedup").args(arguments.split_whitespace()).current_dir(self.0.path()), code)
    }

    /// The same, which must be refused with this message and leave nothing new behind.
    fn refused(&self, arguments: &str, message: &str) {
        let before = names(self.0.path());
        let (out, err) = self.dedup(arguments, 2);
        assert_eq!(out, "");
        assert!(err.starts_with(&format!("naskh: {message}")), "{arguments}: {err}");
        assert_eq!(err.lines().count(), 1, "{err}");
        assert_eq!(names(self.0.path()), before, "{arguments}");
    }
}

/// A report with a figure changed: a copy.
fn copy() -> String {
    REPORT.replace("83", "84")
}

fn record(id: &str, date: &str, source: &str, text: &str) -> String {
    let mut record = json!({ "id": id, "text": text, "source": source });
    if !date.is_empty() {
        record["date"] = date.into();
    }
    format!("{record}\n")
}

/// Four copies of one report, and another article.
fn newsroom() -> [String; 5] {
    [
        record("undated", "", "wire", REPORT),
        record("late", "2026-04-03", "wire", &format!("{REPORT}\n{}", "وشكرت اللجنة سكان الوادي على صبرهم.")),
        record("other", "2026-04-01", "wire", OTHER),
        record("early", "2026-04-01", "radio", &copy()),
        record("again", "2026-04-01", "daily", REPORT),
    ]
}

fn ids(jsonl: &str) -> Vec<String> {
    let id = |line: &str| serde_json::from_str::<Value>(line).unwrap()["id"].as_str().unwrap().to_owned();
    jsonl.lines().map(id).collect()
}

/// What the first member of a gzip file holds.
fn gunzip(path: &Path) -> String {
    let mut text = String::new();
    flate2::read::GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

/// What the first frame of a Zstandard file holds.
fn unzstd(path: &Path) -> String {
    let mut text = String::new();
    let decoder = zstd::Decoder::new(fs::File::open(path).unwrap()).unwrap();
    decoder.single_frame().read_to_string(&mut text).unwrap();
    text
}
