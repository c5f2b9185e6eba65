//! What an index holds, for people and programs.

use std::io::{self, Write};

use naskh::{IndexSettings, IndexStats, stats_line};

/// Writes it as a table, or as one JSON object on a line.
pub(crate) fn write(
    out: &mut dyn Write,
    settings: &IndexSettings,
    stats: &IndexStats,
    as_json: bool,
) -> io::Result<()> {
    if as_json {
        return writeln!(out, "{}", stats_line(settings, stats));
    }
    let level = settings.level.name();
    let window = settings.window_days.map_or_else(|| "none".to_owned(), |days| format!("{days} days"));
    let text = if settings.store_text { "kept" } else { "not kept" };
    writeln!(out, "settings    level {level}, window {window}, text {text}")?;
    writeln!(out, "articles    {} of {} that came", stats.articles, stats.came)?;
    let megabytes = |bytes: u64| bytes as f64 / 1e6;
    writeln!(out, "bytes       {:.1} MB, of which {:.1} MB free", megabytes(stats.bytes), megabytes(stats.free))?;
    for part in &stats.parts {
        let each = part.bytes as f64 / stats.articles.max(1) as f64;
        writeln!(out, "  {:<21} {:>9.1} MB  {each:>8.1} an article", part.name, megabytes(part.bytes))?;
    }
    writeln!(out, "days        {}", stats.segments.len())?;
    for of in &stats.segments {
        writeln!(out, "  {}  {:>8} articles, {} removed", of.date(), of.articles, of.removed)?;
    }
    Ok(())
}
