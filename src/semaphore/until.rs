//! The future of an acquisition that a cancellation ends.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::{Acquire, AcquireUntilError, Handle, Permit};
use crate::cancel::{Cancellation, Cancelled};

pin_project! {
    /// The future of [`Semaphore::acquire_until`](crate::Semaphore::acquire_until) and [`Acquire::until`].
    ///
    /// # Cancel safety
    ///
    /// As [`Acquire`]: dropping it at any time loses nothing.
    ///
    /// # Panics
    ///
    /// As [`Acquire`]. If it ends by the cancellation, also in `poll` as dropping an [`Acquire`] does.
    #[must_use = "an acquisition does nothing unless it is polled or waited for"]
    pub struct AcquireUntil<'a, H: Handle> {
        #[pin]
        acquire: Acquire<H>,
        #[pin]
        cancelled: Cancelled<'a>,
    }
}

impl<H: Handle> Acquire<H> {
    /// Ends the acquisition when `cancellation` is cancelled, which wins over a grant that this has not returned yet.
    ///
    /// This is [`acquire_until`](crate::Semaphore::acquire_until) for any handle.
    ///
    /// # Errors
    ///
    /// [`AcquireUntilError::Cancelled`], else as awaiting the acquisition.
    pub fn until(self, cancellation: &impl Cancellation) -> AcquireUntil<'_, H> {
        AcquireUntil { acquire: self, cancelled: cancellation.flag().cancelled() }
    }
}

impl<'a, H: Handle> AcquireUntil<'a, H> {
    /// Blocks this thread until the permits are granted or the cancellation comes, in the same queue as tasks.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Result<Permit<H>, AcquireUntilError> {
        crate::wait::block_on(self, None).expect("waits without a deadline")
    }

    /// As [`wait`](Self::wait), or until `timeout` has passed: then `None`, and nothing is held.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    #[must_use = "it may not have been granted, or be given back at once"]
    pub fn wait_timeout(self, timeout: core::time::Duration) -> Option<Result<Permit<H>, AcquireUntilError>> {
        crate::wait::block_on(self, crate::wait::deadline_after(timeout))
    }

    /// As [`wait`](Self::wait), or until `deadline` has passed: then `None`, and nothing is held.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    #[must_use = "it may not have been granted, or be given back at once"]
    pub fn wait_deadline(self, deadline: std::time::Instant) -> Option<Result<Permit<H>, AcquireUntilError>> {
        crate::wait::block_on(self, Some(deadline))
    }
}

impl<H: Handle> Future for AcquireUntil<'_, H> {
    type Output = Result<Permit<H>, AcquireUntilError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        assert!(!this.acquire.is_terminated(), "`AcquireUntil` polled after it completed");
        if !this.cancelled.is_cancelled() {
            let acquired = this.acquire.as_mut().poll(cx);
            if acquired.is_ready() {
                this.cancelled.as_mut().leave();
            }
            // Looked at again: what was cancelled before the return wins, and the permit goes back.
            if !this.cancelled.is_cancelled() {
                if let Poll::Ready(acquired) = acquired {
                    return Poll::Ready(acquired.map_err(AcquireUntilError::from));
                }
                if this.cancelled.poll(cx).is_pending() {
                    return Poll::Pending;
                }
            }
        }
        this.acquire.give_up();
        Poll::Ready(Err(AcquireUntilError::Cancelled))
    }
}

impl<H: Handle> FusedFuture for AcquireUntil<'_, H> {
    fn is_terminated(&self) -> bool {
        self.acquire.is_terminated()
    }
}

impl<H: Handle> fmt::Debug for AcquireUntil<'_, H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcquireUntil").field("acquire", &self.acquire).finish_non_exhaustive()
    }
}
