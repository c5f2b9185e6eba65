//! Which article of each group is kept, and what is said of the others.

use std::str::FromStr;

use ahash::AHashMap;
use serde::Serialize;

use crate::article::Timestamp;
use crate::corpus::Corpus;
use crate::error::{Error, Result};
use crate::group::Group;
use crate::verify::Verdict;

/// Which article of a group is kept. Of several that are alike in this the earliest: those without a date last, of one
/// date the first in the input.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Keep {
    /// The earliest.
    #[default]
    Earliest,
    /// The one with most content stems, page furniture not counted.
    Longest,
    /// The first in the input, whatever its date.
    First,
    /// One of the first of these sources that the group has; of a group with none of them the earliest.
    Source(Vec<String>),
}

impl FromStr for Keep {
    type Err = Error;

    /// `earliest`, `longest`, `first`, or `source:` and names with commas between them.
    ///
    /// # Errors
    /// [`Error::Config`] for anything else.
    fn from_str(written: &str) -> Result<Keep> {
        let names: Option<Vec<&str>> = written.strip_prefix("source:").map(|names| names.split(',').collect());
        match (written, names) {
            ("earliest", _) => Ok(Keep::Earliest),
            ("longest", _) => Ok(Keep::Longest),
            ("first", _) => Ok(Keep::First),
            (_, Some(names)) if !names.contains(&"") => {
                Ok(Keep::Source(names.into_iter().map(str::to_owned).collect()))
            }
            _ => Err(Error::Config {
                what: "keep".into(),
                found: written.into(),
                expected: "earliest, longest, first, or source: and names of sources with commas between them".into(),
            }),
        }
    }
}

/// What becomes of one article.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decision {
    /// The article kept for it: itself, unless it is dropped.
    pub kept: u32,
    /// The group it is in.
    pub membership: Option<Membership>,
}

/// An article's place in a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Membership {
    /// The group, counted from 0 in the order given.
    pub group: u32,
    /// The article that all others of the group have been verified against.
    pub representative: u32,
    /// As verified against that; `None` for the representative itself.
    pub verdict: Option<Verdict>,
}

impl Membership {
    /// The relation to the representative, in words.
    pub fn relation(&self) -> &'static str {
        match self.verdict {
            None => "representative",
            Some(verdict) => verdict.relation.map_or("none", |relation| relation.name()),
        }
    }

    /// The score against the representative, to four decimals; 1 for itself.
    pub fn score(&self) -> f64 {
        let score = self.verdict.map_or(1.0, |verdict| verdict.score);
        (score * 1e4).round() / 1e4
    }
}

/// Decides what becomes of each article of `corpus`, by number: of each of `groups`, which have no article in common,
/// one is kept, and each article that is in none.
///
/// ```
/// use naskh::{Article, Config, Corpus, Detector, Keep, dedup};
///
/// let text = "\u{0627}\u{0641}\u{062A}\u{062A}\u{062D} \u{0627}\u{0644}\u{0648}\u{0632}\u{064A}\u{0631}";
/// let article = |id: &str| Article { id: id.into(), text: text.into(), ..Article::default() };
/// let corpus = Corpus::of(vec![article("b"), article("a")])?;
/// let found = Detector::new(Config::default())?.group(&corpus)?;
/// let decisions = dedup(&corpus, &found.groups, &Keep::First);
/// // Articles are numbered in the order of their ids, and `b` came first.
/// assert_eq!(decisions.iter().map(|d| d.kept).collect::<Vec<u32>>(), [1, 1]);
/// # Ok::<(), naskh::Error>(())
/// ```
pub fn dedup(corpus: &Corpus, groups: &[Group], keep: &Keep) -> Vec<Decision> {
    let ranks = Ranks::new(corpus, keep);
    let alone = |article| Decision { kept: article, membership: None };
    let mut decisions: Vec<Decision> = (0..corpus.len() as u32).map(alone).collect();
    for (number, group) in (0u32..).zip(groups) {
        let representative = group.representative;
        let members = group.members.iter().map(|&(article, verdict)| (article, Some(verdict)));
        let members = members.chain([(representative, None)]);
        let kept = members.clone().map(|(article, _)| article).min_by_key(|&article| ranks.rank(article));
        for (article, verdict) in members {
            let membership = Some(Membership { group: number, representative, verdict });
            decisions[article as usize] = Decision { kept: kept.unwrap_or(article), membership };
        }
    }
    decisions
}

