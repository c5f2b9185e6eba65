//! Groups as they are listed, in whatever form: which come, in which order, and what is said of each, of its members and
//! of their updates.

mod indexed;

use rayon::prelude::*;
use serde::Serialize;

use crate::article::Timestamp;
use crate::corpus::{Corpus, Header};
use crate::group::{Group, Link};
use crate::verify::Relation;

pub use indexed::{added_line, indexed_group_line, matches_line, stats_line};

/// Scores are told with four decimals: the model knows no more.
pub fn rounded(score: f64) -> f64 {
    (score * 1e4).round() / 1e4
}

/// Groups that are put into words by all threads before the first is given out. Few in tests, so that there are more.
const GROUPS: usize = if cfg!(test) { 2 } else { 4096 };

/// The groups to list, in the order of their first member's place in the input.
pub struct Listing<'c> {
    corpus: &'c Corpus,
    /// Place of the first member, and the group.
    ordered: Vec<(u32, Entry<'c>)>,
    /// Of each group, where updates are wanted.
    updates: Option<Vec<Vec<ListedUpdate<'c>>>>,
}

#[derive(Clone, Copy)]
enum Entry<'c> {
    Group(&'c Group),
    Single(u32),
}

/// What is said of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedGroup<'c> {
    /// The representative, then the others in the order of the input.
    pub members: Vec<ListedMember<'c>>,
    /// The lowest score of a member, to four decimals.
    pub weakest: f64,
    /// Days between the earliest and the latest member, to four decimals, where two dates are known.
    pub spread: Option<f64>,
    /// The updates of its members in the order of the input, where they are wanted.
    pub updates: Option<Vec<ListedUpdate<'c>>>,
}

/// An article that is an update of a member of a group, but is not in the group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListedUpdate<'c> {
    /// The update.
    pub article: ListedMember<'c>,
    /// The id of the member that it repeats; of several the one of the best score.
    pub of: &'c str,
    /// The number of the group that the article itself is in, if that is reported.
    pub group: Option<usize>,
}

/// What is said of one article of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ListedMember<'c> {
    article: u32,
    /// Who it is.
    pub header: &'c Header,
    /// Empty if it is not known.
    pub source: &'c str,
    /// To the representative, or of an update; `representative` for that itself.
    pub relation: &'static str,
    /// To four decimals.
    pub score: f64,
}

#[derive(Serialize)]
struct Line<'c> {
    group: usize,
    size: usize,
    representative: &'c str,
    members: Vec<MemberEntry<'c>>,
    weakest: f64,
    spread: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updates: Option<Vec<UpdateEntry<'c>>>,
}

#[derive(Serialize)]
struct MemberEntry<'c> {
    id: &'c str,
    relation: &'static str,
    score: f64,
}

#[derive(Serialize)]
struct UpdateEntry<'c> {
    id: &'c str,
    of: &'c str,
    score: f64,
    group: Option<usize>,
}

impl<'c> UpdateEntry<'c> {
    fn new(update: &ListedUpdate<'c>) -> UpdateEntry<'c> {
        UpdateEntry { id: &update.article.header.id, of: update.of, score: update.article.score, group: update.group }
    }
}

impl<'c> Listing<'c> {
    /// `groups`, and with `singletons` each article in none of them as a group of one.
    pub fn new(corpus: &'c Corpus, groups: &'c [Group], singletons: bool) -> Listing<'c> {
        let position = |article: u32| corpus.headers[article as usize].position;
        let first = |group: &Group| articles(group).map(position).min().unwrap_or(0);
        let mut ordered: Vec<(u32, Entry)> = groups.iter().map(|group| (first(group), Entry::Group(group))).collect();
        if singletons {
            let mut single = vec![true; corpus.len()];
            for article in groups.iter().flat_map(articles) {
                single[article as usize] = false;
            }
            let singles = (0u32..).zip(single).filter(|(_, single)| *single);
            ordered.extend(singles.map(|(article, _)| (position(article), Entry::Single(article))));
        }
        ordered.sort_unstable_by_key(|(position, _)| *position);
        Listing { corpus, ordered, updates: None }
    }

