//! What an index holds, for people and programs.

use std::io::{self, Write};

use naskh::{IndexSettings, IndexStats, Timestamp};
use serde_json::json;

const SECONDS_A_DAY: i64 = 86_400;

/// Writes it as a table, or as one JSON object on a line.
pub(crate) fn write(
    out: &mut dyn Write,
    settings: &IndexSettings,
    stats: &IndexStats,
    as_json: bool,
) -> io::Result<()> {
    let level = settings.level.name();
    let day = |day: i32| {
        Timestamp::from_seconds(i64::from(day) * SECONDS_A_DAY).map_or_else(|| day.to_string(), |day| day.to_string())
    };
    if as_json {
        let days: Vec<_> = stats
            .segments
            .iter()
            .map(|of| json!({ "day": day(of.day), "articles": of.articles, "removed": of.removed }))
            .collect();
        let parts: Vec<_> = stats
            .parts
            .iter()
            .map(|part| json!({ "name": part.name, "rows": part.rows, "bytes": part.bytes }))
            .collect();
        let settings = json!({
            "level": level,
            "window": settings.window_days,
            "threshold": settings.threshold,
            "store_text": settings.store_text,
            "own_model": settings.model.is_some(),
        });
        let (articles, came) = (stats.articles, stats.came);
        let (bytes, free) = (stats.bytes, stats.free);
        let all = json!({
            "articles": articles, "came": came, "bytes": bytes, "free": free,
            "settings": settings, "days": days, "parts": parts,
        });
        return writeln!(out, "{all}");
    }
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
        writeln!(out, "  {}  {:>8} articles, {} removed", day(of.day), of.articles, of.removed)?;
    }
    Ok(())
}
