//! What two signatures say about their sets.

/// Estimates the Jaccard similarity of two sets: the share of positions at which their signatures
/// (of one [`MinHasher`](super::MinHasher), so of one length) hold the same value, from 0 to 1.
///
/// Unbiased. Its variance is at most J(1-J)/k for sets much larger than k and grows as bins stay
/// empty in smaller ones (derived in `unbiased.rs`). Two empty slices give 0. Unequal lengths, which
/// a debug build asserts against, are compared as far as the shorter goes.
#[must_use]
pub fn jaccard(a: &[u32], b: &[u32]) -> f64 {
    debug_assert_eq!(a.len(), b.len(), "signatures of different hashers");
    // A 32-bit count in a plain sum: compiles to a vector compare and subtract.
    let equal: u32 = a.iter().zip(b).map(|(x, y)| u32::from(x == y)).sum();
    match a.len().min(b.len()) {
        0 => 0.0,
        len => f64::from(equal) / len as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn counts_equal_positions_only() {
        assert_eq!(jaccard(&[1, 2, 3, 4], &[1, 2, 3, 4]), 1.0);
        assert_eq!(jaccard(&[1, 2, 3, 4], &[4, 3, 2, 1]), 0.0);
        assert_eq!(jaccard(&[1, 2, 3, 4], &[1, 9, 3, 9]), 0.5);
        assert_eq!(jaccard(&[], &[]), 0.0);
    }

    proptest! {
        #[test]
        fn equals_the_slow_count(pairs in prop::collection::vec((0..4u32, 0..4u32), 1..300)) {
            let (a, b): (Vec<u32>, Vec<u32>) = pairs.iter().copied().unzip();
            let equal = pairs.iter().filter(|(x, y)| x == y).count();
            prop_assert_eq!(jaccard(&a, &b), equal as f64 / pairs.len() as f64);
            prop_assert_eq!(jaccard(&a, &b), jaccard(&b, &a));
        }
    }
}
