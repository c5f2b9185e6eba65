//! Looking an index over: every checksum, every reference, and nothing that should not be there.

use std::path::Path;

use super::bytes::Bytes as Row;
use super::database::{Database, Table};
use super::fold::each_entry;
use super::head::{Head, Kind, Segment};
use super::mark::Mark;
use super::reader::Reader;
use super::view::{View, keys_of, members};
use super::{Place, id_key, record, rows};
use crate::error::Result;

/// Findings told; the others are counted.
const MOST: usize = 100;

struct Findings {
    told: Vec<String>,
    more: u64,
}

impl Findings {
    fn add(&mut self, finding: String) {
        if self.told.len() < MOST {
            self.told.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// What was read, or else why not.
    fn note<T>(&mut self, read: Result<T>) -> Option<T> {
        read.inspect_err(|error| self.add(error.to_string())).ok()
    }
}
