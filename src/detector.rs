//! The detector: the only place that knows all stages, and runs them one after another.

mod asking;
mod clock;
mod compare;
mod events;
mod part;
mod tiles;
mod twins;

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rayon::prelude::*;

use asking::Asking;
use clock::Clock;
pub(crate) use compare::{Asked, Party, Space, around};
use compare::{Compared, Prepare, Rarity, are_partners, circumstances, day};
pub use events::EventSummary;
pub use part::{Connected, Member, PartDetector};
use tiles::Tiles;
pub use twins::TwinRun;
use twins::{Twins, days_apart, within};

use crate::arabic::{Token, Tokenizer};
use crate::article::Article;
use crate::config::{Config, Level};
use crate::corpus::Corpus;
use crate::error::Result;
use crate::group::{Group, Link, group};
use crate::index::{Cut, Dealing, Gathered, Gathering, Pair, Parts, Search};
use crate::minhash::{MinHasher, Scaled};
use crate::parallel::Balanced;
use crate::shingle::{PAIR_DISTANCE, Reader, pair_hashes, select};
use crate::spool::Memory;
use crate::verify::{
    Background, Containment, Contribution, Counting, Counts, Direction, Features, Model, Passage, Relation, Target,
    Verdict, is_promising, passages, shortest_stretch,
};

