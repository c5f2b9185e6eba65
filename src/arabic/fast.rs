//! Segmentation in one pass over the bytes, for the characters that Arabic news is made of.
//!
//! A table, filled from the reference rules themselves, gives for each character below U+0700 and for
//! general punctuation what it folds to and what it does. A character outside it sends the stretch between
//! two white spaces to [`super::reference`]: no rule of UAX #29 reaches across white space, so the pieces
//! are the same.

#[cfg(target_arch = "x86_64")]
mod avx2;

use std::sync::LazyLock;

use super::fold::fold_char;
use super::pieces::{Class, Folded, Piece, PieceKind, Pieces, class, letter_code};
use super::reference::{self, is_hamza_alef};

/// Characters below this are looked up directly; general punctuation follows.
const DIRECT: usize = 0x700;
const PUNCTUATION: std::ops::Range<u32> = 0x2000..0x2070;

/// What a character does, in one byte: 0 for a mark, 1 to 62 for a letter by its code, and these.
const MARK: u8 = 0;
/// The bit of an alef with hamza or madda, beside its code.
const HAMZA: u8 = 0x80;
/// A letter without a code.
const UNCODED: u8 = 63;
const DIGIT: u8 = 64;
const SEPARATOR: u8 = 65;
const STOP: u8 = 66;
const SENTENCE_END: u8 = 67;
const LINE: u8 = 68;
/// White space and signs: they only part words.
const OTHER: u8 = 69;
/// The reference must tell.
const REFERENCE: u8 = 70;

struct Table {
    /// The codes of letters of the Arabic block, by their two bytes as a little-endian number; 0 for all
    /// else. Of its 64 KiB some 100 lines of the cache are ever asked for.
    letters: Box<[u8; 1 << 16]>,
    /// What ASCII characters do, and those of the Arabic block (U+0600 to U+06FF).
    ascii: [u8; 128],
    arabic: [u8; 256],
    /// The codes of the 16 characters from each of U+0620, U+0630 and U+0640 on.
    #[cfg(target_arch = "x86_64")]
    rows: [[u8; 16]; 3],
    /// What all characters do that are looked up, and what they fold to.
    all: Box<[(u8, char)]>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let entry = |code: u32| char::from_u32(code).map_or((REFERENCE, '\0'), entry);
    let mut letters = Box::new([0; 1 << 16]);
    for c in '\u{600}'..='\u{6FF}' {
        let mut bytes = [0; 2];
        c.encode_utf8(&mut bytes);
        letters[usize::from(u16::from_le_bytes(bytes))] = code(c);
    }
    Table {
        letters,
        ascii: std::array::from_fn(|at| entry(at as u32).0),
        arabic: std::array::from_fn(|at| entry(0x600 + at as u32).0),
        #[cfg(target_arch = "x86_64")]
        rows: [0x620, 0x630, 0x640]
            .map(|first| std::array::from_fn(|at| char::from_u32(first + at as u32).map_or(0, code))),
        all: (0..DIRECT as u32).chain(PUNCTUATION).map(entry).collect(),
    }
});

/// The code of a letter; 0 for what is no letter or has none.
fn code(c: char) -> u8 {
    let code = entry(c).0 & !HAMZA;
    if (1..UNCODED).contains(&code) { code } else { 0 }
}

fn entry(c: char) -> (u8, char) {
    let mut folded = Vec::new();
    fold_char(c, |x| folded.push(x));
    let [x] = folded[..] else { return (if folded.is_empty() { MARK } else { REFERENCE }, '\0') };
    let action = match class(x) {
        // Letters of other scripts may have segmentation rules of their own.
        Class::Letter if !x.is_ascii() && !('\u{0620}'..='\u{06FF}').contains(&x) => REFERENCE,
        Class::Letter => letter_code(x).unwrap_or(UNCODED) | if is_hamza_alef(c) { HAMZA } else { 0 },
        Class::Digit => DIGIT,
        Class::Separator => SEPARATOR,
        Class::Stop => STOP,
        Class::SentenceEnd => SENTENCE_END,
        Class::Line => LINE,
        Class::Space | Class::Other => OTHER,
    };
    (action, x)
}

