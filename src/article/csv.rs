//! Comma- or tab-separated values after RFC 4180: where records end, and a record as an article.
//!
//! A field that begins with a quotation mark ends with one, and may hold delimiters, line ends and doubled quotation
//! marks in between; elsewhere quotation marks are text. The first record names the columns.
//!
//! The crate `csv` is the oracle of the tests. It reads on past a quotation mark that is never closed and past text
//! behind a closing one, and cannot say where a record ends in half a file, which threads need to know.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

use super::Article;
use super::fields::FieldTable;
use super::record::{Value, Values, assemble};
use super::trouble::{Trouble, utf8};
use crate::error::Place;

pub(super) const COMMA: u8 = b',';
pub(super) const TAB: u8 = b'\t';
const QUOTE: u8 = b'"';

/// Finds the ends of records in a stream that comes in parts.
#[derive(Clone, Debug)]
pub(super) struct RecordEnds {
    delimiter: u8,
    at: At,
}

/// Where in a record the stream stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum At {
    FieldStart,
    /// In a field without quotation marks, or behind the closing one.
    Plain,
    Quoted,
    /// Behind a quotation mark in a quoted field: it closes the field, or the next one doubles it.
    Closing,
}

impl RecordEnds {
    pub(super) fn new(delimiter: u8) -> RecordEnds {
        RecordEnds { delimiter, at: At::FieldStart }
    }

    /// The length of the rest of the record in `bytes`, its line end included, where it ends there; else all of
    /// `bytes` is of one record, and the next call goes on behind it.
    pub(super) fn next(&mut self, bytes: &[u8]) -> Option<usize> {
        let mut place = 0;
        loop {
            match self.at {
                At::FieldStart => {
                    let quoted = *bytes.get(place)? == QUOTE;
                    self.at = if quoted { At::Quoted } else { At::Plain };
                    place += usize::from(quoted);
                }
                At::Plain => {
                    place += memchr2(self.delimiter, b'\n', &bytes[place..])? + 1;
                    self.at = At::FieldStart;
                    if bytes[place - 1] == b'\n' {
                        return Some(place);
                    }
                }
                At::Quoted => {
                    place += memchr(QUOTE, &bytes[place..])? + 1;
                    self.at = At::Closing;
                }
                At::Closing => {
                    let doubled = *bytes.get(place)? == QUOTE;
                    self.at = if doubled { At::Quoted } else { At::Plain };
                    place += usize::from(doubled);
                }
            }
        }
    }

    /// Is a quoted field open?
    pub(super) fn in_quotes(&self) -> bool {
        self.at == At::Quoted
    }
}

/// The records of `bytes`, which begin with line number `first_line` and hold whole records: each with the number of
/// its first line and with its line end.
pub(crate) fn records(bytes: &[u8], first_line: u64, delimiter: u8) -> impl Iterator<Item = (u64, &[u8])> {
    let mut ends = RecordEnds::new(delimiter);
    let (mut rest, mut line) = (bytes, first_line);
    std::iter::from_fn(move || {
        let (record, after) = rest.split_at(ends.next(rest).unwrap_or(rest.len()));
        rest = after;
        let first = line;
        line += memchr_iter(b'\n', record).count() as u64;
        (!record.is_empty()).then_some((first, record))
    })
}

/// `record` without its line end.
pub(super) fn without_end(record: &[u8]) -> &[u8] {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    record.strip_suffix(b"\r").unwrap_or(record)
}

/// What the first record says of those that follow.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) delimiter: u8,
    /// For each column the key it plays the part of.
    keys: Vec<Option<usize>>,
}

impl Header {
    /// Reads the first record; blanks around the names of columns do not count.
    ///
    /// # Errors
    /// Where it is no record, or names no columns that make an article.
    pub(super) fn read(record: &[u8], delimiter: u8, table: &FieldTable) -> Result<Header, Trouble> {
        let names = names(record, delimiter)?;
        let keys = table.columns(names.iter().map(|name| name.trim()))?;
        Ok(Header { delimiter, keys })
    }
}

