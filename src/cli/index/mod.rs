//! `naskh index`: an index of articles that lives on, and what can be done with it.

mod add;
mod check;
mod compact;
mod create;
mod expire;
mod export;
mod query;
mod remove;
mod stats;
pub(super) mod watch;

use std::io::Write;

use clap::{Args, Subcommand, ValueEnum};
use naskh::{Added, OnConflict, added_line};

use super::Outcome;
use super::session::Session;

/// What can be typed after `naskh index`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make an empty index; its settings stay with it
    Create(create::Flags),
    /// Add articles, and tell of each its group and what it matches: a JSON object a line, in their order
    Add(add::Flags),
    /// Find the articles that are the same report as those of a file
    Query(query::Flags),
    /// Remove articles
    Remove(remove::Flags),
    /// Forget the articles of past days
    Expire(expire::Flags),
    /// Show what an index holds
    Stats(stats::Flags),
    /// Look at every checksum and reference; ends with 1 if something is wrong
    Check(check::Flags),
    /// Write the groups, as `naskh group --format jsonl` does
    Export(export::Flags),
    /// Give room back that is not in use
    Compact(compact::Flags),
    /// Add the files of a folder as they appear, each article once
    Watch(watch::Flags),
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    match &flags.command {
        Command::Create(flags) => create::run(flags),
        Command::Add(flags) => add::run(flags, session),
        Command::Query(flags) => query::run(flags, session),
        Command::Remove(flags) => remove::run(flags, session),
        Command::Expire(flags) => expire::run(flags, session),
        Command::Stats(flags) => stats::run(flags),
        Command::Check(flags) => check::run(flags),
        Command::Export(flags) => export::run(flags),
        Command::Compact(flags) => compact::run(flags, session),
        Command::Watch(flags) => watch::run(flags, session),
    }
}

/// How articles are added.
#[derive(Debug, Args)]
#[command(next_help_heading = "Adding")]
struct AddingFlags {
    /// What to do about an article whose id is in the index already
    #[arg(long, value_name = "WHAT", default_value = "refuse")]
    on_conflict: OnConflictFlag,
    /// When an article is safe from then on, and told: one by one, or some thousand at a time
    #[arg(long, value_name = "WHEN", default_value = "batch")]
    sync: Sync,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum OnConflictFlag {
    /// Stop: an error
    Refuse,
    /// Put the new one in the place of the old
    Replace,
    /// Leave the new one out
    Skip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Sync {
    /// Each article before the next
    Always,
    /// Some thousand together, which is much faster
    Batch,
}

impl OnConflictFlag {
    fn settle(self) -> OnConflict {
        match self {
            OnConflictFlag::Refuse => OnConflict::Refuse,
            OnConflictFlag::Replace => OnConflict::Replace,
            OnConflictFlag::Skip => OnConflict::Skip,
        }
    }
}

impl Sync {
    /// How many articles are made safe together at most.
    fn together(self) -> usize {
        match self {
            Sync::Always => 1,
            Sync::Batch => usize::MAX,
        }
    }
}

/// Writes a line for each of `added`.
fn write_added(out: &mut dyn Write, added: &[Added]) -> std::io::Result<()> {
    added.iter().try_for_each(|one| writeln!(out, "{}", added_line(one)?))
}
