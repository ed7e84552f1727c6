//! What was asked, and what it took.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number that tasks add to.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// The sum so far.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What has happened so far.
#[derive(Debug, Default)]
pub struct Stats {
    /// Requests of clients for a page.
    pub requests: Counter,
    /// Those for which it was there.
    pub hits: Counter,
    /// Those that have joined the flight of another.
    pub joined: Counter,
    /// Those whose client left before the answer.
    pub left: Counter,
    /// Requests to the origin, made or waiting for a connection.
    pub asked: Counter,
    /// Those of them that gave no page.
    pub failed: Counter,
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, hits, joined, left, asked, failed } = self;
        let [requests, hits, joined, left] = [requests, hits, joined, left].map(Counter::get);
        write!(f, "requests: {requests}, hits: {hits}, joined: {joined}, left: {left}; ")?;
        write!(f, "origin asked: {}, failed: {}", asked.get(), failed.get())
    }
}
