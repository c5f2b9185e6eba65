//! How an article is told again: copied, abridged, merged into a round-up, reworded; and how a template is filled.

use clap::ValueEnum;

use crate::chain::{COLON, COMMA, STOP};
use crate::draft::{Draft, Length, Sentence, Token, Writer};
use crate::random::{Random, mix};
use crate::synonyms::Synonyms;

/// How a member of a family tells the original.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Kind {
    /// Another title; few words changed ([`COPIED`]); at times a passage of up to a fifth cut, or a sentence added.
    Copy,
    /// Three to six of ten sentences, more words changed ([`EDITED`]).
    Abridged,
    /// One of three to six items of a round-up, as many words changed.
    Merged,
    /// Other words of the same meaning where the table of synonyms has them, and for what it lacks any others
    /// ([`REWORDED`]); clauses and sentences in another order.
    Reworded,
}

impl Kind {
    /// All of them.
    pub(crate) const ALL: [Kind; 4] = [Kind::Copy, Kind::Abridged, Kind::Merged, Kind::Reworded];

    /// As the truth has it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Copy => "copy",
            Kind::Abridged => "abridged",
            Kind::Merged => "merged",
            Kind::Reworded => "reworded",
        }
    }

    /// How long an original is that is told so.
    pub(crate) fn original(self) -> Length {
        match self {
            Kind::Copy | Kind::Reworded => Length::TOLD,
            Kind::Abridged => Length::LONG,
            Kind::Merged => Length::SHORT,
        }
    }
}

/// How many words in 1,000 are changed: one retelling has little of it, another much, as in real ones.
const COPIED: (u64, u64) = (5, 60);
const EDITED: (u64, u64) = (20, 140);
const REWORDED: (u64, u64) = (50, 300);
/// How many words in 1,000 of a template change with the occasion, beside numbers and names.
const SLOTS: (u64, u64) = (40, 340);

/// Tells drafts again.
pub(crate) struct Retelling<'c> {
    pub(crate) writer: &'c Writer<'c>,
    pub(crate) synonyms: &'c Synonyms,
}

