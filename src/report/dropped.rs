//! The articles that are dropped, as JSON Lines in the order of the input: an object an article, which says what is kept
//! in its place and why.

use std::io::{self, Write};

use naskh::{Corpus, Decision};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'c> {
    id: &'c str,
    group: u32,
    kept: &'c str,
    representative: &'c str,
    relation: &'static str,
    score: f64,
}

/// Writes those of `decisions`, one for each article of `corpus`, that drop theirs.
pub(crate) fn write(out: &mut dyn Write, corpus: &Corpus, decisions: &[Decision]) -> io::Result<()> {
    let header = |article: u32| &corpus.headers[article as usize];
    let mut lines: Vec<(u32, Line)> = (0u32..)
        .zip(decisions)
        .filter(|(article, decision)| decision.kept != *article)
        .filter_map(|(article, decision)| {
            let membership = decision.membership?;
            let line = Line {
                id: &header(article).id,
                group: membership.group,
                kept: &header(decision.kept).id,
                representative: &header(membership.representative).id,
                relation: membership.relation(),
                score: membership.score(),
            };
            Some((header(article).position, line))
        })
        .collect();
    lines.sort_unstable_by_key(|(position, _)| *position);
    for (_, line) in &lines {
        // Not to_writer: its errors hide a closed pipe.
        writeln!(out, "{}", serde_json::to_string(line)?)?;
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
