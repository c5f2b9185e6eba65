//! A document as bytes, with the title of its article:
//!
//! ```text
//! fingerprint 8 │ stems 4 │ segments 4 │ stems × 4 │ forms × 1 │ segments × 13 │ title in UTF-8
//! ```

use super::{Document, Segment};
use crate::arabic::{Form, Stem};

const HEAD: usize = 16;
const STEM: usize = 4;
const SEGMENT: usize = 13;

/// Adds a document to `to` as bytes that [`decode`] reads.
pub(crate) fn encode(to: &mut Vec<u8>, document: &Document) {
    write(to, document, "");
}

/// Reads what [`encode`] wrote into `document`; says no to anything else.
pub(crate) fn decode(bytes: &[u8], document: &mut Document) -> bool {
    read(bytes, document).is_some_and(|title| title.is_empty())
}

pub(super) fn write(to: &mut Vec<u8>, document: &Document, title: &str) {
    let (stems, segments) = (&document.stems, &document.segments);
    to.reserve(HEAD + stems.len() * (STEM + 1) + segments.len() * SEGMENT + title.len());
    to.extend(document.fingerprint.to_le_bytes());
    to.extend((stems.len() as u32).to_le_bytes());
    to.extend((segments.len() as u32).to_le_bytes());
    to.extend(stems.iter().flat_map(|stem| stem.0.to_le_bytes()));
    to.extend(document.forms.iter().map(|form| form.0));
    for segment in segments {
        to.extend(segment.end.to_le_bytes());
        to.extend(segment.hash.to_le_bytes());
        to.push(segment.title.into());
    }
    to.extend(title.as_bytes());
}

/// The number of `N` bytes at the beginning of `bytes`, which it is taken from.
fn number<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*number)
}

/// Reads what [`write()`] wrote into `document`; returns the title. `None` if that is something else.
pub(super) fn read<'b>(bytes: &'b [u8], document: &mut Document) -> Option<&'b [u8]> {
    read_some(bytes, document, usize::MAX)
}

/// The same with as many segments as are wanted at most.
pub(super) fn read_some<'b>(mut bytes: &'b [u8], document: &mut Document, most: usize) -> Option<&'b [u8]> {
    let bytes = &mut bytes;
    document.fingerprint = u64::from_le_bytes(number(bytes)?);
    let [stems, segments] = [number(bytes)?, number(bytes)?].map(|n| u32::from_le_bytes(n) as usize);
    let mut take = |len: usize| {
        let (taken, rest) = bytes.split_at_checked(len)?;
        *bytes = rest;
        Some(taken)
    };
    document.stems.clear();
    document.stems.extend(take(stems * STEM)?.as_chunks::<STEM>().0.iter().map(|&stem| Stem(u32::from_le_bytes(stem))));
    document.forms.clear();
    document.forms.extend(take(stems)?.iter().map(|&form| Form(form)));
    document.segments.clear();
    for mut bytes in take(segments * SEGMENT)?.chunks_exact(SEGMENT).take(most) {
        let bytes = &mut bytes;
        let end = u32::from_le_bytes(number(bytes)?);
        let hash = u64::from_le_bytes(number(bytes)?);
        document.segments.push(Segment { end, hash, title: number::<1>(bytes)? != [0] });
    }
    Some(bytes)
}

/// The title alone of what [`write()`] wrote.
pub(super) fn title(mut bytes: &[u8]) -> Option<&[u8]> {
    let _fingerprint: [u8; 8] = number(&mut bytes)?;
    let [stems, segments] = [number(&mut bytes)?, number(&mut bytes)?].map(|n| u32::from_le_bytes(n) as usize);
    bytes.get(stems * (STEM + 1) + segments * SEGMENT..)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bytes_of_any_kind_are_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let mut document = Document::default();
            if let Some(title) = read(&bytes, &mut document) {
                let mut again = Vec::new();
                write(&mut again, &document, "");
                again.extend(title);
                // A flag may be any number but 0.
                prop_assert_eq!(again.len(), bytes.len());
            }
        }
    }
}
