//! Page furniture: what an outlet prints beside the report. Found from the articles themselves.
//!
//! - A segment that stands in several articles of one source which otherwise share little is furniture:
//!   a subscription line, an address, a disclaimer. Copies and updates of one story share much, so what
//!   they have in common stays.
//! - A segment that is another story's title, alone or behind a word or two ("read also"), is a teaser.
//! - A segment that stands again in its own article counts once; a short one (a tag) not at all, unless most
//!   of the text stands there twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ahash::AHashSet;
use rayon::prelude::*;

use super::written::Part;
use super::{Document, Documents, Met, Reader, Segment, finalise, run};
use crate::arabic::Stem;
use crate::kept::Kept;
use crate::parallel::Balanced;

/// Stories that must share a segment for it to be furniture; for articles that name no source, which may be
/// of many outlets, more of them.
const STORIES: usize = 3;
const STORIES_WITHOUT_SOURCE: usize = 5;
/// Articles that have this share of the smaller one's stems in common tell one story.
const SAME_STORY: f64 = 0.25;
/// Segments of an article, about, for the counters that find those worth a closer look.
const SEGMENTS: usize = 16;
/// A segment of at most this many stems that is repeated in its article is a tag or a label.
const SHORT: usize = 5;
/// A title of fewer stems is too common to tell a teaser by.
pub(super) const TITLE: usize = 4;
/// Stems that may stand before the title in a teaser.
const TEASER_WORDS: usize = 2;
/// Of how many articles under one title it is asked whether they tell the story of the teaser's article: a
/// column may bear one title every day.
pub(crate) const SAME_TITLE: usize = 16;

/// Why a segment is furniture. Where several reasons hold, the first of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FurnitureKind {
    /// It stands in several articles of one source that otherwise share little.
    Repeated,
    /// It is the title of another story.
    Teaser,
    /// A short one that stands again in its own article: a tag or a label.
    Tag,
    /// It stands in its own article before, and counts there.
    Again,
}

/// Furniture found in a set of articles.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Furniture {
    /// By source (its place in the list of sources) and hash of the segment. Shared, so that an index can go on from what it
    /// knows at no cost.
    repeated: Arc<AHashSet<(u32, u64)>>,
    /// By article and hash of the segment.
    teasers: AHashSet<(u32, u64)>,
}

impl Furniture {
    /// Finds the furniture of `documents`, and of each whether there may be some in it; `sources` gives each one's source
    /// (equal numbers: same source).
    pub(crate) fn find(documents: &Documents, sources: &[Option<u32>]) -> (Furniture, Vec<bool>) {
        let (copies, sentences) = (copies(documents, sources), Sentences::of_so_many(documents.len()));
        let count = |titles: &mut Vec<Title>, article: usize, document: &Document| {
            if !copies[article] {
                let body = document.segments.iter().filter(|segment| !segment.title);
                body.for_each(|segment| sentences.count(key(sources[article]), segment.hash));
            }
            if let Some(title) = document.segments.first().filter(|_| document.has_telling_title()) {
                titles.push(Title { hash: title.hash, article: article as u32, ending: ending(&document.stems) });
            }
        };
        let titles = documents.fold_part("counting sentences", Part::Segments, Vec::new, count);
        let titles = Titles::of(titles.concat());
        let find = |looking: &mut Looking, article: usize, document: &Document| {
            let Looking { known, places, teasers, concerned } = looking;
            let source = key(sources[article]);
            let mut is_concerned = any_stands_twice(&document.segments);
            for (segment, content) in document.segments().filter(|(segment, _)| !segment.title) {
                if sentences.may_be_repeated(source, segment.hash) {
                    is_concerned = true;
                    if !copies[article] {
                        places.push((source, segment.hash, article as u32, content.len() as u32));
                    }
                }
                if titles.have(documents, known, article as u32, content) {
                    is_concerned = true;
                    teasers.push((article as u32, segment.hash));
                }
            }
            if is_concerned {
                concerned.push(article);
            }
        };
        let found = documents.fold_part("finding furniture", Part::Stems, Looking::default, find);
        let (mut places, mut teasers) = (Vec::new(), AHashSet::new());
        let mut concerned = vec![false; documents.len()];
        for some in found {
            places.extend(some.places);
            teasers.extend(some.teasers);
            some.concerned.into_iter().for_each(|article| concerned[article] = true);
        }
        (Furniture { repeated: Arc::new(repeated(documents, places)), teasers }, concerned)
    }