    /// The same with `updates`, and with each article that has one and is in no group as a group of one. Within one
    /// group there are none.
    pub fn with_updates(mut self, updates: &[Link]) -> Listing<'c> {
        let corpus = self.corpus;
        let header = |article: u32| &corpus.headers[article as usize];
        // The earlier article, its update, and the score.
        let in_order = |link: &Link| {
            let score = rounded(link.score);
            if header(link.a).date < header(link.b).date { (link.a, link.b, score) } else { (link.b, link.a, score) }
        };
        let mut updates: Vec<(u32, u32, f64)> = updates.iter().map(in_order).collect();
        let place = |article: u32| header(article).position;
        // Those of one article together, the best first.
        updates.sort_unstable_by(|x, y| {
            place(x.1).cmp(&place(y.1)).then(y.2.total_cmp(&x.2)).then(place(x.0).cmp(&place(y.0)))
        });

        let grouped = self.group_numbers();
        let mut singles: Vec<u32> = updates.iter().map(|&(of, ..)| of).collect();
        singles.retain(|&article| grouped[article as usize].is_none());
        singles.sort_unstable();
        singles.dedup();
        self.ordered.extend(singles.into_iter().map(|article| (place(article), Entry::Single(article))));
        self.ordered.sort_unstable_by_key(|(position, _)| *position);

