//! `naskh index create`: makes an empty index.

use std::path::PathBuf;

use clap::Args;
use naskh::{Index, IndexSettings};

use super::super::Outcome;
use super::super::flags::VerdictFlags;

/// What can be typed after `naskh index create`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The folder to make it in
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Compare articles at most so many days apart, `none` for any number; those without a date count as of the day on
    /// which they are added
    #[arg(long, value_name = "DAYS", default_value = "7", value_parser = window, help_heading = "Grouping")]
    window: Window,
    #[command(flatten)]
    verdict: VerdictFlags,
    /// Keep titles and texts, so that queries show where they coincide
    #[arg(long, help_heading = "Keeping")]
    store_text: bool,
}

/// Days, or no bound.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Window(Option<f64>);

fn window(written: &str) -> Result<Window, String> {
    if written == "none" {
        return Ok(Window(None));
    }
    let days = written.parse().ok().filter(|days: &f64| *days >= 0.0 && days.is_finite());
    days.map(|days| Window(Some(days))).ok_or_else(|| "expected a number of days, 0 or more, or none".into())
}

pub(crate) fn run(flags: &Flags) -> anyhow::Result<Outcome> {
    let (level, threshold, model) = flags.verdict.parts()?;
    let settings = IndexSettings { level, window_days: flags.window.0, threshold, store_text: flags.store_text, model };
    Index::create(&flags.folder, &settings)?;
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        assert_eq!(
            ["7", "0", "1.5", "none"].map(window),
            [Some(7.0), Some(0.0), Some(1.5), None].map(|d| Ok(Window(d)))
        );
        assert!(["", "-1", "nan", "inf", "all", "7d"].iter().all(|wrong| window(wrong).is_err()));
    }
}
