//! The detector: the only place that knows all stages, and runs them one after another.

mod events;
mod twins;

use std::ops::Range;
use std::time::{Duration, Instant};

use rayon::prelude::*;

pub use events::EventSummary;
use twins::{Twins, days_apart, within};

use crate::arabic::{Token, Tokenizer};
use crate::article::Article;
use crate::config::{Config, Level};
use crate::corpus::Corpus;
use crate::error::Result;
use crate::group::{Group, Link, group};
use crate::index::{Candidates, Cut, Pair};
use crate::minhash::{MinHasher, Scaled};
use crate::shingle::{DistinctPairs, Document};
use crate::verify::{
    Background, Circumstances, Containment, Contribution, Counts, Direction, Features, Model, Overlap, Passage,
    Prepared, Probe, Relation, Target, Verdict, Weights, features, passages, shortest_stretch,
};

/// Finds the articles that tell the same report.
pub struct Detector {
    config: Config,
    /// Tells reports.
    model: Model,
    /// Tells events, for that level.
    event_model: Model,
    background: Background,
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Grouping {
    /// Groups of two and more, in the order of their first member's place in the input; numbers are those
    /// of the articles in the corpus.
    pub groups: Vec<Group>,
    /// All pairs that were verified to be the same report, in the order of the articles.
    pub links: Vec<Link>,
    /// What happened on the way.
    pub summary: Summary,
}

/// What happened in a run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Articles with too little text to be compared: grouped only with identical ones.
    pub short: usize,
    /// Articles identical to an earlier one.
    pub identical: usize,
    /// Pairs proposed, and verified one by one.
    pub candidates: usize,
    /// What the bounds of the index left out.
    pub cut: Cut,
    /// What level event did beside the rest; nothing at other levels.
    pub events: EventSummary,
    /// Stages with the time they took, in order.
    pub stages: Vec<(&'static str, Duration)>,
}

/// Two articles compared, with reasons.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Score and relation.
    pub verdict: Verdict,
    /// How much of each is in the other.
    pub containment: Containment,
    /// What each feature adds to the score.
    pub contributions: Vec<Contribution>,
    /// Where the texts coincide, as bytes of the two bodies.
    pub passages: Vec<Passage>,
    /// Where one contains the other ([`Containment::direction`]): the shortest stretch of its body, from the
    /// beginning of a passage to the end of one, that holds at least 80 % of what the passages cover there. In
    /// bytes.
    pub place: Option<Range<usize>>,
}

/// Scratch space of one thread for verification.
type Scratch = (Probe, DistinctPairs);

/// Weights, and each article made ready for comparison.
struct Prepare<'c> {
    corpus: &'c Corpus,
    weights: Weights,
    prepared: Vec<Prepared>,
}

impl Detector {
    /// A detector with these settings, the shipped models and the shipped background.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a setting out of range.
    pub fn new(config: Config) -> Result<Detector> {
        config.check()?;
        let [model, event_model] = [Model::shipped(Target::Report)?, Model::shipped(Target::Event)?];
        Ok(Detector { config, model, event_model, background: Background::shipped() })
    }

