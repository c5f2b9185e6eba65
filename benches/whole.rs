//! What a run costs from the file to the groups, on all threads (`RAYON_NUM_THREADS=1` for one).
//!
//! `read` opens a JSONL file, reads, tokenises and strips furniture: bytes a second. `group` takes the corpus
//! from there to groups: articles a second. The file is in the system's cache after the first pass, so no
//! disk is measured.
//!
//! Articles: 8,000 made ones (about 31 MB) in a temporary file, or the file that `NASKH_BENCH_JSONL` names.

mod text;

use std::fs;
use std::hint::black_box;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use criterion::{Criterion, Throughput};
use naskh::{Article, Config, Corpus, Detector, ReadOptions};

fn write(articles: &[Article], path: &Path) -> io::Result<()> {
    let mut out = BufWriter::new(fs::File::create(path)?);
    for article in articles {
        let record = serde_json::json!({
            "id": article.id,
            "source": article.source,
            "date": article.date.map(|date| date.to_string()),
            "title": article.title,
            "text": article.text,
        });
        writeln!(out, "{record}")?;
    }
    out.flush()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut criterion = Criterion::default().configure_from_args();
    // Removed when it is dropped, at the end.
    let folder = tempfile::tempdir()?;
    let path = match text::given() {
        Some(path) => path,
        None => {
            let path = folder.path().join("articles.jsonl");
            write(&text::made(text::size(8_000, 60)), &path)?;
            path
        }
    };
    let inputs = [path];
    let options = ReadOptions::default();
    let corpus = Corpus::read(&inputs, &options)?;
    let detector = Detector::new(Config::default())?;

    let mut group = criterion.benchmark_group("whole");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(corpus.summary.bytes));
    group.bench_function("read", |bencher| bencher.iter(|| black_box(Corpus::read(&inputs, &options)).map(drop)));
    group.throughput(Throughput::Elements(corpus.len() as u64));
    group.bench_function("group", |bencher| bencher.iter(|| black_box(detector.group(&corpus)).map(drop)));
    group.finish();
    criterion.final_summary();
    Ok(())
}
