//! The facade on a real machine.

#[cfg(not(feature = "portable-atomic"))]
pub(crate) use core::sync::atomic::{AtomicBool, AtomicUsize};
#[cfg(feature = "portable-atomic")]
pub(crate) use portable_atomic::{AtomicBool, AtomicUsize};

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub(crate) use alloc::sync::Arc;
#[cfg(all(feature = "alloc", not(target_has_atomic = "ptr")))]
pub(crate) use portable_atomic_util::Arc;

/// `core`'s cell, reached through closures so that loom can see where an access begins and ends.
#[derive(Debug)]
pub(crate) struct UnsafeCell<T>(core::cell::UnsafeCell<T>);

impl<T> UnsafeCell<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(core::cell::UnsafeCell::new(value))
    }

    #[inline(always)]
    pub(crate) fn with<R>(&self, f: impl FnOnce(*const T) -> R) -> R {
        f(self.0.get())
    }

    #[inline(always)]
    pub(crate) fn with_mut<R>(&self, f: impl FnOnce(*mut T) -> R) -> R {
        f(self.0.get())
    }
}

/// States that nobody else touches `word` any more; only loom can check it.
#[inline(always)]
pub(crate) fn assert_exclusive(_word: &mut AtomicUsize) {}

/// Words that are all zero are atomic ones; only loom's have to be made.
///
/// # Safety
/// `words` words are there, and all zero.
#[cfg(feature = "alloc")]
pub(crate) unsafe fn assume_zeroed(_first: *mut AtomicUsize, _words: usize) {}

/// The word that nobody writes any more, as plain memory.
///
/// # Safety
/// All writes to it happened before this.
#[cfg(feature = "alloc")]
#[inline(always)]
pub(crate) unsafe fn read_settled(word: &AtomicUsize) -> usize {
    // SAFETY: no write is concurrent, by the caller.
    unsafe { word.as_ptr().read() }
}

/// Of numbers that spread evenly over all of 32 bits, the one after the last that anybody got (Fibonacci hashing, D.
/// Knuth, 6.4).
#[cfg(feature = "alloc")]
pub(crate) fn next_of_all() -> u32 {
    static LAST: AtomicUsize = AtomicUsize::new(0);
    // ORDERING: Relaxed: only a number.
    LAST.fetch_add(0x9e37_79b9, crate::sync::Ordering::Relaxed) as u32
}

#[cfg(not(any(target_has_atomic = "ptr", feature = "portable-atomic")))]
compile_error!(
    "this target has no compare-and-swap: enable xsync's feature `portable-atomic`, and choose a backend of that crate"
);
