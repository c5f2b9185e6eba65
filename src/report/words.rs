//! The tokens of a text: each word as written, folded and stemmed, and where it stands.

use std::io::{self, Write};

use naskh::SpelledToken;
use serde::Serialize;

use super::{Grid, Screen};

/// A text and its tokens.
pub(crate) struct Spelled<'t> {
    pub(crate) text: &'t str,
    pub(crate) tokens: Vec<SpelledToken>,
}

#[derive(Serialize)]
struct Object<'t> {
    title: Vec<Entry<'t>>,
    text: Vec<Entry<'t>>,
}

#[derive(Serialize)]
struct Entry<'t> {
    word: &'t str,
    folded: &'t str,
    stem: &'t str,
    kind: &'static str,
    start: usize,
    end: usize,
}

impl Spelled<'_> {
    fn entries<'t>(&'t self) -> Vec<Entry<'t>> {
        let entry = |spelled: &'t SpelledToken| {
            let SpelledToken { token, folded, stem } = spelled;
            let span = token.span();
            Entry {
                word: self.text.get(span.clone()).unwrap_or_default(),
                folded,
                stem,
                kind: token.kind.name(),
                start: span.start,
                end: span.end,
            }
        };
        self.tokens.iter().map(entry).collect()
    }
}

/// For people: a table of the title, where there is one, and a table of the text.
pub(crate) fn write(out: &mut dyn Write, title: &Spelled, text: &Spelled, screen: Screen) -> io::Result<()> {
    if !title.tokens.is_empty() {
        writeln!(out, "title")?;
        write_table(out, title, screen)?;
        writeln!(out, "\ntext")?;
    }
    write_table(out, text, screen)
}

fn write_table(out: &mut dyn Write, spelled: &Spelled, screen: Screen) -> io::Result<()> {
    let headings = ["word", "folded", "stem", "kind", "bytes"];
    let mut grid = Grid::new(headings.map(str::to_owned), screen).text_columns(headings.len());
    for entry in spelled.entries() {
        let bytes = format!("{}..{}", entry.start, entry.end);
        grid.row([entry.word, entry.folded, entry.stem, entry.kind, &bytes].map(str::to_owned));
    }
    grid.write(out)
}

/// For programs: an object with the tokens of both.
pub(crate) fn to_json(title: &Spelled, text: &Spelled) -> serde_json::Result<String> {
    serde_json::to_string(&Object { title: title.entries(), text: text.entries() })
}
