//! A critical section: interrupts off, or whatever the application's `critical-section` implementation does.
//!
//! Invariant C1: `value` is reached only inside a critical section and only while this call set `held`, so that
//! there is one reference to it at a time, even if critical sections nest.

use core::cell::{Cell, UnsafeCell};
use core::fmt;
use core::panic::{RefUnwindSafe, UnwindSafe};

pub(crate) struct Lock<T> {
    held: Cell<bool>,
    value: UnsafeCell<T>,
}

// SAFETY: by C1 both fields are accessed only inside a critical section, by one caller at a time; `T: Send` because
// that caller may be on any thread or in an interrupt.
unsafe impl<T: Send> Sync for Lock<T> {}

// Like std's mutex, so that auto traits do not depend on the backend: no code that can panic runs under the lock.
impl<T> UnwindSafe for Lock<T> {}
impl<T> RefUnwindSafe for Lock<T> {}

/// Clears `held` when the holder is done, by a panic included.
struct Held<'a>(&'a Cell<bool>);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl<T> Lock<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self { held: Cell::new(false), value: UnsafeCell::new(value) }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        critical_section::with(|_| {
            assert!(!self.held.replace(true), "xsync: queue lock re-entered");
            let _held = Held(&self.held);
            // SAFETY: by C1, this call set `held` inside a critical section: no other reference exists.
            f(unsafe { &mut *self.value.get() })
        })
    }

    /// As [`with`](Self::with); nobody else can have the lock.
    #[cfg(feature = "alloc")]
    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        Some(self.with(f))
    }

    /// As [`with`](Self::with); nobody else can have had the lock.
    #[cfg(feature = "alloc")]
    pub(crate) fn with_contention<R>(&self, f: impl FnOnce(&mut T, bool) -> R) -> R {
        self.with(|value| f(value, false))
    }
}

impl<T> fmt::Debug for Lock<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lock").finish_non_exhaustive()
    }
}
