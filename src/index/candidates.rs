//! The candidates: all pairs that rare shingles propose, and those that bands propose among the articles of
//! which rare shingles say little; each once.

use std::ops::Range;

use rayon::prelude::*;

use super::bands::Bands;
use super::config::{Cut, IndexConfig, Pair};
use super::lsh;
use super::parts::{Dealing, Gathered, Parts};
use super::rare::Rare;
use crate::error::{Error, Result};
use crate::parallel::Balanced;
use crate::spool::Memory;

/// The pairs of articles worth comparing, and what was left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Candidates {
    /// Each pair once, in ascending order.
    pub pairs: Vec<Pair>,
    /// What the bounds of [`IndexConfig`] left out.
    pub cut: Cut,
}

impl Candidates {
    /// Finds the candidates among articles 0..n.
    ///
    /// `samples` has the sampled shingles of each article, in any order. `signature(article)` is asked, at
    /// most once and by several threads, of the articles of which rare shingles say little: `config.k`
    /// values, or `None` for an article without shingles. A pair is stored only if `admit(a, b)`, `a < b`,
    /// which must always answer the same for a pair; it may be asked several times, by several threads.
    /// Memory is linear in the articles, their samples and the pairs; bands propose at most
    /// `max_bucket / 2` or `hubs + neighbours` pairs per article and band.
    ///
    /// # Errors
    /// [`Error::Config`] if no bands of `config.k` values reach the recall asked for (see
    /// [`Bands::choose`]), if there are more than 2^32 articles, or if a signature is not `config.k` long.
    pub fn find<S, T>(
        samples: &[T],
        signature: impl Fn(usize) -> Option<S> + Sync,
        config: &IndexConfig,
        admit: impl Fn(u32, u32) -> bool + Sync,
    ) -> Result<Self>
    where
        S: AsRef<[u32]> + Send + Sync,
        T: AsRef<[u64]> + Sync,
    {
        if u32::try_from(samples.len()).is_err() {
            return Err(refuse("number of articles", samples.len(), format!("at most {}", u32::MAX)));
        }
        let memory = Memory::default();
        let sizes: Vec<u32> = samples.iter().map(|sample| sample.as_ref().len() as u32).collect();
        let dealing = Dealing::new(sizes.iter().map(|&size| u64::from(size)).sum(), &memory);
        (0u32..u32::MAX).zip(samples).collect::<Vec<_>>().par_chunks(ARTICLES).balanced().for_each(|some| {
            let mut gathered = Gathered::default();
            some.iter()
                .for_each(|&(article, sample)| dealing.add(&mut gathered, article, sample.as_ref().iter().copied()));
            dealing.deal(&mut gathered);
        });
        let days = vec![None; samples.len()];
        let search = Search::new(dealing.finish()?, sizes, days, signature, config, &memory, &admit)?;
        let blocks = search.blocks().map(|block| search.pairs(block, &admit)).collect::<Result<Vec<_>>>()?;
        Ok(Self { pairs: blocks.concat(), cut: search.cut })
    }
}

/// Articles whose keys are gathered before they are dealt.
const ARTICLES: usize = 1 << 8;

/// The search for candidates, block by block.
pub(crate) struct Search<'c> {
    config: &'c IndexConfig,
    rare: Rare,
    /// What bands propose, ascending.
    words: Vec<lsh::Word>,
    memory: Memory,
    pub(crate) cut: Cut,
}

impl<'c> Search<'c> {
    /// Among articles of which so many shingles are sampled, which `parts` holds; the rest as in [`Candidates::find`].
    ///
    /// # Errors
    /// Those of [`Candidates::find`], and [`Error::Io`] if what was put aside cannot be read.
    pub(crate) fn new<S: AsRef<[u32]> + Send + Sync>(
        parts: Parts,
        sizes: Vec<u32>,
        days: Vec<Option<i64>>,
        signature: impl Fn(usize) -> Option<S> + Sync,
        config: &'c IndexConfig,
        memory: &Memory,
        admit: &(impl Fn(u32, u32) -> bool + Sync),
    ) -> Result<Search<'c>> {
        let bands = Bands::choose(config.k, config.similarity, config.recall)?;
        let rare = Rare::new(&parts, sizes, days, config, memory)?;
        drop(parts);
        let mut cut = Cut { shingles_over_df: rare.over_df, ..Cut::default() };
        let keys = band_keys(&rare.blind, signature, bands, config.k, memory)?;
        let words = lsh::pairs(&keys, config, admit, &mut cut)?;
        Ok(Search { config, rare, words, memory: memory.clone(), cut })
    }

    /// Blocks of articles that can be searched within the memory there is.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = Range<u32>> + use<> {
        self.rare.blocks(self.words.len(), self.memory.bytes() / 8)
    }

    /// The candidates whose earlier article is in `block`, ascending.
    ///
    /// # Errors
    /// [`Error::Io`] if what was put aside cannot be read.
    pub(crate) fn pairs(&self, block: Range<u32>, admit: &(impl Fn(u32, u32) -> bool + Sync)) -> Result<Vec<Pair>> {
        let from = |article: u32| self.words.partition_point(|&word| lsh::unpack(word).0 < article);
        let words = &self.words[from(block.start)..from(block.end)];
        Ok(union(words, &self.rare.pairs(block, self.config, admit)?))
    }
}

