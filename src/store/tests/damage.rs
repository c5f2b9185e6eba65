//! Bits that flip and files that are cut short: an error or the right answer, never a wrong one, never a panic.

use std::fs;

use super::*;

/// The answers to everything that can be asked of the index below.
type Answers = Vec<Option<String>>;

const ARTICLES: u32 = 300;
/// Bytes of a page of the database.
const PAGE: usize = 16 << 10;

/// An index with something in all of its tables; `closed` as a writer leaves it, or else as one that was killed does.
fn index(closed: bool) -> Vec<(String, Vec<u8>)> {
    let folder = empty();
    let mut writer = open(folder.path());
    let mut first = None;
    for number in 0..ARTICLES {
        let place = add(&mut writer, number as i32 / 100, number, first.filter(|_| number % 4 == 0)).unwrap();
        first.get_or_insert(place);
        if number == 250 {
            writer.undoing(Writer::fold_all).unwrap();
        }
        if number % 40 == 0 {
            writer.put("counts", &number.to_le_bytes().repeat(3000)).unwrap();
            writer.commit().unwrap();
        }
    }
    for local in [3, 7, 55] {
        writer.remove(Place { segment: 1, local }).unwrap();
    }
    writer.commit().unwrap();
    let killed = files(folder.path());
    drop(writer);
    if closed { files(folder.path()) } else { killed }
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// `None` where there was an error instead.
fn answers(folder: &Path) -> Answers {
    let asked = ARTICLES as usize * 4 + 4;
    let Ok(mut reader) = Reader::open(folder, FINGERPRINT) else { return vec![None; asked] };
    let Ok(view) = reader.snapshot() else { return vec![None; asked] };
    let mut answers: Answers = Vec::new();
    let mut answer = |said: Result<String>| answers.push(said.ok());
    for number in 0..ARTICLES {
        let place = Place { segment: number as i32 / 100, local: number % 100 };
        answer(view.find(&format!("article-{number}")).map(|found| format!("{found:?}")));
        answer(view.article(place).map(|found| format!("{found:?}")));
        answer(view.text(place).map(|found| format!("{found:?}")));
        answer(postings(&view, 0..=9, &keys(number), u32::MAX).map(|found| format!("{found:?}")));
    }
    answer(view.members(Place { segment: 0, local: 0 }).map(|found| format!("{found:?}")));
    answer(view.blob("counts").map(|found| format!("{found:?}")));
    answer(view.blob("none").map(|found| format!("{found:?}")));
    answer(Ok(format!("{:?} {:?} {}", view.sources, view.segments().collect::<Vec<_>>(), view.sequence())));
    answers
}

fn written(files: &[(String, Vec<u8>)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

/// How often one flipped bit was told as an error somewhere, and how often it did not matter.
fn flips(closed: bool, times: u64, seed: u32) -> (u64, u64) {
    let files = index(closed);
    let right = answers(written(&files).path());
    assert!(right.iter().all(Option::is_some));
    let total: usize = files.iter().map(|file| file.1.len()).sum();
    let (mut errors, mut harmless) = (0, 0);
    for time in 0..times {
        let random = u64::from(spread(time as u32 ^ seed)) << 20 ^ u64::from(spread(time as u32 * 31 + seed));
        // A third of them where the trees of SQLite are: at the beginning of a page.
        let mut at = random as usize % total;
        if time % 3 == 0 {
            at = (at / PAGE * PAGE + (random >> 40) as usize % 100).min(total - 1);
        }
        let bit = 1 << (random >> 33 & 7);
        let mut damaged = files.clone();
        let (name, byte) = {
            let mut of = 0;
            while at >= damaged[of].1.len() {
                at -= damaged[of].1.len();
                of += 1;
            }
            damaged[of].1[at] ^= bit;
            (damaged[of].0.clone(), at)
        };
        let folder = written(&damaged);
        let said = answers(folder.path());
        for (asked, (said, right)) in said.iter().zip(&right).enumerate() {
            assert!(said.is_none() || said == right, "bit {bit} of byte {byte} of {name}, question {asked}: {said:?}");
        }
        match said.iter().any(Option::is_none) {
            true => errors += 1,
            false => harmless += 1,
        }
        // Who writes to it must not make it worse in silence.
        if time % 4 == 0 {
            let folder = written(&damaged);
            let tried = Writer::open(folder.path(), FINGERPRINT).and_then(|mut writer| {
                add(&mut writer, 2, ARTICLES, None)?;
                add(&mut writer, 9, ARTICLES + 1, None)?;
                writer.undoing(Writer::fold_all)?;
                writer.commit()
            });
            drop(tried);
            for (asked, (said, right)) in (0..).zip(answers(folder.path()).iter().zip(&right)).take(right.len() - 1) {
                let finds_more = asked < ARTICLES as usize * 4 && asked % 4 == 3;
                assert!(
                    said.is_none() || said == right || finds_more,
                    "after writing: bit {bit} of byte {byte} of {name}, question {asked}: {said:?}, not {right:?}"
                );
            }
        }
        // Whatever it finds, it finds it without a panic; what answered wrongly would be found.
        let found = check(folder.path());
        if said.iter().any(Option::is_none) {
            assert!(!found.is_ok_and(|found| found.is_empty()), "bit {bit} of byte {byte} of {name}: nothing found");
        }
    }
    (errors, harmless)
}

#[test]
fn one_flipped_bit_is_an_error_or_does_not_matter() {
    let (errors, harmless) = flips(true, 40, 1);
    assert!(errors > 10 && harmless > 0, "{errors} {harmless}");
    // With a log that is not worked off.
    let (errors, _) = flips(false, 30, 2);
    assert!(errors > 5, "{errors}");
}

#[test]
#[ignore = "takes minutes"]
fn a_thousand_flipped_bits() {
    for closed in [true, false] {
        let (errors, harmless) = flips(closed, 500, 77);
        println!("closed {closed}: 500 bits: {errors} told as errors, {harmless} did not matter, none wrong");
    }
}

#[test]
fn files_cut_short() {
    let files = index(true);
    let right = answers(written(&files).path());
    for (which, (name, bytes)) in files.iter().enumerate() {
        for len in (0..bytes.len()).step_by((bytes.len() / 12).max(1)) {
            let mut cut = files.clone();
            cut[which].1.truncate(len);
            let folder = written(&cut);
            for (asked, (said, right)) in answers(folder.path()).iter().zip(&right).enumerate() {
                assert!(said.is_none() || said == right, "{name} cut to {len}, question {asked}: {said:?}");
            }
            if name == "index.sqlite" {
                assert!(!check(folder.path()).is_ok_and(|found| found.is_empty()), "{name} cut to {len}");
            }
        }
    }
}

#[test]
fn a_log_that_is_lost_is_missed() {
    let mut files = index(false);
    files.retain(|(name, _)| !name.ends_with("-wal") && !name.ends_with("-shm"));
    let folder = written(&files);
    let said = Reader::open(folder.path(), FINGERPRINT).unwrap_err().to_string();
    assert!(said.contains("acknowledged: its log is lost or damaged"), "{said}");
    assert_eq!(check(folder.path()).unwrap().len(), 1);
    // To go on without what is lost is for the user to say.
    fs::remove_file(folder.path().join("acknowledged")).unwrap();
    Reader::open(folder.path(), FINGERPRINT).unwrap();
}
