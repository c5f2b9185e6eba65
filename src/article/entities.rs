//! Undoes what the web wrapped around plain text: HTML entities and foreign line ends.

use std::borrow::Cow;

use html_escape::decode_html_entities;
use memchr::{memchr, memchr_iter};

/// Decodes HTML entities once and turns CR LF and lone CR into LF; without either, `text` comes
/// back as it went in.
///
/// Only once: `&amp;quot;` becomes `&quot;`, because a second round would also decode what an
/// article about HTML meant to show. Other control characters, NUL among them, stay.
pub(crate) fn clean(text: Cow<'_, str>) -> Cow<'_, str> {
    // Entities first: `&#13;` is a line end too.
    with_lf(decoded(text))
}

fn decoded(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr(b'&', text.as_bytes()).is_none() {
        return text;
    }
    match text {
        Cow::Borrowed(text) => decode_html_entities(text),
        Cow::Owned(text) => {
            let changed = match decode_html_entities(&text) {
                Cow::Owned(changed) => Some(changed),
                Cow::Borrowed(_) => None,
            };
            Cow::Owned(changed.unwrap_or(text))
        }
    }
}

fn with_lf(text: Cow<'_, str>) -> Cow<'_, str> {
    if memchr(b'\r', text.as_bytes()).is_none() {
        return text;
    }
    let mut unified = String::with_capacity(text.len());
    let mut from = 0;
    for at in memchr_iter(b'\r', text.as_bytes()) {
        unified.push_str(&text[from..at]);
        from = at + 1;
        if text.as_bytes().get(from) != Some(&b'\n') {
            unified.push('\n');
        }
    }
    unified.push_str(&text[from..]);
    Cow::Owned(unified)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entities_and_line_ends() {
        for (given, wanted) in [
            ("", ""),
            ("plain \u{642}\u{627}\u{644}", "plain \u{642}\u{627}\u{644}"),
            ("a &amp; b", "a & b"),
            ("&quot;x&quot;&nbsp;&#1575;&#x627;", "\"x\"\u{A0}\u{627}\u{627}"),
            ("&amp;quot;", "&quot;"),
            ("AT&T &unknown; &", "AT&T &unknown; &"),
            ("a\r\nb\rc\nd", "a\nb\nc\nd"),
            ("\r\r\n\r", "\n\n\n"),
            ("a&#13;&#10;b", "a\nb"),
            ("\0\u{1}\t", "\0\u{1}\t"),
        ] {
            assert_eq!(clean(Cow::Borrowed(given)), wanted, "{given:?}");
            assert_eq!(clean(Cow::Owned(given.to_owned())), wanted, "{given:?}");
        }
    }

    #[test]
    fn untouched_text_is_not_copied() {
        assert!(matches!(clean(Cow::Borrowed("no change")), Cow::Borrowed(_)));
        assert!(matches!(clean(Cow::Borrowed("R&D")), Cow::Borrowed(_)));
    }
}
