//! What two articles have in common, counted and weighed once, for all features to draw on.
//!
//! One article, the probe, is laid out in tables; others are run past it. A stem that both have is
//! *shared*; a stem of a pair that both have is *covered*: its neighbourhood is in the other article too.
//! Words that were copied agree further than in their stems: in their forms, and in their order.
//!
//! Stems are numbered by their first occurrence in the probe, and so are its pairs. Where the other article
//! runs in line with the probe, as copies do, the next pair is read off instead of looked up:
//!
//! ```text
//! probe   0 1 2 3 1 4 5        pairs of position 1: 1-2, 1-3
//! other     1 2 3 - 4          in line from position 1 on: 1-2 and 1-3 are those
//! ```

use super::counts::is_sampled;
use super::found::{Found, NONE, SAME, SHARED, masked, squares, sum};
use super::prepared::{LEAD, PairWeights, Prepared};
use crate::arabic::Stem;
use crate::shingle::{Document, PAIR_DISTANCE, Places, pair};

/// A pair of this weight, the highest, is rare: at most one article in 1,000 has it.
const RARE: u8 = u8::MAX;
/// A pair of at most this weight is common: one article in 60 or more.
const COMMON: u8 = 150;

/// The key of no pair: those are of two different numbers.
const NO_KEY: u32 = u32::MAX;

/// One article laid out for comparison, with scratch space. Reused from article to article.
#[derive(Default)]
pub(crate) struct Probe {
    /// The article that is laid out.
    article: Option<u32>,
    /// Its different stems: their table, weights, forms, and what was found of each in the last comparison.
    table: Places,
    stems: Vec<Stem>,
    weights: Vec<u8>,
    forms: Vec<u64>,
    found: Found,
    /// The number of the stem at each position.
    numbers: Vec<u32>,
    pairs: ProbePairs,
    /// The same numbers at each position of the other article; `NONE` for a stem that the probe has not.
    others: Vec<u32>,
    /// 1 for each position that is covered.
    covered_a: Vec<u8>,
    covered_b: Vec<u8>,
}

/// The different pairs of the probe.
#[derive(Default)]
struct ProbePairs {
    laid_out: bool,
    table: Places,
    /// The numbers of both stems, the lower one in the high half. An article has at most 2^16 stems. Here and in the next two
    /// the pair before the first is [`NONE`], of which nothing is so.
    keys: Vec<u32>,
    /// The first place where they are neighbours, the lower number before the higher one; and after it.
    neighbours: Vec<[u32; 2]>,
    /// The same two orders as bits: those in which they stand anywhere.
    orders: Vec<u8>,
    /// By position: the pair with the stem 1, 2 and 3 behind it; `NONE` where that is the same stem, or there is none.
    at: Vec<[u32; PAIR_DISTANCE]>,
    found: Found,
    /// Their hashes, once these have been asked for; and which of them are in the sample.
    hashes: Vec<u64>,
    are_sampled: bool,
    sampled: Vec<(u32, u64)>,
}

/// Sums over what two articles have in common; `a` is the probe, `b` the other. Weights are 0 to 255 each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overlap {
    pub(crate) stem_sum: u64,
    pub(crate) stem_squares: u64,
    /// Weight of the shared stems that both have in the same form.
    pub(crate) same_form_sum: u64,
    pub(crate) pairs: u32,
    pub(crate) pair_sum: u64,
    pub(crate) pair_squares: u64,
    pub(crate) rare_sum: u64,
    pub(crate) common_sum: u64,
    /// Weight of the pairs that the probe has somewhere in the order in which the other has them first.
    pub(crate) same_order_sum: u64,
    /// Neighbours in the same order in both.
    pub(crate) bigrams: u32,
    /// The longest run of such neighbours.
    pub(crate) longest: u32,
    pub(crate) a: Side,
    pub(crate) b: Side,
    pub(crate) numbers: u32,
    /// Weight of the stems that both titles have.
    pub(crate) title_sum: u64,
}

/// What of one article is in the other. Sums are over positions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    /// Weight of the body, and of its covered stems.
    pub(crate) body: u64,
    pub(crate) covered: u64,
    pub(crate) covered_stems: u32,
    /// The same of the lead.
    pub(crate) lead: u64,
    pub(crate) lead_covered: u64,
    /// Weight of the title, and of its stems that stand anywhere in the other article.
    pub(crate) title: u64,
    pub(crate) title_shared: u64,
}

