//! The input files as they stand on disk, for those who read them twice and write their records back unchanged.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ::parquet::schema::types::TypePtr;

use super::chunks::BLOCK;
use super::compressed::Packing;
use super::fields::FieldTable;
use super::inputs::{Form, InputFile, check_readable_twice, resolve};
use super::lines::{Cut, Cutter};
use super::opened::{Content, Opened};
use super::parquet::{self, ParquetFile};
use super::trouble::Trouble;
use super::{OnError, ReadOptions, csv};
use crate::error::{Error, Place, Result};

/// The input files of a run that reads them twice, as they were before the first time.
#[derive(Debug)]
pub struct Originals {
    files: Vec<Original>,
    options: ReadOptions,
    table: FieldTable,
    /// See [`BLOCK`].
    block: usize,
}

/// One of these files.
#[derive(Debug)]
pub struct Original {
    file: InputFile,
    form: Form,
    stamp: Stamp,
    columns: Option<Columns>,
}

/// What a table says of all its records.
#[derive(Debug)]
pub(crate) enum Columns {
    /// The names in the first record of CSV, without blanks around them.
    Named(Vec<String>),
    /// The schema of Parquet, and the first column with the packing of its pages if that cannot be read.
    Typed(TypePtr, Option<(String, String)>),
}

impl Columns {
    /// Their names; of nested ones that at the top.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Columns::Named(names) => names.iter().map(String::as_str).collect(),
            Columns::Typed(schema, _) => schema.get_fields().iter().map(|column| column.name()).collect(),
        }
    }
}

/// What differs once a file has been written to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) bytes: u64,
    modified: Option<SystemTime>,
}

impl Originals {
    /// Finds the files in `inputs` and what they hold, before anything is read.
    ///
    /// # Errors
    /// [`Error::Input`] for an input that cannot be read twice: a pipe, a device, standard input unless
    /// [`ReadOptions::standard_input`] says where it is. Else those of reading for a file that cannot be opened; with
    /// [`OnError::Skip`] it is left out, and reading lists it.
    pub fn find(inputs: &[PathBuf], options: &ReadOptions) -> Result<Originals> {
        let table = FieldTable::new(&options.fields);
        let mut files = Vec::new();
        for file in resolve(inputs, options).files {
            if let Ok(file) = &file {
                check_readable_twice(file.contents())?;
            }
            match file.and_then(|file| Original::new(file, &table, options)) {
                Ok(original) => files.push(original),
                Err(error) if options.on_error == OnError::Stop => return Err(error),
                Err(_) => {}
            }
        }
        Ok(Originals { files, options: options.clone(), table, block: BLOCK })
    }

    /// The files, in the order of the input.
    pub fn files(&self) -> &[Original] {
        &self.files
    }

    /// Those of the files that were `opened`, in the same order.
    ///
    /// # Errors
    /// [`Error::Input`] if others were opened as well.
    pub(crate) fn opened(&self, opened: &[PathBuf]) -> Result<Vec<&Original>> {
        let mut files = self.files.iter();
        let found = |path: &PathBuf| files.find(|file| file.file.path == *path).ok_or_else(|| changed(path));
        opened.iter().map(found).collect()
    }

