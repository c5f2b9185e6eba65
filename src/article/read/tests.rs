//! The stage as a whole, through files.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::article::Fields;
use crate::article::compressed::tests::{gzip, zstd};

/// Files in a folder of their own, in the order given.
struct Files {
    folder: tempfile::TempDir,
    paths: Vec<PathBuf>,
}

fn files(files: &[(&str, &[u8])]) -> Files {
    let folder = tempfile::tempdir().unwrap();
    let write = |(name, data): &(&str, &[u8])| {
        let path = folder.path().join(name);
        fs::write(&path, data).unwrap();
        path
    };
    let paths = files.iter().map(write).collect();
    Files { folder, paths }
}

impl Files {
    /// Without the folder's own name.
    fn short(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.folder.path().display()), "")
    }

    fn read(&self, options: &ReadOptions, block: usize) -> Result<ReadOutcome<String>> {
        let Inputs { files, ignored } = resolve(&self.paths, options);
        let shown = |article: Article, place: &Place| format!("{place} {} {}", article.id, article.text);
        read_files(files, ignored, options, block, shown)
    }

    /// Items, then skips, as lines of text.
    fn told(&self, options: &ReadOptions, block: usize) -> Vec<String> {
        let outcome = self.read(options, block).unwrap();
        for item in &outcome.items {
            assert!(item.value.starts_with(&outcome.place(item).to_string()));
        }
        assert_eq!(outcome.skipped.len() as u64, outcome.skipped_count);
        let items = outcome.items.iter().map(|item| item.value.clone());
        let skips = outcome.skipped.iter();
        let skips = skips.map(|skipped| format!("{}: {}", skipped.place, skipped.reason));
        items.chain(skips).map(|told| self.short(&told)).collect()
    }
}

fn skip() -> ReadOptions {
    ReadOptions { on_error: OnError::Skip, ..ReadOptions::default() }
}

fn with_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.unwrap().install(work)
}

