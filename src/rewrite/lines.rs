//! JSON Lines as they stand: each kept line to the byte, or every line with what was found added behind its own keys.

use std::fmt;

use memchr::memchr;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::ADDED;
use crate::error::{Error, Place, Result};

/// The lines of `bytes`, which begin with line number `first_line`: each with its number and its end.
pub(super) fn records(bytes: &[u8], first_line: u64) -> impl Iterator<Item = (u64, &[u8])> {
    let mut rest = bytes;
    let lines = std::iter::from_fn(move || {
        let end = memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        let (line, behind) = rest.split_at(end);
        rest = behind;
        (!line.is_empty()).then_some(line)
    });
    (first_line..).zip(lines)
}

/// The record `line` with `values` added under [`ADDED`].
///
/// # Errors
/// [`Error::Input`] if one of these keys is there.
pub(super) fn annotated(line: &[u8], values: &[Value; ADDED.len()], place: impl Fn() -> Place) -> Result<Vec<u8>> {
    let behind = behind_last_value(line, place)?;
    let added: String = ADDED.iter().zip(values).map(|(key, value)| format!(",\"{key}\":{value}")).collect();
    Ok([&line[..behind], added.as_bytes(), &line[behind..]].concat())
}

/// The byte at which the closing brace of a record stands.
///
/// # Errors
/// [`Error::Input`] if one of the keys to add is there.
fn behind_last_value(line: &[u8], place: impl Fn() -> Place) -> Result<usize> {
    let wrong = |found: String, expected: &str| Error::Input { place: place(), found, expected: expected.into() };
    let mut reader = serde_json::Deserializer::from_slice(line);
    let taken = reader.deserialize_map(KeyTaken).and_then(|taken| reader.end().map(|()| taken));
    let line = line.trim_ascii_end();
    match (taken, line.strip_suffix(b"}")) {
        (Ok(None), Some(before)) => Ok(before.len()),
        (Ok(Some(key)), _) => Err(wrong(
            format!("the key \"{key}\", which --annotate adds"),
            "records that have not been annotated before",
        )),
        // It was one when it was read first.
        _ => Err(wrong("a line that is no JSON object any more".into(), "inputs that stay as they are meanwhile")),
    }
}

/// The first of [`ADDED`] that a record has.
struct KeyTaken;

impl<'de> Visitor<'de> for KeyTaken {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut taken = None;
        while let Some((key, IgnoredAny)) = map.next_entry::<std::borrow::Cow<'de, str>, IgnoredAny>()? {
            taken = taken.or(ADDED.iter().copied().find(|&added| added == key));
        }
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place() -> Place {
        Place { path: "a.jsonl".into(), line: Some(7) }
    }

    #[test]
    fn the_place_behind_the_last_value() {
        for (line, before) in [
            (r#"{"a":1}"#, r#"{"a":1"#),
            (" { \"a\" : {\"naskh_kept\":1} } \r", " { \"a\" : {\"naskh_kept\":1} "),
            (r#"{"a":"}","b":"naskh_group"}"#, r#"{"a":"}","b":"naskh_group""#),
        ] {
            assert_eq!(behind_last_value(line.as_bytes(), place).unwrap(), before.len());
        }
    }

    #[test]
    fn a_key_that_is_there_is_an_error() {
        // However it is written.
        for line in [r#"{"a":1,"naskh_score":null}"#, r#"{"naskh\u005fscore":2,"b":3}"#] {
            let said = behind_last_value(line.as_bytes(), place).unwrap_err().to_string();
            assert!(said.starts_with("a.jsonl:7: found the key \"naskh_score\", which --annotate adds"), "{said}");
        }
        for changed in ["[]", "{", "{} {}", "x"] {
            let said = behind_last_value(changed.as_bytes(), place).map(|_| ()).unwrap_err().to_string();
            assert!(said.contains("no JSON object any more"), "{changed}: {said}");
        }
    }
}
