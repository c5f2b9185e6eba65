//! The samples fall into the groups that samples/README.md names, however one of them is written, and whatever
//! files they come in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "in tests a panic is the report")]

#[path = "formats/mod.rs"]
mod formats;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use formats::{gzip, zstd};
use naskh::{Config, Corpus, Detector, ReadOptions, Relation};
use serde_json::Value;

/// The groups of samples/README.md: desalination, inscription, river.
const GROUPS: [&[&str]; 3] = [
    &["alrasid-0413-01", "alsahil-0412-01", "alwadi-0412-01"],
    &["alwadi-0414-01", "nabaa-0413-01"],
    &["wire-reworded-1.txt", "wire-reworded-2.txt"],
];
const ARTICLES: usize = 15;

type Groups = BTreeSet<BTreeSet<String>>;

fn wanted() -> Groups {
    GROUPS.iter().map(|group| group.iter().map(|&id| id.to_owned()).collect()).collect()
}

fn samples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")
}

/// All samples as records, in the order of their files' names.
fn records() -> Vec<Value> {
    let lines = fs::read_to_string(samples().join("newsroom.jsonl")).unwrap();
    let mut records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for name in ["river-analysis.txt", "wire-reworded-1.txt", "wire-reworded-2.txt"] {
        let text = fs::read_to_string(samples().join(name)).unwrap();
        records.push(serde_json::json!({ "id": name, "text": text }));
    }
    assert_eq!(records.len(), ARTICLES);
    records
}

fn jsonl<'r>(records: impl IntoIterator<Item = &'r Value>) -> String {
    records.into_iter().map(|record| format!("{record}\n")).collect()
}

fn detector() -> &'static Detector {
    static DETECTOR: OnceLock<Detector> = OnceLock::new();
    DETECTOR.get_or_init(|| Detector::new(Config::default()).unwrap())
}

/// The groups of the articles in `inputs`, and what to read where they are not the ones wanted: each wanted pair
/// that scores under the threshold, and each other pair of one group.
fn found(inputs: &[PathBuf]) -> (Groups, String) {
    let corpus = Corpus::read(inputs, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.len(), ARTICLES);
    let grouping = detector().group(&corpus).unwrap();
    let id = |article: u32| corpus.headers[article as usize].id.clone();
    let groups: Groups = grouping
        .groups
        .iter()
        .map(|group| group.members.iter().map(|m| id(m.0)).chain([id(group.representative)]).collect())
        .collect();
    let mut told = String::new();
    for group in wanted().union(&groups) {
        let articles: Vec<u32> = group.iter().map(|id| corpus.find(id).unwrap()).collect();
        for (at, &a) in articles.iter().enumerate() {
            for &b in &articles[at + 1..] {
                let verdict = detector().score(&corpus, &[(a, b)])[0];
                told += &format!("{} {} {:.4} {:?}\n", id(a), id(b), verdict.score, verdict.relation);
            }
        }
    }
    (groups, told)
}

fn assert_groups(inputs: &[PathBuf], what: &str) {
    let (groups, told) = found(inputs);
    assert_eq!(groups, wanted(), "{what} (threshold {:.4})\n{told}", detector().threshold());
}

/// The samples with one of them after the other written in another way: the groups stay the same. Returns how
/// many the edit changed.
fn however_one_is_written(edit: impl Fn(&str) -> String, fields: &[&str]) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let plain = records();
    let mut failed = Vec::new();
    let mut changed = 0;
    for at in 0..plain.len() {
        let mut edited = plain.clone();
        for &field in fields {
            if let Some(Value::String(written)) = edited[at].get_mut(field) {
                *written = edit(written);
            }
        }
        changed += usize::from(edited[at] != plain[at]);
        fs::write(&path, jsonl(&edited)).unwrap();
        let (groups, told) = found(std::slice::from_ref(&path));
        if groups != wanted() {
            failed.push(format!("{}: {groups:?}\n{told}", plain[at]["id"]));
        }
    }
    assert!(failed.is_empty(), "threshold {:.4}\n{}", detector().threshold(), failed.join("\n"));
    changed
}

const BOTH: &[&str] = &["title", "text"];
const TATWEEL: char = '\u{0640}';

fn is_tashkeel(c: char) -> bool {
    matches!(c, '\u{064B}'..='\u{0652}' | '\u{0670}')
}

fn is_letter(c: char) -> bool {
    ('\u{0621}'..='\u{064A}').contains(&c) && c != TATWEEL
}