#[test]
fn all_kinds_of_files_in_order() {
    let line = br#"{"id":"i","text":"t"}"#;
    let members = [gzip(line), gzip(b"\n"), gzip(br#"{"text":"u"}"#)].concat();
    let given = files(&[
        ("1.jsonl", b"\xEF\xBB\xBF{\"text\":\"a\"}\r\n\r\n\n{\"text\":\"b &amp; c\"}"),
        ("2.txt", b"\xEF\xBB\xBFone\r\ntwo &lt;"),
        ("3.jsonl", &members),
        ("4.txt.gz", &zstd(b"packed")),
        ("5", &gzip(line)),
        ("6.dat", &[zstd(line), zstd(b"\n \n")].concat()),
        ("7.txt", b""),
    ]);
    let outcome = given.read(&ReadOptions::default(), BLOCK).unwrap();
    assert_eq!((outcome.paths.len(), outcome.skipped_count), (7, 0));
    assert_eq!(outcome.bytes, 40 + 16 + 34 + 6 + 21 + 24);
    assert_eq!(
        given.told(&ReadOptions::default(), BLOCK),
        [
            "1.jsonl:1 1.jsonl:1 a",
            "1.jsonl:4 1.jsonl:4 b & c",
            "2.txt 2.txt one\ntwo <",
            "3.jsonl:1 i t",
            "3.jsonl:2 3.jsonl:2 u",
            "4.txt.gz 4.txt.gz packed",
            "5:1 i t",
            "6.dat:1 i t",
            "7.txt 7.txt ",
        ]
    );
    let folder = [given.folder.path().to_owned()];
    let outcome = read_articles(&folder, &ReadOptions::default(), |article, _| article.id).unwrap();
    assert_eq!((outcome.paths.len(), outcome.ignored), (5, 2));
    assert_eq!(outcome.items[2].value, "2.txt");
}

/// Every kind of trouble, in ten files.
fn troubled() -> Files {
    let good = b"{\"text\":\"a\"}\n".repeat(500);
    let cut = gzip(&good);
    let cut_zstd = zstd(b"{\"text\":\"a\"}\n");
    let mut given = files(&[
        ("0.txt", b"fine"),
        ("1.jsonl", b"{\"text\":\"a\"}\n{\"text\"\n\n{\"text\":\"c\"}\n{\"text\":3}"),
        ("2.jsonl", b"{\"text\":\"long long long long\"}\n{\"text\":\"b\"}\n"),
        ("3.txt", b"a\nb\xFF"),
        ("4.jsonl.gz", &cut[..cut.len() - 9]),
        ("5.txt.zst", &cut_zstd[..cut_zstd.len() - 1]),
        ("6.txt", b"a very long text, much longer than allowed"),
        ("7.json", b"[\n{\"text\":\"a\"}]\n"),
        ("8.jsonl", b"{\"text\":\"last\"}\n"),
    ]);
    given.paths.insert(4, given.folder.path().join("gone.txt"));
    given
}

#[test]
fn troubles_are_listed_in_order() {
    let given = troubled();
    let options = ReadOptions { max_article_bytes: 20, ..skip() };
    let told = given.told(&options, BLOCK);
    let from = told.iter().position(|told| told.contains("found")).unwrap();
    assert_eq!(told[from - 1], "8.jsonl:1 8.jsonl:1 last");
    let starts = [
        "1.jsonl:2: found a JSON object cut short at byte 7",
        "1.jsonl:5: found a number in the field \"text\"; expected a string",
        "2.jsonl:1: found a line of more than 20 bytes; expected at most 20",
        "3.txt:2: found bytes that are not UTF-8 (at byte 4",
        "gone.txt: No such file",
        "4.jsonl.gz: found the end of the gzip data after",
        "5.txt.zst: found the end of the zstd data; expected more: the file is cut short",
        "6.txt: found a text of more than 20 bytes",
        "7.json:1: found a JSON array; expected one JSON object a line (JSON Lines)",
        "7.json:2: found bad JSON at byte 13",
    ];
    assert_eq!(told.len() - from, starts.len(), "{:#?}", &told[from..]);
    for (told, start) in told[from..].iter().zip(starts) {
        assert!(told.starts_with(start), "{told}");
    }
    assert!(
        told.iter().filter(|told| told.starts_with("4.jsonl.gz:")).count() > 100,
        "the lines before the cut are read"
    );
}

#[test]
fn threads_and_blocks_do_not_matter() {
    let given = troubled();
    for options in [skip(), ReadOptions { max_article_bytes: 20, ..skip() }] {
        let wanted = with_threads(1, || given.told(&options, BLOCK));
        for (threads, block) in [(2, BLOCK), (2, 16), (4, 1), (1, 100), (4, 1000)] {
            let told = with_threads(threads, || given.told(&options, block));
            assert_eq!(told, wanted, "{threads} threads, blocks of {block}");
        }
    }
}

#[test]
fn the_first_error_is_the_one_returned() {
    let mut lines = b"{\"text\":\"a\"}\n".repeat(400);
    lines.extend(b"{\"text\":\"\"}}\n{\"text\":1}\n[]\n".repeat(400));
    let given = files(&[("a.jsonl", &lines[..]), ("b.txt", b"\xFF")]);
    for round in 0..50 {
        let outcome = with_threads(4, || given.read(&ReadOptions::default(), 64 + round));
        let said = given.short(&outcome.unwrap_err().to_string());
        assert!(said.starts_with("a.jsonl:401: found bad JSON at byte 12"), "{said}");
    }
    let mut paths = given.paths.clone();
    paths.insert(0, given.folder.path().join("gone"));
    let outcome = read_articles(&paths, &ReadOptions::default(), |_, _| ());
    assert!(matches!(outcome, Err(Error::Io { .. })));
}

#[test]
fn an_archive_that_swells_is_stopped() {
    let bomb = gzip(&vec![b' '; 50 << 20]);
    assert!(bomb.len() < 100 << 10);
    let given = files(&[("a.jsonl", &bomb), ("b.txt", &bomb)]);
    let options = ReadOptions { max_article_bytes: 1 << 20, ..skip() };
    let told = given.told(&options, BLOCK);
    assert!(told[0].starts_with("a.jsonl:1: found a line of more than 1048576 bytes"));
    assert!(told[1].starts_with("b.txt: found a text of more than"));
}

#[test]
fn the_list_of_skips_is_bounded() {
    let given = files(&[("a.jsonl", &b"x\n".repeat(30_000)[..])]);
    let outcome = given.read(&skip(), 1000).unwrap();
    assert_eq!(outcome.skipped_count, 30_000);
    assert_eq!(outcome.skipped.len(), MOST_LISTED);
    assert_eq!(outcome.skipped[MOST_LISTED - 1].place.line, Some(10_000));
}

#[test]
fn one_article_only() {
    let given = files(&[
        ("a.txt", b"text"),
        ("b.jsonl", b"\n{\"id\":\"i\",\"body\":\"t\"}\n\n"),
        ("c.jsonl", b"{\"text\":\"t\"}\n{\"text\":\"t\"}\n"),
        ("d.jsonl", b"\n"),
        ("e.jsonl", b"{\"text\":\"t\"}\n{"),
    ]);
    let read = |index: usize| {
        read_one(&given.paths[index], &ReadOptions::default()).map_err(|error| given.short(&error.to_string()))
    };
    assert_eq!(read(0).unwrap().text, "text");
    assert_eq!(read(1).unwrap().id, "i");
    assert_eq!(read(2).unwrap_err(), "c.jsonl:2: found a second article; expected one article only");
    assert_eq!(read(3).unwrap_err(), "d.jsonl: found no article; expected one");
    assert!(read(4).unwrap_err().starts_with("e.jsonl:2: found a JSON object cut short"));
    let options =
        ReadOptions { fields: Fields { id: Some("body".into()), ..Fields::default() }, ..ReadOptions::default() };
    assert_eq!(read_one(&given.paths[1], &options).unwrap().id, "t");
    let folder = read_one(given.folder.path(), &options).unwrap_err();
    assert!(folder.to_string().contains("found a folder"));
}

/// Lines as files hold them, good, bad and odd, or any bytes at all.
fn pieces() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(&b"{\"text\":\"\\u0642\\n\"}"[..]),
        Just(&b"{\"id\":1,\"text\":\"\xD9\x82\"}"[..]),
        Just(&b"{\"id\":\""[..]),
        Just(&b"\n"[..]),
        Just(&b"\n"[..]),
        Just(&b"\r\n"[..]),
        Just(&b"\r"[..]),
        Just(&b" "[..]),
        Just(&b"\xEF\xBB\xBF"[..]),
        Just(&b"\xFF\xFE"[..]),
        Just(&b"[{"[..]),
        Just(&b"\0"[..]),
    ];
    let piece = prop_oneof![
        4 => piece.prop_map(<[u8]>::to_vec),
        1 => prop::collection::vec(any::<u8>(), 0..8),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_line_is_read_or_skipped(data in pieces(), block in 1_usize..40, longest in 0_usize..60) {
        // Else it is an archive, and its lines are others.
        prop_assume!(!data.starts_with(&[0x1F, 0x8B]));
        let given = files(&[("a.jsonl", &data)]);
        let options = ReadOptions { max_article_bytes: longest, ..skip() };
        let outcome = given.read(&options, block).unwrap();
        let plain = data.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&data);
        let lines = plain.split(|&byte| byte == b'\n');
        let filled = lines.filter(|line| line.len() > longest || !line.trim_ascii().is_empty());
        prop_assert_eq!(outcome.items.len() + outcome.skipped.len(), filled.count());
        prop_assert_eq!(outcome.bytes, data.len() as u64);
        prop_assert_eq!(outcome, given.read(&options, BLOCK).unwrap());
    }

    #[test]
    fn any_text_is_read_or_skipped(data in pieces(), name in prop_oneof![Just("a.txt"), Just("a"), Just("a.gz")]) {
        let given = files(&[(name, &data)]);
        let outcome = given.read(&skip(), BLOCK).unwrap();
        prop_assert!(!name.ends_with("txt") || outcome.items.len() + outcome.skipped.len() == 1);
    }
}