        let number = self.group_numbers();
        let mut told: Vec<Vec<ListedUpdate>> = vec![Vec::new(); self.ordered.len()];
        for (of, by, score) in updates {
            let group = number[by as usize];
            if let Some(of_group) = number[of as usize].filter(|_| number[of as usize] != group) {
                let article = self.member(by, Relation::Update.name(), score);
                told[of_group].push(ListedUpdate { article, of: &header(of).id, group });
            }
        }
        for updates in &mut told {
            updates.dedup_by_key(|update| update.article.header.position);
        }
        Listing { updates: Some(told), ..self }
    }

    /// For each article the number of the group it is reported in.
    fn group_numbers(&self) -> Vec<Option<usize>> {
        let mut numbers = vec![None; self.corpus.len()];
        for (number, (_, entry)) in self.ordered.iter().enumerate() {
            match entry {
                Entry::Group(group) => articles(group).for_each(|article| numbers[article as usize] = Some(number)),
                Entry::Single(article) => numbers[*article as usize] = Some(number),
            }
        }
        numbers
    }

    /// Are updates wanted?
    pub fn have_updates(&self) -> bool {
        self.updates.is_some()
    }

    /// What is said of each group.
    pub fn iter(&self) -> impl Iterator<Item = ListedGroup<'c>> {
        (0..self.ordered.len()).map(|number| self.group(number))
    }

    fn group(&self, number: usize) -> ListedGroup<'c> {
        let (_, entry) = self.ordered[number];
        let members = self.members(entry);
        let weakest = match entry {
            Entry::Group(group) => group.weakest(),
            Entry::Single(_) => 1.0,
        };
        let spread = spread(members.iter().filter_map(|member| member.header.date));
        let updates = self.updates.as_ref().map(|updates| updates[number].clone());
        ListedGroup { members, weakest: rounded(weakest), spread: spread.map(rounded), updates }
    }

    /// What `tell` makes of each group and its number, from 0, in their order: all threads are at it, some groups ahead of what
    /// is taken.
    pub fn told<T: Send>(&self, tell: impl Fn(usize, ListedGroup<'c>) -> T + Send + Sync) -> impl Iterator<Item = T> {
        let all = self.ordered.len();
        (0..all).step_by(GROUPS).flat_map(move |first| {
            let some = (first..all.min(first + GROUPS)).into_par_iter().with_max_len(GROUPS.div_ceil(64));
            some.map(|number| tell(number, self.group(number))).collect::<Vec<_>>()
        })
    }

    /// Each group as an object of JSON on one line, numbered from 0: what `naskh group --format jsonl` writes.
    pub fn lines(&self) -> impl Iterator<Item = serde_json::Result<String>> {
        self.told(|group, told| {
            let members = told.members.iter();
            serde_json::to_string(&Line {
                group,
                size: told.members.len(),
                representative: told.members.first().map_or("", |first| &first.header.id),
                members: members
                    .map(|member| MemberEntry { id: &member.header.id, relation: member.relation, score: member.score })
                    .collect(),
                weakest: told.weakest,
                spread: told.spread,
                updates: told.updates.map(|updates| updates.iter().map(UpdateEntry::new).collect()),
            })
        })
    }

    fn members(&self, entry: Entry<'c>) -> Vec<ListedMember<'c>> {
        match entry {
            Entry::Single(article) => vec![self.member(article, "representative", 1.0)],
            Entry::Group(group) => {
                let mut members: Vec<ListedMember> = group
                    .members
                    .iter()
                    .map(|&(article, verdict)| {
                        let relation = verdict.relation.map_or("none", |relation| relation.name());
                        self.member(article, relation, rounded(verdict.score))
                    })
                    .collect();
                members.sort_unstable_by_key(|member| member.header.position);
                members.insert(0, self.member(group.representative, "representative", 1.0));
                members
            }
        }
    }

    /// The headline of a member.
    pub fn title(&self, member: &ListedMember<'_>) -> String {
        self.corpus.title(member.article)
    }

    fn member(&self, article: u32, relation: &'static str, score: f64) -> ListedMember<'c> {
        let header = &self.corpus.headers[article as usize];
        let source = header.source.and_then(|source| self.corpus.sources.get(source as usize));
        ListedMember { article, header, source: source.map_or("", String::as_str), relation, score }
    }
}

/// A group of members that are given by id, relation and score, the representative first, as one of [`Listing::lines`]
/// without updates.
///
/// # Errors
/// None that is known: what is written is plain.
pub fn group_line<'m>(
    group: usize,
    members: impl Iterator<Item = (&'m str, &'static str, f64)>,
    dates: impl Iterator<Item = Timestamp> + Clone,
) -> serde_json::Result<String> {
    let members: Vec<MemberEntry> = members.map(|(id, relation, score)| MemberEntry { id, relation, score }).collect();
    serde_json::to_string(&Line {
        group,
        size: members.len(),
        representative: members.first().map_or("", |first| first.id),
        weakest: members.iter().map(|member| member.score).fold(1.0, f64::min),
        spread: spread(dates).map(rounded),
        members,
        updates: None,
    })
}

fn articles(group: &Group) -> impl Iterator<Item = u32> {
    std::iter::once(group.representative).chain(group.members.iter().map(|member| member.0))
}

/// Days between the earliest and the latest of `dates`, if there are two.
pub(super) fn spread(dates: impl Iterator<Item = Timestamp> + Clone) -> Option<f64> {
    let (first, last) = (dates.clone().min()?, dates.clone().max()?);
    (dates.count() > 1).then(|| Timestamp::days_between(first, last))
}

impl ListedMember<'_> {
    /// As written; empty if it is not known.
    pub fn date(&self) -> String {
        self.header.date.map_or_else(String::new, |date| date.to_string())
    }
}

#[cfg(test)]
mod tests {
    use crate::article::Article;
    use crate::verify::{Containment, Verdict};
    use proptest::prelude::*;

    use super::*;

    /// Articles `a` to `e`, read in the order e, d, c, b, a; `b` and `d` are one group, told by `b`.
    fn sample() -> (Corpus, Vec<Group>) {
        let article = |id: &str| Article {
            id: id.into(),
            source: (id == "b").then(|| "wire, \"A\"".into()),
            title: format!("Title {id}"),
            date: Timestamp::parse("2026-04-12").filter(|_| id == "b"),
            ..Article::default()
        };
        let corpus = Corpus::of(["e", "d", "c", "b", "a"].map(article).to_vec()).unwrap();
        let verdict = Verdict { score: 0.98765, relation: Some(Relation::Derived) };
        let group = Group { representative: 1, members: vec![(3, verdict)] };
        (corpus, vec![group])
    }

