//! Finds the files to read: those named, those that match a pattern, and those in the folders named.

use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ahash::AHashSet;
use glob::{MatchOptions, glob_with};
use walkdir::{DirEntry, WalkDir};

use super::ReadOptions;
use super::csv::{COMMA, TAB};
use super::trouble::Trouble;
use crate::error::{Error, Place, Result};

/// The path that means standard input.
pub(super) const STDIN: &str = "-";

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// One JSON object a line.
    Lines,
    /// Records of fields with such a delimiter, the names of the columns first.
    Csv {
        /// A comma or a tab.
        delimiter: u8,
    },
    /// Rows of typed columns.
    Parquet,
    /// One article, as plain text.
    Text,
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::Lines => "JSON Lines",
            Form::Csv { delimiter: TAB } => "TSV",
            Form::Csv { .. } => "CSV",
            Form::Parquet => "Parquet",
            Form::Text => "text",
        })
    }
}

impl Form {
    /// What the name says, a `.gz` or `.zst` at its end left aside; `None` where it says nothing.
    pub(super) fn by_name(path: &Path) -> Option<Form> {
        let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
        let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
        let (_, ending) = name.rsplit_once('.')?;
        match ending {
            "txt" | "text" => Some(Form::Text),
            "jsonl" | "ndjson" | "json" => Some(Form::Lines),
            "csv" => Some(Form::Csv { delimiter: COMMA }),
            "tsv" => Some(Form::Csv { delimiter: TAB }),
            "parquet" => Some(Form::Parquet),
            _ => None,
        }
    }
}

/// A file to read.
#[derive(Clone, Debug)]
pub(super) struct InputFile {
    /// Where it is; [`STDIN`] is standard input.
    pub(super) path: PathBuf,
    /// Where its bytes are, if not there.
    stored: Option<PathBuf>,
    naming: Naming,
}

/// How a text file comes to its id.
#[derive(Clone, Debug)]
enum Naming {
    FileName,
    AsGiven,
    Below(Arc<Path>),
}

impl InputFile {
    /// Where its bytes are; [`STDIN`] is standard input.
    pub(super) fn contents(&self) -> &Path {
        self.stored.as_deref().unwrap_or(&self.path)
    }

    /// Its path below the folder named, or its file name; standard input has none.
    pub(super) fn name(&self) -> Option<&Path> {
        match &self.naming {
            Naming::Below(folder) => self.path.strip_prefix(folder).ok(),
            _ if self.path.as_os_str() == STDIN => None,
            _ => self.path.file_name().map(Path::new),
        }
    }

    /// The id of the article if the file is plain text.
    pub(super) fn text_id(&self) -> String {
        match &self.naming {
            Naming::FileName => self.path.file_name().map(OsStr::to_string_lossy),
            Naming::AsGiven => None,
            Naming::Below(folder) => {
                let below = self.path.strip_prefix(folder).unwrap_or(&self.path);
                let parts: Vec<_> = below.iter().map(OsStr::to_string_lossy).collect();
                return parts.join("/");
            }
        }
        .unwrap_or_else(|| self.path.to_string_lossy())
        .into_owned()
    }
}

/// The files that a list of paths comes to, in order; a path or folder that could not be read
/// stands as the error in its place.
#[derive(Debug)]
pub(super) struct Inputs {
    pub(super) files: Vec<Result<InputFile>>,
    /// Files in folders passed over because their names end in nothing that is read. Hidden files
    /// are not counted.
    pub(super) ignored: usize,
}

/// Resolves `paths`: files (always taken), folders (searched below, in the order of names), `-`, and where nothing is
/// called so patterns with `*`, `**`, `?` or `[...]`, for what they match in the order of names.
pub(super) fn resolve(paths: &[PathBuf], options: &ReadOptions) -> Inputs {
    let mut inputs = Inputs { files: Vec::new(), ignored: 0 };
    let mut stdin_seen = false;
    for path in paths {
        if path.as_os_str() == STDIN {
            inputs.files.push(if stdin_seen {
                Err(Trouble::new("standard input twice", "it once at most").at(whole(path)))
            } else {
                Ok(InputFile { stored: options.standard_input.clone(), ..named(path) })
            });
            stdin_seen = true;
            continue;
        }
        inputs.add(path, true);
    }
    inputs.part_namesakes();
    inputs
}

/// The files below a folder that would be read, in the order of names; there may be none, and some may be gone already.
///
/// # Errors
/// [`Error::Io`] for a folder that cannot be searched.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut inputs = Inputs { files: Vec::new(), ignored: 0 };
    fs::read_dir(folder).map_err(|source| Error::Io { path: folder.to_owned(), source })?;
    inputs.search(folder);
    // An empty folder is no trouble here.
    let is_trouble = |error: &Error| matches!(error, Error::Io { source, .. } if source.kind() != ErrorKind::NotFound);
    let files = inputs.files.into_iter().filter(|file| file.as_ref().err().is_none_or(is_trouble));
    files.map(|file| Ok(file?.path)).collect()
}

