//! The future of a spawn: waits for a slot, then starts the child.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::{Child, Refused, Spawner};
use crate::semaphore::{AcquireUntil, Semaphore};

pin_project! {
    /// The future of `spawn`.
    ///
    /// # Panics
    ///
    /// If polled after it completed.
    #[must_use = "nothing is spawned unless this is polled or waited for"]
    pub struct Spawn<'a, F, S, E> {
        spawner: &'a Spawner<E>,
        // None in a group without a limit.
        #[pin]
        slot: Option<AcquireUntil<'a, &'a Semaphore>>,
        // None once completed.
        work: Option<(F, S)>,
    }
}

impl<'a, F, S, E> Spawn<'a, F, S, E> {
    #[inline]
    pub(super) fn new(spawner: &'a Spawner<E>, future: F, spawn: S) -> Self {
        let slots = spawner.shared.slots.as_ref();
        let slot = slots.map(|slots| slots.acquire_until(1, &spawner.shared.token));
        Self { spawner, slot, work: Some((future, spawn)) }
    }
}

impl<F, S, R, T, E> Spawn<'_, F, S, E>
where
    F: Future<Output = Result<T, E>>,
    S: FnOnce(Child<F, E>) -> R,
{
    /// Blocks this thread until there is a slot, and starts the child.
    ///
    /// # Errors
    ///
    /// As awaiting it.
    #[cfg(feature = "std")]
    pub fn wait(self) -> Result<R, Refused<F>> {
        crate::wait::block_on(self, None).expect("waits without a deadline")
    }
}

impl<F, S, R, T, E> Future for Spawn<'_, F, S, E>
where
    F: Future<Output = Result<T, E>>,
    S: FnOnce(Child<F, E>) -> R,
{
    type Output = Result<R, Refused<F>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        assert!(this.work.is_some(), "`Spawn` polled after it completed");
        let slot = match this.slot.as_mut().as_pin_mut() {
            // Cancelled is the only error: the slots are never closed, and one is within the limit.
            Some(slot) => ready!(slot.poll(cx)).ok().map(Some),
            None => (!this.spawner.token().is_cancelled()).then_some(None),
        };
        let (future, spawn) = this.work.take().expect("completes once");
        Poll::Ready(match slot {
            Some(slot) => this.spawner.start(future, spawn, slot),
            None => Err(this.spawner.refuse(future)),
        })
    }
}

impl<F, S, R, T, E> FusedFuture for Spawn<'_, F, S, E>
where
    F: Future<Output = Result<T, E>>,
    S: FnOnce(Child<F, E>) -> R,
{
    fn is_terminated(&self) -> bool {
        self.work.is_none()
    }
}

impl<F, S, E> fmt::Debug for Spawn<'_, F, S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawn").field("spawner", self.spawner).finish_non_exhaustive()
    }
}
