//! What is wrong with a record, before it is known where the record stands.

use std::str::{self, Utf8Error};

use crate::error::{Error, Place};

/// Quotations of the input in messages are cut to this many characters.
const QUOTED: usize = 40;

/// Found and expected, in words; [`Trouble::at`] makes an [`Error`] of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    pub(super) found: String,
    pub(super) expected: String,
}

impl Trouble {
    pub(super) fn new(found: impl Into<String>, expected: impl Into<String>) -> Trouble {
        Trouble { found: found.into(), expected: expected.into() }
    }

    /// `unit` (a line, a text) is longer than `max` bytes.
    pub(super) fn too_long(unit: &str, max: usize) -> Trouble {
        Trouble::new(
            format!("a {unit} of more than {max} bytes"),
            format!("at most {max} bytes for one article (--max-article-bytes raises this)"),
        )
    }

    /// `bytes`, a whole line or text called `unit`, is not UTF-8.
    pub(super) fn not_utf8(bytes: &[u8], error: &Utf8Error, unit: &str) -> Trouble {
        if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
            return Trouble::new("UTF-16 text", "UTF-8 text: convert the file first");
        }
        Trouble::new(
            format!("bytes that are not UTF-8 (at byte {} of the {unit})", error.valid_up_to() + 1),
            "UTF-8 text",
        )
    }

    pub(super) fn at(self, place: Place) -> Error {
        Error::Input { place, found: self.found, expected: self.expected }
    }
}

/// `bytes`, a whole line or row called `unit`, as a string.
pub(super) fn utf8<'b>(bytes: &'b [u8], unit: &str) -> Result<&'b str, Trouble> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Ok(text),
        // Slower, and says where.
        Err(_) => str::from_utf8(bytes).map_err(|error| Trouble::not_utf8(bytes, &error, unit)),
    }
}

/// `text` in quotation marks, escaped, and shortened where it is long.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("\"{}...\"", text[..end].escape_debug()),
        None => format!("\"{}\"", text.escape_debug()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_short() {
        assert_eq!(quoted("a\nb"), "\"a\\nb\"");
        let long = "\u{642}".repeat(1000);
        assert_eq!(quoted(&long), format!("\"{}...\"", "\u{642}".repeat(40)));
    }

    #[test]
    fn utf16_is_called_by_its_name() {
        let bytes = b"\xFF\xFE{\0".to_vec();
        let error = std::str::from_utf8(&bytes).unwrap_err();
        assert_eq!(Trouble::not_utf8(&bytes, &error, "line").found, "UTF-16 text");
    }
}
