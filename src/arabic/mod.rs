//! Arabic text to tokens: words folded and stemmed, numbers, and the breaks between sentences and lines.
//!
//! The path of a text: `fast` (or `reference`, which specifies it) cuts it into pieces; each word is
//! folded on the way (`fold`), then stemmed (`stem`) and looked up in the stop list; each run of digits
//! becomes one number or several (`number`). [`PROFILE`] names the whole: whatever changes a token changes it.

mod affixes;
mod fast;
mod fold;
mod letters;
mod number;
mod pieces;
mod reference;
mod stem;
mod weekdays;
mod words;

use std::cell::RefCell;
use std::ops::Range;

use xxhash_rust::xxh3::xxh3_64;

use crate::prefetch::prefetch;

pub use affixes::WordCounts;
use pieces::{Piece, PieceKind, Pieces};
pub(crate) use weekdays::weekdays;

/// The tokenizer's rules, by name and version. Stored with whatever is stored of its tokens.
pub const PROFILE: &str = "arabic-news-1";

/// The identity of a stem or a number: 31 bits of its xxh3 hash, and a bit that tells numbers.
///
/// Two of a million different stems share an identity about once in 4,000 stems; what is compared is
/// always many tokens at once, so that a chance meeting of two of them does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stem(pub(crate) u32);

impl Stem {
    const NUMBER: u32 = 1 << 31;

    fn word(stem: &str) -> Stem {
        Stem(xxh3_64(stem.as_bytes()) as u32 & !Self::NUMBER)
    }

    fn number(value: &str) -> Stem {
        Stem(xxh3_64(value.as_bytes()) as u32 | Self::NUMBER)
    }

    /// Is this a number?
    pub fn is_number(self) -> bool {
        self.0 & Self::NUMBER != 0
    }
}

/// The form of a word beside its stem: six bits of the hash of the folded word. Two forms of one stem are
/// taken for the same once in 64 times, which is little where many words are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Form(pub(crate) u8);

impl Form {
    /// Of the word with this [`key`].
    fn word(key: u64) -> Form {
        Form((key.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 58) as u8)
    }

    /// A set of forms: this one alone. Sets are joined and cut as bits.
    pub(crate) fn set(self) -> u64 {
        1 << self.0
    }

    #[cfg(test)]
    pub(crate) fn numbered(number: u8) -> Form {
        Form(number % 64)
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// A word that carries evidence.
    Word,
    /// A number, in canonical spelling.
    Number,
    /// A word of the stop list.
    Stop,
    /// The end of a sentence: no text.
    Sentence,
    /// The end of a line: no text.
    Line,
}

impl TokenKind {
    /// Its name, as shown.
    pub fn name(self) -> &'static str {
        match self {
            TokenKind::Word => "word",
            TokenKind::Number => "number",
            TokenKind::Stop => "stop",
            TokenKind::Sentence => "sentence",
            TokenKind::Line => "line",
        }
    }
}

/// One token of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Stem or number; of no meaning for breaks.
    pub stem: Stem,
    /// The form of the word, to tell words of one stem apart; 0 for numbers and breaks.
    pub form: Form,
    /// First byte in the original text.
    pub start: u32,
    /// Byte behind the last one in the original text, marks on the last letter included.
    pub end: u32,
}

impl Token {
    /// Its bytes in the original text.
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A token with its texts, for people to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpelledToken {
    /// The token.
    pub token: Token,
    /// The word as folded; the digits as written, for a number.
    pub folded: String,
    /// Stem or canonical number.
    pub stem: String,
}

/// Makes tokens of texts. Cheap to copy; its scratch space is the thread's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tokenizer(());

impl Tokenizer {
    /// The tokenizer of [`PROFILE`].
    pub fn new() -> Tokenizer {
        Tokenizer(())
    }

    /// Replaces `tokens` by the tokens of `text`, in order. Returns the fingerprint of the folded words and
    /// digits, stop words included: texts with one fingerprint are the same after normalisation.
    pub fn tokens(&self, text: &str, tokens: &mut Vec<Token>) -> u64 {
        tokens.clear();
        self.each(text, |token| tokens.push(token))
    }

