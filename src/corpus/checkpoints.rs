//! Checkpoints of reading: what has been read of each unit of the input is kept in two files, so that a run that was
//! killed can be started again without reading it anew.
//!
//! ```text
//! DIR/naskh-HASH/   lock             held while a run uses the folder
//!                   KEY.documents    the documents, as the spool wrote them
//!                   KEY.stock        as JSON, the articles and where in the other file their documents lie, and a
//!                                    hash of that file; then a line with a hash of this
//! ```
//!
//! The folder's name is a hash of the inputs as given and of all that decides what is made of them, the key one of the
//! names, sizes and times of the unit's files besides. A file gets its
//! name when it is complete, the stock last. What a power cut has damaged does not have its hash, and is read again.

use std::fs::{self, File, TryLockError};
use std::io::{self, BufReader, BufWriter, Read as _, Seek, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

use super::stock::{Content, Stock};
use crate::arabic::PROFILE;
use crate::article::{ReadOptions, Unit};
use crate::error::{Error, Result};
use crate::spool::{Memory, Spool, Spooling};

/// Input files are read together up to so many bytes.
const UNIT: u64 = 64 << 20;
const LOCK: &str = "lock";

/// The folder of checkpoints of one run, locked.
#[derive(Debug)]
pub(super) struct Checkpoints {
    folder: PathBuf,
    /// What decides what is made of an input.
    made: String,
    /// Held as long as this is.
    _lock: File,
}

/// What stands in the file of a stock.
#[derive(Serialize, Deserialize)]
struct Sealed {
    stock: Stock,
    blocks: Vec<(u64, u32)>,
    documents: u64,
}

impl Checkpoints {
    /// The checkpoints of reading `inputs` that `memory` asks for; unless it asks to resume what was killed, those that
    /// are there are removed. Of standard input there are none.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be used, [`Error::Config`] if a run of the same inputs is using it.
    pub(super) fn open(
        memory: &Memory,
        inputs: &[PathBuf],
        content: Content,
        options: &ReadOptions,
    ) -> Result<Option<Checkpoints>> {
        let Some(resume) = memory.checkpoints().filter(|_| inputs.iter().all(|input| input.as_os_str() != "-")) else {
            return Ok(None);
        };
        let made = format!("{} {PROFILE} {content:?} {options:?}", env!("CARGO_PKG_VERSION"));
        let folder = memory.folder().join(format!("naskh-{:016x}", xxh3_64(format!("{made} {inputs:?}").as_bytes())));
        named(&folder, fs::create_dir_all(&folder))?;
        let path = folder.join(LOCK);
        let lock = named(&path, File::options().create(true).truncate(false).write(true).open(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(Error::Config {
                    what: folder.display().to_string(),
                    found: "a run of the same inputs at work".into(),
                    expected: "one at a time, or another folder for temporary files".into(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(Error::Io { path, source }),
        }
        let checkpoints = Checkpoints { folder, made, _lock: lock };
        if !resume {
            checkpoints.keep(&[])?;
        }
        Ok(Some(checkpoints))
    }

    /// Reads `all` unit by unit, but for those that are here.
    ///
    /// # Errors
    /// Those of reading, and [`Error::Io`] if a checkpoint cannot be written.
    pub(super) fn read(&self, all: Unit, content: Content, options: &ReadOptions) -> Result<(Stock, Spool)> {
        self.read_in_units(UNIT, all, content, options)
    }

    fn read_in_units(&self, bytes: u64, all: Unit, content: Content, options: &ReadOptions) -> Result<(Stock, Spool)> {
        let key = |unit: &Unit| {
            let files = unit.key()?;
            Some(format!("{:016x}", xxh3_64(format!("{} {files}", self.made).as_bytes())))
        };
        let units: Vec<(Option<String>, Unit)> = all.split(bytes).into_iter().map(|unit| (key(&unit), unit)).collect();
        self.keep(&units.iter().filter_map(|unit| unit.0.clone()).collect::<Vec<_>>())?;
        let (mut stock, mut spool) = (Stock::default(), Spool::default());
        for (number, (key, unit)) in units.into_iter().enumerate() {
            // A unit without a key has a file that cannot be read: no later run takes what is kept of it.
            let key = key.unwrap_or_else(|| format!("unit-{number}"));
            let (read, documents) = self.unit(&key, unit, content, options)?;
            stock.append(read, spool.blocks());
            spool.append(documents);
        }
        Ok((stock, spool))
    }

    /// Removes all but the checkpoints with these keys.
    fn keep(&self, keys: &[String]) -> Result<()> {
        for entry in named(&self.folder, fs::read_dir(&self.folder))? {
            let path = named(&self.folder, entry)?.path();
            let stem = path.file_stem().unwrap_or_default();
            if stem != LOCK && !keys.iter().any(|key| stem == key.as_str()) {
                named(&path, fs::remove_file(&path))?;
            }
        }
        Ok(())
    }

    /// What the checkpoint with this key holds, else what is read of `unit` now, which becomes one.
    ///
    /// # Errors
    /// Those of reading, and [`Error::Io`] if the checkpoint cannot be written.
    fn unit(&self, key: &str, unit: Unit, content: Content, options: &ReadOptions) -> Result<(Stock, Spool)> {
        if let Some(found) = self.load(key) {
            return Ok(found);
        }
        let (documents, sealed) = (self.path(key, "documents"), self.path(key, "stock"));
        let part = self.folder.join("unfinished");
        let (stock, spool) = Stock::read(unit, content, options, Spooling::to_file(&part)?)?;
        named(&part, fs::rename(&part, &documents))?;
        let hash = named(&documents, File::open(&documents).and_then(|mut file| hash(&mut file)))?;
        let whole = Sealed { stock, blocks: spool.places(), documents: hash };
        named(&part, whole.write(&part))?;
        named(&sealed, fs::rename(&part, &sealed))?;
        Ok((whole.stock, spool))
    }

    /// What the checkpoint with this key holds, if it is whole.
    fn load(&self, key: &str) -> Option<(Stock, Spool)> {
        let Sealed { stock, blocks, documents } = Sealed::read(&self.path(key, "stock"))?;
        let path = self.path(key, "documents");
        if hash(&mut File::open(&path).ok()?).ok()? != documents {
            return None;
        }
        Some((stock, Spool::open(&path, &blocks).ok()?))
    }

    fn path(&self, key: &str, extension: &str) -> PathBuf {
        self.folder.join(key).with_extension(extension)
    }

    /// Removes them all, once nothing is left to be done.
    ///
    /// # Errors
    /// [`Error::Io`] if the folder cannot be removed.
    pub(super) fn remove(&self) -> Result<()> {
        named(&self.folder, fs::remove_dir_all(&self.folder))
    }
}

impl Sealed {
    /// Writes it piece by piece: it may be long.
    fn write(&self, path: &Path) -> io::Result<()> {
        let file = Hashing { file: File::create(path)?, hash: Xxh3Default::new() };
        let mut file = BufWriter::with_capacity(BUFFER, file);
        serde_json::to_writer(&mut file, self)?;
        let Hashing { mut file, hash } = file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.write_all(line(hash.digest()).as_bytes())
    }

    /// What was written, if it is all there.
    fn read(path: &Path) -> Option<Sealed> {
        let mut file = File::open(path).ok()?;
        let json = file.metadata().ok()?.len().checked_sub(LINE)?;
        let found = hash(&mut io::Read::by_ref(&mut file).take(json)).ok()?;
        let mut written = String::new();
        file.read_to_string(&mut written).ok()?;
        file.rewind().ok()?;
        let json = BufReader::with_capacity(BUFFER, file.take(json));
        (written == line(found)).then(|| serde_json::from_reader(json).ok())?
    }
}

/// The line that tells the hash of all before it, and its length.
fn line(hash: u64) -> String {
    format!("\n{hash:016x}\n")
}

const LINE: u64 = 18;
const BUFFER: usize = 1 << 18;

/// Writes to a file and hashes what it writes.
struct Hashing {
    file: File,
    hash: Xxh3Default,
}

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hash.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A hash of all bytes that are read from `file`.
fn hash(file: &mut impl io::Read) -> io::Result<u64> {
    let (mut hash, mut buffer) = (Xxh3Default::new(), vec![0; BUFFER]);
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.digest()),
            read => hash.update(&buffer[..read]),
        }
    }
}

fn named<T>(path: &Path, outcome: io::Result<T>) -> Result<T> {
    outcome.map_err(|source| Error::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;
    use crate::shingle::Documents;

    /// Ids, sources and documents of what is read in units of one file each, in order.
    fn read(inputs: &[PathBuf], memory: &Memory) -> Result<Vec<String>> {
        read_with(ReadOptions::default(), inputs, memory)
    }

    fn read_with(options: ReadOptions, inputs: &[PathBuf], memory: &Memory) -> Result<Vec<String>> {
        let checkpoints = Checkpoints::open(memory, inputs, Content::Whole, &options)?.unwrap();
        let (stock, spool) = checkpoints.read_in_units(1, Unit::whole(inputs, &options), Content::Whole, &options)?;
        let documents = Documents::new(stock.items.iter().map(|item| item.1.entry).collect(), spool);
        let told = |(number, (origin, read)): (usize, &(crate::article::Origin, super::super::stock::Read))| {
            let source = read.source.map(|place| &stock.sources[place as usize]);
            let stems = documents.get(number).stems.len();
            format!("{} {} {source:?} {stems} {}", origin.file, read.id, documents.title(number))
        };
        let told = stock.items.iter().enumerate().map(told).collect();
        documents.check()?;
        Ok(told)
    }

    fn write(path: &Path, name: &str, title: &str) {
        let record = |i: usize| {
            let source = ["ساحل", "جبل", name][i % 3];
            let text = "افتتحت المدينة مكتبة عامة ".repeat(i + 1);
            serde_json::json!({"id": format!("{name}{i}"), "source": source, "title": title, "text": text}).to_string()
        };
        fs::write(path, (0..4).map(record).collect::<Vec<_>>().join("\n")).unwrap();
    }

    #[test]
    fn what_is_whole_is_not_read_again_and_what_is_not_is() {
        let folder = tempfile::tempdir().unwrap();
        let inputs: Vec<PathBuf> = ["a", "b", "c"].map(|name| folder.path().join(format!("{name}.jsonl"))).to_vec();
        inputs.iter().zip(["a", "b", "c"]).for_each(|(path, name)| write(path, name, "كتب"));
        let temp = folder.path().join("temp");
        let memory = |resume| Memory::new(1 << 30, &temp).with_checkpoints(resume);
        let fresh = read(&inputs, &memory(false)).unwrap();
        assert_eq!((fresh.len(), &*fresh[5]), (12, "1 b1 Some(\"جبل\") 9 كتب"));
        let inside = fs::read_dir(&temp).unwrap().next().unwrap().unwrap().path();
        let of = |extension: &str| {
            let files = fs::read_dir(&inside).unwrap().map(|entry| entry.unwrap().path());
            let mut files: Vec<PathBuf> =
                files.filter(|path| path.extension().is_some_and(|e| e == extension)).collect();
            files.sort();
            files
        };
        assert_eq!((of("stock").len(), of("documents").len()), (3, 3));

        // Other titles behind the same names, sizes and times: seen only where a file is read again.
        let times: Vec<SystemTime> = inputs.iter().map(|path| path.metadata().unwrap().modified().unwrap()).collect();
        for ((path, name), &time) in inputs.iter().zip(["a", "b", "c"]).zip(&times) {
            write(path, name, "صحف");
            File::options().write(true).open(path).unwrap().set_modified(time).unwrap();
        }
        assert_eq!(read(&inputs, &memory(true)).unwrap(), fresh);
        let changed = |found: &[String]| fresh.iter().zip(found).filter(|(x, y)| x != y).count();
        // A flipped bit, a stock cut short, one that is gone.
        let flip = |path: &Path, at: usize| {
            let mut bytes = fs::read(path).unwrap();
            bytes[at] ^= 4;
            fs::write(path, bytes).unwrap();
        };
        flip(&of("documents")[0], 100);
        assert_eq!(changed(&read(&inputs, &memory(true)).unwrap()), 4);
        let whole = fs::read(&of("stock")[1]).unwrap();
        fs::write(&of("stock")[1], &whole[..whole.len() / 2]).unwrap();
        fs::remove_file(&of("stock")[2]).unwrap();
        let all = read(&inputs, &memory(true)).unwrap();
        assert_eq!(changed(&all), 12);
        // A file that was written to since; the others' checkpoints stay, its old one goes.
        write(&inputs[1], "b", "كتب الأطفال");
        assert_eq!(all.iter().zip(read(&inputs, &memory(true)).unwrap()).filter(|(x, y)| *x != y).count(), 4);
        assert_eq!(of("stock").len(), 3);
        // Without the wish to resume nothing is used.
        inputs.iter().zip(["a", "b", "c"]).for_each(|(path, name)| write(path, name, "كتب"));
        assert_eq!(read(&inputs, &memory(false)).unwrap(), fresh);
    }

    #[test]
    fn units_with_a_file_that_is_gone_are_not_taken_for_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let inputs =
            ["gone", "a", "gone too", "b", "gone again"].map(|name| folder.path().join(format!("{name}.jsonl")));
        write(&inputs[1], "a", "كتب");
        write(&inputs[3], "b", "كتب");
        for resume in [false, true, true] {
            let memory = Memory::new(1 << 30, &folder.path().join("temp")).with_checkpoints(resume);
            let options = ReadOptions { on_error: crate::article::OnError::Skip, ..ReadOptions::default() };
            let ids: Vec<String> = read_with(options, &inputs, &memory).unwrap();
            let ids: Vec<&str> = ids.iter().filter_map(|told| told.split(' ').nth(1)).collect();
            assert_eq!(ids, ["a0", "a1", "a2", "a3", "b0", "b1", "b2", "b3"]);
        }
    }

    #[test]
    fn one_run_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let memory = Memory::new(1 << 30, folder.path()).with_checkpoints(true);
        let open = |name: &str| Checkpoints::open(&memory, &[name.into()], Content::Whole, &ReadOptions::default());
        let first = open("a").unwrap();
        assert!(open("a").unwrap_err().to_string().contains("found a run of the same inputs at work"));
        open("b").unwrap();
        first.unwrap().remove().unwrap();
        assert!(open("a").unwrap().is_some());
        assert!(open("-").unwrap().is_none());
    }
}
