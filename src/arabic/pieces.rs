//! What segmentation yields: folded words, runs of digits and breaks, each with its place in the original.

use std::ops::Range;

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

/// One piece: `start..end` are bytes of the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) kind: PieceKind,
    /// The first letter of the original is an alef that carries a hamza or a madda: it is no article.
    pub(crate) hamza: bool,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) folded: Folded,
}

impl Piece {
    /// A word of these packed letters at `start..end`.
    #[inline(always)]
    pub(crate) fn word(letters: u64, hamza: bool, start: usize, end: usize) -> Piece {
        Piece { kind: PieceKind::Word, hamza, start: start as u32, end: end as u32, folded: Folded::packed(letters) }
    }

    /// A break (no text) at byte `at` of the original.
    pub(crate) fn cut(kind: PieceKind, at: usize) -> Piece {
        Piece { kind, hamza: false, start: at as u32, end: at as u32, folded: Folded::default() }
    }
}

/// The folded text of a piece in 8 bytes: the letters themselves where it is a word of at most
/// [`Folded::LETTERS`] letters that have a code ([`letter_code`]), as nearly every word is, 6 bits each, the
/// first one lowest; else its place in [`Pieces::folded`]. One text has one packed form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Folded(u64);

impl Folded {
    /// The most letters that are packed.
    pub(crate) const LETTERS: u32 = 10;
    const KEPT: u64 = 1 << 63;

    /// Letters already packed.
    pub(crate) fn packed(letters: u64) -> Folded {
        debug_assert!(letters >> (6 * Self::LETTERS) == 0);
        Folded(letters)
    }

    fn kept(place: Range<usize>) -> Folded {
        Folded(Self::KEPT | (place.start as u64) << 32 | place.len() as u64)
    }

    /// The packed letters, if they are; 0 for no text.
    pub(crate) fn letters(self) -> Option<u64> {
        (self.0 & Self::KEPT == 0).then_some(self.0)
    }
}

/// The pieces of one text, in order. Reused from text to text.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pieces {
    pub(crate) list: Vec<Piece>,
    /// Folded texts that are not packed.
    folded: String,
}

impl Pieces {
    pub(crate) fn clear(&mut self) {
        self.folded.clear();
        self.list.clear();
    }

    /// The folded text of one piece; `buffer` is scratch space.
    pub(crate) fn text<'t>(&'t self, piece: &Piece, buffer: &'t mut String) -> &'t str {
        let Folded(folded) = piece.folded;
        if folded & Folded::KEPT != 0 {
            let (from, len) = ((folded & !Folded::KEPT) >> 32, folded & u64::from(u32::MAX));
            return self.folded.get(from as usize..(from + len) as usize).unwrap_or_default();
        }
        buffer.clear();
        buffer.reserve(2 * Folded::LETTERS as usize);
        let mut letters = folded;
        while letters != 0 {
            if let Some(&letter) = LETTERS.get((letters as usize & 63).wrapping_sub(1)) {
                buffer.push(letter);
            }
            letters >>= 6;
        }
        buffer
    }

    /// Adds a piece whose folded text is `folded`.
    pub(crate) fn push(&mut self, kind: PieceKind, hamza: bool, span: Range<usize>, folded: &str) {
        let folded = match pack(folded) {
            Some(packed) if kind == PieceKind::Word => packed,
            _ => {
                let from = self.folded.len();
                self.folded.push_str(folded);
                Folded::kept(from..self.folded.len())
            }
        };
        self.list.push(Piece { kind, hamza, start: span.start as u32, end: span.end as u32, folded });
    }

    /// Adds the pieces of `others`.
    pub(crate) fn append(&mut self, others: &Pieces) {
        let mut buffer = String::new();
        for piece in &others.list {
            let span = piece.start as usize..piece.end as usize;
            match piece.folded.letters() {
                Some(_) => self.list.push(*piece),
                None => self.push(piece.kind, piece.hamza, span, others.text(piece, &mut buffer)),
            }
        }
    }
}

/// Letters by code, which is one more than their place here: those that folding leaves of English and Arabic.
const LETTERS: [char; 55] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p', 'q', 'r', 's', 't', 'u', 'v', 'w',
    'x', 'y', 'z', '\u{0621}', '\u{0627}', '\u{0628}', '\u{062A}', '\u{062B}', '\u{062C}', '\u{062D}', '\u{062E}',
    '\u{062F}', '\u{0630}', '\u{0631}', '\u{0632}', '\u{0633}', '\u{0634}', '\u{0635}', '\u{0636}', '\u{0637}',
    '\u{0638}', '\u{0639}', '\u{063A}', '\u{0641}', '\u{0642}', '\u{0643}', '\u{0644}', '\u{0645}', '\u{0646}',
    '\u{0647}', '\u{0648}', '\u{064A}',
];

/// The code of a folded letter, 1 to 62, if it has one.
pub(crate) fn letter_code(c: char) -> Option<u8> {
    LETTERS.iter().position(|&letter| letter == c).map(|at| at as u8 + 1)
}

/// A folded word packed.
fn pack(word: &str) -> Option<Folded> {
    let (letters, _) = word.chars().try_fold((0, 0), |(letters, bits), c| {
        let code = letter_code(c).filter(|_| bits < 6 * Folded::LETTERS)?;
        Some((letters | u64::from(code) << bits, bits + 6))
    })?;
    Some(Folded(letters))
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
