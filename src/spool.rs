//! The spool: byte strings that many threads put aside and find again, in memory as far as a budget allows and else
//! in a temporary file.
//!
//! ```text
//! thread 1 ─▶ open block ─┐ full   ┌─▶ memory, while the budget has room
//! thread 2 ─▶ open block ─┴────────┴─▶ file, one write a block
//! ```
//!
//! What is put aside is the same whether it lies here or there; only the time to find it differs.

mod file;
mod memory;

use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

pub(crate) use file::SpoolFile;
pub use memory::Memory;

use crate::error::{Error, Result};

/// Bytes of a block; one that holds a single longer string is larger.
const BLOCK: usize = 1 << 18;

/// Where a byte string lies in a spool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(crate) struct Blob {
    pub(crate) block: u32,
    at: u32,
    len: u32,
}

/// Where a block lies.
#[derive(Debug)]
enum Block {
    Here(Box<[u8]>),
    /// In which file of the spool, at which byte, and how many.
    There(u32, u64, u32),
}

/// Byte strings put aside.
#[derive(Debug, Default)]
pub(crate) struct Spool {
    blocks: Vec<Block>,
    files: Vec<SpoolFile>,
    memory: Memory,
}

impl Spool {
    /// How many blocks there are.
    pub(crate) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// The whole of a block: `scratch` serves if it is in a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read.
    pub(crate) fn block<'s>(&'s self, block: u32, scratch: &'s mut Vec<u8>) -> Result<&'s [u8]> {
        match self.blocks.get(block as usize) {
            Some(Block::Here(bytes)) => Ok(bytes),
            Some(&Block::There(file, offset, len)) => self.read(file, offset, len as usize, scratch),
            None => Ok(&[]),
        }
    }

    /// A string: `scratch` serves if it is in a file.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be read.
    pub(crate) fn get<'s>(&'s self, blob: Blob, scratch: &'s mut Vec<u8>) -> Result<&'s [u8]> {
        match self.blocks.get(blob.block as usize) {
            Some(Block::Here(bytes)) => Ok(blob.of(bytes)),
            Some(&Block::There(file, offset, _)) => {
                self.read(file, offset + u64::from(blob.at), blob.len as usize, scratch)
            }
            None => Ok(&[]),
        }
    }

    fn read<'s>(&self, file: u32, offset: u64, len: usize, scratch: &'s mut Vec<u8>) -> Result<&'s [u8]> {
        scratch.resize(len, 0);
        match self.files.get(file as usize) {
            Some(file) => file.read(offset, scratch).map(|()| &scratch[..]),
            None => Ok(&[]),
        }
    }

    /// Gives the memory of a block back, of which nothing is wanted any more.
    pub(crate) fn drop_block(&mut self, block: u32) {
        if let Some(block) = self.blocks.get_mut(block as usize) {
            self.memory.give(block.held());
            *block = Block::NOWHERE;
        }
    }

    /// Adds the blocks of another behind its own; theirs are counted on from [`Spool::blocks`].
    pub(crate) fn append(&mut self, mut other: Spool) {
        let first = self.files.len() as u32;
        // Of one budget only what is held can be given back.
        if self.blocks.iter().all(|block| block.held() == 0) {
            self.memory = other.memory.clone();
        }
        self.files.append(&mut other.files);
        self.blocks.extend(other.blocks.drain(..).map(|block| match block {
            Block::There(file, offset, len) => Block::There(file.saturating_add(first), offset, len),
            here => here,
        }));
    }

    /// Where in its file each block lies, and how long it is, of a spool that [`Spooling::to_file`] made.
    pub(crate) fn places(&self) -> Vec<(u64, u32)> {
        let place = |block: &Block| match *block {
            Block::There(_, offset, len) => (offset, len),
            Block::Here(_) => (0, 0),
        };
        self.blocks.iter().map(place).collect()
    }

    /// A spool of the one file at `path`, with its blocks at these places.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be opened.
    pub(crate) fn open(path: &Path, places: &[(u64, u32)]) -> Result<Spool> {
        let blocks = places.iter().map(|&(offset, len)| Block::There(0, offset, len)).collect();
        Ok(Spool { blocks, files: vec![SpoolFile::open(path)?], memory: Memory::default() })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        self.memory.give(self.blocks.iter().map(Block::held).sum());
    }
}

impl Block {
    /// Of one that is gone, or was never filled.
    const NOWHERE: Block = Block::There(u32::MAX, 0, 0);

