//! How numbers and byte strings follow one another in a row: little-endian numbers, LEB128 for those that are mostly
//! small, strings behind their lengths. Reading never goes beyond the end; `None` is a row that is something else.

/// What is left of a row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'b>(pub(super) &'b [u8]);

impl<'b> Bytes<'b> {
    pub(super) fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|byte| byte[0])
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    pub(super) fn u64(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }

    /// Seven bits a byte, the least first; the highest bit says that more follow.
    pub(super) fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Some(number);
            }
        }
        None
    }

    pub(super) fn varint32(&mut self) -> Option<u32> {
        self.varint()?.try_into().ok()
    }

    /// A byte string behind its length.
    pub(super) fn string(&mut self) -> Option<&'b [u8]> {
        let len = self.varint()?.try_into().ok()?;
        self.take(len)
    }

    /// Is nothing left?
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

pub(super) fn put_varint(to: &mut Vec<u8>, mut number: u64) {
    while number >= 128 {
        to.push(number as u8 | 128);
        number >>= 7;
    }
    to.push(number as u8);
}

pub(super) fn put_string(to: &mut Vec<u8>, string: &[u8]) {
    put_varint(to, string.len() as u64);
    to.extend(string);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_was_put_is_read(numbers in proptest::collection::vec((any::<u64>(), 0..64u32), 0..20), string: Vec<u8>) {
            let mut row = Vec::new();
            for &(number, shift) in &numbers {
                put_varint(&mut row, number >> shift);
            }
            put_string(&mut row, &string);
            let mut bytes = Bytes(&row);
            for &(number, shift) in &numbers {
                prop_assert_eq!(bytes.varint(), Some(number >> shift));
            }
            prop_assert_eq!(bytes.string(), Some(&string[..]));
            prop_assert!(bytes.is_empty() && bytes.byte().is_none() && bytes.u32().is_none());
        }
    }

    #[test]
    fn numbers_without_end() {
        assert_eq!(Bytes(&[255; 12]).varint(), None);
        assert_eq!(Bytes(&[128]).varint(), None);
        assert_eq!(Bytes(&[200, 1]).string(), None, "a length beyond the end");
    }
}
