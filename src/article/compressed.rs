//! Undoes gzip and Zstandard compression, recognised by content whatever the file is called.

use std::fmt;
use std::io::{self, Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::trouble::Trouble;
use crate::error::{Error, Place};

const GZIP: &[u8] = &[0x1F, 0x8B];
const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
/// Skippable Zstandard frames, with which parallel compressors may begin, have any low half-byte
/// before these.
const ZSTD_SKIPPABLE: &[u8] = &[0x2A, 0x4D, 0x18];

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// gzip, one member or several.
    Gzip,
    /// Zstandard, one frame or several.
    Zstd,
}

impl fmt::Display for Packing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Packing::Plain => "file",
            Packing::Gzip => "gzip",
            Packing::Zstd => "zstd",
        })
    }
}

impl Packing {
    fn of(head: &[u8]) -> Packing {
        let skippable = head.first().is_some_and(|first| first & 0xF0 == 0x50) && head[1..].starts_with(ZSTD_SKIPPABLE);
        if head.starts_with(GZIP) {
            Packing::Gzip
        } else if head.starts_with(ZSTD) || skippable {
            Packing::Zstd
        } else {
            Packing::Plain
        }
    }

    /// The error for reading that failed in the file at `path`; `after` says how far it came, and
    /// may be empty.
    pub(super) fn failure(self, path: &Path, error: io::Error, after: &str) -> Error {
        // An error with a number comes from the system: the disk failed, not the decoder.
        if self == Packing::Plain || error.raw_os_error().is_some() {
            return Error::Io { path: path.to_owned(), source: error };
        }
        let trouble = if error.kind() == io::ErrorKind::UnexpectedEof {
            Trouble::new(format!("the end of the {self} data{after}"), "more: the file is cut short")
        } else {
            Trouble::new(format!("bad {self} data{after} ({error})"), "an undamaged file")
        };
        trouble.at(Place { path: path.to_string_lossy().into_owned(), line: None })
    }
}

/// A reader of what `packed` holds, all gzip members or Zstandard frames of it, and how it was
/// packed. Decoders fail, rather than end, where the data is cut short.
///
/// # Errors
/// Where the first bytes cannot be read, or the decoder cannot be set up.
pub(super) fn unpacked(mut packed: Box<dyn Read + Send>) -> io::Result<(Box<dyn Read + Send>, Packing)> {
    let mut head = Vec::with_capacity(ZSTD.len());
    packed.by_ref().take(ZSTD.len() as u64).read_to_end(&mut head)?;
    let packing = Packing::of(&head);
    let whole = Cursor::new(head).chain(packed);
    let reader: Box<dyn Read + Send> = match packing {
        Packing::Plain => Box::new(whole),
        Packing::Gzip => Box::new(MultiGzDecoder::new(whole)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(whole)?),
    };
    Ok((reader, packing))
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write;

    use super::*;

    pub(in crate::article) fn gzip(data: &[u8]) -> Vec<u8> {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packer.write_all(data).unwrap();
        packer.finish().unwrap()
    }

    pub(in crate::article) fn zstd(data: &[u8]) -> Vec<u8> {
        // As the command-line tool does it, with a checksum.
        let mut packer = zstd::Encoder::new(Vec::new(), 1).unwrap();
        packer.include_checksum(true).unwrap();
        packer.write_all(data).unwrap();
        packer.finish().unwrap()
    }

    fn read(packed: &[u8]) -> io::Result<Vec<u8>> {
        let (mut reader, _) = unpacked(Box::new(Cursor::new(packed.to_vec())))?;
        let mut data = Vec::new();
        reader.read_to_end(&mut data).map(|_| data)
    }

    /// Hands out one byte at a time, as a slow pipe might.
    struct Trickle(Cursor<Vec<u8>>);

    impl Read for Trickle {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let most = into.len().min(1);
            self.0.read(&mut into[..most])
        }
    }

    #[test]
    fn every_packing_is_undone() {
        let skippable = [&[0x5A, 0x2A, 0x4D, 0x18, 2, 0, 0, 0, 9, 9][..], &zstd(b"ab")].concat();
        for (packed, wanted) in [
            (b"".to_vec(), &b""[..]),
            (b"a".to_vec(), b"a"),
            (b"plain".to_vec(), b"plain"),
            (gzip(b"ab"), b"ab"),
            (gzip(b""), b""),
            ([gzip(b"ab"), gzip(b""), gzip(b"cd")].concat(), b"abcd"),
            (zstd(b"ab"), b"ab"),
            ([zstd(b"ab"), zstd(b""), zstd(b"cd")].concat(), b"abcd"),
            (skippable, b"ab"),
        ] {
            assert_eq!(read(&packed).unwrap(), wanted);
            let (mut reader, _) = unpacked(Box::new(Trickle(Cursor::new(packed)))).unwrap();
            let mut data = Vec::new();
            reader.read_to_end(&mut data).unwrap();
            assert_eq!(data, wanted);
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let data: Vec<u8> = (0..3000_u32).flat_map(|n| n.to_string().into_bytes()).collect();
        for (packed, magic) in [(gzip(&data), 2), (zstd(&data), 4)] {
            for cut in magic..packed.len() {
                let error = read(&packed[..cut]).unwrap_err();
                assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof, "cut at {cut}");
            }
            // Also inside a second member or frame.
            let twice = [&packed[..], &packed[..]].concat();
            for cut in packed.len() + 1..twice.len() {
                assert!(read(&twice[..cut]).is_err(), "cut at {cut}");
            }
        }
    }

    #[test]
    fn failures_name_the_file() {
        let path = Path::new("d/a.gz");
        let mut damaged = gzip(b"some text that is long enough");
        let last = damaged.len() - 6;
        damaged[last] ^= 1;
        let error = Packing::Gzip.failure(path, read(&damaged).unwrap_err(), "");
        assert!(error.to_string().starts_with("d/a.gz: found bad gzip data ("));
        let cut = Packing::Zstd.failure(path, io::ErrorKind::UnexpectedEof.into(), " after 3 whole lines");
        assert_eq!(
            cut.to_string(),
            "d/a.gz: found the end of the zstd data after 3 whole lines; expected more: the file is cut short"
        );
        let disk = Packing::Zstd.failure(path, io::Error::from_raw_os_error(5), "");
        assert!(matches!(disk, Error::Io { .. }));
    }
}
