//! The one fixed 64-bit finaliser from which signatures, samples and band keys all draw.
//!
//! It is frozen: a change here changes every stored signature (see `vectors.json`).

/// Increment of Weyl's sequence, 2^64 over the golden ratio.
const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes 64 bits into 64 bits, one to one: "variant 13" of David Stafford's finalisers (2011), the
/// one of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", 2014).
#[inline]
pub(crate) const fn finalise(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// Spreads a seed over 64 bits. `finalise(x ^ mask(seed))` is the hash of `x` under that seed.
///
/// Small seeds (0, 1, 2, ...) give masks that differ in about half their bits.
pub(crate) const fn mask(seed: u64) -> u64 {
    finalise(seed.wrapping_add(GOLDEN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_splitmix64_sequence() {
        // First outputs of SplitMix64 from the state 0, as published with the generator.
        assert_eq!(mask(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mask(GOLDEN), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(mask(GOLDEN.wrapping_mul(2)), 0x06c4_5d18_8009_454f);
    }

    #[test]
    fn flips_half_the_bits() {
        let mut flipped = 0u32;
        for bit in 0..64 {
            for x in 0..256u64 {
                let x = mask(x);
                flipped += (finalise(x) ^ finalise(x ^ (1 << bit))).count_ones();
            }
        }
        let mean = f64::from(flipped) / (64.0 * 256.0);
        assert!((mean - 32.0).abs() < 0.25, "{mean} bits flip");
    }
}
