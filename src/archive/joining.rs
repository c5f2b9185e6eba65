//! Groups that grow: each arrival in its turn joins those of the articles it is verified with, by the rules by which a
//! corpus is grouped, taken from its best match down. Two groups become one if an arrival of one is verified with an
//! article of the other and the rules allow it.

use std::collections::BTreeMap;
use std::collections::hash_map::Entry;

use ahash::AHashMap;

use super::chunk::arriving;
use super::facts::Tie;
use super::matching::{Context, Lookup, Matches, Stands};
use super::pool::Pool;
use super::shelf::Shelf;
use crate::detector::{Asked, Space};
use crate::error::{Error, Result};
use crate::group::{Cluster, Found, Link, SMALL, Verdicts, Verifier, elect, merge};
use crate::store::Place;
use crate::verify::{Containment, Verdict};

/// By how much more than a verified pair the pairs across two groups of several articles must score on average for the two
/// to become one: it cannot be undone when better matches come, which in a corpus would have been joined before
/// (docs/index.md has the curve).
const APART: f64 = 0.1;

/// The groups of the index as the arrivals change them.
#[derive(Default)]
pub(crate) struct Joining {
    /// Groups that were looked at: the representative, then the other members in order.
    clusters: AHashMap<Place, Vec<Place>>,
    /// The group of each article that has changed, and how it is tied to it.
    pub(crate) changed: BTreeMap<Place, (Place, Tie)>,
    /// Where the pairs of articles stand in the index, by their numbers in the pool: of those it was asked of.
    stands: AHashMap<u32, Stands>,
}

/// What became of an arrival in its turn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Joined {
    /// The representative of its group; itself if it is alone.
    pub(crate) group: Place,
    /// Its best match, and what the two are to each other.
    pub(crate) matched: Option<(Place, Tie)>,
}

impl Joining {
    /// Lets arrival `number` join.
    pub(crate) fn join<S: Shelf>(
        &mut self,
        context: &Context<'_>,
        pool: &mut Pool<'_, S>,
        space: &mut Space,
        number: u32,
        (lookup, matches): (&Lookup, &Matches),
    ) -> Result<Joined> {
        let place = arriving(context.arrivals, number);
        self.clusters.insert(place, vec![place]);
        let own = pool.number(place);
        if let Some(&twin) = matches.twins.first() {
            let twin = pool.place(twin);
            self.follow(context, pool, place, twin)?;
            return Ok(Joined { group: self.group(pool, place)?, matched: Some((twin, Tie::IDENTICAL)) });
        }
        let other = |link: &Link| if link.a == own { link.b } else { link.a };
        let best =
            matches.links.first().map(|link| (pool.place(other(link)), Tie::of(link.score, Some(link.relation))));
        if best.is_none() {
            return Ok(Joined { group: place, matched: None });
        }
        let mut known: Vec<(u32, u32, Found)> = Vec::new();
        for link in &matches.links {
            let two = [self.group(pool, place)?, self.group(pool, pool.place(other(link)))?];
            if two[0] == two[1] {
                continue;
            }
            let clusters = [self.cluster(pool, two[0])?, self.cluster(pool, two[1])?];
            let stands = &mut self.stands;
            let mut asking =
                Asking { context, pool, space, number, own, lookup, stands, known: &mut known, failed: None };
            let Some((cluster, ties)) = asking.joined(&clusters, &matches.links)? else { continue };
            let representative = cluster[0];
            two.iter().for_each(|old| drop(self.clusters.remove(old)));
            self.clusters.insert(representative, cluster);
            if self.group(pool, representative)? != representative {
                self.changed.insert(representative, (representative, Tie::default()));
            }
            self.changed.extend(ties.into_iter().map(|(member, verdict)| (member, (representative, verdict.into()))));
        }
        Ok(Joined { group: self.group(pool, place)?, matched: best })
    }

    /// An arrival that is identical to an article goes where that one is, if it is near enough to what speaks for the
    /// group.
    fn follow<S: Shelf>(
        &mut self,
        context: &Context<'_>,
        pool: &mut Pool<'_, S>,
        place: Place,
        twin: Place,
    ) -> Result<()> {
        let (group, tie) = self.tied(pool, twin)?;
        pool.load(vec![group])?;
        let date = |place: Place| pool.at(place).and_then(|ready| ready.date);
        if !context.near(date(group), date(place)) {
            return Ok(());
        }
        let mut cluster = self.cluster(pool, group)?;
        cluster.push(place);
        cluster[1..].sort_unstable();
        self.clusters.remove(&place);
        self.clusters.insert(group, cluster);
        self.changed.insert(place, (group, if twin == group { Tie::IDENTICAL } else { tie }));
        Ok(())
    }

    /// The representative of an article's group, and how the article is tied to it.
    fn tied<S: Shelf>(&self, pool: &mut Pool<'_, S>, place: Place) -> Result<(Place, Tie)> {
        if let Some(changed) = self.changed.get(&place) {
            return Ok(*changed);
        }
        pool.load(vec![place])?;
        Ok(pool.at(place).map_or((place, Tie::default()), |ready| (ready.group, ready.tie)))
    }

