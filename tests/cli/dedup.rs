//! `naskh dedup`: which records are kept, and that they are written as they stand.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use parquet::basic::Compression;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::{Field, Row};
use serde_json::{Value, json};

use super::{formats, names, naskh, run};

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

fn gzip(data: &str) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(data.as_bytes()).unwrap();
    packer.finish().unwrap()
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

#[test]
fn each_rule_keeps_one_as_it_stands() {
    let records = newsroom();
    let place = Place::with(&[("in.jsonl", records.concat())]);
    for (keep, kept) in [
        ("", "early"),
        ("--keep earliest", "early"),
        ("--keep longest", "late"),
        ("--keep first", "undated"),
        ("--keep source:wire", "late"),
        ("--keep source:nobody,daily,wire", "again"),
        ("--keep source:nobody", "early"),
    ] {
        let (out, err) = place.dedup(&format!("in.jsonl {keep}"), 0);
        let expected: String =
            records.iter().filter(|line| [kept, "other"].contains(&&*ids(line)[0])).map(String::as_str).collect();
        assert_eq!(out, expected, "{keep}");
        assert!(err.contains("\nkept        2 articles\ndropped     3 articles: "), "{err}");
        assert!(err.contains(&format!("\nwritten     2 records, {:.1} MB", expected.len() as f64 / 1e6)), "{err}");
        assert_eq!(err.contains("unknown     source \"nobody\""), keep.contains("nobody"), "{err}");
    }
    let (_, err) = place.dedup("in.jsonl --keep latest", 2);
    assert!(err.contains("keep: found latest; expected earliest, longest, first, or source:"), "{err}");
}

/// Members of each group by id: representative, relation and score.
type Groups = BTreeMap<u64, BTreeMap<String, (String, String, String)>>;

#[test]
fn groups_are_those_of_group() {
    for flags in
        ["", "--level copy", "--level derived", "--level derived --window 0.5", "--level derived --threshold 0.99"]
    {
        let same = if flags.contains("--level") { flags.to_owned() } else { format!("--level copy {flags}") };
        let (grouped, _) = run(&mut naskh(&format!("group samples/newsroom.jsonl --format jsonl {same}")), 0);
        let mut expected = Groups::new();
        for line in grouped.lines() {
            let group: Value = serde_json::from_str(line).unwrap();
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            for member in group["members"].as_array().unwrap() {
                let told = (text(&group["representative"]), text(&member["relation"]), member["score"].to_string());
                expected.entry(group["group"].as_u64().unwrap()).or_default().insert(text(&member["id"]), told);
            }
        }
        let mut found = Groups::new();
        let (annotated, _) = run(&mut naskh(&format!("dedup samples/newsroom.jsonl --annotate {flags}")), 0);
        for line in annotated.lines() {
            let record: Value = serde_json::from_str(line).unwrap();
            let text = |key: &str| record[key].as_str().unwrap().to_owned();
            match record["naskh_group"].as_u64() {
                Some(group) => {
                    let told =
                        (text("naskh_representative"), text("naskh_relation"), record["naskh_score"].to_string());
                    found.entry(group).or_default().insert(text("id"), told);
                }
                None => assert_eq!(
                    json!([record["naskh_representative"], record["naskh_relation"], record["naskh_score"]]),
                    json!([null, null, null])
                ),
            }
        }
        assert_eq!(found, expected, "{flags}");
        assert!(!flags.contains("derived") || !found.is_empty());
    }
}

#[test]
fn every_dropped_article_is_told_with_its_reason() {
    let place = Place::with(&[("in.jsonl", newsroom().concat())]);
    let (kept, _) = place.dedup("in.jsonl --dropped dropped.jsonl --keep source:daily", 0);
    assert_eq!(ids(&kept), ["other", "again"]);
    let dropped = place.read("dropped.jsonl");
    // In the order of the input; those identical to the representative are told apart from copies.
    assert_eq!(ids(&dropped), ["undated", "late", "early"]);
    for line in dropped.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(json!([line["group"], line["kept"]]), json!([0, "again"]));
        let score = line["score"].as_f64().unwrap();
        assert!((0.5..=1.0).contains(&score));
        let relation = line["relation"].as_str().unwrap();
        assert_eq!(line["id"] == line["representative"], relation == "representative");
        assert!(["representative", "identical", "copy"].contains(&relation));
    }
    let (_, err) = place.dedup("in.jsonl --quiet -o out.jsonl --dropped out.jsonl", 2);
    assert!(err.contains("found the same FILE for --output and --dropped"));
    place.refused(
        "in.jsonl --dropped ./in.jsonl",
        &place.path("in.jsonl").canonicalize().unwrap().display().to_string(),
    );
}