    /// Knows from now on that a segment is furniture of this source.
    pub(crate) fn know(&mut self, source: Option<u32>, hash: u64) {
        Arc::make_mut(&mut self.repeated).insert((key(source), hash));
    }

    /// Is a segment known as furniture of this source?
    pub(crate) fn is_known(&self, source: Option<u32>, hash: u64) -> bool {
        self.repeated.contains(&(key(source), hash))
    }

    /// Replaces the teasers that are known by those of one article.
    pub(crate) fn tease(&mut self, article: u32, hashes: impl Iterator<Item = u64>) {
        self.teasers.clear();
        self.teasers.extend(hashes.map(|hash| (article, hash)));
    }

    /// What is known of sources, as bytes to keep: 12 a segment.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut known: Vec<(u32, u64)> = self.repeated.iter().copied().collect();
        known.sort_unstable();
        known.iter().flat_map(|(source, hash)| source.to_le_bytes().into_iter().chain(hash.to_le_bytes())).collect()
    }

    /// From those bytes; `None` if they are others.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Furniture> {
        let (entries, rest) = bytes.as_chunks::<12>();
        let entry = |entry: &[u8; 12]| {
            let (source, hash) = entry.split_first_chunk()?;
            Some((u32::from_le_bytes(*source), u64::from_le_bytes(*hash.first_chunk()?)))
        };
        // Of an index that lives on a reader does this after most commits.
        let mut repeated = AHashSet::with_capacity(entries.len());
        for bytes in entries {
            repeated.insert(entry(bytes)?);
        }
        rest.is_empty().then_some(Furniture { repeated: Arc::new(repeated), ..Furniture::default() })
    }

    /// Takes the furniture out of article `index`. Returns the number of segments dropped, each of which `told`
    /// hears of.
    pub(crate) fn strip(
        &self,
        index: u32,
        source: Option<u32>,
        document: &mut Document,
        mut told: impl FnMut(&Segment, FurnitureKind),
    ) -> usize {
        let before = document.segments.len();
        let hashes = in_order(&document.segments);
        let place = |segment: &Segment| hashes.partition_point(|&hash| hash < segment.hash);
        let is_again = |segment: &Segment| hashes.get(place(segment) + 1) == Some(&segment.hash);
        // Of most articles no segment stands there twice.
        let doubled = stands_twice(&hashes) && {
            let body = || document.segments().filter(|(segment, _)| !segment.title);
            let said_again: usize = body().filter(|(segment, _)| is_again(segment)).map(|(_, stems)| stems.len()).sum();
            2 * said_again > body().map(|(_, stems)| stems.len()).sum()
        };
        let mut seen = vec![false; hashes.len()];
        let key = key(source);
        document.retain_segments(|segment, len| {
            let first = !std::mem::replace(&mut seen[place(segment)], true);
            if segment.title {
                return true;
            }
            let kind = if self.repeated.contains(&(key, segment.hash)) {
                FurnitureKind::Repeated
            } else if self.teasers.contains(&(index, segment.hash)) {
                FurnitureKind::Teaser
            } else if is_again(segment) && len <= SHORT && !doubled {
                FurnitureKind::Tag
            } else if !first {
                FurnitureKind::Again
            } else {
                return true;
            };
            told(segment, kind);
            false
        });
        before - document.segments.len()
    }
}

/// What one thread has found, and its scratch space.
#[derive(Default)]
struct Looking {
    known: Stories,
    /// Sentences that may be repeated.
    places: Vec<Standing>,
    /// By article and hash.
    teasers: Vec<(u32, u64)>,
    /// The articles in which there may be furniture.
    concerned: Vec<usize>,
}

/// The hashes of segments, ascending.
fn in_order(segments: &[Segment]) -> Vec<u64> {
    let mut hashes: Vec<u64> = segments.iter().map(|segment| segment.hash).collect();
    hashes.sort_unstable();
    hashes
}

/// Does one of these stand there again? Those of most articles are seen to differ without sorting.
fn any_stands_twice(segments: &[Segment]) -> bool {
    let mut met = Met::default();
    segments.iter().any(|segment| !met.is_surely_new(segment.hash)) && stands_twice(&in_order(segments))
}

