//! An index to write to, by one process at a time: articles are added, removed, and forgotten by days.

use std::collections::{BTreeSet, VecDeque};
use std::mem::take;
use std::path::{Path, PathBuf};

use ahash::AHashSet;
use rayon::prelude::*;

use super::arriving::{Outcome, arrive};
use super::chunk::{self, Arrival, segment};
use super::facts::{Facts, Tie};
use super::handing::{hand_on, read_ahead};
use super::packed::pack;
use super::pool::{Sketch, Sketches};
use super::settings::IndexSettings;
use super::state::State;
use super::{FREQUENCIES, FURNITURE, STATE};
use crate::arabic::Tokenizer;
use crate::article::{Article, Timestamp};
use crate::detector::Detector;
use crate::error::{Error, Result};
use crate::parallel::Balanced;
use crate::progress::Progress;
use crate::store::{self, New, Place, Writer};
use crate::verify::Relation;

/// The most articles that are looked at together.
const CHUNK: usize = 2048;
/// Ids that a thread looks up at least, where it is one of several.
const MANY: usize = 64;

/// What to do about an article whose id the index has already.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// Nothing of what came with it is added.
    #[default]
    Refuse,
    /// It takes the place of the one that is there, which is removed.
    Replace,
    /// It is left out.
    Skip,
}

/// What became of an article that was added.
#[derive(Clone, Debug, PartialEq)]
pub struct Added {
    /// Its id.
    pub id: String,
    /// The id of the representative of its group; its own if it is alone.
    pub group: String,
    /// The article before it that it matches best, how they are related, and the score to four decimals.
    pub matched: Option<(String, Relation, f64)>,
}

impl Added {
    /// Of all arrivals.
    pub(super) fn all(arrivals: &[Arrival], outcome: &Outcome) -> Vec<Added> {
        let id = |place: Place| match chunk::arrival(place) {
            Some(number) => arrivals[number as usize].id.clone(),
            None => outcome.ids.get(&place).cloned().unwrap_or_default(),
        };
        let added = |(arrival, joined): (&Arrival, &super::joining::Joined)| Added {
            id: arrival.id.clone(),
            group: id(joined.group),
            matched: joined.matched.and_then(|(place, tie)| Some((id(place), tie.relation?, tie.score))),
        };
        arrivals.iter().zip(&outcome.joined).map(added).collect()
    }
}

/// An index, to write to.
pub struct IndexWriter {
    folder: PathBuf,
    settings: IndexSettings,
    detector: Detector,
    writer: Writer,
    state: State,
    /// Have the frequencies changed since the last commit?
    has_counted: bool,
    sketches: Sketches,
}

impl IndexWriter {
    /// Opens the index in a folder to write to it.
    ///
    /// # Errors
    /// As [`Index::open`](super::Index::open), and [`Error::Locked`] while another process writes to it.
    pub fn open(folder: &Path) -> Result<IndexWriter> {
        let settings = IndexSettings::from_json(&store::settings(folder)?)?;
        let detector = settings.detector()?;
        let writer = Writer::open(folder, detector.fingerprint())?;
        let mut state = State::new(detector.background());
        super::restore(&mut state, &writer, detector.background())?;
        Ok(IndexWriter {
            folder: folder.to_owned(),
            settings,
            detector,
            writer,
            state,
            has_counted: false,
            sketches: Sketches::default(),
        })
    }

    /// With which settings it was made.
    pub fn settings(&self) -> &IndexSettings {
        &self.settings
    }

    /// Adds `articles` in their order and commits: once this returns, they survive whatever happens. Those without a date
    /// are put with those of `today`. What became of each is told in the same order; of those left out nothing.
    ///
    /// # Errors
    /// [`Error::IdTaken`] for an id that is there already, with [`OnConflict::Refuse`]; [`Error::Io`] if it cannot be written.
    /// None of the articles is added then.
    pub fn add(&mut self, articles: Vec<Article>, today: Timestamp, on_conflict: OnConflict) -> Result<Vec<Added>> {
        self.add_noting(articles, today, on_conflict, None)
    }

