//! `naskh index expire`: past days out of the index.

use std::path::PathBuf;

use clap::Args;
use naskh::{IndexWriter, Timestamp};

use super::super::Outcome;
use super::super::session::Session;

/// What can be typed after `naskh index expire`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    #[command(flatten)]
    what: What,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
struct What {
    /// Forget the days before this one
    #[arg(long, value_name = "DATE", value_parser = date)]
    before: Option<Timestamp>,
    /// Forget the days that are longer ago than so many, such as 7d
    #[arg(long, value_name = "DAYS", value_parser = days)]
    older_than: Option<u32>,
}

const SECONDS_A_DAY: i64 = 86_400;

fn date(written: &str) -> Result<Timestamp, String> {
    Timestamp::parse(written).ok_or_else(|| "expected a date such as 2026-04-12".into())
}

fn days(written: &str) -> Result<u32, String> {
    let digits = written.strip_suffix('d').unwrap_or(written);
    digits.parse().map_err(|_| "expected a number of days such as 7d".into())
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    let before = match (flags.what.before, flags.what.older_than) {
        (Some(before), _) => before,
        (None, days) => {
            let seconds = Timestamp::now().seconds() - i64::from(days.unwrap_or(0)) * SECONDS_A_DAY;
            Timestamp::from_seconds(seconds).ok_or_else(|| anyhow::anyhow!("--older-than: found too many days"))?
        }
    };
    let expired = IndexWriter::open(&flags.folder)?.expire(before)?;
    session.notes(|notes| writeln!(notes, "forgotten   {expired}"));
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_days() {
        assert_eq!(["7d", "7", "0d"].map(days), [Ok(7), Ok(7), Ok(0)]);
        assert!(["", "d", "-1", "7h", "1.5d"].iter().all(|wrong| days(wrong).is_err()));
    }
}
