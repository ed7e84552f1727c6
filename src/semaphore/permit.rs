//! What a holder holds, and how it reaches its semaphore.

use core::fmt;

use super::Semaphore;

/// Something that keeps a [`Semaphore`] reachable: a reference, an `Arc`, or a type of your own that has the
/// semaphore in a larger shared state, so that an owned permit costs no second `Arc`.
///
/// # Safety
///
/// - `semaphore` returns the same semaphore at each call, and so do the handle's clones;
/// - that semaphore neither moves nor is dropped while the handle can be used, even if the handle is moved;
/// - `semaphore` does not panic: a request that is dropped must find its queue.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "alloc")] {
/// use std::sync::Arc;
/// use xsync::{Handle, Permit, Semaphore};
///
/// struct Pool {
///     connections: Semaphore,
///     name: String,
/// }
///
/// #[derive(Clone)]
/// struct PoolHandle(Arc<Pool>);
///
/// // SAFETY: the `Arc` owns the pool, which has one semaphore that is never replaced.
/// unsafe impl Handle for PoolHandle {
///     fn semaphore(&self) -> &Semaphore {
///         &self.0.connections
///     }
/// }
///
/// let pool = PoolHandle(Arc::new(Pool { connections: Semaphore::new(2), name: "db".into() }));
/// let permit: Permit<PoolHandle> = Semaphore::try_acquire_with(pool.clone(), 1).unwrap();
/// assert_eq!(permit.handle().0.name, "db");
/// # }
/// ```
pub unsafe trait Handle {
    /// The semaphore that this handle stands for.
    fn semaphore(&self) -> &Semaphore;
}

// SAFETY: a borrowed semaphore does not move while it is borrowed, and the reference is always to the same.
unsafe impl Handle for &Semaphore {
    #[inline]
    fn semaphore(&self) -> &Semaphore {
        self
    }
}

#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
// SAFETY: an `Arc`'s value neither moves nor changes while the `Arc` or a clone of it exists: no `&mut` to the value
// can be had of an `Arc` that is inside a permit or a future, which give out shared references only.
unsafe impl Handle for alloc::sync::Arc<Semaphore> {
    #[inline]
    fn semaphore(&self) -> &Semaphore {
        self
    }
}

#[cfg(all(feature = "alloc", feature = "portable-atomic"))]
// SAFETY: as for `alloc::sync::Arc`.
unsafe impl Handle for portable_atomic_util::Arc<Semaphore> {
    #[inline]
    fn semaphore(&self) -> &Semaphore {
        self
    }
}

/// Permits of a [`Semaphore`], given back when this is dropped.
///
/// `H` is how it reaches the semaphore: `Permit<&Semaphore>` borrows it, `OwnedPermit` keeps an
/// `Arc` of it.
///
/// Leaking a permit (`mem::forget`) loses its permits until a raw [`release`](Semaphore::release), as
/// [`forget`](Self::forget) does on purpose.
///
/// # Panics
///
/// Dropping a permit panics if raw [`release`](Semaphore::release) calls have already given back what it holds, so
/// that the count would pass the maximum; the count is then as before, and what it held stays out. At the very moment
/// of an acquisition or of resizes on other threads it may go unseen, and a permit dropped at that moment may be taken
/// for the culprit too. Also if a waker that
/// it fires panics, after all the others were fired.
#[must_use = "a permit is given back as soon as it is dropped"]
#[clippy::has_significant_drop]
pub struct Permit<H: Handle> {
    handle: H,
    permits: usize,
}

/// A permit that keeps its semaphore alive.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub type OwnedPermit = Permit<alloc::sync::Arc<Semaphore>>;

impl<H: Handle> Permit<H> {
    #[inline]
    pub(super) fn new(handle: H, permits: usize) -> Self {
        Self { handle, permits }
    }

    /// How many permits this holds.
    #[inline]
    pub fn permits(&self) -> usize {
        self.permits
    }

    /// The semaphore that they belong to.
    #[inline]
    pub fn semaphore(&self) -> &Semaphore {
        self.handle.semaphore()
    }

    /// The handle through which the semaphore is reached.
    #[inline]
    pub fn handle(&self) -> &H {
        &self.handle
    }

    /// Keeps the permits taken out of the semaphore without a guard. A raw [`release`](Semaphore::release) returns
    /// them; the maximum does not move.
    pub fn forget(mut self) {
        // Only the count is given up: the handle is dropped as ever.
        self.permits = 0;
    }

    /// Takes `n` of the permits off into one of their own; `None`, and nothing changes, if this holds fewer.
    #[must_use = "the part that was split off is given back as soon as it is dropped"]
    pub fn split(&mut self, n: usize) -> Option<Self>
    where
        H: Clone,
    {
        let rest = self.permits.checked_sub(n)?;
        // The clone may panic: it comes before any change.
        let handle = self.handle.clone();
        self.permits = rest;
        Some(Self::new(handle, n))
    }

    /// Adds the permits of `other` to this one.
    ///
    /// # Panics
    ///
    /// If the two belong to different semaphores: naming both counts. This permit is unchanged; `other`, moved in, is
    /// dropped, so its permits go back to its own semaphore.
    #[track_caller]
    pub fn merge(&mut self, mut other: Self) {
        assert!(
            core::ptr::eq(self.semaphore(), other.semaphore()),
            "cannot merge {} and {} permits of different semaphores",
            self.permits,
            other.permits
        );
        // Together at most what a semaphore has, unless raw releases gave back what guards hold; then their drop
        // panics.
        self.permits = self.permits.saturating_add(other.permits);
        other.permits = 0;
    }
}

impl<H: Handle> Drop for Permit<H> {
    #[inline]
    fn drop(&mut self) {
        if self.permits > 0 {
            self.handle.semaphore().give_back(self.permits);
        }
    }
}

impl<H: Handle> fmt::Debug for Permit<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("permits", &self.permits).field("semaphore", self.semaphore()).finish()
    }
}
