//! Rows of Parquet as they stand: those that are written are copied column by column, with their levels, so that
//! columns of any type and nesting stay what they are.
//!
//! Schema, metadata and the packing of each column are those of the (first) input. Row groups of which little is left
//! become one, of at most as many rows as the largest of the input has. In memory is a batch of values, and of the
//! output what the crate holds of one column of a row group.

use std::cell::Cell;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use ::parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::column::writer::ColumnWriterImpl;
use ::parquet::data_type::{
    AsBytes, BoolType, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type, Int64Type,
    Int96Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::{Type, TypePtr};

use super::{ADDED, Rewrite, Wanted};
use crate::article::{Original, ParquetFile, guarded};
use crate::error::{Error, Place, Result};

/// A batch has at most so many rows, or one with more than so many bytes.
const BATCH_ROWS: usize = 1024;
const BATCH_BYTES: usize = 1 << 20;
/// At most so many row groups of the input become one, each of which may keep a file open.
const MOST_PARTS: usize = 256;
/// The key of the metadata under which the columns are described once more, for Arrow.
const ARROW_SCHEMA: &str = "ARROW:schema";
/// The types of the columns that are added.
const ADDED_TYPES: [(Physical, Option<LogicalType>); ADDED.len()] = [
    (Physical::INT64, None),
    (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    (Physical::DOUBLE, None),
    (Physical::BOOLEAN, None),
];

/// A Parquet file that is being written.
pub(super) struct Rows<'a> {
    rewrite: &'a Rewrite<'a>,
    writer: SerializedFileWriter<Buffer>,
    buffer: Buffer,
    /// Columns of the input.
    leaves: usize,
    /// What the next row group is to hold.
    parts: Vec<Part>,
    /// The rows of these.
    rows: usize,
    /// The most rows that a row group of the input has.
    most: usize,
}

/// Rows of one row group of the input.
struct Part {
    file: Arc<ParquetFile>,
    place: Place,
    group: usize,
    /// Rows before this group.
    before: u64,
    /// The articles of the rows to write, in their order.
    articles: Vec<u32>,
}

/// Bytes on their way out of the crate's writer, which keeps its end of this to itself.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> Rows<'a> {
    /// A file with the schema, metadata and packings of `file`, which is `original`.
    pub(super) fn new(rewrite: &'a Rewrite<'_>, original: &Original, file: &ParquetFile) -> Result<Rows<'a>> {
        let buffer = Buffer::default();
        let about = file.metadata.file_metadata();
        let made = guarded(|| {
            let schema = about.schema_descr().root_schema_ptr();
            let schema = if rewrite.annotate { with_added(&schema)? } else { schema };
            SerializedFileWriter::new(buffer.clone(), schema, Arc::new(properties(file, rewrite.annotate)))
        });
        let writer = made.map_err(|error| ParquetFile::failure(original.place(), &error))?;
        let leaves = about.schema_descr().num_columns();
        Ok(Rows { rewrite, writer, buffer, leaves, parts: Vec::new(), rows: 0, most: 0 })
    }

    /// Adds the rows of `file` that are wanted; how many these are.
    ///
    /// # Errors
    /// [`Error::Input`] where `file` is not what it was on the first reading, or is damaged; those of `write`.
    pub(super) fn add<E: From<Error>>(
        &mut self,
        wanted: Wanted<'_>,
        file: Arc<ParquetFile>,
        write: &mut impl FnMut(&[u8]) -> Result<(), E>,
    ) -> Result<u64, E> {
        let (mut before, mut found, mut written) = (0_u64, 0, 0);
        let mut rest = wanted.articles;
        for (group, &rows) in file.rows.iter().enumerate() {
            let end = before + rows as u64;
            let (inside, after) = rest.split_at(rest.partition_point(|&article| self.rewrite.line(article) <= end));
            rest = after;
            found += inside.len() as u64;
            let articles: Vec<u32> =
                inside.iter().copied().filter(|&article| self.rewrite.is_written(article)).collect();
            self.most = self.most.max(rows);
            if !self.parts.is_empty() && (self.rows + articles.len() > self.most || self.parts.len() == MOST_PARTS) {
                self.group(write)?;
            }
            if !articles.is_empty() {
                written += articles.len() as u64;
                self.rows += articles.len();
                let place = wanted.original.place();
                self.parts.push(Part { file: Arc::clone(&file), place, group, before, articles });
            }
            before = end;
        }
        // Of damage that hides many rows the first reading has counted one.
        wanted.check_passed(found, 0)?;
        Ok(written)
    }

    /// Writes what is left, and the footer.
    ///
    /// # Errors
    /// As [`Rows::add`].
    pub(super) fn finish<E: From<Error>>(mut self, write: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        if !self.parts.is_empty() {
            self.group(write)?;
        }
        guarded(|| self.writer.finish()).map_err(unwritable)?;
        write(&self.buffer.take())
    }

    /// Makes a row group of the parts.
    fn group<E: From<Error>>(&mut self, write: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
        let parts = std::mem::take(&mut self.parts);
        let rows = std::mem::take(&mut self.rows);
        // Of whoever takes the bytes, which the crate's writer does not know.
        let mut refused = None;
        let mut pass_on = || {
            let bytes = self.buffer.take();
            if !bytes.is_empty()
                && let Err(error) = write(&bytes)
            {
                refused = Some(error);
                return Err(ParquetError::General("not written".to_owned()));
            }
            Ok(())
        };
        // The part that is being read, if one is.
        let read = Cell::new(None);
        let made = guarded(|| {
            let mut group = self.writer.next_row_group()?;
            for leaf in 0..self.leaves {
                let mut column = next(group.next_column()?)?;
                for part in &parts {
                    read.set(Some(part));
                    let runs = runs(part.articles.iter().map(|&article| self.rewrite.line(article) - part.before - 1));
                    copy(part.file.reader(part.group, leaf)?, &mut column, &runs, &mut pass_on)?;
                    read.set(None);
                }
                column.close()?;
                pass_on()?;
            }
            if self.rewrite.annotate {
                let articles = || parts.iter().flat_map(|part| &part.articles).copied();
                for place in 0..ADDED.len() {
                    let mut column = next(group.next_column()?)?;
                    add(self.rewrite, place, articles(), rows, &mut column)?;
                    column.close()?;
                    pass_on()?;
                }
            }
            group.close().map(drop)
        });
        match (made, refused) {
            (_, Some(error)) => Err(error),
            (Err(error), None) => Err(match read.get() {
                Some(part) => ParquetFile::failure(part.place.clone(), &error).into(),
                None => unwritable(error).into(),
            }),
            (Ok(()), None) => Ok(()),
        }
    }
}

