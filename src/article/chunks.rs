//! The inputs one after the other, cut into chunks of whole records for the worker threads.

use std::collections::VecDeque;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use super::ReadOptions;
use super::compressed::Packing;
use super::csv::{self, Header};
use super::fields::FieldTable;
use super::inputs::{Form, InputFile};
use super::lines::{Cut, Cutter};
use super::opened::{self, Opened};
use super::parquet::{self, Slice};
use super::trouble::Trouble;
use crate::error::{Error, Place, Result};

/// How large a block of records is, in bytes: large beside the cost of handing it over, small
/// beside a core's cache.
pub(super) const BLOCK: usize = 1 << 18;

/// Whole records of one file.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Index into [`Chunks::paths`].
    pub(super) file: u32,
    /// The path for messages.
    pub(super) path: Arc<str>,
    pub(super) content: Content,
}

/// What a chunk holds. Records longer than allowed are still to be sorted out.
#[derive(Debug)]
pub(super) enum Content {
    /// JSON lines, the first of them with this number.
    Lines { first_line: u64, bytes: Vec<u8> },
    /// Records of CSV, the first of them at this line.
    Csv { header: Arc<Header>, first_line: u64, bytes: Vec<u8> },
    /// A whole text file, no longer than allowed.
    Text { id: String, bytes: Vec<u8> },
    /// Rows of Parquet.
    Rows(Slice),
}

/// An iterator over the chunks of all inputs, in their order. Errors stand where they arose, and
/// what can still be read comes after them.
pub(super) struct Chunks<'t> {
    inputs: vec::IntoIter<Result<InputFile>>,
    table: &'t FieldTable,
    block: usize,
    options: &'t ReadOptions,
    open: Option<OpenRecords>,
    /// Those of the last file that are still to be given out.
    slices: VecDeque<Chunk>,
    paths: Vec<PathBuf>,
    bytes: u64,
    reached: Reached,
}

/// How much of the inputs has been read, as they lie on disk.
#[derive(Default)]
struct Reached {
    /// Bytes of the files before this one, and of this one.
    before: u64,
    size: u64,
    /// Bytes of this one that have been given out; of a packed one it is not known what they were on disk.
    within: u64,
    packed: bool,
}

impl Reached {
    fn begin(&mut self, size: u64, packing: Packing) {
        *self = Reached { before: self.before + self.size, size, within: 0, packed: packing != Packing::Plain };
    }

    fn bytes(&self) -> u64 {
        self.before + if self.packed { 0 } else { self.within.min(self.size) }
    }
}

/// A file of records partly read; the last of [`Chunks::paths`].
struct OpenRecords {
    shown: Arc<str>,
    packing: Packing,
    records: Records,
    cutter: Cutter,
}

enum Records {
    Lines,
    /// CSV of which the header is still to come.
    Headless {
        delimiter: u8,
    },
    Csv(Arc<Header>),
}