#[test]
fn exact_drops_identical_articles_alone() {
    let short = |id| record(id, "", "wire", "أخبار الصباح");
    let records = [
        &newsroom().concat(),
        &*short("short-1"),
        &short("short-2"),
        &record("empty-1", "", "", " . "),
        &record("empty-2", "", "", " . "),
    ];
    let place = Place::with(&[("in.jsonl", records.concat())]);
    let (kept, err) = place.dedup("in.jsonl --exact --dropped dropped.jsonl", 0);
    assert_eq!(ids(&kept), ["late", "other", "early", "again", "short-1", "empty-1", "empty-2"]);
    assert_eq!(ids(&place.read("dropped.jsonl")), ["undated", "short-2"]);
    assert!(place.read("dropped.jsonl").contains(r#""representative":"again","relation":"identical","score":1.0}"#));
    assert!(err.contains("\ndropped     2 articles: 2 identical, 0 copy, 0 derived, 0 representative\n"), "{err}");
    assert!(!err.contains("candidates"), "{err}");
    // At level copy the same holds of what is too short.
    let (kept, _) = place.dedup("in.jsonl", 0);
    assert_eq!(ids(&kept), ["other", "early", "short-1", "empty-1", "empty-2"]);
    place.dedup("in.jsonl --exact --level copy", 2);
}

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
fn packed_files_in_and_out() {
    let [undated, late, other, early, again] = newsroom();
    let packed = zstd::encode_all([late, other.clone()].concat().as_bytes(), 1).unwrap();
    let place = Place::with(&[
        ("1.jsonl.gz", [gzip(&undated), gzip("\n")].concat()),
        ("2.bin", packed),
        ("3.jsonl", [early.clone(), again].concat().into_bytes()),
    ]);
    let expected = [other, early].concat();
    for (flags, read) in [
        ("-o out", None),
        ("-o out.jsonl.gz", Some(gunzip as fn(&Path) -> String)),
        ("-o out.zst", Some(unzstd)),
        ("-o plain.gz --compression plain", None),
        ("-o other.zst --compression gzip", Some(gunzip)),
        ("-o other --compression zstd", Some(unzstd)),
    ] {
        place.dedup(&format!("1.jsonl.gz 2.bin 3.jsonl {flags}"), 0);
        let out = place.path(flags.split(' ').nth(1).unwrap());
        let found = read.map_or_else(|| fs::read_to_string(&out).unwrap(), |read| read(&out));
        assert_eq!(found, expected, "{flags}");
    }
    let (plain, _) = place.dedup("1.jsonl.gz 2.bin 3.jsonl -o -", 0);
    assert_eq!(plain, expected);
}

#[test]
fn a_folder_of_records_becomes_a_folder() {
    let [undated, late, other, early, again] = newsroom();
    let place = Place::with(&[
        ("in/b.jsonl", undated.as_bytes()),
        ("in/a/1.jsonl.gz", &gzip(&[late, other.clone()].concat())),
        ("in/a/2.jsonl", early.as_bytes()),
        ("in/c.json", b""),
        ("named.ndjson", again.as_bytes()),
        ("in/notes.pdf", b"passed over"),
    ]);
    for out in ["out/", "out", "in"] {
        // The first makes the folder, the second replaces what is in it.
        place.dedup(&format!("in named.ndjson -o {out}"), 0);
        assert_eq!(gunzip(&place.path(&format!("{out}/a/1.jsonl.gz"))), other);
        assert_eq!(place.read(&format!("{out}/a/2.jsonl")), early);
        for empty in ["b.jsonl", "c.json", "named.ndjson"] {
            assert_eq!(place.read(&format!("{out}/{empty}")), "", "{empty}");
        }
        assert_eq!(names(&place.path(&format!("{out}/a"))), ["1.jsonl.gz", "2.jsonl"]);
    }
    assert_eq!(names(&place.path("out")), ["a", "b.jsonl", "c.json", "named.ndjson"]);
    assert_eq!(names(&place.path("in")), ["a", "b.jsonl", "c.json", "named.ndjson", "notes.pdf"]);
    #[cfg(unix)]
    {
        let mode = |name| std::os::unix::fs::PermissionsExt::mode(&place.path(name).metadata().unwrap().permissions());
        assert_eq!(mode("out"), mode("in"));
        assert_eq!(mode("out/b.jsonl"), mode("named.ndjson"));
    }
}

#[test]
fn a_folder_of_texts_becomes_a_folder_of_those_kept() {
    let place = Place::with(&[
        ("in/1.txt", "\u{FEFF}".to_owned().into_bytes()),
        ("in/2.txt", [b"\xEF\xBB\xBF", REPORT.as_bytes()].concat()),
        ("in/sub/3.txt.gz", gzip(&copy())),
        ("in/sub/4.txt.gz", gzip(OTHER)),
        ("in/5.jsonl", newsroom()[3].clone().into_bytes()),
    ]);
    let (_, err) = place.dedup("in -o out/ --keep first --dropped dropped.jsonl", 0);
    assert_eq!(names(&place.path("out")), ["1.txt", "2.txt", "5.jsonl", "sub"]);
    assert_eq!(names(&place.path("out/sub")), ["4.txt.gz"]);
    assert_eq!(place.read("out/5.jsonl"), "");
    // As they are, byte order mark and packing included.
    for same in ["1.txt", "2.txt", "sub/4.txt.gz"] {
        let [before, after] = ["in", "out"].map(|folder| fs::read(place.path(&format!("{folder}/{same}"))).unwrap());
        assert_eq!(before, after, "{same}");
    }
    assert_eq!(ids(&place.read("dropped.jsonl")), ["early", "sub/3.txt.gz"]);
    assert!(err.contains("\nwritten     3 records"), "{err}");

    // A text dropped now could still be there from before.
    place.refused("in -o out", "out/1.txt: found a file; expected none of the name of an input");
    place.refused("in/2.txt", "in/2.txt: found a text file; expected records, or a folder as OUT (its name ends in /)");
    place.refused("in -o all.jsonl", "in/1.txt: found a text file");
}

#[test]
fn wrong_folders_are_refused_before_any_work() {
    let place = Place::with(&[("x/a.jsonl", "no record"), ("y/a.jsonl", "no record"), ("file", "")]);
    let said = "out/a.jsonl: found x/a.jsonl and y/a.jsonl, of one name; expected inputs of different names";
    place.refused("x y -o out/", said);
    place.refused("x/a.jsonl y/a.jsonl -o out/", said);
    place.refused("x -o file/", "file: found a file; expected a folder");
    place.refused("x -o nowhere/out/", "nowhere/out: No such file or directory");
    place.refused("x -o nowhere/out.jsonl", "nowhere/out.jsonl: No such file or directory");
    place.refused("- -o out/", "-: found standard input, which has no name in a folder");
    place.refused("x -o out/ --compression gzip", "--compression: found it with a folder as OUT");
    // Found in the work: nothing is left either.
    place.refused("x -o out/ --dropped dropped", "x/a.jsonl:1: found text that is no JSON object");
    place.refused("x -o y --dropped dropped", "x/a.jsonl:1: found text that is no JSON object");
    assert_eq!(names(&place.path("y")), ["a.jsonl"]);
}

#[test]
fn standard_input_is_put_aside() {
    let place = Place::with(&[("more.jsonl", &newsroom()[4])]);
    let nameless = format!("{}\n", json!({ "text": OTHER }));
    let records = [&newsroom()[..4].concat(), &*nameless, &nameless.replace("\n", "\r\n")].concat();
    for data in [records.clone().into_bytes(), gzip(&records)] {
        let mut command = naskh("dedup - more.jsonl --keep first --dropped dropped.jsonl");
        let (out, _) = run(command.current_dir(place.0.path()).write_stdin(data), 0);
        assert_eq!(out, [&*newsroom()[0], &newsroom()[2]].concat());
        // Records without an id go by their place in it.
        assert_eq!(ids(&place.read("dropped.jsonl")), ["late", "early", "-:5", "-:6", "again"]);
    }
}

#[test]
fn skipped_records_are_not_written() {
    let [undated, late, other, early, again] = newsroom();
    let bad = "{\"id\":\"bad\"}\n";
    let place = Place::with(&[
        ("1.jsonl", [bad, &*other, "no record\n", &*undated, &*undated].concat()),
        ("2.jsonl", [late, early.clone(), bad.into(), again].concat()),
    ]);
    place.add("cut.jsonl.gz", &gzip(&record("cut", "", "", OTHER))[..40]);
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

#[test]
fn an_input_can_be_replaced() {
    let records = newsroom();
    let place = Place::with(&[("in.jsonl", records.concat())]);
    place.dedup("in.jsonl -o in.jsonl", 0);
    assert_eq!(place.read("in.jsonl"), [&*records[2], &records[3]].concat());
    // What is kept is kept.
    place.dedup("in.jsonl -o in.jsonl", 0);
    assert_eq!(place.read("in.jsonl"), [&*records[2], &records[3]].concat());
    assert_eq!(names(place.0.path()), ["in.jsonl"]);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_trouble() {
    let place = Place::with(&[("in.jsonl", newsroom().concat())]);
    for flags in [
        "-o /dev/full --dropped dropped",
        "--dropped /dev/full -o out",
        "-o /dev/full --compression zstd",
        "-o /dev/full --compression gzip",
    ] {
        place.refused(&format!("in.jsonl {flags}"), "/dev/full: No space left on device");
    }
}

#[test]
#[cfg(unix)]
fn what_can_be_read_once_only_is_refused() {
    let place = Place::with(&[("in.jsonl", "")]);
    place.refused("in.jsonl /dev/null", "/dev/null: found an input that can be read once only");
    place.refused("- -", "-: found standard input twice");
}

/// The newsroom as records of CSV, in the order of [`newsroom`].
fn rows() -> [String; 5] {
    newsroom().map(|line| {
        let record: Value = serde_json::from_str(&line).unwrap();
        let field = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
        format!("{},{},\"{}\",{}\n", field("id"), field("source"), field("text"), field("date"))
    })
}

const HEADER: &str = "id,source,text,date\n";

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

fn parquet_rows(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(fs::File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// A cell of a row, as JSON.
fn cell(row: &Row, name: &str) -> Value {
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
        ("packed/more.parquet.gz", {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            packer.write_all(&formats::tagged(&record("more", "", "daily", OTHER), 2)).unwrap();
            packer.finish().unwrap()
        }),
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
