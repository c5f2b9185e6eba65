//! The furniture that reading a corpus drops, in its original wording. Texts are not kept, so the inputs are read
//! a second time, for the wording alone.

use std::path::PathBuf;

use ahash::AHashMap;

use super::Corpus;
use crate::arabic::Tokenizer;
use crate::article::{Article, ReadOptions, check_readable_twice, read_articles};
use crate::error::{Error, Place, Result};
use crate::shingle::{Document, FurnitureKind, spans};
use crate::spool::Memory;

/// A wording is cut to so many characters.
const LONGEST: usize = 160;

/// One segment that was dropped as furniture, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FurnitureText {
    /// Why it was dropped.
    pub kind: FurnitureKind,
    /// The source of the articles it was dropped from.
    pub source: Option<String>,
    /// How many they are.
    pub articles: usize,
    /// Its wording in the first of them in the order of the input: on one line, its first 160 characters.
    pub text: String,
}

/// A segment dropped from an article. In this order those of one text follow each other, the first in the input
/// first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Dropped {
    kind: FurnitureKind,
    source: Option<u32>,
    hash: u64,
    position: u32,
    article: u32,
}

impl Corpus {
    /// Reads as [`Corpus::read`] does, and tells what furniture it dropped: what was dropped from most articles
    /// first, then by the text. Reads `inputs` twice.
    ///
    /// # Errors
    /// Those of [`Corpus::read`]; and [`Error::Input`] for an input that cannot be read twice, such as standard
    /// input, or has changed in between.
    pub fn read_with_furniture(inputs: &[PathBuf], options: &ReadOptions) -> Result<(Corpus, Vec<FurnitureText>)> {
        inputs.iter().try_for_each(|input| check_readable_twice(input))?;
        let mut corpus = Corpus::read_as(Document::new, inputs, options, &Memory::default())?;
        let told =
            corpus.strip(|list: &mut Vec<(FurnitureKind, u64)>, segment, kind| list.push((kind, segment.hash)))?;
        let mut dropped: Vec<Dropped> = Vec::with_capacity(corpus.summary.furniture);
        for ((article, header), list) in (0u32..).zip(&corpus.headers).zip(told) {
            let (source, position) = (header.source, header.position);
            dropped.extend(list.into_iter().map(|(kind, hash)| Dropped { kind, source, hash, position, article }));
        }
        dropped.sort_unstable();
        // What an article says three times is dropped from it twice.
        dropped.dedup();
        let texts: Vec<&[Dropped]> =
            dropped.chunk_by(|x, y| (x.kind, x.source, x.hash) == (y.kind, y.source, y.hash)).collect();

        let wanted = texts.iter().map(|text| (corpus.headers[text[0].article as usize].id.as_str(), text[0].hash));
        let wordings = wordings(inputs, options, &wanted.collect::<Vec<_>>())?;
        let source = |number: u32| corpus.sources.get(number as usize).cloned();
        let told = |(text, wording): (&&[Dropped], String)| FurnitureText {
            kind: text[0].kind,
            source: text[0].source.and_then(source),
            articles: text.len(),
            text: wording,
        };
        let mut told: Vec<FurnitureText> = texts.iter().zip(wordings).map(told).collect();
        told.sort_by(|x, y| {
            let key = |t: &FurnitureText| std::cmp::Reverse(t.articles);
            (key(x), &x.text, &x.source, x.kind).cmp(&(key(y), &y.text, &y.source, y.kind))
        });
        Ok((corpus, told))
    }
}

/// The wording of each segment given by the id of an article and its hash.
fn wordings(inputs: &[PathBuf], options: &ReadOptions, segments: &[(&str, u64)]) -> Result<Vec<String>> {
    let mut wanted: AHashMap<&str, Vec<(u64, usize)>> = AHashMap::new();
    for (at, &(id, hash)) in segments.iter().enumerate() {
        wanted.entry(id).or_default().push((hash, at));
    }
    let look = |article: Article| {
        let wanted = wanted.get(article.id.as_str()).map_or(&[][..], Vec::as_slice);
        let spans = if wanted.is_empty() { Vec::new() } else { spans(&article, &Tokenizer::new()) };
        let find = |&(hash, at): &(u64, usize)| {
            let span = spans.iter().find(|(other, _)| *other == hash)?.1.clone();
            Some((at, shortened(article.text.get(span)?)))
        };
        wanted.iter().filter_map(find).collect::<Vec<_>>()
    };
    let outcome = read_articles(inputs, options, |article, _| look(article))?;
    let mut found: Vec<Option<String>> = vec![None; segments.len()];
    // Where articles of one id may be skipped the first is the one that counts.
    for (at, text) in outcome.items.into_iter().flat_map(|item| item.value) {
        found[at].get_or_insert(text);
    }
    let whole = |(text, (id, _)): (Option<String>, &(&str, u64))| {
        text.ok_or_else(|| Error::Input {
            place: Place { path: id.to_string(), line: None },
            found: "another text on the second reading".into(),
            expected: "inputs that stay as they are meanwhile".into(),
        })
    };
    found.into_iter().zip(segments).map(whole).collect()
}

