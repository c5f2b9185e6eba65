//! An index to read: what is asked of it, by any number of processes, while one may write to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::arriving::{self, Match};
use super::chunk::Arrival;
use super::facts::{Facts, Tie, title_and_text};
use super::pool::Sketches;
use super::settings::IndexSettings;
use super::state::State;
use super::writing::Added;
use crate::arabic::{Token, Tokenizer};
use crate::article::{Article, Timestamp};
use crate::detector::Detector;
use crate::error::Result;
use crate::store::{self, Place, Reader, View};
use crate::verify::{Passage, Relation, passages};

const SECONDS_A_DAY: i64 = 86_400;

/// An index, to read: what it says is as of the last commit before it is asked.
///
/// ```
/// use naskh::{Article, Index, IndexSettings, IndexWriter, OnConflict, Timestamp};
///
/// let folder = tempfile::tempdir().unwrap();
/// let folder = folder.path().join("news");
/// Index::create(&folder, &IndexSettings::default())?;
/// let text = "\u{0627}\u{0641}\u{062A}\u{062A}\u{062D} \u{0627}\u{0644}\u{0648}\u{0632}\u{064A}\u{0631}";
/// let article = |id: &str| Article { id: id.into(), text: text.into(), ..Article::default() };
/// let today = Timestamp::parse("2026-04-12").unwrap();
/// let added = IndexWriter::open(&folder)?.add(vec![article("a")], today, OnConflict::Refuse)?;
/// assert_eq!(added[0].group, "a");
/// let matches = Index::open(&folder)?.query(&article("b"), today)?;
/// assert_eq!(matches[0].id, "a");
/// # Ok::<(), naskh::Error>(())
/// ```
pub struct Index {
    settings: IndexSettings,
    detector: Detector,
    reader: Reader,
    state: State,
    /// The commit that the state is of.
    commit: Option<u64>,
    folder: PathBuf,
}

/// An article of an index that is the same report as another one.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexMatch {
    /// Its id.
    pub id: String,
    /// The id of the representative of its group; its own if it is alone.
    pub group: String,
    /// How the two are related.
    pub relation: Relation,
    /// 0 to 1, to four decimals.
    pub score: f64,
    /// When it was published.
    pub date: Option<Timestamp>,
    /// Its outlet.
    pub source: Option<String>,
    /// Its title and text, if the index keeps them.
    pub wording: Option<(String, String)>,
    /// Where the texts coincide, as bytes of the text asked for and of its own, if the index keeps it.
    pub passages: Vec<Passage>,
}

/// A group of an index.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexGroup {
    /// The representative, then the others in the order in which they came.
    pub members: Vec<IndexMember>,
}

/// An article of a group.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexMember {
    /// Its id.
    pub id: String,
    /// When it was published.
    pub date: Option<Timestamp>,
    /// How it is related to the representative; `None` of that one itself.
    pub relation: Option<Relation>,
    /// Its score with the representative, to four decimals; 1 of that one itself.
    pub score: f64,
}

/// What an index holds.
#[derive(Clone, Debug, PartialEq)]
pub struct IndexStats {
    /// Articles that are there.
    pub articles: u64,
    /// Articles that came, those that are gone among them.
    pub came: u64,
    /// Days that have articles, in order.
    pub segments: Vec<IndexSegment>,
    /// Bytes of its files, and of which nothing is made at the moment.
    pub bytes: u64,
    /// Bytes that new articles will be put in, or that compaction gives back.
    pub free: u64,
    /// What takes up how much.
    pub parts: Vec<IndexPart>,
}

/// A day of an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexSegment {
    /// The day.
    pub day: i32,
    /// Articles that are there.
    pub articles: u32,
    /// Articles that were removed.
    pub removed: u32,
}

/// What takes up room in an index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IndexPart {
    /// Its name.
    pub name: &'static str,
    /// Rows of the table.
    pub rows: u64,
    /// Bytes.
    pub bytes: u64,
}

impl IndexSegment {
    /// The day as it is written.
    pub fn date(&self) -> String {
        let moment = Timestamp::from_seconds(i64::from(self.day) * SECONDS_A_DAY);
        moment.map_or_else(|| self.day.to_string(), |moment| moment.to_string())
    }
}