/// The keys of the bands of some articles.
fn band_keys<S: AsRef<[u32]>>(
    articles: &[u32],
    signature: impl Fn(usize) -> Option<S> + Sync,
    bands: Bands,
    k: usize,
    memory: &Memory,
) -> Result<Parts> {
    let dealing = Dealing::new((articles.len() * bands.bands) as u64, memory);
    articles.par_chunks(ARTICLES).balanced().try_for_each_init(Gathered::default, |gathered, some| {
        for &article in some {
            let Some(signature) = signature(article as usize) else { continue };
            let values = signature.as_ref();
            if values.len() != k {
                return Err(refuse("signature length", values.len(), format!("{k} values")));
            }
            dealing.add(gathered, article, bands.keys(values));
        }
        dealing.deal(gathered);
        Ok(())
    })?;
    dealing.finish()
}

fn refuse(what: &str, found: usize, expected: String) -> Error {
    Error::Config { what: what.into(), found: found.to_string(), expected }
}

/// Merges two ascending lists of pairs; a pair in both keeps its count of shared shingles.
fn union(words: &[lsh::Word], rare: &[Pair]) -> Vec<Pair> {
    let mut pairs = Vec::with_capacity(words.len().max(rare.len()));
    let mut rare = rare.iter().copied().peekable();
    for &word in words {
        let (a, b) = lsh::unpack(word);
        while let Some(pair) = rare.next_if(|pair| (pair.a, pair.b) < (a, b)) {
            pairs.push(pair);
        }
        let both = rare.next_if(|pair| (pair.a, pair.b) == (a, b));
        pairs.push(both.unwrap_or(Pair::of(a, b)));
    }
    pairs.extend(rare);
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::minhash::{MinHasher, Scaled};
    use crate::shingle::mask;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    type Input = (Vec<Option<Box<[u32]>>>, Vec<Vec<u64>>);

    /// Articles that share runs of shingles with the ones before them, and a few empty ones.
    fn articles(n: u64) -> Input {
        let hasher = MinHasher::new(128, 1).unwrap();
        let scaled = Scaled::new(4).unwrap();
        (0..n)
            .map(|article| {
                let from = mask(article) % 40 * 30;
                let len = if article % 17 == 5 { 0 } else { 60 + mask(article) % 50 };
                let own = (0..len / 3).map(|i| mask(article << 32 | i));
                let shingles: Vec<u64> = (from..from + len).map(mask).chain(own).collect();
                let sample = shingles.iter().copied().filter(|&s| scaled.keep(s)).collect();
                (hasher.signature(&shingles), sample)
            })
            .unzip()
    }

    fn pair(a: u32, b: u32, shared: u16) -> Pair {
        Pair { a, b, shared, smaller: 9 * shared.min(1) }
    }

    #[test]
    fn nothing_from_nothing() {
        let config = IndexConfig::default();
        let samples: &[Vec<u64>] = &[];
        let found = Candidates::find(samples, |_| None::<Vec<u32>>, &config, |_, _| true).unwrap();
        assert_eq!(found, Candidates::default());
        let empty = vec![None::<Vec<u32>>; 3];
        let found = Candidates::find(&vec![vec![]; 3], |i| empty[i].clone(), &config, |_, _| true).unwrap();
        assert_eq!(found, Candidates::default());
    }

    #[test]
    fn input_that_does_not_fit_is_refused() {
        let config = IndexConfig { k: 4, recall: 0.9, ..IndexConfig::default() };
        let found = Candidates::find(&[vec![], vec![]], |i| Some(vec![1; 4 - i]), &config, |_, _| true);
        assert!(found.unwrap_err().to_string().starts_with("signature length: found 3;"));
    }

    #[test]
    fn the_union_keeps_counts() {
        let words = [1u64 << 32 | 2, 1 << 32 | 5, 3 << 32 | 4];
        let rare = [pair(0, 9, 2), pair(1, 5, 3), pair(3, 8, 2)];
        let expected = [pair(0, 9, 2), pair(1, 2, 0), pair(1, 5, 3), pair(3, 4, 0), pair(3, 8, 2)];
        assert_eq!(union(&words, &rare), expected);
        assert_eq!(union(&[], &rare), rare);
    }

    #[test]
    fn the_number_of_threads_does_not_matter() {
        let (signatures, samples) = articles(1200);
        let config = IndexConfig { max_bucket: 6, ..IndexConfig::default() };
        let find = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| Candidates::find(&samples, |i| signatures[i].clone(), &config, |a, b| a ^ b != 1)).unwrap()
        };
        let one = find(1);
        assert!(one.pairs.len() > 1000 && one.cut.buckets > 0, "{:?}", one.cut);
        assert!(one.pairs.is_sorted_by(|x, y| (x.a, x.b) < (y.a, y.b)));
        assert!(one.pairs.iter().all(|p| p.a < p.b && p.a ^ p.b != 1));
        assert!(one.pairs.iter().any(|p| p.shared == 0) && one.pairs.iter().any(|p| p.shared > 1));
        for threads in [2, 5] {
            assert_eq!(find(threads), one);
        }
    }

    #[test]
    fn a_template_stays_linear() {
        // One text 100 000 times, in every band the same bucket.
        let n = 100_000u32;
        let hasher = MinHasher::new(128, 1).unwrap();
        let shingles: Vec<u64> = (0..50).map(mask).collect();
        let signature = hasher.signature(&shingles).unwrap();
        let signatures = vec![Some(&signature[..]); n as usize];
        let samples = vec![&shingles[..3]; n as usize];
        let config = IndexConfig::default();
        let found = Candidates::find(&samples, |i| signatures[i], &config, |_, _| true).unwrap();
        let proposed = found.pairs.len() as u64;
        assert!(proposed <= 6 * u64::from(n) && proposed > 5 * u64::from(n), "{proposed}");
        let all = u64::from(n) * u64::from(n - 1) / 2;
        let bands = Bands::choose(config.k, config.similarity, config.recall).unwrap().bands as u64;
        let expected = Cut { buckets: bands, pairs_not_proposed: bands * (all - proposed), shingles_over_df: 3 };
        assert_eq!(found.cut, expected);
    }

    proptest! {
        #[test]
        fn is_the_union_of_both_ways(
            texts in prop::collection::vec(
                (prop::collection::vec(0..3u32, 8), prop::collection::btree_set(0..60u64, 0..10)), 0..40),
            refused in 0..7u32,
        ) {
            let (signatures, samples): (Vec<_>, Vec<_>) =
                texts.into_iter().map(|(signature, sample)| (Some(signature), Vec::from_iter(sample))).unzip();
            let config = IndexConfig {
                k: 8, similarity: 0.7, recall: 0.5, max_df: 6, min_containment: 0.0, ..IndexConfig::default()
            };
            let admit = |a: u32, b: u32| (a + b) % 7 != refused;
            let bands = Bands::choose(8, 0.7, 0.5).unwrap();
            // The bands hear of those articles alone of which rare shingles say little: here of all.
            let all: Vec<u32> = (0..signatures.len() as u32).collect();
            let keys = band_keys(&all, |i| signatures[i].clone(), bands, 8, &Memory::default()).unwrap();
            let words = lsh::pairs(&keys, &config, &admit, &mut Cut::default()).unwrap();
            let mut expected: BTreeMap<(u32, u32), Pair> =
                words.into_iter().map(lsh::unpack).map(|(a, b)| ((a, b), Pair::of(a, b))).collect();
            // All pairs of articles with the rare shingles that they share.
            for (a, b) in (0..samples.len()).flat_map(|b| (0..b).map(move |a| (a, b))) {
                let df = |s: &u64| samples.iter().filter(|sample| sample.contains(s)).count();
                let shared: BTreeSet<u64> =
                    samples[a].iter().copied().filter(|s| samples[b].contains(s) && df(s) <= 6).collect();
                let rare = |a: usize| samples[a].iter().filter(|s| df(s) <= 6).count() as u16;
                let smaller = rare(a).min(rare(b));
                let (a, b, shared) = (a as u32, b as u32, shared.len() as u16);
                if shared >= config.min_shared && admit(a, b) {
                    expected.insert((a, b), Pair { a, b, shared, smaller });
                }
            }
            let expected: Vec<Pair> =
                expected.into_values().collect();
            let found = Candidates::find(&samples, |i| signatures[i].clone(), &config, admit).unwrap();
            prop_assert_eq!(found.pairs, expected);
        }
    }
}
