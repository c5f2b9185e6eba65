//! What happened in a run, for standard error.

use std::fs;
use std::io::{self, Write};
use std::time::Duration;

use naskh::{Config, Corpus, Decision, Grouping, Keep, Level, Rewritten, Skipped};

use super::escaped;

/// At most so many of the records left out are listed.
const MOST_LISTED: usize = 20;

/// Writes what was read, and what was left out.
pub(crate) fn reading(out: &mut dyn Write, corpus: &Corpus) -> io::Result<()> {
    let summary = &corpus.summary;
    let (articles, files) = (count(corpus.len(), "article"), count(summary.files, "file"));
    let megabytes = summary.bytes as f64 / 1e6;
    writeln!(out, "read        {articles} in {files}, {megabytes:.1} MB")?;
    if summary.ignored > 0 {
        let files = count(summary.ignored, "file");
        writeln!(out, "ignored     {files}, because of the name")?;
    }
    skipped(out, &summary.skipped, summary.skipped_count)?;
    writeln!(out, "empty       {}", summary.empty)?;
    writeln!(out, "furniture   {} dropped", count(summary.furniture, "segment"))
}

/// Writes how many records were left out, if any were, and the first of them with reasons.
pub(crate) fn skipped(out: &mut dyn Write, skipped: &[Skipped], count: u64) -> io::Result<()> {
    if count == 0 {
        return Ok(());
    }
    writeln!(out, "skipped     {count}")?;
    for skipped in skipped.iter().take(MOST_LISTED) {
        let what = format!("{}: {}", skipped.place, skipped.reason);
        writeln!(out, "  {}", escaped(&what))?;
    }
    let listed = skipped.len().min(MOST_LISTED) as u64;
    if count > listed {
        writeln!(out, "  and {} more", count - listed)?;
    }
    Ok(())
}

/// Writes what grouping did.
pub(crate) fn grouping(out: &mut dyn Write, corpus: &Corpus, found: &Grouping, config: &Config) -> io::Result<()> {
    let summary = &found.summary;
    writeln!(out, "too short   {} (grouped only with identical ones)", summary.short)?;
    duplicates(out, found)?;
    let each = summary.candidates as f64 / corpus.len().max(1) as f64;
    writeln!(out, "candidates  {} ({each:.2} an article)", summary.candidates)?;
    let (pairs, links) = (count(summary.verified, "pair"), count(found.links.len(), "link"));
    writeln!(out, "verified    {pairs}; {links}")?;
    let events = summary.events;
    if config.level == Level::Event {
        let (neighbours, scored) = (events.neighbours, events.scored);
        writeln!(out, "events      {} of neighbours; {scored} scored", count(neighbours, "pair"))?;
    }
    groups(out, found)?;
    if config.updates {
        writeln!(out, "updates     {}", count(found.updates.len(), "pair"))?;
    }
    let cut = summary.cut;
    if cut.buckets > 0 {
        let (buckets, pairs) = (cut.buckets, cut.pairs_not_proposed);
        writeln!(out, "index cut   {buckets} large buckets, which did not propose {pairs} pairs")?;
    }
    if cut.shingles_over_df > 0 {
        let (shingles, most) = (cut.shingles_over_df, config.index.max_df);
        writeln!(out, "index cut   {shingles} shingles in more than {most} articles")?;
    }
    if events.long_lists > 0 {
        let (lists, most) = (events.long_lists, config.neighbours.max_df);
        writeln!(out, "events cut  {lists} look-ups by a stem that more than {most} articles within the window have")?;
    }
    Ok(())
}

/// Writes what grouping identical articles alone did.
pub(crate) fn identical(out: &mut dyn Write, found: &Grouping) -> io::Result<()> {
    duplicates(out, found)?;
    groups(out, found)
}

fn duplicates(out: &mut dyn Write, found: &Grouping) -> io::Result<()> {
    writeln!(out, "identical   {} (to an earlier one)", found.summary.identical)
}

fn groups(out: &mut dyn Write, found: &Grouping) -> io::Result<()> {
    let grouped: usize = found.groups.iter().map(|group| group.members.len() + 1).sum();
    writeln!(out, "groups      {} with {}", found.groups.len(), count(grouped, "article"))
}

/// Writes how many articles are kept, and as what the others are dropped.
pub(crate) fn dedup(out: &mut dyn Write, corpus: &Corpus, decisions: &[Decision], keep: &Keep) -> io::Result<()> {
    if let Keep::Source(names) = keep {
        for name in names.iter().filter(|&name| corpus.sources.binary_search(name).is_err()) {
            writeln!(out, "unknown     source {name:?} of --keep: no article has it")?;
        }
    }
    let dropped: Vec<&'static str> = (0u32..)
        .zip(decisions)
        .filter(|(article, decision)| decision.kept != *article)
        .filter_map(|(_, decision)| Some(decision.membership?.relation()))
        .collect();
    writeln!(out, "kept        {}", count(corpus.len() - dropped.len(), "article"))?;
    write!(out, "dropped     {}", count(dropped.len(), "article"))?;
    for (place, relation) in ["identical", "copy", "derived", "representative"].into_iter().enumerate() {
        let number = dropped.iter().filter(|&&other| other == relation).count();
        write!(out, "{} {number} {relation}", if place == 0 { ":" } else { "," })?;
    }
    writeln!(out)
}

/// Writes what was written.
pub(crate) fn rewritten(out: &mut dyn Write, written: Rewritten) -> io::Result<()> {
    let megabytes = written.bytes as f64 / 1e6;
    writeln!(out, "written     {}, {megabytes:.1} MB before packing", count(written.records as usize, "record"))?;
    if written.blank > 0 {
        writeln!(out, "blank       {}, not written", count(written.blank as usize, "line"))?;
    }
    Ok(())
}

/// Writes the time that each stage took, the whole, and the most memory held.
pub(crate) fn cost(
    out: &mut dyn Write,
    reading: Duration,
    stages: &[(&'static str, Duration)],
    total: Duration,
) -> io::Result<()> {
    write!(out, "seconds     ")?;
    for (stage, time) in [("read", reading)].iter().chain(stages) {
        write!(out, "{stage} {:.2}, ", time.as_secs_f64())?;
    }
    writeln!(out, "total {:.2}", total.as_secs_f64())?;
    match peak_memory() {
        Some(kib) => writeln!(out, "peak memory {} MiB", kib.div_ceil(1024)),
        None => Ok(()),
    }
}

fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// The most memory this process has held, in KiB, where the system says it.
fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix("kB")?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use naskh::Place;

    use super::*;

    #[test]
    fn a_long_list_of_skipped_records_is_cut() {
        let skipped = |line| Skipped {
            place: Place { path: "x.jsonl".into(), line: Some(line) },
            reason: "found a number; expected an object".into(),
        };
        let mut corpus = Corpus::default();
        corpus.summary.skipped = (1..=25).map(skipped).collect();
        corpus.summary.skipped_count = 1000;
        let mut out = Vec::new();
        reading(&mut out, &corpus).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains("\n  x.jsonl:20: found a number; expected an object\n  and 980 more\n"), "{out}");
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn linux_tells_the_peak() {
        assert!(peak_memory().unwrap() > 1000);
    }
}
