//! The article: the plain type that every later stage reads, and the readers that make it.
//!
//! Reading streams: [`Chunks`] cuts the input into blocks of whole records (files of text, runs of
//! JSON lines), which worker threads turn into articles; nothing keeps the raw corpus.



/// One article as read: decoded text, not yet tokenised.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// The user's id, never renumbered; `path:line` (JSONL) or the relative path (text) where none is given.
    pub id: String,
    /// The outlet, where the record names it.
    pub source: Option<String>,
    /// When it was published, where the record says so.
    pub date: Option<i64>,
    /// Headline; empty where there is none.
    pub title: String,
    /// Body text with HTML entities decoded. Token spans are byte offsets into this or into the title.
    pub text: String,
}
