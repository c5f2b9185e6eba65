//! Parquet files: which columns make articles, and rows as articles.
//!
//! A file is read in slices of rows, one thread a slice: a slice looks at the pages that hold its rows, and at the
//! dictionaries of its columns, and passes over all others by their headers. Within a slice no more is held than a
//! page a column. Values are decoded by the crate `parquet`, on its lower level: its readers of whole batches would
//! write out a value that a dictionary holds once as often as it is used, however large it is.

mod cells;
mod disk;
mod file;
mod footer;
mod guard;
mod pages;

use std::fs::File;
use std::ops::ControlFlow;
use std::sync::Arc;

use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::ParquetMetaData;

use self::cells::{Cells, Kind};
use super::Article;
use super::columns::{ColumnKind, choose};
use super::fields::FieldTable;
use super::record::{Value, Values, assemble};
use super::trouble::{Trouble, quoted};
use crate::error::{Place, Result};

pub(crate) use self::file::ParquetFile;
pub(super) use self::footer::{MAGIC, ends_like_parquet};
pub(crate) use self::guard::guarded;

/// About how many bytes of its columns a slice has: many beside a page (1 MiB as a rule), because the pages at its ends
/// and the dictionaries are unpacked for each slice anew.
const SLICE: u64 = 4 << 20;
/// Into at most so many slices a row group is cut: each passes over the headers of the pages before it.
const MOST_SLICES: u64 = 256;
/// What a page or the footer may have beyond the longest article, in bytes.
const SLACK: usize = 64 << 20;
/// A file and its columns that make articles.
#[derive(Debug)]
struct Table {
    file: ParquetFile,
    columns: Vec<Column>,
}

/// A column that plays a part.
#[derive(Debug)]
struct Column {
    /// Its number among the columns that hold values.
    leaf: usize,
    key: usize,
    kind: Kind,
}

/// Rows that follow each other in one row group.
#[derive(Debug)]
pub(super) struct Slice {
    table: Arc<Table>,
    group: usize,
    /// Rows of the group before these.
    before: usize,
    rows: usize,
    /// The number of the first row in the file, from 1.
    first_row: u64,
}

/// The slices of a file, in order.
///
/// # Errors
/// Where the file is damaged, or its columns make no articles.
pub(super) fn slices(file: File, longest: usize, table: &FieldTable) -> Result<Vec<Slice>, Trouble> {
    let file = ParquetFile::open(file, longest)?;
    let columns = columns(&file.metadata, table)?;
    let table = Arc::new(Table { file, columns });
    let mut slices = Vec::new();
    let mut first_row = 1;
    for (group, rows) in table.file.rows.iter().copied().enumerate() {
        let about = table.file.metadata.row_group(group);
        let size = |column: &Column| u64::try_from(about.column(column.leaf).uncompressed_size()).unwrap_or(0);
        let bytes = table.columns.iter().map(size).fold(0, u64::saturating_add);
        let count = (bytes / SLICE).clamp(1, MOST_SLICES);
        let each = rows.div_ceil(count as usize).max(1);
        for before in (0..rows).step_by(each) {
            let rows = each.min(rows - before);
            slices.push(Slice { table: Arc::clone(&table), group, before, rows, first_row });
            first_row += rows as u64;
        }
    }
    Ok(slices)
}

impl Slice {
    /// Hands every article to `visit`, or what is wrong with it, with its place, until `visit` breaks off.
    pub(super) fn each<B>(
        &self,
        table: &FieldTable,
        longest: usize,
        mut place: Place,
        mut visit: impl FnMut(&Place, Result<Article>) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        let last = self.first_row + self.rows as u64 - 1;
        let mut cells = guarded(|| self.cells());
        for row in self.first_row..=last {
            place.line = Some(row);
            let read = match &mut cells {
                Ok(cells) => guarded(|| {
                    cells.iter_mut().try_for_each(|(_, cells)| cells.next())?;
                    Ok(article(cells, table, longest, &place))
                }),
                Err(error) => Err(std::mem::replace(error, ParquetError::General(String::new()))),
            };
            match read {
                Ok(read) => visit(&place, read.map_err(|trouble| trouble.at(place.clone())))?,
                // Where the readers stand after a failure nobody knows.
                Err(error) => {
                    let trouble = damaged(&error);
                    let found = format!("{} up to row {last}", trouble.found);
                    return visit(&place, Err(Trouble { found, ..trouble }.at(place.clone())));
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// The columns at the first of these rows, each with the key it has.
    fn cells(&self) -> Result<Vec<(usize, Cells)>, ParquetError> {
        let open = |column: &Column| {
            let reader = self.table.file.reader(self.group, column.leaf)?;
            Ok((column.key, Cells::new(reader, column.kind, self.before)?))
        };
        self.table.columns.iter().map(open).collect()
    }
}

/// Makes an article of the row that `cells` stand at.
fn article(cells: &[(usize, Cells)], table: &FieldTable, longest: usize, place: &Place) -> Result<Article, Trouble> {
    let mut values = Values::default();
    let mut length = 0;
    for (key, cells) in cells {
        let value = cells.value().map_err(|trouble| Trouble {
            found: format!("{} in the field {}", trouble.found, quoted(table.key(*key))),
            ..trouble
        })?;
        if let Value::String(text) = &value {
            length += text.len();
        }
        values[*key] = value;
    }
    if length > longest {
        return Err(Trouble::too_long("row", longest));
    }
    assemble(values, table, place, |role| table.missing(role, "a row without it"))
}

/// The columns that make articles.
///
/// # Errors
/// Where one is missing, or the first choice for a part of an article is of a type that cannot be one.
fn columns(metadata: &ParquetMetaData, table: &FieldTable) -> Result<Vec<Column>, Trouble> {
    let schema = metadata.file_metadata().schema_descr();
    let roots = schema.root_schema().get_fields();
    let keys = table.columns(roots.iter().map(|root| root.name()))?;
    let typed: Vec<(usize, usize, Result<Kind, String>)> = (0..schema.num_columns())
        .filter_map(|leaf| {
            let root = schema.get_column_root_idx(leaf);
            Some((leaf, keys[root]?, Kind::of(&roots[root], &schema.column(leaf))))
        })
        .collect();
    let kinds: Vec<(usize, usize, ColumnKind)> = typed
        .iter()
        .map(|(leaf, key, kind)| {
            (*leaf, *key, kind.as_ref().map_or_else(|name| ColumnKind::Other(name.clone()), |kind| kind.of_column()))
        })
        .collect();
    let chosen = choose(table, &kinds)?;
    let kind_of = |leaf: usize| typed.iter().find(|column| column.0 == leaf).and_then(|column| column.2.clone().ok());
    Ok(chosen.into_iter().filter_map(|(leaf, key)| Some(Column { leaf, key, kind: kind_of(leaf)? })).collect())
}

fn damaged(error: &ParquetError) -> Trouble {
    let said = error.to_string();
    let said =
        ["Parquet error: ", "EOF: ", "External: "].iter().find_map(|kind| said.strip_prefix(kind)).unwrap_or(&said);
    Trouble::new(format!("bad Parquet data ({said})"), "an undamaged Parquet file")
}

#[cfg(test)]
mod tests;
