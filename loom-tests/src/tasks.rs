//! Tasks without an executor.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Wake, Waker};

/// A waker that counts how often it is fired.
///
/// Its atomics are std's: to loom, firing it orders nothing, so what a woken task sees must have been published by the
/// library.
#[derive(Debug, Clone)]
pub struct Counter(Arc<Wakes>);

#[derive(Debug, Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Relaxed);
    }
}

impl Counter {
    /// Not fired yet.
    #[must_use]
    pub fn new() -> Self {
        let wakes = Arc::default();
        // Never freed, so that its address is no other's: wakers are told apart by it, and a model has to go the same way
        // each time that it makes the same choices.
        core::mem::forget(Arc::clone(&wakes));
        Self(wakes)
    }

    /// How often it was fired.
    #[must_use]
    pub fn wakes(&self) -> usize {
        self.0.0.load(Relaxed)
    }

    /// How many wakers of it exist: zero once all are fired or dropped.
    #[must_use]
    pub fn kept(&self) -> usize {
        Arc::strong_count(&self.0) - 2
    }

    /// Polls `future`, to be woken through this.
    pub fn poll<F: Future>(&self, future: Pin<&mut F>) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.0));
        future.poll(&mut Context::from_waker(&waker))
    }
}

/// One poll, with nobody to wake.
pub fn poll<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls until ready, without being woken: what the future then shows was not ordered by a wake.
pub fn poll_until_ready<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    loop {
        match poll(future.as_mut()) {
            Poll::Ready(output) => return output,
            Poll::Pending => loom::thread::yield_now(),
        }
    }
}

/// A value that is never freed, so that futures which borrow it can move to another thread.
pub fn forever<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}
