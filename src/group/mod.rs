//! Groups: verified pairs become sets of articles, each around a representative.
//!
//! Pairs alone would chain: A is like B, B like C, and a template or a running story links a whole
//! corpus. Here every member has been verified against its group's representative itself. Pairs are taken
//! from the best score down; two groups become one only if some article of theirs is verified with every
//! other one, which then represents them, and if the mean score of the pairs across is at least that of a
//! verified pair as well. The result does not depend on the order of the input.
//!
//! At level event, groups of one report and single articles are brought together by [`average()`] linkage.

mod average;

use ahash::AHashMap;
use rayon::prelude::*;

use crate::verify::{Containment, Relation, Verdict};

pub(crate) use average::{Edge, UNIT, average};

/// A verified pair of articles, `a < b`: they tell the same report, are about one event, or the later one is an update
/// of the other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The article with the lower number.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// 0 to 1.
    pub score: f64,
    /// How they are related.
    pub relation: Relation,
    /// How much of each is in the other.
    pub containment: Containment,
}

/// One group, or a single article.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The article that all others have been verified against.
    pub representative: u32,
    /// The others, ascending, each as verified against the representative.
    pub members: Vec<(u32, Verdict)>,
}

impl Group {
    /// How well the group holds: the lowest score of a member verified against the representative. 1 for one of
    /// identical articles, and for a single one.
    pub fn weakest(&self) -> f64 {
        self.members.iter().map(|(_, verdict)| verdict.score).fold(1.0, f64::min)
    }
}

/// A group in the making: its articles, the representative first.
type Cluster = Vec<u32>;

/// Groups articles by `links`. Two groups become one only if the pairs across score `least` on average. `rank` orders
/// articles by how well they would represent a group, the least first. `verifier` makes what is asked for pairs that
/// are not among the links; its answers must be symmetric.
///
/// Groups come in the order of their representatives; articles in no link are left out.
pub(crate) fn group<R: Ord, V: FnMut(u32, u32) -> Verdict>(
    links: &[Link],
    least: f64,
    rank: impl Fn(u32) -> R + Sync,
    verifier: impl Fn() -> V + Sync,
) -> Vec<Group> {
    // What no link joins does not meet.
    let mut groups: Vec<Group> = components(links)
        .par_iter()
        .map_init(&verifier, |verify, links| group_component(links, least, &rank, verify))
        .flatten_iter()
        .collect();
    groups.sort_unstable_by_key(|g| g.representative);
    groups
}

/// The links in sets that have no article in common.
fn components(links: &[Link]) -> Vec<Vec<&Link>> {
    let mut parent: AHashMap<u32, u32> = AHashMap::with_capacity(links.len());
    fn find(parent: &mut AHashMap<u32, u32>, article: u32) -> u32 {
        let mut root = article;
        while let Some(&above) = parent.get(&root).filter(|&&above| above != root) {
            root = above;
        }
        // What was passed on the way points to the root from now on.
        let mut passed = article;
        while passed != root {
            passed = parent.insert(passed, root).unwrap_or(root);
        }
        root
    }
    for link in links {
        let (x, y) = (find(&mut parent, link.a), find(&mut parent, link.b));
        parent.insert(x.max(y), x.min(y));
        parent.entry(x.min(y)).or_insert(x.min(y));
    }
    let mut rooted: Vec<(u32, &Link)> = links.iter().map(|link| (find(&mut parent, link.a), link)).collect();
    rooted.sort_by_key(|(root, _)| *root);
    rooted.chunk_by(|x, y| x.0 == y.0).map(|run| run.iter().map(|(_, link)| *link).collect()).collect()
}

/// What is known of pairs of articles: the links, and what was asked for since.
struct Verdicts<V> {
    known: AHashMap<(u32, u32), Verdict>,
    verify: V,
}

impl<V: FnMut(u32, u32) -> Verdict> Verdicts<V> {
    fn is_known(&self, a: u32, b: u32) -> bool {
        self.known.contains_key(&(a.min(b), a.max(b)))
    }

    fn of(&mut self, a: u32, b: u32) -> Verdict {
        let (a, b) = (a.min(b), a.max(b));
        *self.known.entry((a, b)).or_insert_with(|| (self.verify)(a, b))
    }
}

