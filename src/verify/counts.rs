//! Rarity: document frequencies of stems and pairs, and the weights they give.

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::background::Background;
use super::stem_table::StemTable;
use crate::arabic::Stem;
use crate::prefetch::{prefetch, with_later};
use crate::shingle::{Document, Documents, PAIR_DISTANCE, filter, pair_hashes};

/// Articles from which on an input's own frequencies are all that counts. Below, the background stands in
/// for the articles that are missing.
pub(super) const ENOUGH: f64 = 4000.0;
/// One article in so many is as rare as weights tell.
const RAREST: f64 = 1000.0;
/// Pairs of [`USUAL`] articles, or of all that there are, for each of their counters: on average two or three different
/// ones share one, and seem as much more common than they are, which is little beside one article in 1,000. Where fewer
/// articles are counted there are as many counters, for it would be more beside these.
const PAIRS_PER_COUNTER: u64 = 6;
/// The articles that are counted of a larger input, unless fewer are wanted ([`crate::Config::counted`]).
pub(crate) const USUAL: u64 = 20_000;
/// The least and most counters for pairs, 2 bytes each.
const MIN_COUNTERS: usize = 1 << 16;
const MAX_COUNTERS: usize = 1 << 25;
/// The most tables of counters at a time, whatever the threads; together they have at most [`MAX_COUNTERS`].
const MOST_TABLES: usize = 8;

/// One pair in 8 is sampled: those whose hashes begin with so many zero bits.
const SAMPLE_BITS: u32 = 3;

/// Is this pair one of the sample?
pub(crate) fn is_sampled(pair: u64) -> bool {
    pair >> (u64::BITS - SAMPLE_BITS) == 0
}

/// Which counters the sampled pairs of some articles have, in so many lists, each of counters that follow one another: what is
/// made of one stays in the cache.
pub(super) type Samples = [Vec<SampledPair>; LISTS];
pub(super) const LISTS: usize = 64;
/// The counter, from the first of its list on, and below it in 16 bits the place of the article among those counted. An
/// article has each once, and those of a list together.
pub(super) type SampledPair = u32;
const _: () = assert!((MAX_COUNTERS >> SAMPLE_BITS) / LISTS <= 1 << 16 && MOST_COUNTED <= 1 << 16);

/// How many counters a list of [`Samples`] is of, where sampled pairs have so many.
pub(super) fn counters_a_list(of_sampled: usize) -> usize {
    (of_sampled / LISTS).max(1)
}

/// Scratch space of one thread while articles are counted, and what it keeps of them.
struct Scratch {
    places: Vec<u64>,
    sampled: Vec<u64>,
    samples: Samples,
}

impl Default for Scratch {
    fn default() -> Scratch {
        Scratch { places: Vec::new(), sampled: Vec::new(), samples: std::array::from_fn(|_| Vec::new()) }
    }
}

/// Document frequencies over a set of articles; none is above the number of articles.
#[derive(Default)]
pub(crate) struct Counts {
    /// Articles counted, and how far from each to the next.
    pub(super) documents: u32,
    step: usize,
    pub(super) stems: StemTable,
    /// Counts by the top bits of a pair's hash. Two pairs may share a counter: then both seem more common.
    pub(super) pairs: Vec<u16>,
    shift: u32,
    /// The sampled pairs of the articles counted.
    samples: Vec<Samples>,
}

impl Counts {
    /// Counts at most `most` of `documents`.
    pub(crate) fn of(documents: &Documents, most: u64) -> Counts {
        Self::with(documents, most, || (), |(), _, _| {}).0.finish()
    }

    /// The same counts of an input of so many `articles`, of which those that are counted are given.
    pub(crate) fn of_counted(counted: &Documents, articles: u64) -> Counts {
        Self::among(articles, counted, 1, || (), |(), _, _| {}).0.finish()
    }

    /// Counts at most `most` of `documents`, and gives what `each` adds of every one's number and pairs, which are at hand
    /// here, to what `start` makes: each place where a pair stands, so that the same may come again. In no order that is
    /// meant.
    pub(crate) fn with<T: Send>(
        documents: &Documents,
        most: u64,
        start: impl Fn() -> T + Sync + Send,
        each: impl Fn(&mut T, usize, &[u64]) + Sync + Send,
    ) -> (Counting, Vec<T>) {
        let articles = documents.len() as u64;
        Self::among(articles, documents, Self::step_among(articles, most) as usize, start, each)
    }

