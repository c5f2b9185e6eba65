//! Of what two articles share, the part that stands together in an article of another day: the mark of a
//! template. A report and its copies share what nobody else has; two weather bulletins share what next week's
//! has too.
//!
//! A *witness* is an article at least [`APART`] days from both. What counts is the weight of shared pairs that
//! one witness has, on average over the few that have most; of pairs, a sample is looked at. What witnesses
//! would say that an input lacks is estimated from how rare the shared pairs are.
//!
//! Witnesses are looked for among the articles counted. Where those are not all, the other instances of a template
//! are hardly among them; but they are proposed for comparison with one of the two at least, and so what was is looked
//! up too. Of a template fewer instances are found there, so that three count, the first most, and not five alike.

use std::ops::Range;

use rayon::prelude::*;

use super::counts::{Counts, ENOUGH, Samples, counters_a_list, is_sampled};
use crate::kept::Kept;
use crate::prefetch::prefetch;
use crate::shingle::{Documents, Places, Reader, filter, pair_hashes};

/// Days from both articles at which another is a witness: nearer, it may tell the same report.
pub(super) const APART: i64 = 2;
/// Witnesses to take the mean of, and how much each counts, the one that holds most first.
const BEST: usize = 5;
const EVENLY: [u64; BEST] = [1; BEST];
/// The same where not all articles are counted: of a template fewer other instances are found there.
const FIRST: [u64; BEST] = [5, 4, 2, 0, 0];
/// The most articles that are looked up for two: more tell no more (docs/quality.md).
const OTHERS: usize = 16;
/// A pair that fewer articles have stands in the two alone; one that more have is no sign of one template,
/// and takes long to go through.
pub(super) const LEAST: u16 = 3;
pub(super) const MOST: u16 = 100;
/// What witnesses hold of an overlap without rare pairs, and how much less if all are: fitted to judged pairs.
const HELD_OF_COMMON: f64 = 0.6;
const LESS_OF_RARE: f64 = 0.8;

/// Which of the counted articles have the sampled pairs.
#[derive(Default)]
pub(crate) struct Elsewhere {
    /// How far it is from one counted article to the next.
    step: u64,
    /// The day of each counted article.
    days: Vec<Option<i64>>,
    /// The same days in order.
    calendar: Vec<i64>,
    /// Pairs by their counters, as document frequencies are.
    shift: u32,
    /// Where the articles of each counter begin, and the end of all.
    starts: Vec<u32>,
    articles: Vec<u16>,
}

/// Scratch space of one thread.
#[derive(Default)]
pub(crate) struct Tally {
    /// Weight of the shared pairs that each counted article has.
    held: Vec<u32>,
    /// Those that have any, first; there is room for all, and one more.
    met: Vec<u16>,
    /// Where the list of each shared pair lies, and the pair's weight.
    lists: Vec<(Range<u32>, u8)>,
    wanted: Wanted,
    others: Others,
}

/// The shared pairs, to be found in articles that are looked up.
#[derive(Default)]
struct Wanted {
    table: Places,
    /// The article in which each was found last, as they were counted.
    found_in: Vec<u32>,
    articles: u32,
}

impl Wanted {
    /// Looks for these from now on.
    fn clear(&mut self, shared: &[(u64, u8)]) {
        self.table.clear(shared.len());
        for (place, &(pair, _)) in shared.iter().enumerate() {
            self.table.find_or_put(pair, place, |at| shared[at].0 == pair);
        }
        self.found_in.clear();
        self.found_in.resize(shared.len(), 0);
        self.articles = 0;
    }

    /// The weight of `shared`, which it looks for, that stands among the sampled pairs of another article.
    fn held(&mut self, shared: &[(u64, u8)], sampled: &[u64]) -> u32 {
        self.articles += 1;
        let mut held = 0;
        for &pair in sampled {
            let Some(place) = self.table.find(pair, |at| shared[at].0 == pair) else { continue };
            // What stands there twice counts once.
            if std::mem::replace(&mut self.found_in[place], self.articles) != self.articles {
                held += u32::from(shared[place].1);
            }
        }
        held
    }
}

