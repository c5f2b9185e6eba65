//! Texts that hold little or nothing that a tokenizer for Arabic looks for.

use super::prose::Prose;
use super::{GOOD, Place, record, told};

const FATHA: &str = "\u{064E}";
const SHADDA: &str = "\u{0651}";

/// Groups these texts, by their places, beside good articles: each as a file, then each as a record, and both
/// whatever is done about errors. Returns what the summary says of empty and of short ones.
fn grouped(texts: &[&str], wanted: &[&[usize]]) -> (String, String) {
    let name = |at: usize| format!("{at:02}.txt");
    let files: Vec<String> = (0..texts.len()).map(name).collect();
    let mut files = files.iter().map(String::as_str).zip(texts.iter().copied()).collect::<Vec<_>>();
    files.push(("z-good.jsonl", GOOD));
    let lines: String = texts.iter().enumerate().map(|(at, text)| record(name(at), text)).collect();
    let lines = lines + GOOD;

    let mut expected: Vec<Vec<String>> = wanted.iter().map(|group| group.iter().copied().map(name).collect()).collect();
    expected.push(vec!["good-1".into(), "good-2".into()]);
    let mut said = None;
    for place in [Place::with(&files), Place::with(&[("a.jsonl", lines)])] {
        for flags in ["", "--on-error skip"] {
            let (groups, err) = place.groups(flags);
            assert_eq!(groups, expected, "{texts:.80?}");
            assert!(!err.contains("skipped"), "{err}");
            let told = (told(&err, "empty").to_owned(), told(&err, "too short").to_owned());
            assert_eq!(*said.get_or_insert_with(|| told.clone()), told);
        }
    }
    let (empty, short) = said.unwrap();
    (empty, short.split_once(' ').unwrap().0.to_owned())
}

#[test]
fn nothing_to_read_is_never_grouped() {
    let marks = FATHA.repeat(300);
    let signs = "\u{060C} . ! \u{061F} \u{00AB}\u{00BB} - ".repeat(40);
    let tatweel = "\u{0640}".repeat(50);
    let texts =
        ["", "", &*marks, &*marks, &*signs, &*signs, " \n\t ", " \n\t ", "\0\0\0", "\0\0\0", &*tatweel, &*tatweel];
    assert_eq!(grouped(&texts, &[]), ("12".into(), "0".into()));
}

#[test]
fn little_text_is_grouped_with_its_equal_only() {
    let word = "\u{0642}\u{0644}\u{0645}";
    let marked = format!("\u{0642}{FATHA}\u{0644}{SHADDA}\u{0645}.");
    let two = format!("{word} \u{0634}\u{062C}\u{0631}");
    let other = format!("{word} \u{062D}\u{062C}\u{0631}");
    // Stop words alone: there is something to read, and no evidence in it.
    let (stop, stops) = ("\u{0641}\u{064A}", "\u{0641}\u{064A} \u{0645}\u{0646}");
    let texts = [word, &marked, &two, &two, &other, stop, stop, stops];
    assert_eq!(grouped(&texts, &[&[0, 1], &[2, 3], &[5, 6]]), ("0".into(), "8".into()));
}

#[test]
fn only_latin_text() {
    let text = "The council of the old harbour approved a new lighthouse tower, and seven fishing crews \
                promised to keep its lamp burning through every winter storm.";
    let other = "A bakery near the northern station sells round loaves with sesame; people queue for them \
                 before sunrise, whatever the weather does to the hills above town.";
    assert_eq!(grouped(&[text, other, &text.to_uppercase()], &[&[0, 2]]), ("0".into(), "0".into()));
}

#[test]
fn only_digits() {
    let digits: Vec<String> = (0..60).map(|n| (n * n * 7 + 1_000).to_string()).collect();
    let others: Vec<String> = (0..60).map(|n| (n * n * 11 + 5_003).to_string()).collect();
    let arabic: String = digits.join(" ").chars().map(arabic_digit).collect();
    let texts = [&digits.join(" "), &others.join(" "), &arabic, "7", "7", "8"];
    assert_eq!(grouped(&texts.map(|t| -> &str { t }), &[&[0, 2], &[3, 4]]), ("0".into(), "3".into()));
}

fn arabic_digit(c: char) -> char {
    c.to_digit(10).and_then(|digit| char::from_u32(0x0660 + digit)).unwrap_or(c)
}

#[test]
fn a_word_of_a_megabyte() {
    let plain = "\u{0642}\u{0644}\u{0645}\u{0646}".repeat(1 << 17);
    let marked = format!("\u{0642}{SHADDA}").repeat(1 << 18);
    let digits = "4096".repeat(1 << 18);
    let mixed = "\u{0642}7".repeat(1 << 18);
    let texts = [&plain, &plain, &marked, &digits, &mixed, &mixed];
    assert_eq!(grouped(&texts.map(|t| -> &str { t }), &[&[0, 1], &[4, 5]]).0, "0");
}

#[test]
fn nul_bytes_part_words() {
    let text = Prose::new(8).sentences(6);
    let nul = text.replace(' ', "\0");
    assert_eq!(grouped(&[&text, &nul, &format!("\0{text}\0")], &[&[0, 1, 2]]), ("0".into(), "0".into()));
}

#[test]
fn letters_that_the_fast_path_does_not_know() {
    // A ligature in every word: eight megabytes that are cut word by word the slow way.
    let mut prose = Prose::new(9);
    let words: Vec<String> = (0..2_000).map(|_| prose.word() + "\u{FEFB}" + &prose.word() + " ").collect();
    let text: String = (0..400_000).map(|at| &*words[at * 7 % words.len()]).collect();
    assert!(text.len() > 8_000_000);
    let unfolded = text.replace('\u{FEFB}', "\u{0644}\u{0627}");
    let (groups, _) = Place::with(&[("a.txt", text), ("b.txt", unfolded)]).groups("");
    assert_eq!(groups, [["a.txt", "b.txt"]]);
}

#[test]
fn a_list_of_numbers_without_blanks() {
    for sign in [".", ",", "\u{060C}"] {
        let list = format!("7{sign}").repeat(1 << 20);
        let (groups, _) = Place::with(&[("a.txt", &list), ("b.txt", &list)]).groups("");
        assert_eq!(groups, [["a.txt", "b.txt"]]);
    }
}

#[test]
fn the_sign_that_unfolds_to_a_sentence() {
    let signs = "\u{FDFA}".repeat(4 << 20);
    let (groups, err) = Place::with(&[("a.txt", &signs)]).groups("");
    assert!(groups.is_empty());
    let peak: u64 = told(&err, "peak memory").strip_suffix(" MiB").unwrap().parse().unwrap();
    assert!(peak < 1_000, "{peak} MiB for 12 MiB of text");
}
