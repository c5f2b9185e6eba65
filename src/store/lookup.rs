//! Who has a key: looked up in the blocks of a segment, which stay in memory once they were read, and in its tail.

use std::ops::{ControlFlow, Range, RangeInclusive};

use rayon::prelude::*;

use super::cache::Blocks;
use super::database::Table;
use super::head::{Kind, Segment};
use super::postings::{Block, Seek};
use super::view::View;
use super::{Place, spread};
use crate::error::Result;
use crate::parallel::Balanced;

/// How many keys are looked up in blocks side by side.
const TOGETHER: usize = 32;
/// Into how many parts keys are cut for each thread, and the least of them that is worth its while.
const PARTS: usize = 4;
const MANY: usize = 32;

/// Where some keys stand.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// The index of each key among those asked for, and where its list ends.
    ends: Vec<(u32, u32)>,
    places: Vec<Place>,
}

impl Lists {
    /// For keys of these indices, each with so many of the places `found`, which name a key by its number here.
    fn of(indices: impl Iterator<Item = u32>, mut counts: Vec<u32>, found: &[(u32, Place)]) -> Lists {
        let mut end = 0;
        let ends: Vec<(u32, u32)> = indices
            .zip(&counts)
            .map(|(index, count)| {
                end += count;
                (index, end)
            })
            .collect();
        let mut places = vec![Place { segment: 0, local: 0 }; found.len()];
        for &(at, place) in found {
            let left = &mut counts[at as usize];
            places[(ends[at as usize].1 - *left) as usize] = place;
            *left -= 1;
        }
        Lists { ends, places }
    }

    /// Of the key of this index.
    #[cfg(test)]
    pub(crate) fn of_one(index: u32, places: Vec<Place>) -> Lists {
        Lists { ends: vec![(index, places.len() as u32)], places }
    }

    /// The index of each key, and which of the places are its.
    pub(crate) fn ranges(&self) -> impl Iterator<Item = (usize, Range<u32>)> {
        let mut start = 0;
        self.ends.iter().map(move |&(index, end)| (index as usize, std::mem::replace(&mut start, end)..end))
    }

    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }
}

impl View {
    /// Which articles of some segments have which of the keys: of each key, all in one of the lists, the first `most`, in the
    /// order of segments and then in that in which they were added.
    pub(crate) fn postings(&self, segments: RangeInclusive<i32>, keys: &[u32], most: u32) -> Result<Vec<Lists>> {
        let mut keys: Vec<(u32, u32)> = (0..).zip(keys).map(|(index, &key)| (spread(key), index)).collect();
        keys.par_sort_unstable();
        self.read_ahead(segments.clone(), keys.len())?;
        let segments = self.within(segments);
        let found = |some: &[(u32, u32)]| {
            let mut left: Vec<(u32, u32)> = some.iter().zip(0..).map(|(&(key, _), at)| (key, at)).collect();
            let mut counts = vec![0; some.len()];
            let mut found: Vec<(u32, Place)> = Vec::new();
            for segment in segments {
                self.look_up(segment, Kind::Keys, &left, |at, place| {
                    let count = &mut counts[at as usize];
                    if *count < most {
                        *count += 1;
                        found.push((at, place));
                    }
                    if *count < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                })?;
                left.retain(|&(_, at)| counts[at as usize] < most);
            }
            Ok(Lists::of(some.iter().map(|&(_, index)| index), counts, &found))
        };
        let some = keys.len().div_ceil(rayon::current_num_threads() * PARTS).max(MANY);
        keys.par_chunks(some).balanced().map(found).collect()
    }

    /// The segments with these numbers that there are.
    fn within(&self, numbers: RangeInclusive<i32>) -> &[Segment] {
        let first = self.head.segments.partition_point(|segment| segment.number < *numbers.start());
        let end = self.head.segments.partition_point(|segment| segment.number <= *numbers.end());
        self.head.segments.get(first..end).unwrap_or_default()
    }

    /// Tells where `keys`, which ascend and differ, stand in a segment, with what stands beside the key; in the blocks and
    /// in each run of the tail until `each` says that there have been enough of a key.
    pub(super) fn look_up(
        &self,
        segment: &Segment,
        kind: Kind,
        keys: &[(u32, u32)],
        mut each: impl FnMut(u32, Place) -> ControlFlow<()>,
    ) -> Result<()> {
        let Some(held) = self.held.get(&segment.number) else { return Ok(()) };
        let mut tell = |beside, local| match held.removed.binary_search(&local) {
            Ok(_) => ControlFlow::Continue(()),
            Err(_) => each(beside, Place { segment: segment.number, local }),
        };
        if segment.folded > 0 {
            let shape = segment.shapes[kind as usize];
            let blocks = self.cache.segment(segment);
            let mut begun: Vec<(u32, Seek<'_>)> = Vec::with_capacity(TOGETHER);
            // Of many keys several are in one block.
            let mut last: Option<(u32, Block<'_>)> = None;
            for some in keys.chunks(TOGETHER) {
                for &(key, beside) in some {
                    let number = shape.block(key);
                    let block = match last {
                        Some((of, block)) if of == number => block,
                        _ => self.block(segment, &blocks, kind, number)?,
                    };
                    last = Some((number, block));
                    begun.push((beside, block.seek(key)));
                }
                begun.drain(..).for_each(|(beside, seek)| seek.each(|local| tell(beside, local)));
            }
        }
        held.tails[kind as usize].look_up(keys, tell);
        Ok(())
    }

    /// Reads those blocks of some segments that are not in memory, if so many keys are about to be looked up in each that
    /// nearly all are wanted: as they lie, which takes half as long as one by one.
    pub(crate) fn read_ahead(&self, segments: RangeInclusive<i32>, keys: usize) -> Result<()> {
        for segment in self.within(segments).iter().filter(|segment| segment.folded > 0) {
            let all = segment.shapes[Kind::Keys as usize].blocks();
            if keys < all as usize {
                continue;
            }
            let blocks = self.cache.segment(segment);
            let mut missing = (0..all).filter(|&number| blocks.get(Kind::Keys, number).is_none());
            let Some(first) = missing.next() else { continue };
            let last = missing.next_back().unwrap_or(first);
            let rows = segment.block(Kind::Keys, first)..segment.block(Kind::Keys, last) + 1;
            let hold = |key: i64, row: Option<&[u8]>| {
                // Whoever asks for a block that is damaged will be told.
                if let (Some(row), Ok(place)) = (row, u32::try_from(key - rows.start)) {
                    self.cache.hold(&blocks, Kind::Keys, first + place, row);
                }
                Ok(())
            };
            self.database().each(Table::Posting, rows.clone(), |_| segment.generation, hold)?;
        }
        Ok(())
    }

    /// A block of a segment; from then on it is in memory.
    fn block<'b>(&self, segment: &Segment, blocks: &'b Blocks, kind: Kind, number: u32) -> Result<Block<'b>> {
        let key = || segment.block(kind, number);
        let bytes = match blocks.get(kind, number) {
            Some(bytes) => bytes,
            None => {
                let hold = |row: &[u8]| self.cache.hold(blocks, kind, number, row);
                self.database().must(Table::Posting, key(), segment.generation, hold)?
            }
        };
        let block = Block::new(segment.shapes[kind as usize], bytes);
        block.ok_or_else(|| self.database().broken(Table::Posting, key()))
    }
}
