//! A test-and-set lock with exponential backoff, for no_std where nothing preempts a holder for good.
//!
//! Invariant S1: `value` is reached only by the caller that changed `locked` from false to true, until it stores false.

use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

use crate::sync::{AtomicBool, Ordering, UnsafeCell};

pub(crate) struct Lock<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: by S1 `value` is accessed by one caller at a time; `T: Send` because that caller may be on any thread.
unsafe impl<T: Send> Sync for Lock<T> {}

// SAFETY: the lock owns its value.
unsafe impl<T: Send> Send for Lock<T> {}

// Like std's mutex, so that auto traits do not depend on the backend: no code that can panic runs under the lock.
impl<T> UnwindSafe for Lock<T> {}
impl<T> RefUnwindSafe for Lock<T> {}

/// Unlocks when the holder is done, by a panic included.
struct Locked<'a>(&'a AtomicBool);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // ORDERING: Release: publishes what the holder wrote to the Acquire exchange in `Lock::with`.
        self.0.store(false, Ordering::Release);
    }
}

impl<T> Lock<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self { locked: AtomicBool::new(false), value: UnsafeCell::new(value) }
        }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.with_contention(|value, _| f(value))
    }

    /// As [`with`](Self::with); `f` is told whether somebody else had the lock when it was asked for.
    pub(crate) fn with_contention<R>(&self, f: impl FnOnce(&mut T, bool) -> R) -> R {
        let mut contended = false;
        // ORDERING: Acquire: sees what the holder before wrote, published by the Release store in `Locked::drop`.
        // Relaxed on failure: nothing is read before a success.
        while self.locked.compare_exchange_weak(false, true, Ordering::Acquire, Ordering::Relaxed).is_err() {
            contended = true;
            self.stand_back();
        }
        // SAFETY: this caller changed `locked` just now.
        unsafe { self.hold(|value| f(value, contended)) }
    }

    /// As [`with`](Self::with), unless somebody else has the lock.
    #[cfg(feature = "alloc")]
    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        // ORDERING: Acquire: as in `with_contention`, and not weak: who fails relies on there being a holder. Relaxed on
        // failure: nothing is read then.
        self.locked.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).ok()?;
        // SAFETY: this caller changed `locked` just now.
        Some(unsafe { self.hold(f) })
    }

    /// # Safety
    /// The caller changed `locked` from false to true, and leaves it to this to store false.
    #[inline(always)]
    unsafe fn hold<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        let _locked = Locked(&self.locked);
        self.value.with_mut(|value| {
            // SAFETY: by S1 and the caller: no other reference exists.
            f(unsafe { &mut *value })
        })
    }

    /// Waits until the lock looks free, without writing to its line.
    #[cold]
    fn stand_back(&self) {
        let backoff = Backoff::new();
        // ORDERING: Relaxed: a hint only; the exchange in `with` decides.
        while self.locked.load(Ordering::Relaxed) {
            backoff.snooze();
        }
    }
}

#[cfg(not(xsync_loom))]
use crossbeam_utils::Backoff;

/// Lets the other threads run: loom has no use for a pause.
#[cfg(xsync_loom)]
struct Backoff;

#[cfg(xsync_loom)]
impl Backoff {
    fn new() -> Self {
        Self
    }

    fn snooze(&self) {
        loom::thread::yield_now();
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