    /// Calls `emit` with each token of `text`, in order; returns the fingerprint as [`Tokenizer::tokens`] does.
    /// `emit` must not use a tokenizer itself.
    pub(crate) fn each(&self, text: &str, mut emit: impl FnMut(Token)) -> u64 {
        self.fold(text, (), |(), token| emit(token)).0
    }

    /// The same, where `emit` makes of what it made of the tokens before, `start` at first, and the next one something new,
    /// which is returned in the end: a number that is handed on so need not go through memory.
    pub(crate) fn fold<T: Copy>(&self, text: &str, start: T, mut emit: impl FnMut(T, Token) -> T) -> (u64, T) {
        thread_local! {
            static SCRATCH: RefCell<(Pieces, Memo, String)> = RefCell::new((Pieces::default(), Memo::new(), String::new()));
        }
        let (mut fingerprint, mut made) = (0, start);
        SCRATCH.with_borrow_mut(|(pieces, memo, buffer)| {
            for (base, slice) in slices(text) {
                fast::segment(slice, pieces, |word| memo.prefetch(word));
                for piece in &pieces.list {
                    let token = |kind, stem, form| Token {
                        kind,
                        stem,
                        form,
                        start: piece.start + base as u32,
                        end: piece.end + base as u32,
                    };
                    match piece.kind {
                        PieceKind::Word => {
                            let key = key(pieces, piece, buffer);
                            fingerprint = chain(fingerprint, key);
                            let Known { kind, stem, form, .. } =
                                memo.word(key, piece.hamza, || pieces.text(piece, buffer));
                            made = emit(made, token(kind, stem, form));
                        }
                        PieceKind::Digits => {
                            // Copies: what is lent to a call would be kept in memory throughout.
                            let (mut print, mut more) = (fingerprint, made);
                            numbers(slice, pieces.text(piece, buffer), piece, |value, part| {
                                print = chain(print, xxh3_64(value.as_bytes()));
                                let (start, end) = ((part.start + base) as u32, (part.end + base) as u32);
                                let (kind, stem, form) = (TokenKind::Number, Stem::number(value), Form::default());
                                more = emit(more, Token { kind, stem, form, start, end });
                            });
                            (fingerprint, made) = (print, more);
                        }
                        PieceKind::Sentence => made = emit(made, token(TokenKind::Sentence, Stem(0), Form::default())),
                        PieceKind::Line => made = emit(made, token(TokenKind::Line, Stem(0), Form::default())),
                    }
                }
            }
        });
        (fingerprint, made)
    }

