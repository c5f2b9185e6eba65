//! Groups for people: a heading a group, a line a member or an update, the title last since it may run to the left.

use std::io::{self, Write};

use naskh::{ListedGroup, ListedMember, Listing};

use super::Screen;
use super::grid::pad_left_aligned;
use super::screen::cells;

/// A column of ids or sources is padded up to this width; a longer one pushes the rest of its line.
const WIDEST: usize = 40;
const INDENT: &str = "  ";
/// As wide as the widest relation, and as scores.
const RELATION: usize = "representative".len();
const GAP: usize = 2;

/// Writes `groups`, numbered from 0.
pub(crate) fn write(out: &mut dyn Write, groups: &Listing<'_>, screen: Screen) -> io::Result<()> {
    let (mut date, mut source, mut id) = (0, 0, 0);
    for member in groups.iter().flat_map(lines) {
        date = date.max(member.date().len());
        source = source.max(cells(&screen.show(member.source)).min(WIDEST));
        id = id.max(cells(&screen.show(&member.header.id)).min(WIDEST));
    }
    let written = |number: usize, told: ListedGroup<'_>| {
        let size = told.members.len();
        let mut text = if number > 0 { "\n".to_owned() } else { String::new() };
        text += &format!("group {number}: {size} article{}", if size == 1 { "" } else { "s" });
        // Of a single article there is nothing to say.
        if size > 1 {
            text += &format!(", weakest {:.4}", told.weakest);
        }
        if let Some(days) = told.spread {
            text += &format!(", spread {days:.1} days");
        }
        text.push('\n');
        for member in lines(told) {
            let mut line = INDENT.to_owned();
            let mut column = |text: &str, width: usize| {
                if width > 0 {
                    pad_left_aligned(&mut line, text, width.max(cells(text)) + GAP);
                }
            };
            column(member.relation, RELATION);
            column(&format!("{:.4}", member.score), "0.0000".len());
            column(&member.date(), date);
            column(&screen.show(member.source), source);
            column(&screen.show(&member.header.id), id);
            let room = screen.left(&line);
            line.push_str(&screen.show_within(&groups.title(&member), room));
            text += line.trim_end();
            text.push('\n');
        }
        text
    };
    groups.told(written).try_for_each(|text| out.write_all(text.as_bytes()))
}

/// The members, then their updates.
fn lines(told: ListedGroup<'_>) -> impl Iterator<Item = ListedMember<'_>> {
    told.members.into_iter().chain(told.updates.into_iter().flatten().map(|update| update.article))
}

#[cfg(test)]
mod tests {
    use super::super::samples::{sample, sample_with_updates};
    use super::*;

    #[test]
    fn a_heading_and_aligned_members() {
        let (corpus, groups) = sample();
        let mut out = Vec::new();
        write(&mut out, &Listing::new(&corpus, &groups, true), Screen::PLAIN).unwrap();
        let out = String::from_utf8(out).unwrap();
        let expected = "\
group 0: 1 article
  representative  1.0000                         e  Title e

group 1: 2 articles, weakest 0.9877
  representative  1.0000  2026-04-12  wire, \"A\"  b  Title b
  derived         0.9877                         d  Title d

";
        assert!(out.starts_with(expected), "{out}");
    }

    #[test]
    fn updates_stand_below_the_members() {
        let (corpus, groups, links) = sample_with_updates();
        let mut out = Vec::new();
        write(&mut out, &Listing::new(&corpus, &groups, false).with_updates(&links), Screen::PLAIN).unwrap();
        let expected = "\
group 0: 2 articles, weakest 0.9000, spread 2.0 days
  representative  1.0000  2026-04-02  b  Title b
  derived         0.9000  2026-04-04  d  Title d
  update          0.5556  2026-04-05  e  Title e
  update          0.2000  2026-04-03  c  Title c

group 1: 1 article
  representative  1.0000  2026-04-01  a  Title a
  update          0.3000  2026-04-03  c  Title c
  update          0.1111  2026-04-02  b  Title b
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
