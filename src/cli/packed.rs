//! Results packed on their way out, in one gzip member or one Zstandard frame: some readers stop after the first.

use std::io::{self, Write};
use std::path::Path;

use clap::ValueEnum;
use flate2::write::GzEncoder;
use naskh::Packing;

use super::sink::Sink;

/// How an output is packed, as typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Compression {
    /// Not at all
    Plain,
    /// gzip
    Gzip,
    /// Zstandard
    Zstd,
}

impl Compression {
    /// As the library has it.
    pub(crate) fn settle(self) -> Packing {
        match self {
            Compression::Plain => Packing::Plain,
            Compression::Gzip => Packing::Gzip,
            Compression::Zstd => Packing::Zstd,
        }
    }
}

/// What a name says: `.gz`, `.zst`, or anything else for not at all.
pub(crate) fn packing_by_name(path: &Path) -> Packing {
    match path.extension().map(|ending| ending.to_ascii_lowercase()) {
        Some(ending) if ending == "gz" => Packing::Gzip,
        Some(ending) if ending == "zst" => Packing::Zstd,
        _ => Packing::Plain,
    }
}

/// A [`Sink`] and the packer before it.
pub(crate) enum Packed {
    Plain(Sink),
    Gzip(GzEncoder<Sink>),
    Zstd(zstd::stream::write::Encoder<'static, Sink>),
}

impl Packed {
    /// Packs what goes to `sink`.
    pub(crate) fn new(sink: Sink, packing: Packing) -> io::Result<Packed> {
        Ok(match packing {
            Packing::Plain => Packed::Plain(sink),
            Packing::Gzip => Packed::Gzip(GzEncoder::new(sink, flate2::Compression::default())),
            Packing::Zstd => {
                let mut packer = zstd::stream::write::Encoder::new(sink, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                // As the command-line tool does.
                packer.include_checksum(true)?;
                Packed::Zstd(packer)
            }
        })
    }

    /// Ends the packing; what is left is to finish the sink.
    pub(crate) fn into_sink(self) -> io::Result<Sink> {
        let mut sink = match self {
            Packed::Plain(sink) => sink,
            Packed::Gzip(packer) => packer.finish()?,
            Packed::Zstd(packer) => packer.finish()?,
        };
        sink.flush()?;
        Ok(sink)
    }
}

impl Write for Packed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Packed::Plain(to) => to.write(bytes),
            Packed::Gzip(to) => to.write(bytes),
            Packed::Zstd(to) => to.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Packed::Plain(to) => to.flush(),
            Packed::Gzip(to) => to.flush(),
            Packed::Zstd(to) => to.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_packings() {
        for (name, packing) in [
            ("a.jsonl", Packing::Plain),
            ("a.jsonl.gz", Packing::Gzip),
            ("d.gz/a.ZST", Packing::Zstd),
            ("gz", Packing::Plain),
            ("-", Packing::Plain),
        ] {
            assert_eq!(packing_by_name(Path::new(name)), packing, "{name}");
        }
    }
}
