//! Groups as CSV: a row a member, and where updates are wanted a row an update.

use std::io::{self, Write};

use naskh::Listing;

const COLUMNS: [&str; 10] =
    ["group", "size", "id", "relation", "score", "source", "date", "title", "weakest", "spread"];

/// The column that comes with updates: the member that an update repeats.
const OF: &str = "of";

/// Writes `groups`, numbered from 0, under the names of the columns.
pub(crate) fn write(out: &mut dyn Write, groups: &Listing<'_>) -> io::Result<()> {
    let mut rows = csv::Writer::from_writer(out);
    rows.write_record(COLUMNS.into_iter().chain(groups.have_updates().then_some(OF))).map_err(plain)?;
    for (number, told) in groups.iter().enumerate() {
        let (number, size) = (number.to_string(), told.members.len().to_string());
        let weakest = format!("{:.4}", told.weakest);
        let spread = told.spread.map_or_else(String::new, |days| format!("{days:.4}"));
        let members = told.members.iter().map(|member| (member, ""));
        let updates = told.updates.iter().flatten().map(|update| (&update.article, update.of));
        for (member, of) in members.chain(updates) {
            let score = format!("{:.4}", member.score);
            let date = member.date();
            let title = groups.title(member);
            let row: [&str; COLUMNS.len()] = [
                &number,
                &size,
                &member.header.id,
                member.relation,
                &score,
                member.source,
                &date,
                &title,
                &weakest,
                &spread,
            ];
            rows.write_record(row.into_iter().chain(told.updates.is_some().then_some(of))).map_err(plain)?;
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
    use super::super::samples::{sample, sample_with_updates};
    use super::*;

    #[test]
    fn a_row_a_member() {
        let (corpus, groups) = sample();
        let mut out = Vec::new();
        write(&mut out, &Listing::new(&corpus, &groups, false)).unwrap();
        let expected = "group,size,id,relation,score,source,date,title,weakest,spread\n\
                        0,2,b,representative,1.0000,\"wire, \"\"A\"\"\",2026-04-12,Title b,0.9877,\n\
                        0,2,d,derived,0.9877,,,Title d,0.9877,\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_row_an_update() {
        let (corpus, groups, links) = sample_with_updates();
        let mut out = Vec::new();
        write(&mut out, &Listing::new(&corpus, &groups, false).with_updates(&links)).unwrap();
        let expected = "group,size,id,relation,score,source,date,title,weakest,spread,of\n\
                        0,2,b,representative,1.0000,,2026-04-02,Title b,0.9000,2.0000,\n\
                        0,2,d,derived,0.9000,,2026-04-04,Title d,0.9000,2.0000,\n\
                        0,2,e,update,0.5556,,2026-04-05,Title e,0.9000,2.0000,b\n\
                        0,2,c,update,0.2000,,2026-04-03,Title c,0.9000,2.0000,b\n\
                        1,1,a,representative,1.0000,,2026-04-01,Title a,1.0000,,\n\
                        1,1,c,update,0.3000,,2026-04-03,Title c,1.0000,,a\n\
                        1,1,b,update,0.1111,,2026-04-02,Title b,1.0000,,a\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
