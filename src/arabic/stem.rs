//! Light stemming: prefixes and suffixes off, roots untouched.
//!
//! The rules are those of the light10 stemmer (Larkey, Ballesteros and Connell, "Light stemming for Arabic
//! information retrieval", 2007), with these differences, measured in docs/arabic.md:
//!
//! - a prefix is kept, or a one-letter preposition is taken off, where `affixes.txt` says so; that list is
//!   learned from counts by `naskh learn affixes`: a prefix that is really the word's own first letters
//!   leaves a remainder nobody writes;
//! - an initial alef written with hamza or madda is never the article's;
//! - a suffix leaves at least [`SHORTEST`] letters;
//! - behind a pronoun suffix the ta marbuta stands open: it goes too.

use std::borrow::Cow;
use std::sync::LazyLock;

use super::fold::fold;
use super::letters::{ALEF, LAM, TEH, WAW};
use super::words::{WordMap, word_hash};

/// Letters that a suffix must leave.
const SHORTEST: usize = 3;
/// Letters that a prefix must leave.
const SHORTEST_AFTER_PREFIX: usize = 2;
/// Bytes of one folded Arabic letter in UTF-8.
const LETTER: usize = 2;

/// How many leading letters of a word are prefix, where the rules would be wrong. `prefix+rest` a line.
static AFFIXES: LazyLock<WordMap<u8>> = LazyLock::new(|| {
    include_str!("affixes.txt")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| {
            let (word, letters) = line.split_once(' ')?;
            Some((word_hash(word), letters.parse().ok()?))
        })
        .collect()
});

/// The article, and what may stand before it.
const ARTICLE: &str = "\u{0627}\u{0644}";
const BEFORE_ARTICLE: [&str; 3] = ["\u{0628}\u{0627}\u{0644}", "\u{0643}\u{0627}\u{0644}", "\u{0641}\u{0627}\u{0644}"];
/// li- and the article, run together.
const LI_ARTICLE: &str = "\u{0644}\u{0644}";

/// Suffixes in the order they are tried, each once; `true` for a pronoun.
const SUFFIXES: [(&str, bool); 8] = [
    ("\u{0647}\u{0627}", true),
    ("\u{0627}\u{0646}", false),
    ("\u{0627}\u{062A}", false),
    ("\u{0648}\u{0646}", false),
    ("\u{064A}\u{0646}", false),
    ("\u{064A}\u{0647}", false),
    ("\u{0647}", true),
    ("\u{064A}", false),
];

/// The stem of a folded word. `hamza`: its first letter was an alef with hamza or madda.
/// Words that hold anything but Arabic letters are their own stems.
pub(crate) fn stem(word: &str, hamza: bool) -> Cow<'_, str> {
    if !word.as_bytes().first().is_some_and(|b| (0xD8..=0xDB).contains(b)) {
        return Cow::Borrowed(word);
    }
    match without_prefix(word, hamza) {
        Cow::Borrowed(rest) => Cow::Borrowed(without_suffix(rest)),
        Cow::Owned(rest) => Cow::Owned(without_suffix(&rest).to_owned()),
    }
}

fn letters(word: &str) -> usize {
    word.len() / LETTER
}

fn without_prefix(word: &str, hamza: bool) -> Cow<'_, str> {
    if hamza {
        return Cow::Borrowed(word);
    }
    if let Some(&cut) = AFFIXES.get(&word_hash(word)) {
        let rest = &word[usize::from(cut) * LETTER..];
        return if cut == 0 { Cow::Borrowed(word) } else { without_article(rest) };
    }
    if word.starts_with(WAW) && letters(word) > SHORTEST {
        let rest = &word[LETTER..];
        // What follows may have a prefix of its own, and be listed.
        return if rest.starts_with(WAW) { Cow::Borrowed(rest) } else { without_prefix(rest, false) };
    }
    without_article(word)
}

/// Takes the article off, and a preposition only together with it.
fn without_article(word: &str) -> Cow<'_, str> {
    let long_enough = |rest: &str| letters(rest) >= SHORTEST_AFTER_PREFIX;
    for prefix in BEFORE_ARTICLE {
        if word.strip_prefix(prefix).is_some_and(long_enough) {
            return Cow::Borrowed(bare(&word[LETTER..]));
        }
    }
    if let Some(rest) = word.strip_prefix(LI_ARTICLE).filter(|r| long_enough(r)) {
        let written_out: String = [ALEF, LAM].into_iter().chain(rest.chars()).collect();
        return if AFFIXES.get(&word_hash(&written_out)) == Some(&0) {
            Cow::Owned(written_out)
        } else {
            Cow::Borrowed(rest)
        };
    }
    Cow::Borrowed(bare(word))
}

/// `word` without its article, unless the list says that it has none.
fn bare(word: &str) -> &str {
    match word.strip_prefix(ARTICLE) {
        Some(rest) if letters(rest) >= SHORTEST_AFTER_PREFIX && AFFIXES.get(&word_hash(word)) != Some(&0) => rest,
        _ => word,
    }
}

fn without_suffix(mut word: &str) -> &str {
    for (suffix, pronoun) in SUFFIXES {
        let Some(rest) = word.strip_suffix(suffix).filter(|r| letters(r) >= SHORTEST) else {
            continue;
        };
        word = rest;
        if pronoun && let Some(open) = word.strip_suffix(TEH).filter(|r| letters(r) >= SHORTEST) {
            word = open;
        }
    }
    word
}

/// The shipped stop list: folded words.
pub(crate) fn stop_words() -> impl Iterator<Item = String> {
    include_str!("stopwords.txt").lines().filter(|l| !l.starts_with('#')).flat_map(str::split_whitespace).map(fold)
}

#[cfg(test)]
mod tests {
    use crate::arabic::Tokenizer;

    #[test]
    fn each_word_to_its_stem() {
        for line in include_str!("testdata/stem.tsv").lines().filter(|l| !l.starts_with('#')) {
            let Some((word, stem)) = line.split_once('\t') else { panic!("two columns wanted: {line}") };
            let found = Tokenizer::new().spelled(word);
            assert_eq!(found.iter().map(|t| t.stem.as_str()).collect::<Vec<_>>(), [stem], "{word}");
        }
    }
}
