//! What verification costs: pairs a second, on all threads (`RAYON_NUM_THREADS=1` for one).
//!
//! `Detector::score` over pairs of 2,000 made articles: `related` are all pairs that tell one story,
//! `unrelated` each article with ten that tell others. A call also counts and weighs the whole corpus once,
//! whatever the pairs; `none` is a call without pairs, to be taken off. Every pair gets all its features
//! here; when articles are grouped, most unrelated candidates are told apart by a cheap look before that,
//! which `whole` measures.

mod text;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use naskh::{Config, Corpus, Detector};

const UNRELATED: usize = 10;

#[allow(clippy::expect_used, reason = "made articles have different ids, and the settings are in range")]
fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let corpus = Corpus::of(text::made(text::size(2_000, 60))).expect("a corpus");
    let detector = Detector::new(Config::default()).expect("a detector");

    // Articles are numbered in the order of their ids, so those of one story follow each other.
    let story = |article: usize| &corpus.headers[article].id[..text::STORY];
    let mut related: Vec<(u32, u32)> = Vec::new();
    let mut unrelated: Vec<(u32, u32)> = Vec::new();
    for a in 0..corpus.len() {
        let same = (a + 1..corpus.len()).take_while(|&b| story(a) == story(b));
        related.extend(same.map(|b| (a as u32, b as u32)));
        let others = (a + 1..corpus.len()).filter(|&b| story(a) != story(b)).step_by(7).take(UNRELATED);
        unrelated.extend(others.map(|b| (a as u32, b as u32)));
    }

    let mut group = criterion.benchmark_group("verify");
    group.sample_size(10);
    for (name, pairs) in [("none", &Vec::new()), ("related", &related), ("unrelated", &unrelated)] {
        group.throughput(Throughput::Elements(pairs.len().max(1) as u64));
        group.bench_function(name, |bencher| bencher.iter(|| black_box(detector.score(&corpus, black_box(pairs)))));
    }
    group.finish();
    criterion.final_summary();
}
