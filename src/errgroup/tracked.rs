//! A child that waits for its slot by itself.

use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll, ready};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::Child;
use super::seat::Seat;
use super::shared::Shared;
use crate::semaphore::{Acquire, Handle, Semaphore};

/// The slots of a group, reached by a child that keeps the group's memory by its seat.
pub(super) struct Slots<E>(NonNull<Shared<E>>);

// SAFETY: as for `Seat`; only the semaphore in it is used.
unsafe impl<E: Send> Send for Slots<E> {}
// SAFETY: as above.
unsafe impl<E: Send> Sync for Slots<E> {}

// SAFETY: the semaphore is in memory that the seat of the same child keeps: `Tracked` drops its acquisition before its
// child. A group that has no limit has no `Slots`.
unsafe impl<E> Handle for Slots<E> {
    fn semaphore(&self) -> &Semaphore {
        // SAFETY: kept by the seat of the same child (G1).
        let shared = unsafe { self.0.as_ref() };
        shared.slots.as_ref().expect("a group with a limit")
    }
}

pin_project! {
    /// A child that is counted already, and, in a group with a limit, waits for its slot as the first thing it does.
    ///
    /// All that is said of [`Child`] is true of it. Granted a slot and not polled, it keeps it from the others. One
    /// that is still waiting for its slot when the group is cancelled is not begun.
    #[must_use = "a child does nothing unless it is spawned, polled or waited for"]
    pub struct Tracked<F, E> {
        // Before the child, whose seat keeps what it refers to.
        #[pin]
        slot: Option<Acquire<Slots<E>>>,
        #[pin]
        child: Child<F, E>,
    }
}

impl<F, E> Tracked<F, E> {
    pub(super) fn new(seat: Seat<E>, future: F) -> Self {
        let shared = seat.shared();
        let slots = shared.slots.as_ref().map(|_| Slots(NonNull::from(shared)));
        Self { slot: slots.map(|slots| Semaphore::acquire_with(slots, 1)), child: Child::new(seat, future) }
    }

    /// Waits for a slot, or until the group is cancelled, which the child finds out for itself.
    fn poll_slot(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(slot) = this.slot.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        if let Poll::Ready(permit) = slot.poll(cx) {
            permit.expect("the slots are never closed, and one is within the limit").forget();
            this.slot.set(None);
            this.child.hold_slot();
        } else {
            ready!(this.child.poll_cancelled(cx));
            this.slot.set(None);
        }
        Poll::Ready(())
    }
}

impl<F, T, E> Tracked<F, E>
where
    F: Future<Output = Result<T, E>>,
{
    /// Runs it on this thread, which sleeps while there is nothing to do.
    ///
    /// # Panics
    ///
    /// As polling it.
    #[cfg(feature = "std")]
    pub fn wait(self) {
        crate::wait::block_on(self, None).expect("waits without a deadline");
    }
}

impl<F, T, E> Future for Tracked<F, E>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        assert!(self.child.seat().is_some(), "`Tracked` polled after it completed");
        ready!(self.as_mut().poll_slot(cx));
        self.project().child.poll(cx)
    }
}

impl<F, T, E> FusedFuture for Tracked<F, E>
where
    F: Future<Output = Result<T, E>>,
{
    fn is_terminated(&self) -> bool {
        self.child.is_terminated()
    }
}

impl<F, E> fmt::Debug for Tracked<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tracked").field("queued", &self.slot.is_some()).field("child", &self.child).finish()
    }
}
