//! A plain text file as an article: the whole file is the body.

use std::borrow::Cow;

use super::Article;
use super::entities::clean;
use super::trouble::Trouble;
use crate::error::{Place, Result};

/// UTF-8's byte order mark.
const BOM: &[u8] = b"\xEF\xBB\xBF";

/// `bytes` without a byte order mark at its start.
pub(super) fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}

/// Makes an article of a text file's `bytes` (already [without its BOM](without_bom)); no title,
/// source or date.
///
/// # Errors
/// [`Input`](crate::Error::Input) naming byte and line where the bytes are not UTF-8.
pub(super) fn article(bytes: Vec<u8>, id: String, path: &str) -> Result<Article> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let fault = error.utf8_error();
        let bytes = error.as_bytes();
        let before = &bytes[..fault.valid_up_to()];
        let place = Place { path: path.to_owned(), line: Some(1 + memchr::memchr_iter(b'\n', before).count() as u64) };
        Trouble::not_utf8(bytes, &fault, "text").at(place)
    })?;
    Ok(Article { id, source: None, date: None, title: String::new(), text: clean(Cow::Owned(text)).into_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_decoded() {
        let read = article(b"a &lt; b\r\nc".to_vec(), "n/1.txt".into(), "d/n/1.txt").unwrap();
        assert_eq!(read.text, "a < b\nc");
        assert_eq!(read.id, "n/1.txt");
        assert_eq!(read.title, "");
        assert_eq!(article(Vec::new(), "e".into(), "e").unwrap().text, "", "an empty text is an article");
    }

    #[test]
    fn bad_bytes_are_located() {
        let error = article(b"one\ntwo\nth\xFFree".to_vec(), "i".into(), "f.txt").unwrap_err();
        assert_eq!(
            error.to_string(),
            "f.txt:3: found bytes that are not UTF-8 (at byte 11 of the text); expected UTF-8 text"
        );
        let error = article(b"\xFF\xFEa\0".to_vec(), "i".into(), "f.txt").unwrap_err();
        assert_eq!(error.to_string(), "f.txt:1: found UTF-16 text; expected UTF-8 text: convert the file first");
    }

    #[test]
    fn only_a_leading_bom_is_dropped() {
        assert_eq!(without_bom(b"\xEF\xBB\xBFa\xEF\xBB\xBF"), b"a\xEF\xBB\xBF");
        assert_eq!(without_bom(b"\xEF\xBB"), b"\xEF\xBB");
    }
}