/// The groups of articles that are linked, by whatever way.
fn group_component<R: Ord>(
    links: &[&Link],
    least: f64,
    rank: &impl Fn(u32) -> R,
    verify: &mut impl FnMut(u32, u32) -> Verdict,
) -> Vec<Group> {
    let verdict = |l: &Link| Verdict { score: l.score, relation: Some(l.relation) };
    let known = links.iter().map(|l| ((l.a.min(l.b), l.a.max(l.b)), verdict(l))).collect();
    let mut verdicts = Verdicts { known, verify };
    let mut ordered: Vec<&Link> = links.to_vec();
    ordered.sort_by(|x, y| y.score.total_cmp(&x.score).then_with(|| (x.a, x.b).cmp(&(y.a, y.b))));
    let mut cluster_of: AHashMap<u32, usize> = AHashMap::new();
    let mut clusters: Vec<Cluster> = Vec::new();
    for link in ordered {
        let [x, y] = [link.a, link.b].map(|article| {
            *cluster_of.entry(article).or_insert_with(|| {
                clusters.push(vec![article]);
                clusters.len() - 1
            })
        });
        if x == y {
            continue;
        }
        let (x, y) = (x.min(y), x.max(y));
        if let Some(merged) = merge((&clusters[x], &clusters[y]), least, rank, &mut verdicts) {
            for &article in &clusters[y] {
                cluster_of.insert(article, x);
            }
            clusters[x] = merged;
            clusters[y] = Vec::new();
        }
    }
    clusters
        .into_iter()
        .filter(|cluster| cluster.len() > 1)
        .map(|mut cluster| {
            elect(&mut cluster, rank, &mut verdicts);
            let representative = cluster[0];
            let mut members: Vec<(u32, Verdict)> =
                cluster[1..].iter().map(|&member| (member, verdicts.of(representative, member))).collect();
            members.sort_unstable_by_key(|m| m.0);
            Group { representative, members }
        })
        .collect()
}

/// Puts the article first that represents the group best: of those verified with all others the one of the
/// least rank.
fn elect<R: Ord>(
    cluster: &mut Cluster,
    rank: &impl Fn(u32) -> R,
    verdicts: &mut Verdicts<impl FnMut(u32, u32) -> Verdict>,
) {
    if cluster.len() > SMALL {
        return;
    }
    let mut ranked = cluster.clone();
    ranked.sort_by_key(|&article| rank(article));
    let elected = ranked.into_iter().find(|&candidate| {
        candidate == cluster[0]
            || cluster.iter().all(|&o| o == candidate || verdicts.of(candidate, o).relation.is_some())
    });
    if let Some(at) = cluster.iter().position(|&article| Some(article) == elected) {
        cluster.swap(0, at);
    }
}

/// In groups of up to this size any article may come to represent both; in larger ones only the
/// representatives they have, so that a story copied a thousand times costs no million comparisons.
const SMALL: usize = 32;
/// Of how many articles of each group the pairs across are looked at.
const LOOKED_AT: usize = 16;

