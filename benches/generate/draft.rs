//! An article as words: written afresh by the chain, around what it and its topic are about.
//!
//! Where the chain has no pair to go on with, real texts are about something: so there stands a phrase of the article's
//! own or of its topic, or a name that has been in it. These make articles of one topic alike without one telling
//! the other's report, as in real news.

use crate::chain::{CLOSE, COMMA, Chain, END, MARKS, NUMBER, OPEN, PARAGRAPH, RARE, STOP, TITLE};
use crate::random::{Random, mix};

/// One word, number or mark of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    /// A frequent word or a mark, by its number in the chain.
    Word(u32),
    /// A rare word, by its rank among these.
    Rare(u64),
    /// A number, in tenths if it has a fraction.
    Number { value: u32, tenths: bool },
}

impl Token {
    /// What the chain goes on from.
    fn state(self) -> u32 {
        match self {
            Token::Word(word) => word,
            Token::Rare(_) => RARE,
            Token::Number { .. } => NUMBER,
        }
    }

    /// Is it more than a mark?
    pub(crate) fn is_word(self) -> bool {
        self.state() >= MARKS.len() as u32 || self.state() == RARE || self.state() == NUMBER
    }
}

/// A sentence with the mark that ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sentence {
    pub(crate) tokens: Vec<Token>,
    /// Does it begin a paragraph?
    pub(crate) opens: bool,
}

/// An article as words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) title: Vec<Token>,
    pub(crate) sentences: Vec<Sentence>,
}

/// How long a draft is, as shares of articles by length in 1,000.
#[derive(Clone, Copy)]
pub(crate) struct Length(pub(crate) u64, pub(crate) u64);

impl Length {
    /// As long as any.
    pub(crate) const ANY: Length = Length(0, 1_000);
    /// Long enough to be told again.
    pub(crate) const TOLD: Length = Length(100, 1_000);
    /// Long enough to be abridged.
    pub(crate) const LONG: Length = Length(400, 1_000);
    /// Short enough to be an item among others.
    pub(crate) const SHORT: Length = Length(50, 350);
}

/// What came after a word so many tokens back is no longer remembered.
const NEAR: usize = 150;
/// Words of a sentence without a mark; then it is ended.
const LONGEST_SENTENCE: usize = 70;
/// So many words more than it should have an article may have, to end with its sentence.
const OVER: usize = 40;
/// Phrases of an article alone and of a topic, and their longest.
const OWN_PHRASES: u64 = 8;
const TOPIC_PHRASES: u64 = 16;
const OWN_WORDS: u64 = 4;
const TOPIC_WORDS: u64 = 8;
/// Rare words of the first octave of ranks. Each further octave has twice as many, and all of it comes a little less often.
const FIRST_OCTAVE: u64 = 10_000;

/// Words before this one mostly hold sentences together.
const COMMON: u32 = MARKS.len() as u32 + 150;

// All in 1,000.
/// What came after a word not long before comes after it again.
const AGAIN: u64 = 180;
/// Where no pair is listed stands a phrase ...
const PHRASE: u64 = 560;
/// ... of the topic, not of the article alone, if the topic lasts, and if it is of these days.
const OF_LASTING: u64 = 550;
const OF_NEW: u64 = 750;
/// Else a word comes again.
const SAME_WORD: u64 = 350;
/// A rare word is one of this article's.
const SAME_RARE: u64 = 550;
/// A number is one of this article's.
const SAME_NUMBER: u64 = 250;
/// A phrase is quoted.
const QUOTED: u64 = 40;
/// An article is of no topic, of one that lasts, or else of one of these days.
const NO_TOPIC: u64 = 100;
const LASTING: u64 = 500;
/// Topics that last.
const LASTING_TOPICS: u64 = 1_500;
/// Topics that come up on a day for every 100 articles of that day, and how many days one is told.
const NEW_TOPICS: u64 = 12;
const TOLD_DAYS: u64 = 5;

/// Writes drafts.
pub(crate) struct Writer<'c> {
    pub(crate) chain: &'c Chain,
    /// Articles a day, by which topics come up.
    pub(crate) a_day: u64,
}

/// What an article goes on about.
#[derive(Default)]
struct Subject {
    own: Vec<Vec<Token>>,
    topic: Vec<Vec<Token>>,
    /// How many phrases in 1,000 are of the topic.
    of_topic: u64,
}

