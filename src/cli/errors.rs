//! `naskh eval --errors`: the pairs judged or grouped wrongly, those of most weight first, each with what it takes
//! to see why: both articles, and what each feature added.
//!
//! Texts are not kept with a corpus, so the input is read again, for the articles wanted only.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, bail};
use naskh::{Contribution, Corpus, Found, Judged, Judges, ReadOptions, Timestamp, by_size, read_articles};

use super::judged::{JudgedPairs, file_name};
use crate::report::Screen;
use crate::report::comparison::write_contributions;

/// How much of a text is shown, in characters.
const HEAD: usize = 400;

/// A pair to be listed.
struct Wrong<'e> {
    /// Its place among the pairs.
    pair: usize,
    found: &'e Found,
    contributions: Vec<Contribution>,
}

/// Writes what was found wrongly of corpus `number`.
pub(super) fn write(
    out: &mut dyn Write,
    (number, pairs, judged, found): (usize, &JudgedPairs, &Judged, &[Found]),
    judges: &Judges,
    options: &ReadOptions,
) -> anyhow::Result<()> {
    let contributions = judges.contributions(number, judged, |pair| found[pair].case.is_wrong());
    let mut wrong: Vec<Wrong<'_>> = contributions
        .into_iter()
        .map(|(pair, contributions)| Wrong { pair, found: &found[pair], contributions: by_size(&contributions) })
        .collect();
    // Of equal weight: in the order of the pairs.
    let weight = |wrong: &Wrong<'_>| wrong.found.case.judgement.weight;
    wrong.sort_by(|x, y| weight(y).total_cmp(&weight(x)));
    let articles = wrong.iter().flat_map(|wrong| <[u32; 2]>::from(judged.numbers[wrong.pair]));
    let heads = heads(&judged.corpus, articles.collect(), &pairs.articles, options)?;
    writeln!(out, "{}: {} of {} pairs wrong", judged.name, wrong.len(), found.len())?;
    for (place, wrong) in (1..).zip(&wrong) {
        write_one(out, place, wrong, (pairs, judged), &heads)?;
    }
    Ok(())
}

fn write_one(
    out: &mut dyn Write,
    place: usize,
    wrong: &Wrong<'_>,
    (pairs, judged): (&JudgedPairs, &Judged),
    heads: &BTreeMap<u32, String>,
) -> io::Result<()> {
    let (row, judgement) = &pairs.rows[wrong.pair];
    let (file, case) = (file_name(&pairs.path), &wrong.found.case);
    let yes = |is: bool| if is { "yes" } else { "no" };
    let rightly = |is: bool| if is { "right" } else { "wrong" };
    writeln!(out, "\n{place}. {}:{}", Screen::PLAIN.show(&file), row.line)?;
    let (label, weight) = (judgement.label, judgement.weight);
    let (sure, template) = (yes(judgement.sure), yes(judgement.template));
    writeln!(out, "judged    label {label}, sure {sure}, template {template}, weight {weight}")?;
    let relation = wrong.found.relation.map_or(String::new(), |relation| format!("{}, ", relation.name()));
    let (said, verdict) = (yes(case.said), rightly(case.said == case.truth));
    writeln!(out, "verdict   {said}, {relation}score {:.4}: {verdict}", case.score)?;
    if let Some(grouping) = case.grouping {
        let together = if grouping.together { "together" } else { "apart" };
        let candidate = if grouping.proposed { "a candidate" } else { "no candidate" };
        writeln!(out, "groups    {together}, {candidate}: {}", rightly(grouping.together == case.truth))?;
    }
    let (a, b) = judged.numbers[wrong.pair];
    let header = |article: u32| &judged.corpus.headers[article as usize];
    match header(a).date.zip(header(b).date) {
        Some((a, b)) => writeln!(out, "apart     {:.1} days", Timestamp::days_between(a, b))?,
        None => writeln!(out, "apart     unknown days")?,
    }
    for (name, article) in [("A", a), ("B", b)] {
        let header = header(article);
        let source = header.source.map_or("no source", |source| &judged.corpus.sources[source as usize]);
        let date = header.date.map_or("no date".to_owned(), |date| date.to_string());
        let (id, source) = (Screen::PLAIN.show(&header.id), Screen::PLAIN.show(source));
        writeln!(out, "{name}         {id}, {date}, {source}")?;
        let title = judged.corpus.title(article);
        let (title, head) = (Screen::PLAIN.show(&title), heads.get(&article).map_or("", String::as_str));
        for line in [&*title, head].into_iter().filter(|line| !line.is_empty()) {
            writeln!(out, "          {line}")?;
        }
    }
    writeln!(out)?;
    write_contributions(out, Screen::PLAIN, &wrong.contributions)
}

/// How the texts of the articles `wanted` begin, read from `input` once more.
fn heads(
    corpus: &Corpus,
    wanted: BTreeSet<u32>,
    input: &Path,
    options: &ReadOptions,
) -> anyhow::Result<BTreeMap<u32, String>> {
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let outcome = read_articles(&[input.to_owned()], options, |article, _| {
        let number = corpus.find(&article.id).filter(|number| wanted.contains(number))?;
        Some(Box::new((number, head(&article.text))))
    })
    .context("the second reading, for --errors")?;
    let mut heads = BTreeMap::new();
    for (number, head) in outcome.items.into_iter().filter_map(|item| item.value).map(|item| *item) {
        // Of articles with one id the first was kept.
        heads.entry(number).or_insert(head);
    }
    if let Some(gone) = wanted.iter().find(|number| !heads.contains_key(number)) {
        let id = &corpus.headers[*gone as usize].id;
        bail!("{}: found no article {id:?} when read again for --errors; expected the same input", input.display());
    }
    Ok(heads)
}

