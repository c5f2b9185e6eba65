//! Comparing articles of a corpus: what is rare in it, articles made ready, and the verdict on two of them.

use rayon::prelude::*;

use super::Detector;
use super::twins::days_apart;
use crate::article::Timestamp;
use crate::config::Level;
use crate::corpus::Corpus;
use crate::index::Pair;
use crate::shingle::{DistinctPairs, Document};
use crate::verify::{
    Background, Circumstances, Containment, Counts, ELSEWHERE, Elsewhere, Features, Overlap, Prepared, Probe, Relation,
    SeenStems, Tally, Verdict, Weights, features, is_update,
};

/// What is rare in a corpus, and what stands elsewhere in it.
pub(super) struct Rarity {
    weights: Weights,
    elsewhere: Elsewhere,
}

impl Rarity {
    pub(super) fn new(corpus: &Corpus, mut counts: Counts, background: &Background) -> Rarity {
        let elsewhere = Elsewhere::new(&mut counts, |article| day(corpus, article as u32));
        Rarity { weights: Weights::new(counts, background.clone()), elsewhere }
    }
}

/// The articles of a corpus made ready for comparison.
pub(super) struct Prepare<'c> {
    pub(super) corpus: &'c Corpus,
    pub(super) rarity: Rarity,
    /// Empty for articles that are not compared.
    pub(super) prepared: Vec<Prepared>,
}

/// Scratch space of one thread.
#[derive(Default)]
pub(super) struct Scratch {
    probe: Probe,
    distinct: DistinctPairs,
    sampled: Vec<(u64, u8)>,
    tally: Tally,
}

/// What the texts of two articles say of them.
#[derive(Default)]
pub(super) struct Compared {
    pub(super) features: Features,
    /// How much of each is in the other, that of the lower number first.
    pub(super) containment: Containment,
    /// The later one repeats much of the earlier one under a new lead.
    update: bool,
}

/// What is asked of two articles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    /// Whether they tell the same report; no score where a cheaper look shows that they do not.
    Report,
    /// The same, or whether one is an update of the other.
    ReportOrUpdate,
    /// The score at the detector's level, and the relation, whatever it is.
    Level,
}