    /// The tokens of `text` with their texts, by the reference path. Breaks are left out.
    pub fn spelled(&self, text: &str) -> Vec<SpelledToken> {
        let mut pieces = Pieces::default();
        for (base, slice) in slices(text) {
            reference::segment(slice, base, &mut pieces);
        }
        let mut spelled = Vec::new();
        let mut buffer = String::new();
        for piece in &pieces.list {
            let folded = pieces.text(piece, &mut buffer);
            match piece.kind {
                PieceKind::Word => {
                    let (kind, stem) = analyse(folded, piece.hamza);
                    spelled.push(SpelledToken {
                        token: Token {
                            kind,
                            stem: Stem::word(&stem),
                            form: Form::word(key(&pieces, piece, &mut String::new())),
                            start: piece.start,
                            end: piece.end,
                        },
                        folded: folded.to_owned(),
                        stem: stem.into_owned(),
                    });
                }
                PieceKind::Digits => numbers(text, folded, piece, |value, span| {
                    spelled.push(SpelledToken {
                        token: Token {
                            kind: TokenKind::Number,
                            stem: Stem::number(value),
                            form: Form::default(),
                            start: span.start as u32,
                            end: span.end as u32,
                        },
                        folded: text[span].to_owned(),
                        stem: value.to_owned(),
                    });
                }),
                PieceKind::Sentence | PieceKind::Line => {}
            }
        }
        spelled
    }
}

/// Text is segmented so many bytes at a time: what is kept of a slice stays in the cache.
const SLICE: usize = 1 << 15;
/// A slice is longer by at most so much to end behind white space, where no word can be cut. A word without
/// end, which no language has, is cut all the same.
const LONGEST_WORD: usize = 1 << 16;

/// The slices of a text, each with its first byte.
fn slices(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut base = 0;
    std::iter::from_fn(move || {
        let rest = text.get(base..).filter(|rest| !rest.is_empty())?;
        let within = rest.floor_char_boundary(SLICE + LONGEST_WORD);
        let far = &rest.as_bytes()[SLICE.min(within)..within];
        let end = if within == rest.len() && far.is_empty() {
            within
        } else {
            memchr::memchr2(b' ', b'\n', far).map_or(within, |at| SLICE + at + 1)
        };
        let slice = (base, &rest[..end]);
        base += end;
        Some(slice)
    })
}

/// Stop word or stem of a folded word.
fn analyse(word: &str, hamza: bool) -> (TokenKind, std::borrow::Cow<'_, str>) {
    let (stop, stem) = stem::analyse(word, hamza);
    (if stop { TokenKind::Stop } else { TokenKind::Word }, stem)
}

/// Calls `emit` with each value of a run of digits and its bytes in `text`.
fn numbers(text: &str, run: &str, piece: &Piece, mut emit: impl FnMut(&str, Range<usize>)) {
    let whole = piece.start as usize..piece.end as usize;
    let mut unfolding = Unfolding { text, at: whole.start, end: whole.end, folded: 0 };
    number::values(run, |value, part| {
        let span = if part.len() == run.len() { whole.clone() } else { unfolding.next(part) };
        emit(value, span);
    });
}

/// Finds the bytes of an original that fold to parts of its folded text, one part after another.
struct Unfolding<'t> {
    text: &'t str,
    /// Where the next character to fold begins, and where all end.
    at: usize,
    end: usize,
    /// Bytes of folded text before that character.
    folded: usize,
}

impl Unfolding<'_> {
    /// The bytes of the original for `part` of the folded text, which must be behind the one before.
    fn next(&mut self, part: Range<usize>) -> Range<usize> {
        while self.folded < part.start && self.step() {}
        let start = self.at;
        while self.folded < part.end && self.step() {}
        // Marks on its last digit belong to it.
        while self.at < self.end && self.len_of_next() == 0 && self.step() {}
        start..self.at
    }

    fn rest(&self) -> std::str::Chars<'_> {
        self.text.get(self.at..self.end).unwrap_or_default().chars()
    }

    /// Bytes that the next character folds to.
    fn len_of_next(&self) -> usize {
        let mut len = 0;
        if let Some(c) = self.rest().next() {
            fold::fold_char(c, |x| len += x.len_utf8());
        }
        len
    }

    /// Goes over the next character; false if there is none.
    fn step(&mut self) -> bool {
        self.folded += self.len_of_next();
        let Some(c) = self.rest().next() else { return false };
        self.at += c.len_utf8();
        true
    }
}

