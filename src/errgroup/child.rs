//! A child as a future, for whoever polls it.

use core::fmt;
use core::future::Future;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use futures_core::FusedFuture;
use pin_project_lite::pin_project;

use super::seat::Seat;
use super::{GroupError, Panic};
use crate::wait::Waiter;

pin_project! {
    /// A future as a child of a group, to be spawned anywhere: on an executor, on a thread, or polled in place.
    ///
    /// It is counted until it has finished, or is dropped. Then the future that it wraps has been dropped before.
    ///
    /// - A future that has not begun when the group is cancelled is not begun.
    /// - One that has begun sees the cancellation by the group's token, if it looks, and is left to end by itself; in a
    ///   group that [aborts on cancel](super::GroupBuilder::abort_on_cancel) it is dropped at its next poll, which the
    ///   cancellation brings about.
    /// - A child that is dropped before it has finished counts as [aborted](GroupError::Aborted), unless the group, or
    ///   a token above it, was cancelled; with `std`, as [panicked](GroupError::Panicked) if its thread is panicking.
    /// - What is dropped with another child's future, this one held in it for example, is dropped before that one's
    ///   error is known: the outcome is then that this one was aborted.
    /// - One that is never dropped (`mem::forget`) and not polled to its end keeps the group waiting for ever.
    ///
    /// # Panics
    ///
    /// A panic of the future is recorded as the group's failure, then goes on to who polls; in a group that [captures
    /// panics](super::GroupBuilder::capture_panics) it ends here. Also if polled after it completed, or if a waker that
    /// it fires panics.
    #[must_use = "a child does nothing unless it is spawned, polled or waited for"]
    pub struct Child<F, E> {
        #[pin]
        future: Option<F>,
        // Waits for the cancellation of a group that aborts.
        #[pin]
        waiter: Waiter<(), ()>,
        // None once it has ended.
        seat: Option<Seat<E>>,
        begun: bool,
    }

    impl<F, E> PinnedDrop for Child<F, E> {
        fn drop(this: Pin<&mut Self>) {
            if let Some(mut running) = this.running() {
                running.drop_future();
                running.leave();
                running.seat().abandon();
                running.end();
            }
        }
    }
}

impl<F, E> Child<F, E> {
    #[inline]
    pub(super) fn new(seat: Seat<E>, future: F) -> Self {
        Self { future: Some(future), waiter: Waiter::new(()), seat: Some(seat), begun: false }
    }

    pub(super) fn seat(&self) -> Option<&Seat<E>> {
        self.seat.as_ref()
    }

    /// Takes over a permit of the group's slots: it may begin.
    pub(super) fn hold_slot(self: Pin<&mut Self>) {
        let this = self.project();
        let seat = this.seat.as_mut().expect("not ended");
        seat.hold_slot();
        let shared = seat.shared();
        // Only for a slot has it waited with the token, unless it is to be dropped when that is cancelled.
        if !shared.mode.abort {
            drop(shared.token.flag().leave(this.waiter.into_ref()));
        }
    }

    /// The child, if it has not ended, on its way through a step that may panic.
    #[inline]
    fn running(self: Pin<&mut Self>) -> Option<Running<'_, F, E>> {
        let this = self.project();
        if this.seat.is_none() {
            return None;
        }
        Some(Running { future: this.future, waiter: this.waiter.into_ref(), seat: this.seat, left: None })
    }

    /// Waits with the group's token until it is cancelled.
    pub(super) fn poll_cancelled(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.into_ref().project_ref();
        let seat = this.seat.as_ref().expect("not ended");
        seat.shared().token.flag().poll_waiter(this.waiter, cx)
    }

    /// Ends it because of a cancellation.
    fn cut(self: Pin<&mut Self>) {
        if let Some(mut running) = self.running() {
            running.drop_future();
            running.seat().shared().count.cut();
            running.end();
        }
    }
}

impl<F, T, E> Child<F, E>
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