impl Index {
    /// Makes an empty index in a folder, which need not be there.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if there is one already or it cannot be made, [`Error::Config`](crate::Error::Config)
    /// for a setting out of range.
    pub fn create(folder: &Path, settings: &IndexSettings) -> Result<()> {
        store::create(folder, &settings.to_json()?, settings.detector()?.fingerprint())
    }

    /// Opens the index in a folder.
    ///
    /// # Errors
    /// [`Error::Config`](crate::Error::Config) if another version made it, [`Error::Input`](crate::Error::Input) if it is
    /// damaged or something else, [`Error::Io`](crate::Error::Io) if it cannot be read.
    pub fn open(folder: &Path) -> Result<Index> {
        let settings = IndexSettings::from_json(&store::settings(folder)?)?;
        let detector = settings.detector()?;
        let reader = Reader::open(folder, detector.fingerprint())?;
        let state = State::new(detector.background());
        Ok(Index { settings, detector, reader, state, commit: None, folder: folder.to_owned() })
    }

    /// With which settings it was made.
    pub fn settings(&self) -> &IndexSettings {
        &self.settings
    }

    /// The articles that are the same report as `article`, which is not added; the best first. Without a date it is taken
    /// for one of `today`.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn query(&mut self, article: &Article, today: Timestamp) -> Result<Vec<IndexMatch>> {
        let view = self.reader.snapshot()?;
        settle(&mut self.state, &mut self.commit, &self.detector, &view)?;
        let arrival = Arrival::of(article.clone(), today, &Tokenizer::new(), false);
        let matches = rayon::scope(|_| arriving::query(&self.detector, &self.state, &*view, arrival))?;
        let tokens = tokens(&article.text);
        matches.into_iter().map(|found| described(&view, found, &tokens)).collect()
    }

    /// What would become of each of `articles` if it were added now, alone.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn preview(&mut self, articles: Vec<Article>, today: Timestamp) -> Result<Vec<Added>> {
        let view = self.reader.snapshot()?;
        settle(&mut self.state, &mut self.commit, &self.detector, &view)?;
        let alone = |article: Article| {
            let mut arrivals = [Arrival::of(article, today, &Tokenizer::new(), false)];
            let outcome =
                arriving::arrive(&self.detector, &self.state, &*view, &mut Sketches::default(), &mut arrivals)?;
            Ok(Added::all(&arrivals, &outcome).remove(0))
        };
        articles.into_iter().map(alone).collect()
    }

    /// Its groups of two and more, with `singletons` also those of one, in the order in which the first member of each came.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn groups(&mut self, singletons: bool, mut each: impl FnMut(IndexGroup) -> Result<()>) -> Result<()> {
        let view = self.reader.snapshot()?;
        // Of each group when its first member came, and of those with several members all of them.
        let mut groups: BTreeMap<Place, (u64, Vec<(u64, Place)>)> = BTreeMap::new();
        each_article(&view, |place, article| {
            if singletons || article.members > 0 || article.group != place {
                let (first, members) = groups.entry(article.group).or_insert((u64::MAX, Vec::new()));
                *first = article.sequence.min(*first);
                if article.group != place {
                    members.push((article.sequence, place));
                }
            }
            Ok(())
        })?;
        let mut ordered: Vec<(u64, Place)> = groups.iter().map(|(&place, group)| (group.0, place)).collect();
        ordered.sort_unstable();
        for (_, representative) in ordered {
            let mut members = groups.remove(&representative).map_or_else(Vec::new, |group| group.1);
            members.sort_unstable();
            let places = std::iter::once(representative).chain(members.into_iter().map(|member| member.1));
            let members = places.map(|place| member(&view, place)).collect::<Result<Vec<_>>>()?;
            each(IndexGroup { members: members.into_iter().flatten().collect() })?;
        }
        Ok(())
    }

    /// What it holds.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn stats(&mut self) -> Result<IndexStats> {
        let view = self.reader.snapshot()?;
        let segments: Vec<IndexSegment> = view
            .segments()
            .map(|info| IndexSegment { day: info.segment, articles: info.articles, removed: info.removed })
            .collect();
        let sizes = view.sizes()?;
        Ok(IndexStats {
            articles: segments.iter().map(|segment| u64::from(segment.articles)).sum(),
            came: view.sequence(),
            segments,
            bytes: sizes.file,
            free: sizes.free,
            parts: sizes
                .parts
                .iter()
                .map(|part| IndexPart { name: part.name, rows: part.rows, bytes: part.bytes })
                .collect(),
        })
    }

    /// What is wrong with it, a line each: every checksum and every reference of one part to another is looked at.
    ///
    /// # Errors
    /// [`Error::Io`](crate::Error::Io) if it cannot be read.
    pub fn check(folder: &Path) -> Result<Vec<String>> {
        let mut findings = store::check(folder)?;
        if findings.is_empty() {
            let mut index = Index::open(folder)?;
            let view = index.reader.snapshot()?;
            if let Err(error) = settle(&mut index.state, &mut index.commit, &index.detector, &view) {
                findings.push(error.to_string());
            }
            each_article(&view, |place, article| {
                findings.extend(contradictions(&view, place, &article)?);
                Ok(())
            })?;
        }
        Ok(findings)
    }

    /// Another reader of the same index, for another thread: what one has read into memory serves both.
    ///
    /// # Errors
    /// As [`Index::open`].
    pub fn another(&self) -> Result<Index> {
        let detector = self.settings.detector()?;
        let state = State::new(detector.background());
        let reader = self.reader.another(&self.folder)?;
        Ok(Index {
            settings: self.settings.clone(),
            detector,
            reader,
            state,
            commit: None,
            folder: self.folder.clone(),
        })
    }
}

