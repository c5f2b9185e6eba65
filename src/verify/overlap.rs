//! What two articles have in common, counted and weighed once, for all features to draw on.
//!
//! One article, the probe, is laid out in tables; others are run past it. A stem that both have is
//! *shared*; a stem of a pair that both have is *covered*: its neighbourhood is in the other article too.
//! Words that were copied agree further than in their stems: in their forms, and in their order.

use super::counts::is_sampled;
use super::prepared::{LEAD, PairWeights, Prepared};
use crate::arabic::Stem;
use crate::shingle::{Document, PAIR_DISTANCE, Stamped, pair, pairs};

/// A pair of this weight, the highest, is rare: at most one article in 1,000 has it.
const RARE: u8 = u8::MAX;
/// A pair of at most this weight is common: one article in 60 or more.
const COMMON: u8 = 150;
const SHARED: u8 = 1;
const COVERED: u8 = 2;
/// Of a stem that both have in the same form.
const SAME_FORM: u8 = 4;

/// A pair of the probe.
#[derive(Clone, Copy, Debug, Default)]
struct ProbePair {
    /// One more than its last occurrence; others are chained.
    place: u32,
    /// The comparison it was last met in.
    met: u32,
    /// Its place among the article's different pairs.
    number: u32,
}

/// One occurrence of a pair.
#[derive(Clone, Copy)]
struct Place {
    first: u32,
    second: u32,
    /// One more than the occurrence before it; 0 if it is the first.
    before: u32,
}

