//! The JSON of one line: the values of the keys that play a part, all others passed over.

use std::borrow::Cow;
use std::fmt;

use memchr::memchr;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::super::fields::{FieldTable, LISTED};
use super::super::trouble::{Trouble, quoted};
use super::value::{Value, Values};

const ONE_OBJECT: &str = "one JSON object a line (JSON Lines)";

/// Reads a line that should be one JSON object.
///
/// # Errors
/// Where it is something else, or no JSON.
pub(super) fn values<'de>(json: &'de str, table: &FieldTable) -> Result<Values<'de>, Trouble> {
    let found = match json.trim_start().bytes().next() {
        // What is wrong is told by reading all at once: the other way knows no places within a value.
        Some(b'{') => {
            let read = |in_one: bool| {
                let mut reader = serde_json::Deserializer::from_str(json);
                let values = reader.deserialize_map(RecordVisitor { table, in_one })?;
                reader.end().map(|()| values)
            };
            return read(false).or_else(|_| read(true)).map_err(|error| bad_json(&error));
        }
        Some(b'[') => "a JSON array",
        Some(b'"') => "a JSON string",
        Some(b'-' | b'0'..=b'9') => "a number",
        None => "nothing",
        Some(_) => "text that is no JSON object",
    };
    Err(Trouble::new(found, ONE_OBJECT))
}

fn bad_json(error: &serde_json::Error) -> Trouble {
    let said = error.to_string();
    let end = format!(" at line {} column {}", error.line(), error.column());
    let said = said.strip_suffix(&end).unwrap_or(&said);
    let what = if error.is_eof() { "a JSON object cut short" } else { "bad JSON" };
    Trouble::new(format!("{what} at byte {} of the line ({said})", error.column()), ONE_OBJECT)
}

struct RecordVisitor<'t> {
    table: &'t FieldTable,
    /// Values are read with the record, not by themselves.
    in_one: bool,
}

impl<'de> Visitor<'de> for RecordVisitor<'_> {
    type Value = Values<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = Values::default();
        while let Some(key) = map.next_key_seed(KeySeed(self.table))? {
            match key {
                Some(key) if self.in_one => values[key] = map.next_value_seed(ValueSeed)?,
                Some(key) => values[key] = value(map.next_value()?).map_err(A::Error::custom)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
}

/// The value that is written so. Its escapes are undone in one go, into as much room as it can need: a reader of JSON that is
/// made for one record finds that room bit by bit, which takes as long as all else that it does.
fn value(written: &RawValue) -> serde_json::Result<Value<'_>> {
    let string = written.get().strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    match string.and_then(unescaped) {
        Some(string) => Ok(Value::String(string)),
        None => ValueSeed.deserialize(&mut serde_json::Deserializer::from_str(written.get())),
    }
}

/// A string without its escapes, unless one of them is a number.
fn unescaped(string: &str) -> Option<Cow<'_, str>> {
    let bytes = string.as_bytes();
    let mut text = String::new();
    let mut from = 0;
    while let Some(at) = memchr(b'\\', &bytes[from..]).map(|at| from + at) {
        if from == 0 {
            text.reserve_exact(string.len());
        }
        text.push_str(&string[from..at]);
        text.push(match bytes.get(at + 1)? {
            b'n' => '\n',
            b'"' => '"',
            b'/' => '/',
            b'\\' => '\\',
            b't' => '\t',
            b'r' => '\r',
            b'b' => '\u{8}',
            b'f' => '\u{C}',
            _ => return None,
        });
        from = at + 2;
    }
    if from == 0 {
        return Some(Cow::Borrowed(string));
    }
    text.push_str(&string[from..]);
    Some(Cow::Owned(text))
}

/// Looks a key up without keeping it.
struct KeySeed<'t>(&'t FieldTable);

impl<'de> DeserializeSeed<'de> for KeySeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, key: D) -> Result<Self::Value, D::Error> {
        key.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.find(key))
    }
}

/// Takes a value of any type, borrowing strings from the line where they hold no escapes.
struct ValueSeed;

impl<'de> DeserializeSeed<'de> for ValueSeed {
    type Value = Value<'de>;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Self::Value, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ValueSeed {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_borrowed_str<E>(self, string: &'de str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Borrowed(string)))
    }

    fn visit_str<E>(self, string: &str) -> Result<Self::Value, E> {
        Ok(Value::String(Cow::Owned(string.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Value::Unsigned(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Value::Signed(number))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Value::Float(number))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Value::Other("true or false".into()))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other("an array".into()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other("an object".into()))
    }
}

/// The first keys of a record, quoted: read again, so that good records need not collect them.
pub(super) fn keys_found(json: &str) -> Vec<String> {
    struct Keys;

    impl<'de> Visitor<'de> for Keys {
        type Value = Vec<String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a JSON object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut keys = Vec::new();
            while let Some((key, IgnoredAny)) = map.next_entry::<Cow<'de, str>, _>()? {
                if keys.len() == LISTED {
                    keys.push("...".to_owned());
                } else if keys.len() < LISTED {
                    keys.push(quoted(&key));
                }
            }
            Ok(keys)
        }
    }

    let mut reader = serde_json::Deserializer::from_str(json);
    reader.deserialize_map(Keys).unwrap_or_default()
}
