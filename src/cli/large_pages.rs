//! Large pages of memory, where an input is large enough for them.
//!
//! The allocator asks for them always. The first touch of one has the kernel clear 2 MiB, on a virtual machine often after
//! its host has found them piece by piece: a small input is done before that pays (docs/performance.md).

use std::path::PathBuf;

/// The least bytes of input that large pages pay for.
#[cfg(target_os = "linux")]
const WORTH: u64 = 256 << 20;

/// Forgoes large pages from now on where `inputs` are files of few bytes, and takes them elsewhere. How much there is in a
/// folder, on standard input, or in a packed file is not known.
#[cfg(target_os = "linux")]
pub(crate) fn settle(inputs: &[PathBuf]) {
    let is_packed = |input: &PathBuf| {
        let packed = |end: &std::ffi::OsStr| ["gz", "zst", "parquet"].iter().any(|other| end == *other);
        input.extension().is_some_and(packed)
    };
    let bytes = |input: &PathBuf| {
        let about = std::fs::metadata(input).ok().filter(std::fs::Metadata::is_file)?;
        (!is_packed(input)).then_some(about.len())
    };
    let are_few = inputs.iter().map(bytes).sum::<Option<u64>>().is_some_and(|bytes| bytes < WORTH);
    // An old kernel that knows nothing of it goes on as before.
    let _ = rustix::thread::disable_transparent_huge_pages(are_few);
}

/// Elsewhere nothing asks for them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn settle(_inputs: &[PathBuf]) {}