    /// Bytes of memory.
    fn held(&self) -> u64 {
        match self {
            Block::Here(bytes) => bytes.len() as u64,
            Block::There(..) => 0,
        }
    }
}

impl Blob {
    /// The string within the bytes of its block.
    pub(crate) fn of(self, block: &[u8]) -> &[u8] {
        block.get(self.at as usize..).and_then(|rest| rest.get(..self.len as usize)).unwrap_or_default()
    }

    /// The same in a spool that was appended behind so many blocks.
    #[must_use]
    pub(crate) fn behind(self, blocks: usize) -> Blob {
        Blob { block: self.block + blocks as u32, ..self }
    }
}

/// A spool being filled.
#[derive(Debug)]
pub(crate) struct Spooling {
    /// One a thread.
    open: Vec<Mutex<Open>>,
    next: AtomicU32,
    full: Mutex<Full>,
    file: Mutex<Option<SpoolFile>>,
    /// Nothing is kept in memory.
    only_file: bool,
    memory: Memory,
}

/// A block being filled.
#[derive(Debug, Default)]
struct Open {
    number: u32,
    bytes: Vec<u8>,
}

/// What has been filled.
#[derive(Debug, Default)]
struct Full {
    /// With their numbers, in any order.
    blocks: Vec<(u32, Block)>,
    /// The first failure.
    failed: Option<Error>,
}

impl Spooling {
    /// A spool that keeps within `memory`.
    pub(crate) fn new(memory: &Memory) -> Spooling {
        Self::with(memory, None)
    }

    /// A spool that keeps everything in a new file at `path`.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be made.
    pub(crate) fn to_file(path: &Path) -> Result<Spooling> {
        Ok(Self::with(&Memory::default(), Some(SpoolFile::create(path)?)))
    }

    fn with(memory: &Memory, file: Option<SpoolFile>) -> Spooling {
        Spooling {
            open: (0..rayon::current_num_threads()).map(|_| Mutex::default()).collect(),
            next: AtomicU32::new(0),
            full: Mutex::default(),
            only_file: file.is_some(),
            file: Mutex::new(file),
            memory: memory.clone(),
        }
    }

    /// Puts aside what `write` appends to the bytes it is given, at most 1 GiB.
    pub(crate) fn put(&self, write: impl FnOnce(&mut Vec<u8>)) -> Blob {
        let mut open = lock(&self.open[rayon::current_thread_index().unwrap_or(0) % self.open.len()]);
        if open.bytes.is_empty() {
            open.number = self.next.fetch_add(1, Ordering::Relaxed);
            open.bytes.reserve(BLOCK);
        }
        let at = open.bytes.len();
        write(&mut open.bytes);
        let blob = Blob { block: open.number, at: at as u32, len: (open.bytes.len() - at) as u32 };
        if open.bytes.len() >= BLOCK - BLOCK / 16 {
            self.close(&mut open);
        }
        blob
    }

    fn close(&self, open: &mut Open) {
        let bytes = std::mem::take(&mut open.bytes);
        if bytes.is_empty() {
            return;
        }
        let block = if !self.only_file && self.memory.take(bytes.len() as u64) {
            Ok(Block::Here(bytes.into_boxed_slice()))
        } else {
            self.write(&bytes)
        };
        let mut full = lock(&self.full);
        match block {
            Ok(block) => full.blocks.push((open.number, block)),
            Err(error) => {
                full.failed.get_or_insert(error);
            }
        }
    }

    /// Writes a block behind what the file holds; there is no file before it is needed.
    fn write(&self, bytes: &[u8]) -> Result<Block> {
        let file = match &mut *lock(&self.file) {
            Some(file) => file.clone(),
            none => none.insert(SpoolFile::temporary(self.memory.folder())?).clone(),
        };
        let offset = file.reserve(bytes.len() as u64);
        file.write(offset, bytes)?;
        Ok(Block::There(0, offset, bytes.len() as u32))
    }