/// Both groups as one, if an article of theirs is verified with all others, and the pairs across the two score
/// `least` on average.
fn merge<R: Ord>(
    (x, y): (&Cluster, &Cluster),
    least: f64,
    rank: &impl Fn(u32) -> R,
    verdicts: &mut Verdicts<impl FnMut(u32, u32) -> Verdict>,
) -> Option<Cluster> {
    let (large, small) = if x.len() >= y.len() { (x, y) } else { (y, x) };
    let (left, right) = (&large[..large.len().min(LOOKED_AT)], &small[..small.len().min(LOOKED_AT)]);
    let wanted = least * (left.len() * right.len()) as f64;
    let across = left.iter().flat_map(|&a| right.iter().map(move |&b| (a, b)));
    // What the links say comes first; of the others no more are asked for than it takes to decide.
    let (linked, others): (Vec<_>, Vec<_>) = across.partition(|&(a, b)| verdicts.is_known(a, b));
    let mut sum: f64 = linked.iter().map(|&(a, b)| verdicts.of(a, b).score).sum();
    for (left, &(a, b)) in (1..=others.len() as u32).rev().zip(&others) {
        if sum >= wanted || sum + f64::from(left) < wanted {
            break;
        }
        sum += verdicts.of(a, b).score;
    }
    if sum < wanted {
        return None;
    }
    let mut same = |a: u32, b: u32| a == b || verdicts.of(a, b).relation.is_some();
    let mut with_all = |candidate: u32, others: &[u32]| others.iter().all(|&other| same(candidate, other));
    // A representative has been verified with its own group already.
    let representative = if with_all(large[0], small) {
        large[0]
    } else if large.len() > SMALL {
        return None;
    } else if with_all(small[0], large) {
        small[0]
    } else {
        let mut rest: Vec<u32> = large[1..].iter().chain(&small[1..]).copied().collect();
        rest.sort_by_key(|&article| rank(article));
        rest.into_iter().find(|&candidate| with_all(candidate, large) && with_all(candidate, small))?
    };
    let others = large.iter().chain(small).copied().filter(|&other| other != representative);
    Some(std::iter::once(representative).chain(others).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn link(a: u32, b: u32, score: f64) -> Link {
        Link { a, b, score, relation: Relation::Derived, containment: Containment::default() }
    }

    /// Verdicts by the list of links alone.
    // Without a name the lifetime could not be told within `impl Fn`.
    #[allow(clippy::needless_lifetimes)]
    fn by_links<'l>(links: &'l [Link]) -> impl Fn() -> Box<dyn FnMut(u32, u32) -> Verdict + 'l> + Sync {
        move || {
            Box::new(move |a, b| {
                let found = links.iter().find(|l| (l.a, l.b) == (a, b));
                Verdict { score: found.map_or(0.0, |l| l.score), relation: found.map(|l| l.relation) }
            })
        }
    }

    fn sets(groups: &[Group]) -> Vec<Vec<u32>> {
        let set = |g: &Group| {
            let mut set: Vec<u32> = g.members.iter().map(|m| m.0).chain([g.representative]).collect();
            set.sort_unstable();
            set
        };
        groups.iter().map(set).collect()
    }

    #[test]
    fn a_link_is_small() {
        // One is kept for every verified pair.
        assert_eq!(size_of::<Link>(), 24);
    }

    #[test]
    fn a_chain_is_cut() {
        let links = [link(0, 1, 0.9), link(1, 2, 0.8), link(2, 3, 0.7)];
        let groups = group(&links, 0.5, |a| a, by_links(&links));
        assert_eq!(sets(&groups), [vec![0, 1], vec![2, 3]]);
    }

    #[test]
    fn pairs_across_two_groups_must_be_good_on_average() {
        // Article 2 is verified with 0, and with 1 it is nearly so or far from it.
        for (score, expected) in [(0.4, vec![vec![0, 1, 2]]), (0.0, vec![vec![0, 1]])] {
            let links = [link(0, 1, 0.99), link(0, 2, 0.8)];
            let verifier = || move |_, _| Verdict { score, relation: None };
            assert_eq!(sets(&group(&links, 0.6, |a| a, verifier)), expected);
        }
    }

    #[test]
    fn the_representative_changes_where_that_joins_groups() {
        let links = [link(0, 1, 0.99), link(2, 3, 0.98), link(0, 2, 0.9), link(1, 2, 0.9), link(1, 3, 0.9)];
        let groups = group(&links, 0.5, |a| a, by_links(&links));
        assert_eq!(sets(&groups), [vec![0, 1, 2, 3]]);
        // Both 1 and 2 would do.
        assert_eq!(groups[0].representative, 1);
    }

    #[test]
    fn one_bridge_between_two_groups_is_not_enough() {
        let links = [link(0, 1, 0.99), link(2, 3, 0.98), link(1, 2, 0.9), link(1, 3, 0.9)];
        let groups = group(&links, 0.5, |a| a, by_links(&links));
        assert_eq!(sets(&groups), [vec![0, 1], vec![2, 3]]);
    }

    proptest! {
        #[test]
        fn components_share_no_article(pairs in proptest::collection::vec((0u32..20, 0u32..20), 0..30)) {
            let links: Vec<Link> = pairs.iter().filter(|(a, b)| a < b).map(|&(a, b)| link(a, b, 0.9)).collect();
            let found = components(&links);
            prop_assert_eq!(found.iter().map(Vec::len).sum::<usize>(), links.len());
            // Naively: the least article that can be reached, until nothing changes.
            let mut least: Vec<u32> = (0..20).collect();
            for _ in 0..20 {
                for link in &links {
                    let both = least[link.a as usize].min(least[link.b as usize]);
                    least[link.a as usize] = both;
                    least[link.b as usize] = both;
                }
            }
            for links in &found {
                prop_assert!(links.iter().all(|link| least[link.a as usize] == least[links[0].a as usize]));
            }
            let roots: std::collections::BTreeSet<u32> = found.iter().map(|links| least[links[0].a as usize]).collect();
            prop_assert_eq!(roots.len(), found.len());
        }

        #[test]
        fn every_member_is_verified_against_its_representative(
            pairs in proptest::collection::btree_map((0u32..14, 0u32..14), 1u32..100, 0..60),
            keys in proptest::collection::vec(any::<u32>(), 14),
        ) {
            let links: Vec<Link> = pairs.iter().filter(|((a, b), _)| a < b)
                .map(|(&(a, b), &s)| link(a, b, f64::from(s) / 100.0)).collect();
            let groups = group(&links, 0.5, |a| keys[a as usize], by_links(&links));
            let mut seen = std::collections::BTreeSet::new();
            for g in &groups {
                prop_assert!(!g.members.is_empty());
                prop_assert!(seen.insert(g.representative));
                for (member, verdict) in &g.members {
                    prop_assert!(seen.insert(*member), "in two groups");
                    let (a, b) = (g.representative.min(*member), g.representative.max(*member));
                    let found = links.iter().find(|l| (l.a, l.b) == (a, b));
                    prop_assert_eq!(found.map(|l| l.score), Some(verdict.score));
                }
            }
            // The order of the links does not matter.
            let mut reversed = links.clone();
            reversed.reverse();
            prop_assert_eq!(group(&reversed, 0.5, |a| keys[a as usize], by_links(&links)), groups);
        }
    }
}
