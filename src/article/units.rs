//! The input files in units that are read one after another, so that what has been read of one can be kept.

use std::path::PathBuf;

use super::ReadOptions;
use super::chunks::BLOCK;
use super::inputs::{InputFile, resolve};
use super::read::{ReadOutcome, read_files};
use super::{Article, inputs::Inputs};
use crate::error::{Place, Result};

/// Some input files that follow one another.
pub(crate) struct Unit {
    files: Vec<Result<InputFile>>,
    ignored: usize,
}

impl Unit {
    /// All of `inputs`.
    pub(crate) fn whole(inputs: &[PathBuf], options: &ReadOptions) -> Unit {
        let Inputs { files, ignored } = resolve(inputs, options);
        Unit { files, ignored }
    }

    /// The same in units of about so many bytes on disk, or one larger file.
    pub(crate) fn split(self, bytes: u64) -> Vec<Unit> {
        let mut units = vec![Unit { files: Vec::new(), ignored: self.ignored }];
        let mut room = bytes;
        for file in self.files {
            let size = file.as_ref().ok().and_then(|file| file.stamp().ok()).map_or(0, |stamp| stamp.bytes);
            if size > room && units.last().is_some_and(|unit| !unit.files.is_empty()) {
                units.push(Unit { files: Vec::new(), ignored: 0 });
                room = bytes;
            }
            room = room.saturating_sub(size);
            if let Some(unit) = units.last_mut() {
                unit.files.push(file);
            }
        }
        units
    }

    /// Bytes on disk.
    pub(crate) fn bytes(&self) -> u64 {
        let stamps = self.files.iter().filter_map(|file| file.as_ref().ok()?.stamp().ok());
        stamps.map(|stamp| stamp.bytes).sum()
    }

    /// What differs for other files, and once a file has been written to; `None` where that cannot be told.
    pub(crate) fn key(&self) -> Option<String> {
        let key = |file: &Result<InputFile>| {
            let file = file.as_ref().ok()?;
            Some(format!("{:?} {:?}\n", file.path, file.stamp().ok()?))
        };
        self.files.iter().map(key).collect()
    }

    /// Reads it as [`read_articles`](super::read_articles) does.
    ///
    /// # Errors
    /// The same.
    pub(crate) fn read<T: Send>(
        self,
        options: &ReadOptions,
        work: impl Fn(Article, &Place) -> T + Sync,
    ) -> Result<ReadOutcome<T>> {
        let bytes = self.bytes();
        let outcome = read_files(self.files, self.ignored, options, BLOCK, work)?;
        options.progress.passed(bytes);
        Ok(outcome)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_taken_together_up_to_a_size() {
        let folder = tempfile::tempdir().unwrap();
        let write = |(name, bytes): (&str, usize)| {
            let path = folder.path().join(name);
            fs::write(&path, "\n".repeat(bytes)).unwrap();
            path
        };
        let mut inputs: Vec<PathBuf> =
            [("a.jsonl", 40), ("b.jsonl", 50), ("c.jsonl", 300), ("d.jsonl", 0)].map(write).to_vec();
        inputs.push("missing.jsonl".into());
        let options = ReadOptions::default();
        let sizes =
            |bytes| Unit::whole(&inputs, &options).split(bytes).iter().map(|u| u.files.len()).collect::<Vec<_>>();
        assert_eq!(sizes(100), [2, 3]);
        assert_eq!(sizes(80), [1, 1, 3]);
        assert_eq!(sizes(1 << 20), [5]);
        let keys =
            || Unit::whole(&inputs[..4], &options).split(100).iter().map(|u| u.key().unwrap()).collect::<Vec<_>>();
        let before = keys();
        fs::write(&inputs[1], "{}").unwrap();
        assert_ne!(keys()[0], before[0]);
        assert_eq!(keys()[1], before[1]);
        assert_eq!(Unit::whole(&inputs, &options).key(), None, "a file is missing");
    }
}
