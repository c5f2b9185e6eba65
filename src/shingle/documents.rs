//! The documents of a set of articles, put aside in a [`Spool`]: in memory or in a file.

use std::sync::{Mutex, OnceLock, PoisonError};

use rayon::prelude::*;

use super::Document;
use super::written::{Part, decode, prefetch_part, read_part, title, write};
use crate::error::{Error, Result};
use crate::parallel::Balanced;
use crate::prefetch::with_later;
use crate::progress::Progress;
use crate::spool::{Blob, Memory, Spool, Spooling};

/// What is known of a document without looking it up: 24 bytes.
#[derive(Clone, Copy, Debug, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Entry {
    pub(crate) fingerprint: u64,
    /// How many stems it has.
    pub(crate) stems: u32,
    pub(crate) blob: Blob,
}

/// Puts a document aside, with the title of its article.
pub(crate) fn put(spooling: &Spooling, document: &Document, title: &str) -> Entry {
    let blob = spooling.put(|to| write(to, document, title));
    Entry { fingerprint: document.fingerprint, stems: document.stems.len() as u32, blob }
}

/// Puts aside a document that was written elsewhere. `None` if it is something else.
pub(crate) fn put_written(spooling: &Spooling, bytes: &[u8]) -> Option<Entry> {
    let mut document = Document::default();
    let blob = decode(bytes, &mut document).then(|| spooling.put(|to| to.extend(bytes)))?;
    Some(Entry { fingerprint: document.fingerprint, stems: document.stems.len() as u32, blob })
}

/// Documents by the numbers of their articles.
///
/// One that cannot be read back from its file counts as empty until [`Documents::check`] says so: results are
/// thrown away then.
#[derive(Debug, Default)]
pub struct Documents {
    entries: Vec<Entry>,
    spool: Spool,
    /// Segments but for titles are left out.
    titles_only: bool,
    trouble: OnceLock<Error>,
    progress: Progress,
}

/// Scratch space for looking documents up, one a thread.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    bytes: Vec<u8>,
    document: Document,
}

impl Documents {
    pub(crate) fn new(entries: Vec<Entry>, spool: Spool) -> Documents {
        Documents { entries, spool, ..Documents::default() }
    }

    /// Documents in memory, without titles.
    pub fn of(documents: &[Document]) -> Documents {
        let spooling = Spooling::new(&Memory::default());
        let entries = documents.iter().map(|document| put(&spooling, document, "")).collect();
        Documents::new(entries, spooling.finish().unwrap_or_default())
    }

    /// From now on `progress` hears how far those have come who go through all of them.
    pub(crate) fn tell(&mut self, progress: &Progress) {
        self.progress = progress.clone();
    }

