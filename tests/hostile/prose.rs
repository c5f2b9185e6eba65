//! Made-up prose: words of Arabic letters in no meaning, the same on every run.

/// BEH to YEH without alefs, hamzas and marks; first and last letters would be taken for affixes less often.
const LETTERS: [char; 20] = [
    '\u{0628}', '\u{062B}', '\u{062C}', '\u{062D}', '\u{062E}', '\u{062F}', '\u{0630}', '\u{0631}', '\u{0632}',
    '\u{0633}', '\u{0634}', '\u{0635}', '\u{0636}', '\u{0637}', '\u{0638}', '\u{0639}', '\u{063A}', '\u{0642}',
    '\u{0645}', '\u{0646}',
];

/// Words and sentences by a small generator (xorshift).
pub(crate) struct Prose(u64);

impl Prose {
    /// Another seed, another text.
    pub(crate) fn new(seed: u64) -> Prose {
        Prose(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % end
    }

    /// A word of three to six letters.
    pub(crate) fn word(&mut self) -> String {
        let length = 3 + self.below(4);
        (0..length).map(|_| LETTERS[self.below(LETTERS.len())]).collect()
    }

    /// So many sentences of eight to fifteen words, a line each.
    pub(crate) fn sentences(&mut self, count: usize) -> String {
        let sentence = |prose: &mut Prose| {
            let words = 8 + prose.below(8);
            let words: Vec<String> = (0..words).map(|_| prose.word()).collect();
            words.join(" ") + ".\n"
        };
        (0..count).map(|_| sentence(self)).collect()
    }

    /// At least `bytes` of text in lines, of 5,000 different words.
    pub(crate) fn long(&mut self, bytes: usize) -> String {
        let words: Vec<String> = (0..5_000).map(|_| self.word()).collect();
        let mut text = String::with_capacity(bytes + 20);
        while text.len() < bytes {
            text.push_str(&words[self.below(words.len())]);
            text.push_str(if self.below(12) == 0 { ".\n" } else { " " });
        }
        text
    }
}