impl Probe {
    /// Lays out `document`, made ready as `prepared`, which is article number `article`, unless that is laid
    /// out already.
    pub(crate) fn lay_out(&mut self, article: u32, document: &Document, prepared: &Prepared) {
        if self.article.replace(article) == Some(article) {
            return;
        }
        self.table.clear(document.stems.len());
        self.stems.clear();
        self.weights.clear();
        self.forms.clear();
        self.numbers.clear();
        for ((&stem, form), &weight) in document.stems.iter().zip(&document.forms).zip(&prepared.weights) {
            let next = self.stems.len();
            let known = self.table.find_or_put(u64::from(stem.0), next, |at| self.stems[at] == stem);
            if known.is_none() {
                self.stems.push(stem);
                self.weights.push(weight);
                self.forms.push(0);
            }
            let number = known.unwrap_or(next);
            self.forms[number] |= form.set();
            self.numbers.push(number as u32);
        }
        self.pairs.laid_out = false;
    }

    /// First step of comparing the article laid out (`a`) with `b`: the sums over shared stems.
    pub(crate) fn shared(&mut self, b: &Document) -> Overlap {
        let found = &mut self.found;
        found.clear(self.stems.len());
        self.others.clear();
        for (&stem, form) in b.stems.iter().zip(&b.forms) {
            let known = self.table.find(u64::from(stem.0), |at| self.stems[at] == stem);
            let number = known.map_or(NONE, |number| number as u32);
            self.others.push(number);
            let same = known.is_some_and(|number| self.forms[number] & form.set() != 0);
            *found.mark(number) |= SHARED | (SAME * u8::from(same));
        }
        found.end();
        let mut overlap = Overlap::default();
        for (marks, weights) in found.weighed(&self.weights) {
            overlap.stem_sum += sum(marks, weights, |mark, weight| masked(weight, mark & SHARED != 0));
            overlap.stem_squares += squares(marks, weights);
            overlap.same_form_sum += sum(marks, weights, |mark, weight| masked(weight, mark & SAME != 0));
        }
        let shared = self.stems.iter().zip(found.marks()).filter(|&(_, &mark)| mark & SHARED != 0);
        overlap.numbers = shared.map(|(stem, _)| u32::from(stem.is_number())).sum();
        overlap
    }

    /// The different pairs of the article laid out, in the order of first occurrence.
    pub(crate) fn pairs(&mut self) -> &[u64] {
        self.pairs.lay_out(&self.numbers);
        self.pairs.hashes(&self.stems)
    }

    /// Second step, with the outcome of the first for the same two: everything else.
    pub(crate) fn compare(
        &mut self,
        (a, pairs_a): (&Prepared, &PairWeights),
        b: &Prepared,
        mut overlap: Overlap,
    ) -> Overlap {
        self.pairs.lay_out(&self.numbers);
        self.cover(pairs_a, &mut overlap);
        overlap.a = side(a, &self.covered_a, |at| self.found.is_shared(self.numbers[at]));
        overlap.b = side(b, &self.covered_b, |at| self.others[at] != NONE);
        // Stems of a's title have the lowest numbers.
        let titled = self.numbers[..a.title].iter().max().map_or(0, |&last| last + 1);
        let in_both = self.others[..b.title].iter().zip(&b.weights).filter(|&(&number, _)| number < titled);
        overlap.title_sum = in_both.map(|(_, &weight)| u64::from(weight)).sum();
        overlap
    }

    /// Replaces `sampled` by those of the pairs shared in the last comparison that are in the sample, with their
    /// weights.
    pub(crate) fn sampled(&mut self, weights: &PairWeights, sampled: &mut Vec<(u64, u8)>) {
        let pairs = &mut self.pairs;
        if !std::mem::replace(&mut pairs.are_sampled, true) {
            pairs.hashes(&self.stems);
            let hashed = (0..).zip(pairs.hashes.iter().copied());
            pairs.sampled.clear();
            pairs.sampled.extend(hashed.filter(|&(_, hash)| is_sampled(hash)));
        }
        sampled.clear();
        let shared = pairs.sampled.iter().filter(|own| pairs.found.is_shared(own.0));
        sampled.extend(shared.map(|&(number, hash)| (hash, weights.weights[number as usize])));
    }