/// `text` on one line, cut to its first [`LONGEST`] characters.
fn shortened(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(LONGEST) {
        line.truncate(end);
        line.push('\u{2026}');
    }
    line
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::article::OnError;

    const LINE: &str = "تابعوا صفحاتنا  على الشبكات الاجتماعية";
    const STORIES: [(&str, &str); 4] = [
        ("افتتاح مكتبة عامة في حي الصفصاف", "افتتح رئيس البلدية مكتبة تضم تسعة آلاف كتاب وقاعة للأطفال"),
        ("تأجيل سباق القوارب بسبب الضباب", "أرجأت لجنة التحكيم السباق إلى السبت لأن الرؤية انعدمت فوق البحيرة"),
        ("ارتفاع أسعار الزيتون في سوق التلال", "باع المزارعون القنطار بضعف ثمنه بعدما أتلف الصقيع نصف المحصول"),
        ("حريق يلتهم مخزن أخشاب", "أخمد الإطفائيون النيران بعد أربع ساعات ولم يصب أحد من العمال"),
    ];

    /// A file of records: id, title, lines; all of one source.
    fn file(records: &[(&str, &str, &[&str])]) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let line = |&(id, title, lines): &(&str, &str, &[&str])| {
            let text = lines.join("\n");
            serde_json::json!({ "id": id, "source": "sahil", "title": title, "text": text }).to_string() + "\n"
        };
        fs::write(&path, records.iter().map(line).collect::<String>()).unwrap();
        (folder, path)
    }

    fn told(path: PathBuf, options: &ReadOptions) -> Vec<(FurnitureKind, usize, String)> {
        let (corpus, told) = Corpus::read_with_furniture(std::slice::from_ref(&path), options).unwrap();
        let again = Corpus::read(&[path], options).unwrap();
        assert!((0..corpus.len()).all(|i| corpus.documents.get(i) == again.documents.get(i)));
        assert!(told.iter().all(|one| one.source.as_deref() == Some("sahil")));
        told.into_iter().map(|one| (one.kind, one.articles, one.text)).collect()
    }

    #[test]
    fn each_kind_with_its_first_wording() {
        let [library, race, olives, fire] = STORIES;
        let (_folder, path) = file(&[
            // The first in the input, not in the order of the ids.
            ("z", library.0, &[library.1, "تابعوا صفحاتنا  على «الشبكات» الاجتماعية!"]),
            ("y", race.0, &[race.1, "قوارب", LINE, "قوارب", "اقرأ أيضا: ارتفاعُ أسعار الزيتون في سوق التلال", LINE]),
            ("x", olives.0, &[olives.1, LINE]),
            ("w", fire.0, &[fire.1, "وعاد السكان إلى بيوتهم صباح اليوم التالي", fire.1, LINE, fire.1]),
        ]);
        let expected = [
            (FurnitureKind::Repeated, 4, "تابعوا صفحاتنا على «الشبكات» الاجتماعية"),
            (FurnitureKind::Again, 1, fire.1),
            (FurnitureKind::Teaser, 1, "اقرأ أيضا: ارتفاعُ أسعار الزيتون في سوق التلال"),
            (FurnitureKind::Tag, 1, "قوارب"),
        ];
        assert_eq!(told(path, &ReadOptions::default()), expected.map(|(kind, n, text)| (kind, n, text.to_owned())));
    }

    #[test]
    fn of_articles_of_one_id_the_first_counts() {
        let [library, race, _, _] = STORIES;
        let (_folder, path) = file(&[
            ("b", race.0, &[race.1, "«قوارب»", "قوارب"]),
            ("a", library.0, &[library.1]),
            ("b", race.0, &["قواربٌ", "قوارب", library.1]),
        ]);
        let options = ReadOptions { on_error: OnError::Skip, ..ReadOptions::default() };
        // Its quotation mark at the beginning belongs to no word.
        assert_eq!(told(path, &options), [(FurnitureKind::Tag, 1, "قوارب".to_owned())]);
    }

    #[test]
    fn inputs_that_change_or_are_gone() {
        let (_folder, path) = file(&[("a", "", &["مكتبة المدينة"])]);
        let error = wordings(std::slice::from_ref(&path), &ReadOptions::default(), &[("a", 1)]).unwrap_err();
        assert!(error.to_string().starts_with("a: found another text on the second reading"), "{error}");
        for gone in if cfg!(unix) { &["-", "/dev/null"][..] } else { &["-"] } {
            let inputs = [path.clone(), PathBuf::from(gone)];
            let error = Corpus::read_with_furniture(&inputs, &ReadOptions::default()).unwrap_err();
            assert!(error.to_string().starts_with(&format!("{gone}: found an input that can be read once")), "{error}");
        }
    }

    #[test]
    fn long_wordings_are_cut_between_characters() {
        assert_eq!(shortened(" أ\tب\u{2028}ج "), "أ ب ج");
        assert_eq!(shortened(&"ب".repeat(LONGEST)), "ب".repeat(LONGEST));
        assert_eq!(shortened(&"ب".repeat(LONGEST + 1)), format!("{}\u{2026}", "ب".repeat(LONGEST)));
    }
}
