//! What the store keeps of an article for matching, as bytes that it does not read.

use crate::article::Timestamp;
use crate::verify::{Relation, Verdict};

/// The date of an article, and how many of its pairs are in the sample.
///
/// ```text
/// pairs 2 │ seconds since 1970, 8, or nothing
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub(crate) date: Option<Timestamp>,
    /// 65535 stands for more.
    pub(crate) sampled: u16,
}

impl Facts {
    pub(crate) fn to_bytes(self) -> Vec<u8> {
        let mut bytes = self.sampled.to_le_bytes().to_vec();
        bytes.extend(self.date.into_iter().flat_map(|date| date.seconds().to_le_bytes()));
        bytes
    }

    /// `None` if the bytes are others.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Facts> {
        let (sampled, rest) = bytes.split_first_chunk()?;
        let date = match rest {
            [] => None,
            rest => Some(Timestamp::from_seconds(i64::from_le_bytes(rest.try_into().ok()?))?),
        };
        Some(Facts { date, sampled: u16::from_le_bytes(*sampled) })
    }
}

/// How an article is tied to the representative of its group; to itself not at all.
///
/// ```text
/// relation 1: 0 none, else 1 identical, 2 copy, 3 derived │ score in ten-thousandths 2
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Tie {
    pub(crate) relation: Option<Relation>,
    /// To four decimals, as it is written.
    pub(crate) score: f64,
}

const RELATIONS: [Relation; 3] = [Relation::Identical, Relation::Copy, Relation::Derived];
const UNIT: f64 = 1e4;

impl From<Verdict> for Tie {
    fn from(verdict: Verdict) -> Tie {
        Tie::of(verdict.score, verdict.relation)
    }
}

impl Tie {
    /// Of identical articles.
    pub(crate) const IDENTICAL: Tie = Tie { relation: Some(Relation::Identical), score: 1.0 };

    pub(crate) fn of(score: f64, relation: Option<Relation>) -> Tie {
        Tie { relation, score: (score * UNIT).round() / UNIT }
    }

    pub(crate) fn to_bytes(self) -> [u8; 3] {
        let relation = RELATIONS.iter().position(|&relation| Some(relation) == self.relation).map_or(0, |at| at + 1);
        let [low, high] = ((self.score * UNIT).round() as u16).to_le_bytes();
        [relation as u8, low, high]
    }

    /// `None` if the bytes are others.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Tie> {
        let &[relation, low, high] = bytes else { return None };
        let relation = match usize::from(relation).checked_sub(1) {
            None => None,
            Some(at) => Some(*RELATIONS.get(at)?),
        };
        Some(Tie { relation, score: f64::from(u16::from_le_bytes([low, high])) / UNIT })
    }
}

/// Title and text of an article as bytes: the length of the title, 4, and both.
pub(crate) fn wording(title: &str, text: &str) -> Vec<u8> {
    let mut bytes = (title.len() as u32).to_le_bytes().to_vec();
    bytes.extend(title.as_bytes());
    bytes.extend(text.as_bytes());
    bytes
}

/// Title and text from those bytes; `None` if they are others.
pub(crate) fn title_and_text(bytes: &[u8]) -> Option<(&str, &str)> {
    let (len, both) = bytes.split_first_chunk()?;
    std::str::from_utf8(both).ok()?.split_at_checked(u32::from_le_bytes(*len) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_back() {
        for date in [None, Timestamp::parse("2026-04-12T10:30Z"), Timestamp::parse("1969-12-31")] {
            let facts = Facts { date, sampled: 517 };
            assert_eq!(Facts::from_bytes(&facts.to_bytes()), Some(facts));
        }
        assert!([&[][..], &[1], &[1, 2, 3], &[0; 11]].iter().all(|other| Facts::from_bytes(other).is_none()));
        for relation in RELATIONS.map(Some).into_iter().chain([None]) {
            let tie = Tie::from(Verdict { score: 0.98765, relation });
            assert_eq!((tie.score, Tie::from_bytes(&tie.to_bytes())), (0.9877, Some(tie)));
        }
        assert!([&[][..], &[4, 0, 0], &[0; 4]].iter().all(|other| Tie::from_bytes(other).is_none()));
        let (title, text) = ("مكتبة", "افتتحت المكتبة");
        assert_eq!(title_and_text(&wording(title, text)), Some((title, text)));
        assert_eq!(title_and_text(&[3, 0, 0, 0, 0x61]), None);
        assert_eq!(title_and_text(&[1, 0, 0, 0, 0xD9, 0x85]), None);
    }
}
