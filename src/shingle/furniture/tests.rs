//! What is furniture and what is not, by cases of `testdata/furniture.txt`; and what holds for any text.

use proptest::prelude::*;

use super::*;
use crate::arabic::Tokenizer;
use crate::article::Article;

fn document(title: &str, text: &str) -> Document {
    let article = Article { title: title.into(), text: text.into(), ..Article::default() };
    Document::new(&article, &Tokenizer::new())
}

/// Documents without their furniture, and how many segments each lost; all that were told.
fn stripped(documents: &[Document], sources: &[Option<u32>]) -> Vec<(Document, usize)> {
    let (furniture, concerned) = Furniture::find(&Documents::of(documents), sources);
    let strip = |((index, document), &source): ((u32, &Document), &Option<u32>)| {
        let mut document = document.clone();
        let mut told = 0;
        let dropped = furniture.strip(index, source, &mut document, |_, _| told += 1);
        assert!(dropped == 0 || concerned[index as usize]);
        assert_eq!(told, dropped);
        (document, dropped)
    };
    (0..).zip(documents).zip(sources).map(strip).collect()
}

#[test]
fn the_cases() {
    let cases = include_str!("../testdata/furniture.txt").split("\n= ").skip(1);
    let mut count = 0;
    for case in cases {
        let (name, articles) = case.split_once('\n').unwrap();
        let mut names: Vec<&str> = Vec::new();
        let (mut documents, mut sources, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        for article in articles.split("@ ").skip(1) {
            let mut lines = article.trim_end().lines();
            let (source, title) = lines.next().map(|line| line.split_once(' ').unwrap_or((line, ""))).unwrap();
            let number = names.iter().position(|&known| known == source).unwrap_or(names.len());
            names.extend((number == names.len()).then_some(source));
            sources.push((source != "-").then_some(number as u32));

            let lines: Vec<&str> = lines.collect();
            let text: Vec<&str> = lines.iter().map(|line| line.strip_prefix("x ").unwrap_or(line)).collect();
            documents.push(document(title, &text.join("\n")));
            let stay: Vec<&str> = lines.iter().copied().filter(|line| !line.starts_with("x ")).collect();
            kept.push((document(title, &stay.join("\n")), lines.len() - stay.len()));
        }
        for (at, (found, wanted)) in stripped(&documents, &sources).into_iter().zip(kept).enumerate() {
            // The fingerprint is that of the whole text.
            let wanted = (Document { fingerprint: found.0.fingerprint, ..wanted.0 }, wanted.1);
            assert_eq!(found, wanted, "{name}: article {at}");
            assert_eq!(found.0.fingerprint, documents[at].fingerprint, "{name}: article {at}");
        }
        count += 1;
    }
    assert_eq!(count, 15);
}

/// Texts of few different words and sentences, so that much is repeated; a source or none.
fn articles() -> impl Strategy<Value = Vec<(String, String, Option<u32>)>> {
    let word = prop::sample::select(vec!["qalam", "bahr", "jabal", "nahr", "sahil", "wadi", "matar", "7", "12"]);
    let sentence = prop::collection::vec(word, 0..9).prop_map(|words| words.join(" "));
    let pool = prop::collection::vec(sentence, 1..8);
    let shape =
        prop::collection::vec((any::<usize>(), prop::collection::vec(any::<usize>(), 0..10), any::<u32>()), 0..9);
    (pool, shape).prop_map(|(pool, shape)| {
        let pick = |at: usize| pool[at % pool.len()].clone();
        let article = |(title, lines, source): (usize, Vec<usize>, u32)| {
            let lines: Vec<String> = lines.into_iter().map(pick).collect();
            (pick(title), lines.join("\n"), (source % 3 > 0).then_some(source % 3))
        };
        shape.into_iter().map(article).collect()
    })
}

proptest! {
    #[test]
    fn titles_stay_and_segments_keep_their_order(articles in articles()) {
        let documents: Vec<Document> = articles.iter().map(|(title, text, _)| document(title, text)).collect();
        let sources: Vec<Option<u32>> = articles.iter().map(|article| article.2).collect();
        for (before, (after, dropped)) in documents.iter().zip(stripped(&documents, &sources)) {
            prop_assert_eq!(before.segments.len(), after.segments.len() + dropped);
            prop_assert_eq!(before.title_len(), after.title_len());
            prop_assert_eq!(&before.stems[..before.title_len()], &after.stems[..after.title_len()]);
            prop_assert_eq!(before.fingerprint, after.fingerprint);
            prop_assert_eq!(after.segments.last().map_or(0, |last| last.end as usize), after.stems.len());
            // Each segment that remains is found behind the one before it.
            let mut rest = before.segments();
            for (segment, stems) in after.segments() {
                let same = |(s, content): (&Segment, &[Stem])| (s.hash, s.title, content) == (segment.hash, segment.title, stems);
                prop_assert!(rest.any(same));
            }
        }
    }

    #[test]
    fn what_is_stripped_has_nothing_twice(articles in articles()) {
        let documents: Vec<Document> = articles.iter().map(|(title, text, _)| document(title, text)).collect();
        let sources: Vec<Option<u32>> = articles.iter().map(|article| article.2).collect();
        for (after, _) in stripped(&documents, &sources) {
            let mut hashes: Vec<u64> = after.segments.iter().map(|s| s.hash).collect();
            hashes.sort_unstable();
            prop_assert!(hashes.is_sorted_by(|x, y| x < y));
        }
    }
}
