//! The index that lives on: articles come, are matched with those before them, and go.
mod chunk;
mod facts;
mod joining;
mod keys;
mod matching;
mod memory;
mod pool;
mod sentences;
mod shelf;
mod state;

use rayon::prelude::*;

use crate::arabic::Tokenizer;
use crate::article::Article;
use crate::detector::{Detector, Space};
use crate::error::Result;
use crate::shingle::{DistinctPairs, encode};
use chunk::{Arrival, Postings};
use facts::{Facts, Tie};
use joining::{Joined, Joining};
use keys::Sample;
use matching::Context;
use memory::MemoryShelf;
use pool::Pool;
use shelf::{Card, Place};
use state::State;

/// Tries.
pub fn try_out(detector: &Detector, articles: Vec<Article>, size: usize) -> Result<Vec<(String, String)>> {
    let mut shelf = MemoryShelf::default();
    let mut state = State::new(detector.background());
    if std::env::var("CHEAT").is_ok() {
        let docs: Vec<_> = articles.par_iter().map_init(Tokenizer::new, |t, a| crate::shingle::Document::new(a, t)).collect();
        state.cheat(&docs, detector.background());
    }
    let mut rest: std::collections::VecDeque<Article> = articles.into();
    let reach = matching::reach(detector.config().window_days);
    while !rest.is_empty() {
        let now = rest.len().min(size).min(state.room());
        let some: Vec<Article> = rest.drain(..now).collect();
        let mut arrivals: Vec<Arrival> =
            some.into_par_iter().map_init(Tokenizer::new, |t, a| Arrival::of(a, 0, t, false)).collect();
        let mut furniture = std::mem::take(state.furniture_mut());
        let mut pool = Pool::new(&shelf, state.weights());
        {
            let postings = Postings::read(
                &shelf,
                reach,
                &arrivals,
                |a, to| sentences::found_by(&a.document, a.source_number, &furniture, to),
                |a, to| sentences::looked_up(&a.document, a.source_number, &furniture, to),
            )?;
            sentences::strip(&mut arrivals, &postings, &mut furniture, &mut pool)?;
        }
        arrivals.par_iter_mut().for_each_init(DistinctPairs::default, |distinct, a| {
            if a.document.stems.len() >= detector.config().least_stems {
                a.sample = Sample::of(&a.document, distinct);
            }
        });
        let postings =
            Postings::read(&shelf, reach, &arrivals, |a, to| to.extend(a.keys()), |a, to| to.extend(a.keys()))?;
        let context = Context { detector, state: &state, arrivals: &arrivals, postings: &postings };
        pool.take(&arrivals);
        let (lookups, matches) = context.matches(&mut pool)?;
        let mut joining = Joining::default();
        let mut space = Space::default();
        let mut joined: Vec<Joined> = Vec::new();
        for (number, found) in (0u32..).zip(lookups.iter().zip(&matches)) {
            joined.push(joining.join(&context, &mut pool, &mut space, number, found)?);
        }
        let changed = joining.changed;
        drop(pool);
        let mut real: Vec<Place> = Vec::new();
        for a in &arrivals {
            let mut doc = Vec::new();
            encode(&mut doc, &a.document);
            let facts = Facts { date: a.date, sampled: a.sample.sampled as u16 }.to_bytes();
            let tie = Tie::default().to_bytes().to_vec();
            let group = Place { segment: a.segment, local: shelf_next(&shelf, a.segment) };
            let card = Card { id: a.id.clone(), source: a.source.clone(), facts, group, tie };
            let place = shelf.add(a.segment, card, doc, &a.keys());
            shelf.set_group(place, place, Tie::default().to_bytes().to_vec());
            real.push(place);
            state.came(place, a.date.map(|d| d.days()));
        }
        let settle = |p: Place| chunk::arrival(p).map_or(p, |n| real[n as usize]);
        for (place, (group, tie)) in changed {
            shelf.set_group(settle(place), settle(group), tie.to_bytes().to_vec());
        }
        *state.furniture_mut() = furniture;
        state.settle(&shelf, detector.background())?;
    }
    let names: std::collections::BTreeMap<Place, String> =
        shelf.groups().map(|(id, p, _)| (p, id.to_owned())).collect();
    Ok(shelf.groups().map(|(id, _, g)| (id.to_owned(), names[&g].clone())).collect())
}
fn shelf_next(_: &MemoryShelf, _: i32) -> u32 {
    0
}
