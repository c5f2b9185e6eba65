//! With which settings an index was made: they stay with it.

use serde::{Deserialize, Serialize};

use crate::config::{Config, Level};
use crate::detector::Detector;
use crate::error::{Error, Result};
use crate::verify::{Model, Target};

/// The settings of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexSettings {
    /// What is grouped: copies or reports; an index does not know events.
    #[serde(with = "by_name")]
    pub level: Level,
    /// Days between articles that are compared, at most; `None`: no bound.
    pub window_days: Option<f64>,
    /// The score that makes one report, where the model's own is not wanted.
    pub threshold: Option<f64>,
    /// Whether titles and texts are kept, to show where matches coincide.
    pub store_text: bool,
    /// The model, where that which ships is not wanted.
    pub model: Option<Model>,
}

impl Default for IndexSettings {
    /// Reports, within seven days.
    fn default() -> IndexSettings {
        let (level, window_days) = (Level::Derived, Some(7.0));
        IndexSettings { level, window_days, threshold: None, store_text: false, model: None }
    }
}

impl IndexSettings {
    /// The detector that an index of these settings works with.
    pub(super) fn detector(&self) -> Result<Detector> {
        let wrong = |found: &str, expected: &str| {
            Err(Error::Config { what: "index".into(), found: found.into(), expected: expected.into() })
        };
        if self.level == Level::Event {
            return wrong("level event", "level copy or derived");
        }
        let config = Config { window_days: self.window_days, threshold: self.threshold, ..Config::at(self.level) };
        let detector = Detector::new(config)?;
        Ok(match &self.model {
            Some(model) if model.target() != Target::Report => return wrong("a model of events", "one of reports"),
            Some(model) => detector.with_model(model.clone()),
            None => detector,
        })
    }

    pub(super) fn to_json(&self) -> Result<String> {
        serde_json::to_string(self).map_err(|error| unreadable(&error.to_string()))
    }

    pub(super) fn from_json(json: &str) -> Result<IndexSettings> {
        serde_json::from_str(json).map_err(|error| unreadable(&error.to_string()))
    }
}

fn unreadable(found: &str) -> Error {
    Error::Config { what: "settings of the index".into(), found: found.into(), expected: "those of an index".into() }
}

/// Levels by their names.
mod by_name {
    use serde::{Deserialize, Deserializer, Serializer, de};

    use super::Level;

    pub(super) fn serialize<S: Serializer>(level: &Level, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(level.name())
    }

    pub(super) fn deserialize<'d, D: Deserializer<'d>>(from: D) -> Result<Level, D::Error> {
        let name = String::deserialize(from)?;
        let level = [Level::Copy, Level::Derived, Level::Event].into_iter().find(|level| level.name() == name);
        level.ok_or_else(|| de::Error::custom(format!("{name:?} is no level")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_stay_what_they_are() {
        let model = Some(Model::shipped(Target::Report).unwrap());
        let all =
            IndexSettings { level: Level::Copy, window_days: None, threshold: Some(0.7), store_text: true, model };
        for settings in [IndexSettings::default(), all] {
            assert_eq!(IndexSettings::from_json(&settings.to_json().unwrap()).unwrap(), settings);
        }
        assert!(IndexSettings::from_json("{}").is_err());
        let event = IndexSettings { level: Level::Event, ..IndexSettings::default() };
        assert!(event.detector().is_err());
        let model = Some(Model::shipped(Target::Event).unwrap());
        assert!(IndexSettings { model, ..IndexSettings::default() }.detector().is_err());
    }
}
