//! Cuts one stream of bytes into blocks of whole records (lines, or records of CSV), in bounded memory whatever they
//! are.

use std::fs::File;
use std::io::{self, Read, Write};

use memchr::{memchr, memchr_iter, memrchr};

use super::csv::RecordEnds;

/// How much is read at a time where nothing of it is kept, in bytes.
const PASSING: usize = 64 << 10;

/// A stream of bytes and what of it was read ahead.
pub(super) struct Source {
    reader: Box<dyn Read + Send>,
    /// Read, not yet given out.
    held: Vec<u8>,
    /// Nothing more will come: the stream ended, or failed.
    ended: bool,
    failure: Option<io::Error>,
    read: u64,
}

impl Source {
    pub(super) fn new(reader: Box<dyn Read + Send>) -> Source {
        Source { reader, held: Vec::new(), ended: false, failure: None, read: 0 }
    }

    /// Bytes read so far, in all.
    pub(super) fn bytes(&self) -> u64 {
        self.read
    }

    /// Reads on until `goal` bytes are held, if there are so many, and shows what is held.
    pub(super) fn peek(&mut self, goal: usize) -> &[u8] {
        let wanted = goal.saturating_sub(self.held.len());
        if wanted > 0 && !self.ended {
            self.held.reserve_exact(wanted);
            let before = self.held.len();
            let mut part = self.reader.by_ref().take(wanted as u64);
            // What came before a failure stays in `held`.
            let outcome = part.read_to_end(&mut self.held);
            let come = self.held.len() - before;
            self.read += come as u64;
            self.ended = come < wanted;
            self.failure = outcome.err();
        }
        &self.held
    }

    /// Leaves out the first `count` bytes held.
    pub(super) fn drop_first(&mut self, count: usize) {
        self.held.drain(..count.min(self.held.len()));
    }

    /// Copies all the bytes to the end into `file`.
    ///
    /// # Errors
    /// The failure that ended the stream, or that of the file.
    pub(super) fn copy_to(&mut self, file: &mut File) -> io::Result<()> {
        file.write_all(&self.held)?;
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
        self.read += io::copy(&mut self.reader, file)?;
        Ok(())
    }

    /// All the bytes to the end, or `None` as soon as they are more than `max`.
    ///
    /// # Errors
    /// The failure that ended the stream.
    pub(super) fn whole(&mut self, max: usize) -> io::Result<Option<Vec<u8>>> {
        let mut goal = PASSING;
        while !self.ended && self.held.len() <= max {
            self.peek(goal);
            goal = goal.saturating_mul(2).min(max.saturating_add(1));
        }
        if self.held.len() > max {
            return Ok(None);
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => Ok(Some(std::mem::take(&mut self.held))),
        }
    }
}

/// What [`Cutter`] gives out.
#[derive(Debug)]
pub(super) enum Cut {
    /// Whole records, with their line ends; the very last may lack its own.
    Records {
        /// The number of the first line of them, from 1.
        first_line: u64,
        bytes: Vec<u8>,
    },
    /// The record that begins with this line is longer than allowed; it was left out.
    TooLong { line: u64 },
    /// The record that begins with this line has a quotation mark that nothing closes; it, and so the rest of the
    /// stream, was left out. The last cut.
    Unclosed { line: u64 },
    /// Reading failed after whole records of so many lines. The last cut.
    Failed { error: io::Error, lines: u64 },
}

/// Where records end.
enum Ends {
    Lines,
    Csv {
        ends: RecordEnds,
        /// How many of the bytes held have been looked at.
        seen: usize,
        /// Up to where these are whole records.
        whole: usize,
    },
}

/// Cuts a [`Source`] into [`Cut`]s. Holds at most the larger of a block and the longest record
/// allowed.
///
/// A record longer than allowed may still stand in a block, where it fits in: whoever splits the block
/// looks at each record.
pub(super) struct Cutter {
    source: Source,
    ends: Ends,
    block: usize,
    longest: usize,
    /// Number of the line that the bytes held begin with, from 1.
    line: u64,
    /// The bytes held, and more to come, belong to a record that is left out.
    passing: bool,
}

