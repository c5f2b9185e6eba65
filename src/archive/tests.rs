//! The index as a whole: what comes of articles does not depend on how they were cut into batches, the store says what a
//! list in memory says, and groups hold whatever goes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::prelude::*;

use super::arriving::arrive;
use super::chunk::{self, Arrival};
use super::facts::Facts;
use super::memory::MemoryShelf;
use super::packed::{pack, unpack};
use super::pool::Sketches;
use super::shelf::Card;
use super::state::State;
use super::*;
use crate::arabic::Tokenizer;
use crate::article::{Article, ColumnKind, ReadOptions, Rows, Timestamp, Value};

/// A word of four letters for each number.
fn word(number: u32) -> String {
    const LETTERS: [char; 16] = ['ب', 'ت', 'ج', 'ح', 'د', 'ر', 'س', 'ش', 'ص', 'ط', 'ع', 'ف', 'ق', 'ك', 'ل', 'م'];
    // Numbers that follow one another shall not look alike.
    let number = number.wrapping_mul(40_503) & 0xFFFF;
    (0..4).map(|place| LETTERS[(number >> (4 * place) & 15) as usize]).collect()
}

/// An article that tells `story` with so many of its words changed, below the line of its source.
fn article(number: usize, (story, changed, day, source): (u32, u32, u32, u32)) -> Article {
    let own = |at: u32| if at % 40 < changed { 20_000 + number as u32 * 97 + at } else { story * 131 + at };
    let words: Vec<String> = (0..60).map(|at| word(own(at))).collect();
    let furniture: Vec<String> = (0..6).map(|at| word(60_000 + source * 7 + at)).collect();
    Article {
        id: format!("{number:03}"),
        source: Some(format!("outlet {source}")),
        date: Timestamp::parse(&format!("2026-04-{:02}", 1 + day)),
        title: String::new(),
        text: format!("{}.\n{}\n", words.join(" "), furniture.join(" ")),
    }
}

fn articles(drawn: &[(u32, u32, u32, u32)]) -> Vec<Article> {
    drawn.iter().enumerate().map(|(number, &drawn)| article(number, drawn)).collect()
}

fn today() -> Timestamp {
    Timestamp::parse("2026-04-20").unwrap()
}

fn create(folder: &Path) -> std::path::PathBuf {
    let folder = folder.join("index");
    Index::create(&folder, &IndexSettings::default()).unwrap();
    folder
}

/// What is told of each article, added in batches of these sizes, one after the other; between them the index is closed.
fn told(folder: &Path, articles: &[Article], sizes: &[usize]) -> Vec<Added> {
    let (mut rest, mut told) = (articles, Vec::new());
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (some, others) = rest.split_at(size.clamp(1, rest.len()));
        told.extend(IndexWriter::open(folder).unwrap().add(some.to_vec(), today(), OnConflict::Refuse).unwrap());
        rest = others;
    }
    told
}

fn groups(folder: &Path) -> Vec<IndexGroup> {
    let mut groups = Vec::new();
    Index::open(folder)
        .unwrap()
        .groups(true, |group| {
            groups.push(group);
            Ok(())
        })
        .unwrap();
    groups
}

/// The groups as sets, each by its representative.
fn sets(groups: &[IndexGroup]) -> BTreeMap<String, BTreeSet<String>> {
    let set = |group: &IndexGroup| group.members.iter().map(|member| member.id.clone()).collect();
    groups.iter().map(|group| (group.members[0].id.clone(), set(group))).collect()
}

/// The same of a list in memory, to which articles are added one by one.
fn on_a_list(articles: &[Article]) -> (Vec<Added>, BTreeMap<String, BTreeSet<String>>) {
    let detector = IndexSettings::default().detector().unwrap();
    let (mut shelf, mut state) = (MemoryShelf::default(), State::new(detector.background()));
    let mut told = Vec::new();
    for article in articles {
        let mut arrivals = [Arrival::of(article.clone(), today(), &Tokenizer::new(), false)];
        let outcome = arrive(&detector, &state, &shelf, &mut Sketches::default(), &mut arrivals).unwrap();
        told.extend(Added::all(&arrivals, &outcome));
        let [arrival] = &arrivals;
        let mut document = Vec::new();
        pack(&mut document, &arrival.document);
        let facts = Facts { date: arrival.date, sampled: arrival.sample.sampled as u16 }.to_bytes();
        let place = shelf.add(arrival.segment, &arrival.keys(), |place| Card {
            id: arrival.id.clone(),
            source: arrival.source.clone(),
            facts,
            group: place,
            tie: facts::Tie::default().to_bytes().to_vec(),
            document: document.clone(),
        });
        let settled = |other| chunk::arrival(other).map_or(other, |_| place);
        for (other, (group, tie)) in outcome.changed {
            shelf.set_group(settled(other), settled(group), tie.to_bytes().to_vec());
        }
        state.learn(outcome.furniture);
        state.came(place, arrival.date.is_some(), document);
        state.settle(&shelf, detector.background()).unwrap();
    }
    (told, shelf.groups())
}

