//! Where in the containing text most of the contained one stands: the shortest stretch that holds most of what they share.

use std::ops::Range;

/// The share of what the passages cover, in percent, that the stretch holds at least.
const HELD: usize = 80;

/// The shortest stretch, from the beginning of a passage to the end of one, that holds at least [`HELD`] percent
/// of what `passages` cover; of equals the first. Passages may overlap and come in any order. `None` if they
/// cover nothing.
///
/// Less than all, because some phrases of a report stand anywhere; whole passages, because what is reported is
/// to be read.
pub(crate) fn shortest_stretch(passages: impl IntoIterator<Item = Range<usize>>) -> Option<Range<usize>> {
    let passages = united(passages);
    let wanted = HELD * passages.iter().map(Range::len).sum::<usize>();
    let mut best: Option<Range<usize>> = None;
    let (mut first, mut held) = (0, 0);
    for last in &passages {
        held += last.len();
        while 100 * (held - passages[first].len()) >= wanted && passages[first].start < last.start {
            held -= passages[first].len();
            first += 1;
        }
        let stretch = passages[first].start..last.end;
        if 100 * held >= wanted && best.as_ref().is_none_or(|best| stretch.len() < best.len()) {
            best = Some(stretch);
        }
    }
    best
}

/// The same places as ranges in order that neither overlap nor touch.
fn united(ranges: impl IntoIterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = ranges.into_iter().filter(|range| !range.is_empty()).collect();
    ranges.sort_unstable_by_key(|range| range.start);
    ranges.dedup_by(|next, before| {
        let joined = next.start <= before.end;
        if joined {
            before.end = before.end.max(next.end);
        }
        joined
    });
    ranges
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// All stretches of a text in which each byte is covered or not, tried one by one.
    fn oracle(covered: &[bool]) -> Option<Range<usize>> {
        let at = |place: usize| covered.get(place).is_some_and(|&covered| covered);
        let begins = (0..covered.len()).filter(|&place| at(place) && (place == 0 || !at(place - 1)));
        let ends = (1..=covered.len()).filter(|&place| at(place - 1) && !at(place));
        let held = |range: &Range<usize>| covered[range.clone()].iter().filter(|&&covered| covered).count();
        let all = held(&(0..covered.len()));
        begins
            .flat_map(|begin| ends.clone().filter(move |&end| begin < end).map(move |end| begin..end))
            .filter(|range| 100 * held(range) >= HELD * all)
            .min_by_key(|range| (range.len(), range.start))
    }

    proptest! {
        #[test]
        fn equals_all_stretches_tried(passages in prop::collection::vec((0usize..60, 0usize..12), 0..9)) {
            let ranges = passages.iter().map(|&(start, len)| start..start + len);
            let mut covered = vec![false; 80];
            for range in ranges.clone() {
                covered[range].fill(true);
            }
            prop_assert_eq!(shortest_stretch(ranges), oracle(&covered));
        }
    }

    #[test]
    fn a_stray_phrase_is_left_out_and_the_gaps_within_are_not() {
        assert_eq!(shortest_stretch([0..10, 100..140, 150..190, 300..309]), Some(100..190));
        // Too much to leave out.
        assert_eq!(shortest_stretch([0..30, 100..140, 150..190]), Some(0..190));
        // Of equals the first.
        assert_eq!(shortest_stretch([30..40, 20..30, 0..10, 50..50]), Some(0..40));
        assert_eq!(shortest_stretch([0..10, 20..50, 60..70]), Some(0..50));
        assert_eq!(shortest_stretch([]), None);
    }
}
