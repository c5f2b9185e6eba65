//! The knobs of the index and the plain types of its result.

/// What to propose as a candidate.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexConfig {
    /// The Jaccard similarity at which bands should find a pair, over 0 up to 1.
    pub similarity: f64,
    /// The least probability of finding a pair of that similarity, over 0 up to 1.
    pub recall: f64,
    /// Values per signature.
    pub k: usize,
    /// In a bucket of a band with at most so many articles all pairs are proposed.
    pub max_bucket: usize,
    /// In a larger bucket every article is proposed with the first so many of the bucket ...
    pub hubs: usize,
    /// ... and with the next so many after it.
    pub neighbours: usize,
    /// Rare shingles that two articles must share; 0 counts as 1.
    pub min_shared: u16,
    /// Share of the smaller article's shingles that two articles should have in common, besides
    /// [`IndexConfig::min_shared`]; they are proposed unless their samples speak against it by more than two
    /// standard deviations. Of a long article, two shingles say little.
    pub min_containment: f64,
    /// The same of the larger article's shingles.
    pub min_resemblance: f64,
    /// Where at least one in so many of an article's sampled shingles is not rare, bands are asked about it as well. Two
    /// articles of a Jaccard similarity of 0.6 share at least that much of either: if less than a third of it is not rare,
    /// a quarter is rare and shared, which is enough, but for copies, of which more is asked.
    pub one_common_in: u32,
    /// A sampled shingle in more articles than this is not rare.
    pub max_df: u16,
    /// Such a one is still rare in its time, a period of four days, unless in more of that time's articles than this.
    pub max_df_in_time: u16,
}

/// With fewer sampled shingles than this, chance decides whether enough of them are shared.
pub(crate) const FEW: u32 = 16;

impl IndexConfig {
    /// Do the rare shingles say little of an article, of whose sampled ones so many are `common`?
    pub(crate) fn is_blind(&self, common: u32, sampled: u32) -> bool {
        sampled < FEW || common.saturating_mul(self.one_common_in) >= sampled
    }

    /// Could two articles, of which so many shingles are sampled, share [`IndexConfig::min_containment`] of the smaller
    /// one's and [`IndexConfig::min_resemblance`] of the larger one's, seeing that they share so many of those sampled? Yes
    /// up to two standard deviations of the sample.
    pub(crate) fn may_share_enough(&self, shared: u16, sizes: (u32, u32)) -> bool {
        let shared = f64::from(shared);
        let (smaller, larger) = (f64::from(sizes.0.min(sizes.1)), f64::from(sizes.0.max(sizes.1)));
        shared + 2.0 * shared.sqrt() >= (self.min_containment * smaller).max(self.min_resemblance * larger)
    }
}

impl Default for IndexConfig {
    fn default() -> Self {
        Self {
            similarity: 0.6,
            recall: 0.95,
            k: crate::minhash::MinHasher::DEFAULT_K,
            max_bucket: 16,
            hubs: 4,
            neighbours: 2,
            min_shared: 2,
            min_containment: 0.12,
            min_resemblance: 0.0,
            one_common_in: 3,
            max_df: 35,
            max_df_in_time: 8,
        }
    }
}

/// What to propose besides at level event: the articles most like each article.
#[derive(Clone, Debug, PartialEq)]
pub struct NeighbourConfig {
    /// Stems by which an article is looked up: its heaviest.
    pub keys: usize,
    /// A stem that more articles have than this, within the window around one, does not look that one up.
    pub max_df: usize,
    /// Neighbours of each article that are proposed.
    pub neighbours: usize,
    /// The least cosine of weighted stems, of those looked up, from 0 to 1.
    pub least_cosine: f64,
}

impl Default for NeighbourConfig {
    fn default() -> Self {
        Self { keys: 64, max_df: 256, neighbours: 20, least_cosine: 0.1 }
    }
}

/// Two articles worth comparing; ordered by `a`, then `b`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Pair {
    /// The earlier article.
    pub a: u32,
    /// The later article: `a < b`.
    pub b: u32,
    /// How many rare shingles they share (65535 stands for more); 0 for a pair that only bands
    /// found, which shares fewer than [`IndexConfig::min_shared`].
    pub shared: u16,
    /// How many rare shingles the one of the two has that has fewer; 0 where `shared` is.
    pub smaller: u16,
}

impl Pair {
    /// Two articles of which it is not known what shingles they share.
    pub fn of(a: u32, b: u32) -> Pair {
        Pair { a: a.min(b), b: a.max(b), shared: 0, smaller: 0 }
    }
}

/// What the bounds on large buckets and common shingles left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// Buckets in which not all pairs were proposed, counted over all bands: a group of articles
    /// that falls into one bucket in every band counts once for each.
    pub buckets: u64,
    /// Pairs that those buckets did not propose, counted over all bands before union: another band
    /// or the rare shingles may have proposed the same pair. Pairs that the caller's filter refused
    /// are not counted.
    pub pairs_not_proposed: u64,
    /// Different sampled shingles found in more than [`IndexConfig::max_df`] articles (and in two), whether or not they
    /// are rare in their time.
    pub shingles_over_df: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_are_asked_where_little_or_common_is_sampled() {
        let config = |one_common_in| IndexConfig { one_common_in, ..IndexConfig::default() };
        for (one_common_in, common, sampled, blind) in [
            (3, 0, 15, true),
            (3, 0, 16, false),
            (3, 29, 90, false),
            (3, 30, 90, true),
            (5, 17, 90, false),
            (5, 18, 90, true),
            (5, u32::MAX, u32::MAX, true),
        ] {
            let found = config(one_common_in).is_blind(common, sampled);
            assert_eq!(found, blind, "{common} of {sampled}, one in {one_common_in}");
        }
    }

    #[test]
    fn what_the_sample_speaks_against_by_two_deviations_is_not_enough() {
        let config = |min_containment, min_resemblance| IndexConfig {
            min_containment,
            min_resemblance,
            ..IndexConfig::default()
        };
        // 16 shared may stand for 24, 9 for 15.
        for (config, shared, sizes, enough) in [
            (config(0.5, 0.0), 16, (48, 900), true),
            (config(0.5, 0.0), 16, (49, 900), false),
            (config(0.5, 0.6), 16, (30, 40), true),
            (config(0.5, 0.6), 16, (30, 41), false),
            (config(0.5, 0.6), 9, (40, 10), false),
            (config(0.0, 0.0), 1, (900, 900), true),
        ] {
            assert_eq!(config.may_share_enough(shared, sizes), enough, "{shared} of {sizes:?}");
            assert_eq!(config.may_share_enough(shared, (sizes.1, sizes.0)), enough);
        }
    }
}
