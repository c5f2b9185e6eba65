//! Points in time as newsrooms write them: dates, and dates with a time of day.

use std::fmt;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

const SECONDS_A_DAY: i64 = 86_400;
/// The longest form accepted has about 40 bytes in ASCII; Arabic digits take two bytes each.
const LONGEST: usize = 100;
/// ARABIC-INDIC DIGIT ZERO and NINE, then the Persian ones (EXTENDED ARABIC-INDIC).
const ARABIC_ZERO: char = '\u{0660}';
const ARABIC_NINE: char = '\u{0669}';
const PERSIAN_ZERO: char = '\u{06F0}';
const PERSIAN_NINE: char = '\u{06F9}';

/// A point in time: whole seconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Reads a date, or a date and a time of day; `None` where it is neither or does not exist.
    ///
    /// Accepted are `2015-07-21`, `2015/07/21` and `20150721`, alone or followed by `T` or a blank
    /// and `10:30`, `10:30:00` or `10:30:00.123`, then `Z` or an offset such as `+03:00`; digits may
    /// be ASCII, Arabic-Indic or Persian. A time without an offset is taken as UTC, a date alone as
    /// its midnight; parts of a second are dropped.
    ///
    /// ```
    /// use naskh::Timestamp;
    /// let day = Timestamp::parse("2015/07/21").unwrap();
    /// assert_eq!(Timestamp::parse("2015-07-21T03:00+03:00"), Some(day));
    /// ```
    pub fn parse(written: &str) -> Option<Timestamp> {
        let written = written.trim();
        if written.len() > LONGEST {
            return None;
        }
        let ascii: String = written.chars().map(ascii_digit).collect();
        let mut rest = Rest(ascii.as_bytes());
        let date = rest.date()?;
        let (time, offset) = if rest.0.is_empty() {
            (Time::midnight(), Offset::UTC)
        } else {
            rest.take(b"Tt ")?;
            (rest.time()?, rest.offset()?)
        };
        if !rest.0.is_empty() {
            return None;
        }
        let moment = offset.to_timestamp(date.to_datetime(time)).ok()?;
        Some(Timestamp(moment.as_second()))
    }

    /// This moment, by the clock of the system.
    pub fn now() -> Timestamp {
        Timestamp(jiff::Timestamp::now().as_second())
    }

    /// So many seconds after 1970-01-01T00:00:00Z, or before where negative; `None` beyond the year 9999.
    pub fn from_seconds(seconds: i64) -> Option<Timestamp> {
        jiff::Timestamp::from_second(seconds).is_ok().then_some(Timestamp(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z; negative before.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// Whole days since 1970-01-01 (UTC), rounded down: the day this moment falls in.
    pub fn days(self) -> i64 {
        self.0.div_euclid(SECONDS_A_DAY)
    }

    /// Is this moment certainly before `other`? A midnight may stand for a whole day, of which no time is known: it
    /// is neither before nor after another moment of that day.
    pub fn precedes(self, other: Timestamp) -> bool {
        let may_be_whole_day = |moment: Timestamp| moment.0.rem_euclid(SECONDS_A_DAY) == 0;
        let of_one_day = self.days() == other.days();
        self < other && !(of_one_day && (may_be_whole_day(self) || may_be_whole_day(other)))
    }

    /// The time between two moments in days and fractions of a day; never negative.
    pub fn days_between(a: Timestamp, b: Timestamp) -> f64 {
        a.0.abs_diff(b.0) as f64 / SECONDS_A_DAY as f64
    }
}

/// RFC 3339: `2015-07-21` at midnight UTC, else `2015-07-21T10:30:00Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ok(moment) = jiff::Timestamp::from_second(self.0) else {
            return write!(f, "{} s", self.0);
        };
        if self.0.rem_euclid(SECONDS_A_DAY) == 0 {
            Offset::UTC.to_datetime(moment).date().fmt(f)
        } else {
            moment.fmt(f)
        }
    }
}

fn ascii_digit(c: char) -> char {
    let zero = match c {
        ARABIC_ZERO..=ARABIC_NINE => ARABIC_ZERO,
        PERSIAN_ZERO..=PERSIAN_NINE => PERSIAN_ZERO,
        _ => return c,
    };
    char::from_digit(c as u32 - zero as u32, 10).unwrap_or(c)
}

