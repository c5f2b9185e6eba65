//! The lists of `rare.rs`, made of its postings by all threads.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use rayon::prelude::*;

use super::rare::Rare;
use crate::error::Result;

/// The most shares of the parts that are gone through side by side, each with a counter an article of the block.
const MOST_SHARES: usize = 16;

/// What stands behind each article of a block in its postings.
pub(super) struct Lists {
    listed: Vec<AtomicU32>,
    /// Where each article's list begins, and the end of all.
    starts: Vec<u32>,
}

impl Lists {
    pub(super) fn new(rare: &Rare, block: Range<u32>) -> Result<Lists> {
        // Sort by counting: first how long each list is, then where it begins. Each share of the parts has counters of its
        // own, and so its own piece of each list: threads that added to the same would wait for each other all the time.
        let shares = (rayon::current_num_threads() * 4).min(MOST_SHARES);
        let all = rare.parts();
        let some = all.div_ceil(shares).max(1);
        let parts: Vec<Range<usize>> = (0..all).step_by(some).map(|from| from..(from + some).min(all)).collect();
        let of_block = |posting: &[u32], each: &mut dyn FnMut(usize, &[u32])| {
            let from = posting.partition_point(|&article| article < block.start);
            let to = posting.partition_point(|&article| article < block.end);
            for at in from..to.min(posting.len() - 1) {
                each((posting[at] - block.start) as usize, &posting[at + 1..]);
            }
        };
        let count = |parts: &Range<usize>| {
            let mut counts = vec![0; block.len()];
            rare.each_posting(parts.clone(), |posting| {
                of_block(posting, &mut |article, behind| counts[article] += behind.len() as u32);
            })?;
            Ok(counts)
        };
        let mut pieces: Vec<Vec<u32>> = parts.par_iter().with_max_len(1).map(count).collect::<Result<_>>()?;
        let (mut starts, mut total) = (Vec::with_capacity(block.len() + 1), 0);
        for article in 0..block.len() {
            starts.push(total);
            for piece in &mut pieces {
                total += std::mem::replace(&mut piece[article], total);
            }
        }
        starts.push(total);
        // By all threads: most of it is to be given the memory.
        let none = |_| AtomicU32::new(0);
        let listed: Vec<AtomicU32> = (0..total).into_par_iter().with_min_len(1 << 14).map(none).collect();
        parts.into_par_iter().zip(pieces).with_max_len(1).try_for_each(|(parts, mut piece)| {
            rare.each_posting(parts, |posting| {
                of_block(posting, &mut |article, behind| {
                    let at = piece[article] as usize;
                    for (place, &article) in listed[at..].iter().zip(behind) {
                        place.store(article, Ordering::Relaxed);
                    }
                    piece[article] += behind.len() as u32;
                });
            })
        })?;
        Ok(Lists { listed, starts })
    }

    /// The list of an article, given by its place in the block.
    pub(super) fn of(&self, article: u32) -> &[AtomicU32] {
        let article = article as usize;
        &self.listed[self.starts[article] as usize..self.starts[article + 1] as usize]
    }
}
