//! The stages of a run one by one, for engines that keep the articles on many machines and move the data between the
//! stages themselves: what each stage makes of what it is given, as plain values and bytes.
//!
//! ```text
//! article ─▶ digest ─▶ [sentences, titles] ─▶ furniture ─▶ strip ─▶ [samples] ─▶ postings ─▶ [pairs] ─▶ counted pairs
//!                                                            │       [bands]  ─▶ buckets ──────────────────┤
//!                                                            └───▶ documents of candidates ─▶ verdicts ◀───┘
//!                                                                                                └─▶ groups
//! ```
//!
//! In brackets: [`Entry`]s, which an engine brings together by their buckets ([`deal`], [`gather`]). Nothing here sees
//! more than a part of the input: what is decided of the whole (how many articles there are, which are counted) is
//! given as a number or a table of bounded size. Articles are numbered by the rank of their ids, and every result is the
//! same whatever the parts; put together, the stages find the groups that [`Detector::group`](crate::Detector::group)
//! finds.

mod candidates;
mod digest;
mod exchange;
mod furniture;

pub use crate::corpus::PartArticle;
pub use crate::detector::{Connected, Member, PartDetector, TwinRun};
pub use candidates::{
    About, Counted, Look, Postings, Sampler, Signer, count_pairs, first_look, is_blind, pairs_of_bucket, postings,
};
pub use digest::{Digest, article, digest, source_key, stems, strip};
pub use exchange::{Entry, deal, gather};
pub use furniture::{Repeated, Stories, Teaser, repeated, sentences, teaser_keys, teasers};
