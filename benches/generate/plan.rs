//! Which article of the file is what: asked of any place, in any order, nothing is held.
//!
//! All articles have a rank: first come those of families, then those of series, then the single ones. The file has
//! them in a random order ([`Permutation`]). Sizes of families follow a pattern that repeats after [`PATTERN`]
//! families, so the family of a rank is found by a division and a search.

use crate::random::{Permutation, Random, mix};
use crate::retell::Kind;

/// Families after which their sizes repeat.
const PATTERN: usize = 1_024;
/// Articles of one series.
const SERIES: u64 = 8;
/// So many days at least the articles are spread over.
const LEAST_DAYS: u64 = 14;

/// What is to be made.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Number of articles.
    pub(crate) articles: u64,
    pub(crate) seed: u64,
    /// How many articles in 1,000 are in families.
    pub(crate) families: u64,
    /// Articles of the largest family.
    pub(crate) largest: u64,
    /// How many articles in 1,000 are of series.
    pub(crate) series: u64,
    /// How often each kind comes, in the order of [`Kind::ALL`].
    pub(crate) kinds: [u64; 4],
    /// Articles a day.
    pub(crate) a_day: u64,
}

/// What an article is. Seeds tell what it says, and are the same for the same family or series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Alone.
    Single { seed: u64 },
    /// Told first; `kind` says how it will be told again.
    Original { family: u64, seed: u64, kind: Kind },
    /// Told again.
    Again { family: u64, seed: u64, original: Kind, kind: Kind, number: u64 },
    /// By a template.
    Sibling { series: u64, seed: u64, number: u64 },
}

/// Which article is what.
pub(crate) struct Plan {
    settings: Settings,
    order: Permutation,
    in_families: u64,
    in_series: u64,
    /// Where each family of the pattern begins, and where the last one ends.
    pattern: Vec<u64>,
}

impl Plan {
    pub(crate) fn new(settings: Settings) -> Plan {
        let articles = settings.articles;
        let part = |share: u64| (u128::from(articles) * u128::from(share) / 1_000) as u64;
        let mut random = Random::new(mix(settings.seed, 1));
        let mut pattern = vec![0];
        for family in 0..PATTERN {
            pattern.push(pattern[family] + 2 + random.zipf(settings.largest - 1));
        }
        let in_families = part(settings.families);
        let in_series = part(settings.series).min(articles - in_families) / SERIES * SERIES;
        let order = Permutation::new(articles, mix(settings.seed, 2));
        Plan { settings, order, in_families, in_series, pattern }
    }

    /// Days the articles are spread over.
    pub(crate) fn days(&self) -> u64 {
        self.settings.articles.div_ceil(self.settings.a_day).max(LEAST_DAYS)
    }

    /// What the article at `place` of the file is.
    pub(crate) fn role(&self, place: u64) -> Role {
        let rank = self.order.at(place);
        let seed = |part, number| mix(mix(self.settings.seed, part), number);
        let Some(rank) = rank.checked_sub(self.in_families) else {
            let all = self.pattern[PATTERN];
            let within = rank % all;
            let place = self.pattern.partition_point(|&start| start <= within) - 1;
            let family = rank / all * PATTERN as u64 + place as u64;
            let first = rank - within + self.pattern[place];
            let number = within - self.pattern[place];
            let seed = seed(3, family);
            if number == 0 && first + 1 == self.in_families {
                // Its family is cut off by the end of all families.
                return Role::Single { seed };
            }
            let random = &mut Random::new(mix(seed, 5));
            let original = self.kind(random);
            return match number {
                0 => Role::Original { family, seed, kind: original },
                _ => {
                    let random = &mut Random::new(mix(seed, 5 + number));
                    let kind = if number == 1 || random.permille(600) { original } else { Kind::Copy };
                    Role::Again { family, seed, original, kind, number }
                }
            };
        };
        let Some(rank) = rank.checked_sub(self.in_series) else {
            let series = rank / SERIES;
            return Role::Sibling { series, seed: seed(4, series), number: rank % SERIES };
        };
        Role::Single { seed: seed(5, rank) }
    }

    /// The day of an article: that of the report, or one or two later.
    pub(crate) fn day(&self, role: Role) -> u64 {
        let days = self.days();
        let told = |seed| mix(seed, 20) % days;
        match role {
            Role::Single { seed } | Role::Original { seed, .. } => told(seed),
            Role::Again { seed, number, .. } => {
                told(seed) + [0, 0, 0, 0, 0, 0, 0, 1, 1, 2][(mix(seed, 30 + number) % 10) as usize]
            }
            Role::Sibling { seed, number, .. } => {
                let apart = 1 + mix(seed, 21) % (days / SERIES).clamp(1, 7);
                told(seed) % (days - (SERIES - 1) * apart).max(1) + number * apart
            }
        }
    }

    fn kind(&self, random: &mut Random) -> Kind {
        let kinds = self.settings.kinds;
        let mut drawn = random.below(kinds.iter().sum());
        for (kind, weight) in Kind::ALL.into_iter().zip(kinds) {
            match drawn.checked_sub(weight) {
                Some(rest) => drawn = rest,
                None => return kind,
            }
        }
        Kind::Copy
    }
}
