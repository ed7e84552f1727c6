//! The weighted semaphore.
//!
//! One word holds the free permits, a `CLOSED` and a `QUEUED` bit ([`state`]); a second the maximum, and a copy of
//! `QUEUED` as a hint ([`limit`]); the waker core ([`crate::wait`]) holds who waits. While nobody is queued, acquire is
//! one compare-exchange and a guard's release one addition. With `QUEUED` set both go on under the queue's lock.
//!
//! # Invariants
//!
//! - **P1** `count + out = max`, where `out` is what permits, granted waiters and raw holders have (forgotten and
//!   drained permits included). The count falls below zero only by a reduction.
//! - **P2** While `QUEUED` is set, the count falls only under the queue's lock. It may rise outside: by a guard that
//!   expected nobody in the queue, and that comes for the lock next. `QUEUED` is set before a waiter is linked, and
//!   cleared, under the same lock, when none is left, or when all that are left are refused because of the close.
//! - **P3** Whenever the lock is free and no call is under way, the front waiter does not fit the count.
//! - **P4** The maximum changes only under the lock, and is never seen above what the count belongs to: an addition
//!   raises the count first, a reduction lowers the maximum first. So a raw release that fits the maximum outside the
//!   lock is no over-release, and one that does not fit asks again under the lock, where the maximum stands still.
//! - **P5** A guard's permits fit by P1, unless raw releases have given them back already. So a guard adds them first;
//!   if the count is above the maximum then, seen under the lock, it takes them out again and panics. After such a
//!   mistake of the caller, another guard that comes back at the same moment may see the excess too, and do the same.
//!
//! # Ordering
//!
//! A release publishes (Release on the state word) to the acquisition that takes its permits (Acquire on the same
//! word); all changes of the word are read-modify-writes, so a later one continues the release sequence of those
//! before it. Who grants has read the word under the lock with Acquire, so it has seen what every holder wrote before
//! releasing the permits at hand without the lock; those who released under it are ordered by it. It passes that on
//! through the waiter's status word (`crate::wait`, ordering).

mod acquire;
mod error;
mod grant;
mod limit;
mod permit;
mod resize;
mod state;
mod until;
mod verdict;

use core::fmt;

pub use acquire::Acquire;
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use acquire::AcquireOwned;
pub use error::{AcquireError, AcquireUntilError, TryAcquireError};
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub use permit::OwnedPermit;
pub use permit::{Handle, Permit};
pub use until::AcquireUntil;

use crate::cancel::Cancellation;
use crate::message::Message;
use crate::sync::Ordering;
use crate::wait::{Queue, wake_in_rounds};
use limit::{AtomicLimit, Limit};
use state::{AtomicState, MAX_PERMITS, State};
use verdict::Verdict;

/// A weighted, strictly fair semaphore for tasks and threads.
///
/// It has a number of permits. [`acquire`](Self::acquire) waits for `n` of them at once, [`Permit`] gives them back
/// when dropped. Waiting allocates nothing: the place in the queue lives in the future. While nobody waits, an
/// acquisition and a release are one atomic read-modify-write each, without a lock.
///
/// # Fairness
///
/// Strictly first in, first out by first poll: a request is queued when its future is first polled, and nobody passes
/// a queued request, [`try_acquire`](Self::try_acquire) included, even if it would fit: a large request cannot starve.
/// A release wakes as many requests from the front as fit.
///
/// **The trap that comes with it**: permits are handed to the front request itself. A future that is at the front but
/// is not polled (left aside in a `select!` loop or a `FuturesUnordered` that is not driven, or forgotten with
/// `mem::forget`) holds up all behind it, and one that was granted holds its permits until it is polled or dropped.
/// The cure: drop an acquisition that you do not go on polling, or give it a task of its own.
///
/// # Cancel safety
///
/// Dropping an [`Acquire`] at any time loses nothing: a queued one leaves the queue, and if it was in front those who
/// fit now are granted; a granted one gives its permits back. Its place in the queue is lost.
///
/// # Memory ordering
///
/// What was written before permits are released happens before what follows the acquisition that takes them. `close`
/// happens before a return of `Closed`.
///
/// # Go
///
/// `semaphore.Weighted`. What differs: a request above the maximum fails at once (Go hangs until its context ends);
/// a request for zero behind a cancelled front is granted (Go misses it); permits are guards; it can be closed and
/// resized; `Acquire`'s context is a cancellation, dropping the future, or a deadline for threads.
///
/// # Examples
///
/// ```
/// # #[cfg(feature = "std")] {
/// use xsync::Semaphore;
///
/// let semaphore = Semaphore::new(3);
/// let two = semaphore.try_acquire(2).unwrap();
/// assert!(semaphore.try_acquire(2).is_err());
/// drop(two);
/// let all = semaphore.acquire(3).wait().unwrap(); // or, in a task: semaphore.acquire(3).await
/// assert_eq!(all.permits(), 3);
/// # }
/// ```
#[doc(alias = "Weighted")]
pub struct Semaphore {
    state: AtomicState,
    limit: AtomicLimit,
    queue: Queue<usize, Verdict>,
}

