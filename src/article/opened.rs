//! A file at its beginning: how it is packed, and what it holds, told by its name or its first bytes.

use std::fs::{self, File};
use std::io::{self, Read, Seek};
use std::path::Path;

use super::compressed::{Packing, unpacked};
use super::csv;
use super::fields::FieldTable;
use super::inputs::{Form, InputFile, STDIN};
use super::lines::Source;
use super::parquet;
use super::text::without_bom;
use super::trouble::Trouble;
use crate::error::{Error, Place, Result};

/// How many bytes are looked at to tell the form where the name does not, at most.
const SNIFFED: usize = 64 << 10;
/// Enough to see a byte order mark, or how Parquet begins.
const FIRST_BYTES: usize = 4;

/// An open file.
pub(super) struct Opened {
    pub(super) packing: Packing,
    pub(super) form: Form,
    pub(super) content: Content,
}

/// Its bytes, not packed.
pub(super) enum Content {
    /// From the beginning, or behind a byte order mark.
    Stream(Source),
    /// Parquet, for reading here and there.
    Table(File),
}

impl Opened {
    /// Opens `file`. Parquet that is packed, or comes in a stream, is first copied to a temporary file in `folder`,
    /// which is gone when it is closed.
    ///
    /// # Errors
    /// [`Error::Io`] where the system refuses; [`Error::Input`] for a file that is no Parquet, though called so.
    pub(super) fn new(file: &InputFile, table: &FieldTable, folder: &Path) -> Result<Opened> {
        let (reader, packing) =
            open(file.contents()).and_then(unpacked).map_err(|source| Error::Io { path: file.path.clone(), source })?;
        let mut source = Source::new(reader);
        let by_name = Form::by_name(&file.path);
        let goal = by_name.map_or(SNIFFED, |_| FIRST_BYTES);
        let head = source.peek(goal);
        if by_name == Some(Form::Parquet) || head.starts_with(parquet::MAGIC) {
            if !head.starts_with(parquet::MAGIC) {
                let place = Place { path: file.path.to_string_lossy().into_owned(), line: None };
                return Err(Trouble::new("a file that does not begin with PAR1", "a Parquet file").at(place));
            }
            let failed = |error| packing.failure(&file.path, error, "");
            let mut whole = random_access(file.contents(), packing, &mut source, folder).map_err(failed)?;
            if by_name == Some(Form::Parquet) || parquet::ends_like_parquet(&mut whole).map_err(failed)? {
                return Ok(Opened { packing, form: Form::Parquet, content: Content::Table(whole) });
            }
            // A text, after all.
            whole.rewind().map_err(failed)?;
            source = Source::new(Box::new(whole));
        }
        let head = source.peek(goal);
        let start = without_bom(head);
        let form = by_name.unwrap_or_else(|| by_content(start, &file.path, table));
        let bom = head.len() - start.len();
        source.drop_first(bom);
        Ok(Opened { packing, form, content: Content::Stream(source) })
    }
}

fn open(path: &Path) -> io::Result<Box<dyn Read + Send>> {
    if path.as_os_str() == STDIN {
        return Ok(Box::new(io::stdin()));
    }
    Ok(Box::new(File::open(path)?))
}

/// The file at `path` for reading here and there, or a copy of `source` where that cannot be.
fn random_access(path: &Path, packing: Packing, source: &mut Source, folder: &Path) -> io::Result<File> {
    if packing == Packing::Plain && path.as_os_str() != STDIN && fs::metadata(path)?.is_file() {
        return File::open(path);
    }
    let mut copy = tempfile::tempfile_in(folder)?;
    source.copy_to(&mut copy)?;
    Ok(copy)
}

/// JSON begins with a brace; so does, after a bracket, the array that people mistake for JSON Lines,
/// and the record reader says so better than an article full of JSON would.
fn by_content(start: &[u8], path: &Path, table: &FieldTable) -> Form {
    if let Some(delimiter) = csv::by_header(start, table) {
        return Form::Csv { delimiter };
    }
    match start.trim_ascii_start() {
        [b'{', ..] => Form::Lines,
        [b'[', rest @ ..] if rest.trim_ascii_start().starts_with(b"{") => Form::Lines,
        // Nothing piped in means no articles, not an empty one.
        [] if path.as_os_str() == STDIN => Form::Lines,
        _ => Form::Text,
    }
}
