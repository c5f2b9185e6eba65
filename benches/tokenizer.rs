//! What the tokenizer costs: bytes of text a second, on one thread.
//!
//! Three passes over the same texts, so that the ratios show: `tokens` is the tokenizer (folding, sentences,
//! numbers, stems, fingerprint); `unicode_words` finds words by UAX #29 with unicode-segmentation and does
//! nothing else; `utf8` is the standard library's validation, which every reader pays once.
//!
//! Texts: 2,000 made articles (about 8 MB), or those of the file that `NASKH_BENCH_JSONL` names.

mod text;

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use naskh::{Token, Tokenizer};
use unicode_segmentation::UnicodeSegmentation;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let articles = text::articles(text::size(2_000, 20));
    let texts: Vec<String> = articles.iter().map(|article| format!("{}\n{}", article.title, article.text)).collect();

    let mut group = criterion.benchmark_group("tokenizer");
    group.sample_size(20).throughput(Throughput::Bytes(texts.iter().map(|text| text.len() as u64).sum()));
    group.bench_function("tokens", |bencher| {
        let tokenizer = Tokenizer::new();
        let mut tokens: Vec<Token> = Vec::new();
        bencher.iter(|| {
            for text in &texts {
                black_box(tokenizer.tokens(text, &mut tokens));
                black_box(&tokens);
            }
        });
    });
    group.bench_function("unicode_words", |bencher| {
        bencher.iter(|| texts.iter().map(|text| black_box(text).unicode_words().count()).sum::<usize>());
    });
    group.bench_function("utf8", |bencher| {
        bencher.iter(|| texts.iter().all(|text| std::str::from_utf8(black_box(text.as_bytes())).is_ok()));
    });
    group.finish();
    criterion.final_summary();
}
