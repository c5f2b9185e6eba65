//! Plain loops over many numbers, compiled once more for the lanes of AVX2, which the processor may have.

/// Loops with next to no branches.
pub(crate) trait Loops {
    /// Goes through them. To be `inline(always)`, as all that it calls, for it becomes a part of functions that may use other
    /// instructions: `for` and closures of its own, no adaptors of the standard library, which need not be.
    fn run(self);
}

/// Runs `loops`. What they do is the same on any processor; one that has AVX2 does it to four or eight numbers at a time.
#[inline(always)]
pub(crate) fn by_lanes(loops: impl Loops) {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { by_avx2(loops) };
    }
    loops.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn by_avx2(loops: impl Loops) {
    loops.run();
}
