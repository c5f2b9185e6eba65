//! Groups as JSON Lines: an object a group.

use std::io::{self, Write};

use serde::Serialize;

use super::Groups;

#[derive(Serialize)]
struct Line<'c> {
    group: usize,
    size: usize,
    representative: &'c str,
    members: Vec<Entry<'c>>,
    weakest: f64,
    spread: Option<f64>,
}

#[derive(Serialize)]
struct Entry<'c> {
    id: &'c str,
    relation: &'static str,
    score: f64,
}

/// Writes `groups`, numbered from 0.
pub(crate) fn write(out: &mut dyn Write, groups: &Groups<'_>) -> io::Result<()> {
    for (group, told) in groups.iter().enumerate() {
        let members = told.members.iter();
        let line = Line {
            group,
            size: told.members.len(),
            representative: told.members.first().map_or("", |first| &first.header.id),
            members: members
                .map(|member| Entry { id: &member.header.id, relation: member.relation, score: member.score })
                .collect(),
            weakest: told.weakest,
            spread: told.spread,
        };
        // Not to_writer: its errors hide a closed pipe.
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::groups::tests::sample;
    use super::*;

    #[test]
    fn a_line_a_group() {
        let (corpus, groups) = sample();
        let mut out = Vec::new();
        write(&mut out, &Groups::new(&corpus, &groups, true)).unwrap();
        let out = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!(lines.len(), 4);
        assert_eq!(
            lines[1],
            r#"{"group":1,"size":2,"representative":"b","members":[{"id":"b","relation":"representative","score":1.0},{"id":"d","relation":"derived","score":0.9877}],"weakest":0.9877,"spread":null}"#
        );
    }
}
