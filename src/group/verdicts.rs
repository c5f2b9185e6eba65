//! What is known of pairs of articles while they are grouped: the verdicts, and what a member holds of its
//! representative. Pairs that are in no link are compared when they are asked for.

use ahash::{AHashMap, AHashSet};

use super::Link;
use crate::verify::{Containment, Direction, Verdict};

/// What comparing two articles says: the verdict, and how much of each is in the other, that of the lower number first.
pub(crate) type Found = (Verdict, Containment);

/// What share of an article must be in another one to be wholly there.
const WHOLLY: f64 = 0.9;
/// What share of an article another one must hold to be abridged from it.
const ABRIDGED: f64 = 0.3;

/// Compares articles that are in no link, the lower number first.
pub(crate) trait Verifier {
    /// The verdict on two articles, and how much of each is in the other.
    fn found(&mut self, a: u32, b: u32) -> Found;

    /// The same of two that are verified, and nothing of others: which they are may take less to say.
    fn verified(&mut self, a: u32, b: u32) -> Option<Found> {
        Some(self.found(a, b)).filter(|found| found.0.relation.is_some())
    }

    /// How much of each is in the other alone.
    fn containment(&mut self, a: u32, b: u32) -> Containment {
        self.found(a, b).1
    }
}

impl<V: FnMut(u32, u32) -> Found> Verifier for V {
    fn found(&mut self, a: u32, b: u32) -> Found {
        self(a, b)
    }
}

/// What is known of pairs of articles: the links, and what was asked for since.
pub(crate) struct Verdicts<V> {
    known: AHashMap<(u32, u32), Found>,
    /// Those of which no more is known than that they are not verified.
    refused: AHashSet<(u32, u32)>,
    verifier: V,
}

impl<V: Verifier> Verdicts<V> {
    /// Of which `links` are known; `verifier` is asked for others.
    pub(crate) fn new<'l>(links: impl Iterator<Item = &'l Link>, verifier: V) -> Verdicts<V> {
        let found = |l: &Link| (Verdict { score: l.score, relation: Some(l.relation) }, l.containment);
        Verdicts { known: links.map(|l| ((l.a, l.b), found(l))).collect(), refused: AHashSet::new(), verifier }
    }

    pub(super) fn is_known(&self, a: u32, b: u32) -> bool {
        self.known.contains_key(&(a.min(b), a.max(b)))
    }

    fn found(&mut self, a: u32, b: u32) -> Found {
        let (a, b) = (a.min(b), a.max(b));
        *self.known.entry((a, b)).or_insert_with(|| self.verifier.found(a, b))
    }

    /// The verdict on two articles.
    pub(crate) fn of(&mut self, a: u32, b: u32) -> Verdict {
        self.found(a, b).0
    }

    /// Is an article verified with all `others`, but for itself?
    pub(super) fn verified_with_all(&mut self, article: u32, mut others: Vec<u32>) -> bool {
        // What is known may say no before others are asked for.
        others.retain(|&other| other != article);
        others.sort_by_key(|&other| !self.is_known(article, other));
        others.into_iter().all(|other| self.is_verified(article, other))
    }

    fn is_verified(&mut self, a: u32, b: u32) -> bool {
        let pair = (a.min(b), a.max(b));
        if let Some(found) = self.known.get(&pair) {
            return found.0.relation.is_some();
        }
        if self.refused.contains(&pair) {
            return false;
        }
        let found = self.verifier.verified(pair.0, pair.1);
        match found {
            Some(found) => drop(self.known.insert(pair, found)),
            None => drop(self.refused.insert(pair)),
        }
        found.is_some()
    }

    /// What `article` holds of `representative`.
    pub(super) fn hold(&mut self, article: u32, representative: u32) -> Hold {
        if article == representative {
            return Hold::Other;
        }
        let (a, b) = (article.min(representative), article.max(representative));
        let known = self.known.get(&(a, b)).map(|found| found.1);
        let containment = known.unwrap_or_else(|| self.verifier.containment(a, b));
        let containment = if article < representative { containment } else { containment.swapped() };
        let (of_article, of_representative) = (containment.a_in_b(), containment.b_in_a());
        if of_article >= WHOLLY && of_representative >= ABRIDGED {
            Hold::Part
        } else if of_representative >= WHOLLY && containment.direction() == Some(Direction::BInA) {
            Hold::Whole
        } else {
            Hold::Other
        }
    }
}

/// What an article holds of the representative.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hold {
    /// All of it, and more beside: the article takes it in.
    Whole,
    /// A good part of it, and nothing else: the article is abridged from it, or a copy.
    Part,
    /// Something else, or the article is the representative.
    Other,
}
