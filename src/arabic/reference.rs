//! Segmentation as it is specified: fold the text, cut it by UAX #29, split each segment into runs of
//! letters and runs of digits. Slow and plain; [`super::fast`] must yield the same pieces.
//!
//! Beyond UAX #29: signs inside a segment cut it (the standard keeps `word.word` and `word:word` together,
//! which Arabic newspapers write for want of a space), and so does a change between letters and digits.

use unicode_segmentation::UnicodeSegmentation;

use super::fold::fold_char;
use super::letters::{ALEF_HAMZA_ABOVE, ALEF_HAMZA_BELOW, ALEF_MADDA};
use super::pieces::{Class, Piece, PieceKind, Pieces, class};

/// Does this character of the original say that an initial alef is not the article's?
pub(crate) fn is_hamza_alef(c: char) -> bool {
    matches!(c, ALEF_MADDA | ALEF_HAMZA_ABOVE | ALEF_HAMZA_BELOW)
}

/// Appends the pieces of `text`, whose first byte is byte `base` of the original.
pub(crate) fn segment(text: &str, base: usize, pieces: &mut Pieces) {
    // For each folded character: the bytes of the original it stands for, and whether they are an alef with
    // hamza.
    let mut folded = String::with_capacity(text.len());
    let mut origin: Vec<(u32, u32, bool)> = Vec::with_capacity(text.len() / 2);
    for (at, c) in text.char_indices() {
        let before = origin.len();
        let (start, end) = ((base + at) as u32, (base + at + c.len_utf8()) as u32);
        fold_char(c, |x| {
            folded.push(x);
            origin.push((start, end, is_hamza_alef(c)));
        });
        // A mark belongs to the letter before it.
        if origin.len() == before
            && let Some(last) = origin.last_mut()
        {
            last.1 = end;
        }
    }

    let mut index = 0;
    let mut run = Run::default();
    for part in folded.split_word_bounds() {
        let mut chars = part.chars().peekable();
        while let Some(c) = chars.next() {
            let (start, end, hamza) = origin[index];
            let (start, end) = (start as usize, end as usize);
            index += 1;
            let kind = match class(c) {
                Class::Letter => Some(PieceKind::Word),
                Class::Digit => Some(PieceKind::Digits),
                Class::Separator | Class::Stop
                    if run.kind == Some(PieceKind::Digits)
                        && chars.peek().is_some_and(|&n| class(n) == Class::Digit) =>
                {
                    run.kind
                }
                _ => None,
            };
            if run.kind != kind {
                run.close(pieces);
                run = Run { kind, hamza, start, ..run };
            }
            if kind.is_some() {
                run.folded.push(c);
                run.end = end;
                continue;
            }
            match class(c) {
                Class::Stop | Class::SentenceEnd => pieces.list.push(Piece::cut(PieceKind::Sentence, start)),
                Class::Line => pieces.list.push(Piece::cut(PieceKind::Line, start)),
                _ => {}
            }
        }
        run.close(pieces);
    }
}

/// A run of letters or digits in the making.
#[derive(Default)]
struct Run {
    kind: Option<PieceKind>,
    hamza: bool,
    start: usize,
    end: usize,
    folded: String,
}

impl Run {
    fn close(&mut self, pieces: &mut Pieces) {
        if let Some(kind) = self.kind.take() {
            pieces.push(kind, self.hamza, self.start..self.end, &self.folded);
            self.folded.clear();
        }
    }
}
