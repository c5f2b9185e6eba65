//! The head of an index: what must be there. Whatever it names and is not found is damage, never "nothing".
//!
//! ```text
//! format 4 │ fingerprint 8 │ commit 8 │ sequence │ generation │ sources │ names of blobs and their versions │ segments
//! segment: number 4 │ articles │ removed │ folded │ generation │ 2 × (bits of block, run, article: 3)
//! ```
//! Numbers without a length are LEB128; lists stand behind how many they are.

use super::bytes::{Bytes, put_string, put_varint};
use super::postings::Shape;

/// The version of the format, in the first four bytes of the head for good.
pub(super) const FORMAT: u32 = 1;

/// What postings lead from. The numbers are part of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What articles are compared by.
    Keys = 0,
    /// The user's ids.
    Ids = 1,
}

pub(super) const KINDS: [Kind; 2] = [Kind::Keys, Kind::Ids];

/// What there is of a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) number: i32,
    /// Articles added so far: their numbers are below this.
    pub(super) articles: u32,
    /// How many of them are gone.
    pub(super) removed: u32,
    /// Numbers below this are in the blocks, the others in the tail.
    pub(super) folded: u32,
    /// Which folding wrote the blocks, or that it began: no two states of blocks have the same.
    pub(super) generation: u64,
    /// How the blocks of each [`Kind`] are cut.
    pub(super) shapes: [Shape; 2],
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    /// Whose results can be compared with what is in here.
    pub(super) fingerprint: u64,
    /// How many commits there were.
    pub(super) commit: u64,
    /// How many articles were ever added.
    pub(super) sequence: u64,
    /// How many segments were begun and how many foldings there were.
    pub(super) generation: u64,
    /// How many sources have names.
    pub(super) sources: u32,
    /// Names of blobs, with their versions, in the order of their numbers.
    pub(super) blobs: Vec<(String, u64)>,
    /// In order.
    pub(super) segments: Vec<Segment>,
}

impl Segment {
    /// Key of a block's row.
    pub(super) fn block(&self, kind: Kind, block: u32) -> i64 {
        i64::from(self.number) << 32 | (kind as i64) << 31 | i64::from(block)
    }
}

impl Head {
    pub(super) fn segment(&self, number: i32) -> Option<&Segment> {
        let at = self.segments.binary_search_by_key(&number, |segment| segment.number).ok()?;
        self.segments.get(at)
    }

    /// The segment, new if there was none.
    pub(super) fn segment_mut(&mut self, number: i32) -> &mut Segment {
        let at = self.segments.partition_point(|segment| segment.number < number);
        if self.segments.get(at).is_none_or(|segment| segment.number != number) {
            self.generation += 1;
            self.segments.insert(at, Segment { number, generation: self.generation, ..Segment::default() });
        }
        &mut self.segments[at]
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut row = FORMAT.to_le_bytes().to_vec();
        row.extend(self.fingerprint.to_le_bytes());
        row.extend(self.commit.to_le_bytes());
        for number in [self.sequence, self.generation, self.sources.into(), self.blobs.len() as u64] {
            put_varint(&mut row, number);
        }
        for (name, version) in &self.blobs {
            put_string(&mut row, name.as_bytes());
            put_varint(&mut row, *version);
        }
        put_varint(&mut row, self.segments.len() as u64);
        for segment in &self.segments {
            row.extend(segment.number.to_le_bytes());
            for number in [segment.articles, segment.removed, segment.folded] {
                put_varint(&mut row, number.into());
            }
            put_varint(&mut row, segment.generation);
            row.extend(segment.shapes.iter().flat_map(|shape| [shape.bucket, shape.prefix, shape.local]));
        }
        row
    }

    /// `None` if it is something else.
    pub(super) fn decode(row: &[u8]) -> Option<Head> {
        let mut bytes = Bytes(row);
        if bytes.u32()? != FORMAT {
            return None;
        }
        let mut head = Head { fingerprint: bytes.u64()?, commit: bytes.u64()?, ..Head::default() };
        head.sequence = bytes.varint()?;
        head.generation = bytes.varint()?;
        head.sources = bytes.varint32()?;
        for _ in 0..bytes.varint()? {
            head.blobs.push((std::str::from_utf8(bytes.string()?).ok()?.to_owned(), bytes.varint()?));
        }
        for _ in 0..bytes.varint()? {
            let mut segment = Segment { number: bytes.u32()? as i32, ..Segment::default() };
            segment.articles = bytes.varint32()?;
            segment.removed = bytes.varint32()?;
            segment.folded = bytes.varint32()?;
            segment.generation = bytes.varint()?;
            for shape in &mut segment.shapes {
                *shape = Shape { bucket: bytes.byte()?, prefix: bytes.byte()?, local: bytes.byte()? };
                if !shape.is_possible() {
                    return None;
                }
            }
            head.segments.push(segment);
        }
        bytes.is_empty().then_some(head)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_written_is_read(
            numbers: [u32; 4], sources: u32, blobs: Vec<(String, u64)>,
            segments: Vec<(i32, [u32; 3], u64, usize)>,
        ) {
            let [fingerprint, commit, sequence, generation] = numbers.map(u64::from);
            let mut head = Head { fingerprint, commit, sequence, generation, sources, blobs, segments: Vec::new() };
            for (number, [articles, removed, folded], generation, entries) in segments {
                let shapes = [Shape::of(entries, articles), Shape::of(entries / 9, articles)];
                *head.segment_mut(number) = Segment { number, articles, removed, folded, generation, shapes };
            }
            let row = head.encode();
            prop_assert_eq!(Head::decode(&row[..row.len() - 1]), None);
            prop_assert_eq!(Head::decode(&row), Some(head));
        }

        #[test]
        fn bytes_of_any_kind_are_no_panic(mut row: Vec<u8>) {
            row.splice(0..0, FORMAT.to_le_bytes());
            prop_assert!(Head::decode(&row).is_none_or(|head| head.encode().len() <= row.len()));
        }
    }
}