/// The sampled pairs of articles that were looked up, as often as they stand there: a witness of two is one of others that are
/// like them.
#[derive(Default)]
struct Others {
    reader: Reader,
    places: Vec<u64>,
    sampled: Vec<u64>,
    kept: Kept<Vec<u64>, KEPT>,
}

/// Articles of which these are kept, some 600 bytes each. Few in tests, so that one makes room for another.
const KEPT: usize = if cfg!(test) { 4 } else { 2048 };

impl Others {
    fn sampled(&mut self, documents: &Documents, article: u32) -> &[u64] {
        self.kept.get(article, |kept| {
            pair_hashes(&documents.look_up(article as usize, &mut self.reader).stems, &mut self.places);
            filter(&self.places, &mut self.sampled, is_sampled);
            kept.clear();
            kept.extend_from_slice(&self.sampled);
        })
    }
}

/// Puts each article into the lists of those counters in its sample that are kept. `ends` has the end of each list in
/// `articles`, and then where it starts.
fn put_into_lists(ends: &mut [u32], articles: &mut [u16], samples: &[Samples], is_kept: impl Fn(usize) -> bool + Sync) {
    let some = counters_a_list(ends.len());
    let (mut rest, mut from) = (articles, 0);
    let mut parts = Vec::new();
    for (list, ends) in ends.chunks_mut(some).enumerate() {
        let to = ends.last().map_or(from, |&end| end);
        let (own, behind) = rest.split_at_mut((to - from) as usize);
        parts.push((list, ends, from, own));
        (rest, from) = (behind, to);
    }
    parts.into_par_iter().for_each(|(list, ends, from, own)| {
        for &sampled in samples.iter().flat_map(|samples| &samples[list]) {
            let counter = (sampled >> 16) as usize;
            if is_kept(list * some + counter) {
                ends[counter] -= 1;
                own[(ends[counter] - from) as usize] = sampled as u16;
            }
        }
    });
}

impl Elsewhere {
    /// Of the articles that `counts` counted, whose samples it gives away; `day` gives the day of an article.
    pub(crate) fn new(counts: &mut Counts, day: impl Fn(usize) -> Option<i64>) -> Elsewhere {
        let samples = counts.take_samples();
        let days: Vec<Option<i64>> = counts.numbers().map(day).collect();
        let mut calendar: Vec<i64> = days.iter().copied().flatten().collect();
        calendar.sort_unstable();
        if calendar.first().zip(calendar.last()).is_none_or(|(first, last)| last - first < APART) {
            return Elsewhere::default();
        }
        let sizes: Vec<u16> = counts.frequencies_of_sampled().collect();
        let is_kept = |size: u16| (LEAST..=MOST).contains(&size);
        let mut all = 0;
        // First the ends; each moves down to its start as articles are put before it.
        let mut starts: Vec<u32> = Vec::with_capacity(sizes.len() + 1);
        for &size in &sizes {
            all += if is_kept(size) { u32::from(size) } else { 0 };
            starts.push(all);
        }
        starts.push(all);
        let mut articles = vec![0; all as usize];
        put_into_lists(&mut starts[..sizes.len()], &mut articles, &samples, |counter| is_kept(sizes[counter]));
        Elsewhere { step: counts.step() as u64, days, calendar, shift: counts.shift(), starts, articles }
    }

    /// The same where the articles counted are those of a larger input, so far apart there.
    pub(crate) fn of_larger(self, step: u64) -> Elsewhere {
        let no_witness = self.days.is_empty();
        Elsewhere { step: if no_witness { 0 } else { step }, ..self }
    }

    /// The place of an article among those counted, if it is one.
    fn counted(&self, number: u64) -> Option<usize> {
        (number.checked_rem(self.step)? == 0).then(|| (number / self.step) as usize)
    }

    /// Are there articles that are not counted?
    fn is_partial(&self) -> bool {
        self.step > 1
    }