impl Retelling<'_> {
    /// `original`, told again on `day`.
    pub(crate) fn tell(&self, original: Draft, kind: Kind, seed: u64, day: u64) -> Draft {
        let random = &mut Random::new(seed);
        let title = self.writer.title(&original, random);
        let sentences = original.sentences;
        let sentences = match kind {
            Kind::Copy => self.copied(sentences, random),
            Kind::Abridged => self.abridged(sentences, random),
            Kind::Merged => return self.merged(sentences, seed, day, random),
            Kind::Reworded => self.reworded(sentences, random),
        };
        Draft { title, sentences }
    }

    fn copied(&self, mut sentences: Vec<Sentence>, random: &mut Random) -> Vec<Sentence> {
        if sentences.len() > 4 && random.permille(500) {
            let cut = random.between(1, sentences.len() as u64 / 5 + 1).min(sentences.len() as u64 / 5) as usize;
            let from = 1 + random.place(sentences.len() - cut);
            sentences.drain(from..from + cut);
        }
        self.edit(&mut sentences, COPIED, random);
        if random.permille(250) {
            sentences.extend(self.writer.sentences(12, random));
        }
        sentences
    }

    fn abridged(&self, sentences: Vec<Sentence>, random: &mut Random) -> Vec<Sentence> {
        let all = sentences.len();
        let mut left = (all as u64 * random.between(300, 600)).div_ceil(1_000).max(1) as usize;
        // The lead is seldom cut.
        let lead = random.permille(850);
        let mut kept = Vec::with_capacity(left);
        for (place, sentence) in sentences.into_iter().enumerate() {
            let keep = if place == 0 { lead } else { random.place(all - place) < left };
            if keep && left > 0 {
                left -= 1;
                kept.push(sentence);
            }
        }
        self.edit(&mut kept, EDITED, random);
        kept
    }

    fn merged(&self, mut item: Vec<Sentence>, seed: u64, day: u64, random: &mut Random) -> Draft {
        self.edit(&mut item, EDITED, random);
        let items = random.between(3, 6);
        let own = random.below(items);
        let mut title = Vec::new();
        let mut sentences = Vec::new();
        for number in 0..items {
            let mut next = if number == own {
                std::mem::take(&mut item)
            } else {
                let other = self.writer.draft(mix(seed, number), day, Length::SHORT);
                if title.is_empty() {
                    title = other.title;
                }
                other.sentences
            };
            if let Some(first) = next.first_mut() {
                first.opens = true;
            }
            sentences.extend(next);
        }
        Draft { title, sentences }
    }

    fn reworded(&self, mut sentences: Vec<Sentence>, random: &mut Random) -> Vec<Sentence> {
        self.edit(&mut sentences, REWORDED, random);
        for sentence in &mut sentences {
            for token in &mut sentence.tokens {
                if random.permille(750) {
                    self.replace_by_synonym(token, random);
                }
            }
            // The second clause first.
            let comma = sentence.tokens.iter().position(|&token| token == Token::Word(COMMA));
            if let Some(comma) = comma.filter(|_| random.permille(400)) {
                let stop = sentence.tokens.pop_if(|token| *token == Token::Word(STOP));
                let mut second = sentence.tokens.split_off(comma + 1);
                sentence.tokens.pop();
                second.push(Token::Word(COMMA));
                second.append(&mut sentence.tokens);
                second.extend(stop);
                sentence.tokens = second;
            }
        }
        for place in 2..sentences.len() {
            if random.permille(300) {
                sentences.swap(place - 1, place);
            }
        }
        sentences
    }

    /// Changes words, between so many in 1,000: for a synonym or any other, or away.
    fn edit(&self, sentences: &mut [Sentence], (least, most): (u64, u64), random: &mut Random) {
        let times = random.between(least, most);
        for sentence in sentences {
            sentence.tokens.retain_mut(|token| {
                if matches!(token, Token::Word(_)) && token.is_word() && random.permille(times) {
                    match random.below(3) {
                        0 => return false,
                        1 => *token = self.writer.word(random),
                        _ => self.replace_by_synonym(token, random),
                    }
                }
                true
            });
        }
    }

    fn replace_by_synonym(&self, token: &mut Token, random: &mut Random) {
        if let Token::Word(word) = token {
            *word = self.synonyms.another(*word, random).unwrap_or(*word);
        }
    }

    /// Article `number` of a series by one template: the template's words with this occasion's numbers, names and days.
    pub(crate) fn sibling(&self, series: u64, number: u64) -> Draft {
        // The template is of no day: no topic of a day is in it but by chance.
        let mut draft = self.writer.draft(series, u64::MAX >> 8, Length(100, 700));
        let slots = Random::new(mix(series, u64::MAX)).between(SLOTS.0, SLOTS.1);
        let occasion = mix(series, number);
        let random = &mut Random::new(occasion);
        let mut fill = |tokens: &mut Vec<Token>| {
            for token in tokens {
                match *token {
                    Token::Number { value, tenths } => {
                        let value = u64::from(value);
                        *token = Token::Number { value: random.between(value / 2, value * 2 + 1) as u32, tenths };
                    }
                    // Some names belong to the template; another one is the same wherever it stands.
                    Token::Rare(name) if !Random::new(mix(series, name)).permille(250) => {
                        *token = self.writer.rare(&mut Random::new(mix(occasion, name)));
                    }
                    Token::Word(_) if token.is_word() && random.permille(slots) => *token = self.writer.word(random),
                    _ => {}
                }
            }
        };
        fill(&mut draft.title);
        draft.sentences.iter_mut().for_each(|sentence| fill(&mut sentence.tokens));
        if draft.sentences.len() > 3 && random.permille(400) {
            draft.sentences.remove(1 + random.place(draft.sentences.len() - 1));
        }
        if random.permille(500) {
            draft.sentences.extend(self.writer.sentences(20, random));
        }
        draft
    }
}

/// A line that says where the report is from, put before the first sentence.
pub(crate) fn dateline(place: u32, agency: u64) -> [Token; 3] {
    [Token::Word(place), Token::Rare(agency), Token::Word(COLON)]
}