    /// What was put aside.
    ///
    /// # Errors
    /// [`Error::Io`] if something could not be written.
    pub(crate) fn finish(self) -> Result<Spool> {
        self.open.iter().for_each(|open| self.close(&mut lock(open)));
        let full = self.full.into_inner().unwrap_or_else(PoisonError::into_inner);
        let file = self.file.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut spool = Spool { blocks: Vec::new(), files: file.into_iter().collect(), memory: self.memory };
        spool.blocks.resize_with(self.next.into_inner() as usize, || Block::NOWHERE);
        for (number, block) in full.blocks {
            spool.blocks[number as usize] = block;
        }
        full.failed.map_or(Ok(spool), Err)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rayon::prelude::*;

    use super::*;

    fn string(number: usize) -> Vec<u8> {
        (0..number * 37 % 900).map(|i| (i * 7 + number) as u8).collect()
    }

    fn filled(memory: &Memory, count: usize) -> (Spool, Vec<Blob>) {
        let spooling = Spooling::new(memory);
        let blobs = (0..count).into_par_iter().map(|i| spooling.put(|to| to.extend(string(i)))).collect();
        (spooling.finish().unwrap(), blobs)
    }

    #[test]
    fn the_same_here_and_there() {
        let folder = tempfile::tempdir().unwrap();
        // 1.3 MB of strings: all in memory, one block of it, none.
        for bytes in [u64::MAX >> 3, BLOCK as u64 + 5, 0] {
            let memory = Memory::new(bytes * 4, folder.path());
            let (spool, blobs) = filled(&memory, 3000);
            let (mut scratch, mut whole) = (Vec::new(), Vec::new());
            for (i, &blob) in blobs.iter().enumerate() {
                assert_eq!(spool.get(blob, &mut scratch).unwrap(), string(i));
                assert_eq!(blob.of(spool.block(blob.block, &mut whole).unwrap()), string(i));
            }
            let held: u64 = spool.blocks.iter().map(Block::held).sum();
            assert!(held <= bytes && (held > 0) == (bytes > 0));
            drop(spool);
            assert_eq!(memory.left(), bytes);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    }

    #[test]
    fn a_file_is_opened_again_and_spools_are_joined() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spool");
        let spooling = Spooling::to_file(&path).unwrap();
        let mut blobs: Vec<Blob> = (0..800).map(|i| spooling.put(|to| to.extend(string(i)))).collect();
        let written = spooling.finish().unwrap();
        let places = written.places();
        drop(written);
        let (mut spool, more) = filled(&Memory::default(), 500);
        let before = spool.blocks();
        spool.append(Spool::open(&path, &places).unwrap());
        blobs = blobs.into_iter().map(|blob| blob.behind(before)).collect();
        let mut scratch = Vec::new();
        for (i, &blob) in blobs.iter().enumerate().chain(more.iter().enumerate()) {
            assert_eq!(spool.get(blob, &mut scratch).unwrap(), string(i));
        }
        std::fs::write(&path, "short").unwrap();
        let short = Spool::open(&path, &places).unwrap();
        // The first string is empty, and so is its block.
        let error = short.block(1, &mut scratch).unwrap_err().to_string();
        assert!(error.starts_with(&path.display().to_string()), "{error}");
    }

    #[test]
    fn what_an_appended_spool_holds_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let (in_file, in_memory) = (Memory::new(0, folder.path()), Memory::new(1 << 30, folder.path()));
        let room = in_memory.left();
        let (mut spool, _) = filled(&in_file, 3000);
        let (more, _) = filled(&in_memory, 3000);
        assert!(in_memory.left() < room);
        let first = spool.blocks();
        spool.append(more);
        spool.drop_block(first as u32);
        let held: u64 = spool.blocks.iter().map(Block::held).sum();
        assert_eq!(in_memory.left(), room - held, "of the block that was dropped");
        drop(spool);
        assert_eq!((in_file.left(), in_memory.left()), (0, room));
    }

    #[test]
    fn a_folder_that_is_not_there() {
        let memory = Memory::new(0, Path::new("/nowhere/at/all"));
        let spooling = Spooling::new(&memory);
        spooling.put(|to| to.push(1));
        assert!(spooling.finish().unwrap_err().to_string().starts_with("/nowhere/at/all"));
    }

    proptest! {
        #[test]
        fn strings_of_any_length(lengths in proptest::collection::vec(0..BLOCK * 2, 1..12), room in 0..BLOCK as u64 * 6) {
            let folder = tempfile::tempdir().unwrap();
            let spooling = Spooling::new(&Memory::new(room, folder.path()));
            let put = |(i, &len): (usize, &usize)| spooling.put(|to| to.resize(to.len() + len, i as u8));
            let blobs: Vec<Blob> = lengths.iter().enumerate().map(put).collect();
            let spool = spooling.finish().unwrap();
            let mut scratch = Vec::new();
            for (i, (&blob, &len)) in blobs.iter().zip(&lengths).enumerate() {
                prop_assert_eq!(spool.get(blob, &mut scratch).unwrap(), vec![i as u8; len]);
            }
        }
    }
}
