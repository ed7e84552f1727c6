//! std's mutex.

use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    #[inline(always)]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        f(&mut self.lock())
    }

    /// As [`with`](Self::with); `f` is told whether somebody else had the lock when it was asked for.
    #[cfg(feature = "alloc")]
    pub(crate) fn with_contention<R>(&self, f: impl FnOnce(&mut T, bool) -> R) -> R {
        match self.try_lock() {
            Some(mut guard) => f(&mut guard, false),
            None => f(&mut self.contended(), true),
        }
    }

    /// As [`with`](Self::with), unless somebody else has the lock.
    #[cfg(feature = "alloc")]
    #[inline]
    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.try_lock().map(|mut guard| f(&mut guard))
    }

    // Poison is not an error here: a holder that panicked is a bug of ours and has been reported by that panic.

    #[inline]
    fn lock(&self) -> MutexGuard<'_, T> {
        self.try_lock().unwrap_or_else(|| self.contended())
    }

    #[inline]
    fn try_lock(&self) -> Option<MutexGuard<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Stands back before it asks std, whose mutex tries again at once and soon sleeps. A holder is done in some dozens
    /// of nanoseconds: a pause that lets it come back for the lock several times, with all that it needs in its cache,
    /// halves the time of a contended hand-off (benches/README.md).
    #[cold]
    fn contended(&self) -> MutexGuard<'_, T> {
        for pauses in [16, 32, 64, 128] {
            for _ in 0..pauses {
                core::hint::spin_loop();
            }
            if let Some(guard) = self.try_lock() {
                return guard;
            }
        }
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