    /// Counts every so-manieth of `documents`, which are of an input of so many `articles`.
    fn among<T: Send>(
        articles: u64,
        documents: &Documents,
        step: usize,
        start: impl Fn() -> T + Sync + Send,
        each: impl Fn(&mut T, usize, &[u64]) + Sync + Send,
    ) -> (Counting, Vec<T>) {
        let counted = || (0..documents.len()).step_by(step);
        // An upper bound, without going through the pairs themselves.
        let total = counted().map(|number| (documents.stems(number) * PAIR_DISTANCE) as u64).sum();
        let counters = counters(articles, counted().count() as u64, total);
        let shift = 64 - counters.trailing_zeros();
        let list = counters_a_list(counters >> SAMPLE_BITS).trailing_zeros();
        let tables = rayon::current_num_threads().min((MAX_COUNTERS / counters).max(1)).min(MOST_TABLES);
        // Each made by the thread that asks for it first: its memory is half of what it costs.
        let tables: Vec<Mutex<Option<Table>>> = (0..tables).map(|_| Mutex::new(None)).collect();
        let folded = documents.fold(
            "sampling",
            || (Scratch::default(), start()),
            |(scratch, made), number, document| {
                let Scratch { places, sampled, samples } = scratch;
                pair_hashes(&document.stems, places);
                if number % step == 0 {
                    let table = &tables[rayon::current_thread_index().unwrap_or(0) % tables.len()];
                    let mut table = table.lock().unwrap_or_else(PoisonError::into_inner);
                    let table = table.get_or_insert_with(|| Table::new(counters));
                    filter(places, sampled, is_sampled);
                    let number = number / step;
                    table.add(number, document, (places, sampled), shift, |counter| {
                        let from_first = counter & ((1 << list) - 1);
                        samples[counter >> list].push((from_first as u32) << 16 | number as u32);
                    });
                }
                each(made, number, places);
            },
        );
        let (scratch, made): (Vec<Scratch>, Vec<T>) = folded.into_iter().unzip();
        let samples = scratch.into_iter().map(|scratch| scratch.samples).collect();
        let tables = tables.into_iter().filter_map(|table| table.into_inner().unwrap_or_else(PoisonError::into_inner));
        let documents = counted().count() as u32;
        (Counting { documents, step, shift, counters, tables: tables.collect(), samples }, made)
    }

    /// Of frequencies counted otherwise.
    pub(super) fn counted(documents: u32, stems: StemTable, pairs: Vec<u16>, shift: u32) -> Counts {
        Counts { documents, step: 1, stems, pairs, shift, samples: Vec::new() }
    }

    /// How far it is from one counted article to the next, among so many, if at most `most` are counted.
    pub(crate) fn step_among(articles: u64, most: u64) -> u64 {
        articles.div_ceil(most.max(1)).max(1)
    }

    /// How far it is from one counted article to the next.
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// The numbers of the articles counted.
    pub(super) fn numbers(&self) -> impl Iterator<Item = usize> {
        (0..self.documents as usize).map(|number| number * self.step)
    }

    /// The sampled pairs of the articles counted, to be had once.
    pub(super) fn take_samples(&mut self) -> Vec<Samples> {
        std::mem::take(&mut self.samples)
    }

    /// The document frequencies of the sampled pairs, by counter.
    pub(super) fn frequencies_of_sampled(&self) -> impl Iterator<Item = u16> {
        self.pairs[..self.pairs.len() >> SAMPLE_BITS].iter().copied()
    }

    /// How far to shift a pair's hash to find its counter.
    pub(super) fn shift(&self) -> u32 {
        self.shift
    }
}

/// What all threads have counted, still to be put together: there is other work to be done meanwhile.
pub(crate) struct Counting {
    documents: u32,
    step: usize,
    shift: u32,
    counters: usize,
    tables: Vec<Table>,
    samples: Vec<Samples>,
}

impl Counting {
    /// Is it but a part of the articles that is counted?
    pub(crate) fn is_partial(&self) -> bool {
        self.step > 1
    }

    /// All of it together.
    pub(crate) fn finish(self) -> Counts {
        let Counting { documents, step, shift, counters, tables, samples } = self;
        let (stems, pairs) = Table::sum(tables, counters);
        Counts { documents, step, stems, pairs, shift, samples }
    }
}

