//! How far a run has come, for those who watch it from another thread; they may also end it.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Error, Result};

/// The present stage of a run and how far it is; shared by all clones. Who watches a run does not change what it finds:
/// all are equal, and look alike.
#[derive(Clone, Default)]
pub struct Progress(Arc<Inner>);

#[derive(Default)]
struct Inner {
    stage: Mutex<Option<(&'static str, &'static str, Instant)>>,
    count: AtomicU64,
    before: AtomicU64,
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

impl PartialEq for Progress {
    fn eq(&self, _: &Progress) -> bool {
        true
    }
}

impl Eq for Progress {}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

/// What is known of a stage at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Its name.
    pub name: &'static str,
    /// What is counted: articles, or pairs of them.
    pub unit: &'static str,
    /// How many have been worked through.
    pub count: u64,
    /// Of the whole work so much is done: bytes of the input while it is read, else the count.
    pub done: u64,
    /// The whole work, in the same unit; 0 where that is not known.
    pub total: u64,
    /// Time since it began.
    pub elapsed: Duration,
}

impl Progress {
    /// A new stage begins, which counts `unit`s, with so much to be done; 0 if that is not known.
    pub fn begin(&self, stage: &'static str, unit: &'static str, total: u64) {
        let mut present = self.0.stage.lock().unwrap_or_else(PoisonError::into_inner);
        *present = Some((stage, unit, Instant::now()));
        for count in [&self.0.count, &self.0.before, &self.0.done] {
            count.store(0, Ordering::Relaxed);
        }
        self.0.total.store(total, Ordering::Relaxed);
    }

    /// So many more have been worked through, of a whole that is counted in the same unit.
    pub fn add(&self, count: u64) {
        self.0.count.fetch_add(count, Ordering::Relaxed);
        self.0.done.fetch_add(count, Ordering::Relaxed);
    }

    /// One more article has been read.
    pub(crate) fn read(&self) {
        self.0.count.fetch_add(1, Ordering::Relaxed);
    }

    /// So many bytes of a part of the input have been read.
    pub(crate) fn reached(&self, bytes: u64) {
        self.0.done.store(self.0.before.load(Ordering::Relaxed) + bytes, Ordering::Relaxed);
    }

    /// A part of the input of so many bytes is done with.
    pub(crate) fn passed(&self, bytes: u64) {
        self.0.before.fetch_add(bytes, Ordering::Relaxed);
        self.reached(0);
    }

    /// The run is to end: what it does next is to return [`Error::Cancelled`], within a moment.
    pub fn cancel(&self) {
        self.0.cancelled.store(true, Ordering::Relaxed);
    }

    /// Is the run to end? Then nothing it still finds is used.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Relaxed)
    }

    /// # Errors
    /// [`Error::Cancelled`] if the run is to end.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// The present stage; `None` before the first.
    pub fn stage(&self) -> Option<Stage> {
        let (name, unit, begun) = (*self.0.stage.lock().unwrap_or_else(PoisonError::into_inner))?;
        let [count, done, total] =
            [&self.0.count, &self.0.done, &self.0.total].map(|count| count.load(Ordering::Relaxed));
        Some(Stage { name, unit, count, done, total, elapsed: begun.elapsed() })
    }
}

impl Stage {
    /// How many a second; `None` in the beginning.
    pub fn rate(&self) -> Option<f64> {
        let seconds = self.elapsed.as_secs_f64();
        (self.count > 0 && seconds >= 0.5).then(|| self.count as f64 / seconds)
    }

    /// The time it will still take, if it goes on as it has gone so far.
    pub fn left(&self) -> Option<Duration> {
        self.rate()?;
        let left = self.total.checked_sub(self.done).filter(|_| self.total > 0)?;
        (self.done > 0).then(|| self.elapsed.mul_f64(left as f64 / self.done as f64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left() {
        let stage = |done, total, seconds| Stage {
            name: "x",
            unit: "y",
            count: done / 10,
            done,
            total,
            elapsed: Duration::from_secs(seconds),
        };
        assert_eq!(stage(300, 1000, 3).rate(), Some(10.0));
        assert_eq!(stage(300, 1000, 3).left(), Some(Duration::from_secs(7)));
        assert_eq!(stage(300, 0, 3).left(), None);
        assert_eq!((stage(300, 1000, 0).rate(), stage(0, 1000, 9).left()), (None, None));
        let progress = Progress::default();
        assert_eq!(progress.stage(), None);
        progress.begin("reading", "articles", 0);
        progress.clone().add(3);
        progress.add(4);
        assert_eq!(progress.stage().map(|stage| (stage.name, stage.count, stage.total)), Some(("reading", 7, 0)));
        progress.begin("writing", "articles", 5);
        assert_eq!(progress.stage().map(|stage| (stage.name, stage.count, stage.total)), Some(("writing", 0, 5)));
    }
}
