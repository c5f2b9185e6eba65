//! An index under load: `cargo bench --bench archive -- FILE [DAYS]` adds the articles of FILE (`-` for none: only opens
//! what is there) to an index in a folder of its own, their dates spread over DAYS, while a reader asks for articles of the
//! file, and prints what that took.
//!
//! Counted: articles a second of a writer that adds some thousand at a time with a commit each, as fast as it can, and at the
//! end 10 at a time, 500 a second; the time of single queries, from an article at hand to its matches: with pauses beside
//! either, without pauses beside the few at a time and when all has been added; opening and the first query of a new reader;
//! expiring a day; bytes by part.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program to measure with")]

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use naskh::{Article, Index, IndexSettings, IndexWriter, OnConflict, Timestamp, read_in_batches};

/// The first day.
const START: &str = "2026-01-01";
const SECONDS_A_DAY: i64 = 86_400;
/// One article in so many is asked for.
const ASKED: usize = 500;
/// So many articles at the end are added a few at a time, one turn after another.
const LAST: usize = 10_000;
const FEW: usize = 10;
const TURN: Duration = Duration::from_millis(20);
/// Between two queries: about as many as a newsroom asks, so that a writer keeps its processors.
const PAUSE: Duration = Duration::from_millis(50);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let Some(file) = arguments.first().map(PathBuf::from) else {
        println!("no FILE, nothing to do");
        return;
    };
    let days: i64 = arguments.get(1).map_or(30, |days| days.parse().unwrap());
    let count = std::cell::Cell::new(0usize);
    let mut asked: Vec<Article> = Vec::new();
    let keep = |articles: Vec<Article>| {
        for article in articles {
            if count.get().is_multiple_of(ASKED) {
                asked.push(Article { id: format!("asked {}", article.id), ..article });
            }
            count.set(count.get() + 1);
        }
        Ok::<(), naskh::Error>(())
    };
    read_in_batches(std::slice::from_ref(&file), &Default::default(), |article, _| article, keep).unwrap();
    let all = count.get();
    assert!(all > 2 * LAST, "too few articles: {all}");
    let folder = tempfile::tempdir_in(".").unwrap();
    let folder = folder.path().join("index");
    Index::create(&folder, &IndexSettings::default()).unwrap();
    let first = Timestamp::parse(START).unwrap().seconds();
    let dated = |number: usize| Timestamp::from_seconds(first + number as i64 * days * SECONDS_A_DAY / all as i64);
    let day = |number: i64| Timestamp::from_seconds(first + number * SECONDS_A_DAY).unwrap();

    // How many articles the writer has added.
    let reached = AtomicUsize::new(0);
    let beside = |pause: Duration, work: &mut dyn FnMut()| {
        let is_done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let reader = scope.spawn(|| {
                let mut index = Index::open(&folder).unwrap();
                let mut times = Vec::new();
                // As a process of its own has.
                let threads = rayon::ThreadPoolBuilder::new().build().unwrap();
                for article in asked.iter().cycle() {
                    if is_done.load(Ordering::Relaxed) {
                        break;
                    }
                    let article = Article { date: dated(reached.load(Ordering::Relaxed)), ..article.clone() };
                    times.push(timed(|| threads.install(|| drop(index.query(&article, day(days)).unwrap()))));
                    std::thread::sleep(pause);
                }
                times
            });
            work();
            is_done.store(true, Ordering::Relaxed);
            reader.join().unwrap()
        })
    };
    let mut writer = IndexWriter::open(&folder).unwrap();
    let mut last: Vec<Article> = Vec::new();
    let mut adding = Duration::ZERO;
    let beside_all = beside(PAUSE, &mut || {
        let mut number = 0;
        let add = |mut articles: Vec<Article>| {
            for article in &mut articles {
                article.date = dated(number);
                number += 1;
            }
            let kept_back = number.saturating_sub(all - LAST).min(articles.len());
            last.extend(articles.split_off(articles.len() - kept_back));
            adding += timed(|| drop(writer.add(articles, day(0), OnConflict::Refuse).unwrap()));
            reached.store(number, Ordering::Relaxed);
            Ok::<(), naskh::Error>(())
        };
        read_in_batches(std::slice::from_ref(&file), &Default::default(), |article, _| article, add).unwrap();
    });
    let (mut last, mut adding_few) = (last.into_iter(), Duration::ZERO);
    // After a pause the processors' caches hold other things; without one they are warm.
    let [beside_few, warm] = [PAUSE, Duration::ZERO].map(|pause| {
        beside(pause, &mut || {
            let begun = Instant::now();
            for turn in 1..=(LAST / FEW / 2) as u32 {
                let few: Vec<Article> = last.by_ref().take(FEW).collect();
                adding_few += timed(|| drop(writer.add(few, day(0), OnConflict::Refuse).unwrap()));
                std::thread::sleep((TURN * turn).saturating_sub(begun.elapsed()));
            }
        })
    });
    drop(writer);
    println!("articles    {all} over {days} days");
    println!(
        "added       {:.0} a second, {FEW} with a commit {:.0}",
        (all - LAST) as f64 / adding.as_secs_f64(),
        LAST as f64 / adding_few.as_secs_f64()
    );
    report("beside all", beside_all);
    report("beside few", beside_few);
    report("no pauses", warm);

    let mut index = None;
    println!("opened      {:.1} ms", millis(timed(|| index = Some(Index::open(&folder).unwrap()))));
    let mut index = index.unwrap();
    println!("first query {:.1} ms", millis(timed(|| drop(index.query(&asked[0], day(days)).unwrap()))));
    let mut queries = Vec::new();
    for (number, article) in asked.iter().enumerate() {
        let article = Article { date: dated(number * ASKED), ..article.clone() };
        queries.push(timed(|| drop(index.query(&article, day(days)).unwrap())));
    }
    report("alone", queries);
    let stats = index.stats().unwrap();
    println!("bytes       {:.0} an article", stats.bytes as f64 / stats.articles as f64);
    for part in &stats.parts {
        println!("  {:<10} {:.0}", part.name, part.bytes as f64 / stats.articles as f64);
    }
    let mut writer = IndexWriter::open(&folder).unwrap();
    println!("expired     {:.0} ms", millis(timed(|| _ = writer.expire(day(1)).unwrap())));
}

fn timed(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn report(name: &str, mut times: Vec<Duration>) {
    times.sort_unstable();
    let at = |share: f64| times.get((times.len() as f64 * share) as usize).map_or(f64::NAN, |&time| millis(time));
    let (median, late) = (at(0.5), at(0.99));
    println!("{name:<11} {} queries: median {median:.2} ms, 99 % within {late:.2} ms", times.len());
}