/// Finds the articles that tell the same report.
#[derive(Clone, Debug)]
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
    /// Pairs proposed.
    pub candidates: usize,
    /// Those among them that were verified one by one: with what was known without their texts there was hope.
    pub verified: usize,
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

    /// How common stems and pairs are in news at large, as far as its own articles are too few to tell.
    pub(crate) fn background(&self) -> &Background {
        &self.background
    }

    /// Tells its settings, models and background from others ([`Config::fingerprint`]).
    pub(crate) fn fingerprint(&self) -> u64 {
        self.config.fingerprint(&self.model, &self.background)
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
    /// [`Error::Config`](crate::Error::Config) if the index cannot be set up as configured;
    /// [`Error::Cancelled`](crate::Error::Cancelled) if the run was ended ([`Progress::cancel`](crate::Progress::cancel)).
    pub fn group(&self, corpus: &Corpus) -> Result<Grouping> {
        let twins = Twins::of(corpus, self.config.window_days);
        let (mut found, rarity) = self.group_reports(corpus, &twins)?;
        if self.config.level == Level::Event {
            let mut clock = Clock::default();
            self.join_events(corpus, &twins, rarity, &mut found);
            clock.lap("events");
            corpus.documents.check()?;
            found.summary.stages.extend(clock.laps);
        }
        sort_by_place(&mut found.groups, corpus);
        Ok(found)
    }

    /// Groups the identical articles of `corpus` alone, however short: nothing else is compared.
    pub fn group_identical(&self, corpus: &Corpus) -> Grouping {
        let mut clock = Clock::default();
        let twins = Twins::of(corpus, self.config.window_days);
        let mut found = Grouping::default();
        twins.join(&mut found.groups, &mut found.links, |a, b| self.near(corpus, a, b));
        found.summary.identical = twins.later.len();
        sort_by_place(&mut found.groups, corpus);
        clock.lap("group");
        found.summary.stages = clock.laps;
        found
    }

    /// The groups of one report, in no order that is meant, and what is rare.
    fn group_reports(&self, corpus: &Corpus, twins: &Twins) -> Result<(Grouping, Rarity)> {
        let mut clock = Clock::default();
        let short = |&article: &usize| {
            let documents = &corpus.documents;
            documents.fingerprint(article) != 0 && self.too_short(documents.stems(article))
        };
        let mut summary = Summary { short: (0..corpus.len()).filter(short).count(), ..Summary::default() };
        summary.identical = twins.later.len();
        let (counting, sampled) = self.sample(corpus, twins)?;
        corpus.documents.check()?;
        clock.lap("sample");

        let near = |a: u32, b: u32| self.near(corpus, a, b);
        let is_partial = counting.is_partial();
        let are_partners = |a: u32, b: u32| is_partial && are_partners(corpus, a, b);
        let admit = |a: u32, b: u32| near(a, b) || are_partners(a, b);
        let progress = corpus.documents.progress();
        progress.begin("searching", "articles", corpus.len() as u64);
        // Parts of both are for one thread.
        let (search, mut rarity) = rayon::join(
            || self.search(corpus, twins, sampled, &admit),
            || Rarity::new(corpus, counting.finish(), &self.background),
        );
        let search = search?;
        summary.cut = search.cut;

        let asked = if self.config.updates { Asked::ReportOrUpdate } else { Asked::Report };
        let promising = |pair: &Pair| is_promising(pair.shared, pair.smaller, circumstances(corpus, pair.a, pair.b));
        let (mut links, mut updates): (Vec<Link>, Vec<Link>) = Default::default();
        let (mut pairs, mut partners) = (Vec::new(), Gathering::new(corpus.len()));
        for block in search.blocks() {
            progress.check()?;
            progress.add(u64::from(block.end - block.start));
            let found = search.pairs(block, &admit)?;
            // An update may share less, but no more reports are found because updates are looked for.
            let wanted = |pair: &&Pair| near(pair.a, pair.b) && (self.config.updates || promising(pair));
            let of_partners: Vec<&Pair> = found.par_iter().filter(|pair| are_partners(pair.a, pair.b)).collect();
            rayon::join(
                || of_partners.into_iter().for_each(|pair| partners.add(pair)),
                || pairs.par_extend(found.par_iter().filter(wanted)),
            );
            summary.candidates += found.par_iter().filter(|pair| near(pair.a, pair.b)).count();
        }
        drop(search);
        rarity.partners = partners.finish();
        summary.verified = pairs.len();
        let mut prepare = Prepare::new(corpus, rarity);
        clock.lap("index");
        progress.begin("comparing", "pairs", pairs.len() as u64);
        let tiles = Tiles { articles: corpus.len(), at_once: articles_at_once(corpus.memory()) };
        for part in tiles.parts(&mut pairs) {
            progress.check()?;
            prepare.make_ready(part);
            let verdicts = self.verdicts(&prepare, part, asked);
            progress.add(part.len() as u64);
            for (pair, (verdict, containment)) in part.iter().zip(verdicts) {
                let Verdict { score, relation: Some(relation) } = verdict else { continue };
                let link = Link { a: pair.a, b: pair.b, score, relation, containment };
                match relation {
                    Relation::Update if self.config.updates => updates.push(link),
                    _ if self.config.level.admits(relation) && promising(pair) => links.push(link),
                    _ => {}
                }
            }
        }
        [&mut links, &mut updates].into_iter().for_each(|links| links.sort_unstable_by_key(|link| (link.a, link.b)));
        clock.lap("verify");
        corpus.documents.check()?;

        // What was compared and is no link is not verified.
        let is_refused = |a: u32, b: u32| {
            let at = pairs.binary_search_by_key(&tiles.place(&Pair::of(a, b)), |pair| tiles.place(pair));
            at.is_ok_and(|at| promising(&pairs[at]))
        };
        let mut groups = self.linked(&prepare, &links, &is_refused);
        corpus.documents.check()?;
        twins.join(&mut groups, &mut links, near);
        clock.lap("group");
        summary.stages = clock.laps;
        Ok((Grouping { groups, links, updates, summary }, prepare.into_rarity()))
    }

    /// The groups of articles that `links` connect, as far as they hold. `is_refused` may know of two that are in no link that
    /// they are not verified.
    fn linked(
        &self,
        prepare: &Prepare<'_>,
        links: &[Link],
        is_refused: &(impl Fn(u32, u32) -> bool + Sync),
    ) -> Vec<Group> {
        let rank = |article: u32| {
            let header = &prepare.corpus.headers[article as usize];
            (header.date.is_none(), header.date, article)
        };
        group(links, self.report_threshold(), rank, || Asking { detector: self, prepare, is_refused })
    }

    /// The verdicts on given pairs of articles, by number, in their order.
    pub fn score(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Verdict> {
        let wanted: Vec<Pair> = pairs.iter().map(|&(a, b)| Pair::of(a, b)).collect();
        let prepare = self.prepare(corpus, &wanted);
        self.verdicts(&prepare, &wanted, Asked::Level).into_iter().map(|(verdict, _)| verdict).collect()
    }

    /// Are these pairs of articles, by number, in their order proposed for comparison? Articles identical to an
    /// earlier one are proposed where that one is, and always with it; at level event also those of groups of
    /// which some articles are proposed.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if the index cannot be set up as configured.
    pub fn proposed(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Result<Vec<bool>> {
        let twins = Twins::of(corpus, self.config.window_days);
        let (_, sampled) = self.sample(corpus, &twins)?;
        let admit = |a: u32, b: u32| self.near(corpus, a, b);
        let search = self.search(corpus, &twins, sampled, &admit)?;
        let blocks = search.blocks().map(|block| search.pairs(block, &admit)).collect::<Result<Vec<_>>>()?;
        let found = blocks.concat();
        let stand_in = twins.stand_ins(corpus.len());
        let is_proposed = |&(a, b): &(u32, u32)| {
            let (a, b) = (stand_in[a as usize], stand_in[b as usize]);
            let wanted = (a.min(b), a.max(b));
            a == b || found.binary_search_by_key(&wanted, |pair| (pair.a, pair.b)).is_ok()
        };
        let mut proposed: Vec<bool> = pairs.iter().map(is_proposed).collect();
        if self.config.level == Level::Event {
            let (reports, rarity) = self.group_reports(corpus, &twins)?;
            let by_event = self.event_proposed(corpus, &twins, rarity, &reports.groups, pairs);
            proposed.iter_mut().zip(by_event).for_each(|(proposed, by_event)| *proposed |= by_event);
        }
        Ok(proposed)
    }

    /// The features of given pairs of articles, by number, in their order.
    pub fn features(&self, corpus: &Corpus, pairs: &[(u32, u32)]) -> Vec<Features> {
        let wanted: Vec<Pair> = pairs.iter().map(|&(a, b)| Pair::of(a, b)).collect();
        let prepare = self.prepare(corpus, &wanted);
        wanted
            .par_iter()
            .balanced()
            .map(|pair| prepare.with_scratch(|scratch| prepare.compared_alone(scratch, pair.a, pair.b).features))
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
        let prepare = self.prepare(&corpus, &[Pair::of(0, 1)]);
        let (mut verdict, compared) = prepare.with_scratch(|scratch| {
            let (verdict, _) = self.verdict(&prepare, scratch, (0, 1), Asked::Level);
            (verdict, prepare.compared_alone(scratch, 0, 1))
        });
        let Compared { features, containment, .. } = compared;
        verdict.relation = verdict.relation.filter(|&r| self.config.level.admits(r) || r == Relation::Update);
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
        let contributions = self.deciding_model().contributions(&features);
        Ok(Comparison { verdict, containment, contributions, passages, place })
    }

    /// Makes the articles of `pairs` ready for comparison by the frequencies of their own corpus.
    fn prepare<'c>(&self, corpus: &'c Corpus, pairs: &[Pair]) -> Prepare<'c> {
        let rarity = Rarity::new(corpus, Counts::of(&corpus.documents, self.config.counted), &self.background);
        let mut prepare = Prepare::new(corpus, rarity);
        prepare.make_ready(pairs);
        prepare
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
    fn sample(&self, corpus: &Corpus, twins: &Twins) -> Result<(Counting, Sampled)> {
        let scaled = Scaled::new(self.config.sample)?;
        let pairs: usize = (0..corpus.len()).map(|article| corpus.documents.stems(article) * PAIR_DISTANCE).sum();
        let dealing = Dealing::new(pairs as u64 / u64::from(self.config.sample), corpus.memory());
        let sizes: Vec<AtomicU32> = (0..corpus.len()).map(|_| AtomicU32::new(0)).collect();
        let add = |(gathered, sample): &mut (Gathered, Vec<u64>), number: usize, pairs: &[u64]| {
            if !self.stands_aside(corpus, twins, number) {
                select(pairs, sample, |pair| scaled.keep(pair));
                sizes[number].store(sample.len() as u32, Ordering::Relaxed);
                dealing.add(gathered, number as u32, sample.iter().copied());
            }
        };
        let (counting, gathered) = Counts::with(&corpus.documents, self.config.counted, Default::default, add);
        gathered.into_par_iter().for_each(|(mut gathered, _)| dealing.deal(&mut gathered));
        let sizes = sizes.into_iter().map(AtomicU32::into_inner).collect();
        Ok((counting, Sampled { parts: dealing.finish()?, sizes }))
    }

    fn stands_aside(&self, corpus: &Corpus, twins: &Twins, number: usize) -> bool {
        twins.is_later[number] || self.too_short(corpus.documents.stems(number))
    }

    /// The search for pairs worth comparing.
    fn search(
        &self,
        corpus: &Corpus,
        twins: &Twins,
        sampled: Sampled,
        admit: &(impl Fn(u32, u32) -> bool + Sync),
    ) -> Result<Search<'_>> {
        let hasher = MinHasher::new(self.config.index.k, self.config.seed)?;
        let signature = |number: usize| {
            if self.stands_aside(corpus, twins, number) {
                return None;
            }
            let mut reader = Reader::default();
            let stems = &corpus.documents.look_up(number, &mut reader).stems;
            let mut shingles = Vec::with_capacity(stems.len() * PAIR_DISTANCE);
            pair_hashes(stems, &mut shingles);
            hasher.signature(&shingles)
        };
        let Sampled { parts, sizes } = sampled;
        let days = (0..corpus.len()).map(|article| day(corpus, article as u32)).collect();
        Search::new(parts, sizes, days, signature, &self.config.index, corpus.memory(), admit)
    }
}

