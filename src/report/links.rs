//! All verified pairs, tab-separated: a, b, score, relation, and how much of each is in the other; in the order
//! of the input, `a` before `b`. Where updates are wanted they stand among them.

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
pub(crate) fn write<'l>(
    out: &mut dyn Write,
    corpus: &Corpus,
    links: impl IntoIterator<Item = &'l Link>,
) -> io::Result<()> {
    let header = |article: u32| &corpus.headers[article as usize];
    let mut ordered: Vec<_> = links
        .into_iter()
        .map(|link| {
            let (a, b) = (header(link.a), header(link.b));
            if a.position <= b.position {
                (a, b, link, link.containment)
            } else {
                (b, a, link, link.containment.swapped())
            }
        })
        .collect();
    ordered.sort_unstable_by_key(|(a, b, ..)| (a.position, b.position));
    writeln!(out, "a\tb\tscore\trelation\ta_in_b\tb_in_a")?;
    for (a, b, link, containment) in ordered {
        let (score, relation) = (link.score, link.relation.name());
        let (a_in_b, b_in_a) = (containment.a_in_b(), containment.b_in_a());
        writeln!(out, "{}\t{}\t{score:.4}\t{relation}\t{a_in_b:.2}\t{b_in_a:.2}", a.id, b.id)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use naskh::{Article, Containment, Relation};

    use super::super::samples::sample;
    use super::*;

    #[test]
    fn pairs_in_the_order_of_the_input() {
        let (corpus, _) = sample();
        let containment = Containment::from_percent(93, 7);
        let link = |a, b, relation| Link { a, b, score: 0.5, relation, containment };
        let links = [link(0, 1, Relation::Copy), link(1, 3, Relation::Derived), link(2, 4, Relation::Copy)];
        let mut out = Vec::new();
        write(&mut out, &corpus, &links).unwrap();
        // In the input the articles stood from the last to the first.
        let expected = "a\tb\tscore\trelation\ta_in_b\tb_in_a\n\
                        e\tc\t0.5000\tcopy\t0.07\t0.93\n\
                        d\tb\t0.5000\tderived\t0.07\t0.93\n\
                        b\ta\t0.5000\tcopy\t0.07\t0.93\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_tab_in_an_id_is_refused() {
        let article = Article { id: "a\tb".into(), ..Article::default() };
        let error = check_ids(&Corpus::of(vec![article]).unwrap()).unwrap_err();
        assert!(error.to_string().contains(r#""a\tb""#));
    }
}
