//! Closures of threads as the work.

use core::hash::{BuildHasher, Hash};
use core::time::Duration;
use std::time::Instant;

use super::SingleFlight;
use super::claim::{Claimed, Claiming};
use super::key::OwnKey;
use super::outcome::{Ending, Outcome, WaitError};
use crate::wait::deadline_after;

impl<K: Hash + Eq, V: Clone, S: BuildHasher> SingleFlight<K, V, S> {
    /// As [`work`](Self::work) for a thread: joins the flight of `key`, or runs `f` here.
    ///
    /// Tasks and threads join each other's flights. A thread that joins only waits.
    ///
    /// # Errors
    ///
    /// [`WaitError::Panicked`] if the work has panicked, elsewhere. [`WaitError::Abandoned`] if it was joined, and all the
    /// tasks that could go on with it have gone.
    ///
    /// # Panics
    ///
    /// If `f` does, after it has ended the flight for all; if this thread is running or polling the work of the same key. (One
    /// that has a [`LeadGuard`](crate::LeadGuard) of the key waits for itself.)
    ///
    /// # Go
    ///
    /// `Group.Do`.
    ///
    /// # Examples
    ///
    /// ```
    /// use xsync::SingleFlight;
    ///
    /// let group: SingleFlight<u32, u32> = SingleFlight::new();
    /// assert_eq!(group.work_blocking(6, || 6 * 7).unwrap().value, 42);
    /// ```
    #[doc(alias = "Do")]
    #[track_caller]
    pub fn work_blocking(&self, key: K, f: impl FnOnce() -> V) -> Result<Outcome<V>, WaitError> {
        self.run(key, f, None).expect("waits without a deadline")
    }

    /// As [`work_blocking`](Self::work_blocking), but waits for another's work no longer than `timeout`: then `None`. An `f`
    /// that was started runs to its end.
    ///
    /// # Errors
    ///
    /// As [`work_blocking`](Self::work_blocking).
    ///
    /// # Panics
    ///
    /// As [`work_blocking`](Self::work_blocking).
    #[must_use = "it may not have ended"]
    #[track_caller]
    pub fn work_blocking_timeout(
        &self,
        key: K,
        timeout: Duration,
        f: impl FnOnce() -> V,
    ) -> Option<Result<Outcome<V>, WaitError>> {
        self.run(key, f, deadline_after(timeout))
    }

    /// As [`work_blocking`](Self::work_blocking), but waits for another's work no longer than `deadline`: then `None`. An `f`
    /// that was started runs to its end.
    ///
    /// # Errors
    ///
    /// As [`work_blocking`](Self::work_blocking).
    ///
    /// # Panics
    ///
    /// As [`work_blocking`](Self::work_blocking).
    #[must_use = "it may not have ended"]
    #[track_caller]
    pub fn work_blocking_deadline(
        &self,
        key: K,
        deadline: Instant,
        f: impl FnOnce() -> V,
    ) -> Option<Result<Outcome<V>, WaitError>> {
        self.run(key, f, Some(deadline))
    }

    #[track_caller]
    fn run(&self, key: K, f: impl FnOnce() -> V, deadline: Option<Instant>) -> Option<Result<Outcome<V>, WaitError>> {
        Some(match Claiming::new(self, OwnKey::new(key)).claimed(deadline)? {
            Claimed::Lead(lead) => Ok(lead.run(f)),
            Claimed::Ending(Ending::Value(outcome)) => Ok(outcome),
            Claimed::Ending(Ending::Panicked) => Err(WaitError::Panicked),
            Claimed::Ending(Ending::Closed) => Err(WaitError::Abandoned),
        })
    }
}
