//! What stands elsewhere, told from lists of the articles that have the sampled pairs of one: those of an index, which
//! keeps such lists anyway, where a corpus has its own ([`super::Elsewhere`]).

use super::elsewhere::{Best, LEAST, MOST, is_apart, share};

/// Lists of the other articles that have the sampled pairs of one article.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    /// Each pair, ascending, and where its list ends.
    ends: Vec<(u64, u32)>,
    articles: Vec<Other>,
}

/// An article in such a list: what tells it from others, and its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Other {
    pub(crate) article: u64,
    pub(crate) day: i64,
}

impl Listed {
    /// The most articles of a list that are of use; of a longer one none are.
    pub(crate) const MOST: usize = MOST as usize;

    /// Adds the list of a pair, which must come behind those before it.
    pub(crate) fn add(&mut self, pair: u64, articles: impl Iterator<Item = Other>) {
        self.articles.extend(articles);
        self.ends.push((pair, self.articles.len() as u32));
    }

    fn of(&self, pair: u64) -> &[Other] {
        let Ok(at) = self.ends.binary_search_by_key(&pair, |end| end.0) else { return &[] };
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before].1);
        &self.articles[start as usize..self.ends[at].1 as usize]
    }

    /// The share of the overlap of this article and another, of these days, that stands elsewhere, from 0 to 1: `pairs` are
    /// the sampled ones they share, with weights, `rare_share` the part of the whole weight that is of rare ones, and so
    /// many articles of the index could be witnesses.
    pub(crate) fn share(
        &self,
        pairs: &[(u64, u8)],
        rare_share: f64,
        days: (Option<i64>, Option<i64>),
        witnesses: impl FnOnce((i64, i64)) -> usize,
    ) -> f64 {
        let Some(days) = days.0.zip(days.1) else {
            return share(0, pairs, rare_share, Best::default);
        };
        share(witnesses(days), pairs, rare_share, || self.best(pairs, days))
    }

    /// What the best witnesses hold of `pairs`.
    fn best(&self, pairs: &[(u64, u8)], days: (i64, i64)) -> Best {
        let mut held: Vec<(u64, u32)> = Vec::new();
        for &(pair, weight) in pairs.iter().filter(|pair| pair.1 > 0) {
            let articles = self.of(pair);
            // With the article itself.
            if (usize::from(LEAST)..=Self::MOST).contains(&(articles.len() + 1)) {
                let witnesses = articles.iter().filter(|other| is_apart(other.day, days));
                held.extend(witnesses.map(|other| (other.article, u32::from(weight))));
            }
        }
        held.sort_unstable();
        let mut best = Best::default();
        held.chunk_by(|x, y| x.0 == y.0).for_each(|run| best.add(run.iter().map(|(_, weight)| weight).sum()));
        best
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Elsewhere;
    use super::super::counts::Counts;
    use super::super::elsewhere::APART;
    use super::super::elsewhere::tests::{document, sampled};
    use super::*;
    use crate::shingle::{Document, Documents};

    proptest! {
        /// A corpus of which all articles are counted says the same.
        #[test]
        fn equals_what_a_corpus_says(
            texts in prop::collection::vec((prop::collection::vec(0u32..12, 0..40), 0i64..9), 2..40),
        ) {
            let documents: Vec<Document> = texts.iter().map(|text| document(&text.0)).collect();
            let mut counts = Counts::of(&Documents::of(&documents), u64::MAX);
            let elsewhere = Elsewhere::new(&mut counts, |article| Some(texts[article].1));
            let own = sampled(&documents[0]);
            let mut listed = Listed::default();
            for &pair in &own {
                let others = (1..texts.len()).filter(|&other| sampled(&documents[other]).contains(&pair));
                listed.add(pair, others.map(|other| Other { article: other as u64, day: texts[other].1 }));
            }
            let days = (Some(texts[0].1), Some(texts[1].1));
            let pairs: Vec<(u64, u8)> =
                own.into_iter().filter(|p| sampled(&documents[1]).contains(p)).map(|p| (p, p as u8)).collect();
            let nobody = (&Documents::default(), std::iter::empty());
            let expected = elsewhere.share(&mut Default::default(), &pairs, 0.5, days, nobody);
            let spread = texts.iter().map(|text| text.1).max().zip(texts.iter().map(|text| text.1).min());
            let witnesses = |days| texts.iter().filter(|text| is_apart(text.1, days)).count();
            prop_assume!(spread.is_some_and(|(last, first)| last - first >= APART));
            let found = listed.share(&pairs, 0.5, days, witnesses);
            prop_assert!((found - expected).abs() < 1e-12, "{} for {}", found, expected);
        }
    }

    #[test]
    fn long_and_short_lists_are_no_sign() {
        let list = |articles: u64| {
            let mut listed = Listed::default();
            listed.add(7, (0..articles).map(|article| Other { article, day: 5 }));
            listed.share(&[(7, 100)], 0.0, (Some(0), Some(0)), |_| 4000)
        };
        assert_eq!([list(1), list(100)], [0.0, 0.0]);
        // Of two lists one witness, of many five.
        assert_eq!([list(2), list(99)], [0.4, 1.0]);
        // Nothing is known of other days.
        assert_eq!(Listed::default().share(&[(7, 100)], 0.0, (None, Some(0)), |_| 4000), 0.6);
    }
}
