//! The pages of a column, unpacked in bounded memory.
//!
//! The crate would make room for as many bytes as the header of a page claims, and some of its decoders unpack
//! without a bound. So it is told that the column is not compressed, and what it then finds in the pages is unpacked
//! here; counts that decoders take on trust are checked.

use std::io::Read;
use std::sync::Arc;

use ::parquet::basic::{CompressionCodec, Encoding, Type as Physical};
use ::parquet::column::page::{Page, PageMetadata, PageReader};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::ColumnChunkMetaData;
use ::parquet::file::reader::SerializedPageReader;
use bytes::Bytes;
use flate2::read::MultiGzDecoder;

use super::disk::Disk;

/// A page of less bytes may still have so many values: of none at all.
const FEW_VALUES: usize = 1 << 20;
/// The length before each string of a dictionary.
const LENGTH_BYTES: usize = 4;

/// Reads the pages of one column in one row group.
pub(super) struct Pages {
    packed: SerializedPageReader<Disk>,
    codec: CompressionCodec,
    /// So many series of levels stand before the values of a page: which of its rows have one, and which values
    /// repeat.
    levels: usize,
    /// A value of a dictionary takes at least so many bytes.
    least_bytes: usize,
    most: usize,
}

impl Pages {
    /// The pages of `column` in a row group of `rows` rows.
    pub(super) fn new(disk: &Arc<Disk>, column: &ColumnChunkMetaData, rows: i64) -> Result<Pages> {
        let codec = column.compression_codec();
        let start = column.dictionary_page_offset().unwrap_or_else(|| column.data_page_offset());
        if start < 0 || column.compressed_size() < 0 {
            return Err(bad(format!("a column that begins at byte {start}")));
        }
        let unpacked = column.clone().into_builder().set_compression_codec(CompressionCodec::UNCOMPRESSED).build()?;
        let packed = SerializedPageReader::new(Arc::clone(disk), &unpacked, usize::try_from(rows)?, None)?;
        let about = column.column_descr();
        let levels = usize::from(about.max_def_level() > 0) + usize::from(about.max_rep_level() > 0);
        let least_bytes = match about.physical_type() {
            Physical::BYTE_ARRAY => LENGTH_BYTES,
            Physical::BOOLEAN => 1,
            Physical::INT32 | Physical::FLOAT => 4,
            Physical::INT64 | Physical::DOUBLE => 8,
            Physical::INT96 => 12,
            Physical::FIXED_LEN_BYTE_ARRAY => usize::try_from(about.type_length())?.max(1),
        };
        Ok(Pages { packed, codec, levels, least_bytes, most: disk.most() })
    }

    fn unpacked(&self, mut page: Page) -> Result<Page> {
        match &mut page {
            Page::DataPage { buf, num_values, encoding, def_level_encoding, rep_level_encoding, .. } => {
                *buf = unpack(self.codec, buf.clone(), self.most)?;
                // The form that RLE replaced long ago, whose length the crate does not check.
                let mut values = 0;
                for encoding in [def_level_encoding, rep_level_encoding].into_iter().take(self.levels) {
                    if *encoding != Encoding::RLE {
                        return Err(bad(format!("levels in the encoding {encoding}")));
                    }
                    let levels = buf.get(values..).ok_or_else(|| bad("levels longer than their page"))?;
                    values += 4 + little_endian(levels)?;
                }
                check_values(buf, values, *num_values, *encoding)?;
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                is_compressed,
                ..
            } => {
                let levels = *def_levels_byte_len as usize + *rep_levels_byte_len as usize;
                if levels > buf.len() {
                    return Err(bad("levels longer than their page"));
                }
                if *is_compressed && self.codec != CompressionCodec::UNCOMPRESSED {
                    let values = unpack(self.codec, buf.slice(levels..), self.most)?;
                    *buf = [&buf[..levels], &values].concat().into();
                }
                check_values(buf, levels, *num_values, *encoding)?;
            }
            Page::DictionaryPage { buf, num_values, .. } => {
                *buf = unpack(self.codec, buf.clone(), self.most)?;
                if *num_values as usize > buf.len() / self.least_bytes {
                    return Err(bad(format!("{num_values} values in a dictionary of {} bytes", buf.len())));
                }
            }
        }
        Ok(page)
    }
}

impl PageReader for Pages {
    fn get_next_page(&mut self) -> Result<Option<Page>> {
        let page = self.packed.get_next_page()?;
        page.map(|page| self.unpacked(page)).transpose()
    }

