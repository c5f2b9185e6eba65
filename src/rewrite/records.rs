//! What is made of a block of records that stand one behind the other: lines, or records of CSV.

use super::{Wanted, csv, lines};
use crate::article::{Block, Form, csv_records};
use crate::error::{Place, Result};

/// What was made of a block.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Made {
    /// The records to write, each with its line end.
    pub(super) bytes: Vec<u8>,
    /// How many they are.
    pub(super) written: u64,
    /// How many are articles of the first reading.
    pub(super) found: u64,
    /// How many are none, though they are not blank.
    pub(super) passed: u64,
    /// How many are blank.
    pub(super) blank: u64,
}

/// Goes through `block`; the last record of a file gets `line_end` where it has none.
///
/// # Errors
/// [`crate::error::Error::Input`] for a record that cannot be annotated.
pub(super) fn made(block: &Block, wanted: Wanted<'_>, line_end: &[u8]) -> Result<Made> {
    let rewrite = wanted.rewrite;
    let first = wanted.articles.partition_point(|&article| rewrite.line(article) < block.first_line);
    let mut articles = wanted.articles[first..].iter().copied().peekable();
    let mut made = Made { bytes: Vec::with_capacity(block.bytes.len()), ..Made::default() };
    let mut take = |number: u64, record: &[u8], is_blank: bool| -> Result<()> {
        if is_blank {
            made.blank += 1;
            return Ok(());
        }
        let Some(article) = articles.next_if(|&article| rewrite.line(article) == number) else {
            made.passed += 1;
            return Ok(());
        };
        made.found += 1;
        if !rewrite.is_written(article) {
            return Ok(());
        }
        if rewrite.annotate {
            let values = rewrite.annotation(article);
            let place = || Place { line: Some(number), ..wanted.original.place() };
            made.bytes.extend(match wanted.original.form() {
                Form::Csv { delimiter } => csv::annotated(record, &values, delimiter),
                _ => lines::annotated(record, &values, place)?,
            });
        } else {
            made.bytes.extend_from_slice(record);
        }
        if !record.ends_with(b"\n") {
            made.bytes.extend_from_slice(if record.ends_with(b"\r") { b"\n" } else { line_end });
        }
        made.written += 1;
        Ok(())
    };
    match wanted.original.form() {
        Form::Csv { delimiter } => csv_records(&block.bytes, block.first_line, delimiter)
            .try_for_each(|(number, record)| take(number, record, csv::line_end(record).len() == record.len()))?,
        _ => lines::records(&block.bytes, block.first_line)
            .try_for_each(|(number, line)| take(number, line, line.trim_ascii().is_empty()))?,
    }
    Ok(made)
}
