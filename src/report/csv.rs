//! Groups as CSV: a row a member.

use std::io::{self, Write};

use super::Groups;

const COLUMNS: [&str; 10] =
    ["group", "size", "id", "relation", "score", "source", "date", "title", "weakest", "spread"];

/// Writes `groups`, numbered from 0, under the names of the columns.
pub(crate) fn write(out: &mut dyn Write, groups: &Groups<'_>) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(COLUMNS).map_err(plain)?;
    for (number, told) in groups.iter().enumerate() {
        let (number, size) = (number.to_string(), told.members.len().to_string());
        let weakest = format!("{:.4}", told.weakest);
        let spread = told.spread.map_or_else(String::new, |days| format!("{days:.4}"));
        for member in &told.members {
            let score = format!("{:.4}", member.score);
            rows.write_record([
                &number,
                &size,
                &member.header.id,
                member.relation,
                &score,
                member.source,
                &member.date(),
                &member.header.title,
                &weakest,
                &spread,
            ])
            .map_err(plain)?;
        }
    }
    rows.flush()
}

/// The error of the writer itself, which tells a closed pipe from others.
fn plain(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::groups::tests::sample;
    use super::*;

    #[test]
    fn a_row_a_member() {
        let (corpus, groups) = sample();
        let mut out = Vec::new();
        write(&mut out, &Groups::new(&corpus, &groups, false)).unwrap();
        let expected = "group,size,id,relation,score,source,date,title,weakest,spread\n\
                        0,2,b,representative,1.0000,\"wire, \"\"A\"\"\",2026-04-12,Title b,0.9877,\n\
                        0,2,d,derived,0.9877,,,Title d,0.9877,\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
