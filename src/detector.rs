//! The detector: the only place that knows all stages, and runs them one after another.

mod twins;

use std::ops::Range;
use std::time::{Duration, Instant};

use rayon::prelude::*;

use twins::{Twins, days_apart, within};

use crate::arabic::{Token, Tokenizer};
use crate::article::{Article, Timestamp};
use crate::config::Config;
use crate::corpus::Corpus;
use crate::error::Result;
use crate::group::{Group, Link, group};
use crate::index::{Candidates, Cut, Pair};
use crate::minhash::{MinHasher, Scaled};
use crate::shingle::{DistinctPairs, Document};
use crate::verify::{
    Background, Circumstances, Containment, Contribution, Counts, Direction, ELSEWHERE, Elsewhere, Features, Model,
    Overlap, Passage, Prepared, Probe, Relation, Tally, Verdict, Weights, features, is_update, passages,
    shortest_stretch,
};

/// Finds the articles that tell the same report.
pub struct Detector {
    config: Config,
    model: Model,
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
    /// With [`Config::updates`]: pairs that are not the same report, but of which the later article repeats much of the
    /// earlier one under a new lead ([`Relation::Update`]); in the order of the articles. No group is made by them.
    /// Of identical texts only the earliest stands here.
    pub updates: Vec<Link>,
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

/// What the texts of two articles say of them.
#[derive(Default)]
struct Compared {
    features: Features,
    /// How much of each is in the other, that of the lower number first.
    containment: Containment,
    /// The later one repeats much of the earlier one under a new lead.
    update: bool,
}

/// Scratch space of one thread for verification.
#[derive(Default)]
struct Scratch {
    probe: Probe,
    distinct: DistinctPairs,
    sampled: Vec<(u64, u8)>,
    tally: Tally,
}

/// Weights, and each article made ready for comparison.
struct Prepare<'c> {
    corpus: &'c Corpus,
    weights: Weights,
    elsewhere: Elsewhere,
    prepared: Vec<Prepared>,
}

impl Detector {
    /// A detector with these settings, the shipped model and the shipped background.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) for a setting out of range.
    pub fn new(config: Config) -> Result<Detector> {
        config.check()?;
        Ok(Detector { config, model: Model::shipped()?, background: Background::shipped() })
    }

    /// The same with another model.
    #[must_use]
    pub fn with_model(self, model: Model) -> Detector {
        Detector { model, ..self }
    }

    /// Its settings.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The score from which on two articles tell the same report: the one configured, else the model's.
    pub fn threshold(&self) -> f64 {
        self.config.threshold.unwrap_or(self.model.threshold())
    }

    /// Groups the articles of `corpus`.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if the index cannot be set up as configured.
    pub fn group(&self, corpus: &Corpus) -> Result<Grouping> {
        let mut clock = Clock::default();
        let mut summary = Summary {
            short: corpus.documents.iter().filter(|d| d.fingerprint != 0 && self.too_short(d.stems.len())).count(),
            ..Summary::default()
        };
        let twins = Twins::of(corpus, self.config.window_days);
        summary.identical = twins.later.len();
        let (counts, samples) = self.sample(corpus, &twins)?;
        clock.lap("sample");

        let candidates = self.candidates(corpus, &twins, &samples)?;
        summary.candidates = candidates.pairs.len();
        summary.cut = candidates.cut;
        clock.lap("index");

        let prepare = self.prepare(corpus, counts, &candidates.pairs);
        // An update may share less than the cheap look asks for.
        let verdicts = self.verdicts(&prepare, &candidates.pairs, self.config.updates);
        let related = candidates.pairs.iter().zip(verdicts).filter_map(|(pair, (verdict, containment))| {
            let (score, relation) = (verdict.score, verdict.relation?);
            Some(Link { a: pair.a, b: pair.b, score, relation, containment })
        });
        let (mut links, updates): (Vec<Link>, Vec<Link>) =
            related.filter(|link| self.reports(link.relation)).partition(|link| link.relation != Relation::Update);
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
        let first = |g: &Group| {
            let members = g.members.iter().map(|m| m.0).chain([g.representative]);
            members.map(|a| corpus.headers[a as usize].position).min()
        };
        groups.sort_by_key(first);
        clock.lap("group");
        summary.stages = clock.laps;
        Ok(Grouping { groups, links, updates, summary })
    }