/// Why an article is dropped; serialised, what `naskh dedup --dropped` writes of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dropped<'c> {
    /// The article.
    pub id: &'c str,
    /// Its group, counted from 0.
    pub group: u32,
    /// The article that is kept for it.
    pub kept: &'c str,
    /// The article that all others of the group have been verified against.
    pub representative: &'c str,
    /// How it is related to the representative.
    pub relation: &'static str,
    /// The score against the representative, to four decimals.
    pub score: f64,
}

/// The articles that are dropped by `decisions`, one for each article of `corpus`, in the order of the input.
pub fn dropped<'c>(corpus: &'c Corpus, decisions: &[Decision]) -> Vec<Dropped<'c>> {
    let header = |article: u32| &corpus.headers[article as usize];
    let mut dropped: Vec<(u32, Dropped)> = (0u32..)
        .zip(decisions)
        .filter(|(article, decision)| decision.kept != *article)
        .filter_map(|(article, decision)| {
            let membership = decision.membership?;
            let dropped = Dropped {
                id: &header(article).id,
                group: membership.group,
                kept: &header(decision.kept).id,
                representative: &header(membership.representative).id,
                relation: membership.relation(),
                score: membership.score(),
            };
            Some((header(article).position, dropped))
        })
        .collect();
    dropped.sort_unstable_by_key(|(position, _)| *position);
    dropped.into_iter().map(|(_, dropped)| dropped).collect()
}

/// Ranks articles: the least of a group is kept.
struct Ranks<'c> {
    corpus: &'c Corpus,
    keep: &'c Keep,
    /// For each source of the corpus its place among those wanted.
    sources: Vec<u64>,
}

