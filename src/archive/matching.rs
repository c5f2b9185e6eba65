//! Which articles of an index an arrival is the same report as: candidates by rare pairs in common, a first look, and the
//! verdict on what is left, as the detector gives it on the articles of a corpus.
//!
//! An arrival sees the articles before it, within the window. A pair of its sample that more of them have than
//! [`IndexConfig::max_df`](crate::IndexConfig::max_df) is common; where most of what it has is common, or it has little, the
//! first few articles of its common pairs are candidates too: of a report that is copied far and wide, its first copies.

use std::sync::OnceLock;

use rayon::prelude::*;

use super::chunk::{self, Arrival, Postings, arriving};
use super::keys::{self, Sample};
use super::pool::{Pool, Sketch};
use super::shelf::Shelf;
use super::state::State;
use crate::article::Timestamp;
use crate::detector::{Asked, Detector, Space, around};
use crate::error::Result;
use crate::group::{Found, Link};
use crate::parallel::Balanced;
use crate::shingle::DistinctPairs;
use crate::store::Place;
use crate::verify::{Containment, Listed, Other, Relation, Verdict, is_promising};

/// Days around an article within which what stands elsewhere is looked for, however narrow the window.
const ELSEWHERE_DAYS: f64 = 7.0;
/// So many articles that have a common pair, the first ones, are candidates where rare pairs say little.
const FIRST: usize = 8;
/// Of how many articles with the words of an arrival it is asked whether they are identical.
const SAME_WORDS: usize = 8;

/// Days around the segment of an article within which its pairs are looked up.
pub(crate) fn reach(window: Option<f64>) -> Option<i32> {
    window.map(|days| days.max(ELSEWHERE_DAYS).ceil() as i32)
}

/// What matching needs beside the articles.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) detector: &'a Detector,
    pub(crate) state: &'a State,
    pub(crate) arrivals: &'a [Arrival],
    pub(crate) postings: &'a Postings,
    /// Whether matches are wanted beside those that an arrival is identical to, which say where it belongs.
    pub(crate) wants_all: bool,
}

/// An article that may tell the same report as an arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Proposal {
    place: Place,
    /// How many pairs of the samples they share, and how many rare ones the one of the two has that has fewer.
    shared: u16,
    smaller: u16,
}

/// What the postings say of an arrival.
#[derive(Default)]
pub(crate) struct Lookup {
    /// Articles that have its words, the first few.
    same_words: Vec<Place>,
    /// Articles that share enough of its pairs, as far as can be told without looking at them.
    proposals: Vec<Proposal>,
    /// Its own pairs that are rare.
    rare: u16,
    /// Who else has its pairs: found when first asked for, for most arrivals have nothing to be compared with.
    listed: OnceLock<Listed>,
}

/// What was found of an arrival.
pub(crate) struct Matches {
    /// Those verified with it, by their numbers in the pool; the best first.
    pub(crate) links: Vec<Link>,
    /// Those it is identical to, in order.
    pub(crate) twins: Vec<u32>,
}

