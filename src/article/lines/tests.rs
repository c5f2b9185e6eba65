//! Cuts at every block size, over-long lines, failing streams.

use super::super::csv;
use super::*;

/// Gives `data`, then fails.
struct Failing(io::Cursor<Vec<u8>>);

impl Read for Failing {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            some => Ok(some),
        }
    }
}

/// `left` bytes of `x`, then a line end and `{}`.
struct Endless {
    left: usize,
    tail: &'static [u8],
}

impl Read for Endless {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            return self.tail.read(into);
        }
        let most = into.len().min(self.left);
        into[..most].fill(b'x');
        self.left -= most;
        Ok(most)
    }
}

fn source(data: &[u8]) -> Source {
    Source::new(Box::new(io::Cursor::new(data.to_vec())))
}

/// The lines with their numbers; `None` for one too long.
fn lines(cutter: Cutter, longest: usize) -> Vec<(u64, Option<Vec<u8>>)> {
    let mut lines = Vec::new();
    for cut in cutter {
        match cut {
            Cut::Records { first_line, bytes } => {
                assert!(!bytes.is_empty());
                for (at, line) in bytes.split_inclusive(|&byte| byte == b'\n').enumerate() {
                    let text = line.strip_suffix(b"\n").unwrap_or(line);
                    let kept = (text.len() <= longest).then(|| text.to_vec());
                    lines.push((first_line + at as u64, kept));
                }
            }
            Cut::TooLong { line } => lines.push((line, None)),
            Cut::Unclosed { line } => lines.push((line, Some(b"unclosed".to_vec()))),
            Cut::Failed { lines: before, .. } => lines.push((before, Some(b"failed".to_vec()))),
        }
    }
    lines
}

#[test]
fn blocks_of_any_size_give_the_same_lines() {
    let data = b"one\n\n\r\nlonger line\nx\nlonger line\n\nthe longest line\nend";
    for longest in [0, 1, 5, 11, 100] {
        let wanted = lines(Cutter::new(source(data), 1 << 20, longest), longest);
        assert_eq!(wanted.len(), 9);
        for block in 1..data.len() + 2 {
            let found = lines(Cutter::new(source(data), block, longest), longest);
            assert_eq!(found, wanted, "block {block}, longest {longest}");
        }
    }
}

/// The records of CSV with the numbers of their first lines; `None` for one too long.
fn rows(cutter: Cutter, longest: usize) -> Vec<(u64, Option<Vec<u8>>)> {
    let mut rows = Vec::new();
    for cut in cutter {
        match cut {
            Cut::Records { first_line, bytes } => {
                let told = |(line, row): (u64, &[u8])| (line, (row.len() <= longest).then(|| row.to_vec()));
                rows.extend(csv::records(&bytes, first_line, csv::COMMA).map(told));
            }
            Cut::TooLong { line } => rows.push((line, None)),
            Cut::Unclosed { line } => rows.push((line, Some(b"unclosed".to_vec()))),
            Cut::Failed { lines: before, .. } => rows.push((before, Some(b"failed".to_vec()))),
        }
    }
    rows
}

#[test]
fn blocks_of_any_size_give_the_same_rows() {
    let csv = |data: &[u8], block, longest| Cutter::csv(source(data), block, longest, csv::COMMA);
    let data = b"a,b\n\"x\ny\",\"\"\"\n\"\r\n1,2\n\"a long field\n\n of three lines\",\"\"\nlast,\"\n\"";
    for longest in [0, 4, 13, 100] {
        let wanted = rows(csv(data, 1 << 20, longest), longest);
        assert_eq!(wanted.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 5, 6, 9]);
        for block in 1..data.len() + 2 {
            assert_eq!(rows(csv(data, block, longest), longest), wanted, "block {block}, longest {longest}");
        }
    }
    for block in 1..data.len() + 2 {
        // Without the last quotation mark, and with a failure in its place.
        let cut = &data[..data.len() - 1];
        let found = rows(csv(cut, block, 100), 100);
        assert_eq!((found.len(), found[4].clone()), (5, (9, Some(b"unclosed".to_vec()))));
        let failing = Source::new(Box::new(Failing(io::Cursor::new(cut.to_vec()))));
        let found = rows(Cutter::csv(failing, block, 100, csv::COMMA), 100);
        assert_eq!((found.len(), found[4].clone()), (5, (8, Some(b"failed".to_vec()))));
        // Too long, and never closed.
        let found = rows(csv(b"a,b\n\"cccccccccccc\nc", block.min(4), 5), 5);
        assert_eq!(found, [(1, Some(b"a,b\n".to_vec())), (2, None)]);
        let mut cutter = csv(data, block, 100);
        let first = cutter.first();
        assert!(matches!(first, Some(Cut::Records { first_line: 1, bytes }) if bytes == b"a,b\n"));
        assert_eq!(rows(cutter, 100).len(), 4);
    }
}

#[test]
fn lines_before_a_failure_are_given_out() {
    for block in 1..20 {
        let failing = Failing(io::Cursor::new(b"one\ntwo\nthr".to_vec()));
        let cutter = Cutter::new(Source::new(Box::new(failing)), block, 100);
        let found = lines(cutter, 100);
        let text = |text: &str| Some(text.as_bytes().to_vec());
        assert_eq!(found, [(1, text("one")), (2, text("two")), (2, text("failed"))]);
    }
}

#[test]
fn an_endless_line_is_left_out_in_bounded_memory() {
    let endless = Endless { left: 50 << 20, tail: b"\n{}" };
    let mut cutter = Cutter::new(Source::new(Box::new(endless)), 64 << 10, 1 << 20);
    assert!(matches!(cutter.next(), Some(Cut::TooLong { line: 1 })));
    assert!(cutter.source.held.capacity() <= (1 << 20) + 1);
    let Some(Cut::Records { first_line, bytes }) = cutter.next() else {
        panic!("no second line");
    };
    assert_eq!((first_line, &bytes[..]), (2, &b"{}"[..]));
    assert!(bytes.capacity() <= 64 << 10);
    assert!(cutter.next().is_none());
    assert_eq!(cutter.bytes(), (50 << 20) + 3);
}

#[test]
fn a_last_line_too_long_or_cut_off() {
    for block in [1, 4, 100] {
        let found = lines(Cutter::new(source(b"a\nlonger"), block, 3), 3);
        assert_eq!(found, [(1, Some(b"a".to_vec())), (2, None)]);
        let failing = Failing(io::Cursor::new(b"a\nlonger".to_vec()));
        let mut cutter = Cutter::new(Source::new(Box::new(failing)), block, 3);
        assert!(matches!(cutter.next(), Some(Cut::Records { .. })));
        assert!(matches!(cutter.next(), Some(Cut::TooLong { line: 2 })));
        assert!(matches!(cutter.next(), Some(Cut::Failed { lines: 1, .. })));
        assert!(cutter.next().is_none());
    }
}

#[test]
fn whole_texts_up_to_the_limit() {
    let whole = |data: &[u8], max| source(data).whole(max).unwrap();
    assert_eq!(whole(b"", 0), Some(Vec::new()));
    assert_eq!(whole(b"abc", 3), Some(b"abc".to_vec()));
    assert_eq!(whole(b"abcd", 3), None);
    let large = vec![b'x'; 300_000];
    assert_eq!(whole(&large, 300_000), Some(large.clone()));
    assert_eq!(whole(&large, 299_999), None);
    let failing = Failing(io::Cursor::new(b"ab".to_vec()));
    assert!(Source::new(Box::new(failing)).whole(9).is_err());
}
