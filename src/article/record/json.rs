//! The JSON of one line: the values of the keys that play a part, all others passed over.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

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
        Some(b'{') => {
            let mut reader = serde_json::Deserializer::from_str(json);
            let values = reader.deserialize_map(RecordVisitor(table));
            return values.and_then(|values| reader.end().map(|()| values)).map_err(|error| bad_json(&error));
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

struct RecordVisitor<'t>(&'t FieldTable);

impl<'de> Visitor<'de> for RecordVisitor<'_> {
    type Value = Values<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut values = Values::default();
        while let Some(key) = map.next_key_seed(KeySeed(self.0))? {
            match key {
                Some(key) => values[key] = map.next_value_seed(ValueSeed)?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(values)
    }
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
