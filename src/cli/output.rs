//! Where rewritten records go: one output for all inputs, or a folder with a file for each.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use naskh::{InputForm, Original, Originals, Packing, Piece};
use tempfile::TempDir;

use super::packed::{Compression, Packed, packing_by_name};
use super::sink::Sink;

/// A destination of rewritten records. Without [`Output::finish`] it leaves no trace.
pub(crate) enum Output {
    /// A file or standard output.
    One(Packed),
    /// A folder.
    Each(Folder),
}

impl Output {
    /// Opens OUT for what is to be made of `originals`; standard output for `-` and none. Whatever can be seen to be
    /// wrong is refused here, before there is any work.
    pub(crate) fn open(
        out: Option<&Path>,
        compression: Option<Compression>,
        originals: &Originals,
    ) -> anyhow::Result<Output> {
        if let Some(out) = out.filter(|out| is_folder(out)) {
            if compression.is_some() {
                bail!(
                    "--compression: found it with a folder as OUT, where files are packed as their inputs; expected a file"
                );
            }
            return Ok(Output::Each(Folder::new(out, originals)?));
        }
        if let Some(text) = originals.files().iter().find(|file| file.form() == InputForm::Text) {
            bail!(
                "{}: found a text file; expected records, or a folder as OUT (its name ends in /)",
                text.path().display()
            );
        }
        let packing = match (compression, out) {
            (Some(compression), _) => compression.settle(),
            (None, Some(out)) => packing_by_name(out),
            (None, None) => Packing::Plain,
        };
        Ok(Output::One(Packed::new(Sink::open(out)?, packing)?))
    }

    /// Writes one piece.
    pub(crate) fn take(&mut self, piece: &Piece<'_>) -> anyhow::Result<()> {
        match (self, piece) {
            (Output::One(to), Piece::Records(records)) => to.write_all(records)?,
            // There are no texts then: `open` has looked.
            (Output::One(_), Piece::File { .. } | Piece::Text(_)) => {}
            (Output::Each(folder), piece) => folder.take(piece)?,
        }
        Ok(())
    }

    /// Writes what is left, and gives the files their names.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self {
            Output::One(to) => to.into_sink()?.finish(),
            Output::Each(folder) => folder.finish(),
        }
    }
}

/// Is OUT meant as a folder?
pub(crate) fn is_folder(out: &Path) -> bool {
    out.as_os_str().as_encoded_bytes().last().is_some_and(|&last| std::path::is_separator(last.into())) || out.is_dir()
}

/// A folder with a file of the same name for each input file. All are made in a hidden folder first.
pub(crate) struct Folder {
    target: PathBuf,
    /// In the target, or beside it where there is none yet, and so on the same file system.
    part: TempDir,
    is_new: bool,
    /// The file that records are written to.
    open: Option<Packed>,
    /// What is complete, below the folder.
    names: Vec<PathBuf>,
}

impl Folder {
    fn new(out: &Path, originals: &Originals) -> anyhow::Result<Folder> {
        // Without the separator at its end.
        let target: PathBuf = out.components().collect();
        let shown = || target.display().to_string();
        check_names(&target, originals)?;
        let is_new = match fs::metadata(&target) {
            Ok(about) if about.is_dir() => false,
            Ok(_) => bail!("{}: found a file; expected a folder, or a name without / at its end", shown()),
            Err(_) => true,
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix(".naskh-").suffix(".part");
        // Not the builder's own, which are for the owner alone.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o777));
        let beside = match target.parent().filter(|_| is_new) {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => &target,
        };
        fs::metadata(beside).with_context(shown)?;
        // The builder's own message names the hidden folder.
        let part = builder.tempdir_in(beside).map_err(|error| io::Error::from(error.kind())).with_context(shown)?;
        Ok(Folder { part, is_new, open: None, names: Vec::new(), target })
    }

    fn take(&mut self, piece: &Piece<'_>) -> anyhow::Result<()> {
        match piece {
            Piece::File { original, packing } => {
                self.close()?;
                let Some((name, part)) = self.begin(original)? else { return Ok(()) };
                self.open = Some(Packed::new(Sink::staged(&part, self.target.join(name))?, *packing)?);
            }
            Piece::Records(records) => {
                if let Some(to) = &mut self.open {
                    to.write_all(records)?;
                }
            }
            Piece::Text(original) => {
                self.close()?;
                let Some((name, part)) = self.begin(original)? else { return Ok(()) };
                let shown = || format!("{} as {}", original.path().display(), self.target.join(&name).display());
                fs::copy(original.path(), part).with_context(shown)?;
            }
        }
        Ok(())
    }

    /// The name of what is made of `original`, and where it is made.
    fn begin(&mut self, original: &Original) -> anyhow::Result<Option<(PathBuf, PathBuf)>> {
        // `check_names` has seen that each has one.
        let Some(name) = original.name() else { return Ok(None) };
        let part = self.part.path().join(name);
        make_folder(&part).with_context(|| self.target.join(name).display().to_string())?;
        self.names.push(name.to_owned());
        Ok(Some((name.to_owned(), part)))
    }

    fn close(&mut self) -> anyhow::Result<()> {
        match self.open.take() {
            Some(open) => open.into_sink()?.finish(),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.close()?;
        if self.is_new {
            fs::rename(self.part.path(), &self.target).with_context(|| self.target.display().to_string())?;
            // It is no more, under that name.
            let _ = self.part.keep();
            return Ok(());
        }
        for name in &self.names {
            let to = self.target.join(name);
            put(&self.part.path().join(name), &to).with_context(|| to.display().to_string())?;
        }
        Ok(())
    }
}

/// Gives the file `part` the name `to`, and the permissions of the one that it replaces.
fn put(part: &Path, to: &Path) -> io::Result<()> {
    make_folder(to)?;
    if let Ok(about) = fs::metadata(to) {
        fs::set_permissions(part, about.permissions())?;
    }
    fs::rename(part, to)
}

/// Makes the folder that the file `path` is to stand in.
fn make_folder(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

/// Each input must have a name of its own in the folder, which a file can get. A text that is dropped leaves no file, so one of its name must
/// not be there from before.
fn check_names(target: &Path, originals: &Originals) -> anyhow::Result<()> {
    let mut names = Vec::with_capacity(originals.files().len());
    for original in originals.files() {
        let Some(name) = original.name() else {
            bail!("-: found standard input, which has no name in a folder; expected a file as OUT, or files as INPUT");
        };
        if original.form() == InputForm::Text && target.join(name).exists() {
            bail!("{}: found a file; expected none of the name of an input", target.join(name).display());
        }
        let at = target.join(name);
        if at.is_dir() {
            bail!("{}: found a folder; expected none of the name of an input", at.display());
        }
        let mut above = at.ancestors().skip(1).take_while(|above| *above != target);
        if let Some(file) = above.find(|above| above.is_file()) {
            bail!("{}: found a file; expected a folder, or none of this name", file.display());
        }
        names.push((name, original.path()));
    }
    names.sort_unstable();
    match names.windows(2).find(|two| two[0].0 == two[1].0) {
        Some(two) => bail!(
            "{}: found {} and {}, of one name; expected inputs of different names, or a file as OUT",
            target.join(two[0].0).display(),
            two[0].1.display(),
            two[1].1.display()
        ),
        None => Ok(()),
    }
}
