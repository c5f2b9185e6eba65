//! The stages put together as an engine does that holds the articles in parts: the groups are those of the detector.

#![allow(clippy::unwrap_used, reason = "in tests a panic is the report")]

use std::collections::{BTreeMap, BTreeSet};

use naskh::stages::*;
use naskh::{Article, Config, Corpus, Detector, Level, Memory, Timestamp, Tokenizer};

/// Buckets of every exchange, and parts of every list.
const BUCKETS: u32 = 5;

/// Groups as sets of ids, each with the representative first: member, relation, score.
type Groups = BTreeSet<Vec<(String, String, u64)>>;

/// What an engine keeps of an article.
struct Kept {
    id: String,
    date: Option<Timestamp>,
    source: Option<u64>,
    fingerprint: u64,
    title: Option<(u64, u32)>,
    sentences: Vec<u64>,
    document: Vec<u8>,
}

/// Whole days between two articles; 0 where one is not dated.
fn days_apart(a: &Kept, b: &Kept) -> i64 {
    a.date.zip(b.date).map_or(0, |(a, b)| (a.days() - b.days()).abs())
}

/// Brings what is dealt out in parts together, bucket by bucket.
fn exchange(parts: impl IntoIterator<Item = Vec<Entry>>) -> Vec<Vec<Entry>> {
    let mut buckets: BTreeMap<u32, Vec<Entry>> = BTreeMap::new();
    for (bucket, bytes) in parts.into_iter().flat_map(|part| deal(part, BUCKETS)) {
        gather(&bytes, buckets.entry(bucket).or_default()).unwrap();
    }
    buckets.into_values().collect()
}

/// Of each article whether an earlier one stands before it under the same key.
fn is_later<K: Ord>(kept: &[Kept], key: impl Fn(&Kept) -> K) -> Vec<bool> {
    let mut seen = BTreeSet::new();
    kept.iter().map(|article| article.fingerprint != 0 && !seen.insert(key(article))).collect()
}