/// What is still to be read of a date, as ASCII.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Takes one byte if it is one of `any`.
    fn take(&mut self, any: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        any.contains(&first).then(|| {
            self.0 = rest;
            first
        })
    }

    /// Takes exactly `digits` (at most four) digits.
    fn number(&mut self, digits: usize) -> Option<i16> {
        (0..digits).try_fold(0_i16, |sum, _| {
            let digit = self.take(b"0123456789")?;
            Some(sum * 10 + i16::from(digit - b'0'))
        })
    }

    fn two_digits(&mut self) -> Option<i8> {
        self.number(2)?.try_into().ok()
    }

    fn date(&mut self) -> Option<Date> {
        let year = self.number(4)?;
        let separator = self.take(b"-/");
        let month = self.two_digits()?;
        if let Some(separator) = separator {
            self.take(&[separator])?;
        }
        Date::new(year, month, self.two_digits()?).ok()
    }

    fn time(&mut self) -> Option<Time> {
        let hour = self.two_digits()?;
        self.take(b":")?;
        let minute = self.two_digits()?;
        let mut second = 0;
        if self.take(b":").is_some() {
            second = self.two_digits()?;
            if self.take(b".").is_some() {
                self.number(1)?;
                while self.number(1).is_some() {}
            }
        }
        Time::new(hour, minute, second, 0).ok()
    }

    /// `Z`, `+03:00`, `+0300`, `+03`, or nothing, which is UTC.
    fn offset(&mut self) -> Option<Offset> {
        if self.0.is_empty() || self.take(b"Zz").is_some() {
            return Some(Offset::UTC);
        }
        let sign = if self.take(b"+-")? == b'-' { -1 } else { 1 };
        let hours = i32::from(self.number(2)?);
        let mut minutes = 0;
        if self.take(b":").is_some() || !self.0.is_empty() {
            minutes = i32::from(self.number(2)?);
        }
        if hours > 23 || minutes > 59 {
            return None;
        }
        Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIDNIGHT: i64 = 1_437_436_800; // 2015-07-21T00:00:00Z
    const MORNING: i64 = MIDNIGHT + 10 * 3600 + 30 * 60;

    #[test]
    fn every_form_is_read() {
        for (written, seconds) in [
            ("2015-07-21", MIDNIGHT),
            ("2015/07/21", MIDNIGHT),
            ("20150721", MIDNIGHT),
            (" 2015-07-21\n", MIDNIGHT),
            ("2015-07-21 10:30", MORNING),
            ("2015-07-21 10:30:00", MORNING),
            ("2015-07-21T10:30:00", MORNING),
            ("2015-07-21T10:30:00.123", MORNING),
            ("2015-07-21T10:30:00Z", MORNING),
            ("2015-07-21T10:30:00.999999999Z", MORNING),
            ("2015-07-21T13:30:00+03:00", MORNING),
            ("2015-07-21T13:30:00+0300", MORNING),
            ("2015-07-21T13:30:00+03", MORNING),
            ("2015-07-20T23:30:00.5-11:00", MORNING),
            ("\u{662}\u{660}\u{661}\u{665}/\u{660}\u{667}/\u{662}\u{661}", MIDNIGHT),
            ("\u{6F2}\u{6F0}\u{6F1}\u{6F5}-\u{6F0}\u{6F7}-\u{6F2}\u{6F1} \u{6F1}\u{6F0}:\u{6F3}\u{6F0}", MORNING),
            ("1969-12-31T23:59:59Z", -1),
        ] {
            assert_eq!(Timestamp::parse(written), Some(Timestamp(seconds)), "{written}");
        }
    }

    #[test]
    fn what_is_no_date_is_refused() {
        for written in [
            "",
            "tomorrow",
            "2015",
            "2015-07",
            "2015-7-21",
            "2015-02-29",
            "2015-07/21",
            "2015-13-01",
            "2015-07-21T",
            "2015-07-21T25:00",
            "2015-07-21T10:30:00.Z",
            "2015-07-21T10:30+03:",
            "2015-07-21T10:30+0",
            "2015-07-21T10:30+24:00",
            "2015-07-21T10:30Zulu",
            "2015-07-21x",
            "201507211",
            "\u{6F2}\u{6F0}\u{6F1}\u{6F5}\u{6F0}\u{6F7}\u{6F2}",
        ] {
            assert_eq!(Timestamp::parse(written), None, "{written}");
        }
        assert_eq!(Timestamp::parse(&format!("2015-07-21T10:30:00.{}", "1".repeat(200))), None);
    }

    #[test]
    fn days_and_display() {
        let day = Timestamp(MIDNIGHT);
        let morning = Timestamp(MORNING);
        assert_eq!(day.days(), 16_637);
        assert_eq!(morning.days(), 16_637);
        assert_eq!(Timestamp(-1).days(), -1);
        assert_eq!(Timestamp::days_between(morning, day), 0.4375);
        assert_eq!(Timestamp::days_between(day, morning), 0.4375);
        let [evening, tomorrow] = [MORNING + 3600, MIDNIGHT + SECONDS_A_DAY].map(Timestamp);
        for (earlier, later) in [(morning, evening), (day, tomorrow), (morning, tomorrow), (Timestamp(-1), day)] {
            assert!(earlier.precedes(later) && !later.precedes(earlier), "{earlier}, {later}");
        }
        assert!(!day.precedes(morning) && !morning.precedes(day) && !day.precedes(day) && !morning.precedes(morning));
        assert_eq!(day.to_string(), "2015-07-21");
        assert_eq!(morning.to_string(), "2015-07-21T10:30:00Z");
        assert_eq!(Timestamp::parse(&morning.to_string()), Some(morning));
    }
}