    /// The same with another model, in the place of the one with the same target.
    #[must_use]
    pub fn with_model(self, model: Model) -> Detector {
        match model.target() {
            Target::Report => Detector { model, ..self },
            Target::Event => Detector { event_model: model, ..self },
        }
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The score from which on two articles belong together at its level: the one configured, else the model's.
    pub fn threshold(&self) -> f64 {
        self.config.threshold.unwrap_or(self.deciding_model().threshold())
    }

    /// The score from which on two articles tell the same report, which at level event is that of the model.
    pub fn report_threshold(&self) -> f64 {
        match self.config.level.target() {
            Target::Report => self.threshold(),
            Target::Event => self.model.threshold(),
        }
    }

    /// The model that scores pairs at its level.
    fn deciding_model(&self) -> &Model {
        match self.config.level.target() {
            Target::Report => &self.model,
            Target::Event => &self.event_model,
        }
    }

    /// Groups the articles of `corpus`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if the index cannot be set up as configured.
    pub fn group(&self, corpus: &Corpus) -> Result<Grouping> {
        let twins = Twins::of(corpus, self.config.window_days);
        let (mut found, weights) = self.group_reports(corpus, &twins)?;
        if self.config.level == Level::Event {
            let mut clock = Clock::default();
            self.join_events(corpus, &twins, weights, &mut found);
            clock.lap("events");
            found.summary.stages.extend(clock.laps);
        }
        let first = |g: &Group| {
            let members = g.members.iter().map(|m| m.0).chain([g.representative]);
            members.map(|a| corpus.headers[a as usize].position).min()
        };
        found.groups.sort_by_key(first);
        Ok(found)
    }

    /// The groups of one report, in no order that is meant, and the weights of stems and pairs.
    fn group_reports(&self, corpus: &Corpus, twins: &Twins) -> Result<(Grouping, Weights)> {
        let mut clock = Clock::default();
        let mut summary = Summary {
            short: corpus.documents.iter().filter(|d| d.fingerprint != 0 && self.too_short(d.stems.len())).count(),
            ..Summary::default()
        };
        summary.identical = twins.later.len();
        let (counts, samples) = self.sample(corpus, twins)?;
        let weights = Weights::new(counts, self.background.clone());
        clock.lap("sample");

        let candidates = self.candidates(corpus, twins, &samples)?;
        summary.candidates = candidates.pairs.len();
        summary.cut = candidates.cut;
        clock.lap("index");

        let prepare = Prepare::new(corpus, weights, &candidates.pairs);
        let verdicts = self.verdicts(&prepare, &candidates.pairs, false);
        let mut links: Vec<Link> = candidates
            .pairs
            .iter()
            .zip(verdicts)
            .filter_map(|(pair, (verdict, containment))| {
                let relation = verdict.relation.filter(|&r| self.config.level.admits(r))?;
                Some(Link { a: pair.a, b: pair.b, score: verdict.score, relation, containment })
            })
            .collect();
        clock.lap("verify");

        let rank = |article: u32| {
            let header = &corpus.headers[article as usize];
            (header.date.is_none(), header.date, article)
        };
        let mut scratch = Scratch::default();
        let mut groups = group(&links, rank, |a, b| {
            let mut verdict = if self.near(corpus, a, b) {
                self.verdict(&prepare, &mut scratch, a, b, false).0
            } else {
                Verdict { score: 0.0, relation: None }
            };
            verdict.relation = verdict.relation.filter(|&r| self.config.level.admits(r));
            verdict
        });
        twins.join(&mut groups, &mut links, |a, b| self.near(corpus, a, b));
        clock.lap("group");
        summary.stages = clock.laps;
        Ok((Grouping { groups, links, summary }, prepare.weights))
    }

    /// The verdicts on given pairs of articles, by number, in their order.
    pub fn score(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Verdict> {
        let wanted: Vec<Pair> = pairs.iter().map(|&(a, b)| Pair { a: a.min(b), b: a.max(b), shared: 0 }).collect();
        let prepare = Prepare::new(corpus, self.weights(corpus), &wanted);
        self.verdicts(&prepare, &wanted, true).into_iter().map(|(verdict, _)| verdict).collect()
    }

    /// Are these pairs of articles, by number, in their order proposed for comparison? Articles identical to an
    /// earlier one are proposed where that one is, and always with it; at level event also those of groups of
    /// which some articles are proposed.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if the index cannot be set up as configured.
    pub fn proposed(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Result<Vec<bool>> {
        let twins = Twins::of(corpus, self.config.window_days);
        let (_, samples) = self.sample(corpus, &twins)?;
        let found = self.candidates(corpus, &twins, &samples)?.pairs;
        let stand_in = twins.stand_ins(corpus.len());
        let is_proposed = |&(a, b): &(u32, u32)| {
            let (a, b) = (stand_in[a as usize], stand_in[b as usize]);
            let wanted = (a.min(b), a.max(b));
            a == b || found.binary_search_by_key(&wanted, |pair| (pair.a, pair.b)).is_ok()
        };
        let mut proposed: Vec<bool> = pairs.iter().map(is_proposed).collect();
        if self.config.level == Level::Event {
            let (reports, weights) = self.group_reports(corpus, &twins)?;
            let by_event = self.event_proposed(corpus, &twins, weights, &reports.groups, pairs);
            proposed.iter_mut().zip(by_event).for_each(|(proposed, by_event)| *proposed |= by_event);
        }
        Ok(proposed)
    }

    /// The features of given pairs of articles, by number, in their order.
    pub fn features(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Features> {
        let wanted: Vec<Pair> = pairs.iter().map(|&(a, b)| Pair { a: a.min(b), b: a.max(b), shared: 0 }).collect();
        let prepare = Prepare::new(corpus, self.weights(corpus), &wanted);
        wanted
            .par_iter()
            .map_init(Scratch::default, |scratch, pair| prepare.compared_alone(scratch, pair.a, pair.b).0)
            .collect()
    }

    /// What each feature adds to the score of given pairs of articles, by number, in their order.
    pub fn contributions(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Vec<Contribution>> {
        self.features(corpus, pairs).iter().map(|values| self.deciding_model().contributions(values)).collect()
    }

    /// Compares two articles, with reasons.
    ///
    /// # Errors
    /// [`Error::DuplicateId`](crate::Error::DuplicateId) if their ids are the same.
    pub fn compare(&self, a: &Article, b: &Article) -> Result<Comparison> {
        let corpus = Corpus::of(vec![a.clone(), b.clone()])?;
        let prepare = Prepare::new(&corpus, self.weights(&corpus), &[Pair { a: 0, b: 1, shared: 0 }]);
        let mut scratch = Scratch::default();
        let (mut verdict, _) = self.verdict(&prepare, &mut scratch, 0, 1, true);
        verdict.relation = verdict.relation.filter(|&relation| self.config.level.admits(relation));
        let (values, containment) = prepare.compared_alone(&mut scratch, 0, 1);
        let containment = match verdict.relation {
            Some(Relation::Identical) => Containment::FULL,
            // Articles are numbered by their ids.
            _ if b.id < a.id => containment.swapped(),
            _ => containment,
        };
        let tokens = |text: &str| {
            let mut tokens: Vec<Token> = Vec::new();
            Tokenizer::new().tokens(text, &mut tokens);
            tokens
        };
        let passages = passages(&tokens(&a.text), &tokens(&b.text));
        let place = match containment.direction() {
            Some(Direction::AInB) => shortest_stretch(passages.iter().map(|passage| passage.b.clone())),
            Some(Direction::BInA) => shortest_stretch(passages.iter().map(|passage| passage.a.clone())),
            Some(Direction::Alike) | None => None,
        };
        let contributions = self.deciding_model().contributions(&values);
        Ok(Comparison { verdict, containment, contributions, passages, place })
    }

    fn weights(&self, corpus: &Corpus) -> Weights {
        Weights::new(Counts::of(&corpus.documents), self.background.clone())
    }

    fn too_short(&self, stems: usize) -> bool {
        stems < self.config.least_stems
    }

    /// Are two articles within the window?
    fn near(&self, corpus: &Corpus, a: u32, b: u32) -> bool {
        within(self.config.window_days, days_apart(corpus, a, b))
    }

    /// Document frequencies, and the sampled shingles of each article. Articles that are twins of earlier ones
    /// or have too little text give no sample, and so are never proposed.
    fn sample(&self, corpus: &Corpus, twins: &Twins) -> Result<(Counts, Vec<Box<[u64]>>)> {
        let scaled = Scaled::new(self.config.sample)?;
        Ok(Counts::with(&corpus.documents, |number, pairs| {
            if self.stands_aside(corpus, twins, number) {
                return Box::default();
            }
            pairs.iter().copied().filter(|&pair| scaled.keep(pair)).collect()
        }))
    }

    fn stands_aside(&self, corpus: &Corpus, twins: &Twins, number: usize) -> bool {
        twins.is_later[number] || self.too_short(corpus.documents[number].stems.len())
    }

    /// Pairs worth comparing.
    fn candidates(&self, corpus: &Corpus, twins: &Twins, samples: &[Box<[u64]>]) -> Result<Candidates> {
        let hasher = MinHasher::new(self.config.index.k, self.config.seed)?;
        let signature = |number: usize| {
            let stems = &corpus.documents[number].stems;
            let wanted = !self.stands_aside(corpus, twins, number);
            if wanted { hasher.signature(DistinctPairs::default().of(stems)) } else { None }
        };
        Candidates::find(samples, signature, &self.config.index, |a, b| self.near(corpus, a, b))
    }

    fn verdicts(&self, prepare: &Prepare<'_>, pairs: &[Pair], all: bool) -> Vec<(Verdict, Containment)> {
        // One probe serves all pairs of one article; it is the longer one, so that the shorter is gone through.
        let mut order: Vec<(u32, u32, u32)> = pairs
            .iter()
            .zip(0u32..)
            .map(|(pair, at)| {
                let (long, short) = prepare.longer_first(pair.a, pair.b);
                (long, short, at)
            })
            .collect();
        order.par_sort_unstable();
        let runs: Vec<&[(u32, u32, u32)]> = order.chunk_by(|x, y| x.0 == y.0).collect();
        let found: Vec<(u32, Verdict, Containment)> = runs
            .par_iter()
            .with_min_len(16)
            .map_init(Scratch::default, |scratch, run| {
                let verdict = |&(long, short, at): &(u32, u32, u32)| {
                    let (verdict, containment) = self.verdict(prepare, scratch, long, short, all);
                    (at, verdict, containment)
                };
                run.iter().map(verdict).collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect();
        let mut verdicts = vec![(Verdict { score: 0.0, relation: None }, Containment::default()); pairs.len()];
        for (at, verdict, containment) in found {
            verdicts[at as usize] = (verdict, containment);
        }
        verdicts
    }

    /// The verdict on `a` and `b`, and how much of each is in the other, that of the lower number first. Where
    /// a cheap look shows that it is no, score and shares are 0 unless they are wanted for `all`; and only then it
    /// is asked, at level event, whether the event is the same.
    fn verdict(
        &self,
        prepare: &Prepare<'_>,
        (probe, scratch): &mut Scratch,
        a: u32,
        b: u32,
        all: bool,
    ) -> (Verdict, Containment) {
        let (a, b) = prepare.longer_first(a, b);
        let (x, y) = (prepare.side(a), prepare.side(b));
        if x.0.fingerprint != 0 && x.0.fingerprint == y.0.fingerprint {
            return (Verdict { score: 1.0, relation: Some(Relation::Identical) }, Containment::FULL);
        }
        let no = (Verdict { score: 0.0, relation: None }, Containment::default());
        if self.too_short(x.0.stems.len().min(y.0.stems.len())) {
            return no;
        }
        probe.lay_out(a, x.0);
        let shared = probe.shared(x.1, y.0);
        let lighter = x.1.stem_sum.min(y.1.stem_sum) as f64;
        let contained = shared.stem_sum as f64 >= self.config.least_containment * lighter;
        if !contained && !all {
            return no;
        }
        let (values, containment) = prepare.compared(probe, scratch, a, b, shared);
        let report = self.model.verdict_at(&values, self.report_threshold());
        let report = Verdict { relation: report.relation.filter(|_| contained), ..report };
        if !all || self.config.level != Level::Event {
            return (report, containment);
        }
        let event = self.event_model.verdict_at(&values, self.threshold());
        (Verdict { relation: report.relation.or(event.relation), ..event }, containment)
    }
}

impl<'c> Prepare<'c> {
    /// The features of `a` and `b`, from what the probe, laid out with `a`, found they share; and how much of
    /// each is in the other, that of the lower number first.
    fn compared(
        &self,
        probe: &mut Probe,
        scratch: &mut DistinctPairs,
        a: u32,
        b: u32,
        shared: Overlap,
    ) -> (Features, Containment) {
        let (x, y) = (self.side(a), self.side(b));
        let pairs_x = x.1.pairs(x.0, &self.weights, scratch);
        let pairs_y = y.1.pairs(y.0, &self.weights, scratch);
        let overlap = probe.compare((x.0, x.1, pairs_x), y, shared);
        let source = |article: u32| self.corpus.headers[article as usize].source;
        let around = Circumstances {
            days: days_apart(self.corpus, a, b),
            same_source: source(a).zip(source(b)).map(|(x, y)| x == y),
        };
        let containment = Containment::of(&overlap);
        let containment = if a < b { containment } else { containment.swapped() };
        (features(&overlap, (x.1, pairs_x), (y.1, pairs_y), around), containment)
    }

    /// The same of any two.
    fn compared_alone(&self, (probe, scratch): &mut Scratch, a: u32, b: u32) -> (Features, Containment) {
        let (a, b) = self.longer_first(a, b);
        let (x, y) = (self.side(a), self.side(b));
        probe.lay_out(a, x.0);
        let shared = probe.shared(x.1, y.0);
        self.compared(probe, scratch, a, b, shared)
    }

    /// The two articles, that of more stems first; of equals that of the lower number.
    fn longer_first(&self, a: u32, b: u32) -> (u32, u32) {
        let key = |article: u32| (std::cmp::Reverse(self.corpus.documents[article as usize].stems.len()), article);
        if key(a) <= key(b) { (a, b) } else { (b, a) }
    }

    fn side(&self, article: u32) -> (&Document, &Prepared) {
        (&self.corpus.documents[article as usize], &self.prepared[article as usize])
    }

    /// Makes the articles of `pairs` ready.
    fn new(corpus: &'c Corpus, weights: Weights, pairs: &[Pair]) -> Prepare<'c> {
        let mut wanted = vec![false; corpus.len()];
        for pair in pairs {
            wanted[pair.a as usize] = true;
            wanted[pair.b as usize] = true;
        }
        Self::wanted(corpus, weights, wanted)
    }

    /// Makes all articles ready.
    fn all(corpus: &'c Corpus, weights: Weights) -> Prepare<'c> {
        Self::wanted(corpus, weights, vec![true; corpus.len()])
    }

    fn wanted(corpus: &'c Corpus, weights: Weights, wanted: Vec<bool>) -> Prepare<'c> {
        let prepared =
            corpus
                .documents
                .par_iter()
                .zip(wanted)
                .map_init(Vec::new, |sorted, (document, wanted)| {
                    if wanted { Prepared::new(document, &weights, sorted) } else { Prepared::default() }
                })
                .collect();
        Prepare { corpus, weights, prepared }
    }
}

/// Times stages.
struct Clock {
    last: Instant,
    laps: Vec<(&'static str, Duration)>,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock { last: Instant::now(), laps: Vec::new() }
    }
}

impl Clock {
    fn lap(&mut self, stage: &'static str) {
        let now = Instant::now();
        self.laps.push((stage, now - self.last));
        self.last = now;
    }
}
