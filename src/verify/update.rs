//! Updates: a later article that repeats much of an earlier one under a new lead.
//!
//! What is new must stand first, and what is repeated must be the earlier report's own text: in its wording, and
//! rare. Articles of one template repeat formulas instead, which are common, with other numbers between them.

use super::overlap::{Overlap, Side};

/// Percent of the weight of the later article's title and lead that may stand in the earlier one.
const LEAD_KNOWN: u64 = 40;
/// Percent of the weight of the earlier one's body that stands in the later one at least.
const REPEATED: u64 = 30;
/// Percent of the stems that one of the two has in common with the other, that of fewer such stems, which have
/// the same neighbour there.
const VERBATIM: u64 = 65;
/// Weight of rare pairs that both have at least: that of 20 pairs.
const EVIDENCE: u64 = 20 * u8::MAX as u64;

/// Is one of the two articles an update of the other? `earlier` and `later` are the sides of `overlap`.
pub(crate) fn is_update(overlap: &Overlap, earlier: &Side, later: &Side) -> bool {
    let covered_stems = u64::from(earlier.covered_stems.min(later.covered_stems));
    // Without a body nothing is repeated, and nothing leads.
    earlier.body > 0
        && later.lead > 0
        && 100 * (later.title_shared + later.lead_covered) <= LEAD_KNOWN * (later.title + later.lead)
        && 100 * earlier.covered >= REPEATED * earlier.body
        && 100 * u64::from(overlap.bigrams) >= VERBATIM * covered_stems
        && overlap.rare_sum >= EVIDENCE
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An update, each condition met exactly.
    fn update() -> (Overlap, Side, Side) {
        let overlap = Overlap { bigrams: 65, rare_sum: 20 * 255, ..Overlap::default() };
        let earlier = Side { body: 1000, covered: 300, covered_stems: 100, ..Side::default() };
        let lead = Side { lead: 80, lead_covered: 35, title: 20, title_shared: 5, ..Side::default() };
        (overlap, earlier, Side { covered_stems: 120, ..lead })
    }

    #[test]
    fn every_condition_counts() {
        let holds = |change: fn(&mut Overlap, &mut Side, &mut Side)| {
            let (mut overlap, mut earlier, mut later) = update();
            change(&mut overlap, &mut earlier, &mut later);
            is_update(&overlap, &earlier, &later)
        };
        assert!(holds(|_, _, _| ()));
        // The later one's title or lead is known; what is known of the earlier one's does not matter.
        assert!(!holds(|_, _, later| later.title_shared += 1));
        assert!(!holds(|_, _, later| later.lead_covered += 1));
        assert!(holds(|_, earlier, _| (earlier.lead, earlier.lead_covered) = (50, 50)));
        // Too little is repeated; how much else the later one says does not matter.
        assert!(!holds(|_, earlier, _| earlier.covered -= 1));
        assert!(holds(|_, _, later| later.body = 1_000_000));
        // In other words.
        assert!(!holds(|overlap, _, _| overlap.bigrams -= 1));
        // No body.
        assert!(!holds(|_, earlier, _| (earlier.body, earlier.covered) = (0, 0)));
        assert!(!holds(|_, _, later| *later = Side { covered_stems: 120, ..Side::default() }));
        // Formulas.
        assert!(!holds(|overlap, _, _| overlap.rare_sum -= 1));
    }

    #[test]
    fn the_roles_are_not_exchanged() {
        let (overlap, earlier, later) = update();
        // What was the earlier one's lead stands in the other.
        let report = Side { lead: 50, lead_covered: 50, ..earlier };
        let follow_up = Side { body: 1000, covered: 300, ..later };
        assert!(is_update(&overlap, &report, &follow_up));
        assert!(!is_update(&overlap, &follow_up, &report));
    }

    #[test]
    fn nothing_in_common_is_no_update() {
        assert!(!is_update(&Overlap::default(), &Side::default(), &Side::default()));
    }
}