    /// The verdicts on given pairs of articles, by number, in their order.
    pub fn score(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Verdict> {
        let wanted: Vec<Pair> = pairs.iter().map(|&(a, b)| Pair { a: a.min(b), b: a.max(b), shared: 0 }).collect();
        let prepare = self.prepare(corpus, Counts::of(&corpus.documents), &wanted);
        self.verdicts(&prepare, &wanted, true).into_iter().map(|(verdict, _)| verdict).collect()
    }

    /// Does the index propose these pairs of articles, by number, in their order? Articles identical to an
    /// earlier one are proposed where that one is, and always with it.
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
        Ok(pairs.iter().map(is_proposed).collect())
    }

    /// The features of given pairs of articles, by number, in their order.
    pub fn features(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Features> {
        let wanted: Vec<Pair> = pairs.iter().map(|&(a, b)| Pair { a: a.min(b), b: a.max(b), shared: 0 }).collect();
        let prepare = self.prepare(corpus, Counts::of(&corpus.documents), &wanted);
        wanted
            .par_iter()
            .map_init(Scratch::default, |scratch, pair| prepare.compared_alone(scratch, pair.a, pair.b).features)
            .collect()
    }

    /// What each feature adds to the score of given pairs of articles, by number, in their order.
    pub fn contributions(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Vec<Contribution>> {
        self.features(corpus, pairs).iter().map(|values| self.model.contributions(values)).collect()
    }

    /// Compares two articles, with reasons.
    ///
    /// # Errors
    /// [`Error::DuplicateId`](crate::Error::DuplicateId) if their ids are the same.
    pub fn compare(&self, a: &Article, b: &Article) -> Result<Comparison> {
        let corpus = Corpus::of(vec![a.clone(), b.clone()])?;
        let prepare = self.prepare(&corpus, Counts::of(&corpus.documents), &[Pair { a: 0, b: 1, shared: 0 }]);
        let mut scratch = Scratch::default();
        let (verdict, _) = self.verdict(&prepare, &mut scratch, 0, 1, true);
        let Compared { features, containment, .. } = prepare.compared_alone(&mut scratch, 0, 1);
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
        let contributions = self.model.contributions(&features);
        Ok(Comparison { verdict, containment, contributions, passages, place })
    }

    /// Makes the articles of `pairs` ready.
    fn prepare<'c>(&self, corpus: &'c Corpus, mut counts: Counts, pairs: &[Pair]) -> Prepare<'c> {
        let elsewhere = Elsewhere::new(&mut counts, |article| day(corpus, article as u32));
        let weights = Weights::new(counts, self.background.clone());
        let mut wanted = vec![false; corpus.len()];
        for pair in pairs {
            wanted[pair.a as usize] = true;
            wanted[pair.b as usize] = true;
        }
        let prepared =
            corpus
                .documents
                .par_iter()
                .zip(wanted)
                .map_init(Vec::new, |sorted, (document, wanted)| {
                    if wanted { Prepared::new(document, &weights, sorted) } else { Prepared::default() }
                })
                .collect();
        Prepare { corpus, weights, elsewhere, prepared }
    }

    fn too_short(&self, stems: usize) -> bool {
        stems < self.config.least_stems
    }

