//! Groups as JSON Lines: an object a group.

use std::io::{self, Write};

use naskh::{IndexGroup, Listing, indexed_group_line};

/// Writes `groups`, numbered from 0.
pub(crate) fn write(out: &mut dyn Write, groups: &Listing<'_>) -> io::Result<()> {
    for line in groups.lines() {
        // Not to_writer: its errors hide a closed pipe.
        writeln!(out, "{}", line?)?;
    }
    Ok(())
}

/// Writes a group of an index as group number `group`.
pub(crate) fn write_indexed(out: &mut dyn Write, group: usize, told: &IndexGroup) -> io::Result<()> {
    writeln!(out, "{}", indexed_group_line(group, told)?)
}

#[cfg(test)]
mod tests {
    use super::super::samples::{sample, sample_with_updates};
    use super::*;

    #[test]
    fn a_line_a_group() {
        let (corpus, groups) = sample();
        let mut out = Vec::new();
        write(&mut out, &Listing::new(&corpus, &groups, true)).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[1],
            r#"{"group":1,"size":2,"representative":"b","members":[{"id":"b","relation":"representative","score":1.0},{"id":"d","relation":"derived","score":0.9877}],"weakest":0.9877,"spread":null}"#
        );
    }

    #[test]
    fn updates_come_last_and_only_where_wanted() {
        let (corpus, groups, links) = sample_with_updates();
        let mut out = Vec::new();
        write(&mut out, &Listing::new(&corpus, &groups, false).with_updates(&links)).unwrap();
        let out = String::from_utf8(out).unwrap();
        let updates: Vec<&str> = out.lines().map(|line| line.split_once(r#","updates":"#).unwrap().1).collect();
        let expected = [
            r#"[{"id":"e","of":"b","score":0.5556,"group":null},{"id":"c","of":"b","score":0.2,"group":null}]}"#,
            r#"[{"id":"c","of":"a","score":0.3,"group":null},{"id":"b","of":"a","score":0.1111,"group":0}]}"#,
        ];
        assert_eq!(updates, expected);
        // None are told as none.
        let mut out = Vec::new();
        write(&mut out, &Listing::new(&corpus, &groups, false).with_updates(&[])).unwrap();
        assert!(out.ends_with(b",\"updates\":[]}\n"));
    }
}
