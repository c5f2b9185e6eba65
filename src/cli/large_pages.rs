//! Large pages of memory, where an input is large enough for them.
//!
//! The allocator asks for them always. The first touch of one has the kernel clear 2 MiB, on a virtual machine often after
//! its host has found them piece by piece: a small input is done before that pays (docs/performance.md).

use std::path::PathBuf;

/// The least bytes of input that large pages pay for.
#[cfg(target_os = "linux")]
const WORTH: u64 = 256 << 20;

/// Forgoes large pages from now on where `inputs` are known to be few bytes.
#[cfg(target_os = "linux")]
pub(crate) fn settle(inputs: &[PathBuf]) {
    // An old kernel that knows nothing of it goes on as before.
    let _ = rustix::thread::disable_transparent_huge_pages(are_few(inputs));
}

/// Are these files of few bytes? How many there are in a folder, on standard input, or in a packed file is not known.
#[cfg(target_os = "linux")]
fn are_few(inputs: &[PathBuf]) -> bool {
    let is_packed = |input: &PathBuf| {
        let packed = |end: &std::ffi::OsStr| ["gz", "zst", "parquet"].iter().any(|other| end == *other);
        input.extension().is_some_and(packed)
    };
    let bytes = |input: &PathBuf| {
        let about = std::fs::metadata(input).ok().filter(std::fs::Metadata::is_file)?;
        (!is_packed(input)).then_some(about.len())
    };
    inputs.iter().map(bytes).sum::<Option<u64>>().is_some_and(|bytes| bytes < WORTH)
}

/// Elsewhere nothing asks for them.
#[cfg(not(target_os = "linux"))]
pub(crate) fn settle(_inputs: &[PathBuf]) {}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_to_be_small_is_few() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, bytes: u64| {
            let path = folder.path().join(name);
            std::fs::File::create(&path).unwrap().set_len(bytes).unwrap();
            path
        };
        let (small, half, large) = (file("a.jsonl", 100), file("half.csv", WORTH / 2), file("large.txt", WORTH));
        let packed = ["b.jsonl.gz", "b.jsonl.zst", "b.parquet"].map(|name| file(name, 100));
        let cases = [
            (vec![small.clone()], true),
            (vec![small.clone(), half.clone()], true),
            (vec![half.clone(), half], false),
            (vec![large], false),
            (vec![folder.path().into()], false),
            (vec!["-".into()], false),
            (vec![folder.path().join("not there")], false),
        ];
        for (inputs, few) in cases.into_iter().chain(packed.map(|packed| (vec![small.clone(), packed], false))) {
            assert_eq!(are_few(&inputs), few, "{inputs:?}");
        }
    }
}
