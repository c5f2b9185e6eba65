//! Level event: groups of one report and single articles brought together where they are about one event.
//!
//! A node is a group of one report or a single article; none is ever split. Neighbours across nodes are scored by
//! the model of events, and [`average()`] linkage joins the nodes.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::compare::{Asked, Prepare, Rarity};
use super::twins::Twins;
use super::{Detector, Grouping, twins};
use crate::corpus::Corpus;
use crate::group::{Edge, Group, Link, UNIT, average};
use crate::index::{Neighbours, Pair, Profile, find_neighbours};
use crate::shingle::Document;
use crate::verify::{Prepared, Relation, Verdict};

/// Of a node so many articles are scored against others: the representative and the first of the rest. Enough for
/// a mean, and a report printed a hundred times costs no more than one printed four times.
const VOICES: usize = 4;

/// What happened at level event beside the rest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventSummary {
    /// Pairs of neighbours proposed.
    pub neighbours: usize,
    /// Lists of stems that some article did not look at, for they were too long within its window.
    pub long_lists: u64,
    /// Pairs that were scored: the neighbours, and more articles of their groups.
    pub scored: usize,
}

/// Which node each article belongs to, and who speaks for each node.
struct Nodes {
    /// Of each article; `None` for those that are never proposed.
    of: Vec<Option<u32>>,
    /// Of each node the articles that are not identical to an earlier one, the representative first.
    voices: Vec<Vec<u32>>,
}

impl Nodes {
    /// The groups in their order, then the single articles that `may_join`.
    fn new(groups: &[Group], is_twin: &[bool], may_join: impl Fn(usize) -> bool) -> Nodes {
        let mut of = vec![None; is_twin.len()];
        let mut voices = Vec::new();
        for group in groups {
            let members = group.members.iter().map(|member| member.0);
            let all: Vec<u32> = std::iter::once(group.representative).chain(members).collect();
            let own: Vec<u32> = all.iter().copied().filter(|&article| !is_twin[article as usize]).collect();
            // A group of too short articles, which are identical, is about nothing that could be compared.
            if own.iter().any(|&article| may_join(article as usize)) {
                all.into_iter().for_each(|article| of[article as usize] = Some(voices.len() as u32));
            }
            voices.push(own);
        }
        for (article, node) in of.iter_mut().enumerate() {
            if node.is_none() && may_join(article) {
                *node = Some(voices.len() as u32);
                voices.push(vec![article as u32]);
            }
        }
        Nodes { of, voices }
    }

    /// The pairs across two nodes that are scored.
    fn across(&self, x: u32, y: u32) -> Vec<Pair> {
        let [x, y] = [x, y].map(|node| self.voices[node as usize].iter().take(VOICES));
        x.flat_map(|&a| y.clone().map(move |&b| Pair::of(a, b))).collect()
    }

    /// Nodes of which some articles are a pair of neighbours, ascending.
    fn neighbours(&self, pairs: &[Pair]) -> BTreeSet<(u32, u32)> {
        let nodes = |pair: &Pair| Some((self.of[pair.a as usize]?, self.of[pair.b as usize]?));
        pairs.iter().filter_map(nodes).map(|(x, y)| (x.min(y), x.max(y))).collect()
    }
}

