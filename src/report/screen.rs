//! Text of the input on the user's screen: harmless, in its own direction, and no wider than there is room.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// FIRST STRONG ISOLATE: what follows has its own direction ...
const ISOLATE: char = '\u{2068}';
/// ... up to POP DIRECTIONAL ISOLATE.
const POP: char = '\u{2069}';

/// What text is shown on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Screen {
    /// A terminal, which may order words by direction; a file is to hold the bare text.
    isolates: bool,
    /// Cells in a line; `None`: no bound.
    width: Option<usize>,
}

impl Screen {
    /// A file or a pipe.
    pub(crate) const PLAIN: Screen = Screen { isolates: false, width: None };

    /// Standard output.
    pub(crate) fn of(terminal: bool) -> Screen {
        let size = || console::Term::stdout().size_checked();
        Screen { isolates: terminal, width: if terminal { size().map(|(_, columns)| columns.into()) } else { None } }
    }

    /// Cells left in a line behind `written`, and some in any case.
    pub(crate) fn left(self, written: &str) -> usize {
        const SOME: usize = 10;
        self.width.map_or(usize::MAX, |width| width.saturating_sub(cells(written)).max(SOME))
    }

    /// `text` of the input, on one line.
    pub(crate) fn show(self, text: &str) -> String {
        self.show_within(text, usize::MAX)
    }

    /// The same, cut to `cells`.
    pub(crate) fn show_within(self, text: &str, cells: usize) -> String {
        let one_line = one_line(text);
        let shown = cut(&one_line, cells);
        // Latin letters and digits stand well as they are.
        if self.isolates && !shown.is_ascii() { format!("{ISOLATE}{shown}{POP}") } else { shown.into_owned() }
    }
}

/// Cells that `text` takes.
pub(crate) fn cells(text: &str) -> usize {
    text.width()
}

/// Marks that turn the direction of what follows: unpaired, of the whole screen.
fn turns(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// `text` for a message of one line: what could control a terminal is written as an escape, so that a hostile
/// file name can still be told from others.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if c.is_control() {
            escaped.extend(c.escape_debug());
        } else {
            escaped.push(c);
        }
    }
    Cow::Owned(escaped)
}

/// Blanks and line ends become one blank; what could control a terminal goes.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.extend(word.chars().filter(|&c| !c.is_control() && !turns(c)));
    }
    line
}

fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if cells == usize::MAX || text.width() <= cells {
        return Cow::Borrowed(text);
    }
    let mut used = 1; // The ellipsis.
    let end = text.char_indices().find(|(_, c)| {
        used += c.width().unwrap_or(0);
        used > cells
    });
    let end = end.map_or(text.len(), |(at, _)| at);
    Cow::Owned(format!("{}\u{2026}", text[..end].trim_end()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMINAL: Screen = Screen { isolates: true, width: Some(80) };

    #[test]
    fn nothing_controls_the_terminal() {
        let nasty = "a\u{1B}[2J\u{7} \r\n\u{202E}b\u{2069}\u{9B}c";
        assert_eq!(Screen::PLAIN.show(nasty), "a[2J bc");
    }

    #[test]
    fn arabic_is_isolated_on_a_terminal_only() {
        assert_eq!(TERMINAL.show("خبر 12"), "\u{2068}خبر 12\u{2069}");
        assert_eq!(TERMINAL.show("item 12"), "item 12");
        assert_eq!(Screen::PLAIN.show("خبر 12"), "خبر 12");
        assert_eq!(TERMINAL.show(""), "");
    }

    #[test]
    fn text_is_cut_by_cells() {
        assert_eq!(Screen::PLAIN.show_within("abcdef", 6), "abcdef");
        assert_eq!(Screen::PLAIN.show_within("abcdef", 4), "abc\u{2026}");
        // Marks take no room, CJK letters two cells.
        let shadda = "م\u{651}م\u{651}م\u{651}م\u{651}";
        assert_eq!(Screen::PLAIN.show_within(shadda, 4), shadda);
        assert_eq!(Screen::PLAIN.show_within(shadda, 3), "م\u{651}م\u{651}\u{2026}");
        assert_eq!(Screen::PLAIN.show_within("新聞報道", 4), "新\u{2026}");
    }

    #[test]
    fn room_that_is_left() {
        assert_eq!(Screen::PLAIN.left(&"x".repeat(100)), usize::MAX);
        assert_eq!(TERMINAL.left(&"x".repeat(50)), 30);
        assert_eq!(TERMINAL.left(&"x".repeat(100)), 10);
    }
}
