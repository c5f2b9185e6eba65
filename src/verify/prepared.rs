//! An article made ready for comparison: the weight of each stem, and the sums that ratios are taken of.

use std::sync::OnceLock;

use super::counts::Weights;
use crate::arabic::{Stem, weekdays};
use crate::prefetch::with_later;
use crate::shingle::{Document, Places};

/// Stems at the head of the body that count as its lead.
pub(crate) const LEAD: usize = 40;

/// The weights of one article. Sums are over different stems and different pairs.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// One a stem of the document, in order.
    pub(crate) weights: Box<[u8]>,
    pub(crate) stem_sum: u64,
    pub(crate) stem_squares: u64,
    /// Different numbers.
    pub(crate) numbers: u32,
    /// Stems of the title.
    pub(crate) title: usize,
    /// The days of the week that title and lead name, as bits.
    pub(crate) weekdays: u8,
    /// Weighed when first asked for: of half the candidates the stems are enough.
    pairs: OnceLock<PairWeights>,
}

/// Scratch space to tell which stems have come before; reused from article to article.
#[derive(Default)]
pub(crate) struct SeenStems {
    table: Places,
    stems: Vec<Stem>,
}

/// The weights of the different pairs of one article.
#[derive(Debug, Default)]
pub(crate) struct PairWeights {
    /// In the order of first occurrence.
    pub(crate) weights: Box<[u8]>,
    pub(crate) sum: u64,
    pub(crate) squares: u64,
}

impl Prepared {
    /// With nothing but weights of stems.
    #[cfg(test)]
    pub(crate) fn of_stems(weights: Box<[u8]>) -> Prepared {
        Prepared { weights, ..Prepared::default() }
    }

    /// Weighs the stems of `document`.
    pub(crate) fn new(document: &Document, weights: &Weights, seen: &mut SeenStems) -> Prepared {
        let weight = |(&stem, later): (&Stem, Option<&Stem>)| {
            if let Some(&later) = later {
                weights.prefetch(later);
            }
            weights.stem(stem)
        };
        let own: Box<[u8]> = with_later(&document.stems).map(weight).collect();
        let title = document.title_len();
        let head = document.stems.iter().copied().zip(document.forms.iter().copied()).take(title + LEAD);
        let mut prepared = Prepared { title, weekdays: weekdays(head), weights: own, ..Prepared::default() };
        seen.table.clear(document.stems.len());
        seen.stems.clear();
        for (&stem, &weight) in document.stems.iter().zip(&prepared.weights) {
            let (next, weight) = (seen.stems.len(), u64::from(weight));
            if seen.table.find_or_put(u64::from(stem.0), next, |at| seen.stems[at] == stem).is_none() {
                seen.stems.push(stem);
                prepared.stem_sum += weight;
                prepared.stem_squares += weight * weight;
                prepared.numbers += u32::from(stem.is_number());
            }
        }
        prepared
    }

    /// The weights of the pairs of the document it was made of, which `pairs` gives, the different ones in the order of first
    /// occurrence.
    pub(crate) fn pairs<'p>(&self, weights: &Weights, pairs: impl FnOnce() -> &'p [u64]) -> &PairWeights {
        self.pairs.get_or_init(|| {
            let own = weights.pairs(pairs());
            let all = own.iter().map(|&weight| u64::from(weight));
            PairWeights { sum: all.clone().sum(), squares: all.map(|weight| weight * weight).sum(), weights: own }
        })
    }
}
