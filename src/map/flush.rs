//! Waiting until what was retired is dropped.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::collect::AtEnd;
use super::garbage::Garbage;
use super::reclaim::Reclaim;
use crate::wait::{Status, Waiter};

pin_project! {
    /// The future of [`Map::flush`](crate::Map::flush).
    #[must_use = "nothing waits unless this is polled or waited for"]
    pub struct Flush<'a, K, V> {
        reclaim: &'a Reclaim<Garbage<K, V>>,
        #[pin]
        waiter: Waiter<u64, ()>,
    }

    impl<K, V> PinnedDrop for Flush<'_, K, V> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.into_ref().project_ref();
            if let Some(queue) = this.reclaim.flushes() {
                let _attends = AtEnd(this.reclaim, Reclaim::attend);
                let left = queue.with(|locked| locked.leave(&this.waiter));
                drop(left);
            }
        }
    }
}

impl<'a, K, V> Flush<'a, K, V> {
    pub(super) fn new(reclaim: &'a Reclaim<Garbage<K, V>>) -> Self {
        Self { reclaim, waiter: Waiter::new(reclaim.begin_flush()) }
    }

    /// Blocks this thread until it is done.
    #[cfg(feature = "std")]
    pub fn wait(self) {
        crate::wait::block_on(self, None).expect("waits without a deadline");
    }

    /// Blocks this thread until it is done, or `timeout` has passed: then false.
    #[cfg(feature = "std")]
    #[must_use = "it may not be done"]
    pub fn wait_timeout(self, timeout: core::time::Duration) -> bool {
        crate::wait::block_on(self, crate::wait::deadline_after(timeout)).is_some()
    }

    /// Blocks this thread until it is done, or `deadline` has passed: then false.
    #[cfg(feature = "std")]
    #[must_use = "it may not be done"]
    pub fn wait_deadline(self, deadline: std::time::Instant) -> bool {
        crate::wait::block_on(self, Some(deadline)).is_some()
    }
}

impl<K, V> Future for Flush<'_, K, V> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.into_ref().project_ref();
        let ticket = *this.waiter.payload();
        // Who drops a batch may have found the queue taken by this.
        let _attends = AtEnd(this.reclaim, Reclaim::attend);
        match (this.waiter.status(), this.reclaim.flushes()) {
            (Status::Done, _) => Poll::Ready(()),
            (Status::Idle, Some(queue)) => {
                // Under the queue's lock, which whoever drops a batch takes after it has said so.
                queue.enqueue(this.waiter, cx.waker(), || this.reclaim.is_dropped(ticket).then_some(()))
            }
            (Status::Idle, None) => {
                this.waiter.finish();
                Poll::Ready(())
            }
            (Status::Waiting | Status::Resolved(()), queue) => {
                queue.expect("it queued").poll_waiting(this.waiter, cx.waker())
            }
        }
    }
}

impl<K, V> FusedFuture for Flush<'_, K, V> {
    fn is_terminated(&self) -> bool {
        matches!(self.waiter.status(), Status::Done)
    }
}

impl<K, V> fmt::Debug for Flush<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flush").field("status", &self.waiter.status()).finish_non_exhaustive()
    }
}
