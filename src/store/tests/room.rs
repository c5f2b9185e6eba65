//! An index that keeps a week and runs for a year does not grow.

use std::time::Instant;

use super::*;

/// Bytes of the file after the first full week, and after the last one; the longest expiry in milliseconds.
fn year(articles_a_day: u32, keys: u32, document: usize) -> (u64, u64, f64) {
    let folder = empty();
    let mut writer = open(folder.path());
    let (mut steady, mut longest) = (0, 0f64);
    let mut number = 0;
    let document: Vec<u8> = (0..document * 2).map(|i| ((i * i) >> 3) as u8).collect();
    for day in 0..365 {
        for _ in 0..articles_a_day {
            let random = spread(number);
            let keys: Vec<u32> = (0..keys).map(|key| spread(random.wrapping_add(key)) % 5_000_000).collect();
            let len = document.len() / 4 + random as usize % (document.len() / 2);
            // Some come a day late, and some are given to the group of the day before.
            let segment = if number.is_multiple_of(50) { (day - 1).max(0) } else { day };
            let group = Some(Place { segment: day - 1, local: 0 }).filter(|_| day > 0 && number.is_multiple_of(20));
            let id = format!("https://example.org/{number}");
            let new = New {
                id: &id,
                segment,
                facts: b"12345678",
                source: Some("a"),
                group,
                link: b"link",
                document: &document[..len],
                text: b"",
                keys: &keys,
            };
            writer.add(&new).unwrap();
            number += 1;
            if number.is_multiple_of(512) {
                writer.commit().unwrap();
            }
        }
        writer.commit().unwrap();
        if day >= 6 {
            let start = Instant::now();
            for old in writer.representatives_across(day - 6).unwrap() {
                let members = writer.members(old).unwrap();
                let &next = members.iter().find(|member| member.segment >= day - 6).unwrap();
                for member in members {
                    writer.set_group(member, member, b"").unwrap();
                    if member != next {
                        writer.set_group(member, next, b"link").unwrap();
                    }
                }
            }
            writer.expire(day - 6).unwrap();
            writer.commit().unwrap();
            longest = longest.max(start.elapsed().as_secs_f64() * 1e3);
        }
        if day == 13 {
            steady = writer.sizes().unwrap().file;
        }
    }
    let sizes = writer.sizes().unwrap();
    drop(writer);
    assert_eq!(check(folder.path()).unwrap(), Vec::<String>::new());
    println!(
        "{articles_a_day} a day: {steady} bytes after two weeks, {} after a year, expiry at most {longest:.0} ms",
        sizes.file
    );
    for part in &sizes.parts {
        println!("{:24} {:9} rows {:11} bytes", part.name, part.rows, part.bytes);
    }
    (steady, sizes.file, longest)
}

#[test]
fn room_is_used_again() {
    let (steady, last, _) = year(25, 8, 300);
    assert!(last as f64 <= steady as f64 * 1.3, "{steady} bytes, then {last}");
}

#[test]
#[ignore = "takes minutes"]
fn room_is_used_again_at_full_size() {
    let (steady, last, longest) = year(3300, 75, 1050);
    assert!(last as f64 <= steady as f64 * 1.3, "{steady} bytes, then {last}");
    assert!(longest < 1000.0);
}