/// Stories in which many articles share one, by few outlets within few days.
fn drawn(most: usize) -> impl Strategy<Value = Vec<(u32, u32, u32, u32)>> {
    prop::collection::vec((0..8u32, 0..12u32, 0..9u32, 0..3u32), 1..most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4, ..ProptestConfig::default() })]

    #[test]
    fn the_cut_into_batches_does_not_matter(
        drawn in drawn(90), sizes in prop::collection::vec(1..40usize, 1..4),
    ) {
        let articles = articles(&drawn);
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (one, other) = (create(one.path()), create(other.path()));
        let at_once = told(&one, &articles, &[articles.len()]);
        prop_assert_eq!(&told(&other, &articles, &sizes), &at_once);
        prop_assert_eq!(groups(&other), groups(&one));
        prop_assert_eq!(Index::check(&one).unwrap(), Vec::<String>::new());
        let (on_a_list, list) = on_a_list(&articles);
        prop_assert_eq!(on_a_list, at_once);
        prop_assert_eq!(list, sets(&groups(&one)));
    }

    #[test]
    fn groups_hold_whatever_goes(drawn in drawn(40), gone in prop::collection::vec(0..40usize, 0..20), day in 0..9u32) {
        let articles = articles(&drawn);
        let folder = tempfile::tempdir().unwrap();
        let folder = create(folder.path());
        told(&folder, &articles, &[articles.len()]);
        let mut writer = IndexWriter::open(&folder).unwrap();
        let mut left: BTreeSet<String> = articles.iter().map(|article| article.id.clone()).collect();
        for gone in gone {
            let id = format!("{gone:03}");
            prop_assert_eq!(writer.remove(&[id.as_str()]).ok(), left.remove(&id).then_some(1));
        }
        let before = Timestamp::parse(&format!("2026-04-{:02}", 1 + day)).unwrap();
        let count = left.len();
        for article in articles.iter().filter(|article| article.date.unwrap() < before) {
            left.remove(&article.id);
        }
        prop_assert_eq!(writer.expire(before).unwrap() as usize, count - left.len());
        drop(writer);
        let groups = groups(&folder);
        let all: Vec<String> = groups.iter().flat_map(|group| group.members.iter().map(|m| m.id.clone())).collect();
        prop_assert_eq!(all.len(), left.len());
        prop_assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), left);
        for group in &groups {
            prop_assert!(group.members[1..].iter().all(|member| member.relation.is_some() && member.score >= 0.58));
        }
        prop_assert_eq!(Index::check(&folder).unwrap(), Vec::<String>::new());
    }
}

#[test]
fn a_report_copied_far_and_wide_is_one_group() {
    // More copies than a pair that is rare may have, and short ones.
    let drawn: Vec<(u32, u32, u32, u32)> = (0..60).map(|copy| (1, copy % 5, copy % 3, copy)).collect();
    let mut articles = articles(&drawn);
    for number in 0..50 {
        let text = format!("{} {}", (0..20).map(|at| word(50_000 + at)).collect::<Vec<_>>().join(" "), word(number));
        articles.push(Article { id: format!("short {number}"), text, date: articles[0].date, ..Article::default() });
    }
    let folder = tempfile::tempdir().unwrap();
    let folder = create(folder.path());
    told(&folder, &articles, &[13]);
    let groups = groups(&folder);
    let sizes: Vec<usize> = groups.iter().map(|group| group.members.len()).collect();
    assert_eq!(sizes, [60, 50]);
}