    /// The share of the overlap of two articles of these days that stands elsewhere, from 0 to 1. `pairs` are
    /// the sampled pairs they share, with weights, and `rare_share` is the part of the whole weight that is of rare ones.
    /// `others` are witnesses to look up in the documents, counted or not, each once, with their numbers in the whole
    /// input.
    pub(crate) fn share(
        &self,
        tally: &mut Tally,
        pairs: &[(u64, u8)],
        rare_share: f64,
        days: (Option<i64>, Option<i64>),
        (documents, others): (&Documents, impl Iterator<Item = (u32, u64)>),
    ) -> f64 {
        let Some(days) = days.0.zip(days.1) else {
            return share(0, pairs, rare_share, Best::default);
        };
        share(self.witnesses(days), pairs, rare_share, || self.best(tally, pairs, days, (documents, others)))
    }

    /// What the best witnesses hold of `pairs`.
    fn best(
        &self,
        tally: &mut Tally,
        pairs: &[(u64, u8)],
        days: (i64, i64),
        (documents, others): (&Documents, impl Iterator<Item = (u32, u64)>),
    ) -> Best {
        tally.held.resize(self.days.len(), 0);
        tally.met.resize(self.days.len() + 1, 0);
        // Where all lists lie is looked up before any is read, and all are asked for: memory gives many answers at once.
        tally.lists.clear();
        tally.lists.extend(pairs.iter().filter(|pair| pair.1 > 0).map(|&(pair, weight)| {
            let counter = (pair >> self.shift) as usize;
            let list = self.starts[counter]..self.starts[counter + 1];
            if let Some(first) = self.articles.get(list.start as usize) {
                prefetch(first);
            }
            (list, weight)
        }));
        let mut met = 0;
        for (list, weight) in &tally.lists {
            for &article in &self.articles[list.start as usize..list.end as usize] {
                let held = &mut tally.held[usize::from(article)];
                // Whether it is the first of an article, no processor can guess: without a branch.
                tally.met[met] = article;
                met += usize::from(*held == 0);
                *held += u32::from(*weight);
            }
        }
        let mut best = Best { parts: if self.is_partial() { FIRST } else { EVENLY }, ..Best::default() };
        let mut others = others.take(OTHERS).peekable();
        if others.peek().is_some() {
            tally.wanted.clear(pairs);
        }
        for (article, number) in others {
            // Of one that is counted too, this says more.
            if let Some(held) = self.counted(number).and_then(|place| tally.held.get_mut(place)) {
                *held = 0;
            }
            best.add(tally.wanted.held(pairs, tally.others.sampled(documents, article)));
        }
        for &article in &tally.met[..met] {
            let held = std::mem::take(&mut tally.held[usize::from(article)]);
            // Most hold less than the best do, and of those no day need be looked up.
            if held > best.least() && self.days[usize::from(article)].is_some_and(|day| is_apart(day, days)) {
                best.add(held);
            }
        }
        best
    }

    /// How many counted articles are witnesses of two of these days.
    fn witnesses(&self, days: (i64, i64)) -> usize {
        let before = |day: i64| self.calendar.partition_point(|&other| other < day);
        let near = |day: i64| before(day - APART + 1)..before(day + APART);
        let (first, second) = (near(days.0.min(days.1)), near(days.0.max(days.1)));
        // Days near both are not taken off twice.
        let second = second.start.max(first.end)..second.end;
        self.calendar.len() - first.len() - second.len()
    }
}

/// What those witnesses hold that hold most, and how much each counts.
pub(super) struct Best {
    held: [u32; BEST],
    parts: [u64; BEST],
}

impl Default for Best {
    fn default() -> Best {
        Best { held: [0; BEST], parts: EVENLY }
    }
}

impl Best {
    /// What does not hold more is not among them.
    fn least(&self) -> u32 {
        self.held[BEST - 1]
    }

    pub(super) fn add(&mut self, mut held: u32) {
        if held > self.least() {
            for place in &mut self.held {
                if held > *place {
                    std::mem::swap(place, &mut held);
                }
            }
        }
    }

