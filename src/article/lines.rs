//! Cuts one stream of bytes at line ends into blocks, in bounded memory whatever the lines.

use std::io::{self, Read};

use memchr::{memchr, memchr_iter, memrchr};

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
    /// Whole lines, with their line ends; the very last may lack its own.
    Lines {
        /// The number of the first of them, from 1.
        first_line: u64,
        bytes: Vec<u8>,
    },
    /// This line is longer than allowed; it was left out.
    TooLong { line: u64 },
    /// Reading failed after so many whole lines. The last cut.
    Failed { error: io::Error, lines: u64 },
}

/// Cuts a [`Source`] into [`Cut`]s. Holds at most the larger of a block and the longest line
/// allowed.
///
/// A line longer than allowed may still stand in a block, where it fits in: whoever splits the block
/// looks at each line.
pub(super) struct Cutter {
    source: Source,
    block: usize,
    longest: usize,
    /// Number of the line that the bytes held begin with, from 1.
    line: u64,
    /// The bytes held, and more to come, belong to a line that is left out.
    passing: bool,
}

impl Cutter {
    /// Blocks of about `block` bytes; lines of at most `longest` bytes, their ends not counted.
    pub(super) fn new(source: Source, block: usize, longest: usize) -> Cutter {
        Cutter { source, block: block.max(1), longest, line: 1, passing: false }
    }

    /// Bytes read so far, in all.
    pub(super) fn bytes(&self) -> u64 {
        self.source.bytes()
    }

    fn pass_over_line(&mut self) {
        while !self.source.peek(PASSING).is_empty() {
            if let Some(end) = memchr(b'\n', &self.source.held) {
                self.source.drop_first(end + 1);
                self.line += 1;
                break;
            }
            // Not `clear`: a very long line may have left a very large buffer.
            self.source.held = Vec::new();
        }
        self.passing = false;
    }

    fn give_out(&mut self, end: usize) -> Cut {
        let rest = self.source.held[end..].to_vec();
        let mut bytes = std::mem::replace(&mut self.source.held, rest);
        bytes.truncate(end);
        let first_line = self.line;
        self.line += memchr_iter(b'\n', &bytes).count() as u64;
        Cut::Lines { first_line, bytes }
    }
}

impl Iterator for Cutter {
    type Item = Cut;

    fn next(&mut self) -> Option<Cut> {
        if self.passing {
            self.pass_over_line();
        }
        let mut goal = self.block;
        loop {
            let held = self.source.peek(goal).len();
            let source = &mut self.source;
            let end = if source.ended && source.failure.is_none() {
                held
            } else {
                memrchr(b'\n', &source.held).map_or(0, |last| last + 1)
            };
            if end > 0 {
                return Some(self.give_out(end));
            }
            if held > self.longest {
                self.passing = true;
                return Some(Cut::TooLong { line: self.line });
            }
            if source.ended {
                let error = source.failure.take()?;
                // Half a line is no line.
                source.held = Vec::new();
                let lines = self.line - 1;
                return Some(Cut::Failed { error, lines });
            }
            goal = held.saturating_mul(2).min(self.longest.saturating_add(1));
        }
    }
}

#[cfg(test)]
mod tests;