impl Table {
    /// What the character at `at` (a character boundary before the end) does, and its length in bytes.
    #[inline(always)]
    fn look(&self, bytes: &[u8], at: usize) -> (u8, usize) {
        match bytes[at..] {
            [lead, ..] if lead < 0x80 => (self.ascii[usize::from(lead)], 1),
            [lead @ 0xD8..=0xDB, trail, ..] => (self.arabic[usize::from(lead & 3) << 6 | usize::from(trail & 0x3F)], 2),
            _ => {
                let (place, len) = place(bytes, at);
                (place.map_or(REFERENCE, |place| self.all[place].0), len)
            }
        }
    }

    /// Are these the two bytes of an alef with hamza or madda?
    #[inline(always)]
    fn begins_with_hamza(&self, lead: u8, trail: u8) -> bool {
        self.arabic[usize::from(lead & 3) << 6 | usize::from(trail & 0x3F)] & HAMZA != 0
    }

    /// What the character at `at` folds to.
    fn folded(&self, bytes: &[u8], at: usize) -> char {
        place(bytes, at).0.map_or('\0', |place| self.all[place].1)
    }
}

/// The place in [`Table::all`] of the character at `at`, and its length in bytes.
#[inline(never)]
fn place(bytes: &[u8], at: usize) -> (Option<usize>, usize) {
    let low = |byte: u8| usize::from(byte & 0x3F);
    match bytes[at..] {
        [lead @ ..0x80, ..] => (Some(usize::from(lead)), 1),
        [lead @ ..0xDC, trail, ..] => (Some(usize::from(lead & 0x1F) << 6 | low(trail)), 2),
        [lead @ ..0xE0, ..] => (None, if lead < 0xC0 { 1 } else { 2 }),
        [0xE2, middle @ 0x80..=0x81, trail, ..] => {
            let place = low(middle) << 6 | low(trail);
            ((place < PUNCTUATION.len()).then_some(DIRECT + place), 3)
        }
        [lead, ..] => (None, if lead < 0xF0 { 3 } else { 4 }),
        [] => (None, 1),
    }
}

/// Replaces `pieces` by the pieces of `text`; `announce` hears at once of nearly all that are words.
#[inline]
pub(crate) fn segment(text: &str, pieces: &mut Pieces, announce: impl Fn(&Piece)) {
    #[cfg(target_arch = "x86_64")]
    if avx2::is_available() {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { avx2::segment(text, pieces, announce) };
    }
    segment_portably(text, pieces, announce);
}

/// The same on any processor: what is done faster elsewhere must yield the same.
fn segment_portably(text: &str, pieces: &mut Pieces, announce: impl Fn(&Piece)) {
    let table: &Table = &TABLE;
    segment_by(table, text, pieces, |bytes, mut at, list| {
        while let Some(Short { letters, hamza, len, space }) = short_word(table, bytes, at) {
            let piece = Piece::word(letters, hamza, at, at + len as usize);
            announce(&piece);
            list.push(piece);
            at += len as usize;
            at = if space { at + 1 } else { behind_word(table, bytes, at, 0, list) };
        }
        at
    });
}

/// The same, where `words` adds those that begin at a byte of the text and follow one another as most do, and returns where
/// something else begins.
#[inline(always)]
fn segment_by(table: &Table, text: &str, pieces: &mut Pieces, words: impl Fn(&[u8], usize, &mut Vec<Piece>) -> usize) {
    pieces.clear();
    let bytes = text.as_bytes();
    // Scratch space for texts that are not packed, and for what the reference yields.
    let (mut folded, mut apart) = (String::new(), Pieces::default());
    let mut at = 0;
    loop {
        at = words(bytes, at, &mut pieces.list);
        if at >= bytes.len() {
            break;
        }
        let start = at;
        let (action, len) = table.look(bytes, at);
        if is_letter(action) {
            let hamza = action & HAMZA != 0;
            if let Ok((end, letters)) = packed(table, bytes, start) {
                pieces.list.push(Piece::word(letters, hamza, start, end));
                // Mostly a space comes next, which is nothing.
                at = end + usize::from(bytes.get(end) == Some(&b' '));
            } else {
                at = run(table, bytes, start, &mut folded, |action, _| is_letter(action));
                pieces.push(PieceKind::Word, hamza, start..at, &folded);
            }
            continue;
        }
        match action {
            DIGIT => {
                at = run(table, bytes, start, &mut folded, |action, next| match action {
                    DIGIT => true,
                    SEPARATOR | STOP => digit_follows(table, bytes, next),
                    _ => false,
                });
                pieces.push(PieceKind::Digits, false, start..at, &folded);
            }
            STOP | SENTENCE_END => {
                pieces.list.push(Piece::cut(PieceKind::Sentence, at));
                at += len;
            }
            LINE => {
                pieces.list.push(Piece::cut(PieceKind::Line, at));
                at += len;
            }
            REFERENCE => {
                let start = bytes[..at].iter().rposition(|&byte| is_space(byte)).map_or(0, |space| space + 1);
                at = bytes[at..].iter().position(|&byte| is_space(byte)).map_or(bytes.len(), |space| at + space);
                while pieces.list.pop_if(|piece| piece.start as usize >= start).is_some() {}
                apart.clear();
                reference::segment(&text[start..at], start, &mut apart);
                pieces.append(&apart);
            }
            // Marks that stand alone, separators, white space and other signs.
            _ => at += len,
        }
    }
}