/// What is wrong where rows that were read cannot be written.
fn unwritable(error: ParquetError) -> Error {
    let source = io::Error::other(error);
    Error::Io { path: "Parquet output".into(), source }
}

fn next(column: Option<SerializedColumnWriter<'_>>) -> Result<SerializedColumnWriter<'_>, ParquetError> {
    column.ok_or_else(|| ParquetError::General("fewer columns than in the schema".to_owned()))
}

/// `schema` with the columns that are added.
fn with_added(schema: &Type) -> Result<TypePtr, ParquetError> {
    let mut fields = schema.get_fields().to_vec();
    for (name, (physical, logical)) in ADDED.iter().zip(ADDED_TYPES) {
        let column = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        fields.push(Arc::new(column.with_logical_type(logical).build()?));
    }
    Ok(Arc::new(Type::group_type_builder(schema.name()).with_fields(fields).build()?))
}

/// How to write what `file` holds: its metadata, and each column packed and with a dictionary as there.
fn properties(file: &ParquetFile, annotate: bool) -> WriterProperties {
    let mut metadata = file.metadata.file_metadata().key_value_metadata().cloned().unwrap_or_default();
    // It would tell of all columns but those that are added, and readers would refuse the file.
    metadata.retain(|entry| !annotate || entry.key != ARROW_SCHEMA);
    let mut properties = WriterProperties::builder().set_key_value_metadata((!metadata.is_empty()).then_some(metadata));
    if let Some(group) = file.metadata.row_groups().first() {
        for column in group.columns() {
            let path = column.column_path();
            properties = properties
                .set_column_compression(path.clone(), Compression::from(column.compression_codec()))
                .set_column_dictionary_enabled(path.clone(), column.dictionary_page_offset().is_some());
        }
        if let Some(column) = group.columns().first() {
            properties = properties.set_compression(Compression::from(column.compression_codec()));
        }
    }
    properties.build()
}

/// Numbers in ascending order as ranges of those that follow each other.
fn runs(numbers: impl Iterator<Item = u64>) -> Vec<Range<usize>> {
    let mut runs: Vec<Range<usize>> = Vec::new();
    for number in numbers.map(|number| number as usize) {
        match runs.last_mut() {
            Some(last) if last.end == number => last.end += 1,
            _ => runs.push(number..number + 1),
        }
    }
    runs
}

/// Copies rows of a column of whatever type.
fn copy(
    from: ColumnReader,
    to: &mut SerializedColumnWriter<'_>,
    rows: &[Range<usize>],
    pass_on: &mut impl FnMut() -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    match from {
        ColumnReader::BoolColumnReader(from) => copy_typed(from, to.typed::<BoolType>(), rows, pass_on),
        ColumnReader::Int32ColumnReader(from) => copy_typed(from, to.typed::<Int32Type>(), rows, pass_on),
        ColumnReader::Int64ColumnReader(from) => copy_typed(from, to.typed::<Int64Type>(), rows, pass_on),
        ColumnReader::Int96ColumnReader(from) => copy_typed(from, to.typed::<Int96Type>(), rows, pass_on),
        ColumnReader::FloatColumnReader(from) => copy_typed(from, to.typed::<FloatType>(), rows, pass_on),
        ColumnReader::DoubleColumnReader(from) => copy_typed(from, to.typed::<DoubleType>(), rows, pass_on),
        ColumnReader::ByteArrayColumnReader(from) => copy_typed(from, to.typed::<ByteArrayType>(), rows, pass_on),
        ColumnReader::FixedLenByteArrayColumnReader(from) => {
            copy_typed(from, to.typed::<FixedLenByteArrayType>(), rows, pass_on)
        }
    }
}

fn copy_typed<T: DataType>(
    mut from: ColumnReaderImpl<T>,
    to: &mut ColumnWriterImpl<'_, T>,
    rows: &[Range<usize>],
    pass_on: &mut impl FnMut() -> Result<(), ParquetError>,
) -> Result<(), ParquetError> {
    let cut_short = || ParquetError::EOF("the end of a column before the last row".to_owned());
    // Values of any length are counted one by one.
    let counted = matches!(T::get_physical_type(), Physical::BYTE_ARRAY | Physical::FIXED_LEN_BYTE_ARRAY);
    let (mut definitions, mut repetitions, mut values) = (Vec::new(), Vec::new(), Vec::new());
    let mut at = 0;
    for run in rows {
        if from.skip_records(run.start - at)? != run.start - at {
            return Err(cut_short());
        }
        at = run.start;
        while at < run.end {
            let (mut read, mut bytes) = (0, 0);
            let most = BATCH_ROWS.min(run.end - at);
            while read < most && bytes < BATCH_BYTES {
                let known = values.len();
                let step = if counted { 1 } else { most };
                let (more, ..) =
                    from.read_records(step, Some(&mut definitions), Some(&mut repetitions), &mut values)?;
                if more != step {
                    return Err(cut_short());
                }
                read += more;
                bytes += values[known..].iter().map(|value| value.as_bytes().len()).sum::<usize>();
            }
            // Columns without such levels have none.
            let [definition, repetition] =
                [&definitions, &repetitions].map(|of: &Vec<i16>| (!of.is_empty()).then_some(&of[..]));
            to.write_batch(&values, definition, repetition)?;
            definitions.clear();
            repetitions.clear();
            values.clear();
            at += read;
            pass_on()?;
        }
    }
    Ok(())
}

/// Writes what is added under name number `place` of [`ADDED`] to the rows of `articles`.
fn add(
    rewrite: &Rewrite<'_>,
    place: usize,
    articles: impl Iterator<Item = u32>,
    rows: usize,
    to: &mut SerializedColumnWriter<'_>,
) -> Result<(), ParquetError> {
    let values = articles.map(|article| {
        let [group, representative, relation, score, kept] = rewrite.annotation(article);
        match place {
            0 => group,
            1 => representative,
            2 => relation,
            3 => score,
            _ => kept,
        }
    });
    match place {
        0 => write_all(to.typed::<Int64Type>(), values.map(|value| value.as_i64()), rows),
        1 | 2 => write_all(to.typed::<ByteArrayType>(), values.map(|value| Some(value.as_str()?.into())), rows),
        3 => write_all(to.typed::<DoubleType>(), values.map(|value| value.as_f64()), rows),
        _ => write_all(to.typed::<BoolType>(), values.map(|value| value.as_bool()), rows),
    }
}

fn write_all<T: DataType>(
    to: &mut ColumnWriterImpl<'_, T>,
    cells: impl Iterator<Item = Option<T::T>>,
    rows: usize,
) -> Result<(), ParquetError> {
    let mut definitions = Vec::with_capacity(rows);
    let mut values = Vec::new();
    for cell in cells {
        definitions.push(i16::from(cell.is_some()));
        values.extend(cell);
    }
    to.write_batch(&values, Some(&definitions), None).map(drop)
}

#[cfg(test)]
mod tests;