    /// The same, and what is to be noted under a name, in one commit: of [`IndexWriter::note`].
    ///
    /// # Errors
    /// As [`IndexWriter::add`].
    pub fn add_noting(
        &mut self,
        articles: Vec<Article>,
        today: Timestamp,
        on_conflict: OnConflict,
        note: Option<(&str, &[u8])>,
    ) -> Result<Vec<Added>> {
        let added = self.all_added(articles, today, on_conflict).and_then(|added| {
            if let Some((name, bytes)) = note {
                self.writer.put(&noted(name), bytes)?;
            }
            self.commit()?;
            Ok(added)
        });
        if added.is_err() {
            self.start_over()?;
        }
        added
    }

    fn all_added(&mut self, articles: Vec<Article>, today: Timestamp, on_conflict: OnConflict) -> Result<Vec<Added>> {
        if on_conflict == OnConflict::Refuse {
            self.refuse_conflicts(articles.iter().map(|article| &*article.id))?;
        }
        let keep_wording = self.settings.store_text;
        let arrivals = articles
            .into_par_iter()
            .balanced()
            .map_init(Tokenizer::new, |tokenizer, article| Arrival::of(article, today, tokenizer, keep_wording))
            .collect();
        self.all_arrived(arrivals, on_conflict, &Progress::default())
    }

    /// Adds arrivals, of which it has been seen already whether they are to be refused; without a commit.
    ///
    /// # Errors
    /// As [`IndexWriter::add`], and [`Error::Cancelled`].
    pub(super) fn all_arrived(
        &mut self,
        arrivals: Vec<Arrival>,
        on_conflict: OnConflict,
        progress: &Progress,
    ) -> Result<Vec<Added>> {
        let mut rest = VecDeque::from(arrivals);
        let mut added = Vec::with_capacity(rest.len());
        while !rest.is_empty() {
            progress.check()?;
            let mut chunk: Vec<Arrival> = Vec::new();
            let mut ids: AHashSet<String> = AHashSet::new();
            while let Some(next) = rest.pop_front() {
                let is_again = ids.contains(&next.id);
                // If conflicts are refused, there is none.
                let known = match is_again || on_conflict == OnConflict::Refuse {
                    true => None,
                    false => self.writer.find(&next.id)?,
                };
                let is_conflict = known.is_some() || is_again;
                if is_conflict && on_conflict == OnConflict::Skip {
                    progress.add(1);
                    continue;
                }
                // Those before it still see the one that it replaces.
                if is_conflict && !chunk.is_empty() {
                    rest.push_front(next);
                    break;
                }
                if let Some(known) = known {
                    self.take_out(known)?;
                }
                ids.insert(next.id.clone());
                chunk.push(next);
                if chunk.len() >= self.state.room().min(CHUNK) {
                    break;
                }
            }
            if !chunk.is_empty() {
                let arrived = chunk.len() as u64;
                added.extend(self.add_chunk(chunk)?);
                progress.add(arrived);
            }
        }
        Ok(added)
    }