impl<'t> Chunks<'t> {
    /// Chunks of about `block` bytes (see [`BLOCK`]).
    pub(super) fn new(
        inputs: Vec<Result<InputFile>>,
        table: &'t FieldTable,
        options: &'t ReadOptions,
        block: usize,
    ) -> Chunks<'t> {
        Chunks {
            inputs: inputs.into_iter(),
            table,
            block,
            options,
            open: None,
            slices: VecDeque::new(),
            paths: Vec::new(),
            bytes: 0,
            reached: Reached::default(),
        }
    }

    /// Decompressed bytes read of all files that are done with.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The files opened so far, in order.
    pub(super) fn into_paths(self) -> Vec<PathBuf> {
        self.paths
    }

    fn file(&self) -> u32 {
        u32::try_from(self.paths.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// Opens a file: a text is given out whole, records are left to [`Chunks::cut`].
    fn begin(&mut self, file: &InputFile) -> Result<Option<Chunk>> {
        let Opened { packing, form, content } = Opened::new(file, self.table, &self.options.temporary_folder)?;
        self.paths.push(file.path.clone());
        self.reached.begin(file.stamp().map_or(0, |stamp| stamp.bytes), packing);
        self.options.progress.reached(self.reached.bytes());
        let shown: Arc<str> = file.path.to_string_lossy().into();
        let mut source = match content {
            opened::Content::Stream(source) => source,
            opened::Content::Table(whole) => return self.slice(whole, shown).map(|()| None),
        };
        let longest = self.options.max_article_bytes;
        let (records, cutter) = match form {
            Form::Lines => (Records::Lines, Cutter::new(source, self.block, longest)),
            Form::Csv { delimiter } => {
                (Records::Headless { delimiter }, Cutter::csv(source, self.block, longest, delimiter))
            }
            // A stream is never Parquet.
            Form::Text | Form::Parquet => {
                let whole = source.whole(longest);
                self.bytes += source.bytes();
                let bytes = whole.map_err(|error| packing.failure(&file.path, error, ""))?;
                let too_long = || Trouble::too_long("text", longest).at(Place { path: shown.to_string(), line: None });
                let content = Content::Text { id: file.text_id(), bytes: bytes.ok_or_else(too_long)? };
                return Ok(Some(Chunk { file: self.file(), path: shown, content }));
            }
        };
        self.open = Some(OpenRecords { shown, packing, records, cutter });
        Ok(None)
    }

    /// Takes up the slices of a Parquet file.
    fn slice(&mut self, whole: File, path: Arc<str>) -> Result<()> {
        let at = |trouble: Trouble| trouble.at(Place { path: path.to_string(), line: None });
        let length = whole.metadata().map(|about| about.len());
        self.bytes += length.map_err(|source| Error::Io { path: PathBuf::from(&*path), source })?;
        let file = self.file();
        let slices = parquet::slices(whole, self.options.max_article_bytes, self.table).map_err(at)?;
        let chunk = |slice| Chunk { file, path: Arc::clone(&path), content: Content::Rows(slice) };
        self.slices = slices.into_iter().map(chunk).collect();
        Ok(())
    }

    /// The next cut of the file that is open, if one is.
    fn cut(&mut self) -> Option<Result<Chunk>> {
        let file = self.file();
        loop {
            let open = self.open.as_mut()?;
            let path = Arc::clone(&open.shown);
            let at = |line| Place { path: path.to_string(), line: Some(line) };
            let headless = matches!(open.records, Records::Headless { .. });
            let cut = if headless { open.cutter.first() } else { open.cutter.next() };
            let failure = match cut {
                Some(Cut::Records { first_line, bytes }) => {
                    self.reached.within += bytes.len() as u64;
                    let content = match &open.records {
                        Records::Lines => Content::Lines { first_line, bytes },
                        Records::Csv(header) => Content::Csv { header: Arc::clone(header), first_line, bytes },
                        Records::Headless { .. } if csv::without_end(&bytes).is_empty() => continue,
                        &Records::Headless { delimiter } => match Header::read(&bytes, delimiter, self.table) {
                            Ok(header) => {
                                open.records = Records::Csv(Arc::new(header));
                                continue;
                            }
                            Err(trouble) => {
                                self.close();
                                return Some(Err(trouble.at(at(first_line))));
                            }
                        },
                    };
                    self.options.progress.reached(self.reached.bytes());
                    return Some(Ok(Chunk { file, path, content }));
                }
                Some(Cut::TooLong { line }) => {
                    let unit = if matches!(open.records, Records::Lines) { "line" } else { "row" };
                    Trouble::too_long(unit, self.options.max_article_bytes).at(at(line))
                }
                Some(Cut::Unclosed { line }) => csv::unclosed().at(at(line)),
                Some(Cut::Failed { error, lines }) => {
                    let after = format!(" after {lines} whole lines");
                    open.packing.failure(Path::new(&*path), error, &after)
                }
                None => {
                    self.close();
                    return None;
                }
            };
            // Without its header nothing of a file can be read.
            if headless {
                self.close();
            }
            return Some(Err(failure));
        }
    }

    fn close(&mut self) {
        if let Some(open) = self.open.take() {
            self.bytes += open.cutter.bytes();
        }
    }
}

impl Iterator for Chunks<'_> {
    type Item = Result<Chunk>;

    fn next(&mut self) -> Option<Result<Chunk>> {
        loop {
            if let Some(slice) = self.slices.pop_front() {
                return Some(Ok(slice));
            }
            if let Some(cut) = self.cut() {
                return Some(cut);
            }
            let begun = self.inputs.next()?.and_then(|file| self.begin(&file));
            if let Some(chunk) = begun.transpose() {
                return Some(chunk);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Fields;
    use crate::article::inputs::resolve;

    fn chunks(name: &str, data: &[u8], block: usize, longest: usize) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, data).unwrap();
        let options = ReadOptions { max_article_bytes: longest, ..ReadOptions::default() };
        let table = FieldTable::new(&Fields::default());
        let chunks = Chunks::new(resolve(&[path], &options).files, &table, &options, block);
        let shown = |chunk: Result<Chunk>| match chunk {
            Ok(chunk) => match chunk.content {
                Content::Lines { first_line, bytes } => format!("{first_line} {}", bytes.escape_ascii()),
                Content::Csv { first_line, bytes, header } => {
                    format!("{first_line} {} {}", header.delimiter.escape_ascii(), bytes.escape_ascii())
                }
                Content::Text { id, bytes } => format!("{id} {}", bytes.escape_ascii()),
                Content::Rows(_) => panic!("no Parquet was written"),
            },
            Err(error) => error.to_string().rsplit_once("found").unwrap().1.to_owned(),
        };
        chunks.map(shown).collect()
    }

    #[test]
    fn name_then_content_tells_the_form() {
        for (name, data, wanted) in [
            ("a.jsonl", "x\ny", "1 x\\ny"),
            ("a.txt", "{}", "a.txt {}"),
            ("a.dat", "{}\n", "1 {}\\n"),
            ("a.dat", "\u{FEFF}\r\n {}", "1 \\r\\n {}"),
            ("a.dat", "[ \n{}]", "1 [ \\n{}]"),
            ("a.dat", "[x] {}", "a.dat [x] {}"),
            ("a", "x", "a x"),
            ("a", "", "a "),
            ("a.txt", "\u{FEFF}\u{FEFF}", "a.txt \\xef\\xbb\\xbf"),
            ("a.json", "\u{FEFF}{}", "1 {}"),
            ("a.csv", "\u{FEFF}\r\nid,\"te\"\"xt\n\",body\r\n1,,\"2\n\"\n", "4 , 1,,\\\"2\\n\\\"\\n"),
            ("a.tsv", "text\tid\na,b\tc", "2 \\t a,b\\tc"),
            ("a", "id, text\nx", "2 , x"),
            ("a", "headline\tbody\r\nx", "2 \\t x"),
            // No column beside the text, no text, no line end.
            ("a", "text,words\nx", "a text,words\\nx"),
            ("a", "id,date\nx", "a id,date\\nx"),
            ("a", "id,text", "a id,text"),
        ] {
            assert_eq!(chunks(name, data.as_bytes(), BLOCK, 100), [wanted], "{name}: {data:?}");
        }
        for empty in ["a.json", "a.csv", "a.tsv.gz"] {
            assert!(chunks(empty, b"", BLOCK, 100).is_empty());
        }
        assert!(chunks("a.csv", b"\n\r\n\ntext\n", BLOCK, 100).is_empty());
    }

    #[test]
    fn lines_come_in_blocks_and_count_on() {
        assert_eq!(chunks("a.jsonl", b"a\nb\nc\nlong\n\nd", 4, 100), ["1 a\\nb\\n", "3 c\\n", "4 long\\n\\nd"]);
    }

    #[test]
    fn what_is_too_long_is_left_out() {
        let raised = "(--max-article-bytes raises this)";
        let line = format!(" a line of more than 5 bytes; expected at most 5 bytes for one article {raised}");
        assert_eq!(chunks("a.jsonl", b"a\n1234567890\nb\n", 2, 5), ["1 a\\n", &line, "3 b\\n"]);
        let text = chunks("a.txt", b"123456", BLOCK, 5);
        assert!(text[0].starts_with(" a text of more than 5 bytes"), "{text:?}");
    }
}