impl Semaphore {
    /// The largest number of permits that a semaphore can have: a sixteenth of a word.
    pub const MAX_PERMITS: usize = MAX_PERMITS;

    const_fn! {
        /// A semaphore with `permits` permits, all free, which is also its maximum.
        ///
        /// # Panics
        ///
        /// If `permits` is above [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[doc(alias = "NewWeighted")]
        #[must_use]
        #[track_caller]
        pub const fn new(permits: usize) -> Self {
            Self::with_max(permits, permits)
        }
    }

    const_fn! {
        /// A semaphore of at most `max` permits, `permits` of which are free now and the rest out, to be
        /// [released](Self::release) by whoever knows why.
        ///
        /// # Panics
        ///
        /// If `permits` is above `max`, or `max` above [`MAX_PERMITS`](Self::MAX_PERMITS).
        #[must_use]
        #[track_caller]
        pub const fn with_max(permits: usize, max: usize) -> Self {
            if permits > max {
                let message = Message::new().number(permits).text(" permits are more than the maximum of ").number(max);
                panic!("{}", message.as_str());
            }
            if max > MAX_PERMITS {
                let message =
                    Message::new().text("a maximum of ").number(max).text(" is above MAX_PERMITS, ").number(MAX_PERMITS);
                panic!("{}", message.as_str());
            }
            Self {
                state: AtomicState::new(State::new(permits)),
                limit: AtomicLimit::new(Limit::new(max)),
                queue: Queue::new(),
            }
        }
    }

    /// Waits for `permits` permits.
    ///
    /// Nothing happens until the future is polled; the first poll takes the permits if they are free and nobody is
    /// queued, else a place in the queue. A request for zero is granted at once while nobody is queued, even if no
    /// permit is left, and otherwise waits for its turn like any other. For threads: `wait` on the future, and its
    /// timed forms.
    ///
    /// # Errors
    ///
    /// [`AcquireError::ExceedsMax`] at once if `permits` is above the maximum, or as soon as a reduction puts the
    /// maximum below it; [`AcquireError::Closed`] if the semaphore is closed before the grant.
    ///
    /// # Cancel safety
    ///
    /// See the [type](Self#cancel-safety).
    #[doc(alias = "Acquire")]
    #[inline]
    pub fn acquire(&self, permits: usize) -> Acquire<&Self> {
        Acquire::new(self, permits)
    }

    /// As [`acquire`](Self::acquire), with a permit that keeps the semaphore alive.
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[inline]
    pub fn acquire_owned(self: &alloc::sync::Arc<Self>, permits: usize) -> AcquireOwned {
        Acquire::new(alloc::sync::Arc::clone(self), permits)
    }

    /// As [`acquire`](Self::acquire), through any [`Handle`].
    #[inline]
    pub fn acquire_with<H: Handle>(handle: H, permits: usize) -> Acquire<H> {
        Acquire::new(handle, permits)
    }

