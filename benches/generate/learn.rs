//! Learns the chain from articles: frequent words, the pairs of them that many articles have, letters, lengths.
//!
//! A pair is kept only if several articles have it, and nothing longer than a pair is counted: no sentence can be read
//! back. Words that are not frequent are counted as one, so that none of them is kept either; their letters are, three
//! by three.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, ensure};
use naskh::{Article, ReadOptions, read_articles};

use crate::chain::{COLON, COMMA, Counts, END, FORMAT, MARKS, NUMBER, PARAGRAPH, Provenance, RARE, STOP, TITLE};

/// So many words are frequent.
const WORDS: usize = 30_000;
/// A pair is kept if so many articles have it.
const LEAST_ARTICLES: u32 = 3;
/// Two letters are kept with what follows them if it came so often.
const LEAST_LETTERS: u32 = 20;
/// Lengths of articles are kept at so many steps of their rank.
const LENGTHS: usize = 100;
/// What a rare word may be made of: letters of Arabic, no marks.
const LETTERS: [std::ops::RangeInclusive<char>; 2] = ['\u{0621}'..='\u{063A}', '\u{0641}'..='\u{064A}'];

/// A piece of text.
enum Piece {
    Word(String),
    Number,
    /// A word of other letters than Arabic ones.
    Other,
    Mark(u32),
}

/// Counts the articles of `inputs`.
/// `data` and `date` say what these are, for the provenance.
pub(crate) fn learn(inputs: &[PathBuf], data: &str, date: &str) -> anyhow::Result<Vec<u8>> {
    let read = read_articles(inputs, &ReadOptions::default(), |article, _| article)?;
    let articles: Vec<Article> = read.items.into_iter().map(|item| item.value).collect();
    let names = inputs.iter().filter_map(|input| Some(format!(" --articles {}", input.file_name()?.to_string_lossy())));
    let provenance = Provenance {
        format: FORMAT,
        data: data.to_owned(),
        date: date.to_owned(),
        command: format!("generate learn{}", names.collect::<String>()),
        articles: articles.len(),
        note: format!(
            "counts of the {WORDS} most frequent words and of pairs of them that {LEAST_ARTICLES} articles or more have"
        ),
    };

    let mut frequencies: BTreeMap<String, u32> = BTreeMap::new();
    let mut lengths = Vec::with_capacity(articles.len());
    for article in &articles {
        let mut length = 0;
        for piece in pieces(&article.text) {
            length += u32::from(!matches!(piece, Piece::Mark(_)));
            if let Piece::Word(word) = piece {
                *frequencies.entry(word).or_default() += 1;
            }
        }
        lengths.push(length);
    }
    lengths.sort_unstable();
    // The longest of 1,000 is the longest that is made; what lies beyond comes once in a corpus.
    let most = lengths.len().checked_sub(1).context("found no articles")? * 999 / 1_000;
    let lengths = (0..=LENGTHS).map(|step| lengths[most * step / LENGTHS]).collect();

    let mut by_frequency: Vec<(&str, u32)> = frequencies.iter().map(|(word, &count)| (word.as_str(), count)).collect();
    by_frequency.sort_by_key(|&(word, count)| (std::cmp::Reverse(count), word));
    let (frequent, rare) = by_frequency.split_at(by_frequency.len().min(WORDS));
    let ids: BTreeMap<&str, u32> = frequent.iter().map(|(word, _)| *word).zip(MARKS.len() as u32..).collect();

    // Every pair with the article it is in, in the end by pair.
    let mut met: Vec<(u32, u32, u32)> = Vec::new();
    for (number, article) in (0..).zip(&articles) {
        let mut add = |start, text: &str, end| {
            let mut last = start;
            for piece in pieces(text) {
                let next = match &piece {
                    Piece::Word(word) => ids.get(word.as_str()).copied().unwrap_or(RARE),
                    Piece::Number => NUMBER,
                    Piece::Other => RARE,
                    Piece::Mark(mark) => *mark,
                };
                // One mark after another, or a number, says nothing.
                if !(is_mark(next) && is_mark(last) || next == NUMBER && last == NUMBER) {
                    met.push((last, next, number));
                    last = next;
                }
            }
            if end == END {
                met.push((last, END, number));
            }
        };
        add(TITLE, article.title.trim(), END);
        add(PARAGRAPH, article.text.trim(), PARAGRAPH);
    }
    met.sort_unstable();
    let words = MARKS.len() + frequent.len();
    let (mut pairs, mut unlisted) = (vec![Vec::new(); words], vec![0; words]);
    let mut not_listed = vec![0; words];
    for same in met.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)) {
        let (word, next, count) = (same[0].0 as usize, same[0].1, same.len() as u32);
        let articles = same.chunk_by(|a, b| a.2 == b.2).count() as u32;
        // A rare word is anyone's.
        if articles >= LEAST_ARTICLES {
            pairs[word].push((next, count));
        } else {
            not_listed[word] += count;
            unlisted[next as usize] += count;
        }
    }
    for (row, count) in pairs.iter_mut().zip(not_listed) {
        if count > 0 || row.is_empty() {
            row.push((words as u32, count.max(1)));
        }
    }
    let unlisted: Vec<(u32, u32)> = (0..).zip(unlisted).filter(|&(next, count)| next > END && count > 0).collect();
    ensure!(!unlisted.is_empty(), "found too few articles: each pair of words is in {LEAST_ARTICLES} of them or more");

    let letters: Vec<char> = LETTERS.into_iter().flatten().collect();
    Counts {
        words: frequent.iter().map(|(word, _)| (*word).to_owned()).collect(),
        spelling: spelling(rare, &letters),
        letters,
        lengths,
        pairs,
        unlisted,
    }
    .pack(&provenance)
}

