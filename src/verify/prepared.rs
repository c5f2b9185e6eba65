//! An article made ready for comparison: the weight of each stem, and the sums that ratios are taken of.

use super::counts::Weights;
use crate::arabic::Stem;
use crate::shingle::{DistinctPairs, Document};

/// Stems at the head of the body that count as its lead.
pub(crate) const LEAD: usize = 40;

/// The weights of one article. Sums are over different stems and different pairs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Prepared {
    /// One a stem of the document, in order.
    pub(crate) weights: Box<[u8]>,
    pub(crate) stem_sum: u64,
    pub(crate) stem_squares: u64,
    pub(crate) pairs: u32,
    pub(crate) pair_sum: u64,
    pub(crate) pair_squares: u64,
    /// Different numbers.
    pub(crate) numbers: u32,
    /// Stems of the title.
    pub(crate) title: usize,
}

impl Prepared {
    /// Weighs `document`. `distinct` and `sorted` are scratch space.
    pub(crate) fn new(
        document: &Document,
        weights: &Weights,
        distinct: &mut DistinctPairs,
        sorted: &mut Vec<(Stem, u8)>,
    ) -> Prepared {
        let own: Box<[u8]> = document.stems.iter().map(|&stem| weights.stem(stem)).collect();
        sorted.clear();
        sorted.extend(document.stems.iter().copied().zip(own.iter().copied()));
        sorted.sort_unstable();
        sorted.dedup();
        let mut prepared = Prepared { title: document.title_len(), weights: own, ..Prepared::default() };
        for &(stem, weight) in sorted.iter() {
            let weight = u64::from(weight);
            prepared.stem_sum += weight;
            prepared.stem_squares += weight * weight;
            prepared.numbers += u32::from(stem.is_number());
        }
        for &pair in distinct.of(&document.stems) {
            let weight = u64::from(weights.pair(pair));
            prepared.pairs += 1;
            prepared.pair_sum += weight;
            prepared.pair_squares += weight * weight;
        }
        prepared
    }
}
