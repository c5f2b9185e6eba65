//! Groups Arabic news articles that tell the same report.
//!
//! An article is tokenised for Arabic ([`Tokenizer`]), cut into shingles and sketched by MinHash; an LSH
//! index and an index of rare shingles propose candidates; these are verified exactly by a small, explained
//! model; verified pairs become groups that do not chain. [`Detector`] runs the whole:
//!
//! ```
//! use naskh::{Article, Config, Corpus, Detector};
//!
//! let text = "\u{0627}\u{0641}\u{062A}\u{062A}\u{062D} \u{0627}\u{0644}\u{0648}\u{0632}\u{064A}\u{0631}";
//! let article = |id: &str| Article { id: id.into(), text: text.into(), ..Article::default() };
//! let corpus = Corpus::of(vec![article("a"), article("b")])?;
//! let found = Detector::new(Config::default())?.group(&corpus)?;
//! assert_eq!(found.groups.len(), 1);
//! # Ok::<(), naskh::Error>(())
//! ```

mod arabic;
mod archive;
mod article;
mod comparison;
mod config;
mod corpus;
mod dedup;
mod detector;
mod error;
mod evaluation;
mod group;
mod index;
mod kept;
mod lanes;
mod listing;
mod minhash;
mod parallel;
mod prefetch;
mod progress;
mod rewrite;
mod shingle;
mod spool;
pub mod stages;
mod store;
mod verify;

pub use arabic::{Form, PROFILE, SpelledToken, Stem, Token, TokenKind, Tokenizer, WordCounts};
pub use archive::{
    Added, Index, IndexGroup, IndexIntake, IndexMatch, IndexMember, IndexPart, IndexSegment, IndexSettings, IndexStats,
    IndexWriter, OnConflict,
};
pub use article::{
    Article, ColumnKind, Fields, Form as InputForm, Item, OnError, Origin, Original, Originals, Packing, ReadOptions,
    ReadOutcome, Rows, Skipped, Timestamp, Value, articles_of, check_readable_twice, columns_wanted, files_below,
    read_articles, read_in_batches, read_one,
};
pub use comparison::{ComparisonReport, SharedPassage, Stretch, Wording, by_size};
pub use config::{Config, Level};
pub use corpus::{Corpus, FurnitureText, Header, Intake, ReadSummary};
pub use dedup::{Decision, Dropped, Keep, Membership, dedup, dropped};
pub use detector::{Comparison, Detector, EventSummary, Grouping, Summary};
pub use error::{Error, Place, Result};
pub use evaluation::{
    Case, Evaluation, Fitted, Found, GroupingQuality, HeldOut, InGrouping, Judged, Judgement, Judges, Quality, Rates,
    Share, both_kinds, fit_judged,
};
pub use group::{Group, Link};
pub use index::{Bands, Candidates, Cut, IndexConfig, NeighbourConfig, Pair};
pub use listing::{
    ListedGroup, ListedMember, ListedUpdate, Listing, added_line, group_line, indexed_group_line, matches_line,
    rounded, stats_line,
};
pub use minhash::{MinHasher, Scaled, containment, jaccard};
pub use progress::{Progress, Stage};
pub use rewrite::{Piece, Rewrite, Rewritten};
pub use shingle::{Document, Documents, FurnitureKind, Segment};
pub use spool::Memory;
pub use verify::{
    Background, CIRCUMSTANCES, Containment, Contribution, Direction, Example, FEATURES, Features, Fit, Model, Passage,
    Relation, Target, ThresholdChoice, Verdict, fit, fit_without, folds_by_date,
};