impl Context<'_> {
    fn window(&self) -> Option<f64> {
        self.detector.config().window_days
    }

    /// Are two dates within the window?
    pub(crate) fn near(&self, a: Option<Timestamp>, b: Option<Timestamp>) -> bool {
        let days = a.zip(b).map(|(a, b)| Timestamp::days_between(a, b));
        self.window().zip(days).is_none_or(|(window, days)| days <= window)
    }

    /// Could an article of this segment be within the window of one of `from`?
    fn may_be_near(&self, from: i32, segment: i32) -> bool {
        self.window().is_none_or(|window| f64::from(from.abs_diff(segment)) <= window.ceil())
    }

    /// Looks an arrival up.
    fn look_up(&self, number: u32, scratch: &mut Vec<Place>) -> Lookup {
        let Arrival { document, sample, segment, .. } = &self.arrivals[number as usize];
        let own = (self.postings, self.arrivals, &|other| other < number);
        let mut lookup = Lookup::default();
        if document.fingerprint != 0 {
            self.postings.places(keys::words(document.fingerprint), *segment, own, scratch);
            let near = scratch.iter().copied().filter(|place| self.may_be_near(*segment, place.segment));
            lookup.same_words = near.take(SAME_WORDS).collect();
        }
        if document.stems.len() < self.detector.config().least_stems {
            return lookup;
        }
        let config = &self.detector.config().index;
        let (mut rare, mut common): (Vec<Place>, Vec<Place>) = Default::default();
        let mut common_pairs = 0;
        for &pair in &sample.pairs {
            self.postings.places(keys::pair(pair), *segment, own, scratch);
            let near = scratch.iter().copied().filter(|place| self.may_be_near(*segment, place.segment));
            // With the arrival itself.
            if near.clone().count() < usize::from(config.max_df) {
                rare.extend(near);
            } else {
                common_pairs += 1;
                common.extend(near.take(FIRST));
            }
        }
        let size = sample.pairs.len() as u32;
        lookup.rare = (size - common_pairs).min(u16::MAX.into()) as u16;
        let least = config.min_shared.max(1);
        if config.is_blind(common_pairs, sample.sampled) {
            rare.append(&mut common);
        }
        rare.sort_unstable();
        let shared = rare.chunk_by(|x, y| x == y).map(|run| (run[0], run.len().min(u16::MAX.into()) as u16));
        let proposals = shared.filter(|&(_, shared)| shared >= least);
        lookup.proposals =
            proposals.map(|(place, shared)| Proposal { place, shared, smaller: lookup.rare.max(shared) }).collect();
        lookup
    }

    /// How much two articles share is told without their texts: does that leave hope?
    fn is_worth_a_look<S: Shelf>(&self, pool: &Pool<'_, S>, number: u32, proposal: &mut Proposal) -> bool {
        let arrival = &self.arrivals[number as usize];
        let (date, source, sampled) = match chunk::arrival(proposal.place) {
            Some(other) => {
                let other = &self.arrivals[other as usize];
                (other.date, other.source_number, other.sample.sampled)
            }
            None => {
                let Some(Sketch { facts, source }) = pool.sketched(proposal.place) else { return false };
                (facts.date, source, facts.sampled.into())
            }
        };
        if !self.near(arrival.date, date) {
            return false;
        }
        if !self.detector.config().index.may_share_enough(proposal.shared, (arrival.sample.sampled, sampled)) {
            return false;
        }
        if arrival.sample.is_small() {
            // Chance decides what is shared: no first look, then.
            proposal.shared = 0;
        }
        proposal.smaller = proposal.smaller.min(sampled.max(proposal.shared.into()).min(u16::MAX.into()) as u16);
        let around = around((arrival.date, arrival.source_number), (date, source));
        is_promising(proposal.shared, proposal.smaller, around)
    }

    /// The matches of all arrivals, which the pool must have; what they are compared with is loaded into it.
    pub(crate) fn matches<S: Shelf>(&self, pool: &mut Pool<'_, S>) -> Result<(Vec<Lookup>, Vec<Matches>)> {
        let numbers = || (0..self.arrivals.len() as u32).into_par_iter().balanced();
        let lookups: Vec<Lookup> =
            numbers().map_init(Vec::new, |scratch, number| self.look_up(number, scratch)).collect();
        pool.load(lookups.iter().flat_map(|lookup| lookup.same_words.iter().copied()).collect())?;
        let twins: Vec<Vec<Place>> = numbers().map(|number| self.twins(pool, number, &lookups)).collect();

        let has_twin = |number: usize| !self.wants_all && !twins[number].is_empty();
        let proposals = lookups.iter().enumerate().filter(|&(number, _)| !has_twin(number));
        pool.sketch(
            proposals.flat_map(|(_, lookup)| lookup.proposals.iter().map(|proposal| proposal.place)).collect(),
        )?;
        let promising = |number: u32| -> Vec<Proposal> {
            let proposals: &[Proposal] =
                if has_twin(number as usize) { &[] } else { &lookups[number as usize].proposals };
            let worth = |&proposal: &Proposal| {
                let mut proposal = proposal;
                self.is_worth_a_look(pool, number, &mut proposal).then_some(proposal)
            };
            proposals.iter().filter_map(worth).collect()
        };
        let proposed: Vec<Vec<Proposal>> = numbers().map(promising).collect();
        pool.load(proposed.iter().flatten().map(|proposal| proposal.place).collect())?;
        let pairs: Vec<Vec<u32>> =
            proposed.iter().map(|some| some.iter().map(|proposal| pool.number(proposal.place)).collect()).collect();
        let own: Vec<u32> =
            (0..self.arrivals.len() as u32).map(|number| pool.number(arriving(self.arrivals, number))).collect();
        let mut numbers_of = |places: Vec<Place>| places.into_iter().map(|place| pool.number(place)).collect();
        let twins: Vec<Vec<u32>> = twins.into_iter().map(&mut numbers_of).collect();
        let pool = &*pool;
        let links = numbers().zip(&pairs).zip(&own).zip(&lookups).map_init(
            Space::default,
            |space, (((number, others), &own), lookup)| {
                let link = |&other: &u32| {
                    let (a, b) = (own.min(other), own.max(other));
                    let listed = self.own_listed(number, lookup);
                    let (verdict, containment) = self.judge(pool, space, (a, b), Asked::Report, listed);
                    let Verdict { score, relation: Some(relation) } = verdict else { return None };
                    Some(Link { a, b, score, relation, containment })
                };
                let mut links: Vec<Link> = others.iter().filter_map(link).collect();
                let place = |link: &Link| pool.place(if link.a == own { link.b } else { link.a });
                links.sort_by(|x, y| y.score.total_cmp(&x.score).then_with(|| place(x).cmp(&place(y))));
                links
            },
        );
        let links: Vec<Vec<Link>> = links.collect();
        let matches = links.into_iter().zip(twins).map(|(links, twins)| Matches { links, twins }).collect();
        Ok((lookups, matches))
    }

    /// The first articles before an arrival that are identical to it.
    fn twins<S: Shelf>(&self, pool: &Pool<'_, S>, number: u32, lookups: &[Lookup]) -> Vec<Place> {
        let arrival = &self.arrivals[number as usize];
        let is_twin = |&place: &Place| {
            pool.at(place).is_some_and(|other| {
                other.document.fingerprint == arrival.document.fingerprint && self.near(other.date, arrival.date)
            })
        };
        lookups[number as usize].same_words.iter().copied().filter(is_twin).collect()
    }

    /// The verdict on two articles of the pool, and how much of each is in the other, that of the lower number first; no
    /// verdict on articles that are not at hand or too far apart. `listed` is of one of them.
    pub(crate) fn judge<S: Shelf>(
        &self,
        pool: &Pool<'_, S>,
        space: &mut Space,
        (a, b): (u32, u32),
        asked: Asked,
        listed: &Listed,
    ) -> Found {
        let none = (Verdict { score: 0.0, relation: None }, Containment::default());
        let (Some(x), Some(y)) = (pool.party(a), pool.party(b)) else { return none };
        if !self.near(x.date, y.date) {
            return none;
        }
        let key = |number: u32, stems: usize| (std::cmp::Reverse(stems), pool.place(number));
        let in_order = key(a, x.document.stems.len()) <= key(b, y.document.stems.len());
        let two = if in_order { (x, y) } else { (y, x) };
        let days = (x.date.map(Timestamp::days), y.date.map(Timestamp::days));
        let state = self.state;
        let elsewhere =
            |pairs: &[(u64, u8)], rare_share: f64| listed.share(pairs, rare_share, days, |days| state.witnesses(days));
        let (verdict, containment) = self.detector.judge(space, two, state.weights(), asked, elsewhere);
        let admitted =
            |&relation: &Relation| relation.is_same_report() && self.detector.config().level.admits(relation);
        let verdict = Verdict { relation: verdict.relation.filter(admitted), ..verdict };
        (verdict, if in_order { containment } else { containment.swapped() })
    }

    /// How much of each of two articles of the pool is in the other, that of the lower number first.
    pub(crate) fn containment<S: Shelf>(&self, pool: &Pool<'_, S>, space: &mut Space, two: (u32, u32)) -> Containment {
        // What stands elsewhere does not matter for it.
        self.judge(pool, space, two, Asked::ReportOrUpdate, &Listed::default()).1
    }

    /// Where the pairs of an article of the pool stand in the index.
    pub(crate) fn stands<S: Shelf>(&self, pool: &Pool<'_, S>, article: u32) -> Result<Stands> {
        let Some(ready) = pool.get(article) else { return Ok(Stands::default()) };
        let Place { segment, .. } = pool.place(article);
        let Sample { pairs, .. } = Sample::of(&ready.document, &mut DistinctPairs::default());
        let keys = pairs.iter().map(|&pair| keys::pair(pair)).collect();
        Ok(Stands { postings: Postings::of_one(pool.shelf, reach(self.window()), segment, keys)?, pairs })
    }

    /// Who else has the pairs of an arrival, of those before it.
    pub(crate) fn own_listed<'l>(&self, number: u32, lookup: &'l Lookup) -> &'l Listed {
        lookup.listed.get_or_init(|| {
            let pairs = &self.arrivals[number as usize].sample.pairs;
            self.list((self.postings, pairs), arriving(self.arrivals, number), number)
        })
    }

    /// Who else has the pairs of an article, of those in the index and of the arrivals before one.
    pub(crate) fn listed(&self, stands: &Stands, own: Place, before: u32) -> Listed {
        self.list((&stands.postings, &stands.pairs), own, before)
    }

    fn list(&self, (postings, pairs): (&Postings, &[u64]), own: Place, before: u32) -> Listed {
        let (mut listed, mut places) = (Listed::default(), Vec::new());
        for &pair in pairs {
            let arrivals = (self.postings, self.arrivals, |other| other < before);
            postings.places(keys::pair(pair), own.segment, arrivals, &mut places);
            listed.add(pair, places.iter().filter(|&&place| place != own).map(|&place| other(place)));
        }
        listed
    }
}

/// The sampled pairs of an article, and where they stand in the index.
#[derive(Default)]
pub(crate) struct Stands {
    pairs: Vec<u64>,
    postings: Postings,
}

/// An article as one that may have what two others share.
fn other(place: Place) -> Other {
    Other { article: u64::from(place.segment as u32) << 32 | u64::from(place.local), day: place.segment.into() }
}