/// What stands at `at`, behind a word, is known, and mostly a space comes next: no need to begin anew for either. Adds what
/// it is, if that is anything, and returns where the next piece may begin. The bytes begin at byte `base` of the text.
#[inline(always)]
fn behind_word(table: &Table, bytes: &[u8], at: usize, base: usize, list: &mut Vec<Piece>) -> usize {
    if at >= bytes.len() {
        return at;
    }
    let (action, len) = table.look(bytes, at);
    match action {
        SEPARATOR | OTHER => {}
        STOP | SENTENCE_END => list.push(Piece::cut(PieceKind::Sentence, base + at)),
        LINE => list.push(Piece::cut(PieceKind::Line, base + at)),
        _ => return at,
    }
    let next = at + len;
    next + usize::from(bytes.get(next) == Some(&b' '))
}

/// White space that ends a stretch for the reference: of all kinds the most frequent will do.
fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n')
}

fn is_letter(action: u8) -> bool {
    (1..=UNCODED).contains(&(action & !HAMZA))
}

/// The word is too long to be packed, or has a letter without a code.
struct Unpackable;

/// Does a word end before a character that does this? Not before a mark, which belongs to it.
#[inline(always)]
fn ends_word(action: u8) -> bool {
    (DIGIT..=REFERENCE).contains(&action)
}

/// What [`short_word`] found.
struct Short {
    /// Packed.
    letters: u64,
    hamza: bool,
    /// In bytes.
    len: u32,
    /// A space stands behind it.
    space: bool,
}

/// The word that begins at `at`, if it is one of at most seven Arabic letters, all with a code, and an ASCII character
/// that ends it stands behind. So are seven words in ten: its length is read off its bytes, not off what they are, and
/// no branch asks after a letter.
#[inline(always)]
fn short_word(table: &Table, bytes: &[u8], at: usize) -> Option<Short> {
    const TOPS: u64 = 0x8080_8080_8080_8080;
    let sixteen = bytes.get(at..at + 16)?;
    let low = u64::from_le_bytes(*sixteen.first_chunk()?);
    let high = u64::from_le_bytes(*sixteen.last_chunk()?);
    let [first, second] = [low, high].map(|eight| (!eight & TOPS).trailing_zeros() / 8);
    let len = first + first / 8 * second;
    if len == 0 || len == 16 {
        return None;
    }
    let behind = sixteen[len as usize % 16];
    if behind != b' ' && !ends_word(table.ascii[usize::from(behind & 0x7F)]) {
        return None;
    }
    let code = |nth: u32| {
        let pair = if nth < 4 { low >> (16 * nth) } else { high >> (16 * (nth - 4)) };
        u64::from(table.letters[usize::from(pair as u16)]) << (6 * nth)
    };
    let letters = code(0) | code(1) | code(2) | code(3) | code(4) | code(5) | code(6);
    let within = (1 << (3 * len)) - 1;
    if no_letters(letters) & within != 0 {
        return None;
    }
    let hamza = table.begins_with_hamza(low as u8, (low >> 8) as u8);
    Some(Short { letters: letters & within, hamza, len, space: behind == b' ' })
}

/// The top bit of each of eight packed letters that is none; sure of the lowest one.
#[inline(always)]
fn no_letters(letters: u64) -> u64 {
    letters.wrapping_sub(0x0410_4104_1041) & !letters & 0x8208_2082_0820
}

