//! What is kept of lines and records of CSV against what a look at each finds.

use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;

use super::*;
use crate::article::{OnError, ReadOptions};
use crate::dedup::{Keep, dedup};
use crate::group::Group;
use crate::verify::{Relation, Verdict};

fn skip() -> ReadOptions {
    ReadOptions { on_error: OnError::Skip, ..ReadOptions::default() }
}

/// The pieces of a run as text: a line `# name` before each file.
fn pieces(rewrite: &Rewrite<'_>) -> Result<(String, Rewritten)> {
    let mut out = String::new();
    let name = |original: &Original| original.name().unwrap().display().to_string();
    let written = rewrite.run(|piece| {
        match piece {
            Piece::File { original, .. } => out += &format!("# {}\n", name(original)),
            Piece::Records(records) => out += std::str::from_utf8(records).unwrap(),
            Piece::Text(original) => out += &format!("# {}, a text\n", name(original)),
        }
        Ok::<(), Error>(())
    })?;
    Ok((out, written))
}

/// A line of a file, and what it is.
#[derive(Clone, Debug)]
enum Line {
    Record(&'static str),
    Blank(&'static str),
    Bad,
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        6 => prop::sample::select(vec!["", " ", "\r", " \r"]).prop_map(Line::Record),
        1 => prop::sample::select(vec!["", " ", "\r"]).prop_map(Line::Blank),
        1 => Just(Line::Bad),
    ]
}

proptest! {
    #[test]
    fn what_is_kept_is_what_a_look_at_every_line_finds(
        files in prop::collection::vec((prop::collection::vec(line(), 0..12), any::<bool>(), any::<bool>()), 1..4),
        group_of in prop::collection::vec(0usize..6, 36),
        block in 1usize..300,
        annotate: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut records = 0;
        let mut paths: Vec<PathBuf> = Vec::new();
        // What stands in the files, line by line, with the number of each record.
        let mut written: Vec<Vec<(Option<usize>, String)>> = Vec::new();
        for (number, (lines, mark, unended)) in files.iter().enumerate() {
            let tell = |line: &Line| match line {
                Line::Record(end) => {
                    records += 1;
                    // In the order of the ids they stand otherwise than in the input.
                    let id = (records * 17) % 37;
                    (Some(records - 1), format!("{{\"id\":\"{id:02}\",\"text\":\"\"}}{end}"))
                }
                Line::Blank(blank) => (None, (*blank).to_owned()),
                Line::Bad => (None, "{".to_owned()),
            };
            let lines: Vec<(Option<usize>, String)> = lines.iter().map(tell).collect();
            let joined = lines.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>().join("\n");
            let mark = if *mark { "\u{FEFF}" } else { "" };
            let end = if *unended || lines.is_empty() { "" } else { "\n" };
            paths.push(folder.path().join(format!("{number}.jsonl")));
            fs::write(&paths[number], format!("{mark}{joined}{end}")).unwrap();
            written.push(lines);
        }

        let originals = Originals::find(&paths, &skip()).unwrap().in_blocks(block);
        let corpus = Corpus::read(&paths, &skip()).unwrap();
        prop_assert_eq!(corpus.len(), records);
        // By group the articles in the order of the input; of group 0 each is alone.
        let mut number_of = vec![0u32; records];
        for (number, header) in (0u32..).zip(&corpus.headers) {
            number_of[header.position as usize] = number;
        }
        let verdict = Verdict { score: 0.5, relation: Some(Relation::Copy) };
        let groups: Vec<Group> = (1..6)
            .map(|group| (0..records).filter(|&record| group_of[record] == group).collect::<Vec<_>>())
            .filter(|set| set.len() > 1)
            .map(|set| Group {
                representative: number_of[set[0]],
                members: set[1..].iter().map(|&record| (number_of[record], verdict)).collect(),
            })
            .collect();
        let decisions = dedup(&corpus, &groups, &Keep::First);
        let rewrite = Rewrite { originals: &originals, corpus: &corpus, decisions: &decisions, annotate, together: true };
        let (found, told) = pieces(&rewrite).unwrap();

        let mut expected = String::new();
        let mut seen = std::collections::BTreeSet::new();
        let mut count = Rewritten::default();
        for (number, lines) in written.iter().enumerate() {
            expected += &format!("# {number}.jsonl\n");
            for (record, line) in lines {
                count.blank += u64::from(line.trim().is_empty());
                let Some(record) = *record else { continue };
                let keep = group_of[record] == 0 || seen.insert(group_of[record]);
                let line = if annotate { annotated(line, keep, &groups, number_of[record], &corpus) } else { line.clone() };
                if annotate || keep {
                    expected += &format!("{line}\n");
                    count.records += 1;
                    count.bytes += line.len() as u64 + 1;
                }
            }
            // The last line has no end, or an empty one behind it that is no line.
            let last = lines.last().is_some_and(|(_, line)| line.is_empty());
            count.blank -= u64::from(last && files[number].2);
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!(told, count);
    }
}

/// The record with what is to be said of it, by way of JSON values.
fn annotated(line: &str, kept: bool, groups: &[Group], article: u32, corpus: &Corpus) -> String {
    let holds = |group: &Group| group.representative == article || group.members.iter().any(|m| m.0 == article);
    let group = groups.iter().position(holds);
    let told = group.map(|number| {
        let representative = groups[number].representative;
        let id = &corpus.headers[representative as usize].id;
        let (relation, score) = if representative == article { ("representative", "1.0") } else { ("copy", "0.5") };
        format!("{number},\"naskh_representative\":\"{id}\",\"naskh_relation\":\"{relation}\",\"naskh_score\":{score}")
    });
    let none = "null,\"naskh_representative\":null,\"naskh_relation\":null,\"naskh_score\":null".to_owned();
    let added = format!(",\"naskh_group\":{},\"naskh_kept\":{kept}}}", told.unwrap_or(none));
    line.replace('}', &added)
}

#[test]
fn inputs_that_change_meanwhile_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl");
    let (one, two) = ("{\"id\":1,\"text\":\"\"}\n", "{\"id\":2,\"text\":\"\"}\n");
    let bad = "?".repeat(one.len() - 1) + "\n";
    for (options, before, after, refused) in [
        (ReadOptions::default(), [one, two], [one, two], false),
        // Times and size as they were: what is found there tells.
        (ReadOptions::default(), [one, two], [one, &" ".repeat(one.len())], true),
        (ReadOptions::default(), [one, " \n"], [one, "x\n"], true),
        (skip(), [one, &bad], [one, &bad], false),
        (skip(), [one, &bad], [one, two], false),
        (skip(), [&bad, two], [&bad, &" ".repeat(one.len())], true),
        (ReadOptions::default(), [one, two], [one, ""], true),
    ] {
        fs::write(&path, before.concat()).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        let inputs = [path.clone()];
        let originals = Originals::find(&inputs, &options).unwrap();
        let corpus = Corpus::read(&inputs, &options).unwrap();
        fs::write(&path, after.concat()).unwrap();
        fs::File::options().append(true).open(&path).unwrap().set_modified(modified).unwrap();
        let decisions = dedup(&corpus, &[], &Keep::default());
        let rewrite =
            Rewrite { originals: &originals, corpus: &corpus, decisions: &decisions, annotate: false, together: true };
        match pieces(&rewrite) {
            Ok(_) => assert!(!refused, "{before:?} {after:?}"),
            Err(error) => {
                assert!(refused, "{error}");
                assert!(error.to_string().contains("a.jsonl: found other content on the second reading"), "{error}");
            }
        }
    }
}

/// A record of CSV behind its id, or what stands where one could.
fn row() -> impl Strategy<Value = Line> {
    let record = vec!["", "\"\"", "a", "\"a,b\"", "\"a\nb\"", "\"\"\"\r\n\"", "\"\n\n\"", "a\"b"];
    prop_oneof![
        6 => prop::sample::select(record).prop_map(Line::Record),
        1 => Just(Line::Blank("")),
        1 => Just(Line::Bad),
    ]
}

proptest! {
    #[test]
    fn what_is_kept_of_csv_is_what_a_look_at_every_record_finds(
        files in prop::collection::vec((prop::collection::vec(row(), 0..12), any::<[bool; 3]>()), 1..4),
        group_of in prop::collection::vec(0usize..6, 36),
        block in 1usize..100,
        annotate: bool,
        together: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut paths: Vec<PathBuf> = Vec::new();
        // Of each record its file, its bytes without an end, and its end.
        let mut records: Vec<(usize, String, &str)> = Vec::new();
        let mut blank = 0;
        for (number, (rows, [mark, unended, dos])) in files.iter().enumerate() {
            let end = if *dos { "\r\n" } else { "\n" };
            let mut content = if *mark { "\u{FEFF}" } else { "" }.to_owned() + " id,text" + end;
            for row in rows {
                match row {
                    Line::Record(text) => {
                        // In the order of the ids they stand otherwise than in the input.
                        let record = format!("{:02},{text}", (records.len() + 1) * 17 % 37);
                        content += &record;
                        records.push((number, record, end));
                    }
                    Line::Blank(_) => blank += 1,
                    Line::Bad => content += "too,many,fields",
                }
                content += end;
            }
            if *unended && rows.last().is_some_and(|row| !matches!(row, Line::Blank(_))) {
                content.truncate(content.len() - end.len());
            }
            paths.push(folder.path().join(format!("{number}.csv")));
            fs::write(&paths[number], content).unwrap();
        }
        let originals = Originals::find(&paths, &skip()).unwrap().in_blocks(block);
        Rewrite::check(&originals, annotate, together).unwrap();
        let corpus = Corpus::read(&paths, &skip()).unwrap();
        prop_assert_eq!(corpus.len(), records.len());
        let number_of = |record: &str| {
            corpus.headers.iter().position(|header| header.id == record[..2]).map(|number| number as u32).unwrap()
        };
        let numbers: Vec<u32> = records.iter().map(|(_, record, _)| number_of(record)).collect();
        let verdict = Verdict { score: 0.5, relation: Some(Relation::Copy) };
        let groups: Vec<Group> = (1..6)
            .map(|group| (0..records.len()).filter(|&record| group_of[record] == group).collect::<Vec<_>>())
            .filter(|set| set.len() > 1)
            .map(|set| Group {
                representative: numbers[set[0]],
                members: set[1..].iter().map(|&record| (numbers[record], verdict)).collect(),
            })
            .collect();
        let decisions = dedup(&corpus, &groups, &Keep::First);
        let rewrite = Rewrite { originals: &originals, corpus: &corpus, decisions: &decisions, annotate, together };
        let (found, told) = pieces(&rewrite).unwrap();

        let mut expected = String::new();
        let mut seen = std::collections::BTreeSet::new();
        let mut count = 0;
        for (number, (_, [_, _, dos])) in files.iter().enumerate() {
            expected += &format!("# {number}.csv\n");
            if number == 0 || !together {
                expected += " id,text";
                if annotate {
                    expected += ",naskh_group,naskh_representative,naskh_relation,naskh_score,naskh_kept";
                }
                expected += if *dos { "\r\n" } else { "\n" };
            }
            for (record, (_, line, end)) in records.iter().enumerate().filter(|(_, (file, ..))| *file == number) {
                let keep = group_of[record] == 0 || seen.insert(group_of[record]);
                if !annotate && !keep {
                    continue;
                }
                expected += line;
                if annotate {
                    let article = numbers[record];
                    let holds =
                        |group: &Group| group.representative == article || group.members.iter().any(|m| m.0 == article);
                    expected += &match groups.iter().position(holds) {
                        None => format!(",,,,,{keep}"),
                        Some(group) => {
                            let representative = groups[group].representative;
                            let id = &corpus.headers[representative as usize].id;
                            let told = if representative == article { "representative,1.0" } else { "copy,0.5" };
                            format!(",{group},{id},{told},{keep}")
                        }
                    };
                }
                expected += end;
                count += 1;
            }
        }
        prop_assert_eq!(found, expected);
        prop_assert_eq!((told.records, told.blank), (count, blank));
    }
}
