//! Groups as all formats write them: which come, in which order, and what is said of each and of its members.

use naskh::{Corpus, Group, Header, Timestamp};

/// The groups to report, in the order of their first member's place in the input.
pub(crate) struct Groups<'c> {
    corpus: &'c Corpus,
    /// Place of the first member, and the group.
    ordered: Vec<(u32, Entry<'c>)>,
}

#[derive(Clone, Copy)]
enum Entry<'c> {
    Group(&'c Group),
    Single(u32),
}

/// What is said of one group.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told<'c> {
    /// The representative, then the others in the order of the input.
    pub(crate) members: Vec<Member<'c>>,
    /// The lowest score of a member, to four decimals.
    pub(crate) weakest: f64,
    /// Days between the earliest and the latest member, to four decimals, where two dates are known.
    pub(crate) spread: Option<f64>,
}

/// What is said of one article of a group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Member<'c> {
    pub(crate) header: &'c Header,
    /// Empty if it is not known.
    pub(crate) source: &'c str,
    pub(crate) relation: &'static str,
    /// To four decimals.
    pub(crate) score: f64,
}

impl<'c> Groups<'c> {
    /// `groups`, and with `singletons` each article in none of them as a group of one.
    pub(crate) fn new(corpus: &'c Corpus, groups: &'c [Group], singletons: bool) -> Groups<'c> {
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
        Groups { corpus, ordered }
    }

    /// What is said of each group.
    pub(crate) fn iter(&self) -> impl Iterator<Item = Told<'c>> {
        self.ordered.iter().map(|(_, entry)| {
            let members = self.members(*entry);
            let weakest = match entry {
                Entry::Group(group) => group.weakest(),
                Entry::Single(_) => 1.0,
            };
            let spread = spread(members.iter().filter_map(|member| member.header.date));
            Told { members, weakest: super::rounded(weakest), spread: spread.map(super::rounded) }
        })
    }

    fn members(&self, entry: Entry<'c>) -> Vec<Member<'c>> {
        match entry {
            Entry::Single(article) => vec![self.member(article, "representative", 1.0)],
            Entry::Group(group) => {
                let mut members: Vec<Member> = group
                    .members
                    .iter()
                    .map(|&(article, verdict)| {
                        let relation = verdict.relation.map_or("none", |relation| relation.name());
                        self.member(article, relation, super::rounded(verdict.score))
                    })
                    .collect();
                members.sort_unstable_by_key(|member| member.header.position);
                members.insert(0, self.member(group.representative, "representative", 1.0));
                members
            }
        }
    }

    fn member(&self, article: u32, relation: &'static str, score: f64) -> Member<'c> {
        let header = &self.corpus.headers[article as usize];
        let source = header.source.and_then(|source| self.corpus.sources.get(source as usize));
        Member { header, source: source.map_or("", String::as_str), relation, score }
    }
}

fn articles(group: &Group) -> impl Iterator<Item = u32> {
    std::iter::once(group.representative).chain(group.members.iter().map(|member| member.0))
}

/// Days between the earliest and the latest of `dates`, if there are two.
fn spread(dates: impl Iterator<Item = Timestamp> + Clone) -> Option<f64> {
    let (first, last) = (dates.clone().min()?, dates.clone().max()?);
    (dates.count() > 1).then(|| Timestamp::days_between(first, last))
}

impl Member<'_> {
    /// As written; empty if it is not known.
    pub(crate) fn date(&self) -> String {
        self.header.date.map_or_else(String::new, |date| date.to_string())
    }
}

#[cfg(test)]
pub(super) mod tests {
    use naskh::{Article, Relation, Verdict};

    use super::*;

    /// Articles `a` to `e`, read in the order e, d, c, b, a; `b` and `d` are one group, told by `b`.
    pub(in crate::report) fn sample() -> (Corpus, Vec<Group>) {
        let article = |id: &str| Article {
            id: id.into(),
            source: (id == "b").then(|| "wire, \"A\"".into()),
            title: format!("Title {id}"),
            date: naskh::Timestamp::parse("2026-04-12").filter(|_| id == "b"),
            ..Article::default()
        };
        let corpus = Corpus::of(["e", "d", "c", "b", "a"].map(article).to_vec()).unwrap();
        let verdict = Verdict { score: 0.98765, relation: Some(Relation::Derived) };
        let group = Group { representative: 1, members: vec![(3, verdict)] };
        (corpus, vec![group])
    }

    fn ids(groups: &Groups) -> Vec<Vec<String>> {
        let ids = |told: Told| told.members.iter().map(|m| m.header.id.clone()).collect();
        groups.iter().map(ids).collect()
    }

    #[test]
    fn representatives_first_singles_in_their_places() {
        let (corpus, groups) = sample();
        assert_eq!(ids(&Groups::new(&corpus, &groups, false)), [["b", "d"]]);
        let expected: [&[&str]; 4] = [&["e"], &["b", "d"], &["c"], &["a"]];
        assert_eq!(ids(&Groups::new(&corpus, &groups, true)), expected);
    }

    #[test]
    fn scores_are_rounded() {
        let (corpus, groups) = sample();
        let told = Groups::new(&corpus, &groups, false).iter().next().unwrap();
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
            let told = Groups::new(&corpus, &groups, true).iter().next().unwrap();
            (told.weakest, told.spread)
        };
        let (first, later, last) = ("2026-04-01", "2026-04-02T08:00Z", "2026-04-04T06:00Z");
        assert_eq!(told(&[later, last, first, ""], &[0.9, 0.7, 0.8]), (0.7, Some(3.25)));
        assert_eq!(told(&["", later, "", first], &[1.0, 0.87654]), (0.8765, None));
        assert_eq!(told(&[later, later], &[1.0]), (1.0, Some(0.0)));
        // A single article.
        assert_eq!(told(&[first, later], &[]), (1.0, None));
    }
}