    fn peek_next_page(&mut self) -> Result<Option<PageMetadata>> {
        self.packed.peek_next_page()
    }

    fn skip_next_page(&mut self) -> Result<()> {
        self.packed.skip_next_page()
    }

    fn supports_deferred_dictionary(&self) -> bool {
        self.packed.supports_deferred_dictionary()
    }

    fn take_deferred_dictionary(&mut self) -> Result<Option<Page>> {
        let page = self.packed.take_deferred_dictionary()?;
        page.map(|page| self.unpacked(page)).transpose()
    }
}

impl Iterator for Pages {
    type Item = Result<Page>;

    fn next(&mut self) -> Option<Result<Page>> {
        self.get_next_page().transpose()
    }
}

fn bad(what: impl Into<String>) -> ParquetError {
    ParquetError::General(what.into())
}

fn little_endian(bytes: &[u8]) -> Result<usize> {
    let first = bytes.first_chunk().ok_or_else(|| bad("a page cut short"))?;
    Ok(u32::from_le_bytes(*first) as usize)
}

/// Are pages packed so unpacked here?
pub(super) fn is_readable(codec: CompressionCodec) -> bool {
    use CompressionCodec::{GZIP, LZ4_RAW, SNAPPY, UNCOMPRESSED, ZSTD};
    [UNCOMPRESSED, SNAPPY, GZIP, ZSTD, LZ4_RAW].contains(&codec)
}

