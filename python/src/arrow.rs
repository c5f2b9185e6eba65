//! Tables of Arrow, read where they lie: what comes through the Arrow C interface is neither copied nor made into objects
//! of Python.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Int8Type, Int16Type, Int32Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type,
    UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, BinaryViewArray, BooleanArray, GenericBinaryArray, PrimitiveArray, RecordBatch, RecordBatchReader,
};
use arrow_schema::{ArrowError, DataType, TimeUnit};
use arrow_select::filter::filter_record_batch;
use naskh::{ColumnKind, Rows, Timestamp, Value};
use rayon::prelude::*;

const SECONDS_A_DAY: i64 = 86_400;
/// Rows that are worth a thread of their own when they are copied.
const ROWS_A_PART: usize = 4096;

/// One batch of rows.
pub(crate) struct Batch {
    rows: usize,
    columns: Vec<(String, ColumnKind, Cells)>,
}

/// The cells of one column.
enum Cells {
    /// Strings: held as bytes, for nobody has looked yet whether they are UTF-8.
    Text(GenericBinaryArray<i32>),
    LargeText(GenericBinaryArray<i64>),
    TextView(BinaryViewArray),
    /// Strings, each held once: the place of each row's, where it has one.
    Dictionary(ArrayRef, Vec<usize>, Box<Cells>),
    Signed(ArrayRef, fn(&dyn Array, usize) -> i64),
    Unsigned(ArrayRef, fn(&dyn Array, usize) -> u64),
    /// Points in time, in seconds.
    Time(ArrayRef, fn(&dyn Array, usize) -> Option<i64>),
    /// Nulls.
    Null,
    /// None that an article can be made of.
    Other,
}

/// All batches of a stream.
///
/// # Errors
/// What the stream says, and what is wrong with its batches.
pub(crate) fn batches(stream: impl RecordBatchReader) -> naskh::Result<Vec<Batch>> {
    stream.map(|batch| Batch::new(&batch?)).collect::<Result<_, _>>().map_err(unreadable)
}

/// The rows of a stream that are kept, those of a large batch in a part for each thread; `whole`: a batch for a batch.
///
/// Each buffer is made as large as what is copied into it: pyarrow's own filter takes up to twice that, which is the peak
/// of memory where a table is most of what there is.
///
/// # Errors
/// What the stream says, and that it has not as many rows as `kept`.
pub(crate) fn kept_rows(
    stream: impl RecordBatchReader,
    kept: &BooleanArray,
    whole: bool,
) -> naskh::Result<Vec<RecordBatch>> {
    let schema = stream.schema();
    let mut parts = Vec::new();
    let mut seen = 0;
    for batch in stream {
        let batch = batch.map_err(unreadable)?;
        let rows = batch.num_rows();
        if rows > kept.len() - seen {
            seen += rows;
            break;
        }
        let shares = if whole { 1 } else { rayon::current_num_threads().min(rows / ROWS_A_PART).max(1) };
        let share = rows.div_ceil(shares).max(1);
        parts.extend((0..rows.max(1)).step_by(share).map(|from| {
            let length = share.min(rows - from);
            (batch.slice(from, length), kept.slice(seen + from, length))
        }));
        seen += rows;
    }
    if seen != kept.len() {
        return Err(naskh::Error::Input {
            place: naskh::Place { path: "articles".into(), line: None },
            found: "another number of rows than before".into(),
            expected: "a table that does not change".into(),
        });
    }
    if parts.is_empty() {
        return Ok(vec![RecordBatch::new_empty(schema)]);
    }
    parts.par_iter().map(|(rows, kept)| filter_record_batch(rows, kept)).collect::<Result<_, _>>().map_err(unreadable)
}

fn unreadable(error: ArrowError) -> naskh::Error {
    naskh::Error::Input {
        place: naskh::Place { path: "articles".into(), line: None },
        found: format!("an Arrow table that cannot be read ({error})"),
        expected: "a table as Arrow specifies it".into(),
    }
}

impl Batch {
    fn new(batch: &RecordBatch) -> Result<Batch, ArrowError> {
        let schema = batch.schema();
        let columns = schema.fields().iter().zip(batch.columns()).map(|(field, array)| {
            let (kind, cells) = cells(array)?;
            Ok((field.name().clone(), kind, cells))
        });
        Ok(Batch { rows: batch.num_rows(), columns: columns.collect::<Result<_, ArrowError>>()? })
    }
}

impl Rows for Batch {
    fn columns(&self) -> Vec<(String, ColumnKind)> {
        self.columns.iter().map(|(name, kind, _)| (name.clone(), kind.clone())).collect()
    }

    fn len(&self) -> usize {
        self.rows
    }

    fn cell(&self, row: usize, column: usize) -> Value<'_> {
        self.columns.get(column).map_or(Value::Absent, |(_, _, cells)| cells.value(row))
    }
}

