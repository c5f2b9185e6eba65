//! Page furniture: what an outlet prints beside the report. Found from the articles themselves.
//!
//! - A segment that stands in several articles of one source which otherwise share little is furniture:
//!   a subscription line, an address, a disclaimer. Copies and updates of one story share much, so what
//!   they have in common stays.
//! - A segment that is another story's title, alone or behind a word or two ("read also"), is a teaser.
//! - A segment that stands again in its own article counts once; a short one (a tag) not at all, unless most
//!   of the text stands there twice.

use std::sync::OnceLock;

use ahash::{AHashMap, AHashSet};
use rayon::prelude::*;

use super::{Document, Segment, run};
use crate::arabic::Stem;

/// Stories that must share a segment for it to be furniture; for articles that name no source, which may be
/// of many outlets, more of them.
const STORIES: usize = 3;
const STORIES_WITHOUT_SOURCE: usize = 5;
/// Articles that have this share of the smaller one's stems in common tell one story.
const SAME_STORY: f64 = 0.25;
/// A segment of at most this many stems that is repeated in its article is a tag or a label.
const SHORT: usize = 5;
/// A title of fewer stems is too common to tell a teaser by.
const TITLE: usize = 4;
/// Stems that may stand before the title in a teaser.
const TEASER_WORDS: usize = 2;
/// Of how many articles under one title it is asked whether they tell the story of the teaser's article: a
/// column may bear one title every day.
const SAME_TITLE: usize = 16;

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
#[derive(Debug, Default)]
pub(crate) struct Furniture {
    /// By source (its place in the list of sources) and hash of the segment.
    repeated: AHashSet<(u32, u64)>,
    /// By article and hash of the segment.
    teasers: AHashSet<(u32, u64)>,
}

impl Furniture {
    /// Finds the furniture of `documents`; `sources` gives each one's source (equal numbers: same source).
    pub(crate) fn find(documents: &[Document], sources: &[Option<u32>]) -> Furniture {
        let stems = SortedStems { documents, sorted: documents.iter().map(|_| OnceLock::new()).collect() };
        Furniture { repeated: repeated(documents, sources, &stems), teasers: teasers(documents, &stems) }
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
        let mut hashes: Vec<u64> = document.segments.iter().map(|segment| segment.hash).collect();
        hashes.sort_unstable();
        let place = |segment: &Segment| hashes.partition_point(|&hash| hash < segment.hash);
        let is_again = |segment: &Segment| hashes.get(place(segment) + 1) == Some(&segment.hash);
        // Of most articles no segment stands there twice.
        let doubled = hashes.windows(2).any(|two| two[0] == two[1]) && {
            let body = || document.segments().filter(|(segment, _)| !segment.title);
            let said_again: usize = body().filter(|(segment, _)| is_again(segment)).map(|(_, stems)| stems.len()).sum();
            2 * said_again > body().map(|(_, stems)| stems.len()).sum()
        };
        let mut seen = vec![false; hashes.len()];
        let key = source.unwrap_or(u32::MAX);
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

/// The different stems of each article, sorted when they are first asked for: few ever are.
struct SortedStems<'d> {
    documents: &'d [Document],
    sorted: Vec<OnceLock<Box<[Stem]>>>,
}

impl SortedStems<'_> {
    fn of(&self, article: u32) -> &[Stem] {
        self.sorted[article as usize].get_or_init(|| {
            let mut stems = self.documents[article as usize].stems.clone();
            stems.sort_unstable();
            stems.dedup();
            stems.into()
        })
    }
}

/// Do two articles share so much, `beside` the stems in question, that they tell one story?
fn same_story(a: &[Stem], b: &[Stem], beside: usize) -> bool {
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

fn repeated(documents: &[Document], sources: &[Option<u32>], stems: &SortedStems<'_>) -> AHashSet<(u32, u64)> {
    // (source, segment, article), of segments other than titles.
    let mut places: Vec<(u32, u64, u32, u32)> = documents
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, document)| {
            let source = sources[index].unwrap_or(u32::MAX);
            document
                .segments()
                .filter(|(segment, _)| !segment.title)
                .map(move |(segment, content)| (source, segment.hash, index as u32, content.len() as u32))
                .collect::<Vec<_>>()
        })
        .collect();
    places.par_sort_unstable();
    places.dedup();
    let runs: Vec<&[(u32, u64, u32, u32)]> = places.chunk_by(|a, b| a.0 == b.0 && a.1 == b.1).collect();
    runs.into_par_iter()
        .filter_map(|run| {
            let (source, hash, _, len) = run[0];
            let wanted = if source == u32::MAX { STORIES_WITHOUT_SOURCE } else { STORIES };
            let mut stories: Vec<u32> = Vec::with_capacity(wanted);
            for &(_, _, article, _) in run {
                let new = stories.iter().all(|&s| !same_story(stems.of(s), stems.of(article), len as usize));
                if new {
                    stories.push(article);
                }
                if stories.len() == wanted {
                    return Some((source, hash));
                }
            }
            None
        })
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

fn teasers(documents: &[Document], stems: &SortedStems<'_>) -> AHashSet<(u32, u64)> {
    let mut titles: AHashMap<u64, Vec<u32>> = AHashMap::new();
    for (index, document) in documents.iter().enumerate() {
        if document.title_len() >= TITLE
            && let Some(Segment { hash, .. }) = document.segments.first()
        {
            titles.entry(*hash).or_default().push(index as u32);
        }
    }
    // Most segments are longer than any title, and need not be hashed.
    let longest = documents.iter().map(Document::title_len).max().unwrap_or(0);
    documents
        .par_iter()
        .enumerate()
        .flat_map_iter(|(index, document)| {
            let index = index as u32;
            document
                .segments()
                .filter(|(segment, content)| !segment.title && content.len() <= longest + TEASER_WORDS)
                .filter(|(_, content)| {
                    (0..=TEASER_WORDS).any(|skip| {
                        content.len() >= TITLE + skip
                            && titles.get(&run(&content[skip..])).is_some_and(|of| {
                                of.binary_search(&index).is_err()
                                    && of
                                        .iter()
                                        .take(SAME_TITLE)
                                        .all(|&other| !same_story(stems.of(other), stems.of(index), content.len()))
                            })
                    })
                })
                .map(move |(segment, _)| (index, segment.hash))
                .collect::<Vec<_>>()
        })
        .collect::<Vec<_>>()
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests;