/// Refuses an input that is gone once it has been read: standard input, a pipe, a device.
///
/// # Errors
/// [`Error::Input`] for such a one. A path with nothing there is none: reading says what is wrong.
pub fn check_readable_twice(input: &Path) -> Result<()> {
    let is_stream = |about: fs::Metadata| !about.is_file() && !about.is_dir();
    if input.as_os_str() != STDIN && !fs::metadata(input).is_ok_and(is_stream) {
        return Ok(());
    }
    let place = Place { path: input.to_string_lossy().into_owned(), line: None };
    let (found, expected) =
        ("an input that can be read once only".into(), "files or folders, which are read twice here".into());
    Err(Error::Input { place, found, expected })
}

fn named(path: &Path) -> InputFile {
    InputFile { path: path.to_owned(), stored: None, naming: Naming::FileName }
}

fn whole(path: &Path) -> Place {
    Place { path: path.to_string_lossy().into_owned(), line: None }
}

fn hidden(entry: &DirEntry) -> bool {
    // The folder itself may be called `.` or be hidden: it was asked for.
    entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".")
}

/// As a shell without special settings expands them.
const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: true };

impl Inputs {
    /// Adds a file, a folder or, where it `may_match`, a pattern.
    fn add(&mut self, path: &Path, may_match: bool) {
        match fs::metadata(path) {
            Ok(about) if about.is_dir() => self.search(path),
            Ok(_) => self.files.push(Ok(named(path))),
            Err(source) => match path.to_str().filter(|path| may_match && path.contains(['*', '?', '['])) {
                Some(pattern) => self.expand(pattern),
                None => self.files.push(Err(Error::Io { path: path.to_owned(), source })),
            },
        }
    }

    fn expand(&mut self, pattern: &str) {
        let refused = |found: String, expected| Err(Trouble::new(found, expected).at(whole(Path::new(pattern))));
        let matches = match glob_with(pattern, MATCHING) {
            Ok(matches) => matches,
            Err(error) => {
                let found = format!("a pattern that is none (at byte {}: {})", error.pos + 1, error.msg);
                return self.files.push(refused(found, "a path, or a pattern such as data/*.jsonl"));
            }
        };
        let before = self.files.len();
        for path in matches {
            match path {
                Ok(path) => self.add(&path, false),
                Err(error) => {
                    let path = error.path().to_owned();
                    self.files.push(Err(Error::Io { path, source: error.into() }));
                }
            }
        }
        if self.files.len() == before {
            self.files.push(refused("no file that matches this pattern".into(), "one at least"));
        }
    }

