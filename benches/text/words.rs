//! Words by rule: roots in patterns between affixes, and how often each word comes.

use std::collections::BTreeSet;

use super::random::Random;

/// Words that only hold sentences together; they come most often.
const FUNCTION_WORDS: &str = "fy mn >n ElY <lY Alty Al*y hw hy bEd qbl Hyv kmA lm lA mA mE En kAn kAnt h*A h*h *lk gyr \
     byn xlAl >w vm qd kl";
const CONSONANTS: &str = "bvjHxd*rzs$SDTZEgfqklmnhwyt";
/// 1, 2 and 3 stand for the consonants of the root. What stands twice comes twice as often.
const PATTERNS: [&str; 16] = [
    "123", "123", "123", "123", "1A23", "1A23", "12A3", "12w3", "12y3", "m12w3", "m123", "t12y3", "A1t2A3", "Ast12A3",
    ">12A3", "m1A23p",
];
const PREFIXES: [&str; 16] = ["", "", "", "", "", "", "", "Al", "Al", "Al", "Al", "w", "wAl", "bAl", "ll", "b"];
const SUFFIXES: [&str; 16] = ["", "", "", "", "", "", "", "", "p", "p", "At", "yn", "An", "h", "hA", "yp"];
const ROOTS: usize = 1_500;

/// Fatha, damma, kasra, shadda and sukun.
const MARKS: [char; 5] = ['\u{064E}', '\u{064F}', '\u{0650}', '\u{0651}', '\u{0652}'];

/// Arabic for Buckwalter's transliteration, as far as it is used here; other characters stay.
pub(crate) fn arabic(transliterated: &str) -> String {
    let letter = |c| match c {
        '|' => '\u{0622}',
        '>' => '\u{0623}',
        '<' => '\u{0625}',
        'A' => '\u{0627}',
        'b' => '\u{0628}',
        'p' => '\u{0629}',
        't' => '\u{062A}',
        'v' => '\u{062B}',
        'j' => '\u{062C}',
        'H' => '\u{062D}',
        'x' => '\u{062E}',
        'd' => '\u{062F}',
        '*' => '\u{0630}',
        'r' => '\u{0631}',
        'z' => '\u{0632}',
        's' => '\u{0633}',
        '$' => '\u{0634}',
        'S' => '\u{0635}',
        'D' => '\u{0636}',
        'T' => '\u{0637}',
        'Z' => '\u{0638}',
        'E' => '\u{0639}',
        'g' => '\u{063A}',
        'f' => '\u{0641}',
        'q' => '\u{0642}',
        'k' => '\u{0643}',
        'l' => '\u{0644}',
        'm' => '\u{0645}',
        'n' => '\u{0646}',
        'h' => '\u{0647}',
        'w' => '\u{0648}',
        'Y' => '\u{0649}',
        'y' => '\u{064A}',
        other => other,
    };
    transliterated.chars().map(letter).collect()
}

/// A word with about half of its vowel signs written.
pub(crate) fn marked(word: &str, random: &mut Random) -> String {
    let mut written = String::with_capacity(word.len() * 2);
    for letter in word.chars() {
        written.push(letter);
        if random.one_in(2) {
            written.push(*random.pick(&MARKS));
        }
    }
    written
}

/// Different words, the most frequent first. Word number x comes in proportion to 1 / (x log x), counted from 8:
/// the first about once in 30 words, the first 300 in two words of three.
pub(crate) struct Vocabulary {
    words: Vec<String>,
    /// Sum of the weights up to each word.
    weights: Vec<u64>,
}

impl Vocabulary {
    /// `size` words.
    pub(crate) fn new(size: usize, random: &mut Random) -> Vocabulary {
        let consonants: Vec<char> = CONSONANTS.chars().collect();
        let roots: Vec<[char; 3]> = (0..ROOTS).map(|_| [(); 3].map(|()| *random.pick(&consonants))).collect();
        let mut words: Vec<String> = FUNCTION_WORDS.split_whitespace().map(arabic).collect();
        let mut known: BTreeSet<String> = words.iter().cloned().collect();
        while words.len() < size {
            let root = random.pick(&roots);
            let of_root = |c: char| c.to_digit(10).map_or(c, |place| root[place as usize - 1]);
            let stem: String = random.pick(&PATTERNS).chars().map(of_root).collect();
            let word = arabic(&format!("{}{stem}{}", random.pick(&PREFIXES), random.pick(&SUFFIXES)));
            if known.insert(word.clone()) {
                words.push(word);
            }
        }
        let weight = |rank: u64| (1 << 40) / ((rank + 8) * u64::from((rank + 8).ilog2()));
        let weights = (0..words.len() as u64)
            .scan(0, |sum, rank| {
                *sum += weight(rank);
                Some(*sum)
            })
            .collect();
        Vocabulary { words, weights }
    }

    /// A word, as often as it comes in texts.
    pub(crate) fn usual(&self, random: &mut Random) -> &str {
        let all = self.weights[self.weights.len() - 1];
        let drawn = ((u128::from(random.draw()) * u128::from(all)) >> 64) as u64;
        &self.words[self.weights.partition_point(|&sum| sum <= drawn)]
    }

    /// Any word, the rare ones as often as the others: what an article is about.
    pub(crate) fn any(&self, random: &mut Random) -> &str {
        &self.words[random.place(self.words.len())]
    }
}
