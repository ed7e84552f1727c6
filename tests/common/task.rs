//! A future in a box that is polled by hand.

use core::future::Future;
use core::pin::Pin;
use core::task::{Poll, Waker};
use std::sync::Arc;

use super::{CountingWaker, kept, poll_with};

/// A future with a waker of its own that counts.
pub(crate) struct Task<F> {
    future: Pin<Box<F>>,
    counter: Arc<CountingWaker>,
}

impl<F: Future> Task<F> {
    pub(crate) fn new(future: F) -> Self {
        Self { future: Box::pin(future), counter: CountingWaker::new() }
    }

    /// A future that waits: its first poll must be pending.
    #[track_caller]
    pub(crate) fn queued(future: F) -> Self {
        let mut task = Self::new(future);
        task.assert_pending();
        task
    }

    /// A future that waits, with `waker` in place of the counting one.
    #[track_caller]
    pub(crate) fn queued_with(future: F, waker: &Waker) -> Self {
        let mut task = Self::new(future);
        assert!(task.poll_with(waker).is_pending(), "was to wait");
        task
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        poll_with(self.future.as_mut(), &self.counter.waker())
    }

    pub(crate) fn poll_with(&mut self, waker: &Waker) -> Poll<F::Output> {
        poll_with(self.future.as_mut(), waker)
    }

    #[track_caller]
    pub(crate) fn assert_pending(&mut self) {
        assert!(self.poll().is_pending(), "was to wait");
    }

    /// The output, which must be there.
    #[track_caller]
    pub(crate) fn ready(&mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("was to be ready"),
        }
    }

    pub(crate) fn future(&self) -> &F {
        &self.future
    }

    /// How often its waker was fired.
    pub(crate) fn wakes(&self) -> usize {
        self.counter.wakes()
    }

    /// The clones of its waker that somebody keeps.
    pub(crate) fn kept(&self) -> usize {
        kept(&self.counter)
    }

    /// The future, and the counter of its wakes.
    pub(crate) fn into_parts(self) -> (Pin<Box<F>>, Arc<CountingWaker>) {
        (self.future, self.counter)
    }

    /// Drops the future, and leaves the counter of its wakes.
    pub(crate) fn cancel(self) -> Arc<CountingWaker> {
        drop(self.future);
        self.counter
    }
}