    /// Finds the pairs that both have, and the runs of neighbours.
    fn cover(&mut self, weights: &PairWeights, overlap: &mut Overlap) {
        let pairs = &mut self.pairs;
        pairs.found.clear(pairs.keys.len() - 1);
        self.covered_b.clear();
        self.covered_b.resize(self.others.len(), 0);
        // The run of neighbours that are neighbours in the probe too: its length, and where in the probe the
        // position in hand stands in line with it.
        let (mut run, mut line) = (0, NONE);
        for i in 0..self.others.len() {
            let mut neighbour = NONE;
            if let Some(of_line) = pairs.all_in_line(&self.numbers, line, &self.others[i..]) {
                of_line.iter().for_each(|&pair| pairs.found.mark_first(pair, SHARED | SAME));
                self.covered_b[i..][..=PAIR_DISTANCE].fill(1);
                neighbour = line;
            } else if self.others[i] != NONE {
                let first = self.others[i];
                for (behind, &second) in self.others[i + 1..].iter().take(PAIR_DISTANCE).enumerate() {
                    if second == NONE || second == first {
                        continue;
                    }
                    let in_line = line != NONE && self.numbers.get(line as usize + 1 + behind) == Some(&second);
                    let pair = match in_line {
                        true => pairs.at[line as usize][behind],
                        false => pairs.find(first, second),
                    };
                    // Whether it is one no processor can guess: what is none is marked as well.
                    let known = pair.wrapping_add(1) as usize;
                    self.covered_b[i] |= u8::from(pair != NONE);
                    self.covered_b[i + 1 + behind] |= u8::from(pair != NONE);
                    let same_order = pairs.orders[known] & order(first, second) != 0;
                    pairs.found.mark_first(pair, SHARED | (SAME * u8::from(same_order)));
                    if behind == 0 {
                        neighbour = if in_line { line } else { pairs.neighbours[known][usize::from(first > second)] };
                    }
                }
            }
            run = match neighbour {
                NONE => 0,
                at if at == line => run + 1,
                _ => 1,
            };
            line = neighbour.saturating_add(1);
            overlap.bigrams += u32::from(neighbour != NONE);
            overlap.longest = overlap.longest.max(run);
        }
        pairs.found.end();
        for (marks, weights) in pairs.found.weighed(&weights.weights) {
            overlap.pairs += sum(marks, weights, |mark, _| mark & SHARED) as u32;
            overlap.pair_sum += sum(marks, weights, |mark, weight| masked(weight, mark & SHARED != 0));
            overlap.pair_squares += squares(marks, weights);
            overlap.rare_sum +=
                sum(marks, weights, |mark, weight| masked(weight, (mark & SHARED != 0) & (weight == RARE)));
            overlap.common_sum +=
                sum(marks, weights, |mark, weight| masked(weight, (mark & SHARED != 0) & (weight <= COMMON)));
            overlap.same_order_sum += sum(marks, weights, |mark, weight| masked(weight, mark & SAME != 0));
        }
        // Behind the last position there are no pairs.
        self.covered_a.clear();
        self.covered_a.resize(self.numbers.len() + PAIR_DISTANCE, 0);
        for (behind, covered) in pairs.at.iter().zip(0..) {
            let met = behind.map(|pair| u8::from(pairs.found.is_shared(pair)));
            let Some([own, others @ ..]) = self.covered_a[covered..].first_chunk_mut::<{ PAIR_DISTANCE + 1 }>() else {
                continue;
            };
            *own |= met.iter().fold(0, |any, met| any | met);
            others.iter_mut().zip(met).for_each(|(other, met)| *other |= met);
        }
        self.covered_a.truncate(self.numbers.len());
    }
}

/// The order of two stems by their numbers, as a bit.
fn order(first: u32, second: u32) -> u8 {
    1 << u8::from(first > second)
}

impl ProbePairs {
    fn key(first: u32, second: u32) -> u32 {
        first.min(second) << 16 | first.max(second)
    }

