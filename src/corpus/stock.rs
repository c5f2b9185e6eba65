//! What has been read of some inputs, before articles have numbers: who they are, and where their documents lie.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::{PoisonError, RwLock};

use ahash::AHashMap;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use crate::arabic::Tokenizer;
use crate::article::{Article, MOST_LISTED, Origin, ReadOptions, Skipped, Timestamp, Unit, at_hand};
use crate::error::{Error, Place, Result};
use crate::shingle::{Document, Entry, put};
use crate::spool::{Spool, Spooling};

/// What is kept of an article's content.
#[derive(Clone, Copy, Debug)]
pub(super) enum Content {
    /// Its document.
    Whole,
    /// The fingerprint alone.
    Fingerprint,
}

/// An article.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Read {
    pub(super) id: String,
    /// As a place in [`Stock::sources`].
    pub(super) source: Option<u32>,
    pub(super) date: Option<Timestamp>,
    pub(super) entry: Entry,
}

/// What has been read, but for the documents themselves.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Stock {
    /// In the order of the input.
    pub(super) items: Vec<(Origin, Read)>,
    /// Names of sources, in no order that is meant.
    pub(super) sources: Vec<String>,
    /// The files opened, as [`Origin::file`] counts them. None: the articles were at hand, and their lines count them.
    #[serde(with = "paths")]
    pub(super) files: Vec<PathBuf>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) skipped_count: u64,
    pub(super) bytes: u64,
    pub(super) ignored: usize,
}