/// The sampled shingles of all articles, and how many each has.
struct Sampled {
    parts: Parts,
    sizes: Vec<u32>,
}

/// How many articles are made ready for comparison at once, some 4 KB each.
fn articles_at_once(memory: &Memory) -> usize {
    (memory.bytes() / 8 / 4096).clamp(1 << 10, 1 << 17) as usize
}

/// Sorts groups by their first member's place in the input.
fn sort_by_place(groups: &mut [Group], corpus: &Corpus) {
    groups.sort_by_key(|g| {
        let members = g.members.iter().map(|m| m.0).chain([g.representative]);
        members.map(|a| corpus.headers[a as usize].position).min()
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::article::ReadOptions;
    use crate::corpus::Intake;
    use crate::error::Error;
    use crate::progress::Progress;

    #[test]
    fn a_cancelled_run_ends_at_every_level() {
        for level in [Level::Copy, Level::Derived, Level::Event] {
            let progress = Progress::default();
            let options = ReadOptions { progress: progress.clone(), ..ReadOptions::default() };
            let corpus = Intake::new(&options, &Memory::default()).finish().unwrap();
            let detector = Detector::new(Config::at(level)).unwrap();
            assert!(detector.group(&corpus).unwrap().groups.is_empty());
            progress.cancel();
            assert!(matches!(detector.group(&corpus), Err(Error::Cancelled)));
        }
    }
}