    /// Where that is told.
    pub(crate) fn progress(&self) -> &Progress {
        &self.progress
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The fingerprint of one ([`Document::fingerprint`]).
    pub fn fingerprint(&self, article: usize) -> u64 {
        self.entries[article].fingerprint
    }

    /// How many stems one has.
    pub fn stems(&self, article: usize) -> usize {
        self.entries[article].stems as usize
    }

    /// One of them, for which there must be an article.
    pub fn get(&self, article: usize) -> Document {
        let mut reader = Reader::default();
        self.look_up(article, &mut reader);
        reader.document
    }

    /// The title that came with one.
    pub fn title(&self, article: usize) -> String {
        let mut bytes = Vec::new();
        let found = self.spool.get(self.entries[article].blob, &mut bytes);
        String::from_utf8_lossy(found.ok().and_then(title).unwrap_or_default()).into_owned()
    }

    /// One of them, in the reader's own memory.
    pub(crate) fn look_up<'r>(&self, article: usize, reader: &'r mut Reader) -> &'r Document {
        let Reader { bytes, document } = reader;
        let found = self.spool.get(self.entries[article].blob, bytes);
        self.decode(found, document, self.kept());
        document
    }

    /// What is given of a document.
    fn kept(&self) -> Part {
        if self.titles_only { Part::FirstSegment } else { Part::Whole }
    }

    fn decode<'b>(&self, bytes: Result<&'b [u8]>, document: &mut Document, part: Part) -> &'b [u8] {
        let wrong = |trouble| {
            let _ = self.trouble.set(trouble);
        };
        match bytes.map(|bytes| read_part(bytes, document, part)) {
            Ok(Some(title)) => {
                if self.titles_only {
                    document.segments.truncate(usize::from(document.title_len() > 0));
                }
                return title;
            }
            Ok(None) => wrong(Error::Config {
                what: "temporary file".into(),
                found: "other bytes than were written".into(),
                expected: "that nothing else writes to it".into(),
            }),
            Err(error) => wrong(error),
        }
        *document = Document::default();
        &[]
    }

    /// Goes through all documents with all threads, those of a block together, as they lie: `start` makes what the
    /// documents of some blocks are added to, with the number of each; what was made comes in no order that is meant.
    /// `stage` is the name of it all. If the run is cancelled, which [`Documents::check`] tells, some are left out.
    pub(crate) fn fold<A: Send>(
        &self,
        stage: &'static str,
        start: impl Fn() -> A + Sync + Send,
        add: impl Fn(&mut A, usize, &Document) + Sync + Send,
    ) -> Vec<A> {
        self.fold_part(stage, self.kept(), start, add)
    }

    /// The same, where no more than `part` of each document is wanted.
    pub(super) fn fold_part<A: Send>(
        &self,
        stage: &'static str,
        part: Part,
        start: impl Fn() -> A + Sync + Send,
        add: impl Fn(&mut A, usize, &Document) + Sync + Send,
    ) -> Vec<A> {
        let order = self.order();
        let runs: Vec<&[u32]> = order.chunk_by(|&x, &y| self.block(x) == self.block(y)).collect();
        self.progress.begin(stage, "articles", self.entries.len() as u64);
        // A thread hands on what it adds to from block to block, where Rayon would start anew for every part that it cuts; of a
        // large input not for ever, for a list that grows takes up twice and three times what it holds.
        let most = (runs.len() / PARTS).max(FEW_BLOCKS);
        let at_hand: Mutex<Vec<Adding<A>>> = Mutex::default();
        let lock = || at_hand.lock().unwrap_or_else(PoisonError::into_inner);
        let full: Vec<A> = runs
            .par_iter()
            .balanced()
            .filter_map(|run| {
                if self.progress.is_cancelled() {
                    return None;
                }
                let taken = lock().pop();
                let mut adding =
                    taken.unwrap_or_else(|| Adding { reader: Reader::default(), made: start(), blocks: 0 });
                let Reader { bytes, document } = &mut adding.reader;
                let block = self.noted(self.spool.block(self.block(run[0]), bytes));
                let blob = |article: u32| self.entries[article as usize].blob.of(block);
                for (&article, later) in with_later(run) {
                    if let Some(&later) = later {
                        prefetch_part(blob(later), self.stems(later as usize), part);
                    }
                    self.decode(Ok(blob(article)), document, part);
                    add(&mut adding.made, article as usize, document);
                }
                self.progress.add(run.len() as u64);
                adding.blocks += 1;
                if adding.blocks >= most {
                    return Some(adding.made);
                }
                lock().push(adding);
                None
            })
            .collect();
        let rest = at_hand.into_inner().unwrap_or_else(PoisonError::into_inner);
        full.into_iter().chain(rest.into_iter().map(|adding| adding.made)).collect()
    }

    /// Has `strip` take something out of each document, given its number, and gives what that returned of each, in order:
    /// nothing of those that it left as they were. It is asked about those alone that are `concerned`. The others lie where they
    /// lay, unless most of their block was changed, which then is given up. Of segments only titles are given from now on.
    ///
    /// # Errors
    /// Those of [`Documents::check`], and [`Error::Io`] if something cannot be written.
    pub(crate) fn stripped<T: Send + Default>(
        mut self,
        memory: &Memory,
        concerned: &[bool],
        strip: impl Fn(usize, &mut Document) -> Option<T> + Sync,
    ) -> Result<(Documents, Vec<T>)> {
        let order = self.order();
        let spooling = Spooling::new(memory);
        // Behind these.
        let blocks = self.spool.blocks();
        let mut all: Vec<T> = Vec::new();
        all.resize_with(self.entries.len(), T::default);
        let runs: Vec<&[u32]> = order.chunk_by(|&x, &y| self.block(x) == self.block(y)).collect();
        self.progress.begin("taking furniture out", "articles", self.entries.len() as u64);
        for some in runs.chunks(rayon::current_num_threads() * BLOCKS_A_TURN) {
            self.progress.check()?;
            let found: Vec<Stripped<T>> = some
                .par_iter()
                .balanced()
                .map_init(Reader::default, |reader, run| self.stripped_block(&spooling, run, reader, concerned, &strip))
                .collect();
            self.progress.add(some.iter().map(|run| run.len() as u64).sum());
            for Stripped { moved, given_up } in found {
                for (article, entry, returned) in moved {
                    self.entries[article as usize] = Entry { blob: entry.blob.behind(blocks), ..entry };
                    all[article as usize] = returned;
                }
                given_up.into_iter().for_each(|block| self.spool.drop_block(block));
            }
        }
        self.check()?;
        self.spool.append(spooling.finish()?);
        self.titles_only = true;
        Ok((self, all))
    }

    /// The same for those of one block.
    fn stripped_block<T: Default>(
        &self,
        spooling: &Spooling,
        articles: &[u32],
        Reader { bytes, document }: &mut Reader,
        concerned: &[bool],
        strip: impl Fn(usize, &mut Document) -> Option<T>,
    ) -> Stripped<T> {
        if articles.iter().all(|&article| !concerned[article as usize]) {
            return Stripped { moved: Vec::new(), given_up: None };
        }
        let own = self.block(articles[0]);
        let block = self.noted(self.spool.block(own, bytes));
        let blob = |article: u32| self.entries[article as usize].blob.of(block);
        let (mut moved, mut unchanged) = (Vec::new(), Vec::new());
        for &article in articles {
            if !concerned[article as usize] {
                unchanged.push(article);
                continue;
            }
            let title = self.decode(Ok(blob(article)), document, Part::Whole);
            let Some(returned) = strip(article as usize, document) else {
                unchanged.push(article);
                continue;
            };
            document.segments.truncate(usize::from(document.title_len() > 0));
            let title = std::str::from_utf8(title).unwrap_or_default();
            moved.push((article, put(spooling, document, title), returned));
        }
        if 2 * unchanged.len() >= articles.len() {
            return Stripped { moved, given_up: None };
        }
        moved.extend(unchanged.into_iter().map(|article| {
            let entry = self.entries[article as usize];
            (article, Entry { blob: spooling.put(|to| to.extend(blob(article))), ..entry }, T::default())
        }));
        Stripped { moved, given_up: Some(own) }
    }

    /// The trouble that reading documents back has met.
    ///
    /// # Errors
    /// [`Error::Io`] for the first that could not be read, [`Error::Config`] for one that has changed;
    /// [`Error::Cancelled`] if the run is to end.
    pub fn check(&self) -> Result<()> {
        self.progress.check()?;
        match self.trouble.get() {
            Some(Error::Io { path, source }) => {
                let source = std::io::Error::new(source.kind(), source.to_string());
                Err(Error::Io { path: path.clone(), source })
            }
            Some(trouble) => Err(Error::Config {
                what: "temporary file".into(),
                found: trouble.to_string(),
                expected: "the bytes that were written".into(),
            }),
            None => Ok(()),
        }
    }

    fn noted<'b>(&self, block: Result<&'b [u8]>) -> &'b [u8] {
        block.unwrap_or_else(|error| {
            let _ = self.trouble.set(error);
            &[]
        })
    }

    fn block(&self, article: u32) -> u32 {
        self.entries[article as usize].blob.block
    }

    /// The articles as their documents lie.
    fn order(&self) -> Vec<u32> {
        let blob = |article: &u32| self.entries[*article as usize].blob;
        // They are dealt out to their blocks, and these sorted by themselves.
        let mut ends = vec![0usize; self.spool.blocks() + 1];
        let articles = 0..self.entries.len() as u32;
        articles.clone().for_each(|article| ends[self.place(article)] += 1);
        ends.iter_mut().fold(0, |before, end| before + std::mem::replace(end, before));
        let mut order = vec![0; self.entries.len()];
        for article in articles {
            let end = &mut ends[self.place(article)];
            order[*end] = article;
            *end += 1;
        }
        order
            .par_chunk_by_mut(|x, y| blob(x).block == blob(y).block)
            .for_each(|block| block.sort_unstable_by_key(blob));
        order
    }

    /// The block of an article, those that are nowhere last.
    fn place(&self, article: u32) -> usize {
        (self.block(article) as usize).min(self.spool.blocks())
    }
}

