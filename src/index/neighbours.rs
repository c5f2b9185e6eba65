//! Neighbours: for each article the ones most like it, by the cosine of weighted stems, within a window of time.
//!
//! Independently written articles share no sentences, so rare pairs of stems do not propose them; their names,
//! numbers and words of the matter do. Of each article the heaviest stems are listed, in the order of time. An
//! article goes through its own lists, where they lie within the window, and adds up what it shares with each
//! article there. Weights are integers, and equals go by their places, so threads decide nothing.
//!
//! An article looks at no more than `keys` lists of `max_df` entries each and proposes at most `neighbours` pairs,
//! so the cost is linear in the articles, however many there are in all.

use rayon::prelude::*;

use super::config::{NeighbourConfig, Pair};
use crate::arabic::Stem;
use crate::article::Timestamp;

/// An article as the search for neighbours sees it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// Its different stems, each with its weight; none for an article that is not to be proposed.
    pub(crate) stems: Vec<(Stem, u8)>,
    pub(crate) date: Option<Timestamp>,
}

/// The pairs proposed, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Neighbours {
    /// Each pair once, in ascending order.
    pub(crate) pairs: Vec<Pair>,
    /// Lists that some article did not look at, for they have too many entries within its window.
    pub(crate) long_lists: u64,
}

/// The occurrence of a key in an article.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    stem: Stem,
    place: u32,
    weight: u8,
}

/// Articles in the order of time: those without a date first, as if of one day.
struct Timeline<'p> {
    profiles: &'p [Profile],
    order: Vec<u32>,
    dateless: usize,
    window: f64,
}

/// Finds the neighbours among `profiles`, as far as `admit(a, b)`, `a < b`, allows. Articles more than `window` days
/// apart are none; one without a date is near all.
pub(crate) fn find(
    profiles: &[Profile],
    window: f64,
    config: &NeighbourConfig,
    admit: impl Fn(u32, u32) -> bool + Sync,
) -> Neighbours {
    let timeline = Timeline::new(profiles, window);
    let keys: Vec<Vec<(Stem, u8)>> = profiles.par_iter().map(|profile| keys(profile, config.keys)).collect();
    let squares: Vec<u64> = profiles.par_iter().map(squares).collect();
    let mut entries: Vec<Entry> = timeline
        .order
        .par_iter()
        .zip(0u32..u32::MAX)
        .flat_map_iter(|(&article, place)| {
            keys[article as usize].iter().map(move |&(stem, weight)| Entry { stem, place, weight })
        })
        .collect();
    entries.par_sort_unstable();
    let proposals = |scratch: &mut Scratch, place: usize| {
        let own = timeline.order[place];
        let mut long_lists = 0;
        for &(stem, weight) in &keys[own as usize] {
            let list = list(&entries, stem);
            let near = timeline.near(place).map(|(from, to)| {
                let at = |place: usize| list.partition_point(|entry| (entry.place as usize) < place);
                &list[at(from)..at(to)]
            });
            if near.iter().map(|part| part.len()).sum::<usize>() > config.max_df {
                long_lists += 1;
                continue;
            }
            for entry in near.into_iter().flatten() {
                scratch.add(entry.place, u64::from(weight) * u64::from(entry.weight));
            }
        }
        let mut found: Vec<(f64, u32)> = Vec::new();
        for &other in &scratch.met {
            let dot = std::mem::take(&mut scratch.dots[other as usize]) as f64;
            let article = timeline.order[other as usize];
            let norm = (squares[own as usize] as f64 * squares[article as usize] as f64).sqrt();
            let cosine = dot / norm.max(1.0);
            if article != own && cosine >= config.least_cosine && admit(own.min(article), own.max(article)) {
                found.push((cosine, other));
            }
        }
        scratch.met.clear();
        found.sort_unstable_by(|x, y| y.0.total_cmp(&x.0).then(x.1.cmp(&y.1)));
        found.truncate(config.neighbours);
        let pairs: Vec<(u32, u32)> = found
            .into_iter()
            .map(|(_, other)| timeline.order[other as usize])
            .map(|article| (own.min(article), own.max(article)))
            .collect();
        (pairs, long_lists)
    };
    let found: Vec<(Vec<(u32, u32)>, u64)> = (0..profiles.len())
        .into_par_iter()
        .with_min_len(64)
        .map_init(|| Scratch::new(profiles.len()), proposals)
        .collect();
    let long_lists = found.iter().map(|(_, long_lists)| long_lists).sum();
    let mut pairs: Vec<(u32, u32)> = found.into_iter().flat_map(|(pairs, _)| pairs).collect();
    pairs.par_sort_unstable();
    pairs.dedup();
    Neighbours { pairs: pairs.into_iter().map(|(a, b)| Pair::of(a, b)).collect(), long_lists }
}

/// The heaviest stems of an article; of equals those of the least identity, which other articles choose too.
fn keys(profile: &Profile, most: usize) -> Vec<(Stem, u8)> {
    let mut keys = profile.stems.clone();
    keys.sort_unstable_by_key(|&(stem, weight)| (std::cmp::Reverse(weight), stem));
    keys.truncate(most);
    keys
}

fn squares(profile: &Profile) -> u64 {
    profile.stems.iter().map(|&(_, weight)| u64::from(weight) * u64::from(weight)).sum()
}

/// The entries of `stem`.
fn list(entries: &[Entry], stem: Stem) -> &[Entry] {
    let from = entries.partition_point(|entry| entry.stem < stem);
    let length = entries[from..].partition_point(|entry| entry.stem == stem);
    &entries[from..from + length]
}

/// Scratch space of one thread.
struct Scratch {
    /// The shared weight of each article by its place; 0 if none.
    dots: Vec<u64>,
    /// Those that are not 0.
    met: Vec<u32>,
}

