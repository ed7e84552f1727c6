//! What the models in `loom-tests` reach below the public API.

use core::fmt;
use core::future::Future;
use core::pin::{Pin, pin};
use core::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::sync;
use crate::wait;

/// The spin backend of the queue lock, which nothing else uses under loom.
#[derive(Debug)]
pub struct SpinLock<T>(sync::SpinLock<T>);

impl<T> SpinLock<T> {
    /// Unlocked.
    pub fn new(value: T) -> Self {
        Self(sync::SpinLock::new(value))
    }

    /// Runs `f` on the value, alone.
    pub fn with<R>(&self, f: impl FnOnce(&mut T) -> R) -> R {
        self.0.with(f)
    }

    /// The same, unless somebody else has it.
    pub fn try_with<R>(&self, f: impl FnOnce(&mut T) -> R) -> Option<R> {
        self.0.try_with(f)
    }
}

/// The least primitive that the waker core can carry: who waits is resolved one by one, or all at once.
#[derive(Debug)]
pub struct Line(wait::Queue<usize, ()>);

impl Line {
    /// With nobody in it.
    pub fn new() -> Self {
        Self(wait::Queue::new())
    }

    /// Queues, with a payload, at its first poll.
    pub fn join(&self, payload: usize) -> Join<'_> {
        Join { line: self, waiter: wait::Waiter::new(payload) }
    }

    /// Resolves the front; the payloads in line before that.
    pub fn resolve_front(&self) -> Vec<usize> {
        let mut payloads = Vec::new();
        wait::wake_in_rounds(|batch| {
            self.0.with(|locked| {
                payloads.extend(locked.payloads());
                locked.resolve_front((), batch);
                false
            })
        });
        payloads
    }

    /// Resolves all who are in line now.
    pub fn resolve_all(&self) {
        let ring = pin!(wait::Ring::new());
        let ring = ring.as_ref();
        self.0.with(|locked| locked.cut(ring, |_| true));
        wait::wake_in_rounds(|batch| self.0.with(|locked| !locked.resolve_ring(ring, (), batch)));
    }

    /// The payloads in line.
    pub fn payloads(&self) -> Vec<usize> {
        self.0.with(|locked| locked.payloads().copied().collect())
    }
}

impl Default for Line {
    fn default() -> Self {
        Self::new()
    }
}

pin_project! {
    /// The future of [`Line::join`].
    #[must_use = "joins when it is polled"]
    pub struct Join<'a> {
        line: &'a Line,
        #[pin]
        waiter: wait::Waiter<usize, ()>,
    }

    impl PinnedDrop for Join<'_> {
        fn drop(this: Pin<&mut Self>) {
            let this = this.into_ref().project_ref();
            let left = this.line.0.with(|locked| locked.leave(&this.waiter));
            drop(left);
        }
    }
}

impl Future for Join<'_> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.into_ref().project_ref();
        match this.waiter.status() {
            wait::Status::Idle => this.line.0.enqueue(this.waiter, cx.waker(), || None),
            _ => this.line.0.poll_waiting(this.waiter, cx.waker()),
        }
    }
}

impl fmt::Debug for Join<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Join").field("status", &self.waiter.status()).finish_non_exhaustive()
    }
}
