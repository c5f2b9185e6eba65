//! What sketches cost: shingles a second going in, and comparisons a second of what came out; one thread.
//!
//! `sign/N` makes signatures of 128 values of sets of N random shingles, N from a short note to a long
//! analysis; an element is a shingle, so nanoseconds a shingle are 1000 over the millions a second shown.
//! Below 128 shingles a bin most of the time goes into densification, so small sets cost more a shingle.
//! `sample/600` picks the scaled sample, one in 8, of such a set. `jaccard` compares two signatures,
//! `containment` two samples; there an element is a pair.

mod text;

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use naskh::{MinHasher, Scaled, containment, jaccard};
use text::Random;

/// Different sets gone through in turn, so that no branch is learnt by heart.
const SETS: usize = 32;
const SHINGLES: [usize; 4] = [100, 300, 600, 3_000];
/// Shingles of a usual article.
const USUAL: usize = 600;
const SAMPLED: u32 = 8;

fn sets(shingles: usize) -> Vec<Vec<u64>> {
    let mut random = Random::new(shingles as u64);
    // Each set has half of its shingles from one common stock.
    let stock: Vec<u64> = (0..shingles).map(|_| random.draw()).collect();
    let mut shingle = || if random.one_in(2) { *random.pick(&stock) } else { random.draw() };
    (0..SETS).map(|_| (0..shingles).map(|_| shingle()).collect()).collect()
}

#[allow(clippy::expect_used, reason = "these settings are in range")]
fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let hasher = MinHasher::new(MinHasher::DEFAULT_K, 1).expect("a hasher");
    let scaled = Scaled::new(SAMPLED).expect("a sample");

    let mut group = criterion.benchmark_group("signature");
    for shingles in SHINGLES {
        let sets = sets(shingles);
        let mut out = vec![0; hasher.k()];
        group.throughput(Throughput::Elements((SETS * shingles) as u64));
        group.bench_function(BenchmarkId::new("sign", shingles), |bencher| {
            bencher.iter(|| {
                for set in &sets {
                    black_box(hasher.sign(black_box(set), &mut out));
                    black_box(&out);
                }
            });
        });
    }

    let sets = sets(USUAL);
    let sample = |set: &Vec<u64>| set.iter().copied().filter(|&shingle| scaled.keep(shingle)).collect::<Vec<u64>>();
    group.throughput(Throughput::Elements((SETS * USUAL) as u64));
    group.bench_function(BenchmarkId::new("sample", USUAL), |bencher| {
        bencher.iter(|| sets.iter().for_each(|set| drop(black_box(sample(black_box(set))))));
    });

    group.throughput(Throughput::Elements((SETS - 1) as u64));
    let signatures: Vec<Box<[u32]>> = sets.iter().filter_map(|set| hasher.signature(set)).collect();
    group.bench_function("jaccard", |bencher| {
        bencher.iter(|| signatures.windows(2).map(|pair| jaccard(black_box(&pair[0]), &pair[1])).sum::<f64>());
    });
    let samples: Vec<Vec<u64>> = sets
        .iter()
        .map(|set| {
            let mut kept = sample(set);
            kept.sort_unstable();
            kept.dedup();
            kept
        })
        .collect();
    group.bench_function("containment", |bencher| {
        let share = |pair: &[Vec<u64>]| containment(black_box(&pair[0]), &pair[1]).unwrap_or(0.0);
        bencher.iter(|| samples.windows(2).map(share).sum::<f64>());
    });
    group.finish();
    criterion.final_summary();
}
