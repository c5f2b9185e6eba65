//! Groups whose representative goes: the earliest member that is left speaks for those that are verified with it, and of
//! the others again the earliest, until each article has a group.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::chunk::Postings;
use super::facts::Tie;
use super::keys::{self, Sample};
use super::matching::{Context, reach};
use super::packed::unpack;
use super::pool::{Pool, Sketches};
use super::shelf::Shelf;
use super::state::State;
use crate::detector::{Asked, Detector, Space};
use crate::error::Result;
use crate::parallel::Balanced;
use crate::shingle::{DistinctPairs, Document};
use crate::store::Place;

/// Looks up what the first of each of `groups` has, for [`hand_on`] to find it in memory: of many keys together the blocks
/// of postings are read in the order in which they lie.
pub(crate) fn read_ahead<S: Shelf>(detector: &Detector, shelf: &S, groups: &[Vec<Place>]) -> Result<()> {
    let firsts: Vec<Place> = groups.iter().filter(|members| members.len() > 1).map(|members| members[0]).collect();
    let keys =
        firsts.par_iter().balanced().map_init(<(Vec<u8>, Document, DistinctPairs)>::default, |scratch, &first| {
            let (bytes, document, distinct) = scratch;
            let is_there = shelf.document(first, bytes)? && unpack(bytes, document);
            let pairs = if is_there { Sample::of(document, distinct).pairs } else { Vec::new() };
            Ok((first.segment, pairs))
        });
    let mut by_segment: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
    for (segment, pairs) in keys.collect::<Result<Vec<_>>>()? {
        by_segment.entry(segment).or_default().extend(pairs.into_iter().map(keys::pair));
    }
    let reach = reach(detector.config().window_days);
    by_segment.into_iter().try_for_each(|(segment, keys)| Postings::of_one(shelf, reach, segment, keys).map(drop))
}

/// Each of `members`, ascending, with its new representative and how it is tied to it; representatives before those that
/// they speak for.
pub(crate) fn hand_on<S: Shelf>(
    detector: &Detector,
    state: &State,
    shelf: &S,
    members: Vec<Place>,
) -> Result<Vec<(Place, Place, Tie)>> {
    let mut sketches = Sketches::default();
    let mut pool = Pool::new(shelf, state.weights(), &mut sketches);
    pool.load(members.clone())?;
    let postings = Postings::default();
    let context = Context { detector, state, arrivals: &[], postings: &postings, wants_all: false };
    let mut space = Space::default();
    let mut left: Vec<u32> = members.into_iter().map(|member| pool.number(member)).collect();
    let date = |member: u32| pool.get(member).and_then(|ready| ready.date);
    left.sort_by_key(|&member| (date(member).is_none(), date(member), pool.place(member)));
    let mut handed = Vec::with_capacity(left.len());
    while let Some((&first, others)) = left.split_first() {
        let representative = pool.place(first);
        handed.push((representative, representative, Tie::default()));
        let stands = if others.is_empty() { Default::default() } else { context.stands(&pool, first)? };
        let listed = context.listed(&stands, representative, 0);
        let mut apart = Vec::new();
        for &other in others {
            let (verdict, _) =
                context.judge(&pool, &mut space, (first.min(other), first.max(other)), Asked::Report, &listed);
            match verdict.relation {
                Some(_) => handed.push((pool.place(other), representative, verdict.into())),
                None => apart.push(other),
            }
        }
        left = apart;
    }
    Ok(handed)
}