/// The first words of `text` on one line.
fn head(text: &str) -> String {
    let mut head = String::new();
    let mut room = HEAD;
    for word in text.split_whitespace() {
        let length = word.chars().count();
        if length > room {
            // A word that fills the line alone is cut all the same.
            if head.is_empty() {
                head.extend(word.chars().take(HEAD));
            }
            head.push('\u{2026}');
            break;
        }
        head.push_str(word);
        head.push(' ');
        room = (room - length).saturating_sub(1);
    }
    Screen::PLAIN.show(&head)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use naskh::{Article, Case, InGrouping, Judgement, OnError, Relation};

    use super::super::pairs::PairRow;
    use super::*;

    fn article(id: &str, date: Option<&str>, source: Option<&str>, title: &str) -> Article {
        Article {
            id: id.into(),
            source: source.map(str::to_owned),
            date: date.and_then(Timestamp::parse),
            title: title.into(),
            text: "نص".into(),
        }
    }

    #[test]
    fn all_there_is_to_know_of_a_pair() {
        let articles = vec![
            article("x", Some("2026-04-12"), Some("alwadi"), "عنوان\nفي سطرين"),
            article("y", Some("2026-04-13T12:00Z"), None, ""),
            article("z", None, None, ""),
        ];
        let judgement = Judgement { label: 5, weight: 2.5, template: true, sure: false };
        let row = |line, a: &str, b: &str| (PairRow { line, a: a.into(), b: b.into() }, judgement);
        let pairs = JudgedPairs {
            articles: "in/news.jsonl".into(),
            path: "in/pairs.tsv".into(),
            rows: vec![row(2, "x", "y"), row(7, "y", "z")],
        };
        let judged = Judged {
            name: "news.jsonl".into(),
            judgements: vec![judgement; 2],
            corpus: Corpus::of(articles).unwrap(),
            numbers: vec![(0, 1), (1, 2)],
        };
        let grouping = Some(InGrouping { together: true, proposed: true });
        let case = Case { judgement, truth: true, score: 0.75, said: false, grouping };
        let found = Found { case, relation: Some(Relation::Derived) };
        let contributions = [("days_apart", 0.5, -0.25), ("title_overlap", f64::NAN, 0.0), ("verbatim", 0.125, 1.5)]
            .map(|(feature, value, contribution)| Contribution { feature, value, contribution });
        let wrong = |pair| Wrong { pair, found: &found, contributions: by_size(&contributions) };
        let heads = BTreeMap::from([(0, "أول النص".to_owned()), (1, "نص آخر".to_owned())]);
        let mut out = Vec::new();
        write_one(&mut out, 1, &wrong(0), (&pairs, &judged), &heads).unwrap();
        write_one(&mut out, 2, &wrong(1), (&pairs, &judged), &heads).unwrap();
        let out = String::from_utf8(out).unwrap();
        let expected = "
1. pairs.tsv:2
judged    label 5, sure no, template yes, weight 2.5
verdict   no, derived, score 0.7500: wrong
groups    together, a candidate: right
apart     1.5 days
A         x, 2026-04-12, alwadi
          عنوان في سطرين
          أول النص
B         y, 2026-04-13T12:00:00Z, no source
          نص آخر

feature          value  log-odds
verbatim         0.125    +1.500
days_apart       0.500    -0.250
title_overlap  unknown    +0.000

2. pairs.tsv:7
";
        assert_eq!(&out[..expected.len()], expected);
        assert!(
            out.contains("apart     unknown days\n") && out.contains("B         z, no date, no source\n\n"),
            "{out}"
        );
    }

    #[test]
    fn a_text_is_cut_at_a_word() {
        assert_eq!(head(" كلمة\n\n\tأخرى "), "كلمة أخرى");
        // Six characters each with the blank: the 400 end within the 67th.
        let long = "كلمات ".repeat(100);
        assert_eq!(head(&long), format!("{}\u{2026}", "كلمات ".repeat(66)));
        let exactly = format!("{}abcd", "كلمات ".repeat(66));
        assert_eq!(head(&exactly), exactly);
        assert_eq!(head(&format!("{exactly} e")), format!("{exactly} \u{2026}"));
        assert_eq!(head(&"ك".repeat(1000)), format!("{}\u{2026}", "ك".repeat(400)));
        assert_eq!(head("a\u{202E}\u{7}b"), "ab");
        assert_eq!(head(""), "");
    }

    #[test]
    fn the_second_reading_finds_what_the_first_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        let line = |id: &str, text: &str| format!("{{\"id\":\"{id}\",\"text\":\"{text}\"}}\n");
        fs::write(&path, line("x", "واحد") + &line("y", "اثنان") + &line("x", "ثلاثة") + "{\n").unwrap();
        let options = ReadOptions { on_error: OnError::Skip, ..ReadOptions::default() };
        let corpus = Corpus::read(std::slice::from_ref(&path), &options).unwrap();
        assert_eq!(corpus.len(), 2);
        let found = heads(&corpus, BTreeSet::from([0]), &path, &options).unwrap();
        assert_eq!(found, BTreeMap::from([(0, "واحد".to_owned())]));

        fs::write(&path, line("x", "واحد")).unwrap();
        let error = heads(&corpus, BTreeSet::from([0, 1]), &path, &options).unwrap_err().to_string();
        assert!(
            error.ends_with("a.jsonl: found no article \"y\" when read again for --errors; expected the same input")
        );
    }
}