#[test]
fn furniture_is_known_from_the_third_story_on() {
    let folder = tempfile::tempdir().unwrap();
    let folder = create(folder.path());
    // One outlet, and stories that have nothing but its line in common.
    let articles: Vec<Article> = (0..4).map(|number| article(number, (number as u32 * 3, 0, 0, 1))).collect();
    told(&folder, &articles, &[1]);
    assert_eq!(stems(&folder, ["000", "001", "002", "003"]), [66, 66, 60, 60]);
}

/// How many stems are kept of some articles.
fn stems<const N: usize>(folder: &Path, ids: [&str; N]) -> [usize; N] {
    let writer = IndexWriter::open(folder).unwrap();
    ids.map(|id| {
        let mut document = crate::shingle::Document::default();
        let place = writer.stored().find(id).unwrap().unwrap();
        assert!(unpack(&writer.stored().article(place).unwrap().unwrap().document, &mut document));
        document.stems.len()
    })
}

#[test]
fn labels_taken_out_of_articles_say_nothing_of_those_that_come_with_them() {
    let label = (300..303).map(word).collect::<Vec<_>>().join(" ");
    let labelled = |number: usize, times: usize| {
        let mut article = article(number, (number as u32 * 3, 0, 0, 1));
        article.text += &format!("{label}\n").repeat(times);
        article
    };
    let articles: Vec<Article> = (0..3).map(|number| labelled(number, 2)).chain([labelled(3, 1)]).collect();
    for size in [1, 2, 4] {
        let folder = tempfile::tempdir().unwrap();
        let folder = create(folder.path());
        told(&folder, &articles, &[size]);
        // Where it stands once it is no label.
        assert_eq!(stems(&folder, ["000", "001", "002", "003"]), [66, 66, 60, 63], "{size} at a time");
    }
}

