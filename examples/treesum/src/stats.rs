//! What was done, and what it took.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that jobs add to.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds `n`.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// The sum so far; whole once the jobs have ended.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What the jobs have done.
#[derive(Debug, Default)]
pub struct Counters {
    /// Files whose digest is known.
    pub files: Counter,
    /// Those of them that were hashed under another name: hard links.
    pub links: Counter,
    /// Bytes that were hashed.
    pub bytes: Counter,
    /// How often a reader asked for memory.
    pub acquisitions: Counter,
    /// How often it had to queue for it.
    pub queued: Counter,
}

/// What `--stats` prints.
#[derive(Debug)]
pub struct Summary {
    files: u64,
    bytes: u64,
    links: u64,
    acquisitions: u64,
    queued: u64,
    peak_memory: Option<u64>,
}

impl Summary {
    /// As things are now.
    pub fn of(counters: &Counters) -> Self {
        Self {
            files: counters.files.get(),
            bytes: counters.bytes.get(),
            links: counters.links.get(),
            acquisitions: counters.acquisitions.get(),
            queued: counters.queued.get(),
            peak_memory: peak_memory(),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { files, bytes, links, acquisitions, queued, peak_memory } = self;
        writeln!(f, "files: {files}\nbytes: {bytes}\nfiles hashed as another link: {links}")?;
        writeln!(f, "acquisitions: {acquisitions}\nof these queued: {queued}")?;
        match peak_memory {
            Some(kib) => writeln!(f, "peak memory: {kib} KiB"),
            None => writeln!(f, "peak memory: not known on this system"),
        }
    }
}

/// The most memory that this process has had resident, in KiB, where the system tells.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse().ok()
}
