//! Groups to write, for the tests of the formats.

use naskh::{Article, Containment, Corpus, Group, Link, Relation, Timestamp, Verdict};

/// Articles `a` to `e`, read in the order e, d, c, b, a; `b` and `d` are one group, told by `b`.
pub(super) fn sample() -> (Corpus, Vec<Group>) {
    let article = |id: &str| Article {
        id: id.into(),
        source: (id == "b").then(|| "wire, \"A\"".into()),
        title: format!("Title {id}"),
        date: Timestamp::parse("2026-04-12").filter(|_| id == "b"),
        ..Article::default()
    };
    let corpus = Corpus::of(["e", "d", "c", "b", "a"].map(article).to_vec()).unwrap();
    let verdict = Verdict { score: 0.98765, relation: Some(Relation::Derived) };
    let group = Group { representative: 1, members: vec![(3, verdict)] };
    (corpus, vec![group])
}

/// Articles `a` to `e`, read in the order e, d, c, b, a, each a day after the one of the letter before; `b` and
/// `d` are one group. All others are updates of articles before them, `c` of two, `d` of its own group's `b`.
pub(super) fn sample_with_updates() -> (Corpus, Vec<Group>, Vec<Link>) {
    let article = |(id, day): (&str, u32)| Article {
        id: id.into(),
        title: format!("Title {id}"),
        date: Timestamp::parse(&format!("2026-04-0{day}")),
        ..Article::default()
    };
    let articles = [("e", 5), ("d", 4), ("c", 3), ("b", 2), ("a", 1)].map(article).to_vec();
    let verdict = Verdict { score: 0.9, relation: Some(Relation::Derived) };
    let groups = vec![Group { representative: 1, members: vec![(3, verdict)] }];
    let links = [(0, 1, 0.11111), (0, 2, 0.3), (1, 2, 0.2), (1, 3, 0.4), (3, 4, 0.5), (1, 4, 0.55555)];
    (Corpus::of(articles).unwrap(), groups, links.map(|(a, b, score)| update(a, b, score)).to_vec())
}

fn update(a: u32, b: u32, score: f64) -> Link {
    Link { a, b, score, relation: Relation::Update, containment: Containment::default() }
}