    fn search(&mut self, folder: &Path) {
        let before = (self.files.len(), self.ignored);
        let shared: Arc<Path> = folder.into();
        let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| !hidden(entry)) {
            match entry {
                Ok(entry) if entry.file_type().is_dir() => {}
                Ok(entry) if entry.file_type().is_file() && Form::by_name(entry.path()).is_some() => {
                    let naming = Naming::Below(Arc::clone(&shared));
                    self.files.push(Ok(InputFile { path: entry.into_path(), stored: None, naming }));
                }
                // Among them links, which could lead anywhere, and pipes, which could block.
                Ok(_) => self.ignored += 1,
                Err(error) => self
                    .files
                    .push(Err(Error::Io { path: error.path().unwrap_or(folder).to_owned(), source: error.into() })),
            }
        }
        if self.files.len() == before.0 {
            let found = match self.ignored - before.1 {
                0 => "an empty folder".to_owned(),
                others => format!("a folder with no file to read ({others} passed over)"),
            };
            let expected = "files ending in .txt, .text, .jsonl, .ndjson, .json, .csv, .tsv or .parquet, or these \
                            and .gz or .zst";
            self.files.push(Err(Trouble::new(found, expected).at(whole(folder))));
        }
    }

    /// Where two files named share a file name, all files named go by their whole paths.
    fn part_namesakes(&mut self) {
        let mut seen = AHashSet::new();
        let named = |file: &&InputFile| matches!(file.naming, Naming::FileName);
        let twice = self.files.iter().flatten().filter(named).any(|file| !seen.insert(file.path.file_name()));
        if twice {
            for file in self.files.iter_mut().flatten() {
                if matches!(file.naming, Naming::FileName) {
                    file.naming = Naming::AsGiven;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(paths: &[PathBuf]) -> Inputs {
        super::resolve(paths, &ReadOptions::default())
    }

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn ids(inputs: &Inputs) -> Vec<String> {
        let id = |file: &Result<InputFile>| file.as_ref().unwrap().text_id();
        inputs.files.iter().map(id).collect()
    }

    #[test]
    fn names_tell_forms() {
        for (name, form) in [
            ("a.txt", Some(Form::Text)),
            ("a.TEXT.gz", Some(Form::Text)),
            ("d.x/a.jsonl.zst", Some(Form::Lines)),
            ("a.ndjson", Some(Form::Lines)),
            ("a.json", Some(Form::Lines)),
            ("a.csv", Some(Form::Csv { delimiter: b',' })),
            ("A.TSV.GZ", Some(Form::Csv { delimiter: b'\t' })),
            ("a.Parquet", Some(Form::Parquet)),
            ("a.gz", None),
            ("txt", None),
            ("a.txt.bz2", None),
            ("-", None),
        ] {
            assert_eq!(Form::by_name(Path::new(name)), form, "{name}");
        }
    }

    #[test]
    fn folders_are_searched_in_order() {
        let folder = folder(&["b.txt", "a/2.jsonl.gz", "a/1.TXT", "c.pdf", ".hidden.txt", ".git/x.txt"]);
        let inputs = resolve(&[folder.path().to_owned()]);
        assert_eq!(ids(&inputs), ["a/1.TXT", "a/2.jsonl.gz", "b.txt"]);
        assert_eq!(inputs.ignored, 1);
        let slash = PathBuf::from(format!("{}/", folder.path().display()));
        assert_eq!(ids(&resolve(&[slash])), ids(&inputs));
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_where_named() {
        let folder = folder(&["real/a.txt"]);
        let link = folder.path().join("link.txt");
        std::os::unix::fs::symlink(folder.path().join("real/a.txt"), &link).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("loop")).unwrap();
        let inputs = resolve(&[folder.path().to_owned()]);
        assert_eq!(ids(&inputs), ["real/a.txt"]);
        assert_eq!(inputs.ignored, 2);
        assert_eq!(ids(&resolve(&[link])), ["link.txt"]);
        assert_eq!(ids(&resolve(&[folder.path().join("loop")])), ["real/a.txt"]);
    }

    #[test]
    fn files_named_are_taken_whatever_their_names() {
        let folder = folder(&["x/a.txt", "y/a.txt", "y/b"]);
        let at = |name: &str| folder.path().join(name);
        let inputs = resolve(&[at("x/a.txt"), at("y/b"), PathBuf::from("-")]);
        assert_eq!(ids(&inputs), ["a.txt", "b", "-"]);
        let inputs = resolve(&[at("x/a.txt"), at("y/b"), at("y/a.txt")]);
        let whole = ["x/a.txt", "y/b", "y/a.txt"].map(|name| at(name).display().to_string());
        assert_eq!(ids(&inputs), whole);
    }

    #[test]
    fn patterns_are_expanded_where_nothing_is_called_so() {
        let folder = folder(&["b.csv", "a.csv", ".c.csv", "d/e.csv", "d/f.txt", "x[1].txt", "x1.txt"]);
        let found = |pattern: &str| ids(&resolve(&[folder.path().join(pattern)]));
        assert_eq!(found("*.csv"), ["a.csv", "b.csv"]);
        assert_eq!(found("**/*.csv"), ["a.csv", "b.csv", "e.csv"]);
        assert_eq!(found("?.csv"), ["a.csv", "b.csv"]);
        assert_eq!(found("[bd]*"), ["b.csv", "e.csv", "f.txt"]);
        assert_eq!(found("x[1].txt"), ["x[1].txt"], "it is there under this very name");
        assert_eq!(found("x[[]1].txt"), ["x[1].txt"]);
        for (pattern, said) in [
            ("*.json", "*.json: found no file that matches this pattern; expected one at least"),
            ("a[", "a[: found a pattern that is none (at byte "),
        ] {
            let error = resolve(&[folder.path().join(pattern)]).files.remove(0).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        let folder = folder(&["none/a.pdf"]);
        fs::create_dir(folder.path().join("empty")).unwrap();
        let said = |path: PathBuf| match resolve(&[path]).files.remove(0) {
            Ok(file) => panic!("{file:?}"),
            Err(error) => error.to_string(),
        };
        assert!(said(folder.path().join("gone")).contains("gone: "));
        assert!(said(folder.path().join("empty")).contains("found an empty folder"));
        assert!(said(folder.path().join("none")).contains("(1 passed over)"));
        let twice = resolve(&["-".into(), "-".into()]);
        assert!(twice.files[0].is_ok() && twice.files[1].is_err());
    }
}