/// A hash of a sequence of hashes.
pub(crate) fn chain(sequence: u64, next: u64) -> u64 {
    (sequence.rotate_left(5) ^ next).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// What tells a word from others: its packed letters, or a hash.
#[inline]
fn key(pieces: &Pieces, piece: &Piece, buffer: &mut String) -> u64 {
    piece.folded.letters().unwrap_or_else(|| xxh3_64(pieces.text(piece, buffer).as_bytes()) | Memo::HASHED)
}

/// What has been found of a word is kept a while: some ten thousand words make up most of any text.
struct Memo(Box<[Known; 1 << Memo::BITS]>);

/// What has been found of the word with this key.
#[derive(Clone, Copy)]
struct Known {
    key: u64,
    stem: Stem,
    kind: TokenKind,
    form: Form,
}

impl Memo {
    const BITS: u32 = 18;
    /// The bits of a key that tell hashes from letters, and the two readings of one folded word apart.
    const HASHED: u64 = 1 << 63;
    const HAMZA: u64 = 1 << 62;

    fn new() -> Memo {
        // No word is all ones: that is no hash of a word with hamza but by a chance of 1 in 2^62.
        let nothing = Known { key: u64::MAX, stem: Stem(0), kind: TokenKind::Stop, form: Form(0) };
        // Never on the stack, which it is too large for.
        let slots = vec![nothing; 1 << Self::BITS].into_boxed_slice().try_into();
        Memo(slots.unwrap_or_else(|_| unreachable!("made with as many")))
    }

    /// Where the word with this key is kept, and by what, once it has been met.
    #[inline]
    fn place(key: u64, hamza: bool) -> (usize, u64) {
        let key = (key & !Self::HAMZA) | if hamza { Self::HAMZA } else { 0 };
        ((key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - Self::BITS)) as usize, key)
    }

    /// This word will be asked for; nearly all are packed.
    #[inline]
    fn prefetch(&self, word: &Piece) {
        prefetch(&self.0[Self::place(word.folded.letters().unwrap_or(0), word.hamza).0]);
    }

    #[inline]
    fn word<'w>(&mut self, key: u64, hamza: bool, word: impl FnOnce() -> &'w str) -> Known {
        let (place, marked) = Self::place(key, hamza);
        let slot = &mut self.0[place];
        if slot.key != marked {
            let (kind, stem) = analyse(word(), hamza);
            *slot = Known { key: marked, stem: Stem::word(&stem), kind, form: Form::word(key) };
        }
        *slot
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        let mut tokens = Vec::new();
        Tokenizer::new().tokens(text, &mut tokens);
        tokens
    }

    #[test]
    fn slices_make_the_text_and_cut_no_word() {
        let words = "كلمة ".repeat(30_000);
        for text in ["", "كلمة", &words, &"ﷺ".repeat(100_000), &format!("{}\n{words}", "x".repeat(SLICE))] {
            assert_eq!(slices(text).map(|s| s.1).collect::<String>(), text);
            assert!(slices(text).all(|(_, s)| s.len() <= SLICE + LONGEST_WORD));
        }
        assert!(slices(&words).count() > 5);
        let all = tokens(&words);
        assert!(all.len() == 30_000 && all.iter().all(|t| &words[t.span()] == "كلمة"));
    }

    proptest! {
        #[test]
        fn spans_lead_back_and_both_paths_agree(words in proptest::collection::vec("[\u{620}-\u{652}]{1,8}|[0-9]{1,4}[.,]?[0-9]{0,3}|[a-z\u{FEFB}\u{FDFA}]{1,3}|[.\n،؟]", 0..40)) {
            let text = words.join(" ");
            let spelled = Tokenizer::new().spelled(&text);
            let breaks = [TokenKind::Sentence, TokenKind::Line];
            let found: Vec<Token> = tokens(&text).into_iter().filter(|t| !breaks.contains(&t.kind)).collect();
            prop_assert_eq!(&found, &spelled.iter().map(|s| s.token).collect::<Vec<_>>());
            for s in &spelled {
                // A span taken by itself gives the token again, though a ligature gives its neighbours too.
                let again = Tokenizer::new().spelled(&text[s.token.span()]);
                prop_assert!(again.iter().any(|a| a.stem == s.stem && a.token.kind == s.token.kind), "{:?} in {:?}", s, again);
            }
        }

        #[test]
        fn tokenising_the_folded_words_changes_nothing(words in proptest::collection::vec("[\u{620}-\u{652}]{1,8}", 0..20)) {
            let first: Vec<String> = Tokenizer::new().spelled(&words.join(" ")).into_iter().map(|s| s.folded).collect();
            let again: Vec<String> = Tokenizer::new().spelled(&first.join(" ")).into_iter().map(|s| s.folded).collect();
            prop_assert_eq!(first, again);
        }
    }
}