    /// Articles `a` to `e`, read in the order e, d, c, b, a, each a day after the one of the letter before; `b` and
    /// `d` are one group. All others are updates of articles before them, `c` of two, `d` of its own group's `b`.
    fn sample_with_updates() -> (Corpus, Vec<Group>, Vec<Link>) {
        let article = |(id, day): (&str, u32)| Article {
            id: id.into(),
            title: format!("Title {id}"),
            date: Timestamp::parse(&format!("2026-04-0{day}")),
            ..Article::default()
        };
        let articles = [("e", 5), ("d", 4), ("c", 3), ("b", 2), ("a", 1)].map(article).to_vec();
        let verdict = Verdict { score: 0.9, relation: Some(Relation::Derived) };
        let groups = vec![Group { representative: 1, members: vec![(3, verdict)] }];
        let links = [(0, 1, 0.11111), (0, 2, 0.3), (1, 2, 0.2), (1, 3, 0.4), (3, 4, 0.5), (1, 4, 0.55555)];
        (Corpus::of(articles).unwrap(), groups, links.map(|(a, b, score)| update(a, b, score)).to_vec())
    }

    fn update(a: u32, b: u32, score: f64) -> Link {
        Link { a, b, score, relation: Relation::Update, containment: Containment::default() }
    }

    fn ids(groups: &Listing) -> Vec<Vec<String>> {
        let ids = |told: ListedGroup| told.members.iter().map(|m| m.header.id.clone()).collect();
        groups.iter().map(ids).collect()
    }

    #[test]
    fn representatives_first_singles_in_their_places() {
        let (corpus, groups) = sample();
        assert_eq!(ids(&Listing::new(&corpus, &groups, false)), [["b", "d"]]);
        let expected: [&[&str]; 4] = [&["e"], &["b", "d"], &["c"], &["a"]];
        assert_eq!(ids(&Listing::new(&corpus, &groups, true)), expected);
    }

    #[test]
    fn each_group_is_told_in_its_place() {
        let (corpus, groups) = sample();
        for singletons in [false, true] {
            // More than are told at once, and fewer.
            let listing = Listing::new(&corpus, &groups, singletons);
            let told: Vec<(usize, ListedGroup)> = listing.told(|number, told| (number, told)).collect();
            assert_eq!(told, listing.iter().enumerate().collect::<Vec<_>>());
            let numbers = listing.lines().map(|line| {
                let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
                line["group"].as_u64().unwrap() as usize
            });
            assert!(numbers.eq(0..told.len()));
        }
    }

    #[test]
    fn scores_are_rounded() {
        let (corpus, groups) = sample();
        let told = Listing::new(&corpus, &groups, false).iter().next().unwrap();
        assert_eq!((told.members[0].relation, told.members[0].score), ("representative", 1.0));
        assert_eq!((told.members[1].relation, told.members[1].score), ("derived", 0.9877));
        assert_eq!(told.weakest, 0.9877);
    }

    #[test]
    fn the_weakest_member_and_the_days_between_first_and_last() {
        // Ids in the order of the input; a group of the first articles around the second, with these scores.
        let told = |dates: &[&str], scores: &[f64]| {
            let article = |(number, date): (usize, &&str)| Article {
                id: number.to_string(),
                date: Timestamp::parse(date),
                ..Article::default()
            };
            let corpus = Corpus::of(dates.iter().enumerate().map(article).collect()).unwrap();
            let verdict = |score| Verdict { score, relation: Some(Relation::Copy) };
            let members = [0, 2, 3].into_iter().zip(scores.iter().map(|&score| verdict(score)));
            let groups = [Group { representative: 1, members: members.collect() }];
            let told = Listing::new(&corpus, &groups, true).iter().next().unwrap();
            (told.weakest, told.spread)
        };
        let (first, later, last) = ("2026-04-01", "2026-04-02T08:00Z", "2026-04-04T06:00Z");
        assert_eq!(told(&[later, last, first, ""], &[0.9, 0.7, 0.8]), (0.7, Some(3.25)));
        assert_eq!(told(&["", later, "", first], &[1.0, 0.87654]), (0.8765, None));
        assert_eq!(told(&[later, later], &[1.0]), (1.0, Some(0.0)));
        // A single article.
        assert_eq!(told(&[first, later], &[]), (1.0, None));
    }