impl Writer<'_> {
    /// The draft with this seed, of this day.
    pub(crate) fn draft(&self, seed: u64, day: u64, length: Length) -> Draft {
        let mut random = Random::new(seed);
        let subject = self.subject(seed, day, &mut random);
        let words = self.chain.length(length.0, length.1, &mut random) as usize;
        let mut tokens = Vec::with_capacity(words * 5 / 4 + OVER);
        self.text(words, &subject, &mut tokens, &mut random);
        let sentences = sentences(&tokens);
        let lead = sentences.first().map_or(&[][..], |sentence| &sentence.tokens);
        Draft { title: self.title_about(lead, &subject, &mut random), sentences }
    }

    /// Another title of a draft.
    pub(crate) fn title(&self, draft: &Draft, random: &mut Random) -> Vec<Token> {
        let lead = draft.sentences.first().map_or(&[][..], |sentence| &sentence.tokens);
        let subject = Subject { own: draft.title.chunks(3).map(<[Token]>::to_vec).collect(), ..Subject::default() };
        self.title_about(lead, &subject, random)
    }

    /// The title of an article that is told nowhere.
    pub(crate) fn headline(&self, seed: u64) -> Vec<Token> {
        let subject = Subject { own: self.phrases(seed, 3, OWN_WORDS), ..Subject::default() };
        self.title_about(&[], &subject, &mut Random::new(seed))
    }

    /// Some sentences that belong to no draft.
    pub(crate) fn sentences(&self, words: usize, random: &mut Random) -> Vec<Sentence> {
        let mut tokens = Vec::new();
        self.text(words, &Subject::default(), &mut tokens, random);
        sentences(&tokens)
    }

    /// A rare word that nobody has used, or one that few have: each octave of ranks comes a little less often.
    pub(crate) fn rare(&self, random: &mut Random) -> Token {
        let octave = (0..30).find(|_| random.permille(300)).unwrap_or(30);
        Token::Rare(FIRST_OCTAVE * ((1 << octave) - 1) + random.below(FIRST_OCTAVE << octave))
    }

    /// Any word that carries meaning, as often as it comes where pairs are not listed.
    pub(crate) fn word(&self, random: &mut Random) -> Token {
        loop {
            let word = self.chain.unlisted(random);
            if word == RARE {
                return self.rare(random);
            }
            if word >= MARKS.len() as u32 {
                return Token::Word(word);
            }
        }
    }

    fn subject(&self, seed: u64, day: u64, random: &mut Random) -> Subject {
        let own = self.phrases(mix(seed, 1), OWN_PHRASES, OWN_WORDS);
        let (topic, of_topic) = match random.below(1_000) {
            ..NO_TOPIC => return Subject { own, ..Subject::default() },
            drawn if drawn < NO_TOPIC + LASTING => (random.zipf(LASTING_TOPICS), OF_LASTING),
            _ => {
                let came_up = day + TOLD_DAYS - random.zipf(TOLD_DAYS);
                let topics = (self.a_day * NEW_TOPICS / 100).max(1);
                (mix(came_up, random.zipf(topics)), OF_NEW)
            }
        };
        Subject { own, topic: self.phrases(mix(topic, 2), TOPIC_PHRASES, TOPIC_WORDS), of_topic }
    }

    fn phrases(&self, seed: u64, count: u64, longest: u64) -> Vec<Vec<Token>> {
        let mut random = Random::new(seed);
        (0..count)
            .map(|_| {
                let mut phrase = vec![self.word(&mut random)];
                for _ in 1..random.between(1, longest) {
                    let last = phrase[phrase.len() - 1].state();
                    match self.chain.after(last, &mut random) {
                        Some(RARE) => phrase.push(self.rare(&mut random)),
                        Some(word) if word >= MARKS.len() as u32 => phrase.push(Token::Word(word)),
                        Some(_) => break,
                        None => phrase.push(self.word(&mut random)),
                    }
                }
                phrase
            })
            .collect()
    }

    fn text(&self, words: usize, subject: &Subject, tokens: &mut Vec<Token>, random: &mut Random) {
        let (mut written, mut since_stop) = (0, 0);
        tokens.push(Token::Word(PARAGRAPH));
        while written < words + OVER {
            let last = tokens[tokens.len() - 1].state();
            let ended = last == STOP || last == PARAGRAPH;
            if ended && written >= words {
                break;
            }
            let before = tokens.len();
            if since_stop >= LONGEST_SENTENCE {
                tokens.push(Token::Word(STOP));
            } else {
                self.go_on(last, subject, tokens, random);
            }
            written += tokens[before..].iter().filter(|token| token.is_word()).count();
            let stop = matches!(tokens[tokens.len() - 1].state(), STOP | PARAGRAPH);
            since_stop = if stop { 0 } else { since_stop + tokens.len() - before };
        }
        if tokens[tokens.len() - 1].state() != PARAGRAPH && tokens[tokens.len() - 1].state() != STOP {
            tokens.push(Token::Word(STOP));
        }
    }

    /// Appends what comes next.
    fn go_on(&self, last: u32, subject: &Subject, tokens: &mut Vec<Token>, random: &mut Random) {
        if last >= MARKS.len() as u32 && random.permille(AGAIN) {
            let known = &tokens[..tokens.len() - 1];
            let known = &known[known.len().saturating_sub(NEAR)..];
            if let Some(at) = known.iter().rposition(|token| token.state() == last) {
                let again = known.get(at + 1).or(tokens.last()).copied();
                return tokens.extend(again);
            }
        }
        let mark = |word| matches!(word, PARAGRAPH | END | STOP | COMMA);
        let next = match self.chain.after(last, random) {
            Some(word) if word != END && !(mark(word) && mark(last)) => word,
            _ if random.permille(PHRASE) && !subject.own.is_empty() => {
                let of = if random.permille(subject.of_topic) { &subject.topic } else { &subject.own };
                let phrase = &of[random.zipf(of.len() as u64) as usize];
                return if random.permille(QUOTED) {
                    tokens.push(Token::Word(OPEN));
                    tokens.extend(phrase);
                    tokens.push(Token::Word(CLOSE));
                } else {
                    tokens.extend(phrase)
                };
            }
            _ if random.permille(SAME_WORD) => {
                let word = |token: &Token| matches!(token, Token::Word(word) if *word >= COMMON);
                return tokens.push(self.same(1_000, word, tokens, random).unwrap_or_else(|| self.word(random)));
            }
            _ => loop {
                let word = self.chain.unlisted(random);
                if !mark(word) {
                    break word;
                }
            },
        };
        tokens.push(match next {
            RARE => self
                .same(SAME_RARE, |token| matches!(token, Token::Rare(_)), tokens, random)
                .unwrap_or_else(|| self.rare(random)),
            NUMBER => {
                let number = |token: &Token| matches!(token, Token::Number { .. });
                self.same(SAME_NUMBER, number, tokens, random).unwrap_or_else(|| self.number(random))
            }
            word => Token::Word(word),
        });
    }

    /// A token of a kind that is among `tokens` already, so many times in 1,000; those near the end more often.
    fn same(&self, times: u64, kind: impl Fn(&Token) -> bool, tokens: &[Token], random: &mut Random) -> Option<Token> {
        if !random.permille(times) {
            return None;
        }
        let back = random.zipf(24) as usize;
        tokens.iter().rev().filter(|token| kind(token)).nth(back).copied()
    }

    /// A number as news have them: days, years, shares, amounts.
    pub(crate) fn number(&self, random: &mut Random) -> Token {
        let (from, to) = match random.below(20) {
            0..8 => (1, 31),
            8..11 => (2_008, 2_026),
            11..15 => (10, 400),
            15..18 => (100, 9_999),
            _ => (10_000, 2_000_000),
        };
        let value = random.between(from, to) as u32;
        Token::Number { value, tenths: to == 400 && random.permille(400) }
    }

    fn title_about(&self, lead: &[Token], subject: &Subject, random: &mut Random) -> Vec<Token> {
        let mut title = vec![Token::Word(TITLE)];
        let words = random.between(5, 11) as usize;
        while title.len() <= words {
            let last = title[title.len() - 1].state();
            match self.chain.after(last, random) {
                Some(END | PARAGRAPH | STOP) => break,
                Some(RARE) => title.push(self.rare(random)),
                Some(NUMBER) => title.push(self.number(random)),
                Some(word) => title.push(Token::Word(word)),
                None => {
                    let from_lead = lead.chunks(3).nth(random.place(lead.len() / 3 + 1)).unwrap_or(&[]);
                    match subject.own.get(random.zipf(4) as usize) {
                        Some(phrase) if random.permille(500) => title.extend(phrase),
                        _ if from_lead.is_empty() => title.push(self.word(random)),
                        _ => title.extend(from_lead.iter().filter(|token| token.is_word())),
                    }
                }
            }
        }
        title.remove(0);
        while title.last().is_some_and(|token| !token.is_word()) {
            title.pop();
        }
        if title.is_empty() {
            title.push(self.word(random));
        }
        title
    }
}

/// Cut behind stops and where paragraphs begin.
fn sentences(tokens: &[Token]) -> Vec<Sentence> {
    let mut sentences = Vec::new();
    let mut opens = true;
    for piece in tokens.split_inclusive(|token| matches!(token.state(), STOP | PARAGRAPH)) {
        let ends_paragraph = piece.last() == Some(&Token::Word(PARAGRAPH));
        let tokens = &piece[..piece.len() - usize::from(ends_paragraph)];
        if tokens.iter().any(|token| token.is_word()) {
            sentences.push(Sentence { tokens: tokens.to_vec(), opens });
            opens = false;
        }
        opens |= ends_paragraph;
    }
    sentences
}