impl Cutter {
    /// Cuts lines: blocks of about `block` bytes; lines of at most `longest` bytes, their ends not counted.
    pub(super) fn new(source: Source, block: usize, longest: usize) -> Cutter {
        Cutter { source, ends: Ends::Lines, block: block.max(1), longest, line: 1, passing: false }
    }

    /// Cuts records of CSV.
    pub(super) fn csv(source: Source, block: usize, longest: usize, delimiter: u8) -> Cutter {
        let ends = Ends::Csv { ends: RecordEnds::new(delimiter), seen: 0, whole: 0 };
        Cutter { ends, ..Cutter::new(source, block, longest) }
    }

    /// Bytes read so far, in all.
    pub(super) fn bytes(&self) -> u64 {
        self.source.bytes()
    }

    /// How many of the bytes held are whole records, their line ends included; of the first record alone where
    /// `first`.
    fn whole(&mut self, first: bool) -> usize {
        let held = &self.source.held;
        match &mut self.ends {
            Ends::Lines if first => memchr(b'\n', held).map_or(0, |end| end + 1),
            Ends::Lines => memrchr(b'\n', held).map_or(0, |last| last + 1),
            Ends::Csv { ends, seen, whole } => {
                while *seen < held.len() && !(first && *whole > 0) {
                    match ends.next(&held[*seen..]) {
                        Some(length) => {
                            *seen += length;
                            *whole = *seen;
                        }
                        None => *seen = held.len(),
                    }
                }
                *whole
            }
        }
    }

    /// Takes the first `end` bytes off those held.
    fn take(&mut self, end: usize) -> Vec<u8> {
        let rest = self.source.held[end..].to_vec();
        let mut bytes = std::mem::replace(&mut self.source.held, rest);
        bytes.truncate(end);
        self.line += memchr_iter(b'\n', &bytes).count() as u64;
        if let Ends::Csv { seen, whole, .. } = &mut self.ends {
            *seen -= end;
            *whole = whole.saturating_sub(end);
        }
        bytes
    }

    fn pass_over(&mut self) {
        loop {
            let held = self.source.peek(PASSING).len();
            let end = self.whole(true);
            // Not kept: a very long record may have left a very large buffer.
            drop(self.take(if end > 0 { end } else { held }));
            if end > 0 || held == 0 {
                break;
            }
        }
        self.passing = false;
    }

    fn in_quotes(&self) -> bool {
        matches!(&self.ends, Ends::Csv { ends, .. } if ends.in_quotes())
    }

    /// The first record of what is still to come, by itself.
    pub(super) fn first(&mut self) -> Option<Cut> {
        self.cut(true)
    }

    fn cut(&mut self, first: bool) -> Option<Cut> {
        if self.passing {
            self.pass_over();
        }
        let mut goal = self.block;
        loop {
            let held = self.source.peek(goal).len();
            let whole = self.whole(first);
            let source = &self.source;
            let all = source.ended && source.failure.is_none() && !(first && whole > 0);
            let end = if all && !self.in_quotes() { held } else { whole };
            if end > 0 {
                let first_line = self.line;
                return Some(Cut::Records { first_line, bytes: self.take(end) });
            }
            if held > self.longest {
                self.passing = true;
                return Some(Cut::TooLong { line: self.line });
            }
            if self.source.ended {
                let line = self.line;
                // A part of a record is none.
                drop(self.take(held));
                return match self.source.failure.take() {
                    Some(error) => Some(Cut::Failed { error, lines: line - 1 }),
                    None => (held > 0).then_some(Cut::Unclosed { line }),
                };
            }
            goal = held.saturating_mul(2).min(self.longest.saturating_add(1));
        }
    }
}

impl Iterator for Cutter {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        self.cut(false)
    }
}

#[cfg(test)]
mod tests;
