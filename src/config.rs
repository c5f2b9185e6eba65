//! Every number that changes results, in one place, with a fingerprint.

use std::str::FromStr;

use xxhash_rust::xxh3::xxh3_64;

use crate::arabic::PROFILE;
use crate::error::{Error, Result};
use crate::index::{IndexConfig, NeighbourConfig};
use crate::verify::{Background, MOST_COUNTED, Model, Relation, Target, USUAL};

/// The rules that no setting names, by stage: the number of one is raised when results change by it.
const RULES: &str =
    "shingle 1, furniture 1, index 1, weights 1, elsewhere 1, features 1, promise 2, groups 1, archive 3";

/// Up to which relation articles are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// Identical and lightly edited texts.
    Copy,
    /// These, and re-edited reports.
    #[default]
    Derived,
    /// These, and articles about the same occurrence that were written independently (a preview).
    Event,
}

impl Level {
    /// Does a pair of this relation belong together at this level?
    pub fn admits(self, relation: Relation) -> bool {
        relation <= self.last()
    }

    /// The last of the relations that it admits.
    pub(crate) fn last(self) -> Relation {
        match self {
            Level::Copy => Relation::Copy,
            Level::Derived => Relation::Derived,
            Level::Event => Relation::Event,
        }
    }

    /// Its name, as typed.
    pub fn name(self) -> &'static str {
        match self {
            Level::Copy => "copy",
            Level::Derived => "derived",
            Level::Event => "event",
        }
    }

    /// All of them.
    const ALL: [Level; 3] = [Level::Copy, Level::Derived, Level::Event];

    /// The least judged label for which two articles belong together at this level.
    pub fn least_label(self) -> u8 {
        match self {
            Level::Copy => 5,
            Level::Derived | Level::Event => self.target().least_label(),
        }
    }

    /// What is asked of two articles.
    pub fn target(self) -> Target {
        match self {
            Level::Copy | Level::Derived => Target::Report,
            Level::Event => Target::Event,
        }
    }
}

impl FromStr for Level {
    type Err = Error;

    /// `copy`, `derived` or `event`.
    ///
    /// # Errors
    /// [`Error::Config`] for anything else.
    fn from_str(written: &str) -> Result<Level> {
        Self::ALL.into_iter().find(|level| level.name() == written).ok_or_else(|| Error::Config {
            what: "level".into(),
            found: written.into(),
            expected: "copy, derived or event".into(),
        })
    }
}

/// The settings of a [`Detector`](crate::Detector).
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What is grouped.
    pub level: Level,
    /// Articles further apart in time are not compared; `None`: no bound. Articles without a date are
    /// compared with all.
    pub window_days: Option<f64>,
    /// Whether grouping also looks for updates ([`Grouping::updates`](crate::Grouping::updates)).
    pub updates: bool,
    /// Seed of the signatures.
    pub seed: u64,
    /// One shingle in so many is sampled for the rare-shingle index.
    pub sample: u32,
    /// What is proposed for verification.
    pub index: IndexConfig,
    /// What is proposed besides at level event.
    pub neighbours: NeighbourConfig,
    /// At level event: the days within which articles are about one event, where no window is set. The groups
    /// of one report are not bound by it.
    pub event_window_days: f64,
    /// The most articles that document frequencies are counted of, and witnesses of what stands elsewhere looked for in: of
    /// a larger input every so-manieth. From 1 to 32,767, for counters have 15 bits; of fewer than 8,000 at times so few are
    /// counted that the background stands in for others.
    pub counted: u64,
    /// An article with fewer content stems is grouped only with one identical to it.
    pub least_stems: usize,
    /// Two articles of which the lighter shares less of the weight of its stems are not the same report,
    /// whatever else.
    pub least_containment: f64,
    /// The score that makes one report, or at level event one event, where the model's own is not wanted.
    pub threshold: Option<f64>,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            level: Level::Derived,
            window_days: None,
            updates: false,
            seed: 1,
            sample: 8,
            index: IndexConfig::default(),
            neighbours: NeighbourConfig::default(),
            event_window_days: 2.0,
            counted: USUAL,
            least_stems: 8,
            least_containment: 0.35,
            threshold: None,
        }
    }
}

