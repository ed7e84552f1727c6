//! What starts children: all that a group can do but wait.

use core::fmt;
use core::future::Future;

use super::seat::Seat;
use super::shared::Shared;
use super::{Child, Member, Reason, Refused, Spawn, Tracked};
use crate::cancel::CancelToken;
use crate::semaphore::{Permit, Semaphore};
use crate::sync::Arc;

/// Starts children of an [`ErrGroup`](super::ErrGroup), from anywhere: from other children, too. A clone is another
/// handle. It cannot wait, so a child cannot wait for its own group, unless it is given the group itself: that wait
/// never ends.
///
/// A child of a group with a limit that waits for a slot of its own group ([`spawn`](Self::spawn)) can wait for itself,
/// as in Go: inside a child, use [`try_spawn`](Self::try_spawn), [`track`](Self::track) or [`member`](Self::member).
pub struct Spawner<E> {
    pub(super) shared: Arc<Shared<E>>,
}

impl<E> Spawner<E> {
    /// Starts `future` as a child: `spawn` gets it, and what `spawn` returns (a handle of the executor, for example) is
    /// returned. In a group with a limit, waits for a slot before.
    ///
    /// `spawn` is a function that runs a future: `tokio::spawn`, `async_std::task::spawn`,
    /// `|child| executor.spawn(child).detach()`, or `|child| std::thread::spawn(|| child.wait())`.
    ///
    /// A slot is granted in order, to the future itself: one that is granted and neither polled nor dropped keeps its
    /// slot from the others, as with a [`Semaphore`](crate::Semaphore#fairness).
    ///
    /// For threads: `wait` on the future.
    ///
    /// # Errors
    ///
    /// The future comes back if the group is cancelled first, or has ended. (Where only the reason is to go on,
    /// `map_err(|refused| refused.reason)`.)
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, it has started nothing, and the future is dropped with it; the place in the queue
    /// for a slot is lost.
    ///
    /// # Panics
    ///
    /// If `spawn` does; the child, which is dropped then, counts as panicked with `std`, else as aborted. If the group
    /// has `usize::MAX / 16` children.
    ///
    /// # Go
    ///
    /// `Group.Go`, which waits for a slot even after the group was cancelled, and starts children then.
    #[doc(alias = "Go")]
    #[inline]
    pub fn spawn<F, S, R, T>(&self, future: F, spawn: S) -> Spawn<'_, F, S, E>
    where
        F: Future<Output = Result<T, E>>,
        S: FnOnce(Child<F, E>) -> R,
    {
        Spawn::new(self, future, spawn)
    }

    /// As [`spawn`](Self::spawn), now or not at all. It never passes one that is queued for a slot.
    ///
    /// # Errors
    ///
    /// The future comes back if there is no free slot, the group is cancelled, or has ended.
    ///
    /// # Panics
    ///
    /// As [`spawn`](Self::spawn).
    ///
    /// # Go
    ///
    /// `Group.TryGo`.
    #[doc(alias = "TryGo")]
    #[inline]
    pub fn try_spawn<F, S, R, T>(&self, future: F, spawn: S) -> Result<R, Refused<F>>
    where
        F: Future<Output = Result<T, E>>,
        S: FnOnce(Child<F, E>) -> R,
    {
        if self.token().is_cancelled() {
            return Err(self.refuse(future));
        }
        let slot = match self.shared.slots.as_ref().map(|slots| slots.try_acquire(1)).transpose() {
            Ok(slot) => slot,
            // The only error: the slots are never closed, and one is within the limit.
            Err(_) => return Err(Refused { future, reason: Reason::Full }),
        };
        self.start(future, spawn, slot)
    }

    /// Makes `future` a child now; whoever polls what this returns runs it. In a group with a limit, that waits for a
    /// slot first.
    ///
    /// # Panics
    ///
    /// If the group has ended: it was waited for, and all its children had ended. If it has `usize::MAX / 16` children.
    ///
    /// # Go
    ///
    /// kratos' `Group.Go` with `GOMAXPROCS`: a queue without bounds.
    #[track_caller]
    pub fn track<F, T>(&self, future: F) -> Tracked<F, E>
    where
        F: Future<Output = Result<T, E>>,
    {
        Tracked::new(self.seat(), future)
    }

    /// A child that is not a future.
    ///
    /// # Panics
    ///
    /// As [`track`](Self::track).
    ///
    /// # Go
    ///
    /// `WaitGroup.Add(1)`, with `Done` as [`finish`](Member::finish).
    #[doc(alias = "Add")]
    #[track_caller]
    pub fn member(&self) -> Member<E> {
        Member::new(self.seat())
    }

    /// The group's token. It is cancelled by the first failure, by [`cancel`](Self::cancel), through its parent, when
    /// the group is dropped, and when the wait for it has ended.
    pub fn token(&self) -> &CancelToken {
        &self.shared.token
    }

    /// How many children there are at this moment: started, tracked, or members, and not ended.
    pub fn len(&self) -> usize {
        let count = self.shared.count.now();
        if count.is_closed() { 0 } else { count.children() }
    }

    /// Whether there is no child at this moment.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Cancels the group: no future is started from now on (a [`member`](Self::member) is still to be had, and a call
    /// that is under way may start one), and those that run see it.
    ///
    /// # Panics
    ///
    /// If a waker that it fires panics, after all the others were fired.
    pub fn cancel(&self) {
        self.token().cancel();
    }

    #[track_caller]
    fn seat(&self) -> Seat<E> {
        let Some(seat) = Seat::take(&self.shared) else {
            panic!("the group has ended: it was waited for, and all its children had ended");
        };
        seat
    }

    /// Starts a child, with the slot that was taken for it.
    #[inline]
    pub(super) fn start<F, S, R>(&self, future: F, spawn: S, slot: Option<Permit<&Semaphore>>) -> Result<R, Refused<F>>
    where
        S: FnOnce(Child<F, E>) -> R,
    {
        let Some(mut seat) = Seat::take(&self.shared) else { return Err(self.refuse(future)) };
        if let Some(permit) = slot {
            permit.forget();
            seat.hold_slot();
        }
        Ok(spawn(Child::new(seat, future)))
    }

    /// The group does not start `future` any more.
    #[cold]
    pub(super) fn refuse<F>(&self, future: F) -> Refused<F> {
        let before = self.shared.count.cut();
        Refused { future, reason: if before.is_closed() { Reason::Finished } else { Reason::Cancelled } }
    }
}

impl<E> Clone for Spawner<E> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<E> fmt::Debug for Spawner<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spawner")
            .field("children", &self.len())
            .field("cancelled", &self.token().is_cancelled())
            .field("finished", &self.shared.count.now().is_closed())
            .finish_non_exhaustive()
    }
}
