//! Page furniture that was dropped, a line each.

use std::io::{self, Write};

use naskh::{FurnitureKind, FurnitureText};
use serde::Serialize;

use super::{Grid, Screen};

#[derive(Serialize)]
struct Line<'f> {
    kind: &'static str,
    source: Option<&'f str>,
    articles: usize,
    text: &'f str,
}

fn name(kind: FurnitureKind) -> &'static str {
    match kind {
        FurnitureKind::Repeated => "repeated",
        FurnitureKind::Teaser => "teaser",
        FurnitureKind::Tag => "tag",
        FurnitureKind::Again => "again",
    }
}

/// For people: a table.
pub(crate) fn write(out: &mut dyn Write, furniture: &[FurnitureText], screen: Screen) -> io::Result<()> {
    let headings = ["kind", "source", "articles", "text"].map(str::to_owned);
    let mut grid = Grid::new(headings, screen).text_columns(2).text_at_end();
    for FurnitureText { kind, source, articles, text } in furniture {
        let source = source.clone().unwrap_or_default();
        grid.row([name(*kind).to_owned(), source, articles.to_string(), text.clone()]);
    }
    grid.write(out)
}

/// For programs: an object a line.
pub(crate) fn write_json(out: &mut dyn Write, furniture: &[FurnitureText]) -> io::Result<()> {
    for FurnitureText { kind, source, articles, text } in furniture {
        let line = Line { kind: name(*kind), source: source.as_deref(), articles: *articles, text };
        writeln!(out, "{}", serde_json::to_string(&line)?)?;
    }
    Ok(())
}