/// Brings the state to that of the view, if there have been commits.
fn settle(state: &mut State, commit: &mut Option<u64>, detector: &Detector, view: &View) -> Result<()> {
    if *commit != Some(view.commit()) {
        super::restore(state, view, detector.background())?;
        *commit = Some(view.commit());
    }
    Ok(())
}

/// Gives every article, by days and then in the order in which they came.
fn each_article(view: &View, mut each: impl FnMut(Place, store::Stored) -> Result<()>) -> Result<()> {
    for info in view.segments() {
        for local in 0..info.articles + info.removed {
            let place = Place { segment: info.segment, local };
            if let Some(article) = view.article(place)? {
                each(place, article)?;
            }
        }
    }
    Ok(())
}

/// What of an article does not fit to the rest.
fn contradictions(view: &View, place: Place, article: &store::Stored) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    let mut find = |what: &str| findings.push(format!("article {:?}: {what}", article.id));
    let mut document = crate::shingle::Document::default();
    if !super::packed::unpack(&article.document, &mut document) || Facts::from_bytes(&article.facts).is_none() {
        find("its document means nothing");
    }
    match Tie::from_bytes(&article.link) {
        Some(tie) if (article.group == place) == tie.relation.is_none() => {}
        _ => find("its relation to the representative means nothing"),
    }
    if article.group != place && view.article(article.group)?.is_none_or(|other| other.group != article.group) {
        find("its group has no representative");
    }
    Ok(findings)
}

fn member(view: &View, place: Place) -> Result<Option<IndexMember>> {
    let Some(article) = view.article(place)? else { return Ok(None) };
    let tie = Tie::from_bytes(&article.link).unwrap_or_default();
    let is_representative = article.group == place;
    Ok(Some(IndexMember {
        date: Facts::from_bytes(&article.facts).and_then(|facts| facts.date),
        relation: tie.relation.filter(|_| !is_representative),
        score: if is_representative { 1.0 } else { tie.score },
        id: article.id,
    }))
}

/// All that is told of a match.
fn described(view: &View, found: Match, asked: &[Token]) -> Result<IndexMatch> {
    let Match { place, id, group, tie, date, source } = found;
    let group = if group == place { id.clone() } else { view.article(group)?.map_or_else(String::new, |it| it.id) };
    let bytes = view.text(place)?;
    let wording = bytes.as_deref().and_then(title_and_text);
    Ok(IndexMatch {
        id,
        group,
        relation: tie.relation.unwrap_or(Relation::Derived),
        score: tie.score,
        date,
        source,
        passages: wording.map_or_else(Vec::new, |(_, text)| passages(asked, &tokens(text))),
        wording: wording.map(|(title, text)| (title.to_owned(), text.to_owned())),
    })
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = Vec::new();
    Tokenizer::new().tokens(text, &mut tokens);
    tokens
}
