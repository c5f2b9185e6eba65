//! A document in few bytes, as an index keeps it: a stem that comes again is told by its number among those of the document.
//!
//! ```text
//! fingerprint 8 │ stems 4 │ segments 4 │ each segment: end 4, hash 8, is the title 1 │ bits of the stems, zeros to a whole byte
//!
//! a stem that comes for the first time: 0 │ 32 bits │ form 6
//! one that has come before:             1 │ its number, in as many bits as the last one has │ 0, or 1 │ form 6
//! ```
//!
//! The form is left out behind 0: it is that with which the stem came last. Numbers are little-endian, bits begin with the
//! least of a byte.

use ahash::AHashMap;

use crate::arabic::{Form, Stem};
use crate::shingle::{Document, Segment};

const FORM: u32 = 6;

/// Replaces `to` by the bytes of a document.
pub(crate) fn pack(to: &mut Vec<u8>, document: &Document) {
    to.clear();
    to.extend(document.fingerprint.to_le_bytes());
    to.extend((document.stems.len() as u32).to_le_bytes());
    to.extend((document.segments.len() as u32).to_le_bytes());
    for segment in &document.segments {
        to.extend(segment.end.to_le_bytes());
        to.extend(segment.hash.to_le_bytes());
        to.push(segment.title.into());
    }
    let mut bits = Bits { to, open: 0, count: 0 };
    // Of each stem its number and the form with which it came last.
    let mut known: AHashMap<Stem, (u32, Form)> = AHashMap::with_capacity(document.stems.len());
    for (&stem, &form) in document.stems.iter().zip(&document.forms) {
        let count = known.len() as u32;
        match known.get_mut(&stem) {
            None => {
                bits.put(0, 1);
                bits.put(stem.0, u32::BITS);
                bits.put(form.0.into(), FORM);
                known.insert(stem, (count, form));
            }
            Some((number, last)) => {
                bits.put(1, 1);
                bits.put(*number, width(count));
                bits.put((form != *last).into(), 1);
                if form != *last {
                    bits.put(form.0.into(), FORM);
                    *last = form;
                }
            }
        }
    }
    bits.finish();
}

/// Reads what [`pack`] wrote into `document`; says no to anything else.
pub(crate) fn unpack(bytes: &[u8], document: &mut Document) -> bool {
    read(bytes, document).is_some()
}

fn read(bytes: &[u8], document: &mut Document) -> Option<()> {
    let (fingerprint, rest) = bytes.split_first_chunk()?;
    let (stems, rest) = rest.split_first_chunk()?;
    let (segments, rest) = rest.split_first_chunk()?;
    document.fingerprint = u64::from_le_bytes(*fingerprint);
    let stems = u32::from_le_bytes(*stems) as usize;
    let (segments, rest) = rest.split_at_checked((u32::from_le_bytes(*segments) as usize).checked_mul(13)?)?;
    document.segments.clear();
    for segment in segments.as_chunks::<13>().0 {
        let (end, rest) = segment.split_first_chunk()?;
        let (hash, title) = rest.split_first_chunk()?;
        let (end, hash) = (u32::from_le_bytes(*end), u64::from_le_bytes(*hash));
        document.segments.push(Segment { end, hash, title: title != [0] });
    }
    document.stems.clear();
    document.forms.clear();
    let mut bits = Unread { bytes: rest, open: 0, count: 0 };
    let mut known: Vec<(Stem, Form)> = Vec::new();
    for _ in 0..stems {
        let (stem, form) = if bits.take(1)? == 0 {
            let new = (Stem(bits.take(u32::BITS)?), Form(bits.take(FORM)? as u8));
            known.push(new);
            new
        } else {
            let number = bits.take(width(known.len() as u32))?;
            let is_other = bits.take(1)? == 1;
            let form = if is_other { Some(Form(bits.take(FORM)? as u8)) } else { None };
            let known = known.get_mut(number as usize)?;
            known.1 = form.unwrap_or(known.1);
            *known
        };
        document.stems.push(stem);
        document.forms.push(form);
    }
    // Zeros to a whole byte, and nothing behind.
    (bits.bytes.is_empty() && bits.open == 0).then_some(())
}

