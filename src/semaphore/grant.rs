//! The slow paths: queueing, granting in order, and giving up.

use core::mem;
use core::pin::Pin;

use super::Semaphore;
use super::state::State;
use super::verdict::Verdict;
use crate::sync::Ordering;
use crate::wait::{Left, Locked, Status, Waiter, WakeBatch, wake_in_rounds};

impl Semaphore {
    /// Under the lock: a verdict for a newcomer, or none, with `QUEUED` set, if it is to wait (P2).
    pub(super) fn serve(&self, n: usize) -> Option<Verdict> {
        // ORDERING: Relaxed: the limit changes only under the lock, which is held.
        let max = self.limit.load(Ordering::Relaxed).max();
        // ORDERING: Relaxed: the flags change only under the lock; for the count, the exchanges below decide.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            if state.is_closed() {
                return Some(Verdict::Closed);
            }
            if n > max {
                return Some(Verdict::ExceedsMax { max });
            }
            if state.is_queued() {
                return None;
            }
            let (next, verdict) = match state.taken(n) {
                Some(next) => (next, Some(Verdict::Granted)),
                None => (state.with_queued(true), None),
            };
            // ORDERING: Acquire: for a grant, as in `take`. Relaxed on failure: the loop looks again.
            match self.state.exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(()) if verdict.is_none() => {
                    self.hint(true);
                    return None;
                }
                Ok(()) => return verdict,
                Err(now) => state = now,
            }
        }
    }

    /// Under the lock: repeats in the limit what `QUEUED` has become.
    pub(super) fn hint(&self, queued: bool) {
        // ORDERING: Relaxed: the limit changes only under the lock, which is held.
        let limit = self.limit.load(Ordering::Relaxed);
        // ORDERING: Release: for the hint none is needed; the maximum beside it still follows the count (P4), for the
        // Acquire load in `give`.
        self.limit.store(limit.with_queued(queued), Ordering::Release);
    }

    /// Under the lock: adds `released` permits, then grants what fits now, front first, as far as the batch reaches;
    /// true if more may fit. If they pass the maximum, nothing happens and the state is returned.
    ///
    /// Permits that go from a releaser straight to the front leave the word as it is.
    pub(super) fn settle(
        &self,
        locked: &mut Locked<'_, usize, Verdict>,
        batch: &mut WakeBatch,
        released: usize,
    ) -> Result<bool, State> {
        // ORDERING: Relaxed: the limit changes only under the lock, which is held.
        let max = self.limit.load(Ordering::Relaxed).max();
        // ORDERING: Acquire: what guards wrote that came back without the lock (`give_back`), to be passed on to those
        // granted here.
        let mut state = self.state.load(Ordering::Acquire);
        let raised = loop {
            let next = state.more(released, max).ok_or(state)?;
            if state.is_queued() {
                break next;
            }
            // ORDERING: Release: as in `give`. Relaxed on failure: the loop looks again, and nobody is granted here.
            match self.state.exchange(state, next, Ordering::Release, Ordering::Relaxed) {
                Ok(()) => return Ok(false),
                Err(now) => state = now,
            }
        };
        let mut left = raised;
        let mut granted = 0;
        let mut more = false;
        let mut waiting = locked.payloads();
        loop {
            match waiting.next() {
                None => {
                    left = left.with_queued(false);
                    break;
                }
                Some(&n) if !left.fits(n) => break,
                Some(_) if granted == batch.room() => {
                    more = true;
                    break;
                }
                Some(&n) => {
                    left = left.less(n);
                    granted += 1;
                }
            }
        }
        drop(waiting);
        // The count is lowered first: who is granted sees an `available_permits` without what it holds.
        if left != state {
            // ORDERING: Release: what this releaser wrote, and through the lock those before it, to acquisitions
            // without the lock (`take`), which come after `QUEUED` is cleared. Those granted here learn it by their
            // status word.
            self.state.step(state, left, Ordering::Release);
        }
        if !left.is_queued() {
            self.hint(false);
        }
        for _ in 0..granted {
            locked.resolve_front(Verdict::Granted, batch);
        }
        Ok(more)
    }

    /// Gives `permits` back under the lock, and grants whoever fits now. With none to give, it grants after a change
    /// that may have made room.
    #[cold]
    #[track_caller]
    pub(super) fn release_slow(&self, permits: usize) {
        let mut released = permits;
        let mut refused = None;
        wake_in_rounds(|batch| {
            self.queue.with(|locked| match self.settle(locked, batch, mem::take(&mut released)) {
                Ok(more) => more,
                Err(state) => {
                    refused = Some((state, self.max_permits()));
                    false
                }
            })
        });
        if let Some((state, max)) = refused {
            over_released(permits, state, max);
        }
    }

    /// A guard has added its `permits`, and either somebody is queued or they seem to pass the maximum.
    #[cold]
    pub(super) fn gave_back(&self, permits: usize) {
        let excess = self.queue.with(|_| {
            // ORDERING: Relaxed: a number; nothing is taken.
            let state = self.state.load(Ordering::Relaxed);
            let max = self.max_permits();
            let before = state.less(permits);
            let excess = state.count() > max as isize;
            if excess {
                // ORDERING: Relaxed: takes out what this call has added.
                self.state.step(state, before, Ordering::Relaxed);
            }
            excess.then_some((before, max))
        });
        match excess {
            None => self.release_slow(0),
            Some((before, max)) => over_released(permits, before, max),
        }
    }

    /// The owner of a request that was polled gives it up.
    #[cold]
    pub(super) fn cancel(&self, waiter: Pin<&Waiter<usize, Verdict>>) {
        match self.queue.with(|locked| locked.leave(&waiter)) {
            Left::Unlinked { was_front, waker } => {
                if was_front {
                    self.release_slow(0);
                }
                drop(waker);
            }
            Left::Before(Status::Resolved(Verdict::Granted)) => self.release_slow(*waiter.payload()),
            Left::Before(_) => {}
        }
    }
}

#[cold]
#[track_caller]
fn over_released(permits: usize, state: State, max: usize) -> ! {
    panic!("cannot release {permits} permits: {} of at most {max} are free already", state.count());
}