#[test]
fn lines_are_counted_in_32_bits() {
    let place = |line| Place { path: "a.jsonl".into(), line };
    assert_eq!(Origin::new(3, &place(None)).unwrap(), Origin { file: 3, line: 0 });
    assert_eq!(Origin::new(0, &place(Some(u64::from(u32::MAX)))).unwrap(), Origin { file: 0, line: u32::MAX });
    let said = Origin::new(0, &place(Some(1 << 32))).unwrap_err().to_string();
    assert!(said.starts_with("a.jsonl:4294967296: found too many lines before it; expected at most"), "{said}");
}

proptest! {
    #[test]
    fn chunks_that_are_done_in_any_order_come_in_their_own(
        (sizes, order) in proptest::collection::vec(0..3usize, 0..20)
            .prop_flat_map(|sizes| (Just(sizes.clone()), Just((0..sizes.len()).collect::<Vec<_>>()).prop_shuffle()))
    ) {
        let item = |chunk: usize, nth: usize| Item { origin: Origin::default(), value: (chunk, nth) };
        let chunk = |number: usize| (0..sizes[number]).map(move |nth| item(number, nth)).collect::<Vec<_>>();
        let mut read = InOrder::default();
        order.into_iter().for_each(|number| read.add(number, chunk(number)));
        prop_assert_eq!(read.items, (0..sizes.len()).flat_map(chunk).collect::<Vec<_>>());
        prop_assert!(read.early.is_empty());
    }
}
