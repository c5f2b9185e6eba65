//! Articles to measure with, made by rule: the same for the same seed, on every machine.
//!
//! Nobody wrote these texts and they say nothing. They imitate what decides how fast text is worked
//! through: two bytes a letter; a few hundred words that make up most of the text and a long tail of rare
//! ones; some words of its own in every article, again and again; numbers in both kinds of digits; commas,
//! quotation marks, brackets, vowel signs here and there; sentences, paragraphs, titles; a line of its outlet's
//! below every other article. One story in eight is told four times: as it is, copied, abridged and reworded.
//!
//! With `NASKH_BENCH_JSONL` in the environment, [`articles`] reads the articles of that JSONL file instead.

#![allow(dead_code, reason = "every benchmark uses another part")]
#![allow(clippy::expect_used, reason = "a benchmark that cannot begin should end at once and say why")]

#[path = "../random.rs"]
mod random;
mod words;

use std::path::PathBuf;

use naskh::{Article, ReadOptions, Timestamp, read_articles};

pub(crate) use random::Random;
use words::{Vocabulary, arabic, marked};

/// The variable that names a JSONL file to measure with.
const GIVEN: &str = "NASKH_BENCH_JSONL";
const SEED: u64 = 20_260_412;
const VOCABULARY: usize = 20_000;
/// Words that are an article's own, and how often one of them comes: every so-manieth word.
const TOPIC: usize = 40;
const TOPIC_WORD: usize = 5;
const SOURCES: usize = 12;
/// One story in so many is told four times.
const FAMILY: usize = 8;

/// `full` when something is measured, `quick` when a test only wants to see that the benchmark runs.
pub(crate) fn size(full: usize, quick: usize) -> usize {
    let says = |flag: &str| std::env::args().any(|argument| argument == flag);
    if says("--bench") && !says("--test") { full } else { quick }
}

/// The file of articles to measure with, if one is given.
pub(crate) fn given() -> Option<PathBuf> {
    std::env::var_os(GIVEN).filter(|name| !name.is_empty()).map(PathBuf::from)
}

/// The articles of the file that is given, else `count` made ones.
pub(crate) fn articles(count: usize) -> Vec<Article> {
    let Some(path) = given() else {
        return made(count);
    };
    let read = read_articles(&[path], &ReadOptions::default(), |article, _| article);
    read.expect(GIVEN).items.into_iter().map(|item| item.value).collect()
}

/// `count` made articles. Their ids sort as they come; those of one story begin with the same
/// [`STORY`] characters.
pub(crate) fn made(count: usize) -> Vec<Article> {
    let mut random = Random::new(SEED);
    let vocabulary = Vocabulary::new(VOCABULARY, &mut random);
    let mut writer = Writer { vocabulary, random, closing: Vec::new() };
    writer.closing = (0..SOURCES).map(|_| writer.sentence(&[], 9)).collect();
    let mut articles = Vec::with_capacity(count + 3);
    for number in 0.. {
        if articles.len() >= count {
            break;
        }
        let story = writer.story();
        articles.push(writer.article(&story, number, "0-told"));
        if number % FAMILY == 0 {
            for (kin, name) in [(Kin::Copy, "1-copy"), (Kin::Abridged, "2-abridged"), (Kin::Reworded, "3-reworded")] {
                let again = writer.again(&story, kin);
                articles.push(writer.article(&again, number, name));
            }
        }
    }
    articles.truncate(count);
    articles
}

/// Length of the number that ids begin with, in bytes.
pub(crate) const STORY: usize = 6;

/// How a story is told again.
#[derive(Clone, Copy)]
enum Kin {
    /// Another title, one word in fifty another one, the last paragraph cut.
    Copy,
    /// Half of the sentences.
    Abridged,
    /// One word in four another one.
    Reworded,
}

/// Words with the punctuation that hangs on them.
type Sentence = Vec<String>;

struct Story {
    topic: Vec<String>,
    title: Sentence,
    paragraphs: Vec<Vec<Sentence>>,
}

struct Writer {
    vocabulary: Vocabulary,
    random: Random,
    /// What each source prints below its articles.
    closing: Vec<Sentence>,
}

