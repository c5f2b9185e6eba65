//! Articles as lines of a file, with the habits of their outlets; and the truth about them.

use std::io::Write;

use anyhow::Context;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::chain::{CLOSE, COLON, COMMA, Chain, MARKS, OPEN, STOP};
use crate::draft::{Draft, Token, Writer};
use crate::plan::{Plan, Role};
use crate::random::{Random, mix};
use crate::retell::{Retelling, dateline};
use crate::synonyms::Synonyms;

/// Outlets; more than a family has articles, which are all of different ones.
pub(crate) const OUTLETS: u64 = 24;
const FIRST_DAY: Date = jiff::civil::date(2010, 1, 1);
/// Articles that one thread makes at a time, and bytes of them: 3 KB each.
const CHUNK: u64 = 128;
const ARTICLE_BYTES: usize = 4_096;
/// Chunks for each thread before they are written.
const CHUNKS: u64 = 16;
/// Places that reports come from.
const PLACES: u64 = 60;

/// Lines of articles, and of the truth.
#[derive(Default)]
struct Lines {
    articles: Vec<u8>,
    truth: Vec<u8>,
}

/// Where lines go.
type Out<'w> = &'w mut (dyn Write + Send);

/// Writes all articles of a plan, and if asked the truth; the same bytes on any number of threads.
pub(crate) fn write(
    plan: &Plan,
    settings: &crate::plan::Settings,
    chain: &Chain,
    articles: Out<'_>,
    mut truth: Option<Out<'_>>,
) -> anyhow::Result<()> {
    let press = Press::new(plan, settings, chain);
    if let Some(truth) = &mut truth {
        truth.write_all(b"id\tfamily\tkind\n")?;
    }
    let at_once = CHUNK * CHUNKS * rayon::current_num_threads() as u64;
    // What was made last is written while the next is made.
    let mut ready = Vec::new();
    for start in (0..settings.articles).step_by(at_once as usize) {
        let chunks = (start..settings.articles.min(start + at_once)).step_by(CHUNK as usize);
        let (made, written) = rayon::join(|| press.chunks(chunks.collect()), || put(&ready, articles, &mut truth));
        written?;
        ready = made?;
    }
    put(&ready, articles, &mut truth)
}

fn put(made: &[Lines], articles: Out<'_>, truth: &mut Option<Out<'_>>) -> anyhow::Result<()> {
    for lines in made {
        articles.write_all(&lines.articles)?;
        if let Some(truth) = truth {
            truth.write_all(&lines.truth)?;
        }
    }
    Ok(())
}

/// What an outlet does with all its articles.
struct Outlet {
    /// Numbers in ARABIC-INDIC digits.
    eastern: bool,
    /// A line that says where from, with the outlet's or an agency's name.
    dateline: bool,
    /// Of 1,000 articles so many end in the line below.
    closes: u64,
    closing: Vec<Token>,
    /// Of 1,000 articles so many name others of the day.
    teases: u64,
    /// What stands before these.
    teaser: Vec<Token>,
}

struct Press<'c> {
    plan: &'c Plan,
    chain: &'c Chain,
    writer: Writer<'c>,
    synonyms: Synonyms,
    outlets: Vec<Outlet>,
    articles: u64,
    seed: u64,
}

