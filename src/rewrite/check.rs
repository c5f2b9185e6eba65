//! What can be seen to be wrong with the inputs before they are read.

use super::ADDED;
use crate::article::{Columns, Form, Original, Originals};
use crate::error::{Error, Result};

/// How somebody mends inputs that cannot go into one file.
const MEND: &str = "inputs of one form with the same columns, or a folder as OUT (its name ends in /)";

/// Checks that the records of `originals` can be written, `together` in one file, or with what was found added to each.
///
/// # Errors
/// [`Error::Input`] for the first file with which that cannot be.
pub(super) fn check(originals: &Originals, annotate: bool, together: bool) -> Result<()> {
    for original in originals.files() {
        let wrong = |found: String, expected: &str| {
            Err(Error::Input { place: original.place(), found, expected: expected.to_owned() })
        };
        if let Some(Columns::Typed(_, Some((column, codec)))) = original.columns() {
            let found = format!("the column \"{column}\" with pages packed by {codec}");
            return wrong(found, "pages packed by SNAPPY, GZIP, ZSTD or LZ4_RAW, or not at all");
        }
        let names = original.columns().map(Columns::names).unwrap_or_default();
        if annotate && let Some(taken) = ADDED.iter().find(|added| names.contains(added)) {
            let found = format!("the column \"{taken}\", which --annotate adds");
            return wrong(found, "tables that have not been annotated before");
        }
    }
    if together {
        let mut files = originals.files().iter().filter(|file| file.form() != Form::Text);
        let Some(first) = files.next() else { return Ok(()) };
        // One that has no columns cannot be read, or is empty.
        let mut model = first;
        for file in files {
            if let Some(found) = difference(model, file) {
                return Err(Error::Input { place: file.place(), found, expected: MEND.to_owned() });
            }
            if model.columns().is_none() {
                model = file;
            }
        }
    }
    Ok(())
}

/// Why the records of `file` cannot follow those of `model`.
fn difference(model: &Original, file: &Original) -> Option<String> {
    let path = model.path().display();
    if model.form() != file.form() {
        return Some(format!("{}, where {path} is {}", file.form(), model.form()));
    }
    let [left, right] = [model.columns()?, file.columns()?];
    let names = [right.names(), left.names()];
    let differ = match (left, right) {
        (Columns::Named(left), Columns::Named(right)) => first_difference(left, right)?,
        (Columns::Typed(left, _), Columns::Typed(right, _)) => first_difference(left.get_fields(), right.get_fields())?,
        _ => return None,
    };
    let name = names.iter().find_map(|names| names.get(differ))?;
    Some(format!("columns that differ from those of {path} at \"{name}\""))
}

/// The first place at which two lists differ.
fn first_difference<T: PartialEq>(left: &[T], right: &[T]) -> Option<usize> {
    (0..left.len().max(right.len())).find(|&place| left.get(place) != right.get(place))
}