    /// Is a pair of this relation wanted, as a link or as an update?
    fn reports(&self, relation: Relation) -> bool {
        self.config.level.admits(relation) || self.config.updates && relation == Relation::Update
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
    /// a cheap look shows that it is no, score and shares are 0 unless they are wanted for `all`.
    fn verdict(
        &self,
        prepare: &Prepare<'_>,
        scratch: &mut Scratch,
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
        scratch.probe.lay_out(a, x.0, x.1);
        let shared = scratch.probe.shared(y.0);
        let lighter = x.1.stem_sum.min(y.1.stem_sum) as f64;
        let contained = shared.stem_sum as f64 >= self.config.least_containment * lighter;
        if !contained && !all {
            return no;
        }
        let worth = |features: &Features| all || self.model.may_agree(features, self.threshold());
        let Some(compared) = prepare.compared(scratch, a, b, shared, worth) else { return no };
        let Compared { features, containment, update } = compared;
        let verdict = self.model.verdict_at(&features, self.threshold());
        let same = verdict.relation.filter(|_| contained);
        (Verdict { relation: same.or(update.then_some(Relation::Update)), ..verdict }, containment)
    }
}

impl<'c> Prepare<'c> {
    /// Compares `a` and `b`, from what the probe, laid out with `a`, found they share. `None` if `worth` says no to
    /// the features of the two alone: what stands elsewhere is looked up last, for it takes as long as all others.
    fn compared(
        &self,
        scratch: &mut Scratch,
        a: u32,
        b: u32,
        shared: Overlap,
        worth: impl Fn(&Features) -> bool,
    ) -> Option<Compared> {
        let Scratch { probe, distinct, sampled, tally } = scratch;
        let (x, y) = (self.side(a), self.side(b));
        let pairs_x = x.1.pairs(x.0, &self.weights, distinct);
        let pairs_y = y.1.pairs(y.0, &self.weights, distinct);
        let overlap = probe.compare((x.1, pairs_x), y.1, shared);
        let source = |article: u32| self.corpus.headers[article as usize].source;
        let around = Circumstances {
            days: days_apart(self.corpus, a, b),
            same_source: source(a).zip(source(b)).map(|(x, y)| x == y),
        };
        let mut features = features(&overlap, (x.1, pairs_x), (y.1, pairs_y), around);
        if !worth(&features) {
            return None;
        }
        probe.sampled(pairs_x, sampled);
        let days = (day(self.corpus, a), day(self.corpus, b));
        features[ELSEWHERE] = self.elsewhere.share(tally, sampled, overlap.rare_share(), days);
        let containment = Containment::of(&overlap);
        let date = |article: u32| self.corpus.headers[article as usize].date;
        let update = date(a).zip(date(b)).is_some_and(|(of_a, of_b)| {
            of_a.precedes(of_b) && is_update(&overlap, &overlap.a, &overlap.b)
                || of_b.precedes(of_a) && is_update(&overlap, &overlap.b, &overlap.a)
        });
        let containment = if a < b { containment } else { containment.swapped() };
        Some(Compared { features, containment, update })
    }

    /// The same of any two.
    fn compared_alone(&self, scratch: &mut Scratch, a: u32, b: u32) -> Compared {
        let (a, b) = self.longer_first(a, b);
        let (x, y) = (self.side(a), self.side(b));
        scratch.probe.lay_out(a, x.0, x.1);
        let shared = scratch.probe.shared(y.0);
        self.compared(scratch, a, b, shared, |_| true).unwrap_or_default()
    }

    /// The two articles, that of more stems first; of equals that of the lower number.
    fn longer_first(&self, a: u32, b: u32) -> (u32, u32) {
        let key = |article: u32| (std::cmp::Reverse(self.corpus.documents[article as usize].stems.len()), article);
        if key(a) <= key(b) { (a, b) } else { (b, a) }
    }

    fn side(&self, article: u32) -> (&Document, &Prepared) {
        (&self.corpus.documents[article as usize], &self.prepared[article as usize])
    }
}

/// The day on which an article was published.
fn day(corpus: &Corpus, article: u32) -> Option<i64> {
    corpus.headers[article as usize].date.map(Timestamp::days)
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
