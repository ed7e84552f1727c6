//! A bounded worker pool: counts the lines and bytes of every regular file below a directory, a few files at a time.
//!
//! ```text
//! cargo run --release --example bounded_workers -- DIR [--workers N] [--runtime tokio|smol|async-std|threads]
//! ```
//!
//! The pool is one [`Semaphore`] with a permit per worker. The producer waits for a permit before it starts a job, so
//! at most `N` files are open at any moment however many there are; each job gives its permit back when it ends. The
//! last acquisition asks for all `N` permits: it is granted when no job is left, and what the jobs wrote before they
//! gave their permits back is seen by whoever holds them all. No join handle is kept.
//!
//! The runtime matters only to start jobs: waiting is the same everywhere, and a thread waits without any runtime.
#![expect(clippy::std_instead_of_core, clippy::std_instead_of_alloc, reason = "a program, at home in std")]

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};
use std::thread;

use walkdir::WalkDir;
use xsync::{OwnedPermit, Semaphore};

fn main() -> ExitCode {
    let options = match Options::parse() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("bounded_workers: {error}");
            return ExitCode::from(2);
        }
    };
    let mut outcomes = count_tree(&options);
    outcomes.sort_by(|a, b| a.path.cmp(&b.path));
    match report(&outcomes) {
        Ok(code) => code,
        // The reader of a pipe has seen enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bounded_workers: {error}");
            ExitCode::FAILURE
        }
    }
}

fn count_tree(options: &Options) -> Vec<Outcome> {
    let pool = Pool::new(options.workers);
    let root = &options.root;
    match options.runtime {
        Runtime::Threads => run_on_threads(&pool, root),
        Runtime::Smol => smol::block_on(run(&pool, root, |job| smol::unblock(job).detach())),
        Runtime::AsyncStd => async_std::task::block_on(run(&pool, root, |job| {
            async_std::task::spawn_blocking(job);
        })),
        Runtime::Tokio => tokio::runtime::Runtime::new().expect("tokio starts").block_on(run(&pool, root, |job| {
            tokio::task::spawn_blocking(job);
        })),
    }
    pool.outcomes()
}

type Job = Box<dyn FnOnce() + Send>;

/// The producer, as a task of any runtime: `spawn` starts a job.
async fn run(pool: &Pool, root: &Path, spawn: impl Fn(Job)) {
    for file in files_below(root) {
        let permit = pool.workers.acquire_owned(1).await.expect("the pool is never closed");
        spawn(pool.job(file, permit));
    }
    let _all = pool.workers.acquire(pool.workers.max_permits()).await.expect("the pool is never closed");
}

/// The same on plain threads: `wait` where a task has `await`.
fn run_on_threads(pool: &Pool, root: &Path) {
    for file in files_below(root) {
        let permit = pool.workers.acquire_owned(1).wait().expect("the pool is never closed");
        thread::spawn(pool.job(file, permit));
    }
    let _all = pool.workers.acquire(pool.workers.max_permits()).wait().expect("the pool is never closed");
}

struct Pool {
    workers: Arc<Semaphore>,
    outcomes: Arc<Mutex<Vec<Outcome>>>,
}

impl Pool {
    fn new(workers: NonZeroUsize) -> Self {
        Self { workers: Arc::new(Semaphore::new(workers.get())), outcomes: Arc::default() }
    }

    /// Counts one file and gives the permit back, in this order: who holds all permits sees all outcomes.
    fn job(&self, file: Result<PathBuf, Outcome>, permit: OwnedPermit) -> Job {
        let outcomes = Arc::clone(&self.outcomes);
        Box::new(move || {
            let outcome = file.map(Outcome::of).unwrap_or_else(|failed| failed);
            outcomes.lock().expect("no job panics").push(outcome);
            drop(permit);
        })
    }

    fn outcomes(self) -> Vec<Outcome> {
        std::mem::take(&mut self.outcomes.lock().expect("no job panics"))
    }
}

/// The regular files below `root`, symlinks not followed; what cannot be listed is an outcome already.
fn files_below(root: &Path) -> impl Iterator<Item = Result<PathBuf, Outcome>> {
    let root = root.to_owned();
    WalkDir::new(&root).into_iter().filter_map(move |entry| match entry {
        Ok(entry) if entry.file_type().is_file() => Some(Ok(entry.into_path())),
        Ok(_) => None,
        Err(error) => {
            let path = error.path().unwrap_or(&root).to_owned();
            Some(Err(Outcome { path, counts: Err(error.into()) }))
        }
    })
}

struct Outcome {
    path: PathBuf,
    counts: io::Result<Counts>,
}

struct Counts {
    lines: u64,
    bytes: u64,
}

impl Outcome {
    fn of(path: PathBuf) -> Self {
        let counts = File::open(&path).and_then(|file| Counts::of(BufReader::with_capacity(64 << 10, file)));
        Self { path, counts }
    }
}

impl Counts {
    fn of(mut reader: impl BufRead) -> io::Result<Self> {
        let mut counts = Self { lines: 0, bytes: 0 };
        loop {
            let buffer = match reader.fill_buf() {
                Ok([]) => return Ok(counts),
                Ok(buffer) => buffer,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            counts.lines += buffer.iter().filter(|&&byte| byte == b'\n').count() as u64;
            let read = buffer.len();
            counts.bytes += read as u64;
            reader.consume(read);
        }
    }
}

/// `LINES BYTES PATH` for each file and a total; failures go to stderr and make the exit code 1.
fn report(outcomes: &[Outcome]) -> io::Result<ExitCode> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut total = Counts { lines: 0, bytes: 0 };
    let mut code = ExitCode::SUCCESS;
    for Outcome { path, counts } in outcomes {
        match counts {
            Ok(Counts { lines, bytes }) => {
                total.lines += lines;
                total.bytes += bytes;
                write!(out, "{lines} {bytes} ")?;
                out.write_all(path.as_os_str().as_encoded_bytes())?;
                writeln!(out)?;
            }
            Err(error) => {
                eprintln!("bounded_workers: {}: {error}", path.display());
                code = ExitCode::FAILURE;
            }
        }
    }
    writeln!(out, "{} {} total", total.lines, total.bytes)?;
    out.flush()?;
    Ok(code)
}

struct Options {
    root: PathBuf,
    workers: NonZeroUsize,
    runtime: Runtime,
}

enum Runtime {
    Tokio,
    Smol,
    AsyncStd,
    Threads,
}

impl std::str::FromStr for Runtime {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "tokio" => Ok(Self::Tokio),
            "smol" => Ok(Self::Smol),
            "async-std" => Ok(Self::AsyncStd),
            "threads" => Ok(Self::Threads),
            _ => Err("the runtimes are tokio, smol, async-std and threads"),
        }
    }
}

impl Options {
    fn parse() -> Result<Self, lexopt::Error> {
        use lexopt::prelude::{Long, Short, Value, ValueExt as _};

        let mut root = None;
        let mut workers = thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let mut runtime = Runtime::Threads;
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Short('w') | Long("workers") => {
                    workers = args.value()?.parse()?;
                    if workers.get() > Semaphore::MAX_PERMITS {
                        return Err(format!("at most {} workers", Semaphore::MAX_PERMITS).into());
                    }
                }
                Short('r') | Long("runtime") => runtime = args.value()?.parse()?,
                Value(directory) if root.is_none() => root = Some(PathBuf::from(directory)),
                _ => return Err(arg.unexpected()),
            }
        }
        let root = root.ok_or("usage: bounded_workers DIR [--workers N] [--runtime tokio|smol|async-std|threads]")?;
        Ok(Self { root, workers, runtime })
    }
}
