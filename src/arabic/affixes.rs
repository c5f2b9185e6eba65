//! Learns from word counts where the prefix rules of the stemmer would be wrong.
//!
//! A letter that may be a prefix is one only if what follows is a word of its own, so the remainder must be
//! attested; and a word that itself takes the article (`al-wazir`) begins with its own letter.

use std::collections::BTreeMap;

use super::fold::fold;
use super::letters::{BEH, FEH, KAF, LAM, WAW};
use super::reference::is_hamza_alef;
use super::{SpelledToken, TokenKind, Tokenizer};

/// Words seen less often teach nothing.
const MIN_COUNT: u32 = 4;
/// A leading waw is the word's own if the rest is this much rarer.
const WAW_OWN: f64 = 0.1;
/// A one-letter preposition is one if the rest is this much more frequent.
const PREPOSITIONS: [(char, f64); 4] = [(BEH, 2.0), (LAM, 2.0), (FEH, 8.0), (KAF, 20.0)];
/// A word that takes the article this often, measured on itself, begins with its own letter.
const TAKES_ARTICLE: f64 = 0.02;
/// Share of the occurrences written with hamza or madda from which on `al-` is not the article.
const HAMZA_SHARE: f64 = 0.5;

/// Counts of folded words: all occurrences, and those whose first letter was an alef with hamza or madda.
#[derive(Clone, Debug, Default)]
pub struct WordCounts(BTreeMap<String, (u32, u32)>);

impl WordCounts {
    /// Counts the words of one text.
    pub fn add(&mut self, text: &str) {
        for SpelledToken { token, folded, .. } in Tokenizer::new().spelled(text) {
            if token.kind != TokenKind::Number {
                let hamza = text[token.span()].starts_with(is_hamza_alef);
                let count = self.0.entry(folded).or_default();
                count.0 += 1;
                count.1 += u32::from(hamza);
            }
        }
    }

    /// Adds another count to this one.
    pub fn merge(&mut self, other: WordCounts) {
        for (word, (all, hamza)) in other.0 {
            let count = self.0.entry(word).or_default();
            count.0 += all;
            count.1 += hamza;
        }
    }

    /// The exceptions to the stemmer's prefix rules: word, and how many of its first letters are prefix.
    /// In the order of the words; the lines of `affixes.txt`.
    pub fn exceptions(&self) -> Vec<(&str, usize)> {
        let arabic = |w: &str| w.chars().all(|c| ('\u{0620}'..='\u{064A}').contains(&c));
        self.0
            .iter()
            .filter(|(word, count)| count.0 >= MIN_COUNT && arabic(word))
            .filter_map(|(word, _)| Some((word.as_str(), self.exception(word)?)))
            .collect()
    }

    fn count(&self, word: &str) -> f64 {
        self.0.get(word).map_or(0.0, |c| f64::from(c.0))
    }

    fn exception(&self, word: &str) -> Option<usize> {
        let article = fold("\u{0627}\u{0644}");
        let (all, hamza) = *self.0.get(word)?;
        let own = f64::from(all);
        let takes_article = self.count(&format!("{article}{word}"));
        let mut letters = word.chars();
        let first = letters.next()?;
        let rest = letters.as_str();
        if word.chars().count() < 4 {
            return None;
        }
        if word.starts_with(&article) {
            let root = f64::from(hamza) >= HAMZA_SHARE * own
                || takes_article > 0.0 && self.count(&word[article.len()..]) < 0.2 * own;
            return root.then_some(0);
        }
        if first == WAW {
            let root =
                self.count(rest) < WAW_OWN * own || (takes_article > TAKES_ARTICLE * own && self.count(rest) < own);
            return root.then_some(0);
        }
        let (_, ratio) = PREPOSITIONS.into_iter().find(|p| p.0 == first)?;
        let prefix = self.count(rest) >= ratio * own
            && takes_article < TAKES_ARTICLE * own
            && !rest.starts_with(&article)
            && !(first == LAM && rest.starts_with(LAM));
        prefix.then_some(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words made up of one root, written `count` times each.
    fn counts(words: &[(&str, u32)]) -> WordCounts {
        let mut counts = WordCounts::default();
        for (word, n) in words {
            counts.add(&format!("{word} ").repeat(*n as usize));
        }
        counts
    }

    #[test]
    fn a_first_letter_is_a_prefix_only_if_the_rest_is_a_word() {
        let counts = counts(&[
            ("وزير", 50),
            ("الوزير", 20),
            ("زير", 1),
            ("وقال", 50),
            ("قال", 60),
            ("بمدينة", 5),
            ("مدينة", 40),
            ("المدينة", 30),
            ("بلدية", 8),
            ("البلدية", 5),
            ("لدية", 20),
            ("ألبانيا", 9),
            ("البلاد", 9),
        ]);
        let found: Vec<_> = counts.exceptions();
        assert_eq!(found, [("البانيا", 0), ("بمدينه", 1), ("وزير", 0)]);
    }
}
