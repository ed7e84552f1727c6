//! A value that is reached by one at a time.

use core::panic::{RefUnwindSafe, UnwindSafe};

/// Gives its value to who owns it, or borrows it exclusively, and to nobody else: so sharing it shares nothing.
pub(super) struct Exclusive<T>(T);

// SAFETY: a shared reference to it gives no access to the value.
unsafe impl<T: Send> Sync for Exclusive<T> {}

// As for sharing: what a panic may have left behind is seen by who owns it only.
impl<T> UnwindSafe for Exclusive<T> {}
impl<T> RefUnwindSafe for Exclusive<T> {}

impl<T> Exclusive<T> {
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    pub(super) fn get_mut(&mut self) -> &mut T {
        &mut self.0
    }

    #[cfg(feature = "std")]
    pub(super) fn into_value(self) -> T {
        self.0
    }
}
