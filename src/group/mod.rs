//! Groups: verified pairs become sets of articles, each around a representative.
//!
//! Pairs alone would chain: A is like B, B like C, and a template or a running story links a whole
//! corpus. Here every member has been verified against its group's representative itself. Pairs are taken
//! from the best score down; two groups become one only if some article of theirs is verified with every
//! other one, which then represents them, and if the mean score of the pairs across is at least that of a
//! verified pair as well. Two articles that both take in the representative tell its report, whatever else
//! they hold: as two round-ups with one item in common, which may be unlike without speaking against the
//! groups. So do two that are abridged from the representative, if they have anything in common: two items of
//! a round-up have not. The result does not depend on the order of the input.
//!
//! At level event, groups of one report and single articles are brought together by [`average()`] linkage.

mod average;
mod verdicts;

use ahash::AHashMap;
use rayon::prelude::*;

use crate::verify::{Containment, Relation, Verdict};

pub(crate) use average::{Edge, UNIT, average};
use verdicts::Hold;
pub(crate) use verdicts::{Found, Verdicts, Verifier};

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
pub(crate) type Cluster = Vec<u32>;

/// Groups articles by `links`. Two groups become one only if the pairs across score `least` on average. `rank` orders
/// articles by how well they would represent a group, the least first. `verifier` makes what is asked for pairs that
/// are not among the links, the lower number first.
///
/// Groups come in the order of their representatives; articles in no link are left out.
pub(crate) fn group<R: Ord, V: Verifier>(
    links: &[Link],
    least: f64,
    rank: impl Fn(u32) -> R + Sync,
    verifier: impl Fn() -> V + Sync,
) -> Vec<Group> {
    // What no link joins does not meet. One thread does the largest while others do the rest.
    let mut components = components(links);
    components.sort_by_key(|links| std::cmp::Reverse(links.len()));
    let mut groups: Vec<Group> = components
        .par_iter()
        .with_max_len(1)
        .map(|links| group_component(links, least, &rank, verifier()))
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

/// The groups of articles that are linked, by whatever way.
fn group_component<R: Ord>(
    links: &[&Link],
    least: f64,
    rank: &impl Fn(u32) -> R,
    verifier: impl Verifier,
) -> Vec<Group> {
    let mut verdicts = Verdicts::new(links.iter().copied(), verifier);
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
pub(crate) fn elect<R: Ord>(cluster: &mut Cluster, rank: &impl Fn(u32) -> R, verdicts: &mut Verdicts<impl Verifier>) {
    if cluster.len() > SMALL {
        return;
    }
    let mut ranked = cluster.clone();
    ranked.sort_by_key(|&article| rank(article));
    let elected = ranked
        .into_iter()
        .find(|&candidate| candidate == cluster[0] || verdicts.verified_with_all(candidate, cluster.clone()));
    if let Some(at) = cluster.iter().position(|&article| Some(article) == elected) {
        cluster.swap(0, at);
    }
}

/// In groups of up to this size any article may come to represent both; in larger ones only the
/// representatives they have, so that a story copied a thousand times costs no million comparisons.
pub(crate) const SMALL: usize = 32;
/// Of how many articles of each group the pairs across are looked at.
const LOOKED_AT: usize = 16;

/// What two articles must score to have anything in common.
const IN_COMMON: f64 = 0.1;

/// Both groups as one, if an article of theirs is verified with all others, and the pairs across the two are alike
/// where that article represents both.
pub(crate) fn merge<R: Ord>(
    (x, y): (&Cluster, &Cluster),
    least: f64,
    rank: &impl Fn(u32) -> R,
    verdicts: &mut Verdicts<impl Verifier>,
) -> Option<Cluster> {
    let (large, small) = if x.len() >= y.len() { (x, y) } else { (y, x) };
    let mut candidates = vec![large[0]];
    if large.len() <= SMALL {
        let mut rest: Vec<u32> = large[1..].iter().chain(&small[1..]).copied().collect();
        rest.sort_by_key(|&article| rank(article));
        candidates.push(small[0]);
        candidates.extend(rest);
    }
    let representative = candidates.into_iter().find(|&candidate| {
        // A representative has been verified with its own group already.
        let own = |group: &&Cluster| group[0] != candidate;
        let others: Vec<u32> = [small, large].into_iter().filter(own).flatten().copied().collect();
        verdicts.verified_with_all(candidate, others) && are_alike((large, small), candidate, least, verdicts)
    })?;
    let others = large.iter().chain(small).copied().filter(|&other| other != representative);
    Some(std::iter::once(representative).chain(others).collect())
}

/// Do the pairs across the two groups score `least` on average? One of articles that both take in `representative`
/// counts as no less than that, and so does one of articles that are abridged from it and have something in common.
fn are_alike(
    (x, y): (&Cluster, &Cluster),
    representative: u32,
    least: f64,
    verdicts: &mut Verdicts<impl Verifier>,
) -> bool {
    let mut looked_at = |cluster: &Cluster| -> Vec<(u32, Hold)> {
        cluster.iter().take(LOOKED_AT).map(|&article| (article, verdicts.hold(article, representative))).collect()
    };
    let (x, y) = (looked_at(x), looked_at(y));
    let across = x.iter().flat_map(|&a| y.iter().map(move |&b| (a, b)));
    // What is known comes first; of the others no more are asked for than it takes to decide.
    let (known, others): (Vec<_>, Vec<_>) = across.partition(|((a, _), (b, _))| verdicts.is_known(*a, *b));
    let mut margin = |((a, a_holds), (b, b_holds)): ((u32, Hold), (u32, Hold))| {
        let score = verdicts.of(a, b).score;
        let of_one_report = match (a_holds, b_holds) {
            (Hold::Whole, Hold::Whole) => true,
            (Hold::Part, Hold::Part) => score >= IN_COMMON,
            _ => false,
        };
        if of_one_report { (score - least).max(0.0) } else { score - least }
    };
    let mut sum: f64 = known.into_iter().map(&mut margin).sum();
    for (left, pair) in (1..=others.len() as u32).rev().zip(others) {
        if sum >= least * f64::from(left) || sum + (1.0 - least) * f64::from(left) < 0.0 {
            break;
        }
        sum += margin(pair);
    }
    sum >= 0.0
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
    fn by_links<'l>(links: &'l [Link]) -> impl Fn() -> Box<dyn FnMut(u32, u32) -> Found + 'l> + Sync {
        move || {
            Box::new(move |a, b| {
                let found = links.iter().find(|l| (l.a, l.b) == (a, b));
                let verdict = Verdict { score: found.map_or(0.0, |l| l.score), relation: found.map(|l| l.relation) };
                (verdict, found.map_or(Containment::default(), |l| l.containment))
            })
        }
    }

    /// Says of two that are not verified no more than that, where no more is asked, and that once.
    struct Brief<F>(F, std::collections::BTreeSet<(u32, u32)>);

    impl<F: Fn(u32, u32) -> Found> Verifier for Brief<F> {
        fn found(&mut self, a: u32, b: u32) -> Found {
            (self.0)(a, b)
        }

        fn verified(&mut self, a: u32, b: u32) -> Option<Found> {
            assert!(self.1.insert((a, b)), "asked twice");
            Some((self.0)(a, b)).filter(|found| found.0.relation.is_some())
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
            let verifier = || move |_, _| (Verdict { score, relation: None }, Containment::default());
            assert_eq!(sets(&group(&links, 0.6, |a| a, verifier)), expected);
        }
    }

    /// Sets of 0, 1 and 2, where `middle` is verified with both others, which score less than that with each other: so much
    /// of it is in them, and of them in it, in percent.
    fn around(middle: u32, of_middle: [u8; 2], of_others: [u8; 2], score: f64) -> Vec<Vec<u32>> {
        let others = [0, 1, 2].into_iter().filter(|&article| article != middle);
        let links: Vec<Link> = others
            .zip(of_middle.into_iter().zip(of_others))
            .map(|(other, (of_middle, of_other))| {
                let containment = Containment::from_percent(of_middle, of_other);
                let containment = if middle < other { containment } else { containment.swapped() };
                Link { containment, ..link(middle.min(other), middle.max(other), 0.9) }
            })
            .collect();
        let verifier = || {
            let mut known = by_links(&links)();
            move |a, b| match known(a, b) {
                (Verdict { relation: None, .. }, containment) => (Verdict { score, relation: None }, containment),
                found => found,
            }
        };
        sets(&group(&links, 0.6, |a| a, verifier))
    }

    #[test]
    fn round_ups_of_one_report_need_not_be_alike() {
        for middle in 0..3 {
            assert_eq!(around(middle, [95, 90], [30, 70], 0.0), [[0, 1, 2]], "around {middle}");
            // In one of them it is not, or it has as much of that one: a copy, or a sibling of one template.
            for (of_middle, of_others) in [([95, 89], [30, 20]), ([95, 95], [30, 76]), ([95, 95], [76, 30])] {
                let found = around(middle, of_middle, of_others, 0.0);
                assert_eq!(found.concat().len(), 2, "around {middle}: {of_others:?}");
            }
        }
    }

    #[test]
    fn what_is_abridged_from_one_report_need_not_be_alike() {
        for middle in 0..3 {
            assert_eq!(around(middle, [30, 40], [90, 100], 0.1), [[0, 1, 2]], "around {middle}");
            // One has more of its own, or holds less of the report.
            for (of_middle, of_others) in [([30, 40], [89, 100]), ([29, 40], [90, 100])] {
                let found = around(middle, of_middle, of_others, 0.1);
                assert_eq!(found.concat().len(), 2, "around {middle}: {of_middle:?}, {of_others:?}");
            }
        }
    }

    #[test]
    fn two_items_of_a_round_up_are_not_one_report() {
        for middle in 0..3 {
            assert_eq!(around(middle, [30, 40], [100, 100], 0.09).concat().len(), 2, "around {middle}");
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
        fn two_groups_become_one_by_the_rule_as_it_is_told(
            pairs in proptest::collection::vec((0u32..100, 80u8..=100, prop_oneof![3 => 60u8..=100, 1 => 20u8..40]), 21),
            size in 1usize..6,
            least in prop::sample::select(vec![0.3, 0.5, 0.7]),
        ) {
            // Seven articles, all compared; a third of the pairs is not verified.
            let both = || (0u32..7).flat_map(|a| (a + 1..7).map(move |b| (a, b)));
            let known: std::collections::BTreeMap<(u32, u32), Found> = both().zip(pairs).map(|(pair, (score, x, y))| {
                let relation = (score >= 33).then_some(Relation::Derived);
                (pair, (Verdict { score: f64::from(score) / 100.0, relation }, Containment::from_percent(x, y)))
            }).collect();
            let found = |a: u32, b: u32| known[&(a.min(b), a.max(b))];
            let verified = |a: u32, b: u32| a == b || found(a, b).0.relation.is_some();
            let mut clusters = [(0..size as u32).collect::<Vec<u32>>(), (size as u32..7).collect()];
            // As groups are: their first article is verified with the others.
            clusters.iter_mut().for_each(|c| { let first = c[0]; c.retain(|&o| verified(first, o)) });
            let [x, y] = &clusters;
            let share = |part: u32, whole: u32| {
                let containment = found(whole, part).1;
                if part < whole { containment.a_in_b() } else { containment.b_in_a() }
            };
            let takes_in = |a: u32, r: u32| a != r && share(r, a) >= 0.9 && share(r, a) - share(a, r) > 0.195;
            let is_abridged = |a: u32, r: u32| a != r && share(a, r) >= 0.9 && share(r, a) >= 0.3;
            let fits = |r: u32| {
                let counts = |a: u32, b: u32| match found(a, b).0.score {
                    score if takes_in(a, r) && takes_in(b, r) => score.max(least),
                    score if is_abridged(a, r) && is_abridged(b, r) && score >= 0.1 => score.max(least),
                    score => score,
                };
                let sum: f64 = x.iter().flat_map(|&a| y.iter().map(move |&b| counts(a, b))).sum();
                x.iter().chain(y).all(|&other| verified(r, other)) && sum + 1e-9 >= least * (x.len() * y.len()) as f64
            };
            let expected: Vec<u32> = x.iter().chain(y).copied().filter(|&r| fits(r)).collect();
            let mut verdicts = Verdicts::new(std::iter::empty(), found);
            let merged = merge((x, y), least - 1e-9, &|a| a, &mut verdicts);
            prop_assert_eq!(merged.is_some(), !expected.is_empty());
            // One to whom the short question is put before the long one, and again after it, says the same.
            let mut brief = Verdicts::new(std::iter::empty(), Brief(found, Default::default()));
            for _ in 0..2 {
                prop_assert_eq!(&merge((x, y), least - 1e-9, &|a| a, &mut brief), &merged);
            }
            if let Some(merged) = merged {
                prop_assert!(expected.contains(&merged[0]));
                prop_assert_eq!(merged.len(), x.len() + y.len());
            }
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
