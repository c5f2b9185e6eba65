//! Rows of columns of every type, nested ones among them, against what a reader of whole rows finds.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use ::parquet::basic::{Compression, CompressionCodec};
use ::parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::{WriterPropertiesBuilder, WriterVersion};
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::SerializedRowGroupWriter;
use ::parquet::record::{Field, Row};
use ::parquet::schema::parser::parse_message_type;
use proptest::prelude::*;

use super::*;
use crate::article::{OnError, Originals, ReadOptions};
use crate::corpus::Corpus;
use crate::dedup::{Keep, dedup};
use crate::group::Group;
use crate::rewrite::{Piece, Rewritten};
use crate::verify::{Relation, Verdict};

const SCHEMA: &str = "message articles {
    required binary id (UTF8);
    optional group tags (LIST) { repeated group list { optional binary element (UTF8); } }
    optional binary text (UTF8);
    required int64 number;
    required fixed_len_byte_array(2) half;
    optional group place { required double north; optional int32 east; }
    optional boolean flag;
    optional float weight;
    optional int96 moment;
}";

/// What a row holds beside its id.
#[derive(Clone, Debug)]
struct Cells {
    /// Without a text it is no article.
    is_article: bool,
    tags: Option<Vec<Option<String>>>,
    number: Option<i32>,
}

fn cells() -> impl Strategy<Value = Cells> {
    let tag = prop::option::weighted(0.8, "[ab]{0,3}");
    (
        prop::bool::weighted(0.9),
        prop::option::weighted(0.8, prop::collection::vec(tag, 0..4)),
        prop::option::weighted(0.7, -3..3),
    )
        .prop_map(|(is_article, tags, number)| Cells { is_article, tags, number })
}

/// A file of these rows, the first called so.
fn file(path: &Path, first: usize, rows: &[Cells], group: usize, properties: WriterPropertiesBuilder) {
    fn write<T: DataType>(group: &mut SerializedRowGroupWriter<'_, File>, cells: Vec<(i16, i16, Option<T::T>)>) {
        let definitions: Vec<i16> = cells.iter().map(|cell| cell.0).collect();
        let repetitions: Vec<i16> = cells.iter().map(|cell| cell.1).collect();
        let values: Vec<T::T> = cells.into_iter().filter_map(|cell| cell.2).collect();
        let mut column = group.next_column().unwrap().unwrap();
        column.typed::<T>().write_batch(&values, Some(&definitions), Some(&repetitions)).unwrap();
        column.close().unwrap();
    }
    fn optional<T>(deep: i16, value: Option<T>) -> (i16, i16, Option<T>) {
        (if value.is_some() { deep } else { 0 }, 0, value)
    }
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let mut writer =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties.build())).unwrap();
    let mut named = first..;
    for rows in rows.chunks(group) {
        let mut to = writer.next_row_group().unwrap();
        // In the order of the ids they stand otherwise than in the input.
        let id = |_: &Cells| optional(0, named.next().map(|n| format!("{:03}", n * 17 % 211).as_str().into()));
        write::<ByteArrayType>(&mut to, rows.iter().map(id).collect());
        let tags = |row: &Cells| -> Vec<(i16, i16, Option<ByteArray>)> {
            match &row.tags {
                None => vec![(0, 0, None)],
                Some(tags) if tags.is_empty() => vec![(1, 0, None)],
                Some(tags) => (0..)
                    .zip(tags)
                    .map(|(n, tag)| (2 + i16::from(tag.is_some()), i16::from(n > 0), tag.as_deref().map(Into::into)))
                    .collect(),
            }
        };
        write::<ByteArrayType>(&mut to, rows.iter().flat_map(tags).collect());
        write::<ByteArrayType>(
            &mut to,
            rows.iter().map(|row| optional(1, row.is_article.then(|| "".into()))).collect(),
        );
        let number = |row: &Cells| row.number.unwrap_or(9);
        write::<Int64Type>(&mut to, rows.iter().map(|row| optional(0, Some(number(row).into()))).collect());
        let half = |row: &Cells| FixedLenByteArray::from(vec![number(row) as u8, 7]);
        write::<FixedLenByteArrayType>(&mut to, rows.iter().map(|row| optional(0, Some(half(row)))).collect());
        write::<DoubleType>(&mut to, rows.iter().map(|row| optional(1, row.number.map(f64::from))).collect());
        let east = |row: &Cells| (row.number.map_or(0, |n| 1 + i16::from(n > 0)), 0, row.number.filter(|&n| n > 0));
        write::<Int32Type>(&mut to, rows.iter().map(east).collect());
        write::<BoolType>(&mut to, rows.iter().map(|row| optional(1, row.number.map(|n| n > 0))).collect());
        write::<FloatType>(&mut to, rows.iter().map(|row| optional(1, row.number.map(|n| n as f32))).collect());
        let moment = |row: &Cells| row.number.map(|n| Int96::from(vec![n as u32, 1, 2_457_225]));
        write::<Int96Type>(&mut to, rows.iter().map(|row| optional(1, moment(row))).collect());
        to.close().unwrap();
    }
    writer.close().unwrap();
}

