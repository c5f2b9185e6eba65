//! A corpus with judged pairs.

use crate::article::Timestamp;
use crate::corpus::Corpus;
use crate::detector::Detector;
use crate::error::{Error, Result};
use crate::verify::{Example, Target};

/// What a judge said of a pair.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Judgement {
    /// 1 to 5; 4 the same report, 5 the same text.
    pub label: u8,
    /// How many pairs of the corpus this one stands for.
    pub weight: f64,
    /// What they share is mostly formula text.
    pub template: bool,
    /// The judge could not well have gone the other way.
    pub sure: bool,
}

/// A corpus, and what was judged of it.
pub struct Judged {
    /// What messages call it.
    pub name: String,
    /// The articles.
    pub corpus: Corpus,
    /// The articles of each pair, by number.
    pub numbers: Vec<(u32, u32)>,
    /// What was judged of each pair.
    pub judgements: Vec<Judgement>,
}

impl Judged {
    /// Its pairs as examples to fit to; it is corpus `number` of those fitted together.
    pub fn examples(&self, number: usize, detector: &Detector) -> Vec<Example> {
        let features = detector.features(&self.corpus, &self.numbers);
        let judged = self.judgements.iter().zip(&self.numbers).zip(features);
        judged
            .map(|((judgement, &(a, b)), features)| Example {
                features,
                label: judgement.label,
                weight: judgement.weight,
                day: later_day(&self.corpus, a, b),
                corpus: number,
            })
            .collect()
    }
}

/// The day of the later article; 0 if neither has a date.
fn later_day(corpus: &Corpus, a: u32, b: u32) -> i64 {
    let day = |article: u32| corpus.headers[article as usize].date.map(Timestamp::days);
    day(a).max(day(b)).unwrap_or(0)
}

/// Refuses `labels` to which no model of `target` can be fitted; `whose` they are is said of them.
///
/// # Errors
/// [`Error::Config`] if all say the same.
pub fn both_kinds(whose: &str, target: Target, labels: impl Iterator<Item = u8>) -> Result<()> {
    let (mut same, mut all) = (0, 0);
    for label in labels {
        same += usize::from(label >= target.least_label());
        all += 1;
    }
    if same > 0 && same < all {
        return Ok(());
    }
    let what = match target {
        Target::Report => "duplicates (label 4 or 5)",
        Target::Event => "of one event (label 3 to 5)",
    };
    Err(Error::Config {
        what: whose.into(),
        found: format!("{same} {what} of {all} pairs"),
        expected: "pairs of both kinds".into(),
    })
}
