//! What of one article was found in another: stems or pairs are marked first and their weights summed once, for which are
//! found no processor can guess.

/// What was found of each stem or pair of the probe.
#[derive(Default)]
pub(super) struct Found {
    /// One each, and before them one for [`NONE`], whatever is marked there.
    marks: Vec<u8>,
}

/// No stem, pair or position of the probe.
pub(super) const NONE: u32 = u32::MAX;

/// The other article has it.
pub(super) const SHARED: u8 = 1;
/// In the same form, a stem; in the same order where it stands first, a pair.
pub(super) const SAME: u8 = 2;

impl Found {
    /// Nothing of so many.
    pub(super) fn clear(&mut self, most: usize) {
        self.marks.clear();
        self.marks.resize(1 + most, 0);
    }

    #[inline]
    pub(super) fn mark(&mut self, number: u32) -> &mut u8 {
        &mut self.marks[number.wrapping_add(1) as usize]
    }

    #[inline]
    pub(super) fn is_shared(&self, number: u32) -> bool {
        self.marks[number.wrapping_add(1) as usize] & SHARED != 0
    }

    /// Marks what has not been marked in this comparison.
    #[inline]
    pub(super) fn mark_first(&mut self, number: u32, mark: u8) {
        let known = self.mark(number);
        *known = if *known == 0 { mark } else { *known };
    }

    /// Says that nothing was found of [`NONE`].
    pub(super) fn end(&mut self) {
        self.marks[0] = 0;
    }

    /// The mark of each.
    pub(super) fn marks(&self) -> &[u8] {
        &self.marks[1..]
    }

    /// The marks, with the weights.
    pub(super) fn weighed<'w>(&'w self, weights: &'w [u8]) -> impl Iterator<Item = (&'w [u8], &'w [u8])> {
        self.marks().chunks(SUMMED).zip(weights.chunks(SUMMED))
    }
}

/// So many weights at most have a sum of 16 bits: eight of them, or more, are added at once.
const SUMMED: usize = 1 << 8;

/// The weight, if it counts.
#[inline]
pub(super) fn masked(weight: u8, counts: bool) -> u8 {
    weight & u8::from(counts).wrapping_neg()
}

/// The sum of what `each` makes of each mark and weight, without a branch: the compiler turns it into vector instructions.
#[inline]
pub(super) fn sum(marks: &[u8], weights: &[u8], each: impl Fn(u8, u8) -> u8) -> u64 {
    marks.iter().zip(weights).map(|(&mark, &weight)| u16::from(each(mark, weight))).sum::<u16>().into()
}

/// The sum of the squares of the weights of what is shared, of [`SUMMED`] at most.
#[inline]
pub(super) fn squares(marks: &[u8], weights: &[u8]) -> u64 {
    let square = |(&mark, &weight): (&u8, &u8)| {
        let weight = u16::from(masked(weight, mark & SHARED != 0));
        u32::from(weight * weight)
    };
    marks.iter().zip(weights).map(square).sum::<u32>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_of_the_longest_article_there_can_be() {
        let most = 3 * SUMMED + 1;
        let found = Found { marks: vec![SHARED; 1 + most] };
        let (mut sums, mut of_squares) = (0, 0);
        for (marks, weights) in found.weighed(&vec![u8::MAX; most]) {
            sums += sum(marks, weights, |mark, weight| masked(weight, mark & SHARED != 0));
            of_squares += squares(marks, weights);
        }
        assert_eq!((sums, of_squares), (most as u64 * 255, most as u64 * 255 * 255));
    }
}