/// How many counters there are for the pairs of an input of so many `articles`, where those `counted` have so many.
fn counters(articles: u64, counted: u64, pairs: u64) -> usize {
    let usual = articles.div_ceil(Counts::step_among(articles, USUAL));
    let of_usual = u128::from(pairs) * u128::from(usual.max(counted)) / u128::from(counted.max(1));
    let counters = u64::try_from(of_usual).unwrap_or(u64::MAX) / PAIRS_PER_COUNTER;
    (counters.min(MAX_COUNTERS as u64) as usize).next_power_of_two().max(MIN_COUNTERS)
}

/// Counts of the articles that one thread after another adds: atomic counters cost three times as much.
struct Table {
    /// A counter, and above its 16 bits one more than the article that counted last: what an article has twice
    /// counts once.
    stems: StemTable,
    /// Counters below [`COUNTED`], which is set while the article at hand is counted. None overflows, for no more articles
    /// are counted ([`crate::Config::counted`]).
    pairs: Vec<u16>,
}

const COUNT: u32 = 0xFFFF;
/// The article at hand has been counted.
const COUNTED: u16 = 1 << 15;
/// Counters that one thread sums up at a time.
const SUMMED: usize = 1 << 14;
/// The most articles that counters can count.
pub(crate) const MOST_COUNTED: u64 = COUNTED as u64 - 1;

impl Table {
    fn new(counters: usize) -> Table {
        // Written, not asked for as zeros, which the compiler would make of it if it saw them: a page that is read before
        // it is written costs two faults, and the second one waits for the other processors.
        let mut pairs = Vec::with_capacity(counters);
        pairs.resize(counters, std::hint::black_box(0));
        Table { stems: StemTable::default(), pairs }
    }

    /// Adds an article, which is number `number` of those counted, given its pairs and those of them that are sampled. `met`
    /// hears once of each counter that the latter have.
    fn add(
        &mut self,
        number: usize,
        document: &Document,
        (pairs, sampled): (&[u64], &[u64]),
        shift: u32,
        mut met: impl FnMut(usize),
    ) {
        let tag = (number as u32 + 1) << 16;
        for (&stem, later) in with_later(&document.stems) {
            if let Some(&later) = later {
                self.stems.prefetch(later);
            }
            let entry = self.stems.entry(stem);
            *entry = tag | ((*entry & COUNT) + u32::from(*entry & !COUNT != tag));
        }
        let counters = &mut self.pairs[..];
        let place = |pair: u64| (pair >> shift) as usize;
        for (&pair, later) in with_later(pairs) {
            if let Some(&later) = later {
                prefetch(&counters[place(later)]);
            }
            let count = &mut counters[place(pair)];
            *count = COUNTED | (*count + u16::from(*count < COUNTED));
        }
        for &pair in sampled {
            let count = &mut counters[place(pair)];
            if *count >= COUNTED {
                *count &= !COUNTED;
                met(place(pair));
            }
        }
        // Once more through what is in the cache by now costs less than counters with room for the article.
        pairs.iter().for_each(|&pair| counters[place(pair)] &= !COUNTED);
    }

    /// The counts of all tables together, of stems and of pairs; without a table as many zeros as there are counters.
    fn sum(tables: Vec<Table>, counters: usize) -> (StemTable, Vec<u16>) {
        let mut tables = tables.into_iter();
        let Table { mut stems, mut pairs } = tables.next().unwrap_or_else(|| Table::new(counters));
        let others: Vec<Table> = tables.collect();
        let sum_stems = || {
            stems.each(|count| *count &= COUNT);
            for (stem, entry) in others.iter().flat_map(|table| table.stems.iter()) {
                *stems.entry(stem) += entry & COUNT;
            }
        };
        let sum_pairs = || {
            pairs.par_chunks_mut(SUMMED).enumerate().for_each(|(at, sums)| {
                for other in &others {
                    sums.iter_mut().zip(&other.pairs[at * SUMMED..]).for_each(|(sum, count)| *sum += count);
                }
            });
        };
        rayon::join(sum_stems, sum_pairs);
        (stems, pairs)
    }
}

/// Weights of 0 to 255 from document frequencies: 255 for what one article in 1,000 has, 0 for what
/// all have, on a logarithmic scale between. They do not depend on how many articles there are, so that
/// a score means the same in a small input and in a large one.
#[derive(Default)]
pub(crate) struct Weights {
    counts: Counts,
    background: Background,
    /// Articles that the background stands in for.
    missing: f64,
    /// Weights of the stems of the input, if it does.
    stems: StemTable,
    /// Weights by document frequency, if it does not.
    by_frequency: Vec<u8>,
}

