//! A file that several threads read at once, at places of their own, in pieces no larger than allowed.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::reader::{ChunkReader, Length};
use bytes::Bytes;

/// Enough for the header of a page.
const HEADER: usize = 512;

/// The crate's own reader of a `File` shares one place in the file between all threads.
#[derive(Debug)]
pub(super) struct Disk {
    file: Arc<Mutex<File>>,
    length: u64,
    most: usize,
}

impl Disk {
    /// Pieces of at most `most` bytes.
    pub(super) fn new(file: File, most: usize) -> io::Result<Disk> {
        let length = file.metadata()?.len();
        Ok(Disk { file: Arc::new(Mutex::new(file)), length, most })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    pub(super) fn most(&self) -> usize {
        self.most
    }
}

impl Length for Disk {
    fn len(&self) -> u64 {
        self.length
    }
}

impl ChunkReader for Disk {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<BufReader<From>> {
        Ok(BufReader::with_capacity(HEADER, From { file: Arc::clone(&self.file), place: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        if start.checked_add(length as u64).is_none_or(|end| end > self.length) {
            let length = self.length;
            return Err(ParquetError::EOF(format!("bytes from {start} on, where the file has {length}")));
        }
        if length > self.most {
            let most = self.most;
            return Err(ParquetError::General(format!("a page of {length} bytes, where {most} are the most")));
        }
        let mut bytes = vec![0; length];
        From { file: Arc::clone(&self.file), place: start }.read_exact(&mut bytes)?;
        Ok(bytes.into())
    }
}

/// Reads on from a place in the file.
pub(super) struct From {
    file: Arc<Mutex<File>>,
    place: u64,
}

impl Read for From {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.place))?;
        let read = file.read(into)?;
        self.place += read as u64;
        Ok(read)
    }
}
