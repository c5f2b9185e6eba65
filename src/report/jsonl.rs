//! Groups as JSON Lines: an object a group.

use std::io::{self, Write};

use naskh::{ListedUpdate, Listing};
use serde::Serialize;

#[derive(Serialize)]
struct Line<'c> {
    group: usize,
    size: usize,
    representative: &'c str,
    members: Vec<Entry<'c>>,
    weakest: f64,
    spread: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updates: Option<Vec<UpdateEntry<'c>>>,
}

#[derive(Serialize)]
struct Entry<'c> {
    id: &'c str,
    relation: &'static str,
    score: f64,
}

#[derive(Serialize)]
struct UpdateEntry<'c> {
    id: &'c str,
    of: &'c str,
    score: f64,
    group: Option<usize>,
}

/// Writes `groups`, numbered from 0.
pub(crate) fn write(out: &mut dyn Write, groups: &Listing<'_>) -> io::Result<()> {
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
            updates: told.updates.map(|updates| updates.iter().map(UpdateEntry::new).collect()),
        };
        // Not to_writer: its errors hide a closed pipe.
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}

impl<'c> UpdateEntry<'c> {
    fn new(update: &ListedUpdate<'c>) -> UpdateEntry<'c> {
        UpdateEntry { id: &update.article.header.id, of: update.of, score: update.article.score, group: update.group }
    }
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
