//! A document as bytes, with the title of its article:
//!
//! ```text
//! fingerprint 8 │ stems 4 │ segments 4 │ stems × 4 │ forms × 1 │ segments × 13 │ title in UTF-8
//! ```

use super::{Document, Segment};
use crate::arabic::{Form, Stem};
use crate::prefetch::prefetch;

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
    let from = to.len();
    to.resize(from + stems.len() * STEM, 0);
    to[from..].as_chunks_mut().0.iter_mut().zip(stems).for_each(|(bytes, stem)| *bytes = stem.0.to_le_bytes());
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

/// What of a document is read; the rest of it is left empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// All of it.
    Whole,
    /// All but the segments behind the first.
    FirstSegment,
    /// Stems and segments.
    Stems,
    /// Segments, and the stems of the title.
    Segments,
}

/// Reads what [`write()`] wrote into `document`; returns the title. `None` if that is something else.
pub(super) fn read<'b>(bytes: &'b [u8], document: &mut Document) -> Option<&'b [u8]> {
    read_part(bytes, document, Part::Whole)
}

/// The same of a part of it.
pub(super) fn read_part<'b>(mut bytes: &'b [u8], document: &mut Document, part: Part) -> Option<&'b [u8]> {
    let bytes = &mut bytes;
    document.fingerprint = u64::from_le_bytes(number(bytes)?);
    let [stems, segments] = [number(bytes)?, number(bytes)?].map(|n| u32::from_le_bytes(n) as usize);
    let mut take = |len: usize| {
        let (taken, rest) = bytes.split_at_checked(len)?;
        *bytes = rest;
        Some(taken)
    };
    let (own_stems, own_forms, own_segments) = (take(stems * STEM)?, take(stems)?, take(segments * SEGMENT)?);
    document.stems.clear();
    document.forms.clear();
    document.segments.clear();
    if matches!(part, Part::Whole | Part::FirstSegment) {
        document.forms.extend(own_forms.iter().map(|&form| Form(form)));
    }
    let most = if part == Part::FirstSegment { 1 } else { segments };
    for mut bytes in own_segments.chunks_exact(SEGMENT).take(most) {
        let bytes = &mut bytes;
        let end = u32::from_le_bytes(number(bytes)?);
        let hash = u64::from_le_bytes(number(bytes)?);
        document.segments.push(Segment { end, hash, title: number::<1>(bytes)? != [0] });
    }
    let most = if part == Part::Segments { document.title_len() } else { stems };
    let own_stems = own_stems.as_chunks::<STEM>().0.iter().take(most);
    document.stems.extend(own_stems.map(|&stem| Stem(u32::from_le_bytes(stem))));
    Some(bytes)
}

/// Asks for the memory of what [`read_part()`] reads, of a document with so many stems.
pub(super) fn prefetch_part(bytes: &[u8], stems: usize, part: Part) {
    const LINE: usize = 64;
    let segments = HEAD + stems * (STEM + 1);
    let wanted = if part == Part::Segments { segments } else { 0 };
    prefetch(bytes);
    bytes.get(wanted..).unwrap_or_default().chunks(LINE).for_each(prefetch);
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

    #[test]
    fn a_part_is_what_the_whole_has_of_it() {
        let text = "افتتح الوزير مكتبة عامة. وحضر الحفل جمهور من القراء";
        let document = Document::of("مكتبة المدينة", text, &crate::arabic::Tokenizer::new());
        let mut bytes = Vec::new();
        write(&mut bytes, &document, "مكتبة المدينة");
        let Document { stems, forms, segments, fingerprint } = document.clone();
        let (first, title) = (vec![segments[0]], stems[..2].to_vec());
        let cases = [
            (Part::Whole, document),
            (Part::FirstSegment, Document { stems: stems.clone(), forms, segments: first, fingerprint }),
            (Part::Stems, Document { stems, forms: Vec::new(), segments: segments.clone(), fingerprint }),
            (Part::Segments, Document { stems: title, forms: Vec::new(), segments, fingerprint }),
        ];
        for (part, expected) in cases {
            // What was there before is gone.
            let mut found = Document::of("خبر آخر", "نص آخر. وجملة", &crate::arabic::Tokenizer::new());
            assert_eq!(read_part(&bytes, &mut found, part), Some("مكتبة المدينة".as_bytes()));
            assert_eq!(found, expected, "{part:?}");
        }
    }

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