/// Paths as the system has them: they need not be UTF-8, as serde wants those that it writes itself.
mod paths {
    use std::ffi::OsString;
    use std::path::PathBuf;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(paths: &[PathBuf], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(paths.iter().map(|path| path.as_os_str()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<PathBuf>, D::Error> {
        Ok(Vec::<OsString>::deserialize(from)?.into_iter().map(PathBuf::from).collect())
    }
}

/// Tokenises articles on all threads and puts them aside.
pub(super) struct Digest {
    content: Content,
    spooling: Spooling,
    /// Sources, each with its place in the order in which they were met.
    sources: RwLock<AHashMap<String, u32>>,
}

impl Digest {
    pub(super) fn new(content: Content, spooling: Spooling) -> Digest {
        Digest { content, spooling, sources: RwLock::default() }
    }

    pub(super) fn article(&self, article: Article) -> Read {
        let entry = self.texts(&article.title, &article.text);
        let mut id = article.id;
        id.shrink_to_fit();
        Read { id, source: article.source.map(|name| self.source(&name)), date: article.date, entry }
    }

    /// The content of the article with these texts.
    pub(super) fn texts(&self, title: &str, text: &str) -> Entry {
        thread_local! {
            static SCRATCH: RefCell<Document> = RefCell::default();
        }
        match self.content {
            Content::Whole => SCRATCH.with_borrow_mut(|document| {
                document.read(title, text, &Tokenizer::new());
                put(&self.spooling, document, title)
            }),
            Content::Fingerprint => {
                put(&self.spooling, &Document::fingerprint_of(title, text, &Tokenizer::new()), title)
            }
        }
    }

    /// The place of a source among those met.
    pub(super) fn source(&self, name: &str) -> u32 {
        let known = self.sources.read().unwrap_or_else(PoisonError::into_inner).get(name).copied();
        known.unwrap_or_else(|| {
            let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
            let next = sources.len() as u32;
            *sources.entry(name.to_owned()).or_insert(next)
        })
    }

    /// The sources met, and the documents.
    ///
    /// # Errors
    /// [`Error::Io`] if something could not be put aside.
    pub(super) fn finish(self) -> Result<(Vec<String>, Spool)> {
        let met = self.sources.into_inner().unwrap_or_else(PoisonError::into_inner);
        let mut sources = vec![String::new(); met.len()];
        // Each has its place, so the order of the map shows nowhere.
        #[allow(clippy::iter_over_hash_type)]
        for (name, place) in met {
            sources[place as usize] = name;
        }
        Ok((sources, self.spooling.finish()?))
    }
}

impl Stock {
    /// Reads `unit`.
    ///
    /// # Errors
    /// Those of reading, and [`Error::Io`] if something could not be put aside.
    pub(super) fn read(
        unit: Unit,
        content: Content,
        options: &ReadOptions,
        spooling: Spooling,
    ) -> Result<(Stock, Spool)> {
        let digest = Digest::new(content, spooling);
        let work = |article, _: &Place| {
            options.progress.read();
            digest.article(article)
        };
        let outcome = unit.read(options, work)?;
        let (sources, spool) = digest.finish()?;
        let stock = Stock {
            items: outcome.items.into_iter().map(|item| (item.origin, item.value)).collect(),
            sources,
            files: outcome.paths,
            skipped: outcome.skipped,
            skipped_count: outcome.skipped_count,
            bytes: outcome.bytes,
            ignored: outcome.ignored,
        };
        Ok((stock, spool))
    }

    /// Adds what was read after it, whose documents lie behind so many blocks.
    pub(super) fn append(&mut self, other: Stock, blocks: usize) {
        let files = self.files.len() as u32;
        let known: AHashMap<&str, u32> = self.sources.iter().map(String::as_str).zip(0..).collect();
        let mut new = Vec::new();
        let mut place = |name: String| match known.get(&*name) {
            Some(&place) => place,
            None => {
                new.push(name);
                (known.len() + new.len() - 1) as u32
            }
        };
        let sources: Vec<u32> = other.sources.into_iter().map(&mut place).collect();
        self.sources.append(&mut new);
        let items = other.items.into_iter().map(|(origin, read)| {
            let origin = Origin { file: origin.file + files, ..origin };
            let entry = Entry { blob: read.entry.blob.behind(blocks), ..read.entry };
            let source = read.source.and_then(|place| sources.get(place as usize).copied());
            (origin, Read { source, entry, ..read })
        });
        // The first may be large, and need not be copied.
        if self.items.is_empty() {
            self.items = items.collect()
        } else {
            self.items.extend(items)
        }
        self.files.extend(other.files);
        let room = MOST_LISTED.saturating_sub(self.skipped.len());
        self.skipped.extend(other.skipped.into_iter().take(room));
        self.skipped_count += other.skipped_count;
        self.bytes += other.bytes;
        self.ignored += other.ignored;
    }

    /// [`by_id()`] of the articles read.
    pub(super) fn by_id(&self) -> (Vec<u32>, Vec<(u32, u32)>) {
        by_id(self.items.len(), |item| &self.items[item as usize].1.id)
    }

    /// The articles read, brought into `order`, which names each once, where they lie.
    pub(super) fn in_order(&mut self, order: &[u32]) -> Vec<(Origin, Read)> {
        let mut items = std::mem::take(&mut self.items);
        let mut done = vec![false; order.len()];
        for first in 0..order.len() {
            // What stood at the first place goes round with the hole that the others leave.
            let mut hole = first;
            while !std::mem::replace(&mut done[hole], true) {
                let from = order[hole] as usize;
                if !done[from] {
                    items.swap(hole, from);
                    hole = from;
                }
            }
        }
        items
    }

    /// What is wrong with the second of two articles that [`by_id()`] tells.
    pub(super) fn duplicate(&self, &(second, first): &(u32, u32)) -> Error {
        let id = self.items[first as usize].1.id.clone();
        Error::DuplicateId { id, first: self.place(first), second: self.place(second) }
    }

    /// Where an article stands in the input.
    pub(super) fn place(&self, item: u32) -> Place {
        let origin = self.items[item as usize].0;
        if self.files.is_empty() {
            return at_hand(origin.line as usize - 1);
        }
        let path = self.files.get(origin.file as usize);
        Place {
            path: path.map_or_else(String::new, |path| path.to_string_lossy().into_owned()),
            line: (origin.line > 0).then_some(u64::from(origin.line)),
        }
    }
}

/// The articles of `count` in the order of their ids; and those whose id came before, in the order of the input, each with
/// the first of that id.
pub(super) fn by_id<'i>(count: usize, id: impl Fn(u32) -> &'i str + Sync) -> (Vec<u32>, Vec<(u32, u32)>) {
    let mut order: Vec<u32> = (0..count as u32).collect();
    order.par_sort_unstable_by(|&x, &y| (id(x), x).cmp(&(id(y), y)));
    let same_id = order.chunk_by(|&x, &y| id(x) == id(y));
    let mut again: Vec<(u32, u32)> = same_id.flat_map(|run| run[1..].iter().map(|&second| (second, run[0]))).collect();
    again.sort_unstable();
    (order, again)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_path_that_is_not_utf8_comes_back() {
        let path = PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(b"d/x\xFF.jsonl"));
        let stock = Stock { files: vec![path.clone(), "y".into()], ..Stock::default() };
        let read: Stock = serde_json::from_str(&serde_json::to_string(&stock).unwrap()).unwrap();
        assert_eq!(read.files, [path, "y".into()]);
    }

    #[test]
    fn sources_are_counted_on() {
        let stock =
            |sources: &[&str]| Stock { sources: sources.iter().map(|&s| s.into()).collect(), ..Stock::default() };
        let item = |source| (Origin::default(), Read { source: Some(source), ..read() });
        let mut first = Stock { items: vec![item(0), item(1)], ..stock(&["b", "a"]) };
        first.append(Stock { items: vec![item(2), item(1), item(0)], ..stock(&["c", "b", "d"]) }, 0);
        assert_eq!(first.sources, ["b", "a", "c", "d"]);
        assert_eq!(first.items.iter().map(|item| item.1.source).collect::<Vec<_>>(), [0, 1, 3, 0, 2].map(Some));
    }

    proptest! {
        #[test]
        fn articles_come_in_any_order(order in (0..40u32).prop_flat_map(|count| Just((0..count).collect::<Vec<_>>()).prop_shuffle())) {
            let items = (0..order.len() as u32).map(|line| (Origin { file: 0, line }, read())).collect();
            let items = Stock { items, ..Stock::default() }.in_order(&order);
            prop_assert!(items.iter().map(|(origin, _)| origin.line).eq(order));
        }
    }

    fn read() -> Read {
        Digest::new(Content::Fingerprint, Spooling::new(&crate::spool::Memory::default())).article(Article::default())
    }
}
