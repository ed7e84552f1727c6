//! A flag that is raised once and wakes whoever waits for it.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::RunUntilCancelled;
use crate::sync::{AtomicBool, Ordering};
use crate::wait::{Left, Queue, Status, Waiter, WakeBatch, wake_in_rounds};

/// Cancellation without an allocator: set once, seen by everybody, and waited for by tasks and threads.
///
/// It can live in a `static`. It has no children and no cause.
///
/// # Memory ordering
///
/// What was written before [`cancel`](Self::cancel) happens before what follows a look that sees it cancelled.
///
/// # Go
///
/// The `Done` channel of a `context` without parent or children.
///
/// # Examples
///
/// ```
/// use xsync::CancelFlag;
///
/// static SHUTDOWN: CancelFlag = CancelFlag::new();
///
/// assert!(!SHUTDOWN.is_cancelled());
/// SHUTDOWN.cancel(); // e.g. in the task that waits for a signal
/// assert!(SHUTDOWN.is_cancelled());
/// # #[cfg(feature = "std")]
/// SHUTDOWN.cancelled().wait(); // or, in a task: SHUTDOWN.cancelled().await
/// ```
pub struct CancelFlag {
    cancelled: AtomicBool,
    queue: Queue<(), ()>,
}

impl CancelFlag {
    const_fn! {
        /// A flag that is not cancelled.
        #[must_use]
        pub const fn new() -> Self {
            Self { cancelled: AtomicBool::new(false), queue: Queue::new() }
        }
    }

    /// Cancels, once and for good. The first call returns after all who wait at that moment have been woken. (Of two
    /// at the same moment, one may return while a few wakers, a batch, are in the hands of the other; what they are to
    /// wake is resolved already.) A later call returns at once.
    ///
    /// # Panics
    ///
    /// If a waker that it fires panics, after all the others were fired.
    pub fn cancel(&self) {
        if self.is_cancelled() {
            return;
        }
        wake_in_rounds(|batch| self.raise(batch));
    }

    /// Cancels, and resolves those who wait until the batch is full; true if more are waiting. Nobody queues once it is
    /// cancelled, so this comes to an end, and any number of callers can work at it together.
    pub(super) fn raise(&self, batch: &mut WakeBatch) -> bool {
        self.queue.with(|locked| {
            // ORDERING: Release: what the canceller wrote, to the Acquire load in `is_cancelled`.
            self.cancelled.store(true, Ordering::Release);
            !locked.resolve_all((), batch)
        })
    }

    /// Polls `waiter`, which waits for this flag and no other.
    pub(crate) fn poll_waiter(&self, waiter: Pin<&Waiter<(), ()>>, cx: &mut Context<'_>) -> Poll<()> {
        match waiter.status() {
            Status::Done => Poll::Ready(()),
            Status::Idle if self.is_cancelled() => {
                waiter.finish();
                Poll::Ready(())
            }
            // ORDERING: the lock orders this look against the store in `raise`.
            Status::Idle => self.queue.enqueue(waiter, cx.waker(), || self.is_cancelled().then_some(())),
            Status::Waiting | Status::Resolved(()) => self.queue.poll_waiting(waiter, cx.waker()),
        }
    }

    /// The owner of `waiter`, which was polled with this flag if at all, gives it up. The waker is the caller's to
    /// drop: foreign code, which may panic.
    #[inline]
    pub(crate) fn leave(&self, waiter: Pin<&Waiter<(), ()>>) -> Option<Waker> {
        let Status::Waiting = waiter.status() else { return None };
        self.leave_queue(waiter)
    }

    #[cold]
    fn leave_queue(&self, waiter: Pin<&Waiter<(), ()>>) -> Option<Waker> {
        match self.queue.with(|locked| locked.leave(&waiter)) {
            Left::Unlinked { waker, .. } => Some(waker),
            Left::Before(_) => None,
        }
    }

    /// Whether it has been cancelled: one load.
    #[doc(alias = "Err")]
    #[inline]
    pub fn is_cancelled(&self) -> bool {
        // ORDERING: Acquire: what the canceller wrote before, published by the Release store in `raise`.
        self.cancelled.load(Ordering::Acquire)
    }

    /// Waits until it is cancelled. For threads: `wait` on the future, and its timed forms.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future loses nothing.
    #[doc(alias = "Done")]
    #[inline]
    pub fn cancelled(&self) -> Cancelled<'_> {
        Cancelled { flag: self, waiter: Waiter::new(()) }
    }

    /// Runs `future` until it is ready or this is cancelled, whichever is seen first: `None` if that is the latter.
    ///
    /// # Cancel safety
    ///
    /// As `future`'s. An output that `future` has produced is never lost.
    pub fn run_until_cancelled<F: Future>(&self, future: F) -> RunUntilCancelled<'_, F> {
        RunUntilCancelled::new(self.cancelled(), future)
    }
}

impl Default for CancelFlag {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for CancelFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelFlag").field("cancelled", &self.is_cancelled()).finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`CancelFlag::cancelled`] and `CancelToken::cancelled`. Polled again after it completed, it is
    /// ready again.
    #[must_use = "nothing waits unless this is polled or waited for"]
    pub struct Cancelled<'a> {
        flag: &'a CancelFlag,
        #[pin]
        waiter: Waiter<(), ()>,
    }

    impl PinnedDrop for Cancelled<'_> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.into_ref().project_ref();
            drop(this.flag.leave(this.waiter));
        }
    }
}

impl Cancelled<'_> {
    /// Whether what it waits for has been cancelled.
    pub(crate) fn is_cancelled(&self) -> bool {
        self.flag.is_cancelled()
    }

    /// Stops waiting, if it does.
    pub(crate) fn leave(self: Pin<&mut Self>) {
        let this = self.into_ref().project_ref();
        drop(this.flag.leave(this.waiter));
    }

    /// Blocks this thread until the flag is cancelled.
    #[cfg(feature = "std")]
    pub fn wait(self) {
        crate::wait::block_on(self, None).expect("waits without a deadline");
    }

    /// Blocks this thread until the flag is cancelled, or `timeout` has passed: then false.
    #[cfg(feature = "std")]
    #[must_use = "it may not have been cancelled"]
    pub fn wait_timeout(self, timeout: core::time::Duration) -> bool {
        crate::wait::block_on(self, crate::wait::deadline_after(timeout)).is_some()
    }

    /// Blocks this thread until the flag is cancelled, or `deadline` has passed: then false.
    #[cfg(feature = "std")]
    #[must_use = "it may not have been cancelled"]
    pub fn wait_deadline(self, deadline: std::time::Instant) -> bool {
        crate::wait::block_on(self, Some(deadline)).is_some()
    }
}

impl Future for Cancelled<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.into_ref().project_ref();
        this.flag.poll_waiter(this.waiter, cx)
    }
}

impl FusedFuture for Cancelled<'_> {
    fn is_terminated(&self) -> bool {
        matches!(self.waiter.status(), Status::Done)
    }
}

impl fmt::Debug for Cancelled<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cancelled").field("flag", self.flag).field("status", &self.waiter.status()).finish()
    }
}
