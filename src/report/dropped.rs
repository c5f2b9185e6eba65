//! The articles that are dropped, as JSON Lines in the order of the input: an object an article, which says what is kept
//! in its place and why.

use std::io::{self, Write};

use naskh::{Corpus, Decision, dropped};

/// Writes those of `decisions`, one for each article of `corpus`, that drop theirs.
pub(crate) fn write(out: &mut dyn Write, corpus: &Corpus, decisions: &[Decision]) -> io::Result<()> {
    for line in dropped(corpus, decisions) {
        // Not to_writer: its errors hide a closed pipe.
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use naskh::{Keep, dedup};

    use super::super::samples::sample;
    use super::*;

    #[test]
    fn a_line_for_each_that_is_dropped() {
        let (corpus, groups) = sample();
        for (keep, expected) in [
            (
                Keep::Earliest,
                r#"{"id":"d","group":0,"kept":"b","representative":"b","relation":"derived","score":0.9877}"#,
            ),
            // `d` stands before `b` in the input.
            (
                Keep::First,
                r#"{"id":"b","group":0,"kept":"d","representative":"b","relation":"representative","score":1.0}"#,
            ),
        ] {
            let mut out = Vec::new();
            write(&mut out, &corpus, &dedup(&corpus, &groups, &keep)).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("{expected}\n"));
        }
    }
}
