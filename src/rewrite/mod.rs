//! Reads the inputs a second time and gives their records back as they stand there: those that are kept, or all of
//! them with what was found.
//!
//! A file here for each form that holds many records; a text file is kept as a whole. A record is known by its place
//! in the input, so nothing is parsed again to find it.

mod lines;

use rayon::prelude::*;

use crate::article::{Form, Original, Originals, Packing};
use crate::corpus::Corpus;
use crate::dedup::Decision;
use crate::error::{Error, Place, Result};
use lines::Lines;

/// What is to be written.
#[derive(Debug)]
pub struct Rewrite<'a> {
    /// The inputs that `corpus` was read from, found before that.
    pub originals: &'a Originals,
    /// The articles.
    pub corpus: &'a Corpus,
    /// What becomes of each.
    pub decisions: &'a [Decision],
    /// Write every record, with what was found of it added.
    pub annotate: bool,
}

/// What [`Rewrite::run`] gives out, in the order of the input.
#[derive(Debug)]
pub enum Piece<'a> {
    /// A file of records begins.
    File {
        /// The file.
        original: &'a Original,
        /// How it is packed.
        packing: Packing,
    },
    /// Whole records of the last file, with their line ends; not packed.
    Records(&'a [u8]),
    /// A text file that is kept, to be copied as it is.
    Text(&'a Original),
}

/// What was given out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rewritten {
    /// Records and text files.
    pub records: u64,
    /// Their bytes: of records not packed, of text files as they are on disk.
    pub bytes: u64,
    /// Blank lines between records, which are dropped.
    pub blank: u64,
}

/// One file, and its articles by number, in the order of their lines.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    rewrite: &'a Rewrite<'a>,
    original: &'a Original,
    articles: &'a [u32],
}

impl Rewrite<'_> {
    /// Hands what is to be written to `write`, piece by piece. At most two blocks (256 KiB, or one longer record) a
    /// thread are held at a time, and what is made of them.
    ///
    /// # Errors
    /// Those of `write`; and [`Error::Input`] or [`Error::Io`] where the inputs are not what they were on the first
    /// reading, or with `annotate` where a record has a key already that would be added. What was given out is
    /// worthless then.
    pub fn run<E: From<Error> + Send>(
        &self,
        mut write: impl FnMut(Piece<'_>) -> Result<(), E> + Send,
    ) -> Result<Rewritten, E> {
        let headers = &self.corpus.headers;
        let mut order: Vec<u32> = (0..self.corpus.len() as u32).collect();
        order.par_sort_unstable_by_key(|&article| headers[article as usize].origin);

        let mut written = Rewritten::default();
        let mut rest = &order[..];
        for (number, original) in (0u32..).zip(self.originals.opened(&self.corpus.files)?) {
            let end = rest.partition_point(|&article| headers[article as usize].origin.file <= number);
            let (articles, after) = rest.split_at(end);
            rest = after;
            match original.form() {
                Form::Lines => {
                    self.lines(Wanted { rewrite: self, original, articles }, &mut written, &mut write)?;
                }
                Form::Csv { .. } | Form::Parquet => {
                    let place = Place { path: original.path().to_string_lossy().into_owned(), line: None };
                    let (found, expected) = ("CSV or Parquet".into(), "JSON Lines or texts".into());
                    return Err(Error::Input { place, found, expected }.into());
                }
                Form::Text => {
                    if articles.iter().any(|&article| self.is_kept(article)) {
                        written.records += 1;
                        written.bytes += original.bytes();
                        write(Piece::Text(original))?;
                    }
                }
            }
        }
        self.originals.check_unchanged()?;
        Ok(written)
    }

    fn is_kept(&self, article: u32) -> bool {
        self.decisions[article as usize].kept == article
    }

    /// Reading is ahead of writing by as much as all threads work on.
    fn lines<E: From<Error> + Send>(
        &self,
        wanted: Wanted<'_>,
        written: &mut Rewritten,
        write: &mut (impl FnMut(Piece<'_>) -> Result<(), E> + Send),
    ) -> Result<(), E> {
        let threads = rayon::current_num_threads();
        let mut blocks = self.originals.blocks(wanted.original)?;
        write(Piece::File { original: wanted.original, packing: blocks.packing() })?;
        let (mut found, mut passed) = (0, 0);
        let mut ahead = blocks.next(threads)?;
        while !ahead.is_empty() {
            let at_hand = std::mem::take(&mut ahead);
            let mut work = || -> Result<(), E> {
                let made: Vec<Result<Lines>> = at_hand.par_iter().map(|block| Lines::of(block, wanted)).collect();
                for lines in made {
                    let lines = lines?;
                    found += lines.found;
                    passed += lines.passed;
                    written.records += lines.written;
                    written.bytes += lines.bytes.len() as u64;
                    written.blank += lines.blank;
                    if !lines.bytes.is_empty() {
                        write(Piece::Records(&lines.bytes))?;
                    }
                }
                Ok(())
            };
            let (read, worked) = rayon::join(|| blocks.next(threads), &mut work);
            worked?;
            ahead = read?;
        }
        // Records that were skipped are passed by.
        if found != wanted.articles.len() as u64 || passed > self.corpus.summary.skipped_count {
            return Err(wanted.original.changed().into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
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
            let rewrite = Rewrite { originals: &originals, corpus: &corpus, decisions: &decisions, annotate };
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
            format!(
                "{number},\"naskh_representative\":\"{id}\",\"naskh_relation\":\"{relation}\",\"naskh_score\":{score}"
            )
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
            let rewrite = Rewrite { originals: &originals, corpus: &corpus, decisions: &decisions, annotate: false };
            match pieces(&rewrite) {
                Ok(_) => assert!(!refused, "{before:?} {after:?}"),
                Err(error) => {
                    assert!(refused, "{error}");
                    assert!(
                        error.to_string().contains("a.jsonl: found other content on the second reading"),
                        "{error}"
                    );
                }
            }
        }
    }
}