/// Does a stream without a telling name begin with a header? The delimiter, if its first line names a column for the
/// text and another one that plays a part.
pub(super) fn by_header(start: &[u8], table: &FieldTable) -> Option<u8> {
    let line = without_end(&start[..=memchr(b'\n', start)?]);
    [COMMA, TAB].into_iter().find(|&delimiter| {
        let names = names(line, delimiter).unwrap_or_default();
        let keys: Vec<usize> = names.iter().filter_map(|name| table.find(name.trim())).collect();
        keys.len() > 1 && keys.iter().any(|key| table.text.keys.contains(key))
    })
}

/// The fields of the first record.
pub(super) fn names(record: &[u8], delimiter: u8) -> Result<Vec<Cow<'_, str>>, Trouble> {
    let mut names = Vec::new();
    split(utf8(without_end(record), "row")?, delimiter, |_, name| names.push(name))?;
    Ok(names)
}

/// Makes an article of a record without its line end. An empty field counts as absent, an empty text as a text.
///
/// # Errors
/// What is wrong with it: its encoding, its quotation marks, the number of its fields, a date that is none.
pub(super) fn article(row: &[u8], header: &Header, table: &FieldTable, place: &Place) -> Result<Article, Trouble> {
    let mut values = Values::default();
    let fields = split(utf8(row, "row")?, header.delimiter, |column, field| {
        if let Some(&Some(key)) = header.keys.get(column) {
            values[key] = if field.is_empty() { Value::Null } else { Value::String(field) };
        }
    })?;
    if fields != header.keys.len() {
        let columns = header.keys.len();
        return Err(Trouble::new(format!("a row of {}", counted(fields)), format!("{columns}, as in the header")));
    }
    let present = |&&key: &&usize| matches!(values[key], Value::Null | Value::String(_));
    if let Some(&text) = table.text.keys.iter().find(present)
        && !table.text.keys.iter().any(|&key| matches!(values[key], Value::String(_)))
    {
        values[text] = Value::String(Cow::Borrowed(""));
    }
    assemble(values, table, place, |role| table.missing(role, "a row without it"))
}

fn counted(fields: usize) -> String {
    format!("{fields} field{}", if fields == 1 { "" } else { "s" })
}

/// Hands the fields of a record without its line end to `each`, with their numbers from 0; how many there are.
///
/// # Errors
/// A quotation mark that is not closed, or text behind a closing one.
fn split<'r>(record: &'r str, delimiter: u8, mut each: impl FnMut(usize, Cow<'r, str>)) -> Result<usize, Trouble> {
    let bytes = record.as_bytes();
    let mut at = 0;
    for column in 0.. {
        if bytes.get(at) == Some(&QUOTE) {
            let start = at + 1;
            let mut doubled = false;
            at = start;
            loop {
                at += memchr(QUOTE, &bytes[at..]).ok_or_else(unclosed)?;
                if bytes.get(at + 1) != Some(&QUOTE) {
                    break;
                }
                doubled = true;
                at += 2;
            }
            let field = &record[start..at];
            each(column, if doubled { Cow::Owned(field.replace("\"\"", "\"")) } else { Cow::Borrowed(field) });
            at += 1;
            if bytes.get(at).is_some_and(|&next| next != delimiter) {
                return Err(Trouble::new(
                    format!("text behind the closing quotation mark of field {} (at byte {})", column + 1, at + 1),
                    "the next field or the end of the row, and quotation marks inside a quoted field doubled",
                ));
            }
        } else {
            let end = memchr(delimiter, &bytes[at..]).map_or(bytes.len(), |length| at + length);
            each(column, Cow::Borrowed(&record[at..end]));
            at = end;
        }
        if at == bytes.len() {
            return Ok(column + 1);
        }
        at += 1;
    }
    Ok(0)
}

/// What is wrong where a file ends inside quotation marks.
pub(super) fn unclosed() -> Trouble {
    Trouble::new("a quotation mark that is not closed up to the end of the file", "a closing quotation mark")
}

#[cfg(test)]
mod tests;
