//! Groups whose representative goes: the earliest member that is left speaks for those that are verified with it, and of
//! the others again the earliest, until each article has a group.

use std::collections::BTreeMap;

use super::chunk::{Postings, around};
use super::facts::Tie;
use super::matching::{Context, reach};
use super::pool::{Pool, Sketches};
use super::shelf::Shelf;
use super::state::State;
use crate::detector::{Asked, Detector, Space};
use crate::error::Result;
use crate::store::{Place, View};

/// Pairs in the sample of an article, about.
const KEYS: usize = 64;

/// Has the blocks of postings read in which [`hand_on`] looks up what the first of each of `groups` has: where it is many,
/// as they lie.
pub(crate) fn read_ahead(detector: &Detector, view: &View, groups: &[Vec<Place>]) -> Result<()> {
    let firsts = groups.iter().filter(|members| members.len() > 1).map(|members| members[0]);
    let mut by_segment: BTreeMap<i32, usize> = BTreeMap::new();
    firsts.for_each(|first| *by_segment.entry(first.segment).or_default() += KEYS);
    let reach = reach(detector.config().window_days);
    by_segment.into_iter().try_for_each(|(segment, keys)| view.read_ahead(around(segment, reach), keys))
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
