//! A writer that is killed at any moment: what it had acknowledged is there, once, and nothing is wrong.

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

const FOLDER: &str = "NASKH_TEST_STORE";
const ROUND: &str = "NASKH_TEST_ROUND";

/// The writer that is killed: not a test of its own.
#[test]
#[ignore = "started by the tests below"]
fn writes_until_killed() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let round: u32 = env::var(ROUND).unwrap().parse().unwrap();
    let mut writer = open(Path::new(&folder));
    let mut out = std::io::stdout();
    let last = writer.segments().map(|info| info.segment).max().unwrap_or(0);
    // The harness has begun a line of its own.
    writeln!(out, "\nbegun {last}").unwrap();
    let mut representative = None;
    for number in 0.. {
        let segment = last + (number / 700) as i32;
        let group = representative.filter(|_| number % 3 == 0 && number % 50 > 0);
        let place = add(&mut writer, segment, round * 1_000_000 + number, group).unwrap();
        representative = if number % 50 == 0 { Some(place) } else { representative };
        let every = if round.is_multiple_of(2) { 1 } else { 23 };
        if number % every == every - 1 {
            match number % 400 {
                399 => writer.undoing(Writer::fold_all).unwrap(),
                200 => writer.put("counts", &number.to_le_bytes().repeat(5000)).unwrap(),
                _ => {}
            }
            writer.commit().unwrap();
            writeln!(out, "acknowledged {number}").unwrap();
            if number % 800 == 799 {
                let handed_on = writer.representatives_across(segment - 1).unwrap();
                if handed_on.is_empty() {
                    writer.expire(segment - 1).unwrap();
                    writer.commit().unwrap();
                }
            }
        }
    }
}

fn killed(times: u32) {
    let folder = empty();
    // The segment of every article that was acknowledged.
    let mut acknowledged: BTreeMap<u32, i32> = BTreeMap::new();
    for round in 0..times {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["store::tests::crash::writes_until_killed", "--exact", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .env(ROUND, round.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        // Some while it opens the index, most in the middle of what it does.
        std::thread::sleep(Duration::from_micros(4000 + u64::from(spread(round ^ 0x5EED)) % 120_000));
        child.kill().unwrap();
        child.wait().unwrap();
        let mut begun = 0;
        for line in lines.lines().map_while(Result::ok) {
            // The last line may be cut short: a shorter number was acknowledged, too.
            match line.split_once(' ').map(|(what, number)| (what, number.parse::<u32>())) {
                Some(("begun", Ok(segment))) => begun = segment,
                Some(("acknowledged", Ok(number))) => {
                    let added = (0..=number).map(|number| (round * 1_000_000 + number, (begun + number / 700) as i32));
                    acknowledged.extend(added);
                }
                _ => {}
            }
        }
        let mut reader = Reader::open(folder.path(), FINGERPRINT).unwrap();
        let view = reader.snapshot().unwrap();
        // Segments are dropped when there is a newer one.
        let newest = acknowledged.values().copied().max().unwrap_or(0);
        let first = view.segments().map(|info| info.segment).next().unwrap_or(0);
        assert!(first <= newest);
        for (&number, &segment) in &acknowledged {
            let found = view.find(&format!("article-{number}")).unwrap();
            assert_eq!(found.map(|place| place.segment), Some(segment).filter(|&segment| segment >= first), "{number}");
        }
        drop(view);
        if round % 10 == 9 || times < 20 {
            assert_eq!(check(folder.path()).unwrap(), Vec::<String>::new());
        }
    }
    let mut reader = Reader::open(folder.path(), FINGERPRINT).unwrap();
    let view = reader.snapshot().unwrap();
    println!("{times} kills, {} acknowledged, {} added in all", acknowledged.len(), view.sequence());
    assert!(acknowledged.len() as u32 > times, "the writer was killed too early to say anything");
}

#[test]
fn killed_at_some_moments() {
    killed(12);
}

#[test]
#[ignore = "takes a minute"]
fn killed_at_many_moments() {
    killed(200);
}