#[test]
fn an_article_may_be_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = create(folder.path());
    let mut writer = IndexWriter::open(&folder).unwrap();
    let [first, second, other] = [(1, 0, 0, 0), (1, 3, 0, 1), (2, 0, 0, 2)].map(|drawn| article(0, drawn));
    let second = Article { id: "001".into(), ..second };
    let add = |writer: &mut IndexWriter, article: &Article, what| writer.add(vec![article.clone()], today(), what);
    add(&mut writer, &first, OnConflict::Refuse).unwrap();
    let found = add(&mut writer, &second, OnConflict::Refuse).unwrap();
    assert_eq!((&*found[0].group, &*found[0].matched.as_ref().unwrap().0), ("000", "000"));
    // Refused whole, with what came before it.
    let two = vec![Article { id: "new".into(), ..other.clone() }, first.clone()];
    let refused = writer.add(two, today(), OnConflict::Refuse).unwrap_err().to_string();
    assert!(refused.starts_with(r#"id "000": found an article of this id in the index"#), "{refused}");
    assert!(!writer.contains("new").unwrap());
    assert_eq!(add(&mut writer, &first, OnConflict::Skip).unwrap(), []);
    // What takes its place is another story: the other speaks for itself.
    let replaced = Article { id: "000".into(), ..other };
    assert_eq!(add(&mut writer, &replaced, OnConflict::Replace).unwrap()[0].matched, None);
    let twice = vec![first.clone(), replaced.clone()];
    assert_eq!(writer.add(twice, today(), OnConflict::Replace).unwrap().len(), 2);
    drop(writer);
    let one = |id: &str| (id.to_owned(), BTreeSet::from([id.to_owned()]));
    assert_eq!(sets(&groups(&folder)), BTreeMap::from([one("000"), one("001")]));
    assert_eq!(Index::check(&folder).unwrap(), Vec::<String>::new());
}

#[test]
fn nothing_beyond_the_window_matches() {
    let folder = tempfile::tempdir().unwrap();
    let folder = create(folder.path());
    let day = |number: usize, day| article(number, (1, 0, day, number as u32));
    told(&folder, &[day(0, 0), day(1, 7), day(2, 8)], &[1]);
    // The third is eight days from the first, which speaks for the group of the second.
    let expected = [("000", vec!["000", "001"]), ("002", vec!["002"])];
    let owned = expected.map(|(id, set)| (id.to_owned(), set.into_iter().map(str::to_owned).collect()));
    assert_eq!(sets(&groups(&folder)), BTreeMap::from(owned));
    let found = Index::open(&folder).unwrap().query(&day(9, 15), today()).unwrap();
    assert_eq!(found.iter().map(|found| (&*found.id, found.relation.name())).collect::<Vec<_>>(), [("002", "copy")]);
}

/// What the rules make of the samples. Where this changes, the number of a rule in `src/config.rs` must: indexes that there
/// are hold what the old rules made.
#[test]
fn rules_that_change_have_another_number() {
    let options = crate::article::ReadOptions::default();
    let samples = ["samples/newsroom.jsonl".into()];
    let outcome = crate::article::read_articles(&samples, &options, |article, _| article).unwrap();
    let articles: Vec<Article> = outcome.items.into_iter().map(|item| item.value).collect();
    let detector = crate::detector::Detector::new(crate::config::Config::default()).unwrap();
    let grouped = detector.group(&crate::corpus::Corpus::of(articles.clone()).unwrap()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let told = told(&create(folder.path()), &articles, &[5]);
    let hash = |text: String| format!("{:016x}", xxhash_rust::xxh3::xxh3_64(text.as_bytes()));
    let found = (hash(format!("{:?} {:?}", grouped.groups, grouped.links)), hash(format!("{told:?}")));
    assert_eq!((&*found.0, &*found.1), ("75d96670c55d3c6c", "0c00a1d63349bcfe"));
}

/// Articles as rows of a table; an empty id is none.
struct Table(Vec<Article>);

impl Rows for Table {
    fn columns(&self) -> Vec<(String, ColumnKind)> {
        ["id", "source", "date", "text"].map(|name| (name.to_owned(), ColumnKind::Mixed)).to_vec()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn cell(&self, row: usize, column: usize) -> Value<'_> {
        let Article { id, source, date, text, .. } = &self.0[row];
        match column {
            0 if id.is_empty() => Value::Null,
            0 => Value::String(id.into()),
            1 => source.as_ref().map_or(Value::Null, |source| Value::String(source.into())),
            2 => date.map_or(Value::Null, Value::Time),
            _ => Value::String(text.into()),
        }
    }
}

#[test]
fn tables_are_added_in_one_commit_or_not_at_all() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [folder, other] = folders.each_ref().map(|folder| create(folder.path()));
    let articles: Vec<Article> = (0..70).map(|at| article(at, (at as u32 % 9, at as u32 % 12, 0, 1))).collect();
    let expected = told(&other, &articles, &[articles.len()]);

    let options = ReadOptions::default();
    let intake = || IndexIntake::new(&options, today(), OnConflict::Refuse);
    let table = |rows: std::ops::Range<usize>| [Table(articles[rows].to_vec())];
    let mut writer = IndexWriter::open(&folder).unwrap();
    let mut abandoned = intake();
    assert_eq!(abandoned.add(&mut writer, &table(0..60)).unwrap(), expected[..60]);
    abandoned.abandon(&mut writer).unwrap();
    for (again, says) in [
        (table(0..1), "id \"000\": found an article of this id in the index; expected ids that differ"),
        ([Table(vec![Article { id: String::new(), ..articles[1].clone() }])], "articles[60]: found a row without it"),
    ] {
        let mut failed = intake();
        failed.add(&mut writer, &table(0..60)).unwrap();
        let said = failed.add(&mut writer, &again).unwrap_err().to_string();
        assert!(said.starts_with(says), "{said}");
    }
    let mut whole = intake();
    let mut added = whole.add(&mut writer, &table(0..33)).unwrap();
    assert!(groups(&folder).is_empty());
    added.extend(whole.add(&mut writer, &table(33..70)).unwrap());
    assert_eq!((whole.len(), options.progress.stage().unwrap().count), (70, 70));
    whole.finish(&mut writer).unwrap();
    assert_eq!(added, expected);
    assert_eq!(groups(&folder), groups(&other));

    let mut cancelled = intake();
    options.progress.cancel();
    assert!(matches!(cancelled.add(&mut writer, &[Table(Vec::new())]), Ok(none) if none.is_empty()));
    let new = [Table(vec![Article { id: "new".into(), ..articles[0].clone() }])];
    assert!(matches!(cancelled.add(&mut writer, &new), Err(Error::Cancelled)));
    drop(writer);
    assert_eq!(groups(&folder), groups(&other));
    assert_eq!(Index::check(&folder).unwrap(), Vec::<String>::new());
}
