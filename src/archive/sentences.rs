//! Furniture of arrivals: sentences that stand in several stories of their source, and titles of other stories.
//!
//! The rules are those of [`Furniture`], asked of what came before an article and within reach: a sentence is known as
//! furniture from the article on with which it stands in enough stories.

use rayon::prelude::*;

use super::chunk::{Arrival, Postings, arriving};
use super::keys;
use super::pool::Pool;
use super::shelf::Shelf;
use crate::arabic::Stem;
use crate::error::Result;
use crate::parallel::Balanced;
use crate::shingle::{Document, Furniture, SAME_TITLE, same_story, stories, teased};
use crate::store::Place;

/// A title of more stems is not looked for in other articles.
const LONGEST_TITLE: usize = 24;
/// The least stems of a title that is.
const LEAST_TITLE: usize = 4;

/// The keys of the sentences of a document that are not furniture yet, and of its title.
pub(crate) fn found_by(document: &Document, source: Option<u32>, furniture: &Furniture, to: &mut Vec<u32>) {
    let body = document.segments.iter().filter(|segment| !segment.title && !furniture.is_known(source, segment.hash));
    to.extend(body.map(|segment| keys::sentence(source, segment.hash)));
    to.extend(own_title(document).map(keys::title));
}

fn own_title(document: &Document) -> Option<u64> {
    let is_told = (LEAST_TITLE..=LONGEST_TITLE).contains(&document.title_len());
    document.segments.first().filter(|_| is_told).map(|title| title.hash)
}

/// The keys by which to find out what of a document is furniture.
pub(crate) fn looked_up(document: &Document, source: Option<u32>, furniture: &Furniture, to: &mut Vec<u32>) {
    for (segment, content) in document.segments().filter(|(segment, _)| !segment.title) {
        if !furniture.is_known(source, segment.hash) {
            to.push(keys::sentence(source, segment.hash));
            to.extend(teased(content, LONGEST_TITLE).map(keys::title));
        }
    }
}

/// Takes the furniture out of the arrivals, in their order, and adds to what is known of it. Of segments titles alone are
/// left.
pub(crate) fn strip<S: Shelf>(
    arrivals: &mut [Arrival],
    postings: &Postings,
    furniture: &mut Furniture,
    pool: &mut Pool<'_, S>,
) -> Result<usize> {
    // Of most arrivals no sentence stands anywhere before: they need not wait for one another.
    let known = &*furniture;
    let asks: Vec<bool> = (0..arrivals.len())
        .into_par_iter()
        .balanced()
        .map(|number| is_worth_asking(arrivals, postings, number, known))
        .collect();
    furniture.tease(0, std::iter::empty());
    let known = &*furniture;
    let others = (0u32..).zip(&mut *arrivals).zip(&asks).filter(|(_, asks)| !**asks).collect::<Vec<_>>();
    let mut dropped: usize =
        others.into_par_iter().balanced().map(|((number, arrival), _)| stripped(arrival, number, known)).sum();
    for number in (0u32..).zip(&asks).filter(|(_, asks)| **asks).map(|(number, _)| number) {
        let mut asked = Asked { arrivals, postings, number, places: Vec::new(), pool, own: None };
        let Arrival { document, source_number: source, .. } = &arrivals[number as usize];
        let source = *source;
        let mut teasers = Vec::new();
        for (segment, content) in document.segments().filter(|(segment, _)| !segment.title) {
            if furniture.is_known(source, segment.hash) {
                continue;
            }
            if asked.is_repeated(source, segment.hash, content.len())? {
                furniture.know(source, segment.hash);
            } else if asked.is_teaser(content)? {
                teasers.push(segment.hash);
            }
        }
        furniture.tease(number, teasers.into_iter());
        dropped += stripped(&mut arrivals[number as usize], number, furniture);
    }
    Ok(dropped)
}