    fn hash(key: u32) -> u64 {
        (u64::from(key).wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> 32
    }

    /// The number of a pair, or [`NONE`].
    #[inline]
    fn find(&self, first: u32, second: u32) -> u32 {
        let key = Self::key(first, second);
        (self.table.find_behind(Self::hash(key), |at| self.keys[at] == key) as u32).wrapping_sub(1)
    }

    /// The hashes of the pairs, given the stems by their numbers.
    fn hashes(&mut self, stems: &[Stem]) -> &[u64] {
        let stem = |number: u32| stems[number as usize];
        let hash = |&key: &u32| pair(stem(key >> 16), stem(key & 0xFFFF));
        if self.hashes.is_empty() {
            self.hashes.extend(self.keys[1..].iter().map(hash));
        }
        &self.hashes
    }

    /// The pairs of the position of the probe that is in line, if what stands there and behind it stands in `others` as
    /// well, and all of them are pairs: so it is nearly everywhere in a copy.
    #[inline]
    fn all_in_line(&self, numbers: &[u32], line: u32, others: &[u32]) -> Option<[u32; PAIR_DISTANCE]> {
        let of_line = *self.at.get(line as usize)?;
        let own = numbers[line as usize..].first_chunk::<{ PAIR_DISTANCE + 1 }>()?;
        (own == others.first_chunk()? && !of_line.contains(&NONE)).then_some(of_line)
    }

    /// Lays out the pairs of an article, given the numbers of its stems, unless they are: of half the articles
    /// they are never asked for. Pairs are numbered as [`crate::shingle::DistinctPairs`] gives them.
    fn lay_out(&mut self, numbers: &[u32]) {
        if std::mem::replace(&mut self.laid_out, true) {
            return;
        }
        self.hashes.clear();
        self.are_sampled = false;
        let most = numbers.len() * PAIR_DISTANCE;
        self.table.clear(most);
        self.keys.clear();
        self.keys.reserve(1 + most);
        self.keys.push(NO_KEY);
        self.neighbours.clear();
        self.neighbours.reserve(1 + most);
        self.neighbours.push([NONE; 2]);
        self.orders.clear();
        self.orders.reserve(1 + most);
        self.orders.push(0);
        self.at.clear();
        for (i, &first) in numbers.iter().enumerate() {
            let mut at = [NONE; PAIR_DISTANCE];
            for (behind, &second) in numbers[i + 1..].iter().take(PAIR_DISTANCE).enumerate() {
                if first == second {
                    continue;
                }
                let key = Self::key(first, second);
                let next = self.keys.len() - 1;
                let known = self.table.find_or_put(Self::hash(key), next, |at| self.keys[1 + at] == key);
                if known.is_none() {
                    self.keys.push(key);
                    self.neighbours.push([NONE; 2]);
                    self.orders.push(0);
                }
                let number = known.unwrap_or(next);
                at[behind] = number as u32;
                self.orders[1 + number] |= order(first, second);
                let place = &mut self.neighbours[1 + number][usize::from(first > second)];
                if behind == 0 && *place == NONE {
                    *place = i as u32;
                }
            }
            self.at.push(at);
        }
    }
}

impl Overlap {
    /// The share of the shared pairs' weight that is of rare ones.
    pub(crate) fn rare_share(&self) -> f64 {
        self.rare_sum as f64 / self.pair_sum.max(1) as f64
    }
}

/// Sums over one article: `covered` has 1 for each position that is covered, `shared` tells which are shared.
fn side(prepared: &Prepared, covered: &[u8], shared: impl Fn(usize) -> bool) -> Side {
    // Sums of bytes without branches, which the compiler turns into vector instructions.
    let sum = |weights: &[u8]| weights.iter().map(|&w| u32::from(w)).sum::<u32>().into();
    let masked = |weights: &[u8], covered: &[u8]| {
        let of_covered = weights.iter().zip(covered).map(|(&w, &c)| u32::from(w & c.wrapping_neg()));
        of_covered.sum::<u32>().into()
    };
    let (title, body) = prepared.weights.split_at(prepared.title);
    let behind = &covered[prepared.title..];
    let lead = body.len().min(LEAD);
    Side {
        body: sum(body),
        covered: masked(body, behind),
        covered_stems: covered.iter().map(|&c| u32::from(c)).sum(),
        lead: sum(&body[..lead]),
        lead_covered: masked(&body[..lead], &behind[..lead]),
        title: sum(title),
        title_shared: title.iter().enumerate().filter(|&(at, _)| shared(at)).map(|(_, &w)| u64::from(w)).sum(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;

    use super::*;
    use crate::arabic::Form;
    use crate::shingle::{DistinctPairs, pairs};

    fn document(stems: &[u32]) -> Document {
        let forms = (0u8..).zip(stems).map(|(at, &s)| Form::numbered((s as u8 + at) % 3)).collect();
        Document { stems: stems.iter().map(|&s| Stem(s)).collect(), forms, ..Document::default() }
    }

    fn stem_weight(stem: Stem) -> u8 {
        (stem.0 * 37 % 200) as u8
    }

    fn pair_weight(hash: u64) -> u8 {
        hash as u8
    }

    fn prepared(document: &Document) -> (Prepared, PairWeights) {
        let weights = document.stems.iter().map(|&s| stem_weight(s)).collect();
        let pairs = DistinctPairs::default().of(&document.stems).iter().map(|&hash| pair_weight(hash)).collect();
        (Prepared::of_stems(weights), PairWeights { weights: pairs, ..PairWeights::default() })
    }

    /// Where each pair of the stems stands.
    fn places(stems: &[Stem]) -> BTreeMap<u64, Vec<(usize, usize)>> {
        let mut places: BTreeMap<u64, Vec<(usize, usize)>> = BTreeMap::new();
        pairs(stems, |first, second, hash| places.entry(hash).or_default().push((first, second)));
        places
    }

    proptest! {
        #[test]
        fn equals_sets_compared_one_by_one(texts in prop::collection::vec(prop::collection::vec(0u32..25, 0..60), 2..5)) {
            // Every other one has the first within it, and so runs in line with it.
            let within = |own: &Vec<u32>| [&own[..own.len() / 2], &texts[0], &own[own.len() / 2..]].concat();
            let texts = texts.iter().enumerate().map(|(at, own)| if at % 2 == 1 { within(own) } else { own.clone() });
            let documents: Vec<Document> = texts.map(|text| document(&text)).collect();
            let mut probe = Probe::default();
            let a = &documents[0];
            let (prepared_a, pairs_a) = prepared(a);
            for (number, b) in documents.iter().enumerate() {
                probe.lay_out(0, a, &prepared_a);
                let shared = probe.shared(b);
                let (prepared_b, _) = prepared(b);
                let found = probe.compare((&prepared_a, &pairs_a), &prepared_b, shared);

                let set = |d: &Document| d.stems.iter().copied().collect::<BTreeSet<_>>();
                let stems: u64 = set(a).intersection(&set(b)).map(|&s| u64::from(stem_weight(s))).sum();
                prop_assert_eq!(found.stem_sum, stems);
                let formed = |d: &Document| d.stems.iter().zip(&d.forms).map(|(&s, f)| (s, f.set())).collect::<BTreeSet<_>>();
                let same: BTreeSet<Stem> = formed(a).intersection(&formed(b)).map(|both| both.0).collect();
                let same: u64 = same.iter().map(|&s| u64::from(stem_weight(s))).sum();
                prop_assert_eq!(found.same_form_sum, same);
                let (in_a, in_b) = (places(&a.stems), places(&b.stems));
                let both: Vec<u64> = in_a.keys().copied().filter(|hash| in_b.contains_key(hash)).collect();
                prop_assert_eq!(found.pairs as usize, both.len(), "document {}", number);
                prop_assert_eq!(found.pair_sum, both.iter().map(|&hash| u64::from(pair_weight(hash))).sum::<u64>());
                let ordered = both.iter().filter(|hash| {
                    let (i, _) = *in_b[hash].iter().min().unwrap();
                    in_a[hash].iter().any(|&(first, _)| a.stems[first] == b.stems[i])
                });
                prop_assert_eq!(found.same_order_sum, ordered.map(|&hash| u64::from(pair_weight(hash))).sum::<u64>());
                let mut sampled = Vec::new();
                probe.sampled(&pairs_a, &mut sampled);
                sampled.sort_unstable();
                let in_sample = both.iter().filter(|&&hash| is_sampled(hash));
                prop_assert_eq!(sampled, in_sample.map(|&hash| (hash, pair_weight(hash))).collect::<Vec<_>>());
                for (side, document, places) in [(found.a, a, &in_a), (found.b, b, &in_b)] {
                    let covered: BTreeSet<usize> =
                        both.iter().flat_map(|hash| &places[hash]).flat_map(|&(i, j)| [i, j]).collect();
                    let weight: u64 = covered.iter().map(|&i| u64::from(stem_weight(document.stems[i]))).sum();
                    prop_assert_eq!((side.covered_stems as usize, side.covered), (covered.len(), weight));
                }
                let neighbours = |d: &Document| {
                    d.stems.windows(2).filter(|w| w[0] != w[1]).map(|w| (w[0], w[1])).collect::<Vec<_>>()
                };
                let in_probe: BTreeSet<_> = neighbours(a).into_iter().collect();
                let bigrams = neighbours(b).into_iter().filter(|n| in_probe.contains(n)).count();
                prop_assert_eq!(found.bigrams as usize, bigrams);
            }
        }
    }
}
