//! A future that ends early when cancelled.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::Cancelled;

pin_project! {
    /// The future of `run_until_cancelled`: what `F` gives, or `None` if the cancellation was seen first.
    ///
    /// The cancellation is looked at before each poll of `F`, so one that was cancelled before is not begun. An output
    /// that `F` has produced is never lost. When this is `None`, `F` is dropped with it. It waits for the cancellation
    /// until it is dropped, also when it has completed.
    ///
    /// # Panics
    ///
    /// As `F`, if polled after it completed.
    #[must_use = "nothing runs unless this is polled or waited for"]
    pub struct RunUntilCancelled<'a, F> {
        #[pin]
        cancelled: Cancelled<'a>,
        #[pin]
        future: F,
    }
}

impl<'a, F: Future> RunUntilCancelled<'a, F> {
    pub(super) fn new(cancelled: Cancelled<'a>, future: F) -> Self {
        Self { cancelled, future }
    }

    /// Runs it on this thread, which sleeps while there is nothing to do.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Option<F::Output> {
        crate::wait::block_on(self, None).expect("waits without a deadline")
    }
}

impl<F: Future> Future for RunUntilCancelled<'_, F> {
    type Output = Option<F::Output>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        if this.cancelled.is_cancelled() {
            return Poll::Ready(None);
        }
        if let Poll::Ready(output) = this.future.poll(cx) {
            return Poll::Ready(Some(output));
        }
        // Registered only now, so that a future that is ready at once takes no lock.
        this.cancelled.poll(cx).map(|()| None)
    }
}

impl<F> fmt::Debug for RunUntilCancelled<'_, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunUntilCancelled").field("cancelled", &self.cancelled).finish_non_exhaustive()
    }
}
