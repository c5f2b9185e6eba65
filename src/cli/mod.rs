//! The command line: what can be typed, and which file does what was asked.

mod compare;
mod dedup;
mod errors;
mod eval;
mod evaluation_table;
mod fit;
mod flags;
mod group;
mod index;
mod judged;
mod large_pages;
mod learn;
mod output;
mod packed;
mod pairs;

mod score;
mod session;
mod sink;
mod trouble;
mod words;

use anyhow::Context;
use clap::{Parser, Subcommand};

use flags::Global;
use session::Session;
pub(crate) use trouble::{complain, is_closed_pipe};

/// How a command ended, if nothing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Done; to a question: yes.
    Done,
    /// The answer to a question: no.
    No,
}

/// Finds the Arabic news articles that tell the same report, and groups them
///
/// INPUT is a file, a folder (read recursively) or `-` for standard input: plain text, one article a file, or
/// JSON Lines, one article a line; plain, gzip or zstd. Ends with 0 (done; the same report), 1 (`compare`: not the
/// same report) or 2 (trouble).
#[derive(Debug, Parser)]
#[command(name = "naskh", version, max_term_width = 110)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Group the articles that tell the same report
    Group(group::Flags),
    /// Keep one article of each group of copies, and write the records as they stand in the input
    Dedup(dedup::Flags),
    /// Compare two articles, with reasons; ends with 0 if they tell the same report (`--level event`: are about the same
    /// event), else with 1
    Compare(compare::Flags),
    /// Keep an index of articles that come and go, and ask it
    Index(index::Flags),
    /// Add the files of a folder to an index as they appear (`naskh index watch`)
    Watch(index::watch::Flags),
    /// Score given pairs of articles
    Score(score::Flags),
    /// Measure verdicts and groups against judged pairs, of which those of label 4 and 5 are true (`--level
    /// copy`: 5, `--level event`: 3 to 5)
    Eval(eval::Flags),
    /// Fit a model to judged pairs
    Fit(fit::Flags),
    /// Learn the tables that ship with naskh
    Learn(learn::Flags),
    /// Show what the tokenizer makes of a text, or the page furniture of many
    Words(words::Flags),
}

/// Reads the command line and does what it says. A usage error ends the process with 2.
pub(crate) fn run() -> anyhow::Result<Outcome> {
    let Cli { global, command } = Cli::parse();
    if let Some(threads) = global.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads.into())
            .build_global()
            .with_context(|| format!("--threads {threads}"))?;
    }
    let session = Session::new(global.quiet);
    // By one of the threads that do the work: any other would hand each step over to them, wait and be woken again.
    rayon::scope(|_| match command {
        Command::Group(flags) => group::run(flags, &session),
        Command::Dedup(flags) => dedup::run(&flags, &session),
        Command::Compare(flags) => compare::run(&flags, &session),
        Command::Index(flags) => index::run(&flags, &session),
        Command::Watch(flags) => index::watch::run(&flags, &session),
        Command::Score(flags) => score::run(&flags, &session),
        Command::Eval(flags) => eval::run(&flags, &session),
        Command::Fit(flags) => fit::run(&flags, &session),
        Command::Learn(flags) => learn::run(flags, &session),
        Command::Words(flags) => words::run(&flags, &session),
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_fit_together_and_each_has_its_help() {
        fn check(command: &clap::Command) {
            for flag in command.get_arguments() {
                assert!(flag.get_help().is_some(), "{} {}: no help", command.get_name(), flag.get_id());
            }
            command.get_subcommands().for_each(check);
        }
        let command = Cli::command();
        command.clone().debug_assert();
        check(&command);
    }
}
