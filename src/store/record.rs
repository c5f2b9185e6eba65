//! What is stored of one article, as the bytes of its row.
//!
//! ```text
//! flags │ sequence │ source + 1 │ members │ group: segment, local │ id │ facts │ link │ document
//! ```
//! Numbers are LEB128, strings stand behind their lengths, the document goes to the end. The group is left out of an
//! article that is its own (flag 1); flag 2 says that there is a text.

use super::bytes::{Bytes, put_string, put_varint};
use super::{Place, Stored};

const OWN_GROUP: u8 = 1;
const TEXT: u8 = 2;

/// The row of an article at `place`.
pub(super) fn encode(place: Place, stored: &Stored) -> Vec<u8> {
    let own = stored.group == place;
    let mut row = Vec::with_capacity(40 + stored.id.len() + stored.document.len());
    row.push((u8::from(own) * OWN_GROUP) | (u8::from(stored.has_text) * TEXT));
    put_varint(&mut row, stored.sequence);
    put_varint(&mut row, stored.source.map_or(0, |source| u64::from(source) + 1));
    put_varint(&mut row, stored.members.into());
    if !own {
        row.extend(stored.group.segment.to_le_bytes());
        put_varint(&mut row, stored.group.local.into());
    }
    put_string(&mut row, stored.id.as_bytes());
    put_string(&mut row, &stored.facts);
    put_string(&mut row, &stored.link);
    row.extend(&stored.document);
    row
}

/// What stands before the strings.
struct Start {
    flags: u8,
    sequence: u64,
    source: Option<u32>,
    members: u32,
    group: Place,
}

fn start(place: Place, bytes: &mut Bytes<'_>) -> Option<Start> {
    let flags = bytes.byte()?;
    let sequence = bytes.varint()?;
    let source = bytes.varint()?.checked_sub(1).map(u32::try_from).transpose().ok()?;
    let members = bytes.varint32()?;
    let group =
        if flags & OWN_GROUP != 0 { place } else { Place { segment: bytes.u32()? as i32, local: bytes.varint32()? } };
    Some(Start { flags, sequence, source, members, group })
}

/// The representative of its group alone. `None` if the row is something else.
pub(super) fn group(place: Place, row: &[u8]) -> Option<Place> {
    start(place, &mut Bytes(row)).map(|start| start.group)
}

/// Its document alone. `None` if the row is something else.
pub(super) fn document(place: Place, row: &[u8]) -> Option<&[u8]> {
    let mut bytes = Bytes(row);
    start(place, &mut bytes)?;
    for _ in ["id", "facts", "link"] {
        bytes.string()?;
    }
    Some(bytes.0)
}

/// `None` if the row is something else.
pub(super) fn decode(place: Place, row: &[u8]) -> Option<Stored> {
    let mut bytes = Bytes(row);
    let Start { flags, sequence, source, members, group } = start(place, &mut bytes)?;
    Some(Stored {
        sequence,
        source,
        members,
        group,
        has_text: flags & TEXT != 0,
        id: std::str::from_utf8(bytes.string()?).ok()?.to_owned(),
        facts: bytes.string()?.to_vec(),
        link: bytes.string()?.to_vec(),
        document: bytes.0.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_stored_is_read(
            id: String, strings: [Vec<u8>; 3], numbers: (u64, Option<u32>, u32), group: Option<(i32, u32)>, has_text: bool,
        ) {
            let place = Place { segment: -3, local: 7 };
            let [facts, link, document] = strings;
            let (sequence, source, members) = numbers;
            let source = source.filter(|&source| source < u32::MAX);
            let group = group.map_or(place, |(segment, local)| Place { segment, local });
            let stored = Stored { id, facts, source, sequence, group, link, members, has_text, document };
            let row = encode(place, &stored);
            prop_assert_eq!(super::group(place, &row), Some(group));
            prop_assert_eq!(super::document(place, &row), Some(&stored.document[..]));
            prop_assert_eq!(decode(place, &row), Some(stored));
        }

        #[test]
        fn bytes_of_any_kind_are_no_panic(row: Vec<u8>) {
            let place = Place { segment: 1, local: 1 };
            if let Some(stored) = decode(place, &row) {
                prop_assert!(stored.document.len() <= row.len());
            }
        }
    }
}