    /// What they hold of so much on average.
    fn share_of(&self, weight: u64) -> f64 {
        let held: u64 = self.held.iter().zip(self.parts).map(|(&held, part)| u64::from(held) * part).sum();
        held as f64 / (self.parts.iter().sum::<u64>() * weight) as f64
    }
}

/// The share of an overlap that stands elsewhere, where so many articles could be witnesses: what the `best` of them hold
/// of the sampled `pairs` shared, and as far as there are too few, what is expected of an overlap of which so much is rare.
pub(super) fn share(witnesses: usize, pairs: &[(u64, u8)], rare_share: f64, best: impl FnOnce() -> Best) -> f64 {
    let expected = (HELD_OF_COMMON - LESS_OF_RARE * rare_share).max(0.0);
    let known = (witnesses as f64 / ENOUGH).min(1.0);
    let weight: u64 = pairs.iter().map(|pair| u64::from(pair.1)).sum();
    if known == 0.0 || weight == 0 {
        return expected;
    }
    known * best().share_of(weight) + (1.0 - known) * expected
}

/// Is an article of this day a witness of two articles of these?
pub(crate) fn is_apart(day: i64, days: (i64, i64)) -> bool {
    (day - days.0).abs() >= APART && (day - days.1).abs() >= APART
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::super::counts::is_sampled;
    use super::*;
    use crate::arabic::Stem;
    use crate::shingle::{DistinctPairs, Document, Documents, finalise};

    pub(in super::super) fn document(stems: &[u32]) -> Document {
        // Stems are hashes.
        let stems: Vec<Stem> = stems.iter().map(|&stem| Stem(finalise(stem.into()) as u32 >> 1)).collect();
        Document { forms: stems.iter().map(|_| Default::default()).collect(), stems, ..Document::default() }
    }

    /// Its sampled pairs, ascending.
    pub(in super::super) fn sampled(document: &Document) -> Vec<u64> {
        let mut sampled: Vec<u64> =
            DistinctPairs::default().of(&document.stems).iter().copied().filter(|&pair| is_sampled(pair)).collect();
        sampled.sort_unstable();
        sampled
    }

    proptest! {
        #[test]
        fn equals_articles_looked_at_one_by_one(
            texts in prop::collection::vec(
                (prop::collection::vec(0u32..12, 0..40), prop::option::of(0i64..9), any::<bool>()), 2..40),
            step in 1..4usize,
        ) {
            let documents: Vec<Document> = texts.iter().map(|text| document(&text.0)).collect();
            // Some are counted, and some are looked up.
            let counted: Vec<Document> = documents.iter().step_by(step).cloned().collect();
            let mut counts = Counts::of(&Documents::of(&counted), u64::MAX);
            let elsewhere = Elsewhere::new(&mut counts, |article| texts[article * step].1).of_larger(step as u64);
            let is_witness = |article: &usize| {
                let days = texts[0].1.zip(texts[1].1);
                days.zip(texts[*article].1).is_some_and(|(days, day)| is_apart(day, days))
            };
            let others: Vec<usize> = (0..texts.len()).filter(|&a| texts[a].2 && is_witness(&a)).take(OTHERS).collect();
            let mut tally = Tally::default();
            let mut pairs: Vec<(u64, u8)> =
                sampled(&documents[0]).into_iter().filter(|p| sampled(&documents[1]).contains(p)).map(|p| (p, p as u8)).collect();
            // They come in any order.
            pairs.reverse();
            let all = Documents::of(&documents);
            let mut share = |pairs: &[(u64, u8)], others: &mut dyn Iterator<Item = usize>| {
                let others = (&all, others.map(|article| (article as u32, article as u64)));
                elsewhere.share(&mut tally, pairs, 0.5, (texts[0].1, texts[1].1), others)
            };
            // What was looked for before, and where, plays no part.
            share(&pairs[pairs.len() / 2..], &mut others.iter().rev().copied());
            let found = share(&pairs, &mut others.iter().copied());
            prop_assert!(tally.held.iter().all(|&held| held == 0));

            let weight: f64 = pairs.iter().map(|pair| f64::from(pair.1)).sum();
            let expected = HELD_OF_COMMON - LESS_OF_RARE * 0.5;
            let witnesses: Vec<usize> = (0..texts.len()).step_by(step).filter(is_witness).collect();
            if weight == 0.0 || witnesses.is_empty() {
                prop_assert!((found - expected).abs() < 1e-9);
                return Ok(());
            }
            let have = |pair: u64| counted.iter().filter(|document| sampled(document).contains(&pair)).count();
            let told: Vec<(u64, u8)> =
                pairs.iter().copied().filter(|pair| (LEAST.into()..=MOST.into()).contains(&have(pair.0))).collect();
            let of = |article: usize, pairs: &[(u64, u8)]| -> u64 {
                let own = sampled(&documents[article]);
                pairs.iter().filter(|pair| own.contains(&pair.0)).map(|pair| u64::from(pair.1)).sum()
            };
            let only_counted = witnesses.iter().filter(|&article| !others.contains(article));
            let mut held: Vec<u64> = only_counted
                .map(|&article| of(article, &told))
                .chain(others.iter().map(|&article| of(article, &pairs)))
                .collect();
            held.sort_unstable_by(|x, y| y.cmp(x));
            held.resize(5, 0);
            let mean = if step == 1 {
                held.iter().sum::<u64>() as f64 / 5.0
            } else {
                (5 * held[0] + 4 * held[1] + 2 * held[2]) as f64 / 11.0
            } / weight;
            let known = witnesses.len() as f64 / ENOUGH;
            let naive = known * mean + (1.0 - known) * expected;
            prop_assert!((found - naive).abs() < 1e-9, "{} for {}", found, naive);
        }
    }

    #[test]
    fn a_template_of_other_days_stands_elsewhere_and_a_report_does_not() {
        // Two articles of day 0; a template on each of many later days, and as many other texts.
        let template: Vec<u32> = (0..300).collect();
        let report: Vec<u32> = (1_000..1_300).collect();
        let other = |number: u32| (10_000 + number * 100..10_060 + number * 100).collect::<Vec<u32>>();
        let mut texts: Vec<Vec<u32>> = vec![template.clone(), template.clone(), report.clone(), report];
        texts.extend((0..8).map(|_| template.clone()));
        texts.extend((0..ENOUGH as u32).map(other));
        let documents: Vec<Document> = texts.iter().map(|text| document(text)).collect();
        let day = |article: usize| Some(if article < 4 { 0 } else { 2 + article as i64 % 5 });
        let elsewhere = Elsewhere::new(&mut Counts::of(&Documents::of(&documents), u64::MAX), day);
        let share = |article: usize, day: Option<i64>| {
            let pairs: Vec<(u64, u8)> = sampled(&documents[article]).into_iter().map(|pair| (pair, 200)).collect();
            assert!(pairs.len() > 20);
            let others = (&Documents::default(), std::iter::empty());
            elsewhere.share(&mut Tally::default(), &pairs, 0.0, (day, day), others)
        };
        assert!(share(0, Some(0)) > 0.95, "{}", share(0, Some(0)));
        assert!(share(2, Some(0)) < 0.05, "{}", share(2, Some(0)));
        // No witness, no verdict: what is expected of an overlap without rare pairs.
        assert_eq!(share(2, None), HELD_OF_COMMON);
    }

    #[test]
    fn witnesses_are_counted_once() {
        let days = [0, 1, 1, 2, 3, 4, 7, 8, 9];
        let elsewhere = Elsewhere { calendar: days.to_vec(), ..Elsewhere::default() };
        for (x, y) in (-3..12).flat_map(|x| (-3..12).map(move |y| (x, y))) {
            let naive = days.iter().filter(|&&day| is_apart(day, (x, y))).count();
            assert_eq!(elsewhere.witnesses((x, y)), naive, "{x} {y}");
        }
    }
}