    /// Checks that no file has been written to.
    ///
    /// # Errors
    /// [`Error::Input`] for the first that has; [`Error::Io`] for one that is gone.
    pub fn check_unchanged(&self) -> Result<()> {
        match self.files.iter().find_map(|file| match file.file.stamp() {
            Ok(stamp) if stamp == file.stamp => None,
            Ok(_) => Some(changed(&file.file.path)),
            Err(error) => Some(error),
        }) {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    /// The lines or CSV records of `file` once more, in blocks.
    pub(crate) fn blocks(&self, file: &Original) -> Result<Blocks> {
        let (packing, content) = self.open(file)?;
        let Content::Stream(source) = content else {
            return Err(file.changed());
        };
        let longest = self.options.max_article_bytes;
        let (cutter, header) = match file.form {
            Form::Csv { delimiter } => {
                let mut cutter = Cutter::csv(source, self.block, longest, delimiter);
                let header = header(&mut cutter);
                (cutter, header)
            }
            _ => (Cutter::new(source, self.block, longest), None),
        };
        let path = file.file.path.clone();
        Ok(Blocks { cutter, header, block: self.block, packing, path, on_error: self.options.on_error })
    }

    /// The Parquet file `file` once more, and how it is packed as a whole.
    pub(crate) fn table(&self, file: &Original) -> Result<(ParquetFile, Packing)> {
        match self.open(file)? {
            (packing, Content::Table(whole)) => {
                let table = ParquetFile::open(whole, self.options.max_article_bytes);
                Ok((table.map_err(|trouble| trouble.at(file.place()))?, packing))
            }
            (_, Content::Stream(_)) => Err(file.changed()),
        }
    }

    fn open(&self, file: &Original) -> Result<(Packing, Content)> {
        let opened = Opened::new(&file.file, &self.table, &self.options.temporary_folder)?;
        if opened.form == file.form { Ok((opened.packing, opened.content)) } else { Err(file.changed()) }
    }

    /// The same with blocks of another size.
    #[cfg(test)]
    pub(crate) fn in_blocks(self, block: usize) -> Originals {
        Originals { block, ..self }
    }
}

/// The columns of a table that makes articles.
fn columns(opened: Opened, fields: &FieldTable, longest: usize) -> Option<Columns> {
    match (opened.form, opened.content) {
        (Form::Csv { delimiter }, Content::Stream(source)) => {
            let header = header(&mut Cutter::csv(source, 1, longest, delimiter))?;
            csv::Header::read(&header, delimiter, fields).ok()?;
            let names = csv::names(&header, delimiter).ok()?;
            Some(Columns::Named(names.iter().map(|name| name.trim().to_owned()).collect()))
        }
        (_, Content::Table(whole)) => {
            let table =
                ParquetFile::open(whole, longest).ok().filter(|table| parquet::makes_articles(table, fields))?;
            let schema = table.metadata.file_metadata().schema_descr().root_schema_ptr();
            Some(Columns::Typed(schema, table.unreadable()))
        }
        _ => None,
    }
}

/// The first record of CSV that is not blank, with its line end.
fn header(cutter: &mut Cutter) -> Option<Vec<u8>> {
    loop {
        match cutter.first()? {
            Cut::Records { bytes, .. } if csv::without_end(&bytes).is_empty() => {}
            Cut::Records { bytes, .. } => return Some(bytes),
            _ => return None,
        }
    }
}

fn changed(path: &Path) -> Error {
    Trouble::new("other content on the second reading", "inputs that stay as they are meanwhile")
        .at(Place { path: path.to_string_lossy().into_owned(), line: None })
}

impl Original {
    fn new(file: InputFile, table: &FieldTable, options: &ReadOptions) -> Result<Original> {
        let stamp = file.stamp()?;
        let (form, columns) = match Form::by_name(&file.path) {
            Some(form @ (Form::Lines | Form::Text)) => (form, None),
            _ => {
                let opened = Opened::new(&file, table, &options.temporary_folder)?;
                (opened.form, columns(opened, table, options.max_article_bytes))
            }
        };
        Ok(Original { file, form, stamp, columns })
    }

    /// Its columns, if it is a table. One that makes no articles has none, and reading says why.
    pub(crate) fn columns(&self) -> Option<&Columns> {
        self.columns.as_ref()
    }

    /// It, for messages.
    pub(crate) fn place(&self) -> Place {
        Place { path: self.path().to_string_lossy().into_owned(), line: None }
    }

    /// The path as the user gave it, joined with what was found below it.
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// Its path below the folder that the user gave, or its file name; `None` for standard input.
    pub fn name(&self) -> Option<&Path> {
        self.file.name()
    }

    /// What it holds.
    pub fn form(&self) -> Form {
        self.form
    }

    /// The error for a file that is not what it was on the first reading.
    pub(crate) fn changed(&self) -> Error {
        changed(self.path())
    }

    /// Its size on disk.
    pub fn bytes(&self) -> u64 {
        self.stamp.bytes
    }
}

impl InputFile {
    pub(super) fn stamp(&self) -> Result<Stamp> {
        let about = fs::metadata(self.contents()).map_err(|source| Error::Io { path: self.path.clone(), source })?;
        Ok(Stamp { bytes: about.len(), modified: about.modified().ok() })
    }
}

/// Whole lines or records of a file, with their ends; the very last may lack its own.
#[derive(Debug)]
pub(crate) struct Block {
    /// Number of the first line, from 1.
    pub(crate) first_line: u64,
    pub(crate) bytes: Vec<u8>,
}

/// The blocks of a file, in order.
pub(crate) struct Blocks {
    cutter: Cutter,
    header: Option<Vec<u8>>,
    block: usize,
    packing: Packing,
    path: PathBuf,
    on_error: OnError,
}

impl Blocks {
    /// How the file is packed.
    pub(crate) fn packing(&self) -> Packing {
        self.packing
    }

    /// The first record of CSV, with its line end.
    pub(crate) fn header(&self) -> Option<&[u8]> {
        self.header.as_deref()
    }

    /// The next blocks, as much as so many threads work on at a time; none at the end. What the first reading skipped
    /// is passed over.
    pub(crate) fn next(&mut self, threads: usize) -> Result<Vec<Block>> {
        let (mut blocks, mut bytes) = (Vec::new(), 0);
        while bytes < self.block * threads {
            match self.cutter.next() {
                Some(Cut::Records { first_line, bytes: lines }) => {
                    bytes += lines.len();
                    blocks.push(Block { first_line, bytes: lines });
                }
                Some(Cut::TooLong { .. } | Cut::Unclosed { .. } | Cut::Failed { .. })
                    if self.on_error == OnError::Skip => {}
                Some(Cut::TooLong { .. } | Cut::Unclosed { .. }) => return Err(changed(&self.path)),
                Some(Cut::Failed { error, lines }) => {
                    return Err(self.packing.failure(&self.path, error, &format!(" after {lines} whole lines")));
                }
                None => break,
            }
        }
        Ok(blocks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(on_error: OnError) -> ReadOptions {
        ReadOptions { on_error, ..ReadOptions::default() }
    }

    fn found(inputs: &[PathBuf]) -> Vec<(Option<String>, Form)> {
        let found = Originals::find(inputs, &options(OnError::Skip)).unwrap();
        let name = |file: &Original| file.name().map(|name| name.to_string_lossy().into_owned());
        found.files().iter().map(|file| (name(file), file.form())).collect()
    }

    #[test]
    fn files_go_by_their_names_below_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir(at("a")).unwrap();
        fs::write(at("a/1.jsonl"), "").unwrap();
        fs::write(at("a/2.txt"), "{}").unwrap();
        fs::write(at("bare"), "\u{FEFF} {}").unwrap();
        let below = [(Some("a/1.jsonl".into()), Form::Lines), (Some("a/2.txt".into()), Form::Text)];
        assert_eq!(found(&[folder.path().to_owned()]), below, "hidden and nameless ones are passed over");
        // Not by the ids, which are whole paths where two share a name.
        let named = [(Some("bare".into()), Form::Lines), (Some("2.txt".into()), Form::Text)];
        assert_eq!(found(&[at("bare"), at("a/2.txt"), at("gone")]), named);
        let stdin = ReadOptions { standard_input: Some(at("bare")), ..ReadOptions::default() };
        let found = Originals::find(&["-".into()], &stdin).unwrap();
        assert_eq!((found.files()[0].name(), found.files()[0].form()), (None, Form::Lines));
        assert_eq!(found.files()[0].path(), Path::new("-"));
    }

    #[test]
    fn what_cannot_be_read_twice_is_refused() {
        for (gone, path) in [("-", "-"), ("/dev/null", "/dev/null"), ("/dev/nul[l]", "/dev/null")] {
            if path != "-" && cfg!(not(unix)) {
                continue;
            }
            let error = Originals::find(&[gone.into()], &options(OnError::Skip)).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{path}: found an input that can be read once")), "{error}");
        }
        assert!(Originals::find(&["nowhere".into()], &options(OnError::Stop)).is_err());
    }

    #[test]
    fn a_change_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        fs::write(&path, "{}\n").unwrap();
        let originals = Originals::find(std::slice::from_ref(&path), &options(OnError::Stop)).unwrap();
        originals.check_unchanged().unwrap();
        assert_eq!(originals.opened(std::slice::from_ref(&path)).unwrap().len(), 1);
        assert!(originals.opened(&[path.clone(), path.clone()]).is_err());
        // Of the same size.
        fs::write(&path, "[]\n").unwrap();
        let later = SystemTime::now() + std::time::Duration::from_secs(5);
        fs::File::options().append(true).open(&path).unwrap().set_modified(later).unwrap();
        let said = originals.check_unchanged().unwrap_err().to_string();
        assert!(
            said.ends_with(
                "a.jsonl: found other content on the second reading; expected inputs that stay as they are meanwhile"
            ),
            "{said}"
        );
        fs::remove_file(&path).unwrap();
        assert!(matches!(originals.check_unchanged(), Err(Error::Io { .. })));
    }
}
