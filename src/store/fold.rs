//! Folding: what the tail of a segment holds is put into its blocks, which are written anew, within the transaction of
//! the commit that it comes with.

use std::sync::PoisonError;

use rayon::prelude::*;

use super::database::{Database, Table};
use super::head::{KINDS, Kind, Segment};
use super::postings::{Block, Entry, Shape, blocks};
use super::view::View;
use super::writer::Writer;
use super::{Place, rows};
use crate::error::Result;

/// A tail of so many articles is folded, if it is no less than half of what is in the blocks, which are written anew ...
const TAIL: u32 = 4096;
/// ... and if all tails together hold so many, the longest are, until half of it is left. Readers hold the tails in
/// memory, 300 bytes an article, and read them when they open the index.
const TAILS: u32 = 16_384;

impl Writer {
    /// Folds the tails that have grown too long, as a commit does.
    ///
    /// # Errors
    /// As [`Writer::add`].
    pub(crate) fn fold_if_due(&mut self) -> Result<()> {
        self.undoing(Writer::fold_what_is_due)
    }

    /// Folds the tails that have grown too long.
    pub(super) fn fold_what_is_due(&mut self) -> Result<()> {
        let mut tails: Vec<(u32, i32, u32)> = self
            .view
            .segments()
            .map(|info| (info.tail, info.segment, info.articles + info.removed - info.tail))
            .collect();
        tails.sort_unstable();
        let mut all: u32 = tails.iter().map(|tail| tail.0).sum();
        let most = if all > TAILS { TAILS / 2 } else { TAILS };
        for (tail, segment, folded) in tails.into_iter().rev() {
            if tail >= TAIL.max(folded / 2) || all > most {
                self.view.fold(segment)?;
                all -= tail;
            }
        }
        Ok(())
    }

    /// Folds all tails, and leaves out of the blocks what is gone.
    pub(super) fn fold_all(&mut self) -> Result<()> {
        let due = |info: &super::view::SegmentInfo| info.tail > 0 || info.removed > 0;
        let segments: Vec<i32> = self.view.segments().filter(due).map(|info| info.segment).collect();
        segments.into_iter().try_for_each(|segment| self.view.fold(segment))
    }
}

impl View {
    fn fold(&mut self, number: i32) -> Result<()> {
        let (Some(old), Some(held)) = (self.head.segment(number).cloned(), self.held.get_mut(&number)) else {
            return Ok(());
        };
        let database = self.database.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.head.generation += 1;
        let mut new = Segment { folded: old.articles, generation: self.head.generation, ..old };
        let mut folded = [Vec::new(), Vec::new()];
        for kind in KINDS {
            let entries = &mut folded[kind as usize];
            if old.folded > 0 {
                each_entry(database, &old, kind, |entry| entries.push(entry))?;
            }
            entries.extend(held.tails[kind as usize].entries());
            entries.retain(|(_, local)| held.removed.binary_search(local).is_err());
            entries.par_sort_unstable();
            new.shapes[kind as usize] = Shape::of(entries.len(), old.articles);
        }
        // Written one after another into empty pages, they fill them; in the place of shorter ones they would not.
        database.delete(Table::Posting, rows(number..number.saturating_add(1)))?;
        for kind in KINDS {
            for (block, mut row) in (0..).zip(blocks(new.shapes[kind as usize], &folded[kind as usize])) {
                database.put(Table::Posting, new.block(kind, block), new.generation, &mut row)?;
            }
        }
        let place = |local| Place { segment: number, local }.key();
        database.delete(Table::Tail, place(old.folded)..place(old.articles))?;
        held.folded(&new);
        *self.head.segment_mut(number) = new;
        Ok(())
    }
}

/// Tells what the blocks of a segment hold, in order.
pub(super) fn each_entry(
    database: &Database,
    segment: &Segment,
    kind: Kind,
    mut each: impl FnMut(Entry),
) -> Result<()> {
    let shape = segment.shapes[kind as usize];
    for number in 0..shape.blocks() {
        let read = |row: &[u8]| Block::new(shape, row)?.all(number, &mut each).then_some(());
        database.must(Table::Posting, segment.block(kind, number), segment.generation, read)?;
    }
    Ok(())
}
