//! How long each stage of a run took.

use std::time::{Duration, Instant};

/// Times stages, which follow one another.
pub(super) struct Clock {
    last: Instant,
    /// The stages that have ended, in order.
    pub(super) laps: Vec<(&'static str, Duration)>,
}

impl Default for Clock {
    /// From now on.
    fn default() -> Clock {
        Clock { last: Instant::now(), laps: Vec::new() }
    }
}

impl Clock {
    /// What was done since the last lap was `stage`, or more of it.
    pub(super) fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        let spent = now - self.last;
        match self.laps.iter_mut().find(|lap| lap.0 == stage) {
            Some(lap) => lap.1 += spent,
            None => self.laps.push((stage, spent)),
        }
        self.last = now;
    }
}