impl<'c> Press<'c> {
    fn new(plan: &'c Plan, settings: &crate::plan::Settings, chain: &'c Chain) -> Press<'c> {
        let writer = Writer { chain, a_day: settings.a_day };
        let outlet = |number| {
            let random = &mut Random::new(mix(mix(settings.seed, 10), number));
            let mut line = |words| {
                let sentence = writer.sentences(words, random).into_iter().next();
                sentence.map_or(Vec::new(), |sentence| sentence.tokens)
            };
            Outlet {
                closing: line(8),
                teaser: line(1),
                eastern: number % 6 == 5,
                dateline: number % 2 == 0,
                closes: [0, 1_000, 0, 500, 0, 0][number as usize % 6],
                teases: [0, 0, 0, 0, 400, 0, 0, 200][number as usize % 8],
            }
        };
        let outlets = (0..OUTLETS).map(outlet).collect();
        Press {
            plan,
            chain,
            outlets,
            synonyms: Synonyms::of(&chain.words),
            articles: settings.articles,
            seed: settings.seed,
            writer,
        }
    }

    /// The chunks that begin at these places.
    fn chunks(&self, starts: Vec<u64>) -> anyhow::Result<Vec<Lines>> {
        let chunk = |start: u64| {
            let mut lines = Lines::default();
            lines.articles.reserve(CHUNK as usize * ARTICLE_BYTES);
            (start..self.articles.min(start + CHUNK)).try_for_each(|place| self.article(place, &mut lines))?;
            Ok(lines)
        };
        starts.into_par_iter().map(chunk).collect()
    }

    /// Appends the article at `place` of the file.
    fn article(&self, place: u64, lines: &mut Lines) -> anyhow::Result<()> {
        let role = self.plan.role(place);
        let day = self.plan.day(role);
        let draft = self.draft(role, day);
        let (outlet, family, kind) = match role {
            Role::Single { seed } => (mix(seed, 40) % OUTLETS, None, ""),
            Role::Original { seed, family, .. } => (mix(seed, 40) % OUTLETS, Some(("f", family)), "original"),
            Role::Again { seed, family, number, kind, .. } => {
                ((mix(seed, 40) + number) % OUTLETS, Some(("f", family)), kind.name())
            }
            Role::Sibling { seed, series, .. } => (mix(seed, 40) % OUTLETS, Some(("s", series)), "sibling"),
        };
        if let Some((prefix, family)) = family {
            writeln!(lines.truth, "n{place:08}\t{prefix}{family}\t{kind}")?;
        }
        let date = FIRST_DAY.checked_add(jiff::Span::new().try_days(i64::try_from(day)?)?);
        let date = date.context("found more days than the calendar has; expected fewer articles, or more a day")?;
        let out = &mut lines.articles;
        write!(out, "{{\"id\":\"n{place:08}\",\"source\":\"outlet-{outlet:02}\",\"date\":\"{date}\",\"title\":\"")?;
        let habits = &self.outlets[outlet as usize];
        self.tokens(&draft.title, habits, out)?;
        out.extend_from_slice(b"\",\"text\":\"");
        self.text(&draft, habits, outlet, place, day, out)?;
        out.extend_from_slice(b"\"}\n");
        Ok(())
    }

    fn draft(&self, role: Role, day: u64) -> Draft {
        let retelling = Retelling { writer: &self.writer, synonyms: &self.synonyms };
        let original = |seed, kind: crate::retell::Kind| {
            // Of the day it was told first, whenever it is told again.
            let first = self.plan.day(Role::Single { seed });
            self.writer.draft(seed, first, kind.original())
        };
        match role {
            Role::Single { seed } => self.writer.draft(seed, day, crate::draft::Length::ANY),
            Role::Original { seed, kind, .. } => original(seed, kind),
            Role::Again { seed, original: told, kind, number, .. } => {
                retelling.tell(original(seed, told), kind, mix(seed, 50 + number), day)
            }
            Role::Sibling { seed, number, .. } => retelling.sibling(seed, number),
        }
    }

    fn text(
        &self,
        draft: &Draft,
        habits: &Outlet,
        outlet: u64,
        place: u64,
        day: u64,
        out: &mut Vec<u8>,
    ) -> anyhow::Result<()> {
        let mut random = Random::new(mix(mix(self.seed, 60), place));
        if habits.dateline {
            let from = MARKS.len() as u64 + 200 + random.zipf(PLACES);
            self.tokens(&dateline(from as u32, outlet % 5), habits, out)?;
            out.push(b' ');
        }
        for (number, sentence) in draft.sentences.iter().enumerate() {
            if number > 0 {
                out.extend_from_slice(if sentence.opens { b"\\n" } else { b" " });
            }
            self.tokens(&sentence.tokens, habits, out)?;
        }
        if random.permille(habits.teases) {
            out.extend_from_slice(b"\\n");
            self.tokens(&habits.teaser, habits, out)?;
            for _ in 0..2 {
                // One of a few of the day, so that many articles name the same.
                let seed = mix(mix(day, outlet), random.below(6));
                out.extend_from_slice(b"\\n");
                self.tokens(&self.writer.headline(seed), habits, out)?;
            }
        }
        if random.permille(habits.closes) {
            out.extend_from_slice(b"\\n");
            self.tokens(&habits.closing, habits, out)?;
        }
        Ok(())
    }

    /// Appends tokens as they are written: spaces between words, marks hanging on them.
    fn tokens(&self, tokens: &[Token], habits: &Outlet, out: &mut Vec<u8>) -> anyhow::Result<()> {
        let mut spaced = false;
        for &token in tokens {
            let hangs = matches!(token, Token::Word(STOP | COMMA | COLON | CLOSE));
            if spaced && !hangs {
                out.push(b' ');
            }
            spaced = token != Token::Word(OPEN);
            match token {
                Token::Word(word) => out.extend_from_slice(self.chain.words[word as usize].as_bytes()),
                Token::Rare(rank) => self.chain.spell(rank, out),
                Token::Number { value, tenths } => number(value, tenths, habits.eastern, out)?,
            }
        }
        Ok(())
    }
}

/// Appends a number: ARABIC-INDIC DIGIT ZERO and those after it, with their decimal separator, or ours.
fn number(value: u32, tenths: bool, eastern: bool, out: &mut Vec<u8>) -> anyhow::Result<()> {
    let written = if tenths { format!("{}.{}", value / 10, value % 10) } else { value.to_string() };
    if !eastern {
        out.extend_from_slice(written.as_bytes());
        return Ok(());
    }
    for digit in written.chars() {
        let eastern = match digit.to_digit(10) {
            Some(digit) => char::from_u32(0x0660 + digit).context("a digit")?,
            None => '\u{066B}',
        };
        out.extend_from_slice(eastern.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Ok(())
}