/// `text` with every tenth word edited.
fn every_tenth_word(text: &str, edit: impl Fn(&str) -> String) -> String {
    let words = text.split_inclusive(|c: char| c.is_whitespace()).enumerate();
    words.map(|(at, word)| if at % 10 == 0 { edit(word) } else { word.to_owned() }).collect()
}

#[test]
fn as_they_are() {
    assert_groups(&[samples()], "samples");
    let run = |article: &str| {
        let corpus = Corpus::read(&[samples()], &ReadOptions::default()).unwrap();
        let of = |id: &str| corpus.find(id).unwrap();
        detector().score(&corpus, &[(of("alsahil-0412-01"), of(article))])[0].relation
    };
    assert_eq!(run("alwadi-0412-01"), Some(Relation::Copy));
    assert_eq!(run("alrasid-0413-01"), Some(Relation::Derived));
    assert_eq!(run("alsahil-0415-01"), Some(Relation::Update));
}

#[test]
fn a_text_doubled() {
    assert!(however_one_is_written(|text| format!("{text}\n{text}"), &["text"]) == ARTICLES);
}

#[test]
fn without_tashkeel() {
    assert!(however_one_is_written(|text| text.chars().filter(|&c| !is_tashkeel(c)).collect(), BOTH) > 10);
}

#[test]
fn with_tatweel_in_every_tenth_word() {
    let stretched = |word: &str| {
        let joint =
            word.char_indices().zip(word.chars().skip(1)).find(|((_, c), next)| is_letter(*c) && is_letter(*next));
        match joint {
            Some(((at, c), _)) => {
                let (start, end) = word.split_at(at + c.len_utf8());
                format!("{start}{TATWEEL}{TATWEEL}{end}")
            }
            None => word.to_owned(),
        }
    };
    assert!(however_one_is_written(|text| every_tenth_word(text, stretched), BOTH) == ARTICLES);
}

#[test]
fn with_lam_alef_as_one_sign() {
    let ligatures = [
        ("\u{0644}\u{0622}", "\u{FEF5}"),
        ("\u{0644}\u{0623}", "\u{FEF7}"),
        ("\u{0644}\u{0625}", "\u{FEF9}"),
        ("\u{0644}\u{0627}", "\u{FEFB}"),
    ];
    let ligated = |text: &str| ligatures.iter().fold(text.to_owned(), |text, (two, one)| text.replace(two, one));
    assert!(however_one_is_written(ligated, BOTH) > 10);
}

#[test]
fn with_line_ends_of_windows() {
    assert!(however_one_is_written(|text| text.replace('\n', "\r\n"), &["text"]) == ARTICLES);
}

#[test]
fn with_digits_of_either_kind() {
    let western = |c: char| match c {
        '\u{0660}'..='\u{0669}' => char::from_digit(c as u32 - 0x0660, 10).unwrap(),
        _ => c,
    };
    let arabic = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0x0660 + digit)).unwrap_or(c);
    assert!(however_one_is_written(|text| text.chars().map(western).collect(), BOTH) >= 2);
    assert!(however_one_is_written(|text| text.chars().map(arabic).collect(), BOTH) > 5);
}

#[test]
fn with_bare_alef_for_alef_with_hamza() {
    assert!(however_one_is_written(|text| text.replace(['\u{0622}', '\u{0623}', '\u{0625}'], "\u{0627}"), BOTH) > 10);
}

/// The articles of some records, in some files.
struct Files {
    folder: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

impl Files {
    fn new() -> Files {
        Files { folder: tempfile::tempdir().unwrap(), paths: Vec::new() }
    }