impl Detector {
    /// The verdicts on `pairs`, and how much of each is in the other, that of the lower number first.
    pub(super) fn verdicts(&self, prepare: &Prepare<'_>, pairs: &[Pair], asked: Asked) -> Vec<(Verdict, Containment)> {
        // One probe serves all pairs of one article; it is the longer one, so that the shorter is gone through.
        let mut order: Vec<(u32, u32, u32)> = pairs
            .par_iter()
            .enumerate()
            .map(|(at, pair)| {
                let (long, short) = prepare.longer_first(pair.a, pair.b);
                (long, short, at as u32)
            })
            .collect();
        order.par_sort_unstable();
        let runs: Vec<&[(u32, u32, u32)]> = order.chunk_by(|x, y| x.0 == y.0).collect();
        let found: Vec<(u32, Verdict, Containment)> = runs
            .par_iter()
            .with_min_len(16)
            .map_init(Scratch::default, |scratch, run| {
                let verdict = |&(long, short, at): &(u32, u32, u32)| {
                    let (verdict, containment) = self.verdict(prepare, scratch, (long, short), asked);
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

    /// The verdict on two articles, and how much of each is in the other, that of the lower number first.
    pub(super) fn verdict(
        &self,
        prepare: &Prepare<'_>,
        scratch: &mut Scratch,
        (a, b): (u32, u32),
        asked: Asked,
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
        // An update may share less.
        if asked == Asked::Report && !contained {
            return no;
        }
        let (model, threshold) = (&self.model, self.report_threshold());
        let worth = |features: &Features| asked != Asked::Report || model.may_agree(features, threshold);
        let Some(compared) = prepare.compared(scratch, (a, b), shared, worth) else { return no };
        let Compared { features, containment, update } = compared;
        let report = model.verdict_at(&features, threshold);
        let update = update.then_some(Relation::Update);
        let same_report = report.relation.filter(|_| contained);
        let verdict = if asked == Asked::Level && self.config.level == Level::Event {
            let event = self.event_model.verdict_at(&features, self.threshold());
            Verdict { relation: same_report.or(event.relation).or(update), ..event }
        } else {
            Verdict { relation: same_report.or(update), ..report }
        };
        (verdict, containment)
    }
}

impl<'c> Prepare<'c> {
    /// Makes the articles of `pairs` ready.
    pub(super) fn of_pairs(corpus: &'c Corpus, rarity: Rarity, pairs: &[Pair]) -> Prepare<'c> {
        let mut wanted = vec![false; corpus.len()];
        for pair in pairs {
            wanted[pair.a as usize] = true;
            wanted[pair.b as usize] = true;
        }
        Self::of_wanted(corpus, rarity, wanted)
    }

    /// Makes all articles ready.
    pub(super) fn all(corpus: &'c Corpus, rarity: Rarity) -> Prepare<'c> {
        Self::of_wanted(corpus, rarity, vec![true; corpus.len()])
    }

    fn of_wanted(corpus: &'c Corpus, rarity: Rarity, wanted: Vec<bool>) -> Prepare<'c> {
        let documents = corpus.documents.par_iter().zip(wanted);
        let prepared = documents
            .map_init(SeenStems::default, |seen, (document, wanted)| {
                if wanted { Prepared::new(document, &rarity.weights, seen) } else { Prepared::default() }
            })
            .collect();
        Prepare { corpus, rarity, prepared }
    }

    /// Compares `a` and `b`, from what the probe, laid out with `a`, found they share. `None` if `worth` says no to
    /// the features of the two alone: what stands elsewhere is looked up last, for it takes as long as all others.
    fn compared(
        &self,
        scratch: &mut Scratch,
        (a, b): (u32, u32),
        shared: Overlap,
        worth: impl Fn(&Features) -> bool,
    ) -> Option<Compared> {
        let Scratch { probe, distinct, sampled, tally } = scratch;
        let Rarity { weights, elsewhere } = &self.rarity;
        let (x, y) = (self.side(a), self.side(b));
        let pairs_x = x.1.pairs(x.0, weights, distinct);
        let pairs_y = y.1.pairs(y.0, weights, distinct);
        let overlap = probe.compare((x.1, pairs_x), y.1, shared);
        let header = |article: u32| &self.corpus.headers[article as usize];
        let around = circumstances(self.corpus, a, b);
        let mut features = features(&overlap, (x.1, pairs_x), (y.1, pairs_y), around);
        if !worth(&features) {
            return None;
        }
        probe.sampled(pairs_x, sampled);
        let days = (day(self.corpus, a), day(self.corpus, b));
        features[ELSEWHERE] = elsewhere.share(tally, sampled, overlap.rare_share(), days);
        let containment = Containment::of(&overlap);
        let update = header(a).date.zip(header(b).date).is_some_and(|(of_a, of_b)| {
            of_a.precedes(of_b) && is_update(&overlap, &overlap.a, &overlap.b)
                || of_b.precedes(of_a) && is_update(&overlap, &overlap.b, &overlap.a)
        });
        let containment = if a < b { containment } else { containment.swapped() };
        Some(Compared { features, containment, update })
    }

    /// Compares any two.
    pub(super) fn compared_alone(&self, scratch: &mut Scratch, a: u32, b: u32) -> Compared {
        let (a, b) = self.longer_first(a, b);
        let (x, y) = (self.side(a), self.side(b));
        scratch.probe.lay_out(a, x.0, x.1);
        let shared = scratch.probe.shared(y.0);
        self.compared(scratch, (a, b), shared, |_| true).unwrap_or_default()
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

/// What is known of two articles beside their texts.
pub(super) fn circumstances(corpus: &Corpus, a: u32, b: u32) -> Circumstances {
    let source = |article: u32| corpus.headers[article as usize].source;
    Circumstances { days: days_apart(corpus, a, b), same_source: source(a).zip(source(b)).map(|(x, y)| x == y) }
}

/// The day on which an article was published.
fn day(corpus: &Corpus, article: u32) -> Option<i64> {
    corpus.headers[article as usize].date.map(Timestamp::days)
}