impl<F, T, E> Future for Child<F, E>
where
    F: Future<Output = Result<T, E>>,
{
    type Output = ();

    #[inline]
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let shared = self.seat.as_ref().expect("`Child` polled after it completed").shared();
        let abort = shared.mode.abort;
        if (abort || !self.begun) && shared.token.is_cancelled() {
            self.cut();
            return Poll::Ready(());
        }
        *self.as_mut().project().begun = true;
        let mut running = self.as_mut().running().expect("not ended");
        if running.poll(cx).is_ready() {
            running.drop_future();
            running.end();
            return Poll::Ready(());
        }
        running.pause();
        if abort && self.as_mut().poll_cancelled(cx).is_ready() {
            self.cut();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl<F, T, E> FusedFuture for Child<F, E>
where
    F: Future<Output = Result<T, E>>,
{
    fn is_terminated(&self) -> bool {
        self.seat.is_none()
    }
}

/// A child during a step that runs foreign code. Dropped on the way, by a panic, it ends the child as panicked (G4).
struct Running<'a, F, E> {
    future: Pin<&'a mut Option<F>>,
    waiter: Pin<&'a Waiter<(), ()>>,
    seat: &'a mut Option<Seat<E>>,
    /// What it has waited with: foreign code, which is dropped after everything else.
    left: Option<Waker>,
}

impl<F, E> Running<'_, F, E> {
    fn seat(&self) -> &Seat<E> {
        self.seat.as_ref().expect("until it ends")
    }

    /// Runs `step`; in a group that captures panics, a panic in it becomes the child's failure.
    #[inline]
    fn step<R>(&mut self, step: impl FnOnce(Pin<&mut Option<F>>) -> R) -> Option<R> {
        #[cfg(feature = "std")]
        if self.seat().shared().mode.capture {
            return match super::capture::catch(|| step(self.future.as_mut())) {
                Ok(result) => Some(result),
                Err(panic) => {
                    self.leave();
                    let late = self.seat().shared().record(GroupError::Panicked(panic));
                    super::capture::drop_caught(late);
                    None
                }
            };
        }
        Some(step(self.future.as_mut()))
    }

    /// Waits for the cancellation no more, so that one which the child brings about itself does not wake it.
    #[inline]
    fn leave(&mut self) {
        if let Some(waker) = self.seat().shared().token.flag().leave(self.waiter) {
            self.left = Some(waker);
        }
    }

    #[inline]
    fn drop_future(&mut self) {
        self.step(|mut future| future.set(None));
    }

    /// Has counted out, all other things done (G4).
    #[inline]
    fn end(mut self) {
        self.leave();
        let (left, seat) = (self.left.take(), self.seat.take());
        // Nothing is left in it: its destructor is for a panic.
        mem::forget(self);
        drop(seat);
        drop(left);
    }

    /// Until the next step.
    #[inline]
    fn pause(self) {
        mem::forget(self);
    }
}

impl<F, T, E> Running<'_, F, E>
where
    F: Future<Output = Result<T, E>>,
{
    /// Polls the future; its output is dropped here, its failure recorded.
    #[inline]
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let polled = self.step(|future| {
            let future = future.as_pin_mut().expect("until it ends");
            future.poll(cx).map(|result| result.map(drop))
        });
        match polled {
            Some(Poll::Pending) => Poll::Pending,
            Some(Poll::Ready(Err(error))) => {
                self.leave();
                let late = self.seat().shared().record(GroupError::Task(error));
                self.step(|_| drop(late));
                Poll::Ready(())
            }
            Some(Poll::Ready(Ok(()))) | None => Poll::Ready(()),
        }
    }
}

impl<F, E> Drop for Running<'_, F, E> {
    fn drop(&mut self) {
        if let Some(seat) = self.seat.take() {
            self.future.set(None);
            let left = seat.shared().token.flag().leave(self.waiter);
            seat.shared().fail(GroupError::Panicked(Panic::unseen()));
            drop(seat);
            drop(left);
        }
    }
}

impl<F, E> fmt::Debug for Child<F, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Child").field("begun", &self.begun).field("ended", &self.seat.is_none()).finish_non_exhaustive()
    }
}
