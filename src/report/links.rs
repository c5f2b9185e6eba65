//! All verified pairs, tab-separated: a, b, score, relation; in the order of the input, `a` before `b`.

use std::io::{self, Write};

use naskh::{Corpus, Link};

/// Refuses ids that cannot stand in a tab-separated file.
pub(crate) fn check_ids(corpus: &Corpus) -> anyhow::Result<()> {
    match corpus.headers.iter().find(|header| header.id.contains(['\t', '\n', '\r'])) {
        Some(header) => anyhow::bail!(
            "--pairs: found the id {:?}; expected ids without tabs and line ends, or a run without --pairs",
            header.id
        ),
        None => Ok(()),
    }
}

/// Writes `links` under the names of the columns.
pub(crate) fn write(out: &mut dyn Write, corpus: &Corpus, links: &[Link]) -> io::Result<()> {
    let header = |article: u32| &corpus.headers[article as usize];
    let mut ordered: Vec<_> = links
        .iter()
        .map(|link| {
            let (a, b) = (header(link.a), header(link.b));
            let (a, b) = if a.position <= b.position { (a, b) } else { (b, a) };
            (a, b, link)
        })
        .collect();
    ordered.sort_unstable_by_key(|(a, b, _)| (a.position, b.position));
    writeln!(out, "a\tb\tscore\trelation")?;
    for (a, b, link) in ordered {
        writeln!(out, "{}\t{}\t{:.4}\t{}", a.id, b.id, link.score, link.relation.name())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use naskh::{Article, Relation};

    use super::super::groups::tests::sample;
    use super::*;

    #[test]
    fn pairs_in_the_order_of_the_input() {
        let (corpus, _) = sample();
        let link = |a, b, relation| Link { a, b, score: 0.5, relation };
        let links = [link(0, 1, Relation::Copy), link(1, 3, Relation::Derived), link(2, 4, Relation::Copy)];
        let mut out = Vec::new();
        write(&mut out, &corpus, &links).unwrap();
        let expected = "a\tb\tscore\trelation\ne\tc\t0.5000\tcopy\nd\tb\t0.5000\tderived\nb\ta\t0.5000\tcopy\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_tab_in_an_id_is_refused() {
        let article = Article { id: "a\tb".into(), ..Article::default() };
        let error = check_ids(&Corpus::of(vec![article]).unwrap()).unwrap_err();
        assert!(error.to_string().contains(r#""a\tb""#));
    }
}
