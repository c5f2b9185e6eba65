//! Articles identical to an earlier one: set aside before anything is compared, and added again at the end.

use ahash::AHashMap;
use rayon::prelude::*;

use crate::article::Timestamp;
use crate::corpus::Corpus;
use crate::group::{Group, Link};
use crate::verify::{Containment, Relation, Verdict};

/// Articles identical to an earlier one, which stands for them in all comparisons.
pub(super) struct Twins {
    /// One an article.
    pub(super) is_later: Vec<bool>,
    /// The earlier and the later one.
    pub(super) later: Vec<(u32, u32)>,
}

impl Twins {
    /// Finds them by fingerprint. Where there is a window, an article further than it from the first stands
    /// for itself.
    pub(super) fn of(corpus: &Corpus, window: Option<f64>) -> Twins {
        let fingerprinted = |a: u32| (corpus.documents.fingerprint(a as usize), a);
        let mut order: Vec<(u64, u32)> =
            (0..corpus.len() as u32).map(fingerprinted).filter(|&(fingerprint, _)| fingerprint != 0).collect();
        order.par_sort_unstable();
        let date = |a: u32| corpus.headers[a as usize].date;
        let mut is_later = vec![false; corpus.len()];
        let mut later = Vec::new();
        for same in order.chunk_by_mut(|x, y| x.0 == y.0).filter(|same| same.len() > 1) {
            same.sort_unstable_by_key(|&(_, a)| (date(a).is_none(), date(a), a));
            let mut run = TwinRun::new(window);
            for &mut (_, article) in same {
                if let Some(first) = run.next(date(article), article) {
                    is_later[article as usize] = true;
                    later.push((first, article));
                }
            }
        }
        later.sort_unstable();
        Twins { is_later, later }
    }

    /// For each article the one that stands for it in comparisons: itself, unless it is a later one.
    pub(super) fn stand_ins(&self, articles: usize) -> Vec<u32> {
        let mut stand_in: Vec<u32> = (0..articles as u32).collect();
        for &(first, article) in &self.later {
            stand_in[article as usize] = first;
        }
        stand_in
    }

    /// Adds the later ones to the groups of the earlier ones. One that is not `near` the representative of such
    /// a group, in time, stays out of it: no group is wider than the window around its representative.
    pub(super) fn join(&self, groups: &mut Vec<Group>, links: &mut Vec<Link>, near: impl Fn(u32, u32) -> bool) {
        let mut place: AHashMap<u32, (usize, Verdict)> = AHashMap::new();
        let identical = Verdict { score: 1.0, relation: Some(Relation::Identical) };
        for (at, group) in groups.iter().enumerate() {
            place.insert(group.representative, (at, identical));
            for &(member, verdict) in &group.members {
                place.insert(member, (at, verdict));
            }
        }
        for &(first, article) in &self.later {
            let &mut (at, verdict) = place.entry(first).or_insert_with(|| {
                groups.push(Group { representative: first, members: Vec::new() });
                (groups.len() - 1, identical)
            });
            if near(groups[at].representative, article) {
                groups[at].members.push((article, verdict));
            }
            let (a, b) = (first.min(article), first.max(article));
            links.push(Link { a, b, score: 1.0, relation: Relation::Identical, containment: Containment::FULL });
        }
        for group in groups.iter_mut() {
            group.members.sort_unstable_by_key(|m| m.0);
        }
        links.sort_unstable_by_key(|l| (l.a, l.b));
    }
}

/// Goes through articles with the same words, the earliest first and those without a date last.
#[derive(Clone, Copy, Debug, Default)]
pub struct TwinRun<N> {
    window: Option<f64>,
    first: Option<(Option<Timestamp>, N)>,
}

impl<N: Copy> TwinRun<N> {
    /// With a window of so many days, if there is one.
    pub fn new(window: Option<f64>) -> TwinRun<N> {
        TwinRun { window, first: None }
    }

    /// The earlier one that stands for the next one; `None` if that stands for itself, and for those that follow.
    pub fn next(&mut self, date: Option<Timestamp>, number: N) -> Option<N> {
        if let Some((first_date, first)) = self.first {
            let days = first_date.zip(date).map(|(x, y)| Timestamp::days_between(x, y));
            if within(self.window, days) {
                return Some(first);
            }
        }
        self.first = Some((date, number));
        None
    }
}

pub(super) fn days_apart(corpus: &Corpus, a: u32, b: u32) -> Option<f64> {
    let date = |article: u32| corpus.headers[article as usize].date;
    Some(Timestamp::days_between(date(a)?, date(b)?))
}

pub(super) fn within(window: Option<f64>, days: Option<f64>) -> bool {
    match (window, days) {
        (Some(window), Some(days)) => days <= window,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::Article;
    use crate::config::Config;
    use crate::detector::Detector;

    /// The groups of articles given by id, day and text, within a window of three days.
    fn groups(articles: &[(&str, &str, &str)]) -> Vec<Vec<String>> {
        let article = |&(id, date, text): &(&str, &str, &str)| Article {
            id: id.into(),
            date: Timestamp::parse(date),
            text: text.into(),
            ..Article::default()
        };
        let corpus = Corpus::of(articles.iter().map(article).collect()).unwrap();
        let config = Config { window_days: Some(3.0), ..Config::default() };
        let found = Detector::new(config).unwrap().group(&corpus).unwrap();
        let ids = |g: &Group| {
            let mut ids = vec![corpus.headers[g.representative as usize].id.clone()];
            ids.extend(g.members.iter().map(|m| corpus.headers[m.0 as usize].id.clone()));
            ids.sort();
            ids
        };
        found.groups.iter().map(ids).collect()
    }

    #[test]
    fn an_identical_article_does_not_widen_the_window() {
        let report = include_str!("../../samples/wire-reworded-1.txt");
        let copy = report.replace("83", "84");
        let (first, second, third) = ("2026-04-01", "2026-04-04", "2026-04-07");
        assert_eq!(groups(&[("a", first, report), ("b", second, &copy)]), [["a", "b"]]);
        assert_eq!(groups(&[("b", second, &copy), ("c", third, &copy)]), [["b", "c"]]);
        // c is six days from a, which speaks for the group.
        assert_eq!(groups(&[("a", first, report), ("b", second, &copy), ("c", third, &copy)]), [["a", "b"]]);
        assert_eq!(groups(&[("a", first, report), ("b", second, &copy), ("c", second, &copy)]), [["a", "b", "c"]]);
    }
}
