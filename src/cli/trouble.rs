//! Errors as the user sees them.

use std::io::{self, Write};

use anyhow::Error;

use crate::report::escaped;

/// Says what went wrong on standard error.
pub(crate) fn complain(error: &Error) {
    // If standard error is gone too, there is nobody left to tell.
    let _ = writeln!(io::stderr(), "naskh: {}", escaped(&explained(error)));
}

/// The whole chain of causes on one line. The library's errors hold the text of their causes already.
fn explained(error: &Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !text.ends_with(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

/// Did the reader of the output go away?
pub(crate) fn is_closed_pipe(error: &Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

/// Takes a closed pipe for success, where there is something left to do or to answer.
pub(crate) fn unless_closed(written: anyhow::Result<()>) -> anyhow::Result<()> {
    written.or_else(|error| if is_closed_pipe(&error) { Ok(()) } else { Err(error) })
}

#[cfg(test)]
mod tests {
    use anyhow::Context;

    use super::*;

    #[test]
    fn no_cause_is_told_twice() {
        let io = || io::Error::from(io::ErrorKind::NotFound);
        let library = naskh::Error::Io { path: "x".into(), source: io() };
        assert_eq!(explained(&library.into()), format!("x: {}", io()));
        let ours: anyhow::Result<()> = Err(io()).context("model.json");
        assert_eq!(explained(&ours.unwrap_err()), format!("model.json: {}", io()));
    }

    #[test]
    fn a_closed_pipe_is_seen_through_contexts() {
        let closed = || Error::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(unless_closed(Err(closed().context("writing"))).is_ok());
        assert!(unless_closed(Err(io::Error::from(io::ErrorKind::StorageFull).into())).is_err());
    }
}
