//! `naskh watch`: the files of a folder into the index as they appear.
//!
//! How many articles of a file have been taken is noted in the commit that adds them, so that each is added once, whenever
//! the program ends and begins again. Of a file that has grown the rest is taken; one that is shorter than it was is a new
//! one.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use clap::Args;
use naskh::{Article, Index, IndexWriter, Timestamp, files_below, read_in_batches};
use notify::{RecursiveMode, Watcher};
use serde::{Deserialize, Serialize};

use super::super::flags::ReadingFlags;
use super::super::session::Session;
use super::super::sink::Sink;
use super::super::{Outcome, complain, is_closed_pipe};
use super::{AddingFlags, write_added};

/// What can be typed after `naskh watch`.
#[derive(Debug, Args)]
pub(crate) struct Flags {
    /// The index
    #[arg(value_name = "DIR")]
    index: PathBuf,
    /// The folder whose files are added, those below it too
    #[arg(value_name = "FOLDER")]
    folder: PathBuf,
    #[command(flatten)]
    adding: AddingFlags,
    /// Add what is there, and end
    #[arg(long, help_heading = "Adding")]
    once: bool,
    #[command(flatten)]
    reading: ReadingFlags,
}

/// A file that was written to so lately may not be complete.
const QUIET: Duration = Duration::from_secs(1);

/// What was taken of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Taken {
    articles: usize,
    /// Its length and when it was changed, in nanoseconds since 1970, when it was last taken to its end; 0 before.
    bytes: u64,
    modified: u64,
}

pub(crate) fn run(flags: &Flags, session: &Session) -> anyhow::Result<Outcome> {
    // Whatever is wrong with it is seen at once.
    drop(Index::open(&flags.index)?);
    let mut out = Sink::open(None)?;
    let (sender, events) = channel();
    // Before the first look, so that nothing comes in between.
    let mut watcher = notify::recommended_watcher(move |event| drop(sender.send(event)))?;
    if !flags.once {
        let shown = || flags.folder.display().to_string();
        watcher.watch(&flags.folder, RecursiveMode::Recursive).with_context(shown)?;
    }
    // Files as they were when they were last looked at: taken, or found to be wrong.
    let mut seen: BTreeMap<PathBuf, Stamp> = BTreeMap::new();
    loop {
        let files = files_below(&flags.folder)?;
        let stamps = files.into_iter().filter_map(|path| Some((stamp(&path)?, path)));
        let changed: Vec<(Stamp, PathBuf)> = stamps.filter(|(stamp, path)| seen.get(path) != Some(stamp)).collect();
        let (ready, fresh): (Vec<_>, Vec<_>) =
            changed.into_iter().partition(|(stamp, _)| flags.once || !stamp.is_fresh());
        let is_pending = match flags.take_all(&ready, session, &mut out) {
            Ok(()) => {
                seen.extend(ready.into_iter().map(|(stamp, path)| (path, stamp)));
                !fresh.is_empty()
            }
            Err(error) if flags.once || is_closed_pipe(&error) => return Err(error),
            // Such as another process that writes to the index: later, then.
            Err(error) => {
                complain(&error);
                true
            }
        };
        if flags.once {
            out.finish()?;
            return Ok(Outcome::Done);
        }
        wait_for(&events, is_pending)?;
    }
}

/// Waits until something happens in the folder, or until what has happened is over.
fn wait_for(events: &Receiver<notify::Result<notify::Event>>, is_pending: bool) -> anyhow::Result<()> {
    let mut next = match is_pending {
        true => events.recv_timeout(QUIET),
        false => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
    };
    // What comes together is looked at together.
    loop {
        match next {
            Ok(event) => drop(event?),
            Err(RecvTimeoutError::Timeout) => return Ok(()),
            Err(error) => return Err(error.into()),
        }
        next = events.recv_timeout(QUIET / 10);
    }
}

/// What tells whether a file has changed: its length, and when it was written to, in nanoseconds since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    bytes: u64,
    modified: u64,
}