fn stem_key(stem: Stem) -> u64 {
    u64::from(stem.0).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// One article laid out for comparison, with scratch space. Reused from article to article.
#[derive(Default)]
pub(crate) struct Probe {
    /// The article that is laid out.
    article: Option<u32>,
    /// One more than the last position of each stem; earlier ones are chained in `same`.
    stems: Stamped<u32>,
    same: Vec<u32>,
    /// The forms of the same stem up to each position; at the last one they are all.
    forms: Vec<u64>,
    pairs_laid_out: bool,
    pairs: Stamped<ProbePair>,
    places: Vec<Place>,
    comparison: u32,
    /// Those of the shared pairs that are in the sample, with their weights.
    sampled: Vec<(u64, u8)>,
    flags_a: Vec<u8>,
    flags_b: Vec<u8>,
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
    /// Lays out `document`, which is article number `article`, unless that is laid out already.
    pub(crate) fn lay_out(&mut self, article: u32, document: &Document) {
        if self.article.replace(article) == Some(article) {
            return;
        }
        self.stems.clear(document.stems.len());
        self.same.clear();
        self.forms.clear();
        self.comparison = 0;
        self.pairs_laid_out = false;
        for ((position, &stem), form) in (1u32..).zip(&document.stems).zip(&document.forms) {
            let (last, _) = self.stems.entry(stem_key(stem));
            let before = std::mem::replace(last, position);
            let others = if before == 0 { 0 } else { self.forms[before as usize - 1] };
            self.same.push(before);
            self.forms.push(others | form.set());
        }
    }

    /// Lays out the pairs too: of half the articles they are never asked for.
    fn lay_out_pairs(&mut self, document: &Document) {
        if std::mem::replace(&mut self.pairs_laid_out, true) {
            return;
        }
        self.pairs.clear(document.stems.len() * PAIR_DISTANCE);
        self.places.clear();
        let (table, places) = (&mut self.pairs, &mut self.places);
        let mut different = 0;
        pairs(&document.stems, |first, second, hash| {
            let (entry, new) = table.entry(hash);
            if new {
                entry.number = different;
                different += 1;
            }
            places.push(Place { first: first as u32, second: second as u32, before: entry.place });
            entry.place = places.len() as u32;
        });
    }

    /// First step of comparing the article laid out (`a`) with `b`: the sums over shared stems.
    pub(crate) fn shared(&mut self, a: &Prepared, b: &Document) -> Overlap {
        let mut overlap = Overlap::default();
        self.comparison += 1;
        self.mark_shared(a, b, &mut overlap);
        overlap
    }

    /// Second step, with the outcome of the first for the same two: everything else.
    pub(crate) fn compare(
        &mut self,
        (a, prepared_a, pairs_a): (&Document, &Prepared, &PairWeights),
        (b, prepared_b): (&Document, &Prepared),
        mut overlap: Overlap,
    ) -> Overlap {
        self.lay_out_pairs(a);
        self.sampled.clear();
        self.mark_covered((&a.stems, pairs_a), &b.stems, &mut overlap);
        overlap.a = side(prepared_a, &self.flags_a);
        overlap.b = side(prepared_b, &self.flags_b);
        let mut title_a = a.stems[..prepared_a.title].to_vec();
        title_a.sort_unstable();
        for (stem, &weight) in b.stems[..prepared_b.title].iter().zip(&prepared_b.weights) {
            if title_a.binary_search(stem).is_ok() {
                overlap.title_sum += u64::from(weight);
            }
        }
        overlap
    }

    /// Of the two compared last, the different shared pairs that are in the sample, with their weights.
    pub(crate) fn sampled(&self) -> &[(u64, u8)] {
        &self.sampled
    }

    fn mark_shared(&mut self, a: &Prepared, b: &Document, overlap: &mut Overlap) {
        self.flags_a.clear();
        self.flags_a.resize(self.same.len(), 0);
        self.flags_b.clear();
        self.flags_b.resize(b.stems.len(), 0);
        for ((flag, &stem), form) in self.flags_b.iter_mut().zip(&b.stems).zip(&b.forms) {
            let Some(&mut last) = self.stems.get_mut(stem_key(stem)) else {
                continue;
            };
            *flag = SHARED;
            let last = last as usize;
            let weight = u64::from(a.weights[last - 1]);
            if self.flags_a[last - 1] == 0 {
                overlap.stem_sum += weight;
                overlap.stem_squares += weight * weight;
                overlap.numbers += u32::from(stem.is_number());
                let mut next = last;
                while next > 0 {
                    self.flags_a[next - 1] = SHARED;
                    next = self.same[next - 1] as usize;
                }
            }
            if self.flags_a[last - 1] & SAME_FORM == 0 && self.forms[last - 1] & form.set() != 0 {
                self.flags_a[last - 1] |= SAME_FORM;
                overlap.same_form_sum += weight;
            }
        }
    }

    fn mark_covered(&mut self, a: (&[Stem], &PairWeights), b: &[Stem], overlap: &mut Overlap) {
        // The run of neighbours that are neighbours in the probe too: its length, and one more than where
        // its last one begins in the probe.
        let mut run = (0, 0);
        for i in 0..b.len() {
            let mut neighbour = None;
            if self.flags_b[i] != 0 {
                for j in i + 1..(i + 1 + PAIR_DISTANCE).min(b.len()) {
                    if self.flags_b[j] == 0 || b[i] == b[j] {
                        continue;
                    }
                    let hash = pair(b[i], b[j]);
                    let Some(found) = self.pairs.get_mut(hash) else {
                        continue;
                    };
                    self.flags_b[i] |= COVERED;
                    self.flags_b[j] |= COVERED;
                    let first = found.met != self.comparison;
                    found.met = self.comparison;
                    let number = found.number as usize;
                    let mut same_order = false;
                    let mut next = found.place as usize;
                    while next > 0 && (first || j == i + 1) {
                        let place = self.places[next - 1];
                        if first {
                            self.flags_a[place.first as usize] |= COVERED;
                            self.flags_a[place.second as usize] |= COVERED;
                            same_order |= a.0[place.first as usize] == b[i];
                        }
                        if j == i + 1 && place.second == place.first + 1 && a.0[place.first as usize] == b[i] {
                            // The one that continues the run, or else the first in the probe.
                            neighbour = neighbour.filter(|&n| n == run.1).or(Some(place.first));
                        }
                        next = place.before as usize;
                    }
                    if first {
                        let weight = a.1.weights[number];
                        overlap.add_pair(weight, same_order);
                        if is_sampled(hash) {
                            self.sampled.push((hash, weight));
                        }
                    }
                }
            }
            run = match neighbour {
                Some(at) if run.0 > 0 && at == run.1 => (run.0 + 1, at + 1),
                Some(at) => (1, at + 1),
                None => (0, 0),
            };
            overlap.bigrams += u32::from(neighbour.is_some());
            overlap.longest = overlap.longest.max(run.0);
        }
    }
}

impl Overlap {
    /// The share of the shared pairs' weight that is of rare ones.
    pub(crate) fn rare_share(&self) -> f64 {
        self.rare_sum as f64 / self.pair_sum.max(1) as f64
    }

    fn add_pair(&mut self, weight: u8, same_order: bool) {
        let w = u64::from(weight);
        self.pairs += 1;
        self.pair_sum += w;
        self.pair_squares += w * w;
        if weight == RARE {
            self.rare_sum += w;
        }
        if weight <= COMMON {
            self.common_sum += w;
        }
        if same_order {
            self.same_order_sum += w;
        }
    }
}

/// Sums over one article, from the flags of its stems.
fn side(prepared: &Prepared, flags: &[u8]) -> Side {
    let mut side = Side::default();
    let lead = prepared.title + LEAD;
    for (at, (&flag, &weight)) in flags.iter().zip(&prepared.weights).enumerate() {
        let weight = u64::from(weight);
        let covered = flag & COVERED != 0;
        side.covered_stems += u32::from(covered);
        if at < prepared.title {
            side.title += weight;
            side.title_shared += if flag & SHARED != 0 { weight } else { 0 };
            continue;
        }
        side.body += weight;
        side.covered += if covered { weight } else { 0 };
        if at < lead {
            side.lead += weight;
            side.lead_covered += if covered { weight } else { 0 };
        }
    }
    side
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
            let documents: Vec<Document> = texts.iter().map(|t| document(t)).collect();
            let mut probe = Probe::default();
            let a = &documents[0];
            let (prepared_a, pairs_a) = prepared(a);
            for (number, b) in documents.iter().enumerate() {
                probe.lay_out(0, a);
                let shared = probe.shared(&prepared_a, b);
                let (prepared_b, _) = prepared(b);
                let found = probe.compare((a, &prepared_a, &pairs_a), (b, &prepared_b), shared);

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
                let mut sampled = probe.sampled().to_vec();
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
