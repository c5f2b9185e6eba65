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
use super::letters::{BEH, FEH, KAF, WAW};
use super::words::{WordMap, word_hash};

/// Letters that a suffix must leave.
const SHORTEST: usize = 3;
/// Letters that a prefix must leave.
const SHORTEST_AFTER_PREFIX: usize = 2;
/// Bytes of one folded Arabic letter in UTF-8.
const LETTER: usize = 2;

/// What the lists say of a folded word.
#[derive(Clone, Copy, Debug, Default)]
struct Listed {
    /// How many of its first letters are prefix, where the rules would be wrong (`affixes.txt`).
    prefix: Option<u8>,
    /// It is a stop word (`stopwords.txt`).
    stop: bool,
}

static LISTED: LazyLock<WordMap<Listed>> = LazyLock::new(|| {
    let mut listed: WordMap<Listed> = WordMap::default();
    listed.reserve(1 << 14);
    for line in lines(include_str!("affixes.txt")) {
        if let Some((word, letters)) = line.split_once(' ') {
            listed.entry(word_hash(word)).or_default().prefix = letters.parse().ok();
        }
    }
    for word in lines(include_str!("stopwords.txt")).flat_map(str::split_whitespace) {
        listed.entry(word_hash(&fold(word))).or_default().stop = true;
    }
    listed
});

fn lines(list: &str) -> impl Iterator<Item = &str> {
    list.lines().filter(|line| !line.starts_with('#'))
}

fn listed(word: &str) -> Listed {
    LISTED.get(&word_hash(word)).copied().unwrap_or_default()
}

/// The article.
const ARTICLE: &str = "\u{0627}\u{0644}";
/// li- and the article, run together.
const LI_ARTICLE: &str = "\u{0644}\u{0644}";

/// Whether a folded word is a stop word, and its stem. `hamza`: its first letter was an alef with hamza or madda.
/// Words that begin with anything but an Arabic letter are their own stems.
pub(crate) fn analyse(word: &str, hamza: bool) -> (bool, Cow<'_, str>) {
    let own = listed(word);
    let after_conjunction = word.strip_prefix([WAW, FEH]);
    let mut chars = word.chars();
    chars.next();
    // A single letter says nothing, whatever it is.
    let stop = own.stop || chars.as_str().is_empty() || after_conjunction.is_some_and(|rest| listed(rest).stop);
    if !word.as_bytes().first().is_some_and(|b| (0xD8..=0xDB).contains(b)) {
        return (stop, Cow::Borrowed(word));
    }
    let stem = match if hamza { Cow::Borrowed(word) } else { without_prefix(word, own) } {
        Cow::Borrowed(rest) => Cow::Borrowed(without_suffixes(rest)),
        Cow::Owned(rest) => Cow::Owned(without_suffixes(&rest).to_owned()),
    };
    (stop, stem)
}

fn letters(word: &str) -> usize {
    word.len() / LETTER
}

fn long_enough(rest: &&str) -> bool {
    letters(rest) >= SHORTEST_AFTER_PREFIX
}

/// `own`: what the lists say of `word`.
fn without_prefix(word: &str, own: Listed) -> Cow<'_, str> {
    match own.prefix {
        Some(0) => return Cow::Borrowed(word),
        Some(cut) => {
            let rest = &word[usize::from(cut) * LETTER..];
            return without_article(rest, listed(rest));
        }
        None => {}
    }
    if let Some(rest) = word.strip_prefix(WAW)
        && letters(word) > SHORTEST
    {
        // What follows may have a prefix of its own, and be listed.
        return if rest.starts_with(WAW) { Cow::Borrowed(rest) } else { without_prefix(rest, listed(rest)) };
    }
    without_article(word, own)
}

/// Takes the article off, and a preposition only together with it.
fn without_article(word: &str, own: Listed) -> Cow<'_, str> {
    if let Some(rest) = word.strip_prefix([BEH, KAF, FEH])
        && rest.strip_prefix(ARTICLE).is_some_and(|rest| long_enough(&rest))
    {
        return Cow::Borrowed(bare(rest, listed(rest)));
    }
    if let Some(rest) = word.strip_prefix(LI_ARTICLE).filter(long_enough) {
        let written_out = [ARTICLE, rest].concat();
        return if listed(&written_out).prefix == Some(0) { Cow::Owned(written_out) } else { Cow::Borrowed(rest) };
    }
    Cow::Borrowed(bare(word, own))
}

/// `word` without its article, unless the list says that it has none.
fn bare(word: &str, own: Listed) -> &str {
    word.strip_prefix(ARTICLE).filter(|rest| long_enough(rest) && own.prefix != Some(0)).unwrap_or(word)
}

/// Each suffix is tried once, in this order; behind a pronoun the ta marbuta stands open and goes too.
fn without_suffixes(word: &str) -> &str {
    let word = without_pronoun(word, "\u{0647}\u{0627}");
    let word = without(word, "\u{0627}\u{0646}");
    let word = without(word, "\u{0627}\u{062A}");
    let word = without(word, "\u{0648}\u{0646}");
    let word = without(word, "\u{064A}\u{0646}");
    let word = without(word, "\u{064A}\u{0647}");
    let word = without_pronoun(word, "\u{0647}");
    without(word, "\u{064A}")
}

// Inlined, so that a suffix is compared as one number.
#[inline(always)]
fn without_pronoun<'w>(word: &'w str, suffix: &'static str) -> &'w str {
    let rest = without(word, suffix);
    if rest.len() < word.len() { without(rest, "\u{062A}") } else { word }
}

#[inline(always)]
fn without<'w>(word: &'w str, suffix: &'static str) -> &'w str {
    word.strip_suffix(suffix).filter(|rest| letters(rest) >= SHORTEST).unwrap_or(word)
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
