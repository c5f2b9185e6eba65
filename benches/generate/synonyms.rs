//! Words that can stand for each other in a news text, by `synonyms.txt`: a set a line, made for this project.
//!
//! A set also counts with what Arabic writes in front of a word: the article, prepositions, "and".

use std::collections::BTreeMap;

use crate::random::Random;

const SETS: &str = include_str!("synonyms.txt");
/// Nothing, or: and; then; with; to; the; and the; with the; to the.
const BEFORE: [&str; 9] = [
    "",
    "\u{0648}",
    "\u{0641}",
    "\u{0628}",
    "\u{0644}",
    "\u{0627}\u{0644}",
    "\u{0648}\u{0627}\u{0644}",
    "\u{0628}\u{0627}\u{0644}",
    "\u{0644}\u{0644}",
];

/// For each word of the chain the set it is in.
pub(crate) struct Synonyms {
    set_of: Vec<Option<u32>>,
    sets: Vec<Vec<u32>>,
}

impl Synonyms {
    /// The sets, as far as their words are among `words`.
    pub(crate) fn of(words: &[String]) -> Synonyms {
        let ids: BTreeMap<&str, u32> = words.iter().map(String::as_str).zip(0..).collect();
        let mut synonyms = Synonyms { set_of: vec![None; words.len()], sets: Vec::new() };
        for before in BEFORE {
            for line in SETS.lines() {
                let known = |word: &str| ids.get(format!("{before}{word}").as_str()).copied();
                let set: Vec<u32> = line.split_whitespace().filter_map(known).collect();
                if set.len() > 1 {
                    for &word in &set {
                        // The first set that a word is in is the one it has.
                        synonyms.set_of[word as usize].get_or_insert(synonyms.sets.len() as u32);
                    }
                    synonyms.sets.push(set);
                }
            }
        }
        synonyms
    }

    /// Another word for `word`, if one is known.
    pub(crate) fn another(&self, word: u32, random: &mut Random) -> Option<u32> {
        let set = &self.sets[(*self.set_of.get(word as usize)?)? as usize];
        let own = set.iter().position(|&other| other == word)?;
        let others = set.len() - 1;
        set.get((own + 1 + random.place(others)) % set.len()).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_word_of_the_same_set_with_the_same_letters_before() {
        let words: Vec<String> = SETS.split_whitespace().flat_map(|w| [w.to_owned(), format!("\u{0648}{w}")]).collect();
        let synonyms = Synonyms::of(&words);
        let mut random = Random::new(1);
        for (id, word) in (0..).zip(&words) {
            let Some(other) = synonyms.another(id, &mut random) else { continue };
            let other = &words[other as usize];
            assert_ne!(other, word);
            let bare = |word: &String| word.strip_prefix('\u{0648}').unwrap_or(word).to_owned();
            let both = |line: &str| {
                [word, other].iter().all(|w| line.split(' ').any(|in_it| in_it == bare(w) || in_it == **w))
            };
            assert!(SETS.lines().any(both), "{word} {other}");
        }
        assert_eq!(synonyms.another(words.len() as u32, &mut random), None);
    }

    #[test]
    fn a_line_is_a_set_of_different_words() {
        for line in SETS.lines() {
            let mut words: Vec<&str> = line.split(' ').collect();
            words.sort_unstable();
            words.dedup();
            assert!(words.len() > 1 && words.len() == line.split(' ').count(), "{line}");
        }
    }
}