impl Detector {
    /// Joins the groups and single articles of `found` that are about one event.
    pub(super) fn join_events(&self, corpus: &Corpus, twins: &Twins, rarity: Rarity, found: &mut Grouping) {
        let nodes = self.nodes(corpus, twins, &found.groups);
        let mut prepare = Prepare::new(corpus, rarity);
        let neighbours = self.neighbours(&prepare, twins, &nodes);
        let proposed: Vec<(u32, u32)> = nodes.neighbours(&neighbours.pairs).into_iter().collect();
        let mut pairs: Vec<Pair> =
            proposed.iter().flat_map(|&(x, y)| nodes.across(x, y)).chain(neighbours.pairs.iter().copied()).collect();
        pairs.par_sort_unstable();
        pairs.dedup();
        found.summary.events =
            EventSummary { neighbours: neighbours.pairs.len(), long_lists: neighbours.long_lists, scored: pairs.len() };

        prepare.make_ready(&pairs);
        let verdicts = self.verdicts(&prepare, &pairs, Asked::Level);
        let score = |pair: Pair| match pairs.binary_search(&pair) {
            Ok(at) if self.near_event(corpus, pair.a, pair.b) => (verdicts[at].0.score * UNIT as f64).round() as u64,
            _ => 0,
        };
        let edges: Vec<Edge> = proposed
            .iter()
            .map(|&(a, b)| {
                let heard = nodes.across(a, b);
                let all = (nodes.voices[a as usize].len() * nodes.voices[b as usize].len()) as u64;
                let sum: u64 = heard.iter().map(|&pair| score(pair)).sum();
                Edge { a, b, sum: sum * all / heard.len() as u64 }
            })
            .collect();
        let articles: Vec<u64> = nodes.voices.iter().map(|voices| voices.len() as u64).collect();
        let threshold = (self.threshold() * UNIT as f64).round() as u64;
        let joined = average(&articles, &edges, threshold);
        self.replace(&prepare, twins, &nodes, &joined, &mut found.groups);

        let new = pairs.iter().zip(&verdicts).filter_map(|(pair, &(verdict, containment))| {
            let admitted = verdict.relation.filter(|&relation| self.config.level.admits(relation));
            let relation = admitted.filter(|_| self.near_event(corpus, pair.a, pair.b))?;
            let known = found.links.binary_search_by_key(&(pair.a, pair.b), |link| (link.a, link.b)).is_ok();
            (!known).then_some(Link { a: pair.a, b: pair.b, score: verdict.score, relation, containment })
        });
        let new: Vec<Link> = new.collect();
        found.links.extend(new);
        found.links.sort_unstable_by_key(|link| (link.a, link.b));
    }

    /// Would level event score these pairs? Those of one node need not be.
    pub(super) fn event_proposed(
        &self,
        corpus: &Corpus,
        twins: &Twins,
        rarity: Rarity,
        groups: &[Group],
        pairs: &[(u32, u32)],
    ) -> Vec<bool> {
        let nodes = self.nodes(corpus, twins, groups);
        let neighbours = self.neighbours(&Prepare::new(corpus, rarity), twins, &nodes);
        let proposed = nodes.neighbours(&neighbours.pairs);
        let is_proposed = |&(a, b): &(u32, u32)| {
            let ends = nodes.of[a as usize].zip(nodes.of[b as usize]);
            a == b || ends.is_some_and(|(x, y)| x == y || proposed.contains(&(x.min(y), x.max(y))))
        };
        pairs.iter().map(is_proposed).collect()
    }

    fn nodes(&self, corpus: &Corpus, twins: &Twins, groups: &[Group]) -> Nodes {
        Nodes::new(groups, &twins.is_later, |article| !self.stands_aside(corpus, twins, article))
    }

    /// Pairs of articles of different nodes that may be about one event.
    fn neighbours(&self, prepare: &Prepare<'_>, twins: &Twins, nodes: &Nodes) -> Neighbours {
        let corpus = prepare.corpus;
        let profile = |article: usize, document: &Document, prepared: &Prepared| {
            let mut stems: Vec<_> = Vec::new();
            if nodes.of[article].is_some() && !twins.is_later[article] {
                let weights = prepared.weights.iter().copied();
                stems.extend(document.stems.iter().copied().zip(weights));
                stems.sort_unstable();
                stems.dedup();
            }
            Profile { stems, date: corpus.headers[article].date }
        };
        let profiles: Vec<Profile> = prepare.each(profile);
        let across = |a: u32, b: u32| nodes.of[a as usize] != nodes.of[b as usize];
        find_neighbours(&profiles, self.event_window(), &self.config.neighbours, across)
    }

