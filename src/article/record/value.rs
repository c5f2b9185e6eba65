//! What a record holds under one key.

use std::borrow::Cow;

use super::super::Timestamp;
use super::super::fields::MOST_KEYS;

/// What the record holds under the keys of a [`FieldTable`](super::super::fields::FieldTable), in its order.
pub(in crate::article) type Values<'de> = [Value<'de>; MOST_KEYS];

#[derive(Debug, Default)]
pub(in crate::article) enum Value<'de> {
    #[default]
    Absent,
    Null,
    String(Cow<'de, str>),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Time(Timestamp),
    /// Anything else, in words.
    Other(&'static str),
}

impl Value<'_> {
    /// For messages.
    pub(in crate::article) fn kind(&self) -> &'static str {
        match self {
            Value::Absent => "nothing",
            Value::Null => "null",
            Value::String(_) => "a string",
            Value::Unsigned(_) | Value::Signed(_) | Value::Float(_) => "a number",
            Value::Time(_) => "a date",
            Value::Other(kind) => kind,
        }
    }
}