impl Scratch {
    fn new(articles: usize) -> Scratch {
        Scratch { dots: vec![0; articles], met: Vec::new() }
    }

    fn add(&mut self, place: u32, weight: u64) {
        let dot = &mut self.dots[place as usize];
        if *dot == 0 && weight > 0 {
            self.met.push(place);
        }
        *dot += weight;
    }
}

impl<'p> Timeline<'p> {
    fn new(profiles: &'p [Profile], window: f64) -> Timeline<'p> {
        let mut order: Vec<u32> = (0..profiles.len() as u32).collect();
        order.par_sort_unstable_by_key(|&article| (profiles[article as usize].date, article));
        let dateless = order.partition_point(|&article| profiles[article as usize].date.is_none());
        Timeline { profiles, order, dateless, window }
    }

    fn date(&self, place: usize) -> Option<Timestamp> {
        self.profiles[self.order[place] as usize].date
    }

    /// The places near the article at `place`, in two ranges: those without a date, and those within the window.
    fn near(&self, place: usize) -> [(usize, usize); 2] {
        let Some(own) = self.date(place) else {
            return [(0, self.dateless), (self.dateless, self.order.len())];
        };
        let dated = &self.order[self.dateless..];
        let is_near = |article: u32| {
            let date = self.profiles[article as usize].date;
            date.is_some_and(|date| Timestamp::days_between(own, date) <= self.window)
        };
        let at = place - self.dateless;
        let from = dated[..at].partition_point(|&article| !is_near(article));
        let to = at + dated[at..].partition_point(|&article| is_near(article));
        [(0, self.dateless), (self.dateless + from, self.dateless + to)]
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;

    fn config() -> NeighbourConfig {
        NeighbourConfig { keys: 4, max_df: 5, neighbours: 2, least_cosine: 0.2 }
    }

    fn profile(day: Option<u32>, stems: &BTreeMap<u32, u8>) -> Profile {
        Profile {
            stems: stems.iter().map(|(&stem, &weight)| (Stem(stem), weight)).collect(),
            date: day.and_then(|day| Timestamp::parse(&format!("2026-04-{:02}", day + 1))),
        }
    }

    /// Every pair looked at, rule by rule.
    fn naive(profiles: &[Profile], window: f64, config: &NeighbourConfig) -> (BTreeSet<(u32, u32)>, u64) {
        let near = |a: usize, b: usize| match (profiles[a].date, profiles[b].date) {
            (Some(x), Some(y)) => Timestamp::days_between(x, y) <= window,
            _ => true,
        };
        let keys: Vec<BTreeMap<Stem, u8>> =
            profiles.iter().map(|p| keys(p, config.keys).into_iter().collect()).collect();
        let mut pairs = BTreeSet::new();
        let mut long_lists = 0;
        for a in 0..profiles.len() {
            let holders =
                |stem: &Stem| (0..profiles.len()).filter(|&b| near(a, b) && keys[b].contains_key(stem)).count();
            let short: Vec<(Stem, u8)> =
                keys[a].clone().into_iter().filter(|k| holders(&k.0) <= config.max_df).collect();
            long_lists += (keys[a].len() - short.len()) as u64;
            let mut found: Vec<(f64, Option<Timestamp>, usize)> = Vec::new();
            for b in (0..profiles.len()).filter(|&b| b != a && near(a, b)) {
                let shared = short.iter().filter_map(|(s, w)| keys[b].get(s).map(|v| u64::from(*w) * u64::from(*v)));
                let dot: u64 = shared.sum();
                let norm = (squares(&profiles[a]) as f64 * squares(&profiles[b]) as f64).sqrt();
                let cosine = dot as f64 / norm.max(1.0);
                if dot > 0 && cosine >= config.least_cosine && (a + b) % 5 != 0 {
                    found.push((cosine, profiles[b].date, b));
                }
            }
            found.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
            pairs.extend(found.iter().take(config.neighbours).map(|f| (a.min(f.2) as u32, a.max(f.2) as u32)));
        }
        (pairs, long_lists)
    }

    proptest! {
        #[test]
        fn equals_every_pair_looked_at(
            articles in prop::collection::vec(
                (prop::option::of(0u32..12), prop::collection::btree_map(0u32..12, 0u8..9, 0..8)), 0..25),
            window in 0u32..5,
        ) {
            let profiles: Vec<Profile> = articles.iter().map(|(day, stems)| profile(*day, stems)).collect();
            let found = find(&profiles, f64::from(window), &config(), |a, b| (a + b) % 5 != 0);
            let pairs: Vec<(u32, u32)> = found.pairs.iter().map(|pair| (pair.a, pair.b)).collect();
            let (expected, long_lists) = naive(&profiles, f64::from(window), &config());
            prop_assert_eq!(pairs, expected.into_iter().collect::<Vec<_>>());
            prop_assert_eq!(found.long_lists, long_lists);
        }
    }

    #[test]
    fn what_all_articles_have_proposes_nothing_and_is_counted() {
        let own = |article: u32| BTreeMap::from([(1, 9), (2, 9), (100 + article / 2, 9)]);
        let profiles: Vec<Profile> = (0..40).map(|article| profile(Some(3), &own(article))).collect();
        let found = find(&profiles, 2.0, &config(), |_, _| true);
        assert_eq!(found.long_lists, 80);
        let pairs: Vec<(u32, u32)> = found.pairs.iter().map(|pair| (pair.a, pair.b)).collect();
        assert_eq!(pairs, (0..20).map(|pair| (2 * pair, 2 * pair + 1)).collect::<Vec<_>>());
    }
}