impl<'c> Ranks<'c> {
    fn new(corpus: &'c Corpus, keep: &'c Keep) -> Ranks<'c> {
        let mut wanted: AHashMap<&str, u64> = AHashMap::new();
        if let Keep::Source(names) = keep {
            for (place, name) in (0..).zip(names) {
                wanted.entry(name).or_insert(place);
            }
        }
        let sources = corpus.sources.iter().map(|name| wanted.get(name.as_str()).copied().unwrap_or(u64::MAX));
        Ranks { corpus, keep, sources: sources.collect() }
    }

    fn rank(&self, article: u32) -> (u64, bool, Option<Timestamp>, u32) {
        let header = &self.corpus.headers[article as usize];
        let preference = match self.keep {
            Keep::Earliest => 0,
            Keep::Longest => u64::MAX - self.corpus.documents.stems(article as usize) as u64,
            Keep::First => u64::from(header.position),
            Keep::Source(_) => header.source.map_or(u64::MAX, |source| self.sources[source as usize]),
        };
        (preference, header.date.is_none(), header.date, header.position)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::article::Article;
    use crate::verify::Relation;

    /// Words of which none is a stop word.
    const WORDS: [&str; 4] = ["ميناء", "قطار", "جسر", "سفينة"];

    /// Articles given by id, day, source and number of words.
    fn corpus(articles: &[(&str, &str, &str, usize)]) -> Corpus {
        let article = |&(id, day, source, words): &(&str, &str, &str, usize)| Article {
            id: id.into(),
            date: Timestamp::parse(day),
            source: (!source.is_empty()).then(|| source.into()),
            text: WORDS[..words].join(" "),
            ..Article::default()
        };
        Corpus::of(articles.iter().map(article).collect()).unwrap()
    }

    fn group(representative: u32, members: &[u32]) -> Group {
        let verdict = Verdict { score: 0.98765, relation: Some(Relation::Copy) };
        Group { representative, members: members.iter().map(|&member| (member, verdict)).collect() }
    }

    #[test]
    fn keeps_are_read_as_written() {
        let sources = |names: &[&str]| Keep::Source(names.iter().map(|name| (*name).into()).collect());
        for (written, keep) in [
            ("earliest", Keep::Earliest),
            ("longest", Keep::Longest),
            ("first", Keep::First),
            ("source:b", sources(&["b"])),
            ("source:b, c,d:e", sources(&["b", " c", "d:e"])),
        ] {
            assert_eq!(written.parse::<Keep>().unwrap(), keep);
        }
        for wrong in ["", "last", "Earliest", "source", "source:", "source:a,", "source:,a", "sources:a"] {
            let said = wrong.parse::<Keep>().unwrap_err().to_string();
            assert!(said.starts_with(&format!("keep: found {wrong}; expected earliest, longest")), "{said}");
        }
    }

    #[test]
    fn each_rule_and_its_ties() {
        let corpus = corpus(&[
            ("d", "", "wire", 3),
            ("c", "2026-04-02", "wire", 2),
            ("b", "2026-04-01", "radio", 3),
            ("a", "2026-04-01", "", 1),
        ]);
        // By number: a, b, c, d.
        for (keep, kept) in [
            ("earliest", "b"),
            ("longest", "b"),
            ("first", "d"),
            ("source:wire", "c"),
            ("source:nobody", "b"),
            ("source:nobody,radio,wire", "b"),
            ("source:wire,radio,wire", "c"),
        ] {
            let decisions = dedup(&corpus, &[group(0, &[1, 2, 3])], &keep.parse().unwrap());
            for decision in &decisions {
                assert_eq!(corpus.headers[decision.kept as usize].id, kept, "{keep}");
            }
        }
    }

    #[test]
    fn a_decision_is_small() {
        // One is kept for every article.
        assert_eq!(size_of::<Decision>(), 32);
    }

    #[test]
    fn what_is_said_of_each() {
        let corpus = corpus(&[("a", "", "", 1), ("b", "", "", 1), ("c", "", "", 1)]);
        let decisions = dedup(&corpus, &[group(2, &[0])], &Keep::First);
        let [member, representative] = [0, 2].map(|at: usize| decisions[at].membership.unwrap());
        assert_eq!((member.group, member.representative, member.relation(), member.score()), (0, 2, "copy", 0.9877));
        assert_eq!((representative.relation(), representative.score()), ("representative", 1.0));
        assert_eq!(decisions[1], Decision { kept: 1, membership: None });
    }

    proptest! {
        #[test]
        fn each_group_keeps_the_one_that_a_look_at_all_pairs_finds(
            articles in prop::collection::vec((0u32..4, 0usize..4, 0usize..4), 10),
            order in Just((0..10usize).collect::<Vec<_>>()).prop_shuffle(),
            // A group each; 4 is none.
            group_of in prop::collection::vec(0usize..5, 10),
            keep in prop_oneof![
                Just(Keep::Earliest),
                Just(Keep::Longest),
                Just(Keep::First),
                prop::collection::vec(0usize..5, 1..4).prop_map(|names|
                    Keep::Source(names.iter().map(ToString::to_string).collect())),
            ],
        ) {
            let article = |&number: &usize| {
                let (day, source, words) = articles[number];
                Article {
                    id: number.to_string(),
                    // Day 0 and source 0 are none.
                    date: Timestamp::parse(&format!("2026-04-0{day}")),
                    source: (source > 0).then(|| source.to_string()),
                    text: WORDS[..words].join(" "),
                    ..Article::default()
                }
            };
            let corpus = Corpus::of(order.iter().map(article).collect()).unwrap();
            let sets: Vec<Vec<u32>> = (0..4)
                .map(|wanted| (0..10u32).filter(|&a| group_of[a as usize] == wanted).collect::<Vec<u32>>())
                .filter(|set| set.len() > 1)
                .collect();
            let groups: Vec<Group> = sets.iter().map(|set| group(set[0], &set[1..])).collect();
            let decisions = dedup(&corpus, &groups, &keep);
            prop_assert_eq!(decisions.len(), 10);

            // Is x to be kept rather than y?
            let place = |a: usize| order.iter().position(|&other| other == a);
            let earlier = |x: usize, y: usize| match (articles[x].0, articles[y].0) {
                (s, t) if s == t => place(x) < place(y),
                (0, _) => false,
                (_, 0) => true,
                (s, t) => s < t,
            };
            let better = |x: usize, y: usize| {
                let (left, right) = (articles[x], articles[y]);
                match &keep {
                    Keep::Earliest => earlier(x, y),
                    Keep::First => place(x) < place(y),
                    Keep::Longest if left.2 != right.2 => left.2 > right.2,
                    Keep::Longest => earlier(x, y),
                    Keep::Source(names) => {
                        for name in names {
                            let [of_x, of_y] = [left.1, right.1].map(|source| source > 0 && source.to_string() == *name);
                            if of_x != of_y {
                                return of_x;
                            }
                            if of_x {
                                break;
                            }
                        }
                        earlier(x, y)
                    }
                }
            };
            for (number, set) in (0u32..).zip(&sets) {
                let best = set.iter().find(|&&x| set.iter().all(|&y| x == y || better(x as usize, y as usize)));
                for article in set {
                    let decision = decisions[*article as usize];
                    prop_assert_eq!(Some(&decision.kept), best);
                    let membership = decision.membership.unwrap();
                    prop_assert_eq!((membership.group, membership.representative), (number, set[0]));
                }
            }
            for article in (0..10u32).filter(|a| !sets.iter().flatten().any(|grouped| grouped == a)) {
                prop_assert_eq!(decisions[article as usize], Decision { kept: article, membership: None });
            }
        }
    }
}
