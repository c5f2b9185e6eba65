//! Groups that grow: each arrival in its turn joins those of the articles it is verified with, by the rules by which a
//! corpus is grouped, taken from its best match down. Two groups become one if an arrival of one is verified with an
//! article of the other and the rules allow it.

use std::collections::BTreeMap;

use ahash::AHashMap;

use super::chunk::arriving;
use super::facts::Tie;
use super::matching::{Context, Lookup, Matches};
use super::pool::Pool;
use super::shelf::Shelf;
use crate::detector::{Asked, Space};
use crate::error::{Error, Result};
use crate::group::{Cluster, Found, Link, SMALL, Verdicts, elect, merge};
use crate::store::Place;
use crate::verify::{Containment, Listed, Verdict};

/// The groups of the index as the arrivals change them.
#[derive(Default)]
pub(crate) struct Joining {
    /// Groups that were looked at: the representative, then the other members in order.
    clusters: AHashMap<Place, Vec<Place>>,
    /// The group of each article that has changed, and how it is tied to it.
    pub(crate) changed: BTreeMap<Place, (Place, Tie)>,
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
        let mut asking =
            Asking { context, space, number, own, own_lists: lookup.listed(), lists: BTreeMap::new(), failed: None };
        let mut known: Vec<(u32, u32, Found)> = Vec::new();
        for link in &matches.links {
            let two = [self.group(pool, place)?, self.group(pool, pool.place(other(link)))?];
            if two[0] == two[1] {
                continue;
            }
            let clusters = [self.cluster(pool, two[0])?, self.cluster(pool, two[1])?];
            let joined = asking.joined(pool, &clusters, &matches.links, &mut known)?;
            if let Some((representative, ties)) = joined {
                let members: Vec<Place> = ties.iter().map(|tie| tie.0).collect();
                two.iter().for_each(|old| drop(self.clusters.remove(old)));
                self.clusters.insert(representative, std::iter::once(representative).chain(members).collect());
                if self.group(pool, representative)? != representative {
                    self.changed.insert(representative, (representative, Tie::default()));
                }
                for (member, verdict) in ties {
                    // Who stays with the representative it has is tied to it as before.
                    let (before, _) = self.tied(pool, member)?;
                    if before != representative || member == place {
                        self.changed.insert(member, (representative, verdict.into()));
                    }
                }
            }
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
struct Asking<'a, 'c> {
    context: &'a Context<'c>,
    space: &'a mut Space,
    number: u32,
    own: u32,
    /// Who has the arrival's pairs, and who those of other articles.
    own_lists: &'a Listed,
    lists: BTreeMap<u32, Listed>,
    failed: Option<Error>,
}

impl Asking<'_, '_> {
    /// The representative of two groups that become one, and the verdicts on the others; `None` if they do not.
    #[allow(clippy::type_complexity, reason = "two names for two things")]
    fn joined<S: Shelf>(
        &mut self,
        pool: &mut Pool<'_, S>,
        clusters: &[Vec<Place>; 2],
        links: &[Link],
        known: &mut Vec<(u32, u32, Found)>,
    ) -> Result<Option<(Place, Vec<(Place, Verdict)>)>> {
        for cluster in clusters.iter().filter(|cluster| cluster.len() <= SMALL) {
            pool.load(cluster.clone())?;
        }
        let mut number =
            |cluster: &Vec<Place>| -> Cluster { cluster.iter().map(|&place| pool.number(place)).collect() };
        let [x, y] = [number(&clusters[0]), number(&clusters[1])];
        let least = self.context.detector.report_threshold();
        let ranks: BTreeMap<u32, _> = x
            .iter()
            .chain(&y)
            .map(|&article| {
                let date = pool.get(article).and_then(|ready| ready.date);
                (article, (date.is_none(), date, pool.place(article)))
            })
            .collect();
        let rank = |article: u32| ranks.get(&article).copied();
        let mut verdicts = Verdicts::new(links.iter(), |a, b| self.found(pool, (a, b), known));
        let merged = merge((&x, &y), least, &rank, &mut verdicts).map(|mut cluster| {
            elect(&mut cluster, &rank, &mut verdicts);
            let ties: Vec<(u32, Verdict)> =
                cluster[1..].iter().map(|&member| (member, verdicts.of(cluster[0], member))).collect();
            (cluster[0], ties)
        });
        drop(verdicts);
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        Ok(merged.map(|(representative, ties)| {
            let mut ties: Vec<(Place, Verdict)> =
                ties.into_iter().map(|(member, verdict)| (pool.place(member), verdict)).collect();
            ties.sort_unstable_by_key(|tie| tie.0);
            (pool.place(representative), ties)
        }))
    }

    /// What comparing two articles says, found out once.
    fn found<S: Shelf>(
        &mut self,
        pool: &mut Pool<'_, S>,
        (a, b): (u32, u32),
        known: &mut Vec<(u32, u32, Found)>,
    ) -> Found {
        if let Some(&(.., found)) = known.iter().find(|known| (known.0, known.1) == (a, b)) {
            return found;
        }
        let found = self.compare(pool, (a, b)).unwrap_or_else(|error| {
            self.failed.get_or_insert(error);
            (Verdict { score: 0.0, relation: None }, Containment::default())
        });
        known.push((a, b, found));
        found
    }

    fn compare<S: Shelf>(&mut self, pool: &mut Pool<'_, S>, (a, b): (u32, u32)) -> Result<Found> {
        pool.load(vec![pool.place(a), pool.place(b)])?;
        // Not `Report`: the score of what is not verified counts as well.
        let asked = Asked::ReportOrUpdate;
        if a == self.own || b == self.own {
            return Ok(self.context.judge(pool, self.space, (a, b), asked, self.own_lists));
        }
        let later = if pool.place(a) > pool.place(b) { a } else { b };
        let listed = match self.lists.remove(&later) {
            Some(listed) => listed,
            None => self.context.listed(pool, later, self.number)?,
        };
        let found = self.context.judge(pool, self.space, (a, b), asked, &listed);
        self.lists.insert(later, listed);
        Ok(found)
    }
}
