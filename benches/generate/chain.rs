//! The chain of word pairs that texts are made by: which word comes after which, and how often.
//!
//! `chain.bin` is a Zstandard frame of: a line of JSON that says whence it is; the words, a line each and an empty
//! line; the characters of rare words in one line; lengths of articles in words, at equal steps of rank; and three tables
//! (see [`crate::table`]): successors of each word, of which the one behind the last word stands for all that are not
//! listed; in a single row those that are not listed, of all words together; the letters of rare words after each two letters.

use anyhow::{Context, ensure};
use serde::{Deserialize, Serialize};

use crate::random::{Random, mix};
use crate::table::{Table, number, pack, put};

/// The table in this folder, learned as its provenance says.
const SHIPPED: &[u8] = include_bytes!("chain.bin");
/// The layout of `chain.bin`.
pub(crate) const FORMAT: u32 = 1;

/// What is no word: the beginning of a paragraph.
pub(crate) const PARAGRAPH: u32 = 0;
/// The beginning of a title.
pub(crate) const TITLE: u32 = 1;
/// The end of a title.
pub(crate) const END: u32 = 2;
/// Any number.
pub(crate) const NUMBER: u32 = 3;
/// Any word that is not among the frequent ones.
pub(crate) const RARE: u32 = 4;
/// Full stop, and what else ends a sentence.
pub(crate) const STOP: u32 = 5;
/// ARABIC COMMA.
pub(crate) const COMMA: u32 = 6;
/// Colon.
pub(crate) const COLON: u32 = 7;
/// Opening quotation mark.
pub(crate) const OPEN: u32 = 8;
/// Closing quotation mark.
pub(crate) const CLOSE: u32 = 9;
/// How these are written, in place of words.
pub(crate) const MARKS: [&str; 10] = ["", "", "", "", "", ".", "\u{060C}", ":", "\u{00AB}", "\u{00BB}"];

/// The most letters of a rare word.
const MOST_LETTERS: usize = 14;

/// Whence a chain is.
#[derive(Serialize, Deserialize)]
pub(crate) struct Provenance {
    pub(crate) format: u32,
    pub(crate) data: String,
    pub(crate) date: String,
    pub(crate) command: String,
    pub(crate) articles: usize,
    pub(crate) note: String,
}

/// What is counted, as it is packed.
pub(crate) struct Counts {
    /// The frequent words, the most frequent first, without [`MARKS`].
    pub(crate) words: Vec<String>,
    /// The characters of rare words.
    pub(crate) letters: Vec<char>,
    pub(crate) lengths: Vec<u32>,
    pub(crate) pairs: Vec<Vec<(u32, u32)>>,
    pub(crate) unlisted: Vec<(u32, u32)>,
    pub(crate) spelling: Vec<Vec<(u32, u32)>>,
}

impl Counts {
    /// The bytes of `chain.bin`.
    pub(crate) fn pack(&self, provenance: &Provenance) -> anyhow::Result<Vec<u8>> {
        let mut out = serde_json::to_vec(provenance)?;
        out.push(b'\n');
        for word in &self.words {
            out.extend(word.bytes().chain([b'\n']));
        }
        out.push(b'\n');
        out.extend(self.letters.iter().collect::<String>().bytes().chain([b'\n']));
        put(self.lengths.len() as u32, &mut out);
        self.lengths.iter().for_each(|&length| put(length, &mut out));
        pack(&self.pairs, &mut out);
        pack(std::slice::from_ref(&self.unlisted), &mut out);
        pack(&self.spelling, &mut out);
        Ok(zstd::encode_all(&out[..], 19)?)
    }
}

/// The chain, ready to be followed.
pub(crate) struct Chain {
    pub(crate) provenance: Provenance,
    /// All words, [`MARKS`] first.
    pub(crate) words: Vec<String>,
    letters: Vec<char>,
    lengths: Vec<u32>,
    pairs: Table,
    unlisted: Table,
    spelling: Table,
}

