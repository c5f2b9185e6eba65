//! Work for all threads, cut so finely that they end together.

use rayon::iter::{IndexedParallelIterator, MaxLen};

/// Parts a thread has, where all are of the same length: the last one to end keeps the others waiting for a part at most.
const PARTS: usize = 16;

/// Rayon by itself cuts twice as many parts as there are threads, and what a thread has taken it does alone: of two the one
/// that is left has up to a fourth of the work.
pub(crate) trait Balanced: IndexedParallelIterator {
    /// The same, cut finer.
    fn balanced(self) -> MaxLen<Self> {
        let most = self.len() / (rayon::current_num_threads() * PARTS);
        self.with_max_len(most.max(1))
    }
}

impl<I: IndexedParallelIterator> Balanced for I {}