    /// Puts the groups that `joined` sets of nodes make in the place of theirs.
    fn replace(
        &self,
        prepare: &Prepare<'_>,
        twins: &Twins,
        nodes: &Nodes,
        joined: &[Vec<u32>],
        groups: &mut Vec<Group>,
    ) {
        let stand_in = twins.stand_ins(prepare.corpus.len());
        let rank = |node: u32| {
            let article = nodes.voices[node as usize][0];
            let date = prepare.corpus.headers[article as usize].date;
            (std::cmp::Reverse(nodes.voices[node as usize].len()), date.is_none(), date, article)
        };
        let mut single: Vec<Option<Group>> = std::mem::take(groups).into_iter().map(Some).collect();
        let mut take = |node: u32| {
            let group = single.get_mut(node as usize).and_then(Option::take);
            let representative = nodes.voices[node as usize][0];
            group.unwrap_or(Group { representative, members: Vec::new() })
        };
        let mut made: Vec<Group> = Vec::with_capacity(joined.len());
        for set in joined {
            let Some(&first) = set.iter().min_by_key(|&&node| rank(node)) else { continue };
            let mut group = take(first);
            let others = set.iter().filter(|&&node| node != first).map(|&node| take(node));
            for other in others.collect::<Vec<_>>() {
                for article in other.members.iter().map(|member| member.0).chain([other.representative]) {
                    let (a, b) = (stand_in[group.representative as usize], stand_in[article as usize]);
                    let verdict =
                        prepare.with_scratch(|scratch| self.verdict(prepare, scratch, (a, b), Asked::Level).0);
                    let relation = verdict.relation.filter(|r| r.is_same_report()).or(Some(Relation::Event));
                    group.members.push((article, Verdict { relation, ..verdict }));
                }
            }
            group.members.sort_unstable_by_key(|member| member.0);
            made.push(group);
        }
        groups.extend(single.into_iter().flatten());
        groups.extend(made);
    }

    /// The days within which two articles are about one event.
    fn event_window(&self) -> f64 {
        self.config.window_days.unwrap_or(self.config.event_window_days)
    }

    fn near_event(&self, corpus: &Corpus, a: u32, b: u32) -> bool {
        twins::within(Some(self.event_window()), twins::days_apart(corpus, a, b))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(representative: u32, members: &[u32]) -> Group {
        let verdict = Verdict { score: 0.9, relation: Some(Relation::Copy) };
        Group { representative, members: members.iter().map(|&member| (member, verdict)).collect() }
    }

    #[test]
    fn groups_are_nodes_and_so_are_single_articles_of_some_length() {
        // 3 is identical to 1; 4 and 5, identical, are too short, as is 7.
        let is_twin = [false, false, false, true, false, true, false, false];
        let aside = [3, 4, 5, 7];
        let nodes = Nodes::new(&[group(1, &[0, 3]), group(4, &[5])], &is_twin, |article| !aside.contains(&article));
        let of = [Some(0), Some(0), Some(2), Some(0), None, None, Some(3), None];
        assert_eq!(nodes.of, of);
        assert_eq!(nodes.voices, [vec![1, 0], vec![4], vec![2], vec![6]]);
        let pair = Pair::of;
        assert_eq!(nodes.across(2, 0), [pair(1, 2), pair(0, 2)]);
        assert_eq!(
            nodes.neighbours(&[pair(0, 2), pair(1, 2), pair(2, 6)]).into_iter().collect::<Vec<_>>(),
            [(0, 2), (2, 3)]
        );
    }

    #[test]
    fn of_a_large_group_a_few_articles_are_heard() {
        let nodes = Nodes::new(&[group(50, &(0..50).collect::<Vec<_>>())], &[false; 52], |_| true);
        assert_eq!(nodes.across(0, 1).len(), VOICES);
        // The representative among them.
        assert!(nodes.across(0, 1).contains(&Pair::of(50, 51)));
    }
}