    #[test]
    fn updates_stand_with_what_they_repeat() {
        let (corpus, groups, links) = sample_with_updates();
        let groups = Listing::new(&corpus, &groups, false).with_updates(&links);
        // `a` is listed for its updates, `c` and `e` have none.
        assert_eq!(ids(&groups), [vec!["b", "d"], vec!["a"]]);
        let told: Vec<Vec<_>> = groups
            .iter()
            .map(|told| {
                let updates = told.updates.unwrap();
                updates.iter().map(|u| (u.article.header.id.clone(), u.of, u.article.score, u.group)).collect()
            })
            .collect();
        // In the order of the input; of two that one article repeats the one of the better score.
        let of_pair = [("e".to_owned(), "b", 0.5556, None), ("c".to_owned(), "b", 0.2, None)];
        let of_single = [("c".to_owned(), "a", 0.3, None), ("b".to_owned(), "a", 0.1111, Some(0))];
        assert_eq!(told, [of_pair.to_vec(), of_single.to_vec()]);
        assert!(Listing::new(&corpus, &[], true).iter().all(|told| told.updates.is_none()));
    }

    proptest! {
        #[test]
        fn every_update_across_groups_is_told_once(
            days in prop::collection::vec(0u32..9, 8),
            // A group each, of two or more; 3 is none.
            group_of in prop::collection::vec(0usize..4, 8),
            pairs in prop::collection::btree_map((0u32..8, 0u32..8), 0u32..4, 0..20),
            singletons: bool,
        ) {
            let article = |(number, day): (usize, &u32)| Article {
                id: number.to_string(),
                date: Timestamp::parse(&format!("2026-04-1{day}")),
                ..Article::default()
            };
            let mut articles: Vec<Article> = days.iter().enumerate().map(article).collect();
            articles.reverse();
            let corpus = Corpus::of(articles).unwrap();
            let verdict = Verdict { score: 1.0, relation: Some(Relation::Copy) };
            let groups: Vec<Group> = (0..3)
                .map(|group| (0u32..8).filter(|&a| group_of[a as usize] == group).collect::<Vec<u32>>())
                .filter(|members| members.len() > 1)
                .map(|m| Group { representative: m[0], members: m[1..].iter().map(|&a| (a, verdict)).collect() })
                .collect();
            let links: Vec<Link> = pairs
                .iter()
                .filter(|((a, b), _)| a < b && days[*a as usize] != days[*b as usize])
                .map(|(&(a, b), &score)| update(a, b, f64::from(score)))
                .collect();
            let reported = Listing::new(&corpus, &groups, singletons).with_updates(&links);

            let together = |a: u32, b: u32| groups.iter().any(|g| [a, b].iter().all(|&x| articles_of(g).contains(&x)));
            let number = |id: &str| id.parse::<u32>().unwrap();
            let mut found = Vec::new();
            for told in reported.iter() {
                let members: Vec<u32> = told.members.iter().map(|m| number(&m.header.id)).collect();
                for update in told.updates.unwrap() {
                    let (of, by) = (number(update.of), number(&update.article.header.id));
                    prop_assert!(members.contains(&of) && days[of as usize] < days[by as usize]);
                    let scores = links.iter().filter(|l| {
                        let (x, y) = if l.a == by { (l.b, l.a) } else { (l.a, l.b) };
                        y == by && members.contains(&x) && days[x as usize] < days[y as usize]
                    });
                    let best = scores.map(|l| l.score).max_by(f64::total_cmp);
                    prop_assert_eq!(Some(update.article.score), best);
                    let own = reported.iter().position(|t| t.members.iter().any(|m| number(&m.header.id) == by));
                    prop_assert_eq!(update.group, own);
                    found.push((members[0], by));
                }
            }
            let mut expected: Vec<(u32, u32)> = links
                .iter()
                .filter(|l| !together(l.a, l.b))
                .map(|l| if days[l.a as usize] < days[l.b as usize] { (l.a, l.b) } else { (l.b, l.a) })
                .map(|(of, by)| {
                    let group = groups.iter().find(|g| articles_of(g).contains(&of));
                    (group.map_or(of, |g| g.representative), by)
                })
                .collect();
            expected.sort_unstable();
            expected.dedup();
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }

    fn articles_of(group: &Group) -> Vec<u32> {
        articles(group).collect()
    }
}
