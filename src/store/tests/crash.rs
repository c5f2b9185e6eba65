//! A writer that is killed at any moment: what it had acknowledged is there, once, and nothing is wrong.

use std::collections::BTreeSet;
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
                    writeln!(out, "expired {}", segment - 1).unwrap();
                }
            }
        }
    }
}

fn killed(times: u32) {
    let folder = empty();
    // Every article that was acknowledged, of segments that are there.
    let mut acknowledged: BTreeSet<u32> = BTreeSet::new();
    let mut expired = 0;
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
        // Some while it opens the index, some in the middle of what it does.
        let pause = u64::from(super::spread(round ^ 0x5EED)) % 60_000;
        std::thread::sleep(Duration::from_micros(4000 + pause));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.lines().map_while(Result::ok) {
            // A line may be cut short; then there is no second word, or a shorter number, which was acknowledged too.
            let Some((what, number)) = line.split_once(' ') else { continue };
            match (what, number.parse::<u32>()) {
                ("acknowledged", Ok(number)) => {
                    acknowledged.extend((0..=number).map(|number| round * 1_000_000 + number));
                }
                ("expired", Ok(segment)) => expired = segment,
                _ => {}
            }
        }
        let mut reader = Reader::open(folder.path(), FINGERPRINT).unwrap();
        let view = reader.snapshot().unwrap();
        let first = view.segments().map(|info| info.segment).next().unwrap_or(0);
        assert!(first >= expired as i32 || view.sequence() == 0);
        let there: u32 = view.segments().map(|info| info.articles).sum();
        // What is expired cannot be told from what is lost by its id: only those since the last time are looked for.
        let mut missing = 0;
        for &number in acknowledged.range(round * 1_000_000..) {
            missing += usize::from(view.find(&format!("article-{number}")).unwrap().is_none());
        }
        assert!(missing == 0 || first > 0, "{missing} of {there} are lost");
        if first == 0 {
            assert!(there as usize >= acknowledged.len());
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
