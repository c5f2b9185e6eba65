//! Columns of every type, slices, and what is written against what is read.

use std::io::{Seek, Write};

use ::parquet::basic::{Compression, Encoding};
use ::parquet::data_type::{ByteArray, Int96};
use ::parquet::data_type::{ByteArrayType, DataType, Int32Type, Int64Type, Int96Type};
use ::parquet::file::properties::{WriterProperties, WriterPropertiesBuilder, WriterVersion};
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::*;
use crate::article::{Fields, Timestamp};

/// The values of a column of one row group.
enum Data {
    Text(Vec<Option<String>>),
    I32(Vec<Option<i32>>),
    I64(Vec<Option<i64>>),
    I96(Vec<Option<Int96>>),
}

fn text(values: &[&str]) -> Data {
    Data::Text(values.iter().map(|value| Some((*value).to_owned())).collect())
}

/// A file with the columns of `schema`, all optional, and these row groups.
fn file(schema: &str, groups: &[Vec<Data>], properties: WriterPropertiesBuilder) -> File {
    fn write<T: DataType>(group: &mut SerializedRowGroupWriter<'_, &mut File>, values: Vec<Option<T::T>>) {
        let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
        let values: Vec<T::T> = values.into_iter().flatten().collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<T>().write_batch(&values, Some(&levels), None).unwrap();
        column.close().unwrap();
    }
    let mut file = tempfile::tempfile().unwrap();
    let schema = Arc::new(parse_message_type(&format!("message articles {{ {schema} }}")).unwrap());
    let mut writer = SerializedFileWriter::new(&mut file, schema, Arc::new(properties.build())).unwrap();
    for columns in groups {
        let mut group = writer.next_row_group().unwrap();
        for column in columns {
            match column {
                Data::Text(values) => {
                    let bytes = |value: &Option<String>| value.as_deref().map(ByteArray::from);
                    write::<ByteArrayType>(&mut group, values.iter().map(bytes).collect());
                }
                Data::I32(values) => write::<Int32Type>(&mut group, values.clone()),
                Data::I64(values) => write::<Int64Type>(&mut group, values.clone()),
                Data::I96(values) => write::<Int96Type>(&mut group, values.clone()),
            }
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
    file
}

/// Articles, or what is wrong with them, by the numbers of their rows.
type Rows = Vec<(u64, Result<Article, String>)>;

/// What a file holds, or what is wrong with it.
fn read(file: File, fields: &Fields, longest: usize) -> Result<Rows, String> {
    let table = FieldTable::new(fields);
    let slices = slices(file, longest, &table).map_err(|trouble| format!("{}; {}", trouble.found, trouble.expected))?;
    let mut read = Vec::new();
    for slice in slices {
        let place = Place { path: "f".into(), line: None };
        let _: ControlFlow<()> = slice.each(&table, longest, place, |place, article| {
            read.push((place.line.unwrap(), article.map_err(|error| error.to_string())));
            ControlFlow::Continue(())
        });
    }
    Ok(read)
}

fn read_one(schema: &str, columns: Vec<Data>) -> Result<Article, String> {
    let file = file(schema, &[columns], WriterProperties::builder());
    read(file, &Fields::default(), 1000).map(|mut read| read.remove(0).1)?
}

#[test]
fn ids_and_dates_of_every_type() {
    let text_column = "optional binary text (UTF8);";
    for (column, value, wanted) in [
        ("optional binary id (UTF8);", text(&["a1"]), "a1"),
        ("optional binary id (ENUM);", text(&["a1"]), "a1"),
        ("optional binary id;", text(&["a1"]), "a1"),
        ("optional int32 id;", Data::I32(vec![Some(-7)]), "-7"),
        ("optional int32 id (UINT_32);", Data::I32(vec![Some(-1)]), "4294967295"),
        ("optional int64 id;", Data::I64(vec![Some(i64::MIN)]), "-9223372036854775808"),
        ("optional int64 id (INTEGER(64,false));", Data::I64(vec![Some(-1)]), "18446744073709551615"),
        ("optional int64 id;", Data::I64(vec![None]), "f:1"),
        ("optional binary id (UTF8);", text(&[""]), "f:1"),
    ] {
        let found = read_one(&format!("{column} {text_column}"), vec![value, text(&["x"])]).unwrap();
        assert_eq!((&*found.id, &*found.text), (wanted, "x"), "{column}");
    }
    let moment = "2015-07-21T10:30:00Z";
    let seconds = Timestamp::parse(moment).unwrap().seconds();
    let mut spark = Int96::new();
    let nanoseconds = (10 * 3600 + 30 * 60) * 1_000_000_000_u64;
    spark.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, 2_440_588 + 16_637);
    for (column, value, wanted) in [
        ("optional binary date (UTF8);", text(&[moment]), Some(moment)),
        ("optional int32 date (DATE);", Data::I32(vec![Some(16_637)]), Some("2015-07-21")),
        ("optional int32 date (DATE);", Data::I32(vec![Some(-1)]), Some("1969-12-31")),
        ("optional int64 date (TIMESTAMP_MILLIS);", Data::I64(vec![Some(seconds * 1000 + 999)]), Some(moment)),
        ("optional int64 date (TIMESTAMP(MILLIS,false));", Data::I64(vec![Some(seconds * 1000)]), Some(moment)),
        ("optional int64 date (TIMESTAMP(MICROS,true));", Data::I64(vec![Some(seconds * 1_000_000)]), Some(moment)),
        ("optional int64 date (TIMESTAMP(NANOS,true));", Data::I64(vec![Some(-1)]), Some("1969-12-31T23:59:59Z")),
        ("optional int96 date;", Data::I96(vec![Some(spark)]), Some(moment)),
        ("optional int32 date (DATE);", Data::I32(vec![None]), None),
    ] {
        let found = read_one(&format!("{column} {text_column}"), vec![value, text(&["x"])]).unwrap();
        assert_eq!(found.date, wanted.and_then(Timestamp::parse), "{column}");
    }
    let late = read_one(
        &format!("optional int64 date (TIMESTAMP_MILLIS); {text_column}"),
        vec![Data::I64(vec![Some(i64::MAX)]), text(&["x"])],
    );
    let wanted = "f:1: found a date beyond the year 9999 in the field \"date\"; expected a date such as 2015-07-21";
    assert_eq!(late.unwrap_err(), wanted);
}

#[test]
fn columns_that_are_wrong() {
    let strings = "a column of strings";
    for (schema, wanted) in [
        (
            "optional binary id (UTF8);",
            "a table with only the columns \"id\"; the field \"text\" or \"content\" or \"body\" (text)".to_owned(),
        ),
        ("optional int64 text;", format!("the column \"text\" of whole numbers; {strings}")),
        ("optional double text;", format!("the column \"text\" of the type DOUBLE; {strings}")),
        (
            "optional group text { optional binary words (UTF8); }",
            format!("the column \"text\" of nested values; {strings}"),
        ),
        ("repeated binary text (UTF8);", format!("the column \"text\" of repeated values; {strings}")),
        ("optional binary text (JSON);", format!("the column \"text\" of the type BYTE_ARRAY (JSON); {strings}")),
        (
            "optional binary text (UTF8); optional int32 title (DATE);",
            format!("the column \"title\" of dates; {strings}"),
        ),
        (
            "optional binary text (UTF8); optional boolean id;",
            "the column \"id\" of the type BOOLEAN; a column of strings or whole numbers".to_owned(),
        ),
        (
            "optional binary text (UTF8); optional int32 date;",
            "the column \"date\" of whole numbers; a column of strings, dates or timestamps".to_owned(),
        ),
        ("optional binary text (UTF8); optional binary text (UTF8);", "the column \"text\" twice; it once".to_owned()),
    ] {
        let file = file(schema, &[], WriterProperties::builder());
        assert_eq!(read(file, &Fields::default(), 1000).unwrap_err(), wanted, "{schema}");
    }
    // A second choice of a wrong type is not asked.
    let schema = "optional binary text (UTF8); optional double body; optional binary id; optional group url { optional int32 n; }";
    let file = file(schema, &[], WriterProperties::builder());
    assert_eq!(read(file, &Fields::default(), 1000), Ok(Vec::new()));
}

#[test]
fn nulls_texts_and_lengths() {
    let schema = "optional binary text (UTF8); optional binary body (UTF8); optional binary title (UTF8);";
    let some = |value: &str| Some(value.to_owned());
    let columns = vec![
        Data::Text(vec![some("a &amp; b"), None, None, some("long long"), some("t")]),
        Data::Text(vec![some("b"), some("c"), None, None, some("u")]),
        Data::Text(vec![None, some("t"), None, some("long"), None]),
    ];
    let file = file(schema, &[columns], WriterProperties::builder());
    let read = read(file, &Fields::default(), 12).unwrap();
    let told = |article: &Result<Article, String>| match article {
        Ok(article) => format!("{} {} {}", article.id, article.title, article.text),
        Err(error) => error.clone(),
    };
    let told: Vec<String> = read.iter().map(|(_, article)| told(article)).collect();
    let wanted = [
        "f:1  a & b",
        "f:2 t c",
        "f:3: found null in the field \"text\"; expected a string",
        "f:4: found a row of more than 12 bytes; expected at most 12 bytes for one article (--max-article-bytes raises this)",
        "f:5  t",
    ];
    assert_eq!(told, wanted);
}

#[test]
fn a_large_row_group_is_cut_into_slices() {
    let schema = "optional binary id (UTF8); optional binary text (UTF8);";
    let texts: Vec<String> = (0..3000).map(|n| format!("{n} ").repeat(1000)).collect();
    let group = |from: usize, to: usize| {
        vec![
            Data::Text((from..to).map(|n| Some(n.to_string())).collect()),
            Data::Text(texts[from..to].iter().cloned().map(Some).collect()),
        ]
    };
    for properties in [
        WriterProperties::builder(),
        WriterProperties::builder()
            .set_dictionary_enabled(false)
            .set_data_page_row_count_limit(7)
            .set_write_batch_size(7),
        WriterProperties::builder().set_writer_version(WriterVersion::PARQUET_2_0).set_compression(Compression::SNAPPY),
    ] {
        let mut file = file(schema, &[group(0, 2900), group(2900, 3000)], properties);
        file.rewind().unwrap();
        let count = slices(file.try_clone().unwrap(), 1 << 20, &FieldTable::new(&Fields::default())).unwrap().len();
        assert!(count > 2, "{count}");
        let read = read(file, &Fields::default(), 1 << 20).unwrap();
        assert_eq!(read.len(), 3000);
        for (n, (row, article)) in read.into_iter().enumerate() {
            let article = article.unwrap();
            assert_eq!((row, article.id, &article.text), (n as u64 + 1, n.to_string(), &texts[n]));
        }
    }
}

#[test]
fn files_that_are_none() {
    let said = |bytes: &[u8]| {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        assert_eq!(ends_like_parquet(&mut file).unwrap(), !bytes.ends_with(b"....") && bytes.len() > 11);
        read(file, &Fields::default(), 1000).unwrap_err()
    };
    for (bytes, wanted) in [
        (&b"PAR1"[..], "no footer"),
        (b"PAR1PAR1", "a footer longer than the file"),
        (b"PAR1........", "no PAR1 at its end: the file is cut short"),
        (b"PAR1\0\0\0\0PARE", "an encrypted footer"),
        (b"PAR1\xFF\xFF\xFF\xFFPAR1", "a footer longer than the file"),
        (b"PAR1\0\x01\0\0\0PAR1", "Required field"),
        (b"PAR1\x19\x01\0\0\0PAR1", "a footer that is no schema of columns"),
    ] {
        let said = said(bytes);
        assert!(said.contains(wanted) && said.ends_with("; an undamaged Parquet file"), "{wanted}: {said}");
    }
}

fn articles() -> impl Strategy<Value = Vec<[Option<String>; 3]>> {
    let text = prop::collection::vec(prop::sample::select(vec!["\u{642}", "a", " ", "\n", "\u{1F4F0}"]), 0..12);
    let cell = prop::option::weighted(0.9, text.prop_map(|parts| parts.concat()));
    prop::collection::vec([cell.clone(), cell.clone(), cell], 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn what_the_crate_writes_is_read(
        articles in articles(), group in 1_usize..40, page in 1_usize..20, dictionary in any::<bool>(), second in any::<bool>(),
        packing in prop::sample::select(vec![
            Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default()),
            Compression::ZSTD(Default::default()), Compression::LZ4_RAW,
        ]),
        encoding in prop::sample::select(vec![
            Encoding::PLAIN, Encoding::DELTA_LENGTH_BYTE_ARRAY, Encoding::DELTA_BYTE_ARRAY,
        ]),
    ) {
        let version = if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
        let properties = WriterProperties::builder()
            .set_writer_version(version)
            .set_compression(packing)
            .set_dictionary_enabled(dictionary)
            .set_encoding(encoding)
            .set_data_page_row_count_limit(page)
            .set_write_batch_size(page);
        let columns = |rows: &[[Option<String>; 3]]| -> Vec<Data> {
            (0..3).map(|column| Data::Text(rows.iter().map(|row| row[column].clone()).collect())).collect()
        };
        let groups: Vec<Vec<Data>> = articles.chunks(group).map(columns).collect();
        let schema = "optional binary id (UTF8); optional binary source (UTF8); optional binary text (UTF8);";
        let file = file(schema, &groups, properties);
        let read = read(file, &Fields::default(), 1000).unwrap();
        prop_assert_eq!(read.len(), articles.len());
        for ((row, (place, read)), [id, source, text]) in (1..).zip(read).zip(articles) {
            prop_assert_eq!(place, row);
            let full = |cell: Option<String>| cell.filter(|cell| !cell.is_empty());
            let wanted = text.map(|text| Article {
                id: full(id).unwrap_or_else(|| format!("f:{row}")),
                source: full(source),
                text,
                ..Article::default()
            });
            prop_assert_eq!(read.ok(), wanted);
        }
    }
}