fn weight(frequency: f64, articles: f64) -> u8 {
    let rarity = libm::log((articles + 1.0) / (frequency.max(1.0) + 0.5)) / libm::log(RAREST);
    (rarity * 255.0).round().clamp(0.0, 255.0) as u8
}

impl Weights {
    pub(crate) fn new(counts: Counts, background: Background) -> Weights {
        let missing = (ENOUGH - f64::from(counts.documents)).max(0.0);
        let mut weights = Weights { counts, background, missing, ..Weights::default() };
        if missing > 0.0 {
            weights.stems = weights.counts.stems.map(|stem, df| weights.stem_weight(stem, df).into());
        } else {
            let all = weights.counts.documents;
            weights.by_frequency = (0..=all).map(|df| weight(f64::from(df), f64::from(all))).collect();
        }
        weights
    }

    /// What they are made of.
    pub(super) fn into_counts(self) -> Counts {
        self.counts
    }

    /// The same, to look at.
    pub(super) fn counts(&self) -> &Counts {
        &self.counts
    }

    fn stem_weight(&self, stem: Stem, df: u32) -> u8 {
        let frequency = f64::from(df) + self.missing * self.background.stem(stem);
        weight(frequency, f64::from(self.counts.documents) + self.missing)
    }

    /// Weight of a stem.
    pub(crate) fn stem(&self, stem: Stem) -> u8 {
        if self.missing == 0.0 {
            return self.by_frequency[self.counts.stems.get(stem).unwrap_or(0) as usize];
        }
        self.stems.get(stem).map_or_else(|| self.stem_weight(stem, 0), |weight| weight as u8)
    }

    /// The weight of this stem will be asked for. Of a small input, whose table is small, nothing need be fetched.
    #[inline]
    pub(crate) fn prefetch(&self, stem: Stem) {
        if self.missing == 0.0 {
            self.counts.stems.prefetch(stem);
        }
    }

    /// Weights of pairs.
    pub(crate) fn pairs(&self, pairs: &[u64]) -> Box<[u8]> {
        let counter = |pair: u64| &self.counts.pairs[(pair >> self.counts.shift) as usize];
        let pairs = with_later(pairs).map(|(&pair, later)| {
            if let Some(&later) = later {
                prefetch(counter(later));
            }
            (pair, *counter(pair))
        });
        if self.missing == 0.0 {
            return pairs.map(|(_, count)| self.by_frequency[usize::from(count)]).collect();
        }
        let all = f64::from(self.counts.documents) + self.missing;
        let frequency = |pair: u64, count: u16| f64::from(count) + self.missing * self.background.pair(pair);
        pairs.map(|(pair, count)| weight(frequency(pair, count), all)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_as_many_articles_as_may_be_counted() {
        let stems = vec![Stem(1), Stem(2), Stem(1), Stem(2)];
        let article = Document { stems, ..Document::default() };
        let mut places = Vec::new();
        pair_hashes(&article.stems, &mut places);
        let shift = u64::BITS - 4;
        let mut tables = [Table::new(16), Table::new(16)];
        for number in 0..MOST_COUNTED as usize {
            tables[number % 2].add(number, &article, (&places, &[]), shift, |_| {});
        }
        let (stems, counters) = Table::sum(Vec::from(tables), 16);
        assert_eq!(stems.get(Stem(2)), Some(MOST_COUNTED as u32));
        let expected = |counter| if counter == places[0] >> shift { MOST_COUNTED as u16 } else { 0 };
        assert!(counters.into_iter().eq((0..16).map(expected)));
    }

    #[test]
    fn as_many_counters_whatever_part_of_an_input_is_counted() {
        const PAIRS: u64 = 600;
        for articles in [6_000, 20_000, 33_669, 1_000_000, u64::from(u32::MAX)] {
            let of = |most: u64| {
                let counted = articles.div_ceil(Counts::step_among(articles, most));
                counters(articles, counted, counted * PAIRS)
            };
            assert_eq!(of(8_000), of(USUAL), "{articles}");
            // Of more than is usual there are more.
            assert!(of(MOST_COUNTED) >= of(USUAL));
        }
        assert_eq!([counters(0, 0, 0), counters(12, 12, 7_200)], [MIN_COUNTERS; 2]);
        assert_eq!(counters(20_000, 20_000, 20_000 * PAIRS), 1 << 21);
        assert_eq!(counters(1 << 40, 20_000, u64::MAX), MAX_COUNTERS);
    }
}
