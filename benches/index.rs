//! What finding candidates costs: articles a second, on all threads (`RAYON_NUM_THREADS=1` for one).
//!
//! 16,000 synthetic articles of 600 shingles, 75 of them sampled. One shingle in four comes from a stock that
//! all articles draw on, the first of it most often, so that there are chance candidates and shingles too
//! common to count. Planted: families of four (the other three share 90, 50 and 20 % of the shingles of the
//! first), every eighth article the first of one, and one text copied 400 times with nearly everything
//! shared, which fills buckets beyond their bound.
//!
//! `find` is the whole; `bands` has no samples and `rare` no signatures, so that each is seen alone.

mod text;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use naskh::{Candidates, IndexConfig, MinHasher, Scaled};
use text::Random;

type Signature = Option<Box<[u32]>>;
type Sample = Box<[u64]>;

const SHINGLES: usize = 600;
const SAMPLED: u32 = 8;
const STOCK: usize = 200_000;
/// Shares of the first one's shingles that the others of a family have, in percent.
const FAMILY: [usize; 3] = [90, 50, 20];
const FIRST_IN: usize = 8;
/// Every so-manieth article is a copy of one text.
const COPIED: usize = 40;

/// The shingles of `count` articles, one after another.
struct Sets {
    random: Random,
    stock: Vec<u64>,
    copied: Vec<u64>,
    /// First of the present family.
    first: Vec<u64>,
}

impl Sets {
    fn new() -> Sets {
        let mut random = Random::new(7);
        let stock = (0..STOCK).map(|_| random.draw()).collect();
        let mut sets = Sets { random, stock, copied: Vec::new(), first: Vec::new() };
        sets.copied = (0..SHINGLES).map(|_| sets.shingle()).collect();
        sets
    }

    fn shingle(&mut self) -> u64 {
        if !self.random.one_in(4) {
            return self.random.draw();
        }
        // The smaller of three draws: the beginning of the stock comes more often.
        let place = (0..3).map(|_| self.random.place(STOCK)).min().unwrap_or(0);
        self.stock[place]
    }

    /// A set that has `percent` of the shingles of `of`, and as many new ones as it takes.
    fn like(&mut self, of: &[u64], percent: usize) -> Vec<u64> {
        let shingle = |&shingle: &u64| if self.random.place(100) < percent { shingle } else { self.shingle() };
        of.iter().map(shingle).collect()
    }

    fn article(&mut self, number: usize) -> Vec<u64> {
        if number % COPIED == COPIED - 1 {
            let copied = std::mem::take(&mut self.copied);
            let set = self.like(&copied, 98);
            self.copied = copied;
            return set;
        }
        match number % FIRST_IN {
            0 => self.first = (0..SHINGLES).map(|_| self.shingle()).collect(),
            place if place <= FAMILY.len() => {
                let first = std::mem::take(&mut self.first);
                let set = self.like(&first, FAMILY[place - 1]);
                self.first = first;
                return set;
            }
            _ => return (0..SHINGLES).map(|_| self.shingle()).collect(),
        }
        self.first.clone()
    }
}

#[allow(clippy::expect_used, reason = "these settings are in range")]
fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let articles = text::size(16_000, 200);
    let hasher = MinHasher::new(MinHasher::DEFAULT_K, 1).expect("a hasher");
    let scaled = Scaled::new(SAMPLED).expect("a sample");
    let mut sets = Sets::new();
    let (signatures, samples): (Vec<Signature>, Vec<Sample>) = (0..articles)
        .map(|number| {
            let set = sets.article(number);
            let sample = set.iter().copied().filter(|&shingle| scaled.keep(shingle)).collect();
            (hasher.signature(&set), sample)
        })
        .unzip();
    let no_signatures: Vec<Signature> = vec![None; articles];
    let no_samples: Vec<Sample> = vec![Box::default(); articles];

    let config = IndexConfig::default();
    let mut group = criterion.benchmark_group("index");
    group.sample_size(10).throughput(Throughput::Elements(articles as u64));
    for (name, signatures, samples) in
        [("find", &signatures, &samples), ("bands", &signatures, &no_samples), ("rare", &no_signatures, &samples)]
    {
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                black_box(Candidates::find(samples, |i| signatures[i].as_deref(), &config, |_, _| true)).map(drop)
            });
        });
    }
    group.finish();
    criterion.final_summary();
}
