//! Containment in both directions: how much of each of two articles is in the other, and what that makes of them.

use super::overlap::{Overlap, Side};

/// How much of each of two articles, the first `a` and the second `b`, is in the other: the share of the
/// weight of its body that stands in a neighbourhood which the other has too. Kept in whole percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Containment {
    a_in_b: u8,
    b_in_a: u8,
}

/// Which of two articles contains the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The second contains the first.
    AInB,
    /// The first contains the second.
    BInA,
    /// Each contains about as much of the other.
    Alike,
}

/// Percent of an article that must be in the other one for it to be contained.
const CONTAINED: u8 = 50;
/// Percent by which it must be more than the other way round.
const DISTINCT: u8 = 20;

impl Containment {
    /// All of each is in the other.
    pub const FULL: Containment = Containment { a_in_b: 100, b_in_a: 100 };

    /// From percentages; more than 100 are 100.
    pub fn from_percent(a_in_b: u8, b_in_a: u8) -> Containment {
        Containment { a_in_b: a_in_b.min(100), b_in_a: b_in_a.min(100) }
    }

    pub(crate) fn of(overlap: &Overlap) -> Containment {
        let percent = |side: &Side| match side.body {
            0 => 0,
            body => (100 * side.covered + body / 2) / body,
        };
        let [a_in_b, b_in_a] = [&overlap.a, &overlap.b].map(percent);
        Containment { a_in_b: a_in_b.min(100) as u8, b_in_a: b_in_a.min(100) as u8 }
    }

    /// The share of `a` that is in `b`: 0 to 1, two decimals.
    pub fn a_in_b(self) -> f64 {
        f64::from(self.a_in_b) / 100.0
    }

    /// The share of `b` that is in `a`: 0 to 1, two decimals.
    pub fn b_in_a(self) -> f64 {
        f64::from(self.b_in_a) / 100.0
    }

    /// The same with the articles in the other order.
    #[must_use]
    pub fn swapped(self) -> Containment {
        Containment { a_in_b: self.b_in_a, b_in_a: self.a_in_b }
    }

    /// An article is contained in the other if at least half of it is there, and at least 20 points more than
    /// of the other in it; with a smaller distance they are alike. `None` if not so much of either is in the
    /// other.
    pub fn direction(self) -> Option<Direction> {
        let Containment { a_in_b, b_in_a } = self;
        if a_in_b.max(b_in_a) < CONTAINED {
            None
        } else if a_in_b.abs_diff(b_in_a) < DISTINCT {
            Some(Direction::Alike)
        } else if a_in_b > b_in_a {
            Some(Direction::AInB)
        } else {
            Some(Direction::BInA)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_bodies() {
        let side = |covered, body| Side { covered, body, ..Side::default() };
        let overlap = |a, b| Overlap { a, b, ..Overlap::default() };
        let of = |a, b| Containment::of(&overlap(a, b));
        assert_eq!(of(side(2, 3), side(1, 3)), Containment::from_percent(67, 33));
        // A title alone has no body that could be anywhere.
        assert_eq!(of(side(0, 0), side(7, 7)), Containment::from_percent(0, 100));
        let found = of(side(1, 4), side(1, 2));
        assert_eq!((found.a_in_b(), found.b_in_a()), (0.25, 0.5));
        assert_eq!(found.swapped(), of(side(1, 2), side(1, 4)));
    }

    #[test]
    fn contained_means_much_of_it_and_distinctly_more_than_the_other() {
        for (a_in_b, b_in_a, direction) in [
            (0, 0, None),
            (49, 0, None),
            (50, 30, Some(Direction::AInB)),
            (50, 31, Some(Direction::Alike)),
            (41, 93, Some(Direction::BInA)),
            (81, 100, Some(Direction::Alike)),
            (100, 100, Some(Direction::Alike)),
        ] {
            let found = Containment::from_percent(a_in_b, b_in_a);
            assert_eq!(found.direction(), direction, "{a_in_b}, {b_in_a}");
            let turned = match direction {
                Some(Direction::AInB) => Some(Direction::BInA),
                Some(Direction::BInA) => Some(Direction::AInB),
                other => other,
            };
            assert_eq!(found.swapped().direction(), turned, "{b_in_a}, {a_in_b}");
        }
    }
}
