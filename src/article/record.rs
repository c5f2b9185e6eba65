//! One record as an article: a line of JSON, or named values of whatever format.

mod json;
mod value;

use std::borrow::Cow;

use self::json::{keys_found, values};
pub use self::value::Value;
pub(super) use self::value::Values;
use super::fields::{FieldTable, Role};
use super::trouble::{Trouble, quoted, utf8};
use super::{Article, Timestamp, entities::clean};
use crate::error::Place;

/// Floating-point numbers from here on no longer tell neighbouring whole numbers apart.
const FLOAT_EXACT_BELOW: f64 = 9_007_199_254_740_992.0;

/// Makes an article of one line of JSON Lines; `place` is its id where it has none of its own.
///
/// Where a key stands twice the last one counts. An empty id, source or date counts as absent.
///
/// # Errors
/// What is wrong with the line: its encoding, its JSON, a field missing or of the wrong type, a
/// date that is none.
pub(super) fn article_of_json(line: &[u8], table: &FieldTable, place: &Place) -> Result<Article, Trouble> {
    // Checked as a whole, once: serde_json would check each string, and none of those it skips.
    let json = utf8(line, "line")?;
    let missing = |role: &Role| {
        let found = match keys_found(json).as_slice() {
            [] => "a record without keys".to_owned(),
            keys => format!("a record with only the keys {}", keys.join(", ")),
        };
        table.missing(role, found)
    };
    assemble(values(json, table)?, table, place, missing)
}

/// Makes an article of what a record holds under the keys of `table`; `missing` says what is wrong where a role has
/// no key in it.
///
/// # Errors
/// A field missing or of the wrong type, a date that is none.
pub(super) fn assemble(
    mut values: Values<'_>,
    table: &FieldTable,
    place: &Place,
    missing: impl Fn(&Role) -> Trouble,
) -> Result<Article, Trouble> {
    let Parts { id, source, date, title, text_key } = parts(&values, table, missing)?;
    let id = id.unwrap_or_else(|| place.to_string());
    let source = source.map(str::to_owned);
    let title = clean(Cow::Borrowed(title)).into_owned();
    // Last, because it is moved out, and another role may read the same key.
    let text = match std::mem::take(&mut values[text_key]) {
        Value::String(text) => clean(text).into_owned(),
        other => return Err(wrong_type(&other, table.key(text_key))),
    };
    Ok(Article { id, source, date, title, text })
}

/// The parts of an article, as they stand in a record.
pub(super) struct Parts<'v> {
    /// Its own, if it has one.
    pub(super) id: Option<String>,
    pub(super) source: Option<&'v str>,
    pub(super) date: Option<Timestamp>,
    /// With entities.
    pub(super) title: &'v str,
    /// Which key holds the text.
    text_key: usize,
}

/// The title and the text of an article, as they stand in the `values` that `parts` accepted, with entities.
///
/// # Errors
/// If the text is no string.
pub(super) fn texts<'r>(values: &Values<'r>, table: &FieldTable) -> Result<[Cow<'r, str>; 2], Trouble> {
    let string = |key: Option<usize>| match key.map(|key| (key, &values[key])) {
        Some((_, Value::String(string))) => Ok(string.clone()),
        Some((key, other)) => Err(wrong_type(other, table.key(key))),
        None => Ok(Cow::default()),
    };
    Ok([string(key_of(&table.title, values)).unwrap_or_default(), string(key_of(&table.text, values))?])
}

/// The parts of an article that a record holds under the keys of `table`, its text not looked at beyond null;
/// `missing` as for [`assemble`].
///
/// # Errors
/// As [`assemble`].
pub(super) fn parts<'v>(
    values: &'v Values<'_>,
    table: &FieldTable,
    missing: impl Fn(&Role) -> Trouble,
) -> Result<Parts<'v>, Trouble> {
    let text_key = key_of(&table.text, values).ok_or_else(|| missing(&table.text))?;
    if matches!(values[text_key], Value::Null) {
        return Err(wrong_type(&values[text_key], table.key(text_key)));
    }
    for role in [&table.id, &table.title, &table.date, &table.source] {
        if role.named && key_of(role, values).is_none() {
            return Err(missing(role));
        }
    }
    let id = id(table, values)?;
    let title = string(&table.title, table, values)?.unwrap_or_default();
    let source = string(&table.source, table, values)?.filter(|source| !source.is_empty());
    let date = date(table, values)?;
    Ok(Parts { id, source, date, title, text_key })
}

fn date(table: &FieldTable, values: &Values<'_>) -> Result<Option<Timestamp>, Trouble> {
    if let Some(key) = key_of(&table.date, values)
        && let Value::Time(moment) = values[key]
    {
        return Ok(Some(moment));
    }
    let written = string(&table.date, table, values)?.filter(|date| !date.trim().is_empty());
    let parse = |written: &str| {
        Timestamp::parse(written).ok_or_else(|| {
            Trouble::new(format!("date {}", quoted(written)), "a date such as 2015-07-21 or 2015-07-21T10:30:00Z")
        })
    };
    written.map(parse).transpose()
}

/// The key that speaks for `role`: the first that holds more than null, else the first there is.
fn key_of(role: &Role, values: &Values<'_>) -> Option<usize> {
    let present = |&&key: &&usize| !matches!(values[key], Value::Absent);
    let filled = |&&key: &&usize| !matches!(values[key], Value::Absent | Value::Null);
    let first = role.keys.iter().find(filled);
    first.or_else(|| role.keys.iter().find(present)).copied()
}

fn string<'v>(role: &Role, table: &FieldTable, values: &'v Values<'_>) -> Result<Option<&'v str>, Trouble> {
    let Some(key) = key_of(role, values) else {
        return Ok(None);
    };
    match &values[key] {
        Value::String(string) => Ok(Some(string)),
        Value::Null | Value::Absent => Ok(None),
        other => Err(wrong_type(other, table.key(key))),
    }
}

/// The first id that is neither null nor empty; numbers as they are written in decimal.
fn id(table: &FieldTable, values: &Values<'_>) -> Result<Option<String>, Trouble> {
    for &key in &table.id.keys {
        match &values[key] {
            Value::Absent | Value::Null => {}
            Value::String(id) if id.is_empty() => {}
            Value::String(id) => return Ok(Some(id.clone().into_owned())),
            Value::Unsigned(id) => return Ok(Some(id.to_string())),
            Value::Signed(id) => return Ok(Some(id.to_string())),
            Value::Float(id) if id.abs() < FLOAT_EXACT_BELOW => return Ok(Some(format!("{id:?}"))),
            Value::Float(_) => {
                return Err(Trouble::new(
                    format!("a number too long to keep in the field \"{}\"", table.key(key)),
                    "a shorter number, or the id as a string",
                ));
            }
            other => {
                return Err(Trouble::new(
                    format!("{} in the field {}", other.kind(), quoted(table.key(key))),
                    "a string or a number",
                ));
            }
        }
    }
    Ok(None)
}

fn wrong_type(value: &Value<'_>, key: &str) -> Trouble {
    let found = format!("{} in the field {}", value.kind(), quoted(key));
    Trouble::new(found, "a string")
}

#[cfg(test)]
mod tests;
