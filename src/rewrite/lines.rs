//! JSON Lines as they stand: each kept line to the byte, or every line with what was found added behind its own keys.

use std::fmt;

use memchr::memchr;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use super::Wanted;
use crate::article::Block;
use crate::error::{Error, Place, Result};

/// The keys that are added, in their order.
const KEYS: [&str; 5] = ["naskh_group", "naskh_representative", "naskh_relation", "naskh_score", "naskh_kept"];

/// What was made of a block of lines.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Lines {
    /// The lines to write, each with its end; the last of a file gets one where it has none.
    pub(super) bytes: Vec<u8>,
    /// How many they are.
    pub(super) written: u64,
    /// How many lines are articles of the first reading.
    pub(super) found: u64,
    /// How many are none, though they are not blank.
    pub(super) passed: u64,
    /// How many are blank.
    pub(super) blank: u64,
}

impl Lines {
    /// Goes through `block`.
    ///
    /// # Errors
    /// [`Error::Input`] for a record that cannot be annotated.
    pub(super) fn of(block: &Block, wanted: Wanted<'_>) -> Result<Lines> {
        let headers = &wanted.rewrite.corpus.headers;
        let line_of = |article: u32| u64::from(headers[article as usize].origin.line);
        let first = wanted.articles.partition_point(|&article| line_of(article) < block.first_line);
        let mut articles = wanted.articles[first..].iter().copied().peekable();

        let mut lines = Lines { bytes: Vec::with_capacity(block.bytes.len()), ..Lines::default() };
        let mut rest = &block.bytes[..];
        for number in block.first_line.. {
            if rest.is_empty() {
                break;
            }
            let end = memchr(b'\n', rest).unwrap_or(rest.len());
            let line = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            if line.trim_ascii().is_empty() {
                lines.blank += 1;
                continue;
            }
            let Some(article) = articles.next_if(|&article| line_of(article) == number) else {
                lines.passed += 1;
                continue;
            };
            lines.found += 1;
            if wanted.rewrite.annotate {
                let place =
                    || Place { path: wanted.original.path().to_string_lossy().into_owned(), line: Some(number) };
                let behind = behind_last_value(line, place)?;
                let added = annotation(wanted, article);
                lines.push(&[&line[..behind], added.as_bytes(), &line[behind..]]);
            } else if wanted.rewrite.is_kept(article) {
                lines.push(&[line]);
            }
        }
        Ok(lines)
    }

    fn push(&mut self, parts: &[&[u8]]) {
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.bytes.push(b'\n');
        self.written += 1;
    }
}

/// What is added to the record of an article.
fn annotation(wanted: Wanted<'_>, article: u32) -> String {
    let decision = wanted.rewrite.decisions[article as usize];
    let told = decision.membership;
    let id = |article: u32| wanted.rewrite.corpus.headers[article as usize].id.as_str();
    let values = [
        Value::from(told.map(|told| told.group)),
        Value::from(told.map(|told| id(told.representative))),
        Value::from(told.map(|told| told.relation())),
        Value::from(told.map(|told| told.score())),
        Value::from(decision.kept == article),
    ];
    KEYS.iter().zip(values).map(|(key, value)| format!(",\"{key}\":{value}")).collect()
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

/// The first of [`KEYS`] that a record has.
struct KeyTaken;

impl<'de> Visitor<'de> for KeyTaken {
    type Value = Option<&'static str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut taken = None;
        while let Some((key, IgnoredAny)) = map.next_entry::<std::borrow::Cow<'de, str>, IgnoredAny>()? {
            taken = taken.or(KEYS.iter().copied().find(|&added| added == key));
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