    /// # Errors
    /// [`Error::IdTaken`] for the first of these ids that is there, or comes again.
    pub(super) fn refuse_conflicts<'i>(&self, new: impl Iterator<Item = &'i str>) -> Result<()> {
        let new: Vec<&str> = new.collect();
        let known = new.par_iter().with_min_len(MANY).map(|id| Ok(self.writer.find(id)?.is_some()));
        let known: Vec<bool> = known.collect::<Result<_>>()?;
        let mut ids: AHashSet<&str> = AHashSet::with_capacity(new.len());
        for (id, known) in new.into_iter().zip(known) {
            let found = if known {
                "an article of this id in the index"
            } else if !ids.insert(id) {
                "it twice"
            } else {
                continue;
            };
            return Err(Error::IdTaken { id: id.to_owned(), found });
        }
        Ok(())
    }

    /// Makes shorter what has grown long, so that a commit to come may be of any number of articles.
    pub(super) fn fold(&mut self) -> Result<()> {
        self.writer.fold_if_due()
    }

    /// Commits what has arrived; if that fails, none of it has.
    pub(super) fn keep(&mut self) -> Result<()> {
        let committed = self.commit();
        if committed.is_err() {
            self.start_over()?;
        }
        committed
    }

    /// None of what has arrived since the last commit has.
    pub(super) fn let_go(&mut self) -> Result<()> {
        self.start_over()
    }

    fn add_chunk(&mut self, mut arrivals: Vec<Arrival>) -> Result<Vec<Added>> {
        let (detector, state, sketches) = (&self.detector, &self.state, &mut self.sketches);
        // Within the pool: to hand each small step over to it takes as long as the step.
        let outcome = rayon::scope(|_| arrive(detector, state, &*self.writer, sketches, &mut arrivals))?;
        let added = Added::all(&arrivals, &outcome);
        let mut changed = outcome.changed;
        let mut places: Vec<Place> = Vec::with_capacity(arrivals.len());
        let packed = arrivals.par_iter().balanced().map(|arrival| {
            let mut document = Vec::new();
            pack(&mut document, &arrival.document);
            document
        });
        let documents: Vec<Vec<u8>> = packed.collect();
        for ((number, arrival), document) in (0u32..).zip(&arrivals).zip(documents) {
            let facts = Facts { date: arrival.date, sampled: arrival.sample.sampled.min(u16::MAX.into()) as u16 };
            // The representative, if it is there already.
            let own = chunk::arriving(&arrivals, number);
            let joined = changed.get(&own).and_then(|&(group, tie)| match chunk::arrival(group) {
                Some(other) => Some((*places.get(other as usize)?, tie)),
                None => Some((group, tie)),
            });
            if joined.is_some() || changed.get(&own).is_some_and(|joined| joined.0 == own) {
                changed.remove(&own);
            }
            let place = self.writer.add(&New {
                id: &arrival.id,
                segment: arrival.segment,
                facts: &facts.to_bytes(),
                source: arrival.source.as_deref(),
                group: joined.map(|joined| joined.0),
                link: &joined.map(|joined| joined.1).unwrap_or_default().to_bytes(),
                document: &document,
                text: &arrival.wording,
                keys: &arrival.keys(),
            })?;
            places.push(place);
            self.sketches.keep(place, Sketch { facts, source: arrival.source_number });
            self.state.came(place, arrival.date.is_some(), document);
        }
        let settled = |place: Place| chunk::arrival(place).map_or(place, |number| places[number as usize]);
        let changed = changed.into_iter().map(|(place, (group, tie))| (settled(place), settled(group), tie));
        self.set_groups(changed.collect())?;
        if outcome.dropped > 0 && outcome.furniture != *self.state.furniture() {
            self.writer.put(FURNITURE, &outcome.furniture.to_bytes())?;
            self.state.learn(outcome.furniture);
        }
        self.has_counted |= self.state.settle(&*self.writer, self.detector.background())?;
        Ok(added)
    }

    /// Puts articles into the groups of others, or of their own.
    fn set_groups(&mut self, changed: Vec<Move>) -> Result<()> {
        let key = |&(place, group, _): &Move| -> Result<(bool, bool)> {
            Ok((place != group, self.writer.article(place)?.is_some_and(|article| article.group == place)))
        };
        // New representatives first, and old ones when nobody is left with them.
        let mut ordered: Vec<((bool, bool), Move)> =
            changed.into_iter().map(|one| Ok((key(&one)?, one))).collect::<Result<_>>()?;
        ordered.sort_by_key(|(key, (place, ..))| (*key, *place));
        for (_, (place, group, tie)) in ordered {
            self.writer.set_group(place, group, &tie.to_bytes())?;
        }
        Ok(())
    }

    /// Is there an article of this id?
    ///
    /// # Errors
    /// As [`Index::open`](super::Index::open).
    pub fn contains(&self, id: &str) -> Result<bool> {
        Ok(self.writer.find(id)?.is_some())
    }

    /// Removes articles in one commit; how many they were. In a group that one represents, the earliest article that is
    /// left speaks for those verified with it.
    ///
    /// # Errors
    /// [`Error::Input`] for an id that is not there, [`Error::Io`] if it cannot be written; none is removed then.
    pub fn remove(&mut self, ids: &[&str]) -> Result<usize> {
        let ids: BTreeSet<&str> = ids.iter().copied().collect();
        let find = |id: &&str| self.writer.find(id)?.ok_or_else(|| not_there(id));
        let places: Vec<Place> = ids.iter().map(find).collect::<Result<_>>()?;
        let removed = places.iter().try_for_each(|&place| self.take_out(place)).and_then(|()| self.commit());
        if removed.is_err() {
            self.start_over()?;
        }
        removed.map(|()| places.len())
    }

    fn take_out(&mut self, place: Place) -> Result<()> {
        let members = self.writer.members(place)?;
        self.hand_on(vec![members])?;
        self.writer.remove(place)?;
        self.state.forget(place);
        Ok(())
    }

    /// Gives each of these lists of articles, all members of one group that are left, new groups.
    fn hand_on(&mut self, groups: Vec<Vec<Place>>) -> Result<()> {
        let (detector, state, view) = (&self.detector, &self.state, &*self.writer);
        let handed = groups.into_par_iter().balanced().map(|members| hand_on(detector, state, view, members));
        let handed: Vec<Vec<Move>> = handed.collect::<Result<_>>()?;
        for (place, group, tie) in handed.into_iter().flatten() {
            self.writer.set_group(place, group, &tie.to_bytes())?;
        }
        Ok(())
    }

    /// Forgets all articles of the days before that of `before`; how many they were. Groups go on with those of their
    /// articles that are left, as after [`IndexWriter::remove`].
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written; nothing is forgotten then.
    pub fn expire(&mut self, before: Timestamp) -> Result<u64> {
        let expired = self.expired(segment(before.days()));
        if expired.is_err() {
            self.start_over()?;
        }
        expired
    }

    fn expired(&mut self, before: i32) -> Result<u64> {
        let left = |representative: Place| {
            let mut members = self.writer.members(representative)?;
            members.retain(|member| member.segment >= before);
            Ok(members)
        };
        let groups = self.writer.representatives_across(before)?.into_iter().map(left).collect::<Result<Vec<_>>>()?;
        read_ahead(&self.detector, &self.writer, &groups)?;
        self.hand_on(groups)?;
        self.sketches.forget();
        let expired = self.writer.expire(before)?;
        self.state.forget_before(before);
        self.commit()?;
        Ok(expired)
    }

    /// Gives room back that is not in use.
    ///
    /// # Errors
    /// [`Error::Io`] if it cannot be written.
    pub fn compact(&mut self) -> Result<()> {
        self.writer.compact()
    }

    /// What was noted under a name ([`IndexWriter::add_noting`]).
    ///
    /// # Errors
    /// As [`Index::open`](super::Index::open).
    pub fn note(&self, name: &str) -> Result<Option<Vec<u8>>> {
        self.writer.blob(&noted(name))
    }

    #[cfg(test)]
    pub(super) fn stored(&self) -> &store::View {
        &self.writer
    }

    fn commit(&mut self) -> Result<()> {
        if take(&mut self.has_counted) {
            let bytes = self.state.frequencies_to_bytes().map_err(|source| self.unwritten(source))?;
            self.writer.put(FREQUENCIES, &bytes)?;
        }
        self.writer.put(STATE, &self.state.to_bytes())?;
        self.writer.commit()
    }

    /// After a failure the index is as of the last commit; what it has learned as well.
    fn start_over(&mut self) -> Result<()> {
        self.has_counted = false;
        self.sketches.forget();
        self.writer.undo()?;
        self.state = State::new(self.detector.background());
        super::restore(&mut self.state, &self.writer, self.detector.background())
    }

    fn unwritten(&self, source: std::io::Error) -> Error {
        Error::Io { path: self.folder.clone(), source }
    }
}

/// An article, the representative of the group that it goes to, and how it is tied to it.
type Move = (Place, Place, Tie);

fn not_there(id: &str) -> Error {
    Error::Input {
        place: crate::error::Place { path: format!("id {id:?}"), line: None },
        found: "no article of this id in the index".into(),
        expected: "one that is there".into(),
    }
}

/// What is noted for others is kept apart from what the index has learned.
fn noted(name: &str) -> String {
    format!("note {name}")
}
