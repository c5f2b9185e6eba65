//! `naskh learn`: makes the tables that ship with the crate from a corpus at hand.

mod affixes;
mod background;

use clap::{Args, Subcommand};

use super::Outcome;
use super::session::Session;

/// What can be typed after `naskh learn`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Learn where the stemmer's prefix rules would be wrong (src/arabic/affixes.txt)
    Affixes(affixes::Flags),
    /// Learn how common stems and pairs of stems are (src/verify/background.bin)
    Background(background::Flags),
}

pub(crate) fn run(flags: Flags, session: &Session) -> anyhow::Result<Outcome> {
    match flags.what {
        What::Affixes(flags) => affixes::run(&flags, session),
        What::Background(flags) => background::run(&flags, session),
    }
}
