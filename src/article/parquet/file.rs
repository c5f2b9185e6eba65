//! An open Parquet file: its footer, looked over, and its columns.

use std::fs::File;
use std::sync::Arc;

use ::parquet::column::reader::{ColumnReader, get_column_reader};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};

use super::disk::Disk;
use super::guard::guarded;
use super::pages::{Pages, is_readable};
use super::{SLACK, damaged, footer};
use crate::article::trouble::Trouble;
use crate::error::{Error, Place};

/// A byte stands for so many rows at most, which is what a byte of gzip can stand for. Run lengths could promise
/// billions.
const ROWS_A_BYTE: u64 = 1024;

/// An open file.
#[derive(Debug)]
pub(crate) struct ParquetFile {
    disk: Arc<Disk>,
    pub(crate) metadata: ParquetMetaData,
    /// The number of rows of each row group.
    pub(crate) rows: Vec<usize>,
}

impl ParquetFile {
    /// Reads the footer of `file`, whose articles have at most `longest` bytes.
    ///
    /// # Errors
    /// Where it is damaged.
    pub(in crate::article) fn open(file: File, longest: usize) -> Result<ParquetFile, Trouble> {
        let disk = Disk::new(file, longest.saturating_add(SLACK)).map_err(|error| damaged(&error.into()))?;
        let metadata = guarded(|| footer::read(&disk)).map_err(|error| damaged(&error))?;
        let rows = rows(&metadata, &disk).map_err(|error| damaged(&error))?;
        Ok(ParquetFile { disk: Arc::new(disk), metadata, rows })
    }

    /// The pages of a column of a row group.
    ///
    /// # Errors
    /// Where what the footer says of it cannot be true.
    pub(super) fn pages(&self, group: usize, leaf: usize) -> Result<Pages, ParquetError> {
        let group = self.metadata.row_group(group);
        Pages::new(&self.disk, group.column(leaf), group.num_rows())
    }

    /// The values of a column of a row group, of whatever type. To be used in [`guarded`] only.
    ///
    /// # Errors
    /// As [`ParquetFile::pages`].
    pub(crate) fn reader(&self, group: usize, leaf: usize) -> Result<ColumnReader, ParquetError> {
        let column = self.metadata.file_metadata().schema_descr().column(leaf);
        Ok(get_column_reader(column, Box::new(self.pages(group, leaf)?)))
    }

    /// The error for decoding that failed in the file at `place`.
    pub(crate) fn failure(place: Place, error: &ParquetError) -> Error {
        damaged(error).at(place)
    }

    /// The first column, and its packing, that cannot be read.
    pub(in crate::article) fn unreadable(&self) -> Option<(String, String)> {
        let mut columns = self.metadata.row_groups().iter().flat_map(RowGroupMetaData::columns);
        let bad = columns.find(|column| !is_readable(column.compression_codec()))?;
        Some((bad.column_path().string(), bad.compression_codec().to_string()))
    }
}

/// The number of rows of each row group.
///
/// # Errors
/// Where it cannot be true.
fn rows(metadata: &ParquetMetaData, disk: &Disk) -> Result<Vec<usize>, ParquetError> {
    let mut most = disk.length().saturating_mul(ROWS_A_BYTE);
    let checked = |group: &RowGroupMetaData| {
        let rows = u64::try_from(group.num_rows())?;
        most = most.checked_sub(rows).ok_or_else(|| {
            ParquetError::General(format!("{rows} rows, more than a file of {} bytes can hold", disk.length()))
        })?;
        Ok(usize::try_from(rows)?)
    };
    metadata.row_groups().iter().map(checked).collect()
}
