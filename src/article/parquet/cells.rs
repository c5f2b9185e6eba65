//! The values of one column, row by row, and which types of columns are understood.

use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type as Physical};
use ::parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use ::parquet::data_type::{ByteArrayType, DataType, Int32Type, Int64Type, Int96Type};
use ::parquet::errors::{ParquetError, Result};
use ::parquet::schema::types::{ColumnDescriptor, Type};

use super::super::Timestamp;
use super::super::columns::ColumnKind;
use super::super::record::Value;
use super::super::trouble::{Trouble, utf8};

const SECONDS_A_DAY: i64 = 86_400;
/// How older writers mark whole numbers.
const SIGNED: [ConvertedType; 5] =
    [ConvertedType::NONE, ConvertedType::INT_8, ConvertedType::INT_16, ConvertedType::INT_32, ConvertedType::INT_64];
const UNSIGNED: [ConvertedType; 4] =
    [ConvertedType::UINT_8, ConvertedType::UINT_16, ConvertedType::UINT_32, ConvertedType::UINT_64];

/// What the values of a column mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Strings; their UTF-8 is checked, so that older writers need not have marked them as such.
    Text,
    Signed,
    Unsigned,
    /// Days since 1970-01-01.
    Days,
    /// A point in time, in so many parts of a second since 1970-01-01.
    Time {
        a_second: i64,
    },
    /// A day and the nanoseconds in it, as Spark writes points in time.
    Nanoseconds,
}

impl Kind {
    /// The kind of a column that stands at `root` of the schema, or what its type is called where it is understood by
    /// none.
    pub(super) fn of(root: &Type, leaf: &ColumnDescriptor) -> Result<Kind, String> {
        if root.is_group() {
            return Err("nested values".to_owned());
        }
        if leaf.max_rep_level() > 0 {
            return Err("repeated values".to_owned());
        }
        let timestamp = |unit: &TimeUnit| Kind::Time {
            a_second: match unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            },
        };
        let kind = match (leaf.physical_type(), leaf.logical_type_ref(), leaf.converted_type()) {
            (Physical::BYTE_ARRAY, Some(LogicalType::String | LogicalType::Enum), _) => Kind::Text,
            (Physical::BYTE_ARRAY, None, ConvertedType::NONE | ConvertedType::UTF8 | ConvertedType::ENUM) => Kind::Text,
            (Physical::INT32, Some(LogicalType::Date), _) | (Physical::INT32, None, ConvertedType::DATE) => Kind::Days,
            (Physical::INT64, Some(LogicalType::Timestamp(about)), _) => timestamp(&about.unit),
            (Physical::INT64, None, ConvertedType::TIMESTAMP_MILLIS) => timestamp(&TimeUnit::MILLIS),
            (Physical::INT64, None, ConvertedType::TIMESTAMP_MICROS) => timestamp(&TimeUnit::MICROS),
            (Physical::INT96, None, ConvertedType::NONE) => Kind::Nanoseconds,
            (Physical::INT32 | Physical::INT64, Some(LogicalType::Integer(about)), _) => {
                if about.is_signed {
                    Kind::Signed
                } else {
                    Kind::Unsigned
                }
            }
            (Physical::INT32 | Physical::INT64, None, converted) if SIGNED.contains(&converted) => Kind::Signed,
            (Physical::INT32 | Physical::INT64, None, converted) if UNSIGNED.contains(&converted) => Kind::Unsigned,
            (physical, _, ConvertedType::NONE) => return Err(format!("the type {physical}")),
            (physical, _, converted) => return Err(format!("the type {physical} ({converted})")),
        };
        Ok(kind)
    }

    /// As columns of other tables are told.
    pub(super) fn of_column(self) -> ColumnKind {
        match self {
            Kind::Text => ColumnKind::Text,
            Kind::Signed | Kind::Unsigned => ColumnKind::Whole,
            Kind::Days => ColumnKind::Dates,
            Kind::Time { .. } | Kind::Nanoseconds => ColumnKind::Timestamps,
        }
    }
}