/// `None` for a file that is gone.
fn stamp(path: &Path) -> Option<Stamp> {
    let about = fs::metadata(path).ok()?;
    let modified = about.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    Some(Stamp { bytes: about.len(), modified: modified.map_or(0, |at| at.as_nanos() as u64) })
}

impl Stamp {
    fn is_fresh(self) -> bool {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |at| at.as_nanos() as u64);
        now.saturating_sub(self.modified) < QUIET.as_nanos() as u64
    }
}

/// What was taken of each file.
type Files = BTreeMap<String, Taken>;

/// The name of the note that says so.
const NOTE: &str = "watched";

fn read_note(index: &IndexWriter) -> anyhow::Result<Files> {
    Ok(index.note(NOTE)?.map(|note| serde_json::from_slice(&note)).transpose()?.unwrap_or_default())
}

impl Flags {
    /// Adds what of these files was not taken yet. One that is wrong is told and passed over, unless this is the only look.
    fn take_all(&self, files: &[(Stamp, PathBuf)], session: &Session, out: &mut Sink) -> anyhow::Result<()> {
        if files.is_empty() {
            return Ok(());
        }
        // Open no longer than it takes, so that others can write between: days are to be forgotten, say.
        let mut index = IndexWriter::open(&self.index)?;
        let mut taken = read_note(&index)?;
        // Of files that are gone nothing is kept: what comes by their names is new.
        taken.retain(|path, _| !Path::new(path).starts_with(&self.folder) || Path::new(path).exists());
        for (stamp, path) in files {
            match self.take(&mut index, &mut taken, (path, *stamp), out) {
                Ok(0) => {}
                Ok(articles) => {
                    session.notes(|notes| writeln!(notes, "added       {articles} of {}", path.display()));
                }
                Err(error) if self.once || is_closed_pipe(&error) => return Err(error),
                Err(error) => {
                    complain(&error);
                    // What was not added is not taken.
                    taken = read_note(&index)?;
                }
            }
        }
        Ok(())
    }

    /// Adds what of a file was not taken yet; how many articles that were.
    fn take(
        &self,
        index: &mut IndexWriter,
        files: &mut Files,
        (path, stamp): (&Path, Stamp),
        out: &mut Sink,
    ) -> anyhow::Result<usize> {
        let name = path.to_string_lossy().into_owned();
        let known = files.entry(name.clone()).or_default();
        if (known.bytes, known.modified) == (stamp.bytes, stamp.modified) {
            return Ok(0);
        }
        if stamp.bytes < known.bytes {
            *known = Taken::default();
        }
        let before = known.articles;
        let (today, on_conflict) = (Timestamp::now(), self.adding.on_conflict.settle());
        let mut pass_over = before;
        let options = self.reading.settle();
        read_in_batches(
            &[path.to_owned()],
            &options,
            |article, _| article,
            |mut articles: Vec<Article>| {
                let passed = pass_over.min(articles.len());
                pass_over -= passed;
                let mut rest = articles.drain(passed..);
                loop {
                    let some: Vec<Article> = rest.by_ref().take(self.adding.sync.together()).collect();
                    if some.is_empty() {
                        return anyhow::Ok(());
                    }
                    if let Some(taken) = files.get_mut(&name) {
                        taken.articles += some.len();
                    }
                    let note = serde_json::to_vec(files)?;
                    let added = index.add_noting(some, today, on_conflict, Some((NOTE, &note)))?;
                    write_added(out, &added)?;
                    out.flush()?;
                }
            },
        )?;
        let mut articles = before;
        if let Some(taken) = files.get_mut(&name) {
            (taken.bytes, taken.modified) = (stamp.bytes, stamp.modified);
            articles = taken.articles;
        }
        let note = serde_json::to_vec(files)?;
        index.add_noting(Vec::new(), today, on_conflict, Some((NOTE, &note)))?;
        Ok(articles - before)
    }
}
