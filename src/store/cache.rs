//! Blocks of postings that were read, in memory: a look-up in one takes a tenth of the time it takes to find its row.
//!
//! Blocks of a segment are written together and never changed, so what is held is right for a generation of it. When
//! the budget is spent, the segments asked for least recently are let go as a whole.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::head::{KINDS, Kind, Segment};

/// Bytes held: some twenty days of 33,000 articles.
const BUDGET: usize = 256 << 20;

#[derive(Debug)]
pub(super) struct Cache {
    budget: usize,
    segments: RwLock<BTreeMap<i32, Arc<Blocks>>>,
    held: AtomicUsize,
    clock: AtomicU64,
}

/// Blocks by their numbers.
type Slots = Box<[OnceLock<Box<[u8]>>]>;

/// Those of one segment.
#[derive(Debug)]
pub(super) struct Blocks {
    generation: u64,
    blocks: [Slots; 2],
    held: AtomicUsize,
    /// When it was asked for last.
    used: AtomicU64,
}

impl Blocks {
    fn of(segment: &Segment) -> Blocks {
        let empty =
            |kind: Kind| -> Slots { (0..segment.shapes[kind as usize].blocks()).map(|_| OnceLock::new()).collect() };
        let blocks = KINDS.map(empty);
        let held = blocks.iter().map(|slots| size_of_val(&**slots)).sum::<usize>().into();
        Blocks { generation: segment.generation, blocks, held, used: AtomicU64::default() }
    }

    /// A block, if it is held.
    pub(super) fn get(&self, kind: Kind, block: u32) -> Option<&[u8]> {
        self.blocks[kind as usize].get(block as usize)?.get().map(|bytes| &**bytes)
    }
}

impl Default for Cache {
    fn default() -> Cache {
        Cache::new(BUDGET)
    }
}

impl Cache {
    fn new(budget: usize) -> Cache {
        Cache { budget, segments: RwLock::default(), held: AtomicUsize::new(0), clock: AtomicU64::new(0) }
    }

    /// What is held of a segment.
    pub(super) fn segment(&self, segment: &Segment) -> Arc<Blocks> {
        let now = self.clock.fetch_add(1, Ordering::Relaxed);
        let known = self.segments.read().unwrap_or_else(PoisonError::into_inner).get(&segment.number).cloned();
        match known {
            Some(blocks) if blocks.generation == segment.generation => {
                blocks.used.store(now, Ordering::Relaxed);
                blocks
            }
            // Somebody reads an older state: nothing is held for them.
            Some(blocks) if blocks.generation > segment.generation => Arc::new(Blocks::of(segment)),
            _ => {
                let blocks = Arc::new(Blocks::of(segment));
                blocks.used.store(now, Ordering::Relaxed);
                let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
                segments.insert(segment.number, Arc::clone(&blocks));
                blocks
            }
        }
    }

    /// Holds a block from now on.
    pub(super) fn hold<'b>(&self, blocks: &'b Blocks, kind: Kind, block: u32, bytes: &[u8]) -> Option<&'b [u8]> {
        let slot = blocks.blocks[kind as usize].get(block as usize)?;
        if slot.set(bytes.into()).is_ok() {
            blocks.held.fetch_add(bytes.len(), Ordering::Relaxed);
            if self.held.fetch_add(bytes.len(), Ordering::Relaxed) + bytes.len() > self.budget {
                self.let_go(self.budget / 4 * 3);
            }
        }
        slot.get().map(|bytes| &**bytes)
    }

    /// Lets segments go until no more than `budget` is held.
    fn let_go(&self, budget: usize) {
        let mut segments = self.segments.write().unwrap_or_else(PoisonError::into_inner);
        let held = |blocks: &Arc<Blocks>| blocks.held.load(Ordering::Relaxed);
        let mut total: usize = segments.values().map(held).sum();
        while total > budget
            && let Some((&number, _)) = segments.iter().min_by_key(|(_, blocks)| blocks.used.load(Ordering::Relaxed))
        {
            total -= segments.remove(&number).as_ref().map_or(0, held);
        }
        self.held.store(total, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_asked_for_least_recently_are_let_go() {
        let budget = 5000;
        let cache = Cache::new(budget);
        let segment = |number: i32, generation: u64| Segment { number, generation, ..Segment::default() };
        let hold = |number: i32| {
            let blocks = cache.segment(&segment(number, 1));
            cache.hold(&blocks, Kind::Ids, 0, &vec![number as u8; budget / 5]).unwrap().len()
        };
        let is_held = |number: i32| cache.segment(&segment(number, 1)).get(Kind::Ids, 0).is_some();
        (1..=5).for_each(|number| assert_eq!(hold(number), budget / 5));
        assert!(is_held(1), "asked for just now");
        hold(6);
        assert!(is_held(1) && is_held(6) && is_held(5));
        assert!(!is_held(2) && !is_held(3));
        assert!(cache.held.load(Ordering::Relaxed) <= budget);

        // A newer generation takes the place of an older one, and not the other way round.
        assert!(cache.segment(&segment(6, 2)).get(Kind::Ids, 0).is_none());
        assert!(!is_held(6));
        cache.hold(&cache.segment(&segment(6, 2)), Kind::Ids, 0, b"new");
        assert!(!is_held(6));
        assert_eq!(cache.segment(&segment(6, 2)).get(Kind::Ids, 0), Some(&b"new"[..]));
    }
}
