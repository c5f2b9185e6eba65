//! Random numbers that are the same on every machine, and a random order of which any place can be asked for.

#![allow(dead_code, reason = "every program that includes this uses another part")]

/// The SplitMix64 generator: small, and the same everywhere.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next 64 bits.
    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        finish(self.0)
    }

    /// A number from 0 to `bound - 1`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.draw()) * u128::from(bound)) >> 64) as u64
    }

    /// A number of `from..=to`.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.below(to - from + 1)
    }

    /// Whether what happens once in so many times happens now.
    pub(crate) fn one_in(&mut self, times: usize) -> bool {
        self.place(times) == 0
    }

    /// One of `from`.
    pub(crate) fn pick<'t, T>(&mut self, from: &'t [T]) -> &'t T {
        &from[self.place(from.len())]
    }

    /// Whether what happens so many times in 1,000 happens now.
    pub(crate) fn permille(&mut self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// A place in something of `length`; 0 if that is empty.
    pub(crate) fn place(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// A place in something of `length`, in which the first come much more often: number x as 1 / x, about.
    pub(crate) fn zipf(&mut self, length: u64) -> u64 {
        // An octave, then a place in it: all octaves are as likely.
        let octaves = u64::from(64 - (length + 1).leading_zeros());
        loop {
            let octave = 1 << self.below(octaves);
            let place = octave + self.below(octave) - 1;
            if place < length || length == 0 {
                return place;
            }
        }
    }
}

/// The seed of a part, from that of the whole.
pub(crate) fn mix(seed: u64, part: u64) -> u64 {
    finish(finish(seed ^ 0x6e61_736b_6820_3130).wrapping_add(part.wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

fn finish(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A random order of `0..length` that holds none of it: a Feistel network over the next power of four, walked until
/// it comes back below `length` (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002).
pub(crate) struct Permutation {
    length: u64,
    half: u32,
    seed: u64,
}

impl Permutation {
    pub(crate) fn new(length: u64, seed: u64) -> Permutation {
        let bits = 64 - length.saturating_sub(1).leading_zeros();
        Permutation { length, half: bits.div_ceil(2).max(1), seed }
    }

    /// Which of `0..length` stands at `place`.
    pub(crate) fn at(&self, place: u64) -> u64 {
        let mask = (1 << self.half) - 1;
        let mut value = place;
        loop {
            let (mut left, mut right) = (value >> self.half, value & mask);
            for round in 0..4 {
                (left, right) = (right, left ^ (mix(self.seed ^ round, right) & mask));
            }
            value = (left << self.half) | right;
            if value < self.length {
                return value;
            }
        }
    }
}
