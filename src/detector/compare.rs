//! Comparing articles of a corpus: what is rare in it, articles made ready, and the verdict on two of them.

use std::sync::{Arc, Mutex, PoisonError};

use rayon::prelude::*;

use super::Detector;
use crate::article::Timestamp;
use crate::config::Level;
use crate::corpus::Corpus;
use crate::index::{Pair, Partners};
use crate::kept::Kept;
use crate::parallel::Balanced;
use crate::prefetch::prefetch;
use crate::shingle::{DistinctPairs, Document, Reader};
use crate::verify::{
    Background, Circumstances, Containment, Counts, ELSEWHERE, Elsewhere, Features, Overlap, Prepared, Probe, Relation,
    SeenStems, Tally, Verdict, Weights, features, is_apart, is_still_promising, is_update,
};

/// What is rare in a corpus, and what stands elsewhere in it.
pub(super) struct Rarity {
    weights: Arc<Weights>,
    elsewhere: Arc<Elsewhere>,
    /// Where not all articles are counted, those that each was proposed with, of other days: what two share may stand
    /// in those of either.
    pub(super) partners: Partners,
    /// Where the corpus at hand is a part of a larger one, the numbers of its articles there.
    numbers: Vec<u64>,
}

impl Rarity {
    pub(super) fn new(corpus: &Corpus, mut counts: Counts, background: &Background) -> Rarity {
        let elsewhere = Elsewhere::new(&mut counts, |article| day(corpus, article as u32));
        Rarity {
            weights: Arc::new(Weights::new(counts, background.clone())),
            elsewhere: Arc::new(elsewhere),
            partners: Partners::default(),
            numbers: Vec::new(),
        }
    }

    /// The same, where what was counted is every so-manieth article of a larger corpus.
    pub(super) fn of_larger(self, step: u64) -> Rarity {
        let elsewhere = Arc::into_inner(self.elsewhere).unwrap_or_default().of_larger(step);
        Rarity { elsewhere: Arc::new(elsewhere), ..self }
    }

    /// The same for a part of the corpus: the numbers of its articles, and their partners there.
    pub(super) fn in_part(&self, numbers: Vec<u64>, partners: Partners) -> Rarity {
        Rarity { weights: self.weights.clone(), elsewhere: self.elsewhere.clone(), partners, numbers }
    }

    /// The number of an article in the whole.
    pub(super) fn number(&self, article: u32) -> u64 {
        self.numbers.get(article as usize).copied().unwrap_or(article.into())
    }
}

/// Where partners are wanted, are two articles, once proposed, to be kept as such? Of near days neither is a witness where
/// the other is compared.
pub(super) fn are_partners(corpus: &Corpus, a: u32, b: u32) -> bool {
    let days = day(corpus, a).zip(day(corpus, b));
    days.is_some_and(|(of_a, of_b)| is_apart(of_a, (of_b, of_b)))
}

/// Articles of a corpus made ready for comparison: some at once, others when they are asked for.
pub(super) struct Prepare<'c> {
    pub(super) corpus: &'c Corpus,
    pub(super) rarity: Rarity,
    /// Of each article its place in `ready`, from 1; 0 for those that are not made ready yet.
    places: Vec<u32>,
    ready: Vec<Ready>,
    /// The articles of `ready`.
    wanted: Vec<u32>,
    /// One a thread, and what it remembers of the articles compared; made when it is first wanted.
    scratch: Vec<Mutex<Option<Box<Scratch>>>>,
}

/// An article made ready.
#[derive(Default)]
pub(super) struct Ready {
    pub(super) document: Document,
    pub(super) prepared: Prepared,
}

/// Articles that one thread has made ready for itself, the last ones asked for.
#[derive(Default)]
struct Aside {
    reader: Reader,
    seen: SeenStems,
    ready: Kept<Ready, KEPT>,
}

/// How many a thread keeps, of either side of a comparison.
const KEPT: usize = 64;
/// Articles whose pairs a thread takes at a time.
const RUNS: usize = 16;

/// Scratch space of one thread.
#[derive(Default)]
pub(super) struct Scratch {
    sides: Sides,
    space: Space,
    tally: Tally,
}