    fn group<S: Shelf>(&self, pool: &mut Pool<'_, S>, place: Place) -> Result<Place> {
        Ok(self.tied(pool, place)?.0)
    }

    /// The group of a representative: itself, then the others in order.
    fn cluster<S: Shelf>(&self, pool: &Pool<'_, S>, representative: Place) -> Result<Vec<Place>> {
        if let Some(cluster) = self.clusters.get(&representative) {
            return Ok(cluster.clone());
        }
        let others = pool.shelf.members(representative)?;
        Ok(std::iter::once(representative).chain(others).collect())
    }
}

/// What is asked of pairs of articles while one arrival joins.
struct Asking<'a, 'c, 's, S> {
    context: &'a Context<'c>,
    pool: &'a mut Pool<'s, S>,
    space: &'a mut Space,
    number: u32,
    own: u32,
    lookup: &'a Lookup,
    stands: &'a mut AHashMap<u32, Stands>,
    /// What was found out before for this arrival.
    known: &'a mut Vec<(u32, u32, Found)>,
    failed: Option<Error>,
}

impl<S: Shelf> Asking<'_, '_, '_, S> {
    /// Two groups as one, the representative first and the others in order, and the verdicts on those that it has not
    /// represented so far: who stays with the representative it has is tied to it as before. `None` if they are not one.
    #[allow(clippy::type_complexity, reason = "two names for two things")]
    fn joined(
        &mut self,
        clusters: &[Vec<Place>; 2],
        links: &[Link],
    ) -> Result<Option<(Vec<Place>, Vec<(Place, Verdict)>)>> {
        for cluster in clusters.iter().filter(|cluster| cluster.len() <= SMALL) {
            self.pool.load(cluster.clone())?;
        }
        let mut number =
            |cluster: &Vec<Place>| -> Cluster { cluster.iter().map(|&place| self.pool.number(place)).collect() };
        let [x, y] = [number(&clusters[0]), number(&clusters[1])];
        let mut least = self.context.detector.report_threshold();
        if x.len().min(y.len()) > 1 {
            least = (least + APART).min(1.0);
        }
        let ranks: BTreeMap<u32, _> = x
            .iter()
            .chain(&y)
            .map(|&article| {
                let date = self.pool.get(article).and_then(|ready| ready.date);
                (article, (date.is_none(), date, self.pool.place(article)))
            })
            .collect();
        let rank = |article: u32| ranks.get(&article).copied();
        let mut verdicts = Verdicts::new(links.iter(), &mut *self);
        let merged = merge((&x, &y), least, &rank, &mut verdicts).map(|mut cluster| {
            elect(&mut cluster, &rank, &mut verdicts);
            let representative = cluster[0];
            let new = [&x, &y].into_iter().filter(|old| old[0] != representative).flatten();
            let new = new.filter(|&&member| member != representative);
            (cluster, new.map(|&member| (member, verdicts.of(representative, member))).collect::<Vec<_>>())
        });
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        Ok(merged.map(|(cluster, ties)| {
            let mut cluster: Vec<Place> = cluster.into_iter().map(|article| self.pool.place(article)).collect();
            cluster[1..].sort_unstable();
            (cluster, ties.into_iter().map(|(member, verdict)| (self.pool.place(member), verdict)).collect())
        }))
    }

    fn compare(&mut self, (a, b): (u32, u32)) -> Result<Found> {
        self.pool.load(vec![self.pool.place(a), self.pool.place(b)])?;
        // Not `Report`: the score of what is not verified counts as well.
        let asked = Asked::ReportOrUpdate;
        if a == self.own || b == self.own {
            let listed = self.context.own_listed(self.number, self.lookup);
            return Ok(self.context.judge(self.pool, self.space, (a, b), asked, listed));
        }
        let later = if self.pool.place(a) > self.pool.place(b) { a } else { b };
        let stands = match self.stands.entry(later) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(self.context.stands(self.pool, later)?),
        };
        let listed = self.context.listed(stands, self.pool.place(later), self.number);
        Ok(self.context.judge(self.pool, self.space, (a, b), asked, &listed))
    }
}

impl<S: Shelf> Verifier for &mut Asking<'_, '_, '_, S> {
    fn found(&mut self, a: u32, b: u32) -> Found {
        if let Some(&(.., found)) = self.known.iter().find(|known| (known.0, known.1) == (a, b)) {
            return found;
        }
        let found = self.compare((a, b)).unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            (Verdict { score: 0.0, relation: None }, Containment::default())
        });
        self.known.push((a, b, found));
        found
    }

    fn containment(&mut self, a: u32, b: u32) -> Containment {
        if let Some(&(.., found)) = self.known.iter().find(|known| (known.0, known.1) == (a, b)) {
            return found.1;
        }
        match self.pool.load(vec![self.pool.place(a), self.pool.place(b)]) {
            Ok(()) => self.context.containment(self.pool, self.space, (a, b)),
            Err(error) => {
                self.failed.get_or_insert(error);
                Containment::default()
            }
        }
    }
}
