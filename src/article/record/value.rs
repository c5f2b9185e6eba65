//! What a record holds under one key, or a table in one cell.

use std::borrow::Cow;

use super::super::Timestamp;
use super::super::fields::MOST_KEYS;

/// What the record holds under the keys of a [`FieldTable`](super::super::fields::FieldTable), in its order.
pub(in crate::article) type Values<'de> = [Value<'de>; MOST_KEYS];

/// What a record holds under one key, or a table in one cell.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<'de> {
    /// There is no such key.
    #[default]
    Absent,
    /// Null.
    Null,
    /// A string.
    String(Cow<'de, str>),
    /// A whole number of 0 or more.
    Unsigned(u64),
    /// A whole number.
    Signed(i64),
    /// Any other number.
    Float(f64),
    /// A date.
    Time(Timestamp),
    /// Anything else, in words.
    Other(Cow<'static, str>),
}

impl Value<'_> {
    /// For messages.
    pub(in crate::article) fn kind(&self) -> &str {
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
