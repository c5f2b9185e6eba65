//! One call from Python: work on threads without the interpreter, which meanwhile looks for signals and is told how far
//! the work has come.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use naskh::Progress;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::errors::{ConfigError, exception};

/// How often signals are looked for, and progress is told.
const TICK: Duration = Duration::from_millis(50);

/// Threads, and who watches.
#[derive(Clone)]
pub(crate) struct Session {
    pool: Arc<ThreadPool>,
    pub(crate) progress: Progress,
    watcher: Option<Arc<Py<PyAny>>>,
}

/// How far a run has come.
#[pyclass(module = "naskh", frozen, get_all)]
pub(crate) struct Stage {
    /// What is being done.
    name: &'static str,
    /// What is counted: `articles` or `pairs`.
    unit: &'static str,
    /// How many have been worked through in this stage.
    count: u64,
    /// How many there are; None where that is not known.
    total: Option<u64>,
    /// Seconds since the stage began.
    elapsed: f64,
}

#[pymethods]
impl Stage {
    fn __repr__(&self) -> String {
        let Stage { name, unit, count, total, elapsed } = self;
        let total = total.map_or_else(|| "None".to_owned(), |total| total.to_string());
        format!("Stage(name={name:?}, unit={unit:?}, count={count}, total={total}, elapsed={elapsed:.3})")
    }
}

impl From<naskh::Stage> for Stage {
    fn from(stage: naskh::Stage) -> Stage {
        let naskh::Stage { name, unit, count, total, elapsed, .. } = stage;
        Stage { name, unit, count, total: (total > 0).then_some(total), elapsed: elapsed.as_secs_f64() }
    }
}

impl Session {
    /// With so many threads, or as many as the machine has; `watcher` is called with a [`Stage`] now and then.
    pub(crate) fn new(threads: Option<usize>, watcher: Option<Py<PyAny>>) -> PyResult<Session> {
        let pool = match threads {
            None => shared_pool()?,
            Some(threads @ 1..=1024) => pool(threads)?,
            Some(threads) => {
                return Err(ConfigError::new_err(format!("threads: found {threads}; expected 1 to 1024")));
            }
        };
        Ok(Session { pool, progress: Progress::default(), watcher: watcher.map(Arc::new) })
    }

    /// Another call on the same threads.
    pub(crate) fn another(&self, watcher: Option<Py<PyAny>>) -> Session {
        Session { pool: Arc::clone(&self.pool), progress: Progress::default(), watcher: watcher.map(Arc::new) }
    }

    /// Does `work` on the threads. A signal such as Ctrl-C, and an exception of the watcher, cancel it.
    pub(crate) fn run<T: Send>(&self, py: Python<'_>, work: impl FnOnce() -> naskh::Result<T> + Send) -> PyResult<T> {
        let (done, mut is_done) = channel::<()>();
        std::thread::scope(|scope| {
            let worker = scope.spawn(|| {
                // Dropped when the work is done, or has panicked.
                let _done = done;
                self.pool.install(work)
            });
            let mut trouble = None;
            loop {
                let is_done = &mut is_done;
                let waited = py.detach(move || is_done.recv_timeout(TICK));
                if waited != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                if trouble.is_none() {
                    trouble = py.check_signals().and_then(|()| self.tell(py)).err();
                    if trouble.is_some() {
                        self.progress.cancel();
                    }
                }
            }
            let result = py.detach(|| worker.join());
            if let Some(trouble) = trouble {
                return Err(trouble);
            }
            py.check_signals()?;
            self.tell(py)?;
            result.unwrap_or_else(|panic| std::panic::resume_unwind(panic)).map_err(exception)
        })
    }

    fn tell(&self, py: Python<'_>) -> PyResult<()> {
        match (&self.watcher, self.progress.stage()) {
            (Some(watcher), Some(stage)) => watcher.call1(py, (Stage::from(stage),)).map(drop),
            _ => Ok(()),
        }
    }
}

fn pool(threads: usize) -> PyResult<Arc<ThreadPool>> {
    let pool = ThreadPoolBuilder::new().num_threads(threads).thread_name(|n| format!("naskh-{n}")).build();
    pool.map(Arc::new).map_err(|error| ConfigError::new_err(format!("threads: {error}")))
}

/// The pool of this process. One that a parent process made before it forked has no threads here.
fn shared_pool() -> PyResult<Arc<ThreadPool>> {
    static SHARED: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);
    let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
    let process = std::process::id();
    match &*shared {
        Some((owner, pool)) if *owner == process => return Ok(Arc::clone(pool)),
        // Not dropped: that would wait for threads which are not here.
        Some(_) => std::mem::forget(shared.take()),
        None => {}
    }
    // 0: as many as there are processors.
    let pool = pool(0)?;
    *shared = Some((process, Arc::clone(&pool)));
    Ok(pool)
}
