//! What becomes of articles that arrive together: furniture out, matches found, groups joined, all as it would be if they
//! arrived one by one.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::chunk::{Arrival, Postings, arriving};
use super::facts::Tie;
use super::joining::{Joined, Joining};
use super::keys::Sample;
use super::matching::{Context, Lookup, Matches, reach};
use super::pool::{Pool, Sketches};
use super::sentences;
use super::shelf::Shelf;
use super::state::State;
use crate::article::Timestamp;
use crate::detector::{Detector, Space};
use crate::error::Result;
use crate::shingle::{DistinctPairs, Furniture};
use crate::store::Place;

/// What became of arrivals.
pub(crate) struct Outcome {
    /// One an arrival, at the time of its turn.
    pub(crate) joined: Vec<Joined>,
    /// The groups of all articles that have changed, arrivals among them.
    pub(crate) changed: BTreeMap<Place, (Place, Tie)>,
    /// The ids of the articles of the index that are named in `joined`.
    pub(crate) ids: BTreeMap<Place, String>,
    /// What is known of furniture now.
    pub(crate) furniture: Furniture,
    /// Segments that were furniture.
    pub(crate) dropped: usize,
}

/// An article of the index that an arrival is the same report as.
pub(crate) struct Match {
    pub(crate) place: Place,
    pub(crate) id: String,
    pub(crate) group: Place,
    pub(crate) tie: Tie,
    pub(crate) date: Option<Timestamp>,
    pub(crate) source: Option<String>,
}

/// Lets `arrivals` join the groups of the index, without changing it. There must be room for them until the next step.
pub(crate) fn arrive<S: Shelf>(
    detector: &Detector,
    state: &State,
    shelf: &S,
    sketches: &mut Sketches,
    arrivals: &mut [Arrival],
) -> Result<Outcome> {
    let mut pool = Pool::new(shelf, state.weights(), sketches);
    let mut furniture = state.furniture().clone();
    let dropped = make_ready(detector, shelf, arrivals, &mut furniture, &mut pool)?;
    let postings = look_up(detector, shelf, arrivals)?;
    let context = Context { detector, state, arrivals, postings: &postings, wants_all: false };
    let (lookups, matches) = context.matches(&mut pool)?;
    let (mut joining, mut space, mut joined) = (Joining::default(), Space::default(), Vec::new());
    for (number, found) in (0u32..).zip(lookups.iter().zip(&matches)) {
        joined.push(joining.join(&context, &mut pool, &mut space, number, found)?);
    }
    let mut ids = BTreeMap::new();
    for joined in &joined {
        for place in joined.matched.iter().map(|matched| matched.0).chain([joined.group]) {
            pool.load(vec![place])?;
            ids.extend(pool.at(place).map(|ready| (place, ready.id.clone())));
        }
    }
    Ok(Outcome { joined, changed: joining.changed, ids, furniture, dropped })
}

/// All articles that one that does not arrive is the same report as, the best first.
pub(crate) fn query<S: Shelf>(detector: &Detector, state: &State, shelf: &S, article: Arrival) -> Result<Vec<Match>> {
    let (mut arrivals, mut sketches) = ([article], Sketches::default());
    let mut pool = Pool::new(shelf, state.weights(), &mut sketches);
    let mut furniture = state.furniture().clone();
    make_ready(detector, shelf, &mut arrivals, &mut furniture, &mut pool)?;
    let postings = look_up(detector, shelf, &arrivals)?;
    let context = Context { detector, state, arrivals: &arrivals, postings: &postings, wants_all: true };
    let found: (Vec<Lookup>, Vec<Matches>) = context.matches(&mut pool)?;
    let own = pool.number(arriving(&arrivals, 0));
    let mut matches = Vec::new();
    for found in &found.1 {
        let identical = found.twins.iter().map(|&twin| (twin, Tie::IDENTICAL));
        let linked = found.links.iter().map(|link| {
            let other = if link.a == own { link.b } else { link.a };
            (other, Tie::of(link.score, Some(link.relation)))
        });
        let others = linked.filter(|(other, _)| !found.twins.contains(other));
        for (number, tie) in identical.chain(others) {
            let place = pool.place(number);
            matches.extend(pool.get(number).map(|ready| Match {
                place,
                id: ready.id.clone(),
                group: ready.group,
                tie,
                date: ready.date,
                source: ready.source_name.clone(),
            }));
        }
    }
    Ok(matches)
}

/// Takes the furniture out of `arrivals`, samples them, and puts them into the pool.
fn make_ready<'s, S: Shelf>(
    detector: &Detector,
    shelf: &S,
    arrivals: &mut [Arrival],
    furniture: &mut Furniture,
    pool: &mut Pool<'s, S>,
) -> Result<usize> {
    let known = &*furniture;
    let sentences = Postings::read(
        shelf,
        reach(detector.config().window_days),
        arrivals,
        |arrival, to| sentences::found_by(&arrival.document, arrival.source_number, known, to),
        |arrival, to| sentences::looked_up(&arrival.document, arrival.source_number, known, to),
    )?;
    let dropped = sentences::strip(arrivals, &sentences, furniture, pool)?;
    let least_stems = detector.config().least_stems;
    arrivals.par_iter_mut().for_each_init(DistinctPairs::default, |distinct, arrival| {
        if arrival.document.stems.len() >= least_stems {
            arrival.sample = Sample::of(&arrival.document, distinct);
        }
    });
    pool.take(arrivals);
    Ok(dropped)
}

/// Looks up the pairs and the words of all arrivals.
fn look_up<S: Shelf>(detector: &Detector, shelf: &S, arrivals: &[Arrival]) -> Result<Postings> {
    let keys = |arrival: &Arrival, to: &mut Vec<u32>| arrival.content_keys(to);
    Postings::read(shelf, reach(detector.config().window_days), arrivals, keys, keys)
}