impl Config {
    /// The settings for a level. Copies share so much that fewer shingles need be sampled, fewer articles counted, and fewer
    /// candidates looked at: those that share much of the longer one as well.
    pub fn at(level: Level) -> Config {
        let config = Config { level, ..Config::default() };
        match level {
            Level::Derived | Level::Event => config,
            Level::Copy => {
                let index = IndexConfig {
                    min_containment: 0.5,
                    min_resemblance: 0.6,
                    one_common_in: 5,
                    max_df_in_time: 0,
                    ..config.index
                };
                Config { index, sample: 20, counted: 8_000, least_containment: 0.7, ..config }
            }
        }
    }

    /// The settings for a level at which updates are looked for as well: those of copies share less than copies do.
    pub fn with_updates(level: Level) -> Config {
        Config { level, updates: true, ..Config::default() }
    }

    /// Checks what the types do not say.
    ///
    /// # Errors
    /// [`Error::Config`] naming the setting.
    pub fn check(&self) -> Result<()> {
        let wrong = |what: &str, found: String, expected: &str| {
            Err(Error::Config { what: what.into(), found, expected: expected.into() })
        };
        if !(1..=MOST_COUNTED).contains(&self.counted) {
            let expected = format!("a number of articles from 1 to {MOST_COUNTED}");
            return wrong("articles counted", self.counted.to_string(), &expected);
        }
        for days in self.window_days.into_iter().chain([self.event_window_days]) {
            if !(days >= 0.0 && days.is_finite()) {
                return wrong("window", days.to_string(), "a number of days, 0 or more");
            }
        }
        if let Some(threshold) = self.threshold
            && !(0.0..=1.0).contains(&threshold)
        {
            return wrong("threshold", threshold.to_string(), "a score from 0 to 1");
        }
        Ok(())
    }

    /// A hash of all settings, the rules, the tokenizer's profile, the model and the background table: results and
    /// stored data of equal fingerprints are comparable.
    pub fn fingerprint(&self, model: &Model, background: &Background) -> u64 {
        xxh3_64(format!("{PROFILE} {RULES} {self:?} {model:?} {:016x}", background.fingerprint()).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_tells_settings_models_and_backgrounds_apart() {
        let (model, background) = (Model::shipped(Target::Report).unwrap(), Background::shipped());
        let own = Config::default().fingerprint(&model, &background);
        assert_eq!(own, Config::default().fingerprint(&model, &background));
        assert_ne!(own, Config { seed: 2, ..Config::default() }.fingerprint(&model, &background));
        assert_ne!(own, Config::default().fingerprint(&model, &Background::default()));
        let other = model.with_provenance("other".into());
        assert_ne!(own, Config::default().fingerprint(&other, &background));
    }

    #[test]
    fn levels_are_read_by_their_names() {
        for level in Level::ALL {
            assert_eq!(level.name().parse::<Level>().unwrap(), level);
        }
        let said = "Copy".parse::<Level>().unwrap_err().to_string();
        assert_eq!(said, "level: found Copy; expected copy, derived or event");
    }

    #[test]
    fn settings_out_of_range_are_named() {
        for (config, message) in [
            (Config { window_days: Some(-1.0), ..Config::default() }, "window: found -1"),
            (Config { window_days: Some(f64::NAN), ..Config::default() }, "window: found NaN"),
            (Config { event_window_days: f64::INFINITY, ..Config::default() }, "window: found inf"),
            (Config { threshold: Some(1.5), ..Config::default() }, "threshold: found 1.5"),
            (Config { counted: 0, ..Config::default() }, "articles counted: found 0"),
            (Config { counted: 32_768, ..Config::default() }, "articles counted: found 32768"),
        ] {
            assert!(config.check().unwrap_err().to_string().starts_with(message));
        }
    }
}
