//! Plain loops over many numbers, compiled once more for the lanes of AVX2, which the processor may have.

/// Calls `work`, an `inline(always)` function with loops that have next to no branches. What it does is the same on any
/// processor; one that has AVX2 does it to four or eight numbers at a time.
#[inline(always)]
pub(crate) fn by_lanes<A, T>(work: impl FnOnce(A) -> T, on: A) -> T {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
        // SAFETY: the processor has what the function is compiled for.
        return unsafe { by_avx2(work, on) };
    }
    work(on)
}

/// `work` becomes a part of this function, and so is compiled for the instructions that this may use.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn by_avx2<A, T>(work: impl FnOnce(A) -> T, on: A) -> T {
    work(on)
}