impl Cells {
    fn value(&self, row: usize) -> Value<'_> {
        match self {
            Cells::Text(array) if array.is_valid(row) => text(array.value(row)),
            Cells::LargeText(array) if array.is_valid(row) => text(array.value(row)),
            Cells::TextView(array) if array.is_valid(row) => text(array.value(row)),
            Cells::Dictionary(array, places, values) if array.is_valid(row) => values.value(places[row]),
            Cells::Signed(array, value) if array.is_valid(row) => Value::Signed(value(array, row)),
            Cells::Unsigned(array, value) if array.is_valid(row) => Value::Unsigned(value(array, row)),
            Cells::Time(array, seconds) if array.is_valid(row) => {
                let moment = seconds(array, row).and_then(Timestamp::from_seconds);
                moment.map_or_else(|| Value::Other("a date beyond the year 9999".into()), Value::Time)
            }
            Cells::Other => Value::Other("a value of another type".into()),
            _ => Value::Null,
        }
    }
}

fn text(bytes: &[u8]) -> Value<'_> {
    match simdutf8::basic::from_utf8(bytes) {
        Ok(text) => Value::String(text.into()),
        Err(_) => Value::Other("bytes that are not UTF-8".into()),
    }
}

/// What the cells of `array` are, and how to get at them.
fn cells(array: &ArrayRef) -> Result<(ColumnKind, Cells), ArrowError> {
    /// `array` as one of bytes, its offsets looked over.
    fn as_bytes(array: &ArrayRef, data_type: DataType) -> Result<ArrayRef, ArrowError> {
        Ok(arrow_array::make_array(array.to_data().into_builder().data_type(data_type).build()?))
    }
    macro_rules! whole {
        ($cells:ident, $of:ty, $array:expr) => {
            (
                ColumnKind::Whole,
                Cells::$cells($array.clone(), |array, row| array.as_primitive::<$of>().value(row).into()),
            )
        };
    }
    macro_rules! time {
        ($kind:ident, $of:ty, $array:expr, $seconds:expr) => {
            (
                ColumnKind::$kind,
                Cells::Time($array.clone(), |array, row| {
                    let values: &PrimitiveArray<$of> = array.as_primitive();
                    let seconds: fn(i64) -> Option<i64> = $seconds;
                    seconds(values.value(row).into())
                }),
            )
        };
    }
    Ok(match array.data_type() {
        DataType::Utf8 => {
            (ColumnKind::Text, Cells::Text(as_bytes(array, DataType::Binary)?.as_binary::<i32>().clone()))
        }
        DataType::LargeUtf8 => {
            (ColumnKind::Text, Cells::LargeText(as_bytes(array, DataType::LargeBinary)?.as_binary::<i64>().clone()))
        }
        DataType::Utf8View => {
            (ColumnKind::Text, Cells::TextView(as_bytes(array, DataType::BinaryView)?.as_binary_view().clone()))
        }
        DataType::Dictionary(_, _) => {
            array.to_data().validate_full()?;
            let dictionary = array.as_any_dictionary();
            let (kind, values) = cells(dictionary.values())?;
            // Without values there are no keys either.
            let keys = if dictionary.values().is_empty() { vec![0; array.len()] } else { dictionary.normalized_keys() };
            (kind, Cells::Dictionary(array.clone(), keys, Box::new(values)))
        }
        DataType::Int8 => whole!(Signed, Int8Type, array),
        DataType::Int16 => whole!(Signed, Int16Type, array),
        DataType::Int32 => whole!(Signed, Int32Type, array),
        DataType::Int64 => whole!(Signed, Int64Type, array),
        DataType::UInt8 => whole!(Unsigned, UInt8Type, array),
        DataType::UInt16 => whole!(Unsigned, UInt16Type, array),
        DataType::UInt32 => whole!(Unsigned, UInt32Type, array),
        DataType::UInt64 => whole!(Unsigned, UInt64Type, array),
        DataType::Date32 => time!(Dates, Date32Type, array, |days| days.checked_mul(SECONDS_A_DAY)),
        DataType::Date64 => time!(Dates, Date64Type, array, |parts| Some(parts.div_euclid(1_000))),
        DataType::Timestamp(unit, _) => match unit {
            TimeUnit::Second => time!(Timestamps, TimestampSecondType, array, Some),
            TimeUnit::Millisecond => {
                time!(Timestamps, TimestampMillisecondType, array, |parts| Some(parts.div_euclid(1_000)))
            }
            TimeUnit::Microsecond => {
                time!(Timestamps, TimestampMicrosecondType, array, |parts| Some(parts.div_euclid(1_000_000)))
            }
            TimeUnit::Nanosecond => {
                time!(Timestamps, TimestampNanosecondType, array, |parts| Some(parts.div_euclid(1_000_000_000)))
            }
        },
        DataType::Null => (ColumnKind::Mixed, Cells::Null),
        other if other.is_nested() => (ColumnKind::Other("nested values".into()), Cells::Other),
        other => (ColumnKind::Other(format!("the type {other}")), Cells::Other),
    })
}
