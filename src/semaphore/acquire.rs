//! The future of an acquisition.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::verdict::Verdict;
use super::{AcquireError, Handle, Permit};
use crate::wait::{Status, Waiter};

pin_project! {
    /// The future of [`Semaphore::acquire`](crate::Semaphore::acquire),
    /// [`acquire_owned`](crate::Semaphore::acquire_owned) and [`acquire_with`](crate::Semaphore::acquire_with).
    ///
    /// # Cancel safety
    ///
    /// Dropping it at any time loses nothing; see the [semaphore](crate::Semaphore#cancel-safety).
    ///
    /// # Panics
    ///
    /// If polled after it completed. Dropping it panics as dropping a [`Permit`] does, if it was granted, or if a waker
    /// that it fires does, after all the others were fired.
    #[must_use = "an acquisition does nothing unless it is polled or waited for"]
    pub struct Acquire<H: Handle> {
        // The weight, and a place in the queue of `handle`'s semaphore.
        #[pin]
        waiter: Waiter<usize, Verdict>,
        // Moves into the permit; none once completed.
        handle: Option<H>,
    }

    impl<H: Handle> PinnedDrop for Acquire<H> {
        fn drop(this: Pin<&mut Self>) {
            this.give_up();
        }
    }
}

/// An acquisition whose permit keeps the semaphore alive.
#[cfg(all(feature = "alloc", target_has_atomic = "ptr"))]
pub type AcquireOwned = Acquire<alloc::sync::Arc<super::Semaphore>>;

impl<H: Handle> Acquire<H> {
    #[inline]
    pub(super) fn new(handle: H, permits: usize) -> Self {
        Self { waiter: Waiter::new(permits), handle: Some(handle) }
    }

    /// Blocks this thread until the permits are granted, in the same queue as tasks.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Result<Permit<H>, AcquireError> {
        crate::wait::block_on(self, None).expect("waits without a deadline")
    }

    /// Blocks this thread until the permits are granted or `timeout` has passed: then `None`, and nothing is held.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    #[must_use = "it may not have been granted, or be given back at once"]
    pub fn wait_timeout(self, timeout: core::time::Duration) -> Option<Result<Permit<H>, AcquireError>> {
        crate::wait::block_on(self, crate::wait::deadline_after(timeout))
    }

    /// Blocks this thread until the permits are granted or `deadline` has passed: then `None`, and nothing is held.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    #[must_use = "it may not have been granted, or be given back at once"]
    pub fn wait_deadline(self, deadline: std::time::Instant) -> Option<Result<Permit<H>, AcquireError>> {
        crate::wait::block_on(self, Some(deadline))
    }
}

impl<H: Handle> Future for Acquire<H> {
    type Output = Result<Permit<H>, AcquireError>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.as_ref().project_ref();
        let granted = match (this.waiter.status(), this.handle) {
            (Status::Idle, Some(handle)) => handle.semaphore().take(*this.waiter.payload()).is_ok(),
            (status, _) => status == Status::Resolved(Verdict::Granted),
        };
        if granted { Poll::Ready(self.complete(Verdict::Granted)) } else { self.poll_slow(cx) }
    }
}

impl<H: Handle> Acquire<H> {
    /// Not free at the first poll, or not granted at a later one.
    #[cold]
    fn poll_slow(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Result<Permit<H>, AcquireError>> {
        let this = self.as_ref().project_ref();
        let semaphore = this.handle.as_ref().expect("`Acquire` polled after it completed").semaphore();
        let verdict = match this.waiter.status() {
            Status::Idle => {
                let serve = || semaphore.serve(*this.waiter.payload());
                ready!(semaphore.queue.enqueue(this.waiter, cx.waker(), serve))
            }
            Status::Resolved(verdict) => verdict,
            Status::Waiting | Status::Done => ready!(semaphore.queue.poll_waiting(this.waiter, cx.waker())),
        };
        Poll::Ready(self.complete(verdict))
    }

    /// Ends without a result, if it has not ended yet: leaves the queue, or gives back what was granted.
    pub(super) fn give_up(self: Pin<&mut Self>) {
        let this = self.project();
        // Taken first: should a waker panic, the drop that follows finds nothing left to do.
        let Some(handle) = this.handle.take() else { return };
        let waiter = this.waiter.into_ref();
        if let Status::Waiting | Status::Resolved(_) = waiter.status() {
            handle.semaphore().cancel(waiter);
        }
    }

    /// The verdict as a result; the handle moves into the permit.
    #[inline]
    fn complete(self: Pin<&mut Self>, verdict: Verdict) -> Result<Permit<H>, AcquireError> {
        let this = self.project();
        this.waiter.finish();
        let requested = *this.waiter.payload();
        let handle = this.handle.take().expect("completes once");
        match verdict {
            Verdict::Granted => Ok(Permit::new(handle, requested)),
            Verdict::Closed => Err(AcquireError::Closed),
            Verdict::ExceedsMax { max } => Err(AcquireError::ExceedsMax { requested, max }),
        }
    }
}

impl<H: Handle> FusedFuture for Acquire<H> {
    fn is_terminated(&self) -> bool {
        self.handle.is_none()
    }
}

impl<H: Handle> fmt::Debug for Acquire<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire")
            .field("permits", self.waiter.payload())
            .field("status", &self.waiter.status())
            .finish_non_exhaustive()
    }
}
