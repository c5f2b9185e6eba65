//! Where results go: standard output, or a file that appears under its name only when it is complete.

use std::fs::{self, File};
use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use tempfile::NamedTempFile;

/// A destination of results. Without [`Sink::finish`] a file leaves no trace.
pub(crate) struct Sink {
    to: BufWriter<Destination>,
    path: Option<PathBuf>,
}

enum Destination {
    Stdout(Stdout),
    /// Written beside its name and renamed.
    Beside(NamedTempFile),
    /// Written where it is: a pipe or a device, such as /dev/null, must not be replaced.
    Given(File),
}

impl Sink {
    /// The file `path`; standard output for `-` and none.
    pub(crate) fn open(path: Option<&Path>) -> anyhow::Result<Sink> {
        match path {
            Some(path) if path.as_os_str() != "-" => Self::file(path),
            _ => Ok(Sink { to: BufWriter::new(Destination::Stdout(io::stdout())), path: None }),
        }
    }

    /// The file `path`. It is opened at once, so that a wrong name costs no long run.
    pub(crate) fn file(path: &Path) -> anyhow::Result<Sink> {
        let shown = || path.display().to_string();
        if path.as_os_str() == "-" {
            bail!("found - for an output file; expected the name of a file");
        }
        let (to, path) = match fs::metadata(path) {
            Ok(about) if about.is_dir() => bail!("{}: found a folder; expected the name of a file", shown()),
            Ok(about) if !about.is_file() => {
                let device = File::options().write(true).open(path).with_context(shown)?;
                (Destination::Given(device), path.to_owned())
            }
            // Of a link, what it points to is replaced.
            Ok(about) => {
                let path = path.canonicalize().with_context(shown)?;
                let part = beside(&path)?;
                // A private file stays private.
                part.as_file().set_permissions(about.permissions()).with_context(shown)?;
                (Destination::Beside(part), path)
            }
            Err(_) => (Destination::Beside(beside(path)?), path.to_owned()),
        };
        Ok(Sink { to: BufWriter::new(to), path: Some(path) })
    }

    /// The new file `part`, which is to become `path` and goes by that name in messages; finishing it leaves it where
    /// it is.
    pub(crate) fn staged(part: &Path, path: PathBuf) -> anyhow::Result<Sink> {
        let file = File::create_new(part).with_context(|| path.display().to_string())?;
        Ok(Sink { to: BufWriter::new(Destination::Given(file)), path: Some(path) })
    }

    /// Is it a terminal, with a person before it?
    pub(crate) fn is_terminal(&self) -> bool {
        matches!(self.to.get_ref(), Destination::Stdout(stdout) if stdout.is_terminal())
    }

    /// Writes what is left, and gives a file its name.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        self.flush()?;
        let to = self.to.into_inner().map_err(|error| error.into_error())?;
        if let (Destination::Beside(part), Some(path)) = (to, self.path) {
            let renamed = part.persist(&path).map_err(|error| error.error);
            renamed.with_context(|| path.display().to_string())?;
        }
        Ok(())
    }

    /// Says which file could not be written.
    fn named<T>(&self, result: io::Result<T>) -> io::Result<T> {
        result.map_err(|error| match &self.path {
            Some(path) => io::Error::new(error.kind(), format!("{}: {error}", path.display())),
            None => error,
        })
    }
}

/// Where the file `path` is, or would be, by one name for all that lead there.
pub(crate) fn place(path: &Path) -> PathBuf {
    let in_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(in_folder).unwrap_or_else(|| path.to_owned())
}

/// A file of another name in the folder of `path`, removed when dropped.
fn beside(path: &Path) -> anyhow::Result<NamedTempFile> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    // Not the builder's own way of opening it, which makes files that others may not read.
    tempfile::Builder::new()
        .prefix(".naskh-")
        .suffix(".part")
        .make_in(folder, |part| File::create_new(part))
        .with_context(|| path.display().to_string())
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes);
        self.named(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.to.flush();
        self.named(flushed)
    }
}

impl Write for Destination {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Destination::Stdout(to) => to.write(bytes),
            Destination::Beside(to) => to.write(bytes),
            Destination::Given(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Destination::Stdout(to) => to.flush(),
            Destination::Beside(to) => to.flush(),
            Destination::Given(to) => to.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_when_complete() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        fs::write(&path, "old").unwrap();
        let mut sink = Sink::file(&path).unwrap();
        sink.write_all(b"new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        sink.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[test]
    fn an_abandoned_file_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut sink = Sink::file(&folder.path().join("out")).unwrap();
        sink.write_all(b"half").unwrap();
        assert_eq!(names(folder.path()).len(), 1);
        drop(sink);
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    #[cfg(unix)]
    fn links_and_devices_stay_what_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let (target, link) = (folder.path().join("target"), folder.path().join("link"));
        fs::write(&target, "old").unwrap();
        std::os::unix::fs::symlink(&target, &link).unwrap();
        Sink::file(&link).unwrap().finish().unwrap();
        assert!(link.is_symlink());
        assert_eq!(fs::read_to_string(&target).unwrap(), "");

        let mut null = Sink::file(Path::new("/dev/null")).unwrap();
        assert!(matches!(null.to.get_ref(), Destination::Given(_)));
        null.write_all(b"gone").unwrap();
        null.finish().unwrap();
        assert!(!Path::new("/dev/null").metadata().unwrap().is_file());
    }
}
