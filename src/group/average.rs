//! Average linkage: clusters grow together as long as the mean score over all pairs across two of them reaches a
//! threshold (UPGMA; Sokal and Michener, "A statistical method for evaluating systematic relationships", 1958).
//!
//! A pair without a score counts as 0, so a chain does not hold: where A is like B and B like C but A not like C, the
//! mean between {A, B} and C is half of what B and C score. Scores are whole numbers of millionths and means are
//! compared as fractions: sums come out the same in any order.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

/// The score of 1.
pub(crate) const UNIT: u64 = 1_000_000;

/// What is known between two nodes, `a < b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) a: u32,
    pub(crate) b: u32,
    /// The sum of the scores of all pairs across the two, in millionths.
    pub(crate) sum: u64,
}

/// The mean of the pairs across two clusters, ordered by size.
#[derive(Clone, Copy, Debug)]
struct Mean {
    sum: u64,
    pairs: u64,
}

impl Ord for Mean {
    fn cmp(&self, other: &Mean) -> std::cmp::Ordering {
        let cross = |x: &Mean, y: &Mean| u128::from(x.sum) * u128::from(y.pairs);
        cross(self, other).cmp(&cross(other, self))
    }
}

impl PartialOrd for Mean {
    fn partial_cmp(&self, other: &Mean) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Mean {
    fn eq(&self, other: &Mean) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Mean {}

/// A cluster in the making, named by its least node.
#[derive(Clone, Debug, Default)]
struct Cluster {
    nodes: Vec<u32>,
    articles: u64,
    /// The sum of scores to each cluster with which there is any.
    sums: BTreeMap<u32, u64>,
}

/// Clusters the nodes 0..n, where node `i` stands for `articles[i]` articles, one or more. Of all clusters the two of
/// the highest mean become one, of equals those of the least nodes, until no mean is over 0 and `threshold`
/// (millionths) or more. Those of two nodes and more, each ascending, in the order of their first.
///
/// With `e` edges it takes `O(e log² e)` steps where clusters stay small beside the whole.
pub(crate) fn average(articles: &[u64], edges: &[Edge], threshold: u64) -> Vec<Vec<u32>> {
    let mut clusters: Vec<Cluster> = (0u32..)
        .zip(articles)
        .map(|(node, &articles)| Cluster { nodes: vec![node], articles, sums: BTreeMap::new() })
        .collect();
    for edge in edges.iter().filter(|edge| edge.sum > 0) {
        *clusters[edge.a as usize].sums.entry(edge.b).or_default() += edge.sum;
        *clusters[edge.b as usize].sums.entry(edge.a).or_default() += edge.sum;
    }
    let mean = |clusters: &[Cluster], a: u32, b: u32| {
        let (x, y) = (&clusters[a as usize], &clusters[b as usize]);
        let mean = Mean { sum: x.sums.get(&b).copied()?, pairs: x.articles * y.articles };
        (u128::from(mean.sum) >= u128::from(threshold) * u128::from(mean.pairs)).then_some(mean)
    };
    let mut best: BinaryHeap<(Mean, Reverse<(u32, u32)>)> = BinaryHeap::new();
    for (a, cluster) in (0u32..).zip(&clusters) {
        let later = cluster.sums.range(a + 1..).map(|(&b, _)| b);
        best.extend(later.filter_map(|b| Some((mean(&clusters, a, b)?, Reverse((a, b))))));
    }
    while let Some((expected, Reverse((a, b)))) = best.pop() {
        // What was put in before one of the two grew is out of date. Its present mean is in there too.
        let now = mean(&clusters, a, b);
        if now.is_none_or(|now| (now.sum, now.pairs) != (expected.sum, expected.pairs)) {
            continue;
        }
        let gone = std::mem::take(&mut clusters[b as usize]);
        let grown = &mut clusters[a as usize];
        grown.nodes.extend(gone.nodes);
        grown.articles += gone.articles;
        grown.sums.remove(&b);
        for (&other, &sum) in gone.sums.iter().filter(|(other, _)| **other != a) {
            *clusters[a as usize].sums.entry(other).or_default() += sum;
            let sums = &mut clusters[other as usize].sums;
            sums.remove(&b);
            *sums.entry(a).or_default() += sum;
        }
        for &other in clusters[a as usize].sums.keys() {
            let pair = (a.min(other), a.max(other));
            best.extend(mean(&clusters, pair.0, pair.1).map(|mean| (mean, Reverse(pair))));
        }
    }
    let mut found: Vec<Vec<u32>> = clusters.into_iter().map(|c| c.nodes).filter(|nodes| nodes.len() > 1).collect();
    found.iter_mut().for_each(|nodes| nodes.sort_unstable());
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edge(a: u32, b: u32, score: f64) -> Edge {
        Edge { a, b, sum: (score * UNIT as f64) as u64 }
    }

    #[test]
    fn a_chain_is_cut() {
        let chain = [edge(0, 1, 0.9), edge(1, 2, 0.8), edge(2, 3, 0.7)];
        assert_eq!(average(&[1; 4], &chain, UNIT / 2), [vec![0, 1], vec![2, 3]]);
        assert_eq!(average(&[1; 3], &chain[..2], UNIT / 2), [vec![0, 1]]);
    }

    #[test]
    fn the_mean_decides() {
        // 0 and 2 are little alike, but 0.9 and 0.2 make 0.55.
        let edges = [edge(0, 1, 0.95), edge(1, 2, 0.9), edge(0, 2, 0.2)];
        assert_eq!(average(&[1; 3], &edges, UNIT * 55 / 100), [vec![0, 1, 2]]);
        assert_eq!(average(&[1; 3], &edges, UNIT * 56 / 100), [vec![0, 1]]);
        // One of two articles of node 0 is like that of node 1.
        assert_eq!(average(&[2, 1], &[edge(0, 1, 0.9)], UNIT / 2), Vec::<Vec<u32>>::new());
        assert_eq!(average(&[2, 1], &[edge(0, 1, 1.2)], UNIT / 2), [vec![0, 1]]);
        // Nothing in common is no pair, whatever the threshold.
        assert_eq!(average(&[1, 1], &[edge(0, 1, 0.0)], 0), Vec::<Vec<u32>>::new());
    }

    /// All pairs of clusters summed up anew at each step.
    fn naive(articles: &[u64], edges: &[Edge], threshold: u64) -> Vec<Vec<u32>> {
        let mut clusters: Vec<Vec<u32>> = (0..articles.len() as u32).map(|node| vec![node]).collect();
        loop {
            let mut best: Option<(Mean, usize, usize)> = None;
            for x in 0..clusters.len() {
                for y in x + 1..clusters.len() {
                    let across = |e: &&Edge| {
                        let within = |a: u32, b: u32| clusters[x].contains(&a) && clusters[y].contains(&b);
                        within(e.a, e.b) || within(e.b, e.a)
                    };
                    let size = |c: &[u32]| c.iter().map(|&node| articles[node as usize]).sum::<u64>();
                    let sum = edges.iter().filter(across).map(|e| e.sum).sum();
                    let mean = Mean { sum, pairs: size(&clusters[x]) * size(&clusters[y]) };
                    let enough = mean.sum > 0 && mean.sum >= threshold * mean.pairs;
                    if enough && best.is_none_or(|(found, ..)| mean > found) {
                        best = Some((mean, x, y));
                    }
                }
            }
            let Some((_, x, y)) = best else {
                clusters.retain(|nodes| nodes.len() > 1);
                return clusters;
            };
            let gone = clusters.remove(y);
            clusters[x].extend(gone);
            clusters[x].sort_unstable();
        }
    }

    proptest! {
        #[test]
        fn equals_all_pairs_summed_anew(
            articles in prop::collection::vec(1u64..4, 10),
            scores in prop::collection::btree_map((0u32..10, 0u32..10), 0u64..8, 0..45),
            threshold in 0u64..6,
        ) {
            // Few different scores, so that many means are equal.
            let edges: Vec<Edge> = scores.iter().filter(|((a, b), _)| a < b)
                .map(|(&(a, b), &sum)| Edge { a, b, sum }).collect();
            let found = average(&articles, &edges, threshold);
            prop_assert_eq!(&found, &naive(&articles, &edges, threshold));
            let mut reversed = edges;
            reversed.reverse();
            prop_assert_eq!(average(&articles, &reversed, threshold), found);
        }
    }
}