/// What follows two letters in the words, each word counted once: 0 is beginning and end.
fn spelling(words: &[(&str, u32)], letters: &[char]) -> Vec<Vec<(u32, u32)>> {
    let states = letters.len() + 1;
    let mut counts = vec![vec![0; states]; states * states];
    for (word, _) in words {
        let (mut before, mut last) = (0, 0);
        let ends = std::iter::once(0);
        for next in word.chars().filter_map(|c| letters.binary_search(&c).ok()).map(|at| at + 1).chain(ends) {
            counts[before * states + last][next] += 1;
            (before, last) = (last, next);
        }
    }
    let kept = |row: Vec<u32>| (0..).zip(row).filter(|&(_, count)| count >= LEAST_LETTERS).collect();
    counts.into_iter().map(kept).collect()
}

fn is_mark(word: u32) -> bool {
    matches!(word, PARAGRAPH | TITLE | STOP | COMMA | COLON)
}

/// The words, numbers and marks of a text.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let hangs = |c: char| !c.is_alphanumeric() && !is_vowel(c);
    for (number, line) in text.lines().filter(|line| !line.trim().is_empty()).enumerate() {
        if number > 0 {
            pieces.push(Piece::Mark(PARAGRAPH));
        }
        for written in line.split(|c: char| c.is_whitespace() || matches!(c, '-' | '/' | '_' | '\u{2013}' | '\u{2026}'))
        {
            let word = written.trim_matches(hangs);
            if let Some(first) = word.chars().next() {
                // A word never has vowel signs here, and no TATWEEL.
                let bare: String = word.chars().filter(|&c| !is_vowel(c) && c != '\u{0640}').collect();
                let arabic = |c| LETTERS.iter().any(|letters| letters.contains(&c));
                pieces.push(match bare {
                    _ if first.is_numeric() => Piece::Number,
                    bare if !bare.is_empty() && bare.chars().all(arabic) => Piece::Word(bare),
                    _ => Piece::Other,
                });
            }
            pieces.extend(written.chars().rev().take_while(|&c| hangs(c)).find_map(mark).map(Piece::Mark));
        }
    }
    pieces
}

fn is_vowel(c: char) -> bool {
    matches!(c, '\u{064B}'..='\u{0652}' | '\u{0670}')
}

/// What a mark counts as: ARABIC COMMA and SEMICOLON and others.
fn mark(c: char) -> Option<u32> {
    match c {
        '.' | '!' | '?' | '\u{061F}' => Some(STOP),
        ',' | ';' | '\u{060C}' | '\u{061B}' => Some(COMMA),
        ':' => Some(COLON),
        _ => None,
    }
}
