//! A part of a larger input: pairs of its articles compared, and links made groups, by what is rare in the whole.
//!
//! Numbers are those of the larger input. In the part articles stand in the same order, on which alone results depend.

use super::compare::{Asked, Prepare, Rarity};
use super::tiles::Tiles;
use super::{Detector, articles_at_once};
use crate::config::Config;
use crate::corpus::{Corpus, PartArticle};
use crate::error::Result;
use crate::group::Link;
use crate::index::{Pair, Partners};
use crate::spool::Memory;
use crate::verify::{Containment, Counts, Relation, Verdict};

/// A verified pair, `a < b`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Connected {
    /// The article with the lower number.
    pub a: u64,
    /// The other.
    pub b: u64,
    /// 0 to 1.
    pub score: f64,
    /// How they are related.
    pub relation: Relation,
    /// How much of each is in the other.
    pub containment: Containment,
}

/// An article of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Member {
    /// The article that represents the group.
    pub representative: u64,
    /// The member, or the representative itself.
    pub article: u64,
    /// As verified against the representative; `None` for itself.
    pub verdict: Option<Verdict>,
}

/// A detector for one part after another of a larger input.
pub struct PartDetector {
    detector: Detector,
    rarity: Rarity,
    memory: Memory,
}

impl PartDetector {
    /// How far it is from one counted article to the next, of an input of so many: those whose numbers are multiples of
    /// it are counted, [`Config::counted`] at most.
    pub fn step(config: &Config, articles: u64) -> u64 {
        Counts::step_among(articles, config.counted)
    }

    /// For an input of so many `articles`, of which all that are counted are given. What exceeds `memory` of a part
    /// goes to temporary files.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if a document is something else.
    pub fn new(
        detector: Detector,
        counted: Vec<PartArticle<'_>>,
        articles: u64,
        memory: Memory,
    ) -> Result<PartDetector> {
        let step = Self::step(&detector.config, articles);
        let corpus = Corpus::of_part(counted, &memory)?.0;
        let counts = Counts::of_counted(&corpus.documents, articles);
        corpus.documents.check()?;
        let rarity = Rarity::new(&corpus, counts, &detector.background).of_larger(step);
        Ok(PartDetector { detector, rarity, memory })
    }

    /// The pairs, of those given, that belong together at the detector's level. Of each article `partners` has, in rows
    /// of two, others of other days that it was proposed with, of which the documents are there: for each pair at least the
    /// first 16 of either that are apart from both.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if a document is something else, [`Error::Io`](crate::Error::Io) if a
    /// temporary file cannot be used.
    pub fn links(
        &self,
        articles: Vec<PartArticle<'_>>,
        pairs: &[(u64, u64)],
        partners: &[(u64, u64)],
    ) -> Result<Vec<Connected>> {
        let (corpus, numbers) = Corpus::of_part(articles, &self.memory)?;
        let mut pairs: Vec<Pair> =
            pairs.iter().filter_map(|&pair| local(&numbers, pair)).map(|(a, b)| Pair::of(a, b)).collect();
        pairs.sort_unstable();
        pairs.dedup();
        let detector = &self.detector;
        with_part(&self.rarity, &corpus, numbers, partners, |prepare| {
            let mut links = Vec::new();
            let tiles = Tiles { articles: corpus.len(), at_once: articles_at_once(&self.memory) };
            for part in tiles.parts(&mut pairs) {
                prepare.make_ready(part);
                for (pair, (verdict, containment)) in part.iter().zip(detector.verdicts(prepare, part, Asked::Report)) {
                    let Verdict { score, relation: Some(relation) } = verdict else { continue };
                    if relation.is_same_report() && detector.config.level.admits(relation) {
                        let [a, b] = [pair.a, pair.b].map(|article| prepare.rarity.number(article));
                        links.push(Connected { a, b, score, relation, containment });
                    }
                }
            }
            links.sort_unstable_by_key(|link| (link.a, link.b));
            links
        })
    }

    /// The groups of all that `links` connect; no article outside may be linked to one of them. Of articles in a
    /// component where not each is linked with each the documents are asked, and those of their partners.
    ///
    /// # Errors
    /// Those of [`PartDetector::links`].
    pub fn groups(
        &self,
        articles: Vec<PartArticle<'_>>,
        links: &[Connected],
        partners: &[(u64, u64)],
    ) -> Result<Vec<Member>> {
        let (corpus, numbers) = Corpus::of_part(articles, &self.memory)?;
        let link = |&Connected { a, b, score, relation, containment }: &Connected| {
            let (a, b) = local(&numbers, (a, b))?;
            Some(Link { a, b, score, relation, containment })
        };
        let links: Vec<Link> = links.iter().filter_map(link).collect();
        let detector = &self.detector;
        with_part(&self.rarity, &corpus, numbers, partners, |prepare| {
            let groups = detector.linked(prepare, &links, &|_, _| false);
            let number = |article: u32| prepare.rarity.number(article);
            let members = groups.iter().flat_map(|group| {
                let representative = number(group.representative);
                let members = group.members.iter().map(|&(article, verdict)| (number(article), Some(verdict)));
                std::iter::once((representative, None)).chain(members).map(move |(article, verdict)| Member {
                    representative,
                    article,
                    verdict,
                })
            });
            members.collect()
        })
    }
}

/// The places of two articles in a part; `None` if one is not there.
fn local(numbers: &[u64], (a, b): (u64, u64)) -> Option<(u32, u32)> {
    let place = |number: u64| numbers.binary_search(&number).ok().map(|place| place as u32);
    place(a).zip(place(b))
}

/// What `work` makes of the articles of a part, made ready for comparison.
fn with_part<T>(
    rarity: &Rarity,
    corpus: &Corpus,
    numbers: Vec<u64>,
    partners: &[(u64, u64)],
    work: impl FnOnce(&mut Prepare<'_>) -> T,
) -> Result<T> {
    let partners = partners.iter().filter_map(|&pair| local(&numbers, pair)).collect();
    let partners = Partners::of_rows(numbers.len(), partners);
    let made = work(&mut Prepare::new(corpus, rarity.in_part(numbers, partners)));
    corpus.documents.check()?;
    Ok(made)
}