/// The run of letters that begins at `at`: its end and its letters, packed.
///
/// Eight letters are looked up at once, and those before the first that is none are kept: most words end
/// within them, and no branch asks after every letter whether it is the last.
#[inline(always)]
fn packed(table: &Table, bytes: &[u8], mut at: usize) -> Result<(usize, u64), Unpackable> {
    let (mut letters, mut bits) = (0u64, 0);
    if let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<16>()) {
        let code = |nth: usize| {
            let pair = u16::from_le_bytes([eight[2 * nth], eight[2 * nth + 1]]);
            u64::from(table.letters[usize::from(pair)]) << (6 * nth)
        };
        letters = code(0) | code(1) | code(2) | code(3) | code(4) | code(5) | code(6) | code(7);
        bits = 6 * 8;
        let none = no_letters(letters);
        if none != 0 {
            bits = none.trailing_zeros() - 5;
            letters &= (1 << bits) - 1;
        }
        at += (bits / 3) as usize;
        if bytes.get(at) == Some(&b' ') {
            return Ok((at, letters));
        }
    }
    while at < bytes.len() {
        let (action, len) = table.look(bytes, at);
        let code = action & !HAMZA;
        if (1..UNCODED).contains(&code) {
            if bits == 6 * Folded::LETTERS {
                return Err(Unpackable);
            }
            letters |= u64::from(code) << bits;
            bits += 6;
        } else if code == UNCODED {
            return Err(Unpackable);
        } else if code != MARK {
            break;
        }
        at += len;
    }
    Ok((at, letters))
}

/// Folds a run of characters from `start` on: the first, and all that follow and `belong` (asked with what the
/// character does and where the next one begins). Marks belong to the character before them. Returns its end.
fn run(table: &Table, bytes: &[u8], start: usize, folded: &mut String, belongs: impl Fn(u8, usize) -> bool) -> usize {
    folded.clear();
    let mut at = start;
    while at < bytes.len() {
        let (action, len) = table.look(bytes, at);
        if action != MARK {
            if at > start && !belongs(action, at + len) {
                break;
            }
            folded.push(table.folded(bytes, at));
        }
        at += len;
    }
    at
}

/// Is the next character that is no mark a digit?
fn digit_follows(table: &Table, bytes: &[u8], mut at: usize) -> bool {
    while at < bytes.len() {
        let (action, len) = table.look(bytes, at);
        if action != MARK {
            return action == DIGIT;
        }
        at += len;
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By all ways there are here, the reference last.
    fn each_way(text: &str) -> [Vec<(Piece, String)>; 3] {
        let mut all: [Pieces; 3] = Default::default();
        segment(text, &mut all[0], |_| {});
        segment_portably(text, &mut all[1], |_| {});
        reference::segment(text, 0, &mut all[2]);
        all.map(|pieces| spelled(&pieces))
    }

    fn check(text: &str) {
        let [fast, portable, reference] = each_way(text);
        assert_eq!(portable, reference, "{text:?}");
        assert_eq!(fast, portable, "{text:?}");
    }

    /// Every piece with its folded text, and the text's packed form.
    fn spelled(pieces: &Pieces) -> Vec<(Piece, String)> {
        let spell = |&piece: &Piece| {
            let text = pieces.text(&piece, &mut String::new()).to_owned();
            let folded = piece.folded.letters().map_or_else(Folded::default, Folded::packed);
            (Piece { folded, ..piece }, text)
        };
        pieces.list.iter().map(spell).collect()
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
            check(&text);
        }

        /// Words, most of them short and parted by one space, so that all ways meet every border of what they look at.
        #[test]
        fn same_words_as_the_reference(text in "([\u{620}-\u{64C}]{1,14}(  ?|، |\\. ?|\n|\u{640}|[0-9a-z«]| [0-9]{1,3} )){0,30}") {
            check(&text);
            check(text.trim_end());
        }
    }

    #[test]
    fn every_character_between_letters_digits_and_spaces() {
        for code in (0..0x3100).chain(0xA000..0xA100).chain(0xF900..0x1_0000).chain(0x1_EE00..0x1_EF00) {
            let Some(c) = char::from_u32(code) else { continue };
            for text in [format!("\u{0628}{c}\u{0628}"), format!("1{c}2"), format!(" {c} "), format!("a{c}1")] {
                check(&text);
                // The same far from the end, where all is looked at at once.
                check(&format!("{text}{}", " \u{0643}\u{062A}\u{0628}".repeat(8)));
            }
        }
    }
}