/// Is one of these hashes, ascending, there again?
fn stands_twice(hashes: &[u64]) -> bool {
    hashes.windows(2).any(|two| two[0] == two[1])
}

/// Tells stories apart: scratch space of one thread, which keeps the sorted stems of the articles asked of last.
#[derive(Default)]
pub(crate) struct Stories {
    reader: Reader,
    stems: [Kept<Vec<Stem>, KEPT>; 2],
}

/// Articles of which each side of a comparison keeps the stems.
const KEPT: usize = 256;

impl Stories {
    pub(crate) fn new() -> Stories {
        Stories::default()
    }

    /// Do `articles` tell `wanted` stories, beside so many stems in question?
    pub(crate) fn differ(&mut self, documents: &Documents, articles: &[u32], beside: usize, wanted: usize) -> bool {
        let mut told: Vec<u32> = Vec::with_capacity(wanted);
        for (at, &article) in articles.iter().enumerate() {
            // There may be many, and of one story.
            if told.len() + articles.len() - at < wanted {
                return false;
            }
            if told.iter().all(|&story| !self.same(documents, story, article, beside)) {
                told.push(article);
            }
            if told.len() == wanted {
                return true;
            }
        }
        false
    }

    /// Do two articles share so much, `beside` so many stems in question, that they tell one story?
    pub(crate) fn same(&mut self, documents: &Documents, a: u32, b: u32, beside: usize) -> bool {
        let Stories { reader, stems: [left, right] } = self;
        let mut sort = |article: u32, stems: &mut Vec<Stem>| {
            stems.clear();
            stems.extend(&documents.look_up(article as usize, reader).stems);
            stems.sort_unstable();
            stems.dedup();
        };
        let (left, right) = (left.get(a, |stems| sort(a, stems)), right.get(b, |stems| sort(b, stems)));
        same_story(left, right, beside)
    }
}

/// Do two articles, of these different stems in order, share so much, `beside` the stems in question, that they tell one
/// story?
pub(crate) fn same_story(a: &[Stem], b: &[Stem], beside: usize) -> bool {
    let (mut i, mut j, mut shared) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    let smaller = a.len().min(b.len()).saturating_sub(beside);
    shared.saturating_sub(beside) as f64 >= SAME_STORY * smaller as f64
}

/// The source of an article as a key.
fn key(source: Option<u32>) -> u32 {
    source.unwrap_or(u32::MAX)
}

/// Articles with the same words as an earlier one of their source: they tell no other story.
fn copies(documents: &Documents, sources: &[Option<u32>]) -> Vec<bool> {
    let of = |article: u32| (documents.fingerprint(article as usize), sources[article as usize], article);
    let mut order: Vec<(u64, Option<u32>, u32)> = (0..documents.len() as u32).map(of).collect();
    order.par_sort_unstable();
    let mut copies = vec![false; documents.len()];
    let same = order.windows(2).filter(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1));
    same.for_each(|two| copies[two[1].2 as usize] = true);
    copies
}

/// How many stories a segment stands in if it is furniture, of articles that name their source or do not.
pub(crate) fn stories(by_source: bool) -> usize {
    if by_source { STORIES } else { STORIES_WITHOUT_SOURCE }
}

/// The hashes of titles that a segment with this content may be a teaser of, if no title is longer than so many stems.
pub(crate) fn teased(content: &[Stem], longest: usize) -> impl Iterator<Item = u64> {
    teasable(content).take_while(move |_| content.len() <= longest + TEASER_WORDS).map(run)
}

/// The titles that a segment with this content may be a teaser of.
fn teasable(content: &[Stem]) -> impl Iterator<Item = &[Stem]> {
    (0..=TEASER_WORDS).filter(|skip| content.len() >= TITLE + skip).map(|skip| &content[skip..])
}

/// How often sentences stand in articles of their source, in counters that two sentences may share: most stand in one
/// article, and this tells which are worth a closer look.
struct Sentences(Vec<AtomicU8>);

impl Sentences {
    fn of_so_many(articles: usize) -> Sentences {
        let counters = (articles * SEGMENTS).next_power_of_two().clamp(1 << 12, 1 << 28);
        Sentences((0..counters).map(|_| AtomicU8::new(0)).collect())
    }