/// The rows of a file, as the crate's reader of whole rows finds them.
fn rows(path: &Path) -> Vec<Row> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.get_row_iter(None).unwrap().map(Result::unwrap).collect()
}

/// Writes what becomes of `originals` to `folder`: a file for each, or `out`.
fn write(rewrite: &Rewrite<'_>, folder: &Path) -> Result<Rewritten> {
    let mut to = File::create(folder.join("out")).unwrap();
    rewrite.run(|piece| {
        match piece {
            Piece::File { original, .. } if !rewrite.together => {
                to = File::create(folder.join(original.name().unwrap())).unwrap();
            }
            Piece::File { .. } => {}
            Piece::Records(bytes) => to.write_all(bytes).unwrap(),
            Piece::Text(_) => panic!("no text was given"),
        }
        Ok::<(), Error>(())
    })
}

fn skip() -> ReadOptions {
    ReadOptions { on_error: OnError::Skip, ..ReadOptions::default() }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_written_is_what_a_look_at_every_row_finds(
        files in prop::collection::vec(prop::collection::vec(cells(), 0..40), 1..4),
        group_of in prop::collection::vec(0_usize..12, 160),
        group in 1_usize..20, page in 1_usize..8, dictionary: bool, second: bool, annotate: bool, together: bool,
        packing in prop::sample::select(vec![
            Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::GZIP(Default::default()),
            Compression::ZSTD(Default::default()), Compression::LZ4_RAW,
        ]),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let version = if second { WriterVersion::PARQUET_2_0 } else { WriterVersion::PARQUET_1_0 };
        let note = KeyValue::new("note".to_owned(), "kept".to_owned());
        let arrow = KeyValue::new(ARROW_SCHEMA.to_owned(), "columns".to_owned());
        let mut first = 0;
        let mut paths: Vec<PathBuf> = Vec::new();
        for (number, cells) in files.iter().enumerate() {
            let properties = WriterProperties::builder()
                .set_writer_version(version)
                .set_compression(packing)
                .set_column_compression("text".into(), Compression::UNCOMPRESSED)
                .set_dictionary_enabled(dictionary)
                .set_key_value_metadata(Some(vec![note.clone(), arrow.clone()]))
                .set_data_page_row_count_limit(page)
                .set_write_batch_size(page);
            paths.push(folder.path().join(format!("{number}.parquet")));
            file(&paths[number], first, cells, group, properties);
            first += cells.len();
        }
        let originals = Originals::find(&paths, &skip()).unwrap();
        Rewrite::check(&originals, annotate, together).unwrap();
        let corpus = Corpus::read(&paths, &skip()).unwrap();
        let number_of = |id: &str| corpus.headers.iter().position(|header| header.id == id).map(|n| n as u32);
        let verdict = Verdict { score: 0.5, relation: Some(Relation::Copy) };
        let groups: Vec<Group> = (0..8)
            .map(|group| (0..corpus.len() as u32).filter(|&a| group_of[a as usize] == group).collect::<Vec<_>>())
            .filter(|set| set.len() > 1)
            .map(|set| Group { representative: set[0], members: set[1..].iter().map(|&a| (a, verdict)).collect() })
            .collect();
        let decisions = dedup(&corpus, &groups, &Keep::First);
        let rewrite = Rewrite { originals: &originals, corpus: &corpus, decisions: &decisions, annotate, together };
        let out = tempfile::tempdir().unwrap();
        let written = write(&rewrite, out.path()).unwrap();

        let mut expected: Vec<Vec<Row>> = Vec::new();
        for path in &paths {
            let mut kept = Vec::new();
            for row in rows(path) {
                let Field::Str(id) = row.get_column_iter().next().unwrap().1 else { panic!("an id") };
                let Some(article) = number_of(id) else { continue };
                let decision = decisions[article as usize];
                if annotate {
                    let id = |article: u32| Field::Str(corpus.headers[article as usize].id.clone());
                    let told = decision.membership.map(|told| [
                        Field::Long(told.group.into()), id(told.representative),
                        Field::Str(told.relation().into()), Field::Double(told.score()),
                    ]);
                    let values = told.unwrap_or([Field::Null, Field::Null, Field::Null, Field::Null]);
                    let values = values.into_iter().chain([Field::Bool(decision.kept == article)]);
                    let added = ADDED.iter().map(|name| (*name).to_owned()).zip(values);
                    kept.push(Row::new(row.into_columns().into_iter().chain(added).collect()));
                } else if decision.kept == article {
                    kept.push(row);
                }
            }
            expected.push(kept);
        }
        let names: Vec<String> = if together {
            expected = vec![expected.concat()];
            vec!["out".into()]
        } else {
            (0..files.len()).map(|number| format!("{number}.parquet")).collect()
        };
        prop_assert_eq!(written.records, expected.iter().map(|rows| rows.len() as u64).sum::<u64>());
        let before = SerializedFileReader::new(File::open(&paths[0]).unwrap()).unwrap();
        let schema = before.metadata().file_metadata().schema().get_fields();
        for (name, expected) in names.iter().zip(&expected) {
            let path = out.path().join(name);
            prop_assert_eq!(&rows(&path), expected);
            let after = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
            let about = after.metadata().file_metadata();
            prop_assert_eq!(&about.schema().get_fields()[..schema.len()], schema);
            prop_assert_eq!(about.schema().get_fields().len(), schema.len() + if annotate { ADDED.len() } else { 0 });
            let metadata = if annotate { vec![note.clone()] } else { vec![note.clone(), arrow.clone()] };
            prop_assert_eq!(about.key_value_metadata(), Some(&metadata));
            let sizes: Vec<i64> = after.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
            prop_assert!(sizes.iter().all(|&rows| (1..=group as i64).contains(&rows)), "{:?}", sizes);
            if names.len() == files.len() && files.iter().all(|rows| rows.len() >= group) {
                prop_assert!(sizes.windows(2).all(|two| two[0] + two[1] > group as i64), "{:?}", sizes);
            }
            if !files[0].is_empty() {
                let (packing, plain) = (CompressionCodec::from(packing), CompressionCodec::UNCOMPRESSED);
                for column in after.metadata().row_groups().iter().flat_map(|group| group.columns()) {
                    let wanted = if column.column_path().string() == "text" { plain } else { packing };
                    let first = together || names[0] == *name;
                    prop_assert!(!first || column.compression_codec() == wanted, "{}", column.column_path());
                }
            }
        }
        if !together {
            prop_assert_eq!(written.bytes, names.iter().map(|name| fs::metadata(out.path().join(name)).unwrap().len()).sum::<u64>());
        }
    }
}