/// Blocks a thread works through before memory is given back.
const BLOCKS_A_TURN: usize = 8;

/// Into how many parts at most what is added to is cut, of so many blocks each at least.
const PARTS: usize = 32;
const FEW_BLOCKS: usize = 64;

/// What the documents of some blocks are added to.
struct Adding<A> {
    reader: Reader,
    made: A,
    blocks: usize,
}

/// What became of a block.
struct Stripped<T> {
    /// The articles that lie elsewhere now, with what was returned of them.
    moved: Vec<(u32, Entry, T)>,
    /// The block, if nothing is left in it.
    given_up: Option<u32>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arabic::Tokenizer;
    use crate::article::Article;

    fn documents(count: usize) -> Vec<(Document, String)> {
        let make = |i: usize| {
            let title = format!("المكتبة {i}");
            let text = "افتتح الوزير مكتبة عامة. وحضر الحفل جمهور من القراء\n".repeat(i % 7);
            let article = Article { title: title.clone(), text, ..Article::default() };
            (Document::new(&article, &Tokenizer::new()), title)
        };
        (0..count).map(make).collect()
    }

    fn put_all(memory: &Memory, made: &[(Document, String)]) -> Documents {
        let spooling = Spooling::new(memory);
        let entries = made.par_iter().map(|(document, title)| put(&spooling, document, title)).collect();
        Documents::new(entries, spooling.finish().unwrap())
    }