    fn counter(&self, source: u32, hash: u64) -> &AtomicU8 {
        &self.0[finalise(hash ^ u64::from(source)) as usize % self.0.len()]
    }

    fn count(&self, source: u32, hash: u64) {
        let more = |n: u8| (usize::from(n) < STORIES_WITHOUT_SOURCE).then(|| n + 1);
        let _ = self.counter(source, hash).fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
    }

    fn may_be_repeated(&self, source: u32, hash: u64) -> bool {
        usize::from(self.counter(source, hash).load(Ordering::Relaxed)) >= stories(source != key(None))
    }
}

/// Where a sentence stands: source, hash, article and number of stems.
type Standing = (u32, u64, u32, u32);

/// Those of the sentences at these places that are furniture of their source.
fn repeated(documents: &Documents, mut places: Vec<Standing>) -> AHashSet<(u32, u64)> {
    places.par_sort_unstable();
    places.dedup();
    let runs: Vec<&[Standing]> = places.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1).collect();
    let found = runs.into_par_iter().balanced().map_init(Stories::new, |known, run| {
        let (source, hash, _, len) = run[0];
        let articles: Vec<u32> = run.iter().map(|place| place.2).collect();
        let wanted = stories(source != key(None));
        known.differ(documents, &articles, len as usize, wanted).then_some((source, hash))
    });
    found.flatten_iter().collect::<Vec<_>>().into_iter().collect()
}

/// A title that can tell a teaser.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Title {
    hash: u64,
    article: u32,
    ending: u32,
}

/// A hash of the last stem of a title, which has stems, and its length in the lowest 6 bits: what few segments share with one, and
/// is known of a segment at one look.
fn ending(title: &[Stem]) -> u32 {
    ((finalise(title[title.len() - 1].0.into()) as u32) << 6) | (title.len() as u32 % 64)
}

/// The titles of all articles that can tell a teaser.
struct Titles {
    /// Ascending.
    all: Vec<Title>,
    /// A bit for each hash, and one for each ending, those of one last stem side by side; nearly all segments are no titles by
    /// one look.
    hashes: Filter,
    endings: Filter,
}

impl Titles {
    fn of(mut all: Vec<Title>) -> Titles {
        all.par_sort_unstable();
        let hashes = Filter::of(all.len() / 4, all.iter().map(|title| title.hash));
        let endings = Filter::of(all.len(), all.iter().map(|title| title.ending.into()));
        Titles { all, hashes, endings }
    }

    /// The articles with this title.
    fn articles(&self, hash: u64) -> impl Iterator<Item = u32> {
        let from =
            if self.hashes.has(hash) { self.all.partition_point(|title| title.hash < hash) } else { self.all.len() };
        self.all[from..].iter().take_while(move |title| title.hash == hash).map(|title| title.article)
    }

    /// Do they have that of another story, as which a segment of an article with this content stands?
    fn have(&self, documents: &Documents, known: &mut Stories, article: u32, content: &[Stem]) -> bool {
        let lengths = self.endings.word(ending(content).into());
        let may_be = |title: &&[Stem]| lengths >> (title.len() % 64) & 1 == 1;
        teasable(content).filter(may_be).map(run).any(|hash| {
            let mut first = self.articles(hash).take(SAME_TITLE).peekable();
            first.peek().is_some()
                && self.all.binary_search_by_key(&(hash, article), |title| (title.hash, title.article)).is_err()
                && first.all(|other| !known.same(documents, other, article, content.len()))
        })
    }
}

/// A set of hashes that has some others as well: of so many bits that one look tells nearly all others.
struct Filter(Vec<u64>);

impl Filter {
    /// In about so many words.
    fn of(words: usize, hashes: impl Iterator<Item = u64>) -> Filter {
        let mut filter = Filter(vec![0; words.next_power_of_two()]);
        for hash in hashes {
            let word = filter.place(hash);
            filter.0[word] |= 1 << (hash % 64);
        }
        filter
    }

    fn place(&self, hash: u64) -> usize {
        (hash / 64) as usize % self.0.len()
    }

    /// The bits of all hashes that differ from this one in the lowest 6 bits alone.
    fn word(&self, hash: u64) -> u64 {
        self.0[self.place(hash)]
    }

    fn has(&self, hash: u64) -> bool {
        self.word(hash) >> (hash % 64) & 1 == 1
    }
}

#[cfg(test)]
mod tests;
