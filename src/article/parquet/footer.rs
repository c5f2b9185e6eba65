//! The footer of a Parquet file: found, looked over, and decoded.
//!
//! The crate's decoder follows the schema by recursion and makes room for as many children as an element claims. A
//! footer of a few bytes could so end the program with an overflowing stack, or ask for all memory there is, neither of
//! which can be caught. So the schema, which is Thrift in its compact form, is looked over before.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};

use ::parquet::errors::{ParquetError, Result};
use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use ::parquet::file::reader::ChunkReader;

use super::disk::Disk;

/// Begins and ends every file.
pub(in crate::article) const MAGIC: &[u8] = b"PAR1";
/// Ends a file whose footer is encrypted.
const ENCRYPTED: &[u8] = b"PARE";
/// The magic bytes, and the length before them.
const TAIL: u64 = 8;
/// Columns are nested no deeper, and Thrift inside them.
const DEEPEST: usize = 64;

/// Does `file` end as Parquet does? Leaves the place in it undefined.
pub(in crate::article) fn ends_like_parquet(file: &mut File) -> io::Result<bool> {
    if file.metadata()?.len() < TAIL + MAGIC.len() as u64 {
        return Ok(false);
    }
    let mut tail = [0; MAGIC.len()];
    file.seek(SeekFrom::End(-(MAGIC.len() as i64)))?;
    file.read_exact(&mut tail)?;
    Ok(tail == MAGIC || tail == ENCRYPTED)
}

/// Reads the footer.
pub(super) fn read(disk: &Disk) -> Result<ParquetMetaData> {
    let tail = disk.length().checked_sub(TAIL).ok_or_else(|| bad("no footer"))?;
    let bytes = disk.get_bytes(tail, TAIL as usize)?;
    if &bytes[4..] == ENCRYPTED {
        return Err(bad("an encrypted footer"));
    }
    if &bytes[4..] != MAGIC {
        return Err(bad("no PAR1 at its end: the file is cut short"));
    }
    let length = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let start = tail.checked_sub(u64::from(length)).ok_or_else(|| bad("a footer longer than the file"))?;
    let footer = disk.get_bytes(start, length as usize)?;
    look_over(&footer).ok_or_else(|| bad("a footer that is no schema of columns"))?;
    ParquetMetaDataReader::decode_metadata(&footer)
}

fn bad(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

/// `None` where the schema of a `FileMetaData` is nested too deep, or claims children that are not there.
fn look_over(footer: &[u8]) -> Option<()> {
    const SCHEMA: i16 = 2;
    let mut thrift = Thrift(footer);
    thrift.fields(|thrift, id, kind| {
        if id != SCHEMA {
            return thrift.pass(kind, 0);
        }
        let (count, kind) = (kind == LIST).then(|| thrift.list())??;
        if kind != STRUCT {
            return None;
        }
        // How many children are still to come of each element around.
        let mut open: Vec<u64> = Vec::new();
        for element in 0..count {
            while open.last() == Some(&0) {
                open.pop();
            }
            if let Some(left) = open.last_mut() {
                *left -= 1;
            }
            let children = thrift.children()?;
            if children >= count - element || open.len() > DEEPEST {
                return None;
            }
            if children > 0 {
                open.push(children);
            }
        }
        Some(())
    })
}

// Types of values.
const TRUE: u8 = 1;
const FALSE: u8 = 2;
const BYTE: u8 = 3;
const I16: u8 = 4;
const I32: u8 = 5;
const I64: u8 = 6;
const DOUBLE: u8 = 7;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const SET: u8 = 10;
const STRUCT: u8 = 12;

/// What is still to be read of Thrift in its compact form. Every method is `None` where it is none.
struct Thrift<'a>(&'a [u8]);

impl Thrift<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(first)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.0 = self.0.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn zigzag(&mut self) -> Option<i64> {
        let value = self.varint()?;
        Some((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// Hands each field of a struct to `each`, with its id and type, at its value.
    fn fields(&mut self, mut each: impl FnMut(&mut Self, i16, u8) -> Option<()>) -> Option<()> {
        let mut id = 0_i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.zigzag()?).ok()?,
                step => id.checked_add(i16::from(step))?,
            };
            each(self, id, head & 0x0F)?;
        }
    }

    /// The head of a list: how many elements, and their type.
    fn list(&mut self) -> Option<(u64, u8)> {
        let head = self.byte()?;
        let count = if head >> 4 == 15 { self.varint()? } else { u64::from(head >> 4) };
        Some((count, head & 0x0F))
    }

    /// Passes over a value `deep` inside others.
    fn pass(&mut self, kind: u8, deep: usize) -> Option<()> {
        if deep > DEEPEST {
            return None;
        }
        match kind {
            TRUE | FALSE => Some(()),
            BYTE => self.skip(1),
            I16 | I32 | I64 => self.varint().map(drop),
            DOUBLE => self.skip(8),
            BINARY => {
                let length = self.varint()?;
                self.skip(length)
            }
            LIST | SET => {
                let (count, kind) = self.list()?;
                // In a list a truth value takes a byte.
                let kind = if matches!(kind, TRUE | FALSE) { BYTE } else { kind };
                (0..count).try_for_each(|_| self.pass(kind, deep + 1))
            }
            STRUCT => self.fields(|thrift, _, kind| thrift.pass(kind, deep + 1)),
            // No map is in any footer.
            _ => None,
        }
    }

    /// Passes over a `SchemaElement`: how many children it claims.
    fn children(&mut self) -> Option<u64> {
        const NUM_CHILDREN: i16 = 5;
        let mut children = 0;
        self.fields(|thrift, id, kind| {
            if id == NUM_CHILDREN && kind == I32 {
                children = u64::try_from(thrift.zigzag()?).ok()?;
                return Some(());
            }
            (id != NUM_CHILDREN).then(|| thrift.pass(kind, 0))?
        })?;
        Some(children)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A `FileMetaData` that holds only a schema: elements with so many children each.
    fn schema(children: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0x15, 0x02, 0x19, 0xFC, children.len() as u8 & 0x7F | 0x80, (children.len() >> 7) as u8];
        for &count in children {
            // A name, and in the next field but one the number of children.
            bytes.extend([0x48, 1, b'a', 0x15, count << 1, 0]);
        }
        bytes.push(0);
        bytes
    }

    #[test]
    fn schemas_are_looked_over() {
        let nested = |deep: usize| [vec![1; deep], vec![0]].concat();
        for (children, good) in [
            (vec![2, 0, 0], true),
            (vec![2, 1, 0, 0], true),
            (vec![3, 0, 0], false),
            (vec![1, 63], false),
            (nested(DEEPEST), true),
            (nested(DEEPEST + 1), false),
            (nested(10_000), false),
        ] {
            assert_eq!(look_over(&schema(&children)).is_some(), good, "{} elements", children.len());
        }
        let whole = schema(&[2, 0, 0]);
        for cut in 0..whole.len() {
            assert!(look_over(&whole[..cut]).is_none(), "cut at {cut}");
        }
        // Lists in lists, without end.
        assert!(look_over(&[&[0x39][..], &[0x19; 100_000]].concat()).is_none());
    }
}
