//! Makes Arabic news at any scale with the truth about its repetitions beside it, and measures groups against it.
//!
//! `generate --articles N -o FILE.jsonl --truth FILE.tsv` writes articles (docs/generated.md says how they are made),
//! `generate score` holds groups against the truth, `generate describe` compares texts by figures, and `generate learn`
//! makes the table of word pairs that all of it is written by.

mod chain;
mod describe;
mod draft;
mod learn;
mod output;
mod plan;
#[path = "../random.rs"]
mod random;
mod retell;
mod score;
mod synonyms;
mod table;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::{Args, Parser, Subcommand};

use chain::Chain;
use plan::{Plan, Settings};

/// Makes Arabic news with planted repetitions
#[derive(Parser)]
#[command(args_conflicts_with_subcommands = true)]
struct Flags {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    write: Option<WriteFlags>,
}

#[derive(Args)]
struct WriteFlags {
    /// How many articles
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=1_000_000_000))]
    articles: u64,
    /// The same seed gives the same bytes, on every machine
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the articles go, JSON Lines
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    /// Where the truth goes: tab-separated id, family, kind
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
    /// Of 1,000 articles so many are in families that tell one report
    #[arg(long, value_name = "SHARE", default_value_t = 250, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    families: u64,
    /// The largest family
    #[arg(long, value_name = "SIZE", default_value_t = 6, value_parser = clap::value_parser!(u64).range(2..=output::OUTLETS))]
    largest: u64,
    /// Of 1,000 articles so many are by templates, eight by each
    #[arg(long, value_name = "SHARE", default_value_t = 30, value_parser = clap::value_parser!(u64).range(0..=1_000))]
    series: u64,
    /// How often families are of each kind: copy, abridged, merged, reworded
    #[arg(long, value_name = "WEIGHTS", default_value = "4,2,1,2", value_delimiter = ',', num_args = 4)]
    kinds: Vec<u64>,
    /// Articles a day
    #[arg(long, value_name = "N", default_value_t = 1_300, value_parser = clap::value_parser!(u64).range(1..))]
    a_day: u64,
    /// Threads (0: all); the bytes are the same
    #[arg(long, value_name = "N", default_value_t = 0)]
    threads: usize,
}

#[derive(Subcommand)]
enum Command {
    /// Measure groups, as `naskh group --format jsonl` writes them, against the truth
    Score {
        /// The truth, as written beside the articles
        #[arg(long)]
        truth: PathBuf,
        /// Groups, a line of JSON each
        #[arg(long)]
        groups: PathBuf,
        /// Also tell which planted pairs were verified: what `naskh group --pairs` wrote
        #[arg(long, value_name = "FILE")]
        pairs: Option<PathBuf>,
        /// Write the planted pairs that are in no group together: tab-separated a, b, kind
        #[arg(long, value_name = "FILE")]
        missed: Option<PathBuf>,
    },
    /// Compare texts by figures: a table with a column for each file of articles
    Describe {
        /// Files of articles
        #[arg(required = true)]
        inputs: Vec<PathBuf>,
    },
    /// Learn the chain of word pairs from real articles
    Learn {
        /// Files of articles
        #[arg(long, required = true)]
        articles: Vec<PathBuf>,
        /// What these are, for the provenance
        #[arg(long)]
        data: String,
        /// The day it is learned, for the provenance
        #[arg(long)]
        date: String,
        #[arg(long, short)]
        output: PathBuf,
    },
    /// Say whence the chain is
    Provenance,
}

fn main() -> anyhow::Result<()> {
    let flags = Flags::parse();
    match (flags.command, flags.write) {
        (None, Some(flags)) => write(flags),
        (None, None) => <Flags as clap::CommandFactory>::command().print_help().context("the help"),
        (Some(Command::Score { truth, groups, pairs, missed }), _) => {
            print(&score::score(&truth, &groups, pairs.as_deref(), missed.as_deref())?.table())
        }
        (Some(Command::Describe { inputs }), _) => print(&describe::describe(&inputs)?),
        (Some(Command::Learn { articles, data, date, output }), _) => {
            let chain = learn::learn(&articles, &data, &date)?;
            std::fs::write(&output, chain).with_context(|| output.display().to_string())
        }
        (Some(Command::Provenance), _) => {
            let chain = Chain::shipped()?;
            let words = chain.words.len() - chain::MARKS.len();
            let provenance = serde_json::to_string_pretty(&chain.provenance)?;
            print(&format!("{provenance}\n{words} words, {} pairs\n", chain.listed()))
        }
    }
}

fn write(flags: WriteFlags) -> anyhow::Result<()> {
    let kinds = <[u64; 4]>::try_from(flags.kinds).ok().filter(|kinds| kinds.iter().sum::<u64>() > 0);
    let settings = Settings {
        articles: flags.articles,
        seed: flags.seed,
        families: flags.families,
        largest: flags.largest,
        series: flags.series,
        kinds: kinds.context("expected four weights in --kinds, not all 0")?,
        a_day: flags.a_day,
    };
    ensure!(flags.truth.as_ref() != Some(&flags.output), "found the same FILE for --output and --truth");
    rayon::ThreadPoolBuilder::new().num_threads(flags.threads).build_global()?;
    let create = |path: &PathBuf| File::create(path).with_context(|| path.display().to_string()).map(BufWriter::new);
    let mut articles = create(&flags.output)?;
    let mut truth = flags.truth.as_ref().map(create).transpose()?;
    let chain = Chain::shipped()?;
    let truth_out = truth.as_mut().map(|truth| truth as &mut (dyn Write + Send));
    output::write(&Plan::new(settings.clone()), &settings, &chain, &mut articles, truth_out)?;
    articles.flush()?;
    truth.map_or(Ok(()), |mut truth| truth.flush())?;
    Ok(())
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().write_all(text.as_bytes())?)
}