/// Reads a column; stands at one row.
pub(super) struct Cells {
    kind: Kind,
    typed: Typed,
}

enum Typed {
    Bytes(Row<ByteArrayType>),
    Int32(Row<Int32Type>),
    Int64(Row<Int64Type>),
    Int96(Row<Int96Type>),
}

impl Cells {
    /// Stands before the row that comes after so many others.
    pub(super) fn new(reader: ColumnReader, kind: Kind, before: usize) -> Result<Cells> {
        let typed = match reader {
            ColumnReader::ByteArrayColumnReader(reader) => Typed::Bytes(Row::after(before, reader)?),
            ColumnReader::Int32ColumnReader(reader) => Typed::Int32(Row::after(before, reader)?),
            ColumnReader::Int64ColumnReader(reader) => Typed::Int64(Row::after(before, reader)?),
            ColumnReader::Int96ColumnReader(reader) => Typed::Int96(Row::after(before, reader)?),
            _ => return Err(ParquetError::General(format!("a column of no kind for {}", kind.of_column().name()))),
        };
        Ok(Cells { kind, typed })
    }

    /// Goes on to the next row.
    pub(super) fn next(&mut self) -> Result<()> {
        match &mut self.typed {
            Typed::Bytes(row) => row.next(),
            Typed::Int32(row) => row.next(),
            Typed::Int64(row) => row.next(),
            Typed::Int96(row) => row.next(),
        }
    }

    /// The value of this row.
    ///
    /// # Errors
    /// A string that is not UTF-8, a date that no calendar has.
    pub(super) fn value(&self) -> Result<Value<'_>, Trouble> {
        let number = match &self.typed {
            Typed::Bytes(row) => {
                let text = row.value().map(|bytes| utf8(bytes.data(), "value"));
                return Ok(text.transpose()?.map_or(Value::Null, |text| Value::String(text.into())));
            }
            Typed::Int32(row) if self.kind == Kind::Unsigned => row.value().map(|&number| i64::from(number as u32)),
            Typed::Int32(row) => row.value().map(|&number| i64::from(number)),
            Typed::Int64(row) => row.value().copied(),
            Typed::Int96(row) => row.value().map(|moment| moment.to_seconds()),
        };
        let Some(number) = number else {
            return Ok(Value::Null);
        };
        let seconds = match self.kind {
            Kind::Signed | Kind::Text => return Ok(Value::Signed(number)),
            Kind::Unsigned => return Ok(Value::Unsigned(number as u64)),
            Kind::Days => number.checked_mul(SECONDS_A_DAY),
            Kind::Time { a_second } => Some(number.div_euclid(a_second)),
            Kind::Nanoseconds => Some(number),
        };
        let moment = seconds.and_then(Timestamp::from_seconds).map(Value::Time);
        moment.ok_or_else(|| Trouble::new("a date beyond the year 9999", "a date such as 2015-07-21"))
    }
}

/// One row of a column, null where it holds no value.
struct Row<T: DataType> {
    reader: ColumnReaderImpl<T>,
    levels: Vec<i16>,
    values: Vec<T::T>,
}

impl<T: DataType> Row<T> {
    fn after(before: usize, mut reader: ColumnReaderImpl<T>) -> Result<Row<T>> {
        match reader.skip_records(before)? {
            skipped if skipped == before => Ok(Row { reader, levels: Vec::new(), values: Vec::new() }),
            skipped => Err(ParquetError::EOF(format!("the end of a column after {skipped} rows"))),
        }
    }

    /// A row at a time: a page may hold texts of very different lengths.
    fn next(&mut self) -> Result<()> {
        self.levels.clear();
        self.values.clear();
        match self.reader.read_records(1, Some(&mut self.levels), None, &mut self.values)? {
            (1, ..) => Ok(()),
            _ => Err(ParquetError::EOF("the end of a column before the last row".to_owned())),
        }
    }

    fn value(&self) -> Option<&T::T> {
        self.values.first()
    }
}
