//! What segmentation yields: folded words, runs of digits and breaks, each with its place in the original.

use super::letters::{COMMA, FULL_STOP, QUESTION_MARK};

/// What a piece is, before stems are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PieceKind {
    /// A run of letters.
    Word,
    /// A run of digits, with single separators between them.
    Digits,
    /// A full stop or its like: no folded text.
    Sentence,
    /// A line end: no folded text.
    Line,
}

/// One piece: `start..end` are bytes of the original, `from..to` bytes of [`Pieces::folded`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    /// The first letter of the original is an alef that carries a hamza or a madda: it is no article.
    pub(crate) hamza: bool,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) from: u32,
    pub(crate) to: u32,
}

/// The pieces of one text, in order, and their folded text end to end. Reused from text to text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pieces {
    pub(crate) folded: Vec<u8>,
    pub(crate) list: Vec<Piece>,
}

impl Piece {
    /// A piece that stands for bytes `start..end` of the original and is `from..to` in the folded text.
    pub(crate) fn new(kind: PieceKind, start: usize, end: usize, from: usize, to: usize) -> Piece {
        Piece { kind, hamza: false, start: start as u32, end: end as u32, from: from as u32, to: to as u32 }
    }
}

impl Pieces {
    pub(crate) fn clear(&mut self) {
        self.folded.clear();
        self.list.clear();
    }

    /// The folded text of one piece, as bytes of UTF-8.
    pub(crate) fn bytes(&self, piece: &Piece) -> &[u8] {
        &self.folded[piece.from as usize..piece.to as usize]
    }

    /// The folded text of one piece.
    pub(crate) fn text(&self, piece: &Piece) -> &str {
        let bytes = self.bytes(piece);
        debug_assert!(std::str::from_utf8(bytes).is_ok());
        std::str::from_utf8(bytes).unwrap_or_default()
    }

    pub(crate) fn open(&mut self, kind: PieceKind, hamza: bool, start: usize) {
        let from = self.folded.len() as u32;
        self.list.push(Piece { kind, hamza, start: start as u32, end: start as u32, from, to: from });
    }

    /// Ends the last piece at byte `end` of the original.
    pub(crate) fn close(&mut self, end: usize) {
        let to = self.folded.len() as u32;
        if let Some(last) = self.list.last_mut() {
            last.end = end as u32;
            last.to = to;
        }
    }

    /// Adds a break (no text) at byte `start` of the original and byte `from` of the folded text.
    pub(crate) fn cut(&mut self, kind: PieceKind, start: usize, from: usize) {
        self.list.push(Piece::new(kind, start, start, from, from));
    }
}

/// What a folded character does to the word around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// Part of a word.
    Letter,
    /// An ASCII digit (all others have been folded to these).
    Digit,
    /// Joins two digits; elsewhere it only separates.
    Separator,
    /// A full stop: joins two digits; elsewhere it ends a sentence.
    Stop,
    /// Ends a sentence.
    SentenceEnd,
    /// White space.
    Space,
    /// A line end.
    Line,
    /// Any other sign.
    Other,
}

/// The class of a folded character.
pub(crate) fn class(c: char) -> Class {
    match c {
        '0'..='9' => Class::Digit,
        '.' => Class::Stop,
        ',' | COMMA => Class::Separator,
        '!' | '?' | QUESTION_MARK | FULL_STOP => Class::SentenceEnd,
        '\n' | '\u{2028}' | '\u{2029}' => Class::Line,
        c if c.is_whitespace() => Class::Space,
        c if c.is_alphabetic() || (!c.is_ascii() && c.is_numeric()) => Class::Letter,
        _ => Class::Other,
    }
}