    fn add(&mut self, name: &str, data: impl AsRef<[u8]>) {
        let path = self.folder.path().join(name);
        fs::write(&path, data).unwrap();
        self.paths.push(path);
    }
}

#[test]
fn in_any_order() {
    let mut lines = records();
    for turn in 0..4 {
        lines.rotate_left(4 * turn);
        lines.reverse();
        let mut files = Files::new();
        files.add("a.jsonl", jsonl(&lines));
        assert_groups(&files.paths, "one file");
        let (first, second) = lines.split_at(5 + turn);
        let mut files = Files::new();
        files.add("b.jsonl", jsonl(second));
        files.add("a.jsonl", jsonl(first));
        assert_groups(&files.paths, "two files");
        files.paths.reverse();
        assert_groups(&files.paths, "two files, the other way round");
        assert_groups(&[files.folder.path().to_owned()], "their folder");
    }
}

#[test]
fn spread_over_files_and_packings() {
    let records = records();
    let mut files = Files::new();
    // Everything in its own file, each packed in another way.
    for (at, record) in records.iter().enumerate() {
        let line = record.to_string();
        match at % 4 {
            0 => files.add(&format!("{at}.jsonl"), line),
            1 => files.add(&format!("{at}.jsonl.gz"), gzip(line)),
            2 => files.add(&format!("{at}.json"), zstd(line + "\r\n")),
            _ => files.add(&format!("{at}.ndjson"), format!("\u{FEFF}\n{line}\n\n")),
        }
    }
    assert_groups(&files.paths, "a file each");
    assert_groups(&[files.folder.path().to_owned()], "their folder");

    // Text files are named after their records, packed or not.
    let mut files = Files::new();
    files.add("a.jsonl", zstd(jsonl(&records[..12])));
    for (at, record) in records[12..].iter().enumerate() {
        let text = record["text"].as_str().unwrap().to_owned();
        files.add(record["id"].as_str().unwrap(), if at == 1 { gzip(text) } else { zstd(text) });
    }
    assert_groups(&files.paths, "packed texts");
}

#[test]
fn with_any_number_of_threads() {
    let run = |threads: &str| {
        let folder = tempfile::tempdir().unwrap();
        let pairs = folder.path().join("pairs");
        let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("naskh"))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .args(["group", "samples", "--singletons", "--format", "jsonl", "--threads", threads, "--pairs"])
            .arg(&pairs)
            .output()
            .unwrap();
        assert!(output.status.success());
        (output.stdout, fs::read(pairs).unwrap())
    };
    let one = run("1");
    assert_eq!(one.0.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()).count(), 11);
    for threads in ["2", "4", "7"] {
        assert_eq!(run(threads), one, "{threads} threads");
    }
}

/// Words that mean nothing, for articles by the thousand.
fn word(number: u64) -> String {
    let mut hash = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mut letter = || {
        hash = (hash ^ hash >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        char::from_u32(0x062A + (hash >> 40) as u32 % 17).unwrap()
    };
    (0..5).map(|_| letter()).collect()
}

/// Three of ten words are of the occasion, the others of the template.
fn instance(template: u64, occasion: u64) -> String {
    let word = |at: u64| word(template * 1000 + at + if at % 10 < 3 { (occasion + 1) * 1_000_000 } else { 0 });
    (0..150).map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_template_is_told_among_more_articles_than_are_counted() {
    let mut lines = String::new();
    let mut add = |id: String, day: u64, text: String| {
        lines +=
            &format!("{}\n", serde_json::json!({"id": id, "date": format!("2021-03-{:02}", day + 1), "text": text}));
    };
    for number in 0..20_100u64 {
        let words: Vec<String> = (0..12).map(|at| word(number * 7919 + at * 31 + 500_000_000)).collect();
        add(format!("m{number:05}"), number % 28, words.join(" "));
    }
    // Every second article is counted: not all of a template, and of each pair of stems too few.
    for occasion in 0..7 {
        add(format!("m{:05}t", occasion * 100 + 1), occasion * 4, instance(1, occasion));
    }
    // Of these one is short, and the others, each within a long article of its own, are proposed with it alone.
    for occasion in 0..5 {
        let own = |at: u64| word(900_000_000 + occasion * 10_000 + at);
        let words: Vec<String> = (0..if occasion == 0 { 0 } else { 1500 }).map(own).collect();
        let text = format!("{} {}", instance(3, occasion), words.join(" "));
        add(format!("m{:05}v", occasion * 100 + 3), occasion * 4, text);
    }
    // Of this one there are but two, which nothing tells from a report and its second version.
    for occasion in 0..2 {
        add(format!("m{:05}u", occasion * 100 + 2), occasion * 4, instance(2, occasion));
    }
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.jsonl");
    fs::write(&input, lines).unwrap();
    let run = |more: &[&str]| {
        let output = std::process::Command::new(assert_cmd::cargo::cargo_bin!("naskh"))
            .args(["group", "--format", "jsonl", "--threads"])
            .args(more)
            .arg(&input)
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    let found = run(&["1"]);
    let ids = |line: &str| -> Vec<String> {
        let group: Value = serde_json::from_str(line).unwrap();
        group["members"].as_array().unwrap().iter().map(|m| m["id"].as_str().unwrap().to_owned()).collect()
    };
    let groups: Vec<Vec<String>> = found.lines().map(ids).collect();
    assert_eq!(groups, [["m00002u", "m00102u"]]);
    assert_eq!(run(&["3"]), found);
    assert_eq!(run(&["2", "--memory", "16M"]), found);
    // However far apart two may be that are compared, a witness stands further off.
    assert_eq!(run(&["2", "--window", "5"]), found);
}