fn by_stages(config: &Config, articles: &[Article]) -> Groups {
    let tokenizer = Tokenizer::new();
    let mut kept: Vec<Kept> = articles
        .iter()
        .map(|given| {
            let cleaned = article(&given.title, &given.text, given.date, given.source.as_deref());
            let Digest { fingerprint, title, sentences, document } = digest(&cleaned, &tokenizer);
            let source = given.source.as_deref().map(source_key);
            Kept { id: given.id.clone(), date: given.date, source, fingerprint, title, sentences, document }
        })
        .collect();
    kept.sort_by(|x, y| x.id.cmp(&y.id));
    let all = kept.len() as u64;

    // Furniture.
    let copies = is_later(&kept, |article| (article.fingerprint, article.source));
    let entries = (0..).zip(&kept).zip(&copies);
    let entries = entries.map(|((number, k), &copy)| sentences(&k.sentences, number, k.source.is_some(), copy));
    let mut stories = Stories::new((0..).zip(&kept).map(|(n, k)| (n, k.source, &k.document[..])).collect()).unwrap();
    let mut dropped: BTreeMap<u64, (Vec<u64>, Vec<u64>)> = BTreeMap::new();
    for found in exchange(entries).into_iter().flat_map(repeated) {
        if stories.is_furniture(found.key, found.wanted, &found.articles) {
            for article in found.articles.into_iter().chain(found.copies) {
                dropped.entry(article).or_default().0.push(found.key);
            }
        }
    }
    let longest = kept.iter().filter_map(|k| Some(k.title?.1)).max().unwrap_or(0);
    let entries = (0..).zip(&kept).map(|(article, k)| {
        let mut entries = teaser_keys(&k.document, article, longest).unwrap();
        entries.extend(k.title.map(|(key, _)| Entry { key, article, value: 0 }));
        entries
    });
    for teaser in exchange(entries).into_iter().flat_map(teasers) {
        if let Some(hash) = stories.teaser(&teaser) {
            dropped.entry(teaser.article).or_default().1.push(hash);
        }
    }
    assert!(dropped.values().any(|furniture| !furniture.0.is_empty()), "no sentence is repeated");
    assert!(dropped.values().any(|furniture| !furniture.1.is_empty()), "no teaser");
    for (number, k) in (0..).zip(&mut kept) {
        let (repeated, teasers) = dropped.remove(&number).unwrap_or_default();
        k.document = strip(&k.document, k.source, &repeated, &teasers).unwrap();
    }

    // Candidates.
    let rank = |k: &Kept, number: u64| (k.date.is_none(), k.date, number);
    let mut by_words: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    (0..)
        .zip(&kept)
        .filter(|(_, k)| k.fingerprint != 0)
        .for_each(|(n, k)| by_words.entry(k.fingerprint).or_default().push(n));
    let mut later = BTreeMap::new();
    for same in by_words.values() {
        let first = *same.iter().min_by_key(|&&n| rank(&kept[n as usize], n)).unwrap();
        later.extend(same.iter().filter(|&&n| n != first).map(|&n| (n, first)));
    }
    let stems_in_all: usize = kept.iter().map(|k| stems(&k.document).unwrap()).sum();
    let counted: Vec<u64> = (0..all).filter(|n| n % PartDetector::step(config, all) == 0).collect();
    let part = |n: u64| {
        let k = &kept[n as usize];
        PartArticle { number: n, date: k.date, source: k.source, document: &k.document }
    };
    let stand: Vec<PartArticle<'_>> = counted.iter().filter(|n| !later.contains_key(n)).map(|&n| part(n)).collect();
    let mut sampler = Sampler::new(config, all, stems_in_all as u64, &stand).unwrap();
    let sampled: Vec<Counted> = (0..all)
        .map(|n| if later.contains_key(&n) { Counted::default() } else { sampler.sample(&part(n)).unwrap() })
        .collect();
    let mut common: Vec<u32> = sampled.iter().map(|counted| counted.common).collect();
    let found: Vec<Postings> = exchange(sampled.iter().map(|counted| counted.entries.clone()))
        .into_iter()
        .map(|entries| postings(config, entries))
        .collect();
    for entry in found.iter().flat_map(|found| &found.common) {
        common[entry.key as usize] += entry.value as u32;
    }
    let mut timely = vec![0; kept.len()];
    for entry in found.iter().flat_map(|found| &found.timely) {
        timely[entry.key as usize] += entry.value as u32;
    }
    assert_eq!(timely.iter().any(|&count| count > 0), config.index.max_df_in_time > 0, "{:?}", config.level);
    let mut pairs: BTreeMap<(u64, u64), u16> = BTreeMap::new();
    let mut signer = Signer::new(config).unwrap();
    let blind = (0..).zip(&kept).filter(|&(n, k)| {
        let n = n as usize;
        let stands = !later.contains_key(&(n as u64)) && stems(&k.document).unwrap() >= config.least_stems;
        stands && is_blind(config, common[n], timely[n], sampled[n].size)
    });
    let bands: Vec<Vec<Entry>> = blind.map(|(n, k)| signer.bands(n, &k.document).unwrap()).collect();
    for pair in exchange(bands).into_iter().flat_map(|entries| pairs_of_bucket(config, entries)) {
        pairs.insert(pair, 0);
    }
    assert!(!pairs.is_empty() && !later.is_empty(), "no pairs by bands, or none identical");
    for (a, b, shared) in exchange(found.into_iter().map(|found| found.behind))
        .into_iter()
        .flat_map(|entries| count_pairs(config, entries))
    {
        pairs.insert((a, b), shared);
    }

    // Verdicts, in parts.
    let about = |n: u64| {
        let (k, n) = (&kept[n as usize], n as usize);
        let rare = sampled[n].size - common[n] - timely[n];
        About { date: k.date, source: k.source, rare, timely: timely[n] }
    };
    let looks: Vec<((u64, u64), Look)> =
        pairs.iter().map(|(&(a, b), &shared)| ((a, b), first_look(config, shared, about(a), about(b)))).collect();
    let mut partners: BTreeMap<u64, BTreeSet<u64>> = BTreeMap::new();
    if PartDetector::step(config, all) > 1 {
        for &((a, b), _) in looks.iter().filter(|look| look.1.partners) {
            partners.entry(a).or_default().insert(b);
            partners.entry(b).or_default().insert(a);
        }
    }
    let rows = |n: u64| partners.get(&n).into_iter().flatten().take(64).map(move |&other| (n, other));
    let detector = Detector::new(config.clone()).unwrap();
    let counted = counted.iter().map(|&n| part(n)).collect();
    let detector = PartDetector::new(detector, counted, all, Memory::default()).unwrap();
    let mut links = Vec::new();
    for some in looks.chunks(looks.len().div_ceil(BUCKETS as usize).max(1)) {
        let pairs: Vec<(u64, u64)> = some.iter().filter(|look| look.1.compare).map(|look| look.0).collect();
        let ends: BTreeSet<u64> = pairs.iter().flat_map(|&(a, b)| [a, b]).collect();
        // No more than is asked for.
        let rows: BTreeSet<(u64, u64)> = pairs
            .iter()
            .flat_map(|&(a, b)| {
                let of_either: BTreeSet<u64> = [a, b].into_iter().flat_map(rows).map(|row| row.1).collect();
                let apart = |other: &u64| {
                    [a, b].iter().all(|&end| days_apart(&kept[*other as usize], &kept[end as usize]) >= 2)
                };
                let first: BTreeSet<u64> = of_either.into_iter().filter(apart).take(16).collect();
                [a, b].into_iter().flat_map(rows).filter(move |row| first.contains(&row.1))
            })
            .collect();
        let rows: Vec<(u64, u64)> = rows.into_iter().collect();
        let needed = rows.iter().map(|row| row.1).chain(ends).map(part).collect();
        links.extend(detector.links(needed, &pairs, &rows).unwrap());
    }
    assert!(partners.is_empty() == (PartDetector::step(config, all) == 1) && !links.is_empty());

    // Groups, of all components at once.
    let rows: Vec<(u64, u64)> = (0..all).flat_map(rows).collect();
    let mut members = detector.groups((0..all).map(part).collect(), &links, &rows).unwrap();
    let of: BTreeMap<u64, Member> = members.iter().map(|&member| (member.article, member)).collect();
    let mut alone = BTreeSet::new();
    for (&article, &first) in &later {
        let Member { representative, verdict, .. } = of.get(&first).copied().unwrap_or_else(|| {
            if alone.insert(first) {
                members.push(Member { representative: first, article: first, verdict: None });
            }
            Member { representative: first, article: first, verdict: None }
        });
        let identical = naskh::Verdict { score: 1.0, relation: Some(naskh::Relation::Identical) };
        members.push(Member { representative, article, verdict: Some(verdict.unwrap_or(identical)) });
    }
    let mut groups: BTreeMap<u64, Vec<(String, String, u64)>> = BTreeMap::new();
    for Member { representative, article, verdict } in members {
        let relation = verdict.map_or("representative", |verdict| verdict.relation.unwrap().name());
        let member =
            (kept[article as usize].id.clone(), relation.to_owned(), verdict.map_or(1.0, |v| v.score).to_bits());
        groups.entry(representative).or_default().push(member);
    }
    groups.into_values().map(sorted).collect()
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

fn by_detector(config: &Config, articles: Vec<Article>) -> Groups {
    let corpus = Corpus::of(articles).unwrap();
    let found = Detector::new(config.clone()).unwrap().group(&corpus).unwrap();
    let id = |article: u32| corpus.headers[article as usize].id.clone();
    let group = |group: &naskh::Group| {
        let members = group.members.iter().map(|(article, verdict)| {
            (id(*article), verdict.relation.unwrap().name().to_owned(), verdict.score.to_bits())
        });
        sorted(members.chain([(id(group.representative), "representative".to_owned(), 1f64.to_bits())]).collect())
    };
    found.groups.iter().map(group).collect()
}

/// Random numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Articles made of syllables: reports, copies of them with some sentences changed or left out, bulletins of one
/// template, a line below most articles of one source, and titles that stand in other articles.
fn articles(count: u64) -> Vec<Article> {
    let mut dice = Dice(7);
    let word = |dice: &mut Dice| {
        let syllables = ["سا", "لم", "كت", "بر", "نو", "دم", "رف", "قص", "عل", "حو", "طي", "جد"];
        (0..3).map(|_| syllables[dice.roll(12) as usize]).collect::<String>()
    };
    let sentence = |dice: &mut Dice| (0..6 + dice.roll(8)).map(|_| word(dice)).collect::<Vec<_>>().join(" ");
    let template: Vec<String> = (0..6).map(|_| sentence(&mut dice)).collect();
    let line = sentence(&mut dice);
    let mut made: Vec<(String, Vec<String>)> = Vec::new();
    (0..count)
        .map(|number| {
            let (title, body) = match dice.roll(10) {
                0..5 if number > 5 => {
                    let (title, mut body) = made[dice.roll(number) as usize].clone();
                    for _ in 0..dice.roll(3) {
                        let at = dice.roll(body.len() as u64) as usize;
                        body[at] = sentence(&mut dice);
                    }
                    body.truncate(2 + dice.roll(8) as usize);
                    (title, body)
                }
                5 => {
                    let mut body = template.clone();
                    body[dice.roll(6) as usize] = sentence(&mut dice);
                    (template[0].clone(), body)
                }
                6 if number > 5 => {
                    let teaser = made[dice.roll(number) as usize].0.clone();
                    (sentence(&mut dice), (0..4).map(|_| sentence(&mut dice)).chain([teaser]).collect())
                }
                _ => (sentence(&mut dice), (0..2 + dice.roll(6)).map(|_| sentence(&mut dice)).collect()),
            };
            made.push((title.clone(), body.clone()));
            let source = dice.roll(4);
            let foot = if source == 1 { line.clone() } else { String::new() };
            Article {
                id: format!("{:06}", number * 7919 % 100_003),
                source: (source > 0).then(|| format!("outlet {source}")),
                // Some shingles are rare in some of their times.
                date: (dice.roll(9) > 0)
                    .then(|| Timestamp::from_seconds(86_400 * (20_000 + dice.roll(20 + count / 40)) as i64).unwrap()),
                title,
                text: body.join(".\n") + ".\n" + &foot,
            }
        })
        .collect()
}

/// The groups, which are those of the detector.
fn assert_same(config: &Config, count: u64) {
    let expected = by_detector(config, articles(count));
    assert!(expected.len() > 50, "{}", expected.len());
    assert!(expected.iter().any(|group| group.len() > 3));
    let found = by_stages(config, &articles(count));
    assert_eq!(found.symmetric_difference(&expected).collect::<Vec<_>>(), Vec::<&Vec<_>>::new(), "{:?}", config.level);
}

#[test]
fn the_groups_are_those_of_the_detector() {
    for level in [Level::Derived, Level::Copy] {
        assert_same(&Config::at(level), 900);
    }
}

#[test]
fn where_not_all_articles_are_counted_they_are_so_too() {
    for level in [Level::Derived, Level::Copy] {
        assert_same(&Config { counted: 400, ..Config::at(level) }, 2_000);
    }
}
