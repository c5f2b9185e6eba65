//! Segmentation in one pass over the bytes, for the characters that Arabic news is made of.
//!
//! A table, filled from the reference rules themselves, gives for each character below U+0700 and for
//! general punctuation what it folds to and what it does. A character outside it sends the stretch between
//! two white spaces to [`super::reference`]: no rule of UAX #29 reaches across white space, so the pieces
//! are the same.

use std::sync::LazyLock;

use super::fold::fold_char;
use super::pieces::{Class, Piece, PieceKind, Pieces, class};
use super::reference::{self, is_hamza_alef};

/// Characters below this are looked up directly; general punctuation follows.
const DIRECT: usize = 0x700;
const PUNCTUATION: std::ops::Range<u32> = 0x2000..0x2070;

/// What one character does: a [`Class`], a mark, or a case for the reference.
#[derive(Clone, Copy)]
struct Entry {
    action: Action,
    hamza: bool,
    /// The folded character in UTF-8, one or two bytes.
    bytes: [u8; 2],
    len: u8,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Class(Class),
    Mark,
    Reference,
}

const REFERENCE: Entry = Entry { action: Action::Reference, hamza: false, bytes: [0; 2], len: 0 };

static TABLE: LazyLock<Box<[Entry]>> = LazyLock::new(|| {
    (0..DIRECT as u32).chain(PUNCTUATION).map(|code| char::from_u32(code).map_or(REFERENCE, entry)).collect()
});

fn entry(c: char) -> Entry {
    let mut folded = Vec::new();
    fold_char(c, |x| folded.push(x));
    let hamza = is_hamza_alef(c);
    let (action, x) = match folded[..] {
        [] => (Action::Mark, None),
        [x] => {
            let class = class(x);
            // Letters of other scripts may have segmentation rules of their own.
            let known = class != Class::Letter || x.is_ascii_alphabetic() || ('\u{0620}'..='\u{06FF}').contains(&x);
            let plain = match class {
                Class::Other | Class::Space | Class::Line | Class::SentenceEnd => true,
                _ => x.len_utf8() <= 2,
            };
            if known && plain { (Action::Class(class), Some(x)) } else { (Action::Reference, None) }
        }
        _ => (Action::Reference, None),
    };
    let mut bytes = [0; 2];
    let mut len = 0;
    if let Some(x) = x.filter(|x| x.len_utf8() <= 2) {
        len = x.encode_utf8(&mut bytes).len() as u8;
    }
    Entry { action, hamza, bytes, len }
}

/// The character at `at` (a character boundary): its entry and its length in bytes.
#[inline(always)]
fn look(table: &[Entry], bytes: &[u8], at: usize) -> (Entry, usize) {
    let lead = bytes[at];
    if lead < 0x80 {
        return (table[lead as usize], 1);
    }
    if lead < 0xDC {
        // Two bytes, below U+0700. `text` is UTF-8, so the second byte is there.
        let code = (usize::from(lead) & 0x1F) << 6 | usize::from(bytes[at + 1]) & 0x3F;
        return (table[code], 2);
    }
    if lead == 0xE2 && matches!(bytes[at + 1], 0x80 | 0x81) {
        let code = (usize::from(bytes[at + 1]) & 0x3F) << 6 | usize::from(bytes[at + 2]) & 0x3F;
        if code < PUNCTUATION.len() {
            return (table[DIRECT + code], 3);
        }
    }
    (
        REFERENCE,
        if lead < 0xE0 {
            2
        } else if lead < 0xF0 {
            3
        } else {
            4
        },
    )
}

/// Replaces `pieces` by the pieces of `text`.
pub(crate) fn segment(text: &str, pieces: &mut Pieces) {
    pieces.clear();
    let table: &[Entry] = &TABLE;
    let bytes = text.as_bytes();
    // Folded text is no longer than the original, but for what the reference unfolds.
    let room = |written: usize, at: usize| written + (bytes.len() - at) + 2;
    pieces.folded.resize(room(0, 0), 0);
    let mut written = 0;
    let mut at = 0;
    // Where the stretch since the last white space began: in the text, the list and the folded text.
    let mut stretch = (0, 0, 0);
    // What the reference yields for a stretch.
    let mut apart = Pieces::default();
    while at < bytes.len() {
        let (entry, len) = look(table, bytes, at);
        match entry.action {
            Action::Class(Class::Letter) => {
                let piece =
                    run(table, bytes, (at, written), entry, pieces, |action, _| action == Action::Class(Class::Letter));
                pieces.list.push(Piece { kind: PieceKind::Word, hamza: entry.hamza, ..piece });
                (at, written) = (piece.end as usize, piece.to as usize);
                continue;
            }
            Action::Class(Class::Digit) => {
                let piece = run(table, bytes, (at, written), entry, pieces, |action, next| match action {
                    Action::Class(Class::Digit) => true,
                    Action::Class(Class::Separator | Class::Stop) => digit_follows(table, bytes, next),
                    _ => false,
                });
                pieces.list.push(piece);
                (at, written) = (piece.end as usize, piece.to as usize);
                continue;
            }
            Action::Class(Class::Stop | Class::SentenceEnd) => pieces.cut(PieceKind::Sentence, at, written),
            Action::Class(Class::Line) => {
                pieces.cut(PieceKind::Line, at, written);
                stretch = (at + len, pieces.list.len(), written);
            }
            Action::Class(Class::Space) => stretch = (at + len, pieces.list.len(), written),
            Action::Class(Class::Separator | Class::Other) | Action::Mark => {}
            Action::Reference => {
                let (start, list, folded) = stretch;
                pieces.list.truncate(list);
                at = stretch_end(table, bytes, at + len);
                apart.clear();
                reference::segment(&text[start..at], start, &mut apart);
                written = folded + apart.folded.len();
                // Only what is longer than the original makes it grow: not the whole buffer for every word.
                if pieces.folded.len() < room(written, at) {
                    pieces.folded.resize(room(written, at), 0);
                }
                pieces.folded[folded..written].copy_from_slice(&apart.folded);
                let shift = folded as u32;
                let moved = |p: &Piece| Piece { from: p.from + shift, to: p.to + shift, ..*p };
                pieces.list.extend(apart.list.iter().map(moved));
                stretch = (at, pieces.list.len(), written);
                continue;
            }
        }
        at += len;
    }
    pieces.folded.truncate(written);
}

