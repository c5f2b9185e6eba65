//! The inputs one after the other, cut into chunks of whole records for the worker threads.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::vec;

use super::compressed::{Packing, unpacked};
use super::inputs::{Form, InputFile, STDIN};
use super::lines::{Cut, Cutter, Source};
use super::text::without_bom;
use super::trouble::Trouble;
use crate::error::{Error, Place, Result};

/// How large a block of JSON lines is, in bytes: large beside the cost of handing it over, small
/// beside a core's cache.
pub(super) const BLOCK: usize = 1 << 18;
/// How many bytes are looked at to tell JSON lines from text where the name does not, at most.
const SNIFFED: usize = 64 << 10;
/// Enough to see a byte order mark.
const BOM_BYTES: usize = 3;

/// Whole records of one file.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Index into [`Chunks::paths`].
    pub(super) file: u32,
    /// The path for messages.
    pub(super) path: Arc<str>,
    /// Number of the line that the bytes begin with, from 1.
    pub(super) first_line: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) kind: ChunkKind,
}

#[derive(Debug)]
pub(super) enum ChunkKind {
    /// JSON lines. Those longer than allowed are still to be sorted out.
    Lines,
    /// A whole text file, no longer than allowed.
    Text { id: String },
}

/// An iterator over the chunks of all inputs, in their order. Errors stand where they arose, and
/// what can still be read comes after them.
pub(super) struct Chunks {
    inputs: vec::IntoIter<Result<InputFile>>,
    block: usize,
    longest: usize,
    open: Option<OpenLines>,
    paths: Vec<PathBuf>,
    bytes: u64,
}

/// A file of JSON lines partly read; the last of [`Chunks::paths`].
struct OpenLines {
    shown: Arc<str>,
    packing: Packing,
    cutter: Cutter,
}

impl Chunks {
    /// Chunks of about `block` bytes (see [`BLOCK`]); lines and texts of at most `longest` bytes.
    pub(super) fn new(inputs: Vec<Result<InputFile>>, block: usize, longest: usize) -> Chunks {
        Chunks { inputs: inputs.into_iter(), block, longest, open: None, paths: Vec::new(), bytes: 0 }
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

    /// Opens a file: a text is given out whole, lines are left to [`Chunks::cut`].
    fn begin(&mut self, file: &InputFile) -> Result<Option<Chunk>> {
        let Opened { mut source, packing, form } = Opened::new(file)?;
        self.paths.push(file.path.clone());
        let shown: Arc<str> = file.path.to_string_lossy().into();
        if form == Form::Lines {
            self.open = Some(OpenLines { shown, packing, cutter: Cutter::new(source, self.block, self.longest) });
            return Ok(None);
        }
        let whole = source.whole(self.longest);
        self.bytes += source.bytes();
        let bytes = whole.map_err(|error| packing.failure(&file.path, error, ""))?;
        let bytes = bytes
            .ok_or_else(|| Trouble::too_long("text", self.longest).at(Place { path: shown.to_string(), line: None }))?;
        Ok(Some(Chunk {
            file: self.file(),
            path: shown,
            first_line: 1,
            bytes,
            kind: ChunkKind::Text { id: file.text_id() },
        }))
    }

    /// The next cut of the file that is open, if one is.
    fn cut(&mut self) -> Option<Result<Chunk>> {
        let file = self.file();
        let open = self.open.as_mut()?;
        let path = Arc::clone(&open.shown);
        Some(match open.cutter.next() {
            Some(Cut::Lines { first_line, bytes }) => {
                Ok(Chunk { file, path, first_line, bytes, kind: ChunkKind::Lines })
            }
            Some(Cut::TooLong { line }) => {
                Err(Trouble::too_long("line", self.longest).at(Place { path: path.to_string(), line: Some(line) }))
            }
            Some(Cut::Failed { error, lines }) => {
                let after = format!(" after {lines} whole lines");
                Err(open.packing.failure(Path::new(&*path), error, &after))
            }
            None => {
                self.bytes += open.cutter.bytes();
                self.open = None;
                return None;
            }
        })
    }
}

impl Iterator for Chunks {
    type Item = Result<Chunk>;

    fn next(&mut self) -> Option<Result<Chunk>> {
        loop {
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

/// A file at its beginning, behind a byte order mark.
pub(super) struct Opened {
    pub(super) source: Source,
    pub(super) packing: Packing,
    pub(super) form: Form,
}

impl Opened {
    pub(super) fn new(file: &InputFile) -> Result<Opened> {
        let (reader, packing) =
            open(file.contents()).and_then(unpacked).map_err(|source| Error::Io { path: file.path.clone(), source })?;
        let mut source = Source::new(reader);
        let by_name = Form::by_name(&file.path);
        let head = source.peek(by_name.map_or(SNIFFED, |_| BOM_BYTES));
        let start = without_bom(head);
        let form = by_name.unwrap_or_else(|| by_content(start, &file.path));
        let bom = head.len() - start.len();
        source.drop_first(bom);
        Ok(Opened { source, packing, form })
    }
}

fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == STDIN {
        return Ok(Box::new(io::stdin()));
    }
    Ok(Box::new(File::open(path)?))
}

/// JSON begins with a brace; so does, after a bracket, the array that people mistake for JSON Lines,
/// and the record reader says so better than an article full of JSON would.
fn by_content(start: &[u8], path: &Path) -> Form {
    match start.trim_ascii_start() {
        [b'{', ..] => Form::Lines,
        [b'[', rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => Form::Lines,
        // Nothing piped in means no articles, not an empty one.
        [] if path.as_os_str() == STDIN => Form::Lines,
        _ => Form::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::ReadOptions;
    use crate::article::inputs::resolve;

    fn chunks(name: &str, data: &[u8], block: usize, longest: usize) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, data).unwrap();
        let chunks = Chunks::new(resolve(&[path], &ReadOptions::default()).files, block, longest);
        let shown = |chunk: Result<Chunk>| match chunk {
            Ok(chunk) => {
                let bytes = chunk.bytes.escape_ascii();
                match chunk.kind {
                    ChunkKind::Lines => format!("{} {bytes}", chunk.first_line),
                    ChunkKind::Text { id } => format!("{id} {bytes}"),
                }
            }
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
        ] {
            assert_eq!(chunks(name, data.as_bytes(), BLOCK, 100), [wanted], "{name}: {data:?}");
        }
        assert!(chunks("a.json", b"", BLOCK, 100).is_empty());
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
