//! Loom's mutex.
//!
//! Loom tries another order of two accesses only if both are to one object, and to it the release of a mutex is no access:
//! left alone, it would seldom let a thread try the lock while somebody has it. So a holder writes a `mark` at the end of
//! its section, inside, and who tries touches it before.

use loom::sync::atomic::AtomicBool;
use loom::sync::{Mutex, MutexGuard};
use std::sync::PoisonError;

use crate::sync::Ordering;

#[derive(Debug)]
pub(crate) struct Lock<T> {
    value: Mutex<T>,
    mark: AtomicBool,
}

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Self { value: Mutex::new(value), mark: AtomicBool::new(false) }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.hold(self.value.lock().unwrap_or_else(PoisonError::into_inner), f)
    }

    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.touch();
        self.value.try_lock().ok().map(|guard| self.hold(guard, f))
    }

    /// As [`with`](Self::with); `f` is told whether somebody else had the lock when it was asked for.
    pub(crate) fn with_contention<R>(&self, f: impl FnOnce(&mut T, bool) -> R) -> R {
        self.touch();
        match self.value.try_lock() {
            Ok(guard) => self.hold(guard, |value| f(value, false)),
            Err(_) => self.with(|value| f(value, true)),
        }
    }

    fn hold<R>(&self, mut guard: MutexGuard<'_, T>, f: impl FnOnce(&mut T) -> R) -> R {
        let result = f(&mut guard);
        // ORDERING: Relaxed: it orders nothing; see above.
        self.mark.store(true, Ordering::Relaxed);
        result
    }

    /// By a read-modify-write, which has one value to read.
    fn touch(&self) {
        // ORDERING: Relaxed: as above.
        self.mark.fetch_or(true, Ordering::Relaxed);
    }
}