    #[test]
    fn what_was_put_aside_is_found_again() {
        let made = documents(3000);
        let folder = tempfile::tempdir().unwrap();
        for memory in [Memory::default(), Memory::new(0, folder.path()), Memory::new(400_000, folder.path())] {
            let all = put_all(&memory, &made);
            let mut reader = Reader::default();
            for (i, (document, title)) in made.iter().enumerate() {
                assert_eq!(all.look_up(i, &mut reader), document);
                assert_eq!((all.fingerprint(i), all.stems(i)), (document.fingerprint, document.stems.len()));
                assert_eq!(&all.title(i), title);
            }
            let mut seen: Vec<(usize, usize)> =
                all.fold("looking", Vec::new, |seen, i, document| seen.push((i, document.segments.len()))).concat();
            seen.sort_unstable();
            assert!(seen.iter().copied().eq(made.iter().map(|(d, _)| d.segments.len()).enumerate()));
        }
    }

    #[test]
    fn what_is_taken_out_is_gone_and_the_rest_stays() {
        let mut made = documents(3000);
        // Without a title.
        for (document, title) in made.iter_mut().skip(5).step_by(7) {
            *document =
                Document::new(&Article { text: "افتتح الوزير مكتبة".into(), ..Article::default() }, &Tokenizer::new());
            title.clear();
        }
        let folder = tempfile::tempdir().unwrap();
        for memory in [Memory::default(), Memory::new(0, folder.path()), Memory::new(400_000, folder.path())] {
            // Of a third, and of two thirds, for which all is written again.
            for is_cut in [|article: usize| article.is_multiple_of(3), |article: usize| !article.is_multiple_of(3)] {
                let few = is_cut(0);
                // Of some there turns out to be nothing to take out.
                let concerned: Vec<bool> = (0..made.len()).map(|i| is_cut(i) || i.is_multiple_of(5)).collect();
                let left = memory.left();
                let cut = |article: usize, document: &mut Document| {
                    is_cut(article).then(|| {
                        document.retain_segments(|segment, _| segment.title);
                        article
                    })
                };
                let all = put_all(&memory, &made);
                let before: Vec<Blob> = all.entries.iter().map(|entry| entry.blob).collect();
                let (all, told) = all.stripped(&memory, &concerned, cut).unwrap();
                assert!(told.into_iter().eq((0..made.len()).map(|i| if is_cut(i) { i } else { 0 })));
                let mut reader = Reader::default();
                for (i, (document, title)) in made.iter().enumerate() {
                    let len = if is_cut(i) { document.title_len() } else { document.stems.len() };
                    assert_eq!((&all.title(i), all.stems(i)), (title, len));
                    assert_eq!(all.entries[i].blob == before[i], few && !is_cut(i), "{i}");
                    let found = all.look_up(i, &mut reader);
                    let titles = usize::from(document.title_len() > 0);
                    assert_eq!(
                        (&found.stems[..], &found.segments[..]),
                        (&document.stems[..len], &document.segments[..titles])
                    );
                }
                all.check().unwrap();
                drop(all);
                assert_eq!(memory.left(), left);
            }
        }
    }
}