/// An article made ready, and what is known of it beside its text.
#[derive(Clone, Copy)]
pub(crate) struct Party<'a> {
    /// Tells it from all others that the same [`Space`] serves.
    pub(crate) number: u32,
    pub(crate) document: &'a Document,
    pub(crate) prepared: &'a Prepared,
    pub(crate) date: Option<Timestamp>,
    pub(crate) source: Option<u32>,
}

/// Either side of a comparison, of articles that were not made ready before.
#[derive(Default)]
struct Sides {
    long: Aside,
    short: Aside,
}

/// Scratch space for comparing two articles that are ready.
#[derive(Default)]
pub(crate) struct Space {
    probe: Probe,
    distinct: DistinctPairs,
    sampled: Vec<(u64, u8)>,
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
pub(crate) enum Asked {
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
            // One may have hundreds of pairs.
            .with_max_len(RUNS)
            .map(|run| {
                if prepare.corpus.documents.progress().is_cancelled() {
                    return Vec::new();
                }
                prepare.with_scratch(|scratch| {
                    let verdict = |&(long, short, at): &(u32, u32, u32)| {
                        let (verdict, containment) = self.verdict(prepare, scratch, (long, short), asked);
                        (at, verdict, containment)
                    };
                    run.iter().map(verdict).collect::<Vec<_>>()
                })
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
        let Scratch { sides, space, tally } = scratch;
        let two = (prepare.side(a, &mut sides.long), prepare.side(b, &mut sides.short));
        let elsewhere = |sampled: &[(u64, u8)], rare_share| prepare.elsewhere(tally, sampled, rare_share, (a, b));
        let (verdict, containment) = self.judge(space, two, &prepare.rarity.weights, asked, elsewhere);
        (verdict, if a < b { containment } else { containment.swapped() })
    }

    /// The verdict on two articles, that of more stems first, and how much of each is in the other. `elsewhere` gives the
    /// share of what they share that stands elsewhere, from the sampled pairs that they share, with weights, and the part
    /// of the whole weight that is of rare ones; it is asked last, for it takes as long as all else.
    pub(crate) fn judge(
        &self,
        space: &mut Space,
        (x, y): (Party<'_>, Party<'_>),
        weights: &Weights,
        asked: Asked,
        elsewhere: impl FnOnce(&[(u64, u8)], f64) -> f64,
    ) -> (Verdict, Containment) {
        if x.document.fingerprint != 0 && x.document.fingerprint == y.document.fingerprint {
            return (Verdict { score: 1.0, relation: Some(Relation::Identical) }, Containment::FULL);
        }
        let no = (Verdict { score: 0.0, relation: None }, Containment::default());
        if self.too_short(x.document.stems.len().min(y.document.stems.len())) {
            return no;
        }
        space.probe.lay_out(x.number, x.document, x.prepared);
        let shared = space.probe.shared(y.document);
        let lighter = x.prepared.stem_sum.min(y.prepared.stem_sum) as f64;
        let contained = shared.stem_sum as f64 >= self.config.least_containment * lighter;
        let (model, threshold, last) = (&self.model, self.report_threshold(), self.config.level.last());
        // Of copies the second look dismisses next to nothing.
        let is_looked_at = asked != Asked::Level && last > Relation::Copy;
        let may_be_report =
            contained && (!is_looked_at || is_still_promising(&shared, (x.prepared, y.prepared), x.beside(&y)));
        // An update may share less.
        if asked == Asked::Report && !may_be_report {
            return no;
        }
        let worth = |features: &Features| asked != Asked::Report || model.may_agree(features, threshold, last);
        let Some(compared) = compared(space, (x, y), weights, shared, worth, elsewhere) else { return no };
        let Compared { features, containment, update } = compared;
        let report = model.verdict_at(&features, threshold);
        let update = update.then_some(Relation::Update);
        let same_report = report.relation.filter(|_| may_be_report);
        let verdict = if asked == Asked::Level && self.config.level == Level::Event {
            let event = self.event_model.verdict_at(&features, self.threshold());
            Verdict { relation: same_report.or(event.relation).or(update), ..event }
        } else {
            Verdict { relation: same_report.or(update), ..report }
        };
        (verdict, containment)
    }
}

/// Compares two articles, from what the probe, laid out with the first, found they share. `None` if `worth` says no to
/// the features of the two alone.
fn compared(
    space: &mut Space,
    (x, y): (Party<'_>, Party<'_>),
    weights: &Weights,
    shared: Overlap,
    worth: impl Fn(&Features) -> bool,
    elsewhere: impl FnOnce(&[(u64, u8)], f64) -> f64,
) -> Option<Compared> {
    let Space { probe, distinct, sampled } = space;
    let pairs_x = x.prepared.pairs(weights, || probe.pairs());
    let pairs_y = y.prepared.pairs(weights, || distinct.of(&y.document.stems));
    let overlap = probe.compare((x.prepared, pairs_x), y.prepared, shared);
    let around = x.beside(&y);
    let mut features = features(&overlap, (x.prepared, pairs_x), (y.prepared, pairs_y), around);
    if !worth(&features) {
        return None;
    }
    probe.sampled(pairs_x, sampled);
    features[ELSEWHERE] = elsewhere(sampled, overlap.rare_share());
    let update = x.date.zip(y.date).is_some_and(|(of_x, of_y)| {
        of_x.precedes(of_y) && is_update(&overlap, &overlap.a, &overlap.b)
            || of_y.precedes(of_x) && is_update(&overlap, &overlap.b, &overlap.a)
    });
    Some(Compared { features, containment: Containment::of(&overlap), update })
}

impl Party<'_> {
    /// What is known of two articles beside their texts.
    fn beside(&self, other: &Party<'_>) -> Circumstances {
        around((self.date, self.source), (other.date, other.source))
    }
}

impl<'c> Prepare<'c> {
    /// With no article made ready.
    pub(super) fn new(corpus: &'c Corpus, rarity: Rarity) -> Prepare<'c> {
        let scratch = (0..=rayon::current_num_threads()).map(|_| Mutex::default()).collect();
        Prepare { corpus, rarity, places: vec![0; corpus.len()], ready: Vec::new(), wanted: Vec::new(), scratch }
    }

    /// What is rare, all else given up, by all threads: it lies in many pieces.
    pub(super) fn into_rarity(self) -> Rarity {
        self.ready.into_par_iter().for_each(drop);
        self.rarity
    }

    /// Has `work` done with the scratch space of this thread. It must not wait for other work, for which Rayon might have this
    /// thread ask for the same.
    pub(super) fn with_scratch<T>(&self, work: impl FnOnce(&mut Scratch) -> T) -> T {
        // Threads that are not Rayon's share the last one.
        let last = self.scratch.len() - 1;
        let own = &self.scratch[rayon::current_thread_index().map_or(last, |thread| thread.min(last))];
        work(own.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_default())
    }

    /// Makes the articles of `pairs` ready, in the place of others.
    pub(super) fn make_ready(&mut self, pairs: &[Pair]) {
        self.ready.clear();
        let mut wanted = std::mem::take(&mut self.wanted);
        wanted.drain(..).for_each(|article| self.places[article as usize] = 0);
        for article in pairs.iter().flat_map(|pair| [pair.a, pair.b]) {
            let place = &mut self.places[article as usize];
            if *place == 0 {
                wanted.push(article);
                *place = wanted.len() as u32;
            }
        }
        let ready =
            wanted.par_iter().balanced().map_init(<(Reader, SeenStems)>::default, |(reader, seen), &article| {
                let document = self.corpus.documents.look_up(article as usize, reader).clone();
                Ready { prepared: Prepared::new(&document, &self.rarity.weights, seen), document }
            });
        self.ready = ready.collect();
        self.wanted = wanted;
    }

    /// The share of what two articles share that stands elsewhere in the corpus.
    fn elsewhere(&self, tally: &mut Tally, sampled: &[(u64, u8)], rare_share: f64, (a, b): (u32, u32)) -> f64 {
        let days = (day(self.corpus, a), day(self.corpus, b));
        let partners = &self.rarity.partners;
        for &article in partners.of(a).iter().chain(partners.of(b)) {
            prefetch(&self.corpus.headers[article as usize].date);
        }
        let is_witness = |&article: &u32| {
            days.0.zip(days.1).zip(day(self.corpus, article)).is_some_and(|(days, day)| is_apart(day, days))
        };
        let witnesses = partners.of_either(a, b).filter(is_witness);
        let others = (&self.corpus.documents, witnesses.map(|article| (article, self.rarity.number(article))));
        self.rarity.elsewhere.share(tally, sampled, rare_share, days, others)
    }

    /// Compares any two; how much of each is in the other is told of the lower number first.
    pub(super) fn compared_alone(&self, scratch: &mut Scratch, a: u32, b: u32) -> Compared {
        let (a, b) = self.longer_first(a, b);
        let Scratch { sides, space, tally } = scratch;
        let (x, y) = (self.side(a, &mut sides.long), self.side(b, &mut sides.short));
        space.probe.lay_out(a, x.document, x.prepared);
        let shared = space.probe.shared(y.document);
        let elsewhere = |sampled: &[(u64, u8)], rare_share| self.elsewhere(tally, sampled, rare_share, (a, b));
        let found = compared(space, (x, y), &self.rarity.weights, shared, |_| true, elsewhere).unwrap_or_default();
        let containment = if a < b { found.containment } else { found.containment.swapped() };
        Compared { containment, ..found }
    }

    /// The two articles, that of more stems first; of equals that of the lower number.
    fn longer_first(&self, a: u32, b: u32) -> (u32, u32) {
        let key = |article: u32| (std::cmp::Reverse(self.corpus.documents.stems(article as usize)), article);
        if key(a) <= key(b) { (a, b) } else { (b, a) }
    }

    /// An article made ready, now if it was not before.
    fn side<'s>(&'s self, article: u32, aside: &'s mut Aside) -> Party<'s> {
        let header = &self.corpus.headers[article as usize];
        let party = |document, prepared| Party {
            number: article,
            document,
            prepared,
            date: header.date,
            source: header.source,
        };
        let place = self.places[article as usize] as usize;
        if let Some(ready) = place.checked_sub(1).and_then(|place| self.ready.get(place)) {
            return party(&ready.document, &ready.prepared);
        }
        let Aside { reader, seen, ready } = aside;
        let ready = ready.get(article, |ready| {
            ready.document.clone_from(self.corpus.documents.look_up(article as usize, reader));
            ready.prepared = Prepared::new(&ready.document, &self.rarity.weights, seen);
        });
        party(&ready.document, &ready.prepared)
    }

    /// Makes every article ready for a moment and gives what `each` makes of it.
    pub(super) fn each<T: Send>(&self, each: impl Fn(usize, &Document, &Prepared) -> T + Sync) -> Vec<T> {
        let articles = 0..self.corpus.len();
        let aside = articles.into_par_iter().balanced().map_init(Aside::default, |aside, article| {
            let Party { document, prepared, .. } = self.side(article as u32, aside);
            each(article, document, prepared)
        });
        aside.collect()
    }
}

/// What is known of two articles beside their texts.
pub(super) fn circumstances(corpus: &Corpus, a: u32, b: u32) -> Circumstances {
    let [of_a, of_b] = [a, b].map(|article| &corpus.headers[article as usize]);
    around((of_a.date, of_a.source), (of_b.date, of_b.source))
}

/// The same of two articles of these dates and sources.
pub(crate) fn around(a: (Option<Timestamp>, Option<u32>), b: (Option<Timestamp>, Option<u32>)) -> Circumstances {
    let days = a.0.zip(b.0).map(|(of_a, of_b)| Timestamp::days_between(of_a, of_b));
    Circumstances { days, same_source: a.1.zip(b.1).map(|(of_a, of_b)| of_a == of_b) }
}

/// The day on which an article was published.
pub(super) fn day(corpus: &Corpus, article: u32) -> Option<i64> {
    corpus.headers[article as usize].date.map(Timestamp::days)
}
