//! What look-ups and writing take at the size the index is made for; printed, for docs/store.md.

use std::time::Instant;

use super::*;

const DAYS: i32 = 30;
const KEYS: u32 = 75;

/// Keys as of news: some that many have, most that few have.
fn news_keys(number: u32) -> Vec<u32> {
    let key = |i: u32| {
        let random = spread(number.wrapping_mul(KEYS).wrapping_add(i));
        if i.is_multiple_of(4) { random % 3_000 } else { random % 40_000_000 }
    };
    (0..KEYS).map(key).collect()
}

#[test]
#[ignore = "takes minutes, and means something only in a release build"]
fn a_million_articles() {
    let a_day = std::env::var("NASKH_TEST_A_DAY").map_or(33_334, |n| n.parse().unwrap());
    let folder = std::env::var("NASKH_TEST_STORE").map_or_else(|_| empty().keep(), Into::into);
    if !folder.join("index.sqlite").exists() {
        create(&folder, "settings", FINGERPRINT).unwrap();
    }
    let mut writer = open(&folder);
    let documents: Vec<u8> = (0..1u32 << 20).map(|i| spread(i) as u8).collect();
    if writer.sequence() == 0 {
        let start = Instant::now();
        for number in 0..a_day * DAYS as u32 {
            let at = spread(number) as usize % (1 << 19);
            let new = New {
                id: &format!("https://example.org/news/2026/{number}"),
                segment: (number / a_day) as i32,
                facts: b"12345678",
                source: Some("a"),
                group: None,
                link: b"12345",
                document: &documents[at..at + 700 + at % 700],
                text: b"",
                keys: &news_keys(number),
            };
            writer.add(&new).unwrap();
            if number % 1000 == 999 {
                writer.commit().unwrap();
            }
        }
        writer.commit().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!("{} articles added in {seconds:.1} s, committed by the thousand", writer.sequence());
        let start = Instant::now();
        for number in 0..300 {
            let id = format!("single-{number}");
            let new = New {
                id: &id,
                segment: DAYS - 1,
                facts: b"",
                source: None,
                group: None,
                link: b"",
                document: &documents[..1050],
                text: b"",
                keys: &news_keys(number),
            };
            writer.add(&new).unwrap();
            writer.commit().unwrap();
        }
        println!("{:.2} ms for an article added and committed alone", start.elapsed().as_secs_f64() * 1e3 / 300.0);
        let sizes = writer.sizes().unwrap();
        println!("{} bytes, {} an article, {} free", sizes.file, sizes.file / writer.sequence(), sizes.free);
        for part in &sizes.parts {
            let each = part.bytes as f64 / writer.sequence() as f64;
            println!("{:24} {:9} rows {:11} bytes {each:7.1} an article", part.name, part.rows, part.bytes);
        }
    }
    drop(writer);

    let start = Instant::now();
    let mut reader = Reader::open(&folder, FINGERPRINT).unwrap();
    println!("opened in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let mut times: Vec<f64> = Vec::new();
    let mut told = 0u64;
    let view = reader.snapshot().unwrap();
    for query in 0..3000u32 {
        let keys = news_keys(query * 331);
        let start = Instant::now();
        let lists = view.postings(DAYS - 8..=DAYS - 1, &keys, 100).unwrap();
        let places: Vec<Place> = lists.iter().flat_map(|list| list.places()).copied().collect();
        told += places.len() as u64;
        for &place in places.iter().take(30) {
            view.article(place).unwrap().unwrap();
        }
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    println!("first query {:.0} us", times[0]);
    let mut late = times.split_off(1500);
    times.sort_by(f64::total_cmp);
    late.sort_by(f64::total_cmp);
    let at = |times: &[f64], share: f64| times[(times.len() as f64 * share) as usize];
    println!("first 1500 queries: p50 {:.0} us, p99 {:.0} us", at(&times, 0.5), at(&times, 0.99));
    println!(
        "next 1500: p50 {:.0} us, p99 {:.0} us; {} postings a query",
        at(&late, 0.5),
        at(&late, 0.99),
        told / 3000
    );
    let start = Instant::now();
    for number in 0..2000u32 {
        assert_eq!(view.find(&format!("nobody-{number}")).unwrap(), None);
    }
    println!("{:.1} us to find that an id is not there", start.elapsed().as_secs_f64() * 1e6 / 2000.0);
    drop(view);
    let start = Instant::now();
    let mut writer = open(&folder);
    println!("opened to write in {:.1} ms", start.elapsed().as_secs_f64() * 1e3);
    let start = Instant::now();
    let expired = writer.expire(1).unwrap();
    writer.commit().unwrap();
    println!("{expired} articles of a day expired in {:.0} ms", start.elapsed().as_secs_f64() * 1e3);
    drop(writer);
    let start = Instant::now();
    assert_eq!(check(&folder).unwrap(), Vec::<String>::new());
    println!("checked in {:.1} s", start.elapsed().as_secs_f64());
}