/// May a sentence of an arrival, not known as furniture yet, be a repeated one or a title?
fn is_worth_asking(arrivals: &[Arrival], postings: &Postings, number: usize, known: &Furniture) -> bool {
    let Arrival { document, source_number: source, segment: from, .. } = &arrivals[number];
    let is_anywhere = |key| postings.is_anywhere(key, *from, number as u32);
    document.segments().filter(|(segment, _)| !segment.title && !known.is_known(*source, segment.hash)).any(
        |(segment, content)| {
            is_anywhere(keys::sentence(*source, segment.hash))
                || teased(content, LONGEST_TITLE).map(keys::title).any(is_anywhere)
        },
    )
}

/// Takes what is furniture out of one arrival; how many segments it was.
fn stripped(arrival: &mut Arrival, number: u32, furniture: &Furniture) -> usize {
    let Arrival { document, sentences, source_number: source, .. } = arrival;
    let dropped = furniture.strip(number, *source, document, |_, _| {});
    found_by(document, *source, furniture, sentences);
    // Nothing asks later where sentences end.
    document.segments.truncate(usize::from(document.title_len() > 0));
    dropped
}

/// What one arrival is asked.
struct Asked<'a, 's, S> {
    arrivals: &'a [Arrival],
    postings: &'a Postings,
    number: u32,
    places: Vec<Place>,
    pool: &'a mut Pool<'s, S>,
    /// Its own different stems in order, once they are wanted.
    own: Option<Vec<Stem>>,
}

impl<S: Shelf> Asked<'_, '_, S> {
    /// Replaces `places` by those of a key before this arrival.
    fn look_up(&mut self, key: u32) {
        let Asked { arrivals, number, .. } = *self;
        // Once it is in the index, an arrival is not found by what was taken out of it.
        let there = |other: u32| other < number && arrivals[other as usize].sentences.contains(&key);
        self.postings.places(
            key,
            arrivals[number as usize].segment,
            (self.postings, arrivals, there),
            &mut self.places,
        );
    }

    /// Does a segment stand in enough stories of its source?
    fn is_repeated(&mut self, source: Option<u32>, segment: u64, len: usize) -> Result<bool> {
        self.look_up(keys::sentence(source, segment));
        let wanted = stories(source.is_some());
        if self.places.len() + 1 < wanted {
            return Ok(false);
        }
        let mut told: Vec<Vec<Stem>> = vec![self.own().to_vec()];
        let places = std::mem::take(&mut self.places);
        for (at, &place) in places.iter().enumerate() {
            if told.len() + places.len() - at < wanted {
                break;
            }
            let Some(stems) = self.stems(place)? else { continue };
            if told.iter().all(|story| !same_story(story, &stems, len)) {
                told.push(stems);
            }
            if told.len() == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Is a segment the title of another story, and not the arrival's own?
    fn is_teaser(&mut self, content: &[Stem]) -> Result<bool> {
        let own = own_title(&self.arrivals[self.number as usize].document);
        for hash in teased(content, LONGEST_TITLE) {
            self.look_up(keys::title(hash));
            if self.places.is_empty() || own == Some(hash) {
                continue;
            }
            let places = std::mem::take(&mut self.places);
            let mut is_told = false;
            for &place in places.iter().take(SAME_TITLE) {
                is_told |= self.stems(place)?.is_some_and(|stems| same_story(&stems, self.own(), content.len()));
            }
            if !is_told {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn own(&mut self) -> &[Stem] {
        let document = &self.arrivals[self.number as usize].document;
        self.own.get_or_insert_with(|| different(document))
    }

    /// The different stems of an article, in order.
    fn stems(&mut self, place: Place) -> Result<Option<Vec<Stem>>> {
        if let Some(number) = super::chunk::arrival(place) {
            debug_assert_eq!(arriving(self.arrivals, number), place);
            return Ok(Some(different(&self.arrivals[number as usize].document)));
        }
        self.pool.load(vec![place])?;
        Ok(self.pool.at(place).map(|ready| different(&ready.document)))
    }
}

fn different(document: &Document) -> Vec<Stem> {
    let mut stems = document.stems.clone();
    stems.sort_unstable();
    stems.dedup();
    stems
}
