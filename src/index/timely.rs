//! Rare in its time: what too many articles have is looked at by periods of four days, and is rare in those where few
//! have it.
//!
//! At which days periods begin depends on the shingle: of those that two articles share thus, one day apart they meet in
//! three of four, and four days apart in none.

/// Days of a period, a power of two.
const PERIOD: i32 = 4;

/// The day of an article of which none is known, and its period: it is in none.
pub(crate) const UNDATED: i32 = i32::MIN;

/// A day as periods are told of it; [`UNDATED`] where it is not known.
pub(crate) fn day_of(day: Option<i64>) -> i32 {
    let known = |day: i64| i32::try_from(day).ok().filter(|day| day.abs() < i32::MAX / 2);
    day.and_then(known).unwrap_or(UNDATED)
}

/// The period in which an article of this day has a shingle with this key, of which the last bits count; [`UNDATED`] for
/// one of no day.
pub(crate) fn period(day: i32, key: u32) -> i32 {
    if day == UNDATED { UNDATED } else { (day + (key as i32 & (PERIOD - 1))).div_euclid(PERIOD) }
}

/// What of an article others may share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shareable {
    /// Its day ([`day_of`]).
    pub(crate) day: i32,
    /// How many of its sampled shingles not too many articles have.
    pub(crate) rare: u16,
    /// How many more not too many have in their time.
    pub(crate) timely: u16,
}

/// How many shingles that are rare, then or at all, the one of two articles has that has fewer; of those rare in their
/// time as many as two of their days may be expected to meet in.
pub(crate) fn could_share(a: Shareable, b: Shareable) -> u16 {
    let apart = (i64::from(a.day) - i64::from(b.day)).abs();
    let quarters = (i64::from(PERIOD) - apart).max(0) as u32;
    let count = |of: Shareable| u32::from(of.rare) + u32::from(of.timely) * quarters / PERIOD as u32;
    count(a).min(count(b)).min(u16::MAX.into()) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_apart_meet_in_as_many_periods_as_are_expected() {
        for (apart, expected) in [(0, 4), (1, 3), (2, 2), (3, 1), (4, 0), (9, 0)] {
            for day in [-5, 0, 16_637] {
                let met = (0..4).filter(|&key| period(day, key) == period(day + apart, key)).count();
                assert_eq!(met, expected);
                let of = |day| Shareable { day, rare: 3, timely: 40 };
                assert_eq!(could_share(of(day), of(day + apart)), 3 + 10 * expected as u16);
            }
        }
    }

    #[test]
    fn what_has_no_day_meets_nobody_in_time() {
        let [known, none, beyond] = [Some(7), None, Some(i64::MAX)].map(day_of);
        assert_eq!((known, none, beyond), (7, UNDATED, UNDATED));
        assert_eq!(period(none, 3), UNDATED);
        let [dated, undated] = [(known, 5), (none, 0)].map(|(day, timely)| Shareable { day, rare: 8, timely });
        assert_eq!(could_share(dated, undated), 8);
        assert_eq!(could_share(Shareable { rare: u16::MAX, ..dated }, Shareable { rare: u16::MAX, ..dated }), u16::MAX);
    }
}