impl Writer {
    fn story(&mut self) -> Story {
        let topic: Vec<String> = (0..TOPIC).map(|_| self.vocabulary.any(&mut self.random).to_owned()).collect();
        let title = self.sentence(&topic, 6);
        let paragraphs = (0..3 + self.random.place(7))
            .map(|_| {
                (0..1 + self.random.place(4))
                    .map(|_| {
                        let words = 8 + self.random.place(28);
                        self.sentence(&topic, words)
                    })
                    .collect()
            })
            .collect();
        Story { topic, title, paragraphs }
    }

    fn again(&mut self, story: &Story, kin: Kin) -> Story {
        let mut again =
            Story { topic: story.topic.clone(), title: story.title.clone(), paragraphs: story.paragraphs.clone() };
        let Story { topic, title, paragraphs } = &mut again;
        match kin {
            Kin::Copy => {
                *title = self.sentence(topic, 7);
                paragraphs.pop();
                self.reword(topic, paragraphs, 50);
            }
            Kin::Abridged => {
                let mut number = 0;
                for paragraph in paragraphs.iter_mut() {
                    paragraph.retain(|_| {
                        number += 1;
                        number % 2 == 1
                    });
                }
                paragraphs.retain(|paragraph| !paragraph.is_empty());
            }
            Kin::Reworded => self.reword(topic, paragraphs, 4),
        }
        again
    }

    /// Puts another word for one in `times`.
    fn reword(&mut self, topic: &[String], paragraphs: &mut [Vec<Sentence>], times: usize) {
        for word in paragraphs.iter_mut().flatten().flatten() {
            if self.random.one_in(times) {
                *word = self.word(topic);
            }
        }
    }

    fn sentence(&mut self, topic: &[String], words: usize) -> Sentence {
        (0..words)
            .map(|_| {
                let word = self.word(topic);
                match self.random.place(60) {
                    0..6 => format!("{word}\u{060C}"),
                    6..9 => format!("\u{00AB}{word} {}\u{00BB}", self.word(topic)),
                    9 => format!("({word})"),
                    10 => format!("\"{word}\""),
                    _ => word,
                }
            })
            .collect()
    }

    fn word(&mut self, topic: &[String]) -> String {
        if self.random.one_in(30) {
            return self.number();
        }
        let word = if !topic.is_empty() && self.random.one_in(TOPIC_WORD) {
            self.random.pick(topic)
        } else {
            self.vocabulary.usual(&mut self.random)
        };
        match self.random.place(400) {
            0..8 => marked(word, &mut self.random),
            // A word of another script.
            8 => ["G20", "FIFA", "km"][self.random.place(3)].to_owned(),
            _ => word.to_owned(),
        }
    }

    fn number(&mut self) -> String {
        let value = self.random.place(3_000);
        let written = match self.random.place(6) {
            0 => format!("{}.{}", value / 30, value % 10),
            1 => format!("{},{:03}", 1 + value % 40, value % 1_000),
            _ => value.to_string(),
        };
        let eastern = |c: char| match c.to_digit(10) {
            // ARABIC-INDIC DIGIT ZERO and those after it; ARABIC DECIMAL and THOUSANDS SEPARATOR.
            Some(digit) => char::from_u32(0x0660 + digit).unwrap_or(c),
            None if c == '.' => '\u{066B}',
            None => '\u{066C}',
        };
        if self.random.one_in(2) { written.chars().map(eastern).collect() } else { written }
    }

    fn article(&mut self, story: &Story, number: usize, telling: &str) -> Article {
        let source = self.random.place(SOURCES);
        let mut paragraphs = story.paragraphs.clone();
        if self.random.one_in(2) {
            paragraphs.push(vec![self.closing[source].clone()]);
        }
        let sentence = |words: &Sentence| format!("{}.", words.join(" ").trim_end_matches('\u{060C}'));
        let paragraph = |sentences: &Vec<Sentence>| sentences.iter().map(sentence).collect::<Vec<_>>().join(" ");
        Article {
            id: format!("{number:0STORY$}-{telling}"),
            source: Some(format!("{} {source}", arabic("SHyfp"))),
            date: Timestamp::parse(&format!("2026-04-{:02}", 1 + number % 28)),
            title: story.title.join(" "),
            text: paragraphs.iter().map(paragraph).collect::<Vec<_>>().join("\n"),
        }
    }
}
