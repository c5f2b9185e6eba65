//! The passages that coincide, located in both originals.

use std::ops::Range;

use ahash::AHashMap;

use crate::arabic::{Stem, Token, TokenKind};
use crate::shingle::pairs;

/// A passage of one article and its counterpart in the other, as bytes of the two original texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Bytes of the first text.
    pub a: Range<usize>,
    /// Bytes of the second text.
    pub b: Range<usize>,
    /// Content stems of the first text's passage that stand in the second one's too.
    pub stems: usize,
}

/// Content stems that may stand between two matches of one passage, in either text.
const GAP: usize = 6;
/// Matching stems that make a passage.
const SHORTEST: usize = 4;
/// A pair that stands at more places of one text tells no place from another, and is passed over.
const MOST_PLACES: usize = 8;

/// The passages that `a` and `b` have in common, in the order of `a`: maximal chains of shared pairs that
/// advance in both texts without a gap of more than [`GAP`] stems. No stem is in two passages.
pub(crate) fn passages(a: &[Token], b: &[Token]) -> Vec<Passage> {
    let (a, b) = (content(a), content(b));
    let stems = |tokens: &[Token]| tokens.iter().map(|t| t.stem).collect::<Vec<Stem>>();
    let (stems_a, stems_b) = (stems(&a), stems(&b));
    let mut places: AHashMap<u64, Vec<(usize, usize)>> = AHashMap::new();
    pairs(&stems_b, |i, j, hash| places.entry(hash).or_default().push((i, j)));
    places.retain(|_, at| at.len() <= MOST_PLACES);
    let mut times: AHashMap<u64, usize> = AHashMap::new();
    pairs(&stems_a, |_, _, hash| *times.entry(hash).or_default() += 1);
    // Positions that match because a pair around them does.
    let mut matches: Vec<(usize, usize)> = Vec::new();
    pairs(&stems_a, |i, j, hash| {
        if times.get(&hash).is_some_and(|&n| n > MOST_PLACES) {
            return;
        }
        for &(p, q) in places.get(&hash).map_or(&[][..], |v| v) {
            let (p, q) = if stems_a[i] == stems_b[p] { (p, q) } else { (q, p) };
            matches.push((i, p));
            matches.push((j, q));
        }
    });
    matches.sort_unstable();
    matches.dedup();

    let mut used_a = vec![false; a.len()];
    let mut used_b = vec![false; b.len()];
    let mut chains = chains(&matches);
    // The longest first: a stem goes to the passage that says most.
    chains.sort_by_key(|chain| (std::cmp::Reverse(chain.len()), chain[0]));
    let mut found = Vec::new();
    for chain in chains {
        let free: Vec<(usize, usize)> = chain.into_iter().filter(|&(i, j)| !used_a[i] && !used_b[j]).collect();
        if free.len() < SHORTEST {
            continue;
        }
        let bounds = |side: fn(&(usize, usize)) -> usize| {
            let all = free.iter().map(side);
            (all.clone().min().unwrap_or(0), all.max().unwrap_or(0))
        };
        let (first_a, last_a) = bounds(|m| m.0);
        let (first_b, last_b) = bounds(|m| m.1);
        used_a[first_a..=last_a].fill(true);
        used_b[first_b..=last_b].fill(true);
        found.push(Passage {
            a: a[first_a].start as usize..a[last_a].end as usize,
            b: b[first_b].start as usize..b[last_b].end as usize,
            stems: free.len(),
        });
    }
    found.sort_by_key(|p| (p.a.start, p.b.start));
    found
}

fn content(tokens: &[Token]) -> Vec<Token> {
    tokens.iter().copied().filter(|t| matches!(t.kind, TokenKind::Word | TokenKind::Number)).collect()
}

/// Chains of matches, one match a position of `a`: each near the one before it in both texts.
fn chains(matches: &[(usize, usize)]) -> Vec<Vec<(usize, usize)>> {
    let mut done: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut open: Vec<Vec<(usize, usize)>> = Vec::new();
    for &(i, j) in matches {
        let (still, closed): (Vec<_>, Vec<_>) =
            open.into_iter().partition(|chain: &Vec<(usize, usize)>| i - chain[chain.len() - 1].0 <= GAP);
        done.extend(closed);
        open = still;
        let near = |chain: &&mut Vec<(usize, usize)>| {
            let (last_i, last_j) = chain[chain.len() - 1];
            i > last_i && j.abs_diff(last_j) <= GAP && j != last_j
        };
        // Of several chains the match goes to the longest, and of these to the one it fits closest.
        let best = open
            .iter_mut()
            .filter(near)
            .max_by_key(|chain| (chain.len(), std::cmp::Reverse(j.abs_diff(chain[chain.len() - 1].1))));
        match best {
            Some(chain) => chain.push((i, j)),
            None => open.push(vec![(i, j)]),
        }
    }
    done.extend(open);
    done
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arabic::Tokenizer;

    fn found<'t>(a: &'t str, b: &'t str) -> Vec<(&'t str, &'t str)> {
        let tokens = |text| {
            let mut tokens = Vec::new();
            Tokenizer::new().tokens(text, &mut tokens);
            tokens
        };
        passages(&tokens(a), &tokens(b)).into_iter().map(|p| (&a[p.a], &b[p.b])).collect()
    }

    #[test]
    fn a_quotation_is_found_with_its_original_wording() {
        let a = "افتتح الوزير صباح أمس محطة تحلية المياه الجديدة. وغادر بعد ذلك إلى العاصمة.";
        let b = "وكانت الصحف قد ذكرت أنّ محطةَ تحليةِ الميـاه الجديدة كلفت كثيرا";
        assert_eq!(found(a, b), [("محطة تحلية المياه الجديدة", "محطةَ تحليةِ الميـاه الجديدة")]);
    }

    #[test]
    fn passages_in_another_order_are_two() {
        let first = "تجاوزت كلفة المشروع مليار ريال سنويا";
        let second = "شارك مهندسون شبان في تشييد الجسر المعلق";
        let between = "سطر فاصل لا علاقة له بالموضوع إطلاقا ويطول قليلا حتى يبعد ما قبله عما بعده";
        let a = format!("{first} {between} {second}");
        let b = format!("{second}. {first}");
        assert_eq!(found(&a, &b), [(first, first), (second, second)]);
    }

    #[test]
    fn a_phrase_repeated_ten_thousand_times_is_no_trouble() {
        let text = "محطة تحلية ".repeat(10_000);
        assert_eq!(found(&text, &text), []);
    }

    #[test]
    fn nothing_in_common_gives_nothing() {
        assert_eq!(found("", "نص قصير"), []);
        assert_eq!(found("كلام عن الطقس والمطر والرياح", "مباراة في كرة السلة انتهت بالتعادل"), []);
    }
}