/// Folds a run of characters from `at` on: the first, `entry`, and all that follow and `belong` (asked with
/// what the character does and where the next one begins). Marks belong to the character before them.
#[inline(always)]
fn run(
    table: &[Entry],
    bytes: &[u8],
    (start, from): (usize, usize),
    first: Entry,
    pieces: &mut Pieces,
    belongs: impl Fn(Action, usize) -> bool,
) -> Piece {
    let (mut at, mut written) = (start + if bytes[start] < 0x80 { 1 } else { 2 }, from);
    let mut entry = first;
    loop {
        // Two bytes are written where one may be meant; the next write takes the second back.
        pieces.folded[written..written + 2].copy_from_slice(&entry.bytes);
        written += entry.len as usize;
        let mut next;
        loop {
            if at >= bytes.len() {
                return Piece::new(PieceKind::Digits, start, at, from, written);
            }
            (entry, next) = look(table, bytes, at);
            if entry.action != Action::Mark {
                break;
            }
            at += next;
        }
        if !belongs(entry.action, at + next) {
            return Piece::new(PieceKind::Digits, start, at, from, written);
        }
        at += next;
    }
}

/// Is the next character that is no mark a digit?
fn digit_follows(table: &[Entry], bytes: &[u8], mut at: usize) -> bool {
    while at < bytes.len() {
        let (entry, len) = look(table, bytes, at);
        if entry.action != Action::Mark {
            return entry.action == Action::Class(Class::Digit);
        }
        at += len;
    }
    false
}

/// The next white space that the table knows, from `at` on.
fn stretch_end(table: &[Entry], bytes: &[u8], mut at: usize) -> usize {
    while at < bytes.len() {
        let (entry, len) = look(table, bytes, at);
        if matches!(entry.action, Action::Class(Class::Space | Class::Line)) {
            break;
        }
        at += len;
    }
    at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn both(text: &str) -> (Pieces, Pieces) {
        let (mut fast, mut slow) = (Pieces::default(), Pieces::default());
        segment(text, &mut fast);
        reference::segment(text, 0, &mut slow);
        (fast, slow)
    }

    /// Signs that meet in news, and that the rules treat unlike.
    fn newsy() -> impl Strategy<Value = String> {
        let sign = prop_oneof![
            8 => proptest::char::range('\u{0620}', '\u{064A}'),
            3 => proptest::char::range('\u{0600}', '\u{06FF}'),
            3 => proptest::sample::select(vec![
                ' ', '\n', '.', ',', '\u{060C}', ':', '\'', '_', '-', '\u{066B}', '\u{066C}', '\u{200F}',
                '\u{200C}', '\u{2026}', '\u{201C}', '\u{2019}', '\u{00A0}', '\u{202F}', '\u{FDFA}', '\u{FE76}',
                '\u{FEFB}', '\u{0301}', '\u{00E9}', '\u{0130}', '\u{00BD}', '\u{3042}', '\u{6F22}', '\u{FF11}',
            ]),
            2 => proptest::char::range('0', '9'),
            2 => proptest::char::range(' ', '~'),
            1 => any::<char>(),
        ];
        proptest::collection::vec(sign, 0..60).prop_map(|v| v.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn same_pieces_as_the_reference(text in newsy()) {
            let (fast, slow) = both(&text);
            prop_assert_eq!(fast, slow);
        }
    }

    #[test]
    fn every_character_between_letters_digits_and_spaces() {
        for code in (0..0x3100).chain(0xA000..0xA100).chain(0xF900..0x1_0000).chain(0x1_EE00..0x1_EF00) {
            let Some(c) = char::from_u32(code) else { continue };
            for text in [format!("\u{0628}{c}\u{0628}"), format!("1{c}2"), format!(" {c} "), format!("a{c}1")] {
                let (fast, slow) = both(&text);
                assert_eq!(fast, slow, "U+{code:04X} in {text:?}");
            }
        }
    }
}