/// What `packed` holds, at most `most` bytes of it.
fn unpack(codec: CompressionCodec, packed: Bytes, most: usize) -> Result<Bytes> {
    let too_long = || bad(format!("a page that unpacks to more than {most} bytes"));
    let stream = |reader: &mut dyn Read| -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        reader.take(most as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    // A page without values may be of no bytes, which is no stream of any codec.
    if packed.is_empty() || codec == CompressionCodec::UNCOMPRESSED {
        return Ok(packed);
    }
    let packed = &packed[..];
    let bytes = match codec {
        CompressionCodec::SNAPPY => {
            let length = snap::raw::decompress_len(packed).map_err(|error| bad(error.to_string()))?;
            if length > most {
                return Err(too_long());
            }
            snap::raw::Decoder::new().decompress_vec(packed).map_err(|error| bad(error.to_string()))?
        }
        CompressionCodec::GZIP => stream(&mut MultiGzDecoder::new(packed))?,
        CompressionCodec::ZSTD => stream(&mut zstd::stream::read::Decoder::with_buffer(packed)?)?,
        CompressionCodec::LZ4_RAW => lz4(packed, most)?,
        other => {
            return Err(bad(format!("pages packed by {other}; readable are SNAPPY, GZIP, ZSTD, LZ4_RAW")));
        }
    };
    if bytes.len() > most { Err(too_long()) } else { Ok(bytes.into()) }
}

/// A block of LZ4 does not say how long it is, so the room for it doubles until it fits.
fn lz4(packed: &[u8], most: usize) -> Result<Vec<u8>> {
    let mut room = packed.len().saturating_mul(4);
    loop {
        let mut bytes = vec![0; room.min(most)];
        match lz4_flex::block::decompress_into(packed, &mut bytes) {
            Ok(length) => {
                bytes.truncate(length);
                return Ok(bytes);
            }
            Err(lz4_flex::block::DecompressError::OutputTooSmall { .. }) if room < most => {
                room = room.saturating_mul(2);
            }
            Err(error) => return Err(bad(error.to_string())),
        }
    }
}

/// Checks the numbers of values that decoders make room for: of a page whose values begin at byte `start` of `bytes`,
/// and which should be `count`.
fn check_values(bytes: &Bytes, start: usize, count: u32, encoding: Encoding) -> Result<()> {
    let fits = |claimed: u64| claimed <= u64::from(count) && claimed <= bytes.len().max(FEW_VALUES) as u64;
    let mut data = bytes.get(start..).ok_or_else(|| bad("levels longer than their page"))?;
    let series = match encoding {
        Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
        // The lengths that values share with those before them, then the lengths of the rest.
        Encoding::DELTA_BYTE_ARRAY => 2,
        _ => 0,
    };
    for _ in 0..series {
        let claimed = pass_over_series(&mut data, fits).ok_or_else(|| bad("lengths that are no series"))?;
        if !fits(claimed) {
            return Err(bad(format!("{claimed} lengths in a page of {count} values")));
        }
    }
    Ok(())
}

/// Takes a series of numbers packed as their differences (`DELTA_BINARY_PACKED`) off `data`; how many they are. The
/// series is not looked at where they do not fit. `None` where it is none.
fn pass_over_series(data: &mut &[u8], fits: impl Fn(u64) -> bool) -> Option<u64> {
    let (block, parts, count) = (varint(data)?, varint(data)?, varint(data)?);
    varint(data)?;
    if !fits(count) {
        return Some(count);
    }
    let part = block.checked_div(parts).filter(|&part| part > 0)?;
    let mut left = count.saturating_sub(1);
    while left > 0 {
        varint(data)?;
        let (widths, rest) = data.split_at_checked(usize::try_from(parts).ok()?)?;
        *data = rest;
        for &width in widths {
            if left == 0 {
                break;
            }
            let bits = part.checked_mul(u64::from(width))?;
            *data = data.get(usize::try_from(bits / 8).ok()?..)?;
            left = left.saturating_sub(part);
        }
    }
    Some(count)
}

fn varint(data: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = data.split_first()?;
        *data = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::article::compressed::tests::{gzip, zstd};

    fn snappy(data: &[u8]) -> Vec<u8> {
        snap::raw::Encoder::new().compress_vec(data).unwrap()
    }

    #[test]
    fn pages_are_unpacked_up_to_the_limit() {
        let data = [b'x'; 1000];
        for (codec, packed) in [
            (CompressionCodec::SNAPPY, snappy(&data)),
            (CompressionCodec::GZIP, gzip(&data)),
            (CompressionCodec::ZSTD, zstd(&data)),
            (CompressionCodec::LZ4_RAW, lz4_flex::block::compress(&data)),
        ] {
            let packed = Bytes::from(packed);
            assert_eq!(&unpack(codec, packed.clone(), 1000).unwrap()[..], data, "{codec}");
            assert!(unpack(codec, packed.clone(), 999).is_err(), "{codec}");
            assert!(unpack(codec, packed.slice(..packed.len() - 3), 1000).is_err(), "{codec}");
            assert!(unpack(codec, Bytes::new(), 1000).unwrap().is_empty());
        }
        for codec in [CompressionCodec::BROTLI, CompressionCodec::LZ4, CompressionCodec::LZO] {
            let said = unpack(codec, Bytes::from_static(b"x"), 10).unwrap_err().to_string();
            assert!(said.contains(&format!("pages packed by {codec}; readable are")), "{said}");
        }
    }

    #[test]
    fn an_archive_that_swells_is_stopped() {
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        for _ in 0..64 {
            packer.write_all(&[0; 1 << 20]).unwrap();
        }
        let error = unpack(CompressionCodec::GZIP, packer.finish().unwrap().into(), 1 << 20).unwrap_err();
        assert!(error.to_string().contains("a page that unpacks to more than 1048576 bytes"), "{error}");
    }

    #[test]
    fn counts_of_lengths_are_checked() {
        // Blocks of 128 numbers in 4 parts; 3 lengths, all 1: differences of no bits.
        let series = [0x80, 0x01, 4, 3, 2, 0, 0, 0, 0, 0];
        let lengths = |count: u32, series: &[u8], encoding| {
            check_values(&Bytes::copy_from_slice(&[series, b"abc"].concat()), 0, count, encoding)
        };
        assert!(lengths(3, &series, Encoding::DELTA_LENGTH_BYTE_ARRAY).is_ok());
        assert!(lengths(2, &series, Encoding::DELTA_LENGTH_BYTE_ARRAY).is_err());
        assert!(lengths(3, &[series, series].concat(), Encoding::DELTA_BYTE_ARRAY).is_ok());
        let many = [0x80, 0x01, 4, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 2];
        assert!(lengths(u32::MAX, &many, Encoding::DELTA_LENGTH_BYTE_ARRAY).is_err());
        assert!(lengths(u32::MAX, &[&series[..], &many].concat(), Encoding::DELTA_BYTE_ARRAY).is_err());
        assert!(lengths(3, &[0x80, 0x01, 0, 3], Encoding::DELTA_LENGTH_BYTE_ARRAY).is_err());
        assert!(lengths(3, &series[..6], Encoding::PLAIN).is_ok());
    }
}
