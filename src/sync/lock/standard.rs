//! std's mutex, or loom's.

#[cfg(xsync_loom)]
use loom::sync::Mutex;
#[cfg(not(xsync_loom))]
use std::sync::Mutex;
use std::sync::PoisonError;

#[derive(Debug)]
pub(crate) struct Lock<T>(Mutex<T>);

impl<T> Lock<T> {
    const_fn! {
        pub(crate) const fn new(value: T) -> Self {
            Self(Mutex::new(value))
        }
    }

    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        // Poison is not an error here: a holder that panicked is a bug of ours and has been reported by that panic.
        let mut guard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        f(&mut guard)
    }
}