    /// As [`acquire`](Self::acquire), until `cancellation` is cancelled: a `CancelToken` or a
    /// [`CancelFlag`](crate::CancelFlag).
    ///
    /// A cancellation that happens before this returns wins, also over free permits and over a grant: then nothing is
    /// held. For other handles there is [`Acquire::until`].
    ///
    /// # Errors
    ///
    /// [`AcquireUntilError::Cancelled`], else as [`acquire`](Self::acquire).
    ///
    /// # Cancel safety
    ///
    /// See the [type](Self#cancel-safety).
    ///
    /// # Go
    ///
    /// `Acquire` with a context.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "std")] {
    /// use xsync::{AcquireUntilError, CancelToken, Semaphore};
    ///
    /// let semaphore = Semaphore::new(1);
    /// let token = CancelToken::new();
    /// let permit = semaphore.acquire_until(1, &token).wait().unwrap();
    ///
    /// token.cancel();
    /// drop(permit);
    /// let refused = semaphore.acquire_until(1, &token).wait(); // although one is free
    /// assert_eq!(refused.unwrap_err(), AcquireUntilError::Cancelled);
    /// # }
    /// ```
    #[doc(alias = "Acquire")]
    pub fn acquire_until<'a>(
        &'a self,
        permits: usize,
        cancellation: &'a impl Cancellation,
    ) -> AcquireUntil<'a, &'a Self> {
        self.acquire(permits).until(cancellation)
    }

    /// Takes `permits` permits now, or not at all. It never passes a queued request.
    ///
    /// # Errors
    ///
    /// [`TryAcquireError::NoPermits`] if they are not free or somebody is queued; `Closed`; `ExceedsMax`.
    #[doc(alias = "TryAcquire")]
    #[inline]
    pub fn try_acquire(&self, permits: usize) -> Result<Permit<&Self>, TryAcquireError> {
        Self::try_acquire_with(self, permits)
    }

    /// As [`try_acquire`](Self::try_acquire), with a permit that keeps the semaphore alive.
    ///
    /// # Errors
    ///
    /// As [`try_acquire`](Self::try_acquire).
    #[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
    #[inline]
    pub fn try_acquire_owned(self: &alloc::sync::Arc<Self>, permits: usize) -> Result<OwnedPermit, TryAcquireError> {
        Self::try_acquire_with(alloc::sync::Arc::clone(self), permits)
    }

    /// As [`try_acquire`](Self::try_acquire), through any [`Handle`].
    ///
    /// # Errors
    ///
    /// As [`try_acquire`](Self::try_acquire).
    #[inline]
    pub fn try_acquire_with<H: Handle>(handle: H, permits: usize) -> Result<Permit<H>, TryAcquireError> {
        let semaphore = handle.semaphore();
        match semaphore.take(permits) {
            Ok(()) => Ok(Permit::new(handle, permits)),
            Err(state) => Err(semaphore.explain(state, permits)),
        }
    }

    /// Gives `permits` permits back that were taken without a guard: by [`forget`](Permit::forget), by
    /// [`drain_permits`](Self::drain_permits), or held out at [construction](Self::with_max). Zero is allowed.
    ///
    /// # Panics
    ///
    /// If fewer permits are out than are given back (counting those that guards hold). The semaphore is unchanged. One
    /// such mistake can go unseen: when, between two instructions of this call, a resize and other releases leave the
    /// free count exactly as it was. After one that took what a guard holds, the drop of that guard may for a moment
    /// make this call's permits seem too many.
    ///
    /// Also if a waker that it fires panics, after all the others were fired.
    #[doc(alias = "Release")]
    #[inline]
    #[track_caller]
    pub fn release(&self, permits: usize) {
        if !self.give(permits) {
            self.release_slow(permits);
        }
    }

    /// Fails all queued requests, and all later ones, with `Closed`. For good: nothing reopens it.
    ///
    /// Permits granted before stay valid, also those granted to a future that was not polled since.
    ///
    /// # Panics
    ///
    /// If a waker that it fires panics, after all the others were fired.
    pub fn close(&self) {
        wake_in_rounds(|batch| {
            self.queue.with(|locked| {
                // ORDERING: Relaxed: the flags change only under the lock, which is held.
                let state = self.state.load(Ordering::Relaxed);
                // ORDERING: Release: what the closer wrote, to who reads `CLOSED` (`take`, `is_closed`).
                self.state.step(state, state.closed().with_queued(false), Ordering::Release);
                self.hint(false);
                // Nobody queues from now on (`serve`), and nobody in line is granted (`settle`).
                !locked.resolve_all(Verdict::Closed, batch)
            })
        });
    }

    /// Whether [`close`](Self::close) has been called.
    #[inline]
    pub fn is_closed(&self) -> bool {
        // ORDERING: Acquire: what the closer wrote before, published by the Release step in `close`.
        self.state.load(Ordering::Acquire).is_closed()
    }

    /// The number of free permits at this moment; zero while there is debt.
    ///
    /// More than zero does not mean that a request fits: permits may be waiting for a larger request in front. While
    /// [`add_permits`](Self::add_permits) is under way on another thread, it may be ahead of
    /// [`max_permits`](Self::max_permits).
    #[inline]
    pub fn available_permits(&self) -> usize {
        // ORDERING: Relaxed: a number that may be old as soon as it is read.
        usize::try_from(self.state.load(Ordering::Relaxed).count()).unwrap_or(0)
    }

    /// The maximum: what could be free if nothing was out.
    #[inline]
    pub fn max_permits(&self) -> usize {
        // ORDERING: Relaxed: a number that may be old as soon as it is read.
        self.limit.load(Ordering::Relaxed).max()
    }

    /// Takes `n` permits if a newcomer may; else says what it saw.
    #[inline]
    fn take(&self, n: usize) -> Result<(), State> {
        // ORDERING: Acquire: a refusal may conclude that the semaphore was closed (`explain`).
        let mut state = self.state.load(Ordering::Acquire);
        loop {
            let next = state.taken(n).ok_or(state)?;
            // ORDERING: Acquire: what the holders before wrote, published as they released (`give_back`, `give`).
            // Acquire on failure: as the load above.
            match self.state.exchange(state, next, Ordering::Acquire, Ordering::Acquire) {
                Ok(()) => return Ok(()),
                Err(now) => state = now,
            }
        }
    }

    /// Gives `n` permits back if nobody is queued and they fit the maximum, as far as can be seen without the lock.
    #[inline]
    fn give(&self, n: usize) -> bool {
        // ORDERING: Acquire: with the one of `max` below, for P4: a count that a resize has changed comes with the
        // maximum that this resize had stored before (`reduce_permits`).
        let mut state = self.state.load(Ordering::Acquire);
        while !state.is_queued() {
            // ORDERING: Acquire: a maximum that `add_permits` has raised (Release) comes after the count that it
            // raised first, so that the exchange below fails if `state` is older than that.
            let max = self.limit.load(Ordering::Acquire).max();
            let Some(next) = state.more(n, max) else { return false };
            // ORDERING: Release: what the holder wrote, to the Acquire exchange of who takes the permits (`take`,
            // `serve`) and the Acquire load of who grants them (`settle`). Acquire on failure: as the load above.
            match self.state.exchange(state, next, Ordering::Release, Ordering::Acquire) {
                Ok(()) => return true,
                Err(now) => state = now,
            }
        }
        false
    }

    /// Takes a guard's `n` permits back. They fit, unless raw releases have given them back before the guard did: so
    /// they are added first, and looked at afterwards.
    #[inline]
    fn give_back(&self, n: usize) {
        // ORDERING: Relaxed: a hint; both ways are right.
        let limit = self.limit.load(Ordering::Relaxed);
        if limit.is_queued() || n > MAX_PERMITS {
            return self.release_slow(n);
        }
        // ORDERING: Release: what the holder wrote, to who takes the permits (`take`, `serve`) or grants them
        // (`settle`). Acquire: a count that a reduction has lowered comes with its maximum (P4).
        let before = self.state.add(n, Ordering::AcqRel);
        // A resize beside the addition: the smaller maximum is suspicious first, and the lock decides.
        // ORDERING: Relaxed: a suspicion.
        let max = limit.max().min(self.limit.load(Ordering::Relaxed).max());
        if before.is_queued() || before.more(n, max).is_none() {
            self.gave_back(n);
        }
    }

    /// Why `n` permits could not be taken of `state`.
    #[cold]
    fn explain(&self, state: State, n: usize) -> TryAcquireError {
        let max = self.max_permits();
        if state.is_closed() {
            TryAcquireError::Closed
        } else if n > max {
            TryAcquireError::ExceedsMax { requested: n, max }
        } else {
            TryAcquireError::NoPermits
        }
    }
}

impl fmt::Debug for Semaphore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // ORDERING: Relaxed: for display.
        let state = self.state.load(Ordering::Relaxed);
        f.debug_struct("Semaphore")
            .field("count", &state.count())
            .field("max", &self.max_permits())
            .field("queued", &state.is_queued())
            .field("closed", &state.is_closed())
            .finish()
    }
}
