//! Figures by which texts can be told to be as hard as others: a table with a column for each input.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use naskh::{Config, Corpus, Detector, Document, ReadOptions, Scaled, Token, TokenKind, Tokenizer, read_articles};

/// Stems at most so far apart make a pair, as in the shingles of naskh.
const REACH: usize = 3;
/// Of pairs one in so many is looked at.
const SAMPLE: u32 = 16;
/// Classes of document frequency: the first of each.
const CLASSES: usize = 4;
const FIRST: [usize; CLASSES] = [1, 2, 4, 51];

/// What is found of one article.
struct Figures {
    bytes: usize,
    words: usize,
    numbers: usize,
    stems: Vec<u64>,
    /// How many stems there are, each as often as it comes.
    length: usize,
    pairs: Vec<u64>,
}

/// The table, in Markdown.
pub(crate) fn describe(inputs: &[PathBuf]) -> anyhow::Result<String> {
    let columns: Vec<Vec<(String, String)>> = inputs.iter().map(|input| column(input)).collect::<Result<_, _>>()?;
    let name = |path: &PathBuf| path.file_stem().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut table = format!("| | {} |\n", inputs.iter().map(name).collect::<Vec<_>>().join(" | "));
    table += &format!("| --- |{}\n", " --- |".repeat(inputs.len()));
    let rows = columns.first().map_or(0, Vec::len);
    for row in 0..rows {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].1.as_str()).collect();
        table += &format!("| {} | {} |\n", columns[0][row].0, cells.join(" | "));
    }
    Ok(table)
}

fn column(input: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let (tokenizer, sample) = (Tokenizer::new(), Scaled::new(SAMPLE)?);
    let inputs = [input.to_owned()];
    let read = read_articles(&inputs, &ReadOptions::default(), |article, _| {
        let document = Document::new(&article, &tokenizer);
        let mut tokens: Vec<Token> = Vec::new();
        tokenizer.tokens(&article.text, &mut tokens);
        let is_word = |token: &&Token| !matches!(token.kind, TokenKind::Sentence | TokenKind::Line);
        Figures {
            bytes: article.text.len(),
            words: tokens.iter().filter(is_word).count(),
            numbers: tokens.iter().filter(|token| token.kind == TokenKind::Number).count(),
            length: document.stems.len(),
            stems: distinct(document.stems.iter().map(hash).collect()),
            pairs: distinct(pairs(&document).filter(|&pair| sample.keep(pair)).collect()),
        }
    })?;
    let mut all: Vec<Figures> = read.items.into_iter().map(|item| item.value).collect();
    all.sort_by_key(|figures| figures.words);
    let count = all.len().max(1);
    let mean = |of: fn(&Figures) -> usize| all.iter().map(of).sum::<usize>() as f64 / count as f64;
    let at = |share: usize| all.get(all.len() * share / 100).map_or(0, |figures| figures.words);
    let stems = mean(|figures| figures.length);
    let mut rows = vec![
        ("articles".to_owned(), all.len().to_string()),
        ("bytes of text an article".to_owned(), format!("{:.0}", mean(|figures| figures.bytes))),
        ("words and numbers an article".to_owned(), format!("{:.0}", mean(|figures| figures.words))),
        ("of 10, 50, 90 and 99 %".to_owned(), format!("{}, {}, {}, {}", at(10), at(50), at(90), at(99))),
        ("numbers an article".to_owned(), format!("{:.1}", mean(|figures| figures.numbers))),
        ("content stems an article".to_owned(), format!("{stems:.0}")),
        ("different ones".to_owned(), format!("{:.0}", mean(|figures| figures.stems.len()))),
    ];
    let (different, stems) = frequencies(all.iter().flat_map(|figures| figures.stems.iter().copied()).collect());
    rows.push(("different stems in all".to_owned(), different.to_string()));
    rows.push(("stems in 1 / 2 or 3 / 4 to 50 / more articles, %".to_owned(), stems));
    let (_, pairs) = frequencies(all.iter().flat_map(|figures| figures.pairs.iter().copied()).collect());
    rows.push(("pairs of stems in 1 / 2 or 3 / 4 to 50 / more articles, %".to_owned(), pairs));

    let corpus = Corpus::read(&inputs, &ReadOptions::default())?;
    let found = Detector::new(Config::default())?.group(&corpus)?;
    let each = |number: usize| format!("{:.2}", number as f64 / count as f64);
    rows.push(("candidates of `naskh group` an article".to_owned(), each(found.summary.candidates)));
    rows.push(("verified pairs an article".to_owned(), each(found.links.len())));
    let others = found.summary.candidates.saturating_sub(found.links.len());
    rows.push(("candidates not verified an article".to_owned(), each(others)));
    Ok(rows)
}

/// How many different values there are, and the shares of all that come as often as each class says. Each article has a
/// value once.
fn frequencies(mut values: Vec<u64>) -> (usize, String) {
    let all = values.len().max(1) as f64;
    values.sort_unstable();
    let (mut different, mut shares) = (0, [0_usize; CLASSES]);
    for same in values.chunk_by(|a, b| a == b) {
        different += 1;
        shares[class(same.len())] += same.len();
    }
    (different, shares.map(|share| format!("{:.1}", share as f64 / all * 100.0)).join(" / "))
}

/// Which class a document frequency is of.
fn class(frequency: usize) -> usize {
    FIRST.partition_point(|&first| first <= frequency) - 1
}

/// The unordered pairs of different stems near each other, as hashes.
fn pairs(document: &Document) -> impl Iterator<Item = u64> {
    let starts = std::iter::once(0).chain(document.segments.iter().map(|segment| segment.end as usize));
    let segments = starts.zip(&document.segments).map(|(start, segment)| &document.stems[start..segment.end as usize]);
    segments.flat_map(|stems| {
        let near = |(at, &a): (usize, _)| stems[at + 1..].iter().take(REACH).map(move |&b| (a, b));
        stems.iter().enumerate().flat_map(near).filter(|(a, b)| a != b).map(|(a, b)| hash(&(a.min(b), a.max(b))))
    })
}

/// The same for the same value in one build, which is enough to count it.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn distinct(mut values: Vec<u64>) -> Vec<u64> {
    values.sort_unstable();
    values.dedup();
    values
}