impl Chain {
    /// The chain in this folder.
    pub(crate) fn shipped() -> anyhow::Result<Chain> {
        Chain::unpack(SHIPPED).context("benches/generate/chain.bin")
    }

    fn unpack(packed: &[u8]) -> anyhow::Result<Chain> {
        let bytes = zstd::decode_all(packed)?;
        let mut rest = &bytes[..];
        let provenance: Provenance = serde_json::from_str(line(&mut rest)?)?;
        ensure!(provenance.format == FORMAT, "found format {}, expected {FORMAT}", provenance.format);
        let mut words: Vec<String> = MARKS.map(str::to_owned).into();
        loop {
            let word = line(&mut rest)?;
            if word.is_empty() {
                break;
            }
            // So that it can stand in a string of JSON as it is.
            ensure!(word.chars().all(char::is_alphanumeric), "found {word:?} for a word");
            words.push(word.to_owned());
        }
        let letters: Vec<char> = line(&mut rest)?.chars().collect();
        let lengths = (0..number(&mut rest)?).map(|_| number(&mut rest)).collect::<Result<Vec<_>, _>>()?;
        ensure!(lengths.len() > 1 && lengths.is_sorted(), "found no lengths in ascending order");
        let tables = [(); 3].map(|()| Table::unpack(&mut rest));
        let [pairs, unlisted, spelling] = tables;
        let chain =
            Chain { provenance, words, letters, lengths, pairs: pairs?, unlisted: unlisted?, spelling: spelling? };
        let (rows, expected) = (chain.pairs.rows(), chain.words.len());
        ensure!(rows == expected, "found successors of {rows} words, expected {expected}");
        let most = [(&chain.pairs, expected), (&chain.unlisted, expected - 1), (&chain.spelling, chain.letters.len())];
        ensure!(
            most.into_iter().all(|(table, most)| table.most() <= most as u32),
            "found a successor beyond the words"
        );
        Ok(chain)
    }

    /// What comes after `word`; `None` where it is one of those not listed.
    pub(crate) fn after(&self, word: u32, random: &mut Random) -> Option<u32> {
        self.pairs.draw(word, random).filter(|&next| next < self.words.len() as u32)
    }

    /// One of those not listed.
    pub(crate) fn unlisted(&self, random: &mut Random) -> u32 {
        self.unlisted.draw(0, random).unwrap_or(RARE)
    }

    /// Length of an article in words: as often as it was met, between shares `from` and `to` of all, in 1,000.
    pub(crate) fn length(&self, from: u64, to: u64, random: &mut Random) -> u64 {
        let steps = (self.lengths.len() - 1) as u64;
        let at = steps * (from * 1_000 + random.below((to - from) * 1_000)) / 1_000;
        let (step, within) = ((at / 1_000) as usize, at % 1_000);
        let (low, high) = (u64::from(self.lengths[step]), u64::from(self.lengths[step + 1]));
        low + (high - low) * within / 1_000
    }

    /// Appends rare word number `rank`: always the same letters, drawn as they follow each other in rare words.
    pub(crate) fn spell(&self, rank: u64, out: &mut Vec<u8>) {
        let mut random = Random::new(mix(0x7261_7265, rank));
        let (mut before, mut last) = (0, 0);
        let states = self.letters.len() as u32 + 1;
        for _ in 0..MOST_LETTERS {
            let next = self.spelling.draw(before * states + last, &mut random).unwrap_or(0);
            // 0 is the end, and the beginning.
            let Some(letter) = (next as usize).checked_sub(1).and_then(|at| self.letters.get(at)) else {
                break;
            };
            out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
            (before, last) = (last, next);
        }
    }

    /// Number of pairs listed.
    pub(crate) fn listed(&self) -> usize {
        self.pairs.len()
    }
}

/// Takes off a line.
fn line<'b>(bytes: &mut &'b [u8]) -> anyhow::Result<&'b str> {
    let end = bytes.iter().position(|&byte| byte == b'\n').context("found the end amid a line")?;
    let (line, rest) = bytes.split_at(end);
    *bytes = &rest[1..];
    Ok(str::from_utf8(line)?)
}