/// Bits of the greatest of so many numbers.
fn width(count: u32) -> u32 {
    u32::BITS - count.saturating_sub(1).leading_zeros()
}

/// Bits on their way into bytes.
struct Bits<'t> {
    to: &'t mut Vec<u8>,
    open: u64,
    count: u32,
}

impl Bits<'_> {
    /// The lowest `bits` of a number, at most 32.
    fn put(&mut self, number: u32, bits: u32) {
        self.open |= u64::from(number) << self.count;
        self.count += bits;
        while self.count >= 8 {
            self.to.push(self.open as u8);
            self.open >>= 8;
            self.count -= 8;
        }
    }

    fn finish(self) {
        if self.count > 0 {
            self.to.push(self.open as u8);
        }
    }
}

/// Bits out of bytes.
struct Unread<'b> {
    bytes: &'b [u8],
    open: u64,
    count: u32,
}

impl Unread<'_> {
    /// The next `bits`, at most 32; `None` behind the end.
    fn take(&mut self, bits: u32) -> Option<u32> {
        while self.count < bits {
            let (&byte, rest) = self.bytes.split_first()?;
            self.bytes = rest;
            self.open |= u64::from(byte) << self.count;
            self.count += 8;
        }
        let taken = self.open & ((1 << bits) - 1);
        self.open >>= bits;
        self.count -= bits;
        Some(taken as u32)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_packed_is_read(
            tokens in prop::collection::vec((prop_oneof![0u32..9, any::<u32>()], 0u8..64), 0..200),
            segments in prop::collection::vec((any::<u32>(), any::<u64>(), any::<bool>()), 0..4),
            fingerprint: u64,
        ) {
            let document = Document {
                stems: tokens.iter().map(|token| Stem(token.0)).collect(),
                forms: tokens.iter().map(|token| Form::numbered(token.1)).collect(),
                segments: segments.into_iter().map(|(end, hash, title)| Segment { end, hash, title }).collect(),
                fingerprint,
            };
            let mut bytes = b"before".to_vec();
            pack(&mut bytes, &document);
            let mut read = Document { stems: vec![Stem(1)], ..Document::default() };
            prop_assert!(unpack(&bytes, &mut read));
            prop_assert_eq!(read, document);
            // Neither less nor more is taken for a document.
            prop_assert!(!unpack(&bytes[..bytes.len() - 1], &mut Document::default()));
            bytes.push(0);
            prop_assert!(!unpack(&bytes, &mut Document::default()));
        }

        #[test]
        fn bytes_of_any_kind_are_no_panic(bytes: Vec<u8>, stems in 0u32..40) {
            let mut document = Document::default();
            unpack(&bytes, &mut document);
            let counted = [&[0; 8][..], &stems.to_le_bytes(), &[0; 4], &bytes].concat();
            if unpack(&counted, &mut document) {
                prop_assert_eq!((document.stems.len(), document.forms.len()), (stems as usize, stems as usize));
            }
        }
    }

    #[test]
    fn stems_that_come_again_take_a_few_bits() {
        let document = |stems: &[u32]| Document {
            stems: stems.iter().map(|&stem| Stem(stem)).collect(),
            forms: stems.iter().map(|_| Form::numbered(5)).collect(),
            ..Document::default()
        };
        let len = |stems: &[u32]| {
            let mut bytes = Vec::new();
            pack(&mut bytes, &document(stems));
            bytes.len() - 16
        };
        // 39 bits, and two where it is the only one; of four it takes two bits more to say which.
        assert_eq!([len(&[]), len(&[7]), len(&[7; 2]), len(&[7; 9])], [0, 5, 6, 7]);
        assert_eq!(len(&[1, 2, 3, 4, 1, 2, 3, 4]), (4 * 39 + 4 * 4usize).div_ceil(8));
    }
}
