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
        // ORDERING: Relaxed: the maximum changes only under the lock, which is held.
        let max = self.max.load(Ordering::Relaxed);
        // ORDERING: Relaxed: `CLOSED` is set under the lock; for the count, the exchanges below decide.
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
            // ORDERING: Acquire: for a grant, as in `take`; when it queues, what was released until then, which the
            // lock hands on to who grants later. Relaxed on failure: the loop looks again.
            match self.state.exchange(state, next, Ordering::Acquire, Ordering::Relaxed) {
                Ok(()) => return verdict,
                Err(now) => state = now,
            }
        }
    }

    /// Under the lock: applies `change` to the state, then grants what fits now, front first, as far as the batch
    /// reaches; true if more may fit. If `change` refuses, nothing happens and the state is returned.
    pub(super) fn settle(
        &self,
        locked: &mut Locked<'_, usize, Verdict>,
        batch: &mut WakeBatch,
        change: impl Fn(State) -> Option<State>,
    ) -> Result<bool, State> {
        // ORDERING: Relaxed: the exchange below decides.
        let mut state = self.state.load(Ordering::Relaxed);
        let (granted, more) = loop {
            let mut next = change(state).ok_or(state)?;
            let mut granted = 0;
            let mut waiting = locked.payloads();
            let more = loop {
                match waiting.next() {
                    None => {
                        next = next.with_queued(false);
                        break false;
                    }
                    Some(&n) if !next.fits(n) => break false,
                    Some(_) if granted == batch.room() => break true,
                    Some(&n) => {
                        next = next.less(n);
                        granted += 1;
                    }
                }
            };
            // ORDERING: Release: what the releaser wrote, to acquisitions without the lock (`take`); those granted here
            // learn it through their status word. Relaxed on failure: the loop looks again.
            match self.state.exchange(state, next, Ordering::Release, Ordering::Relaxed) {
                Ok(()) => break (granted, more),
                Err(now) => state = now,
            }
        };
        // The count was lowered first: who is granted sees an `available_permits` without what it holds.
        for _ in 0..granted {
            locked.resolve_front(Verdict::Granted, batch);
        }
        Ok(more)
    }

    /// Gives `permits` back under the lock, and grants whoever fits now. With none to give, it grants after a change that
    /// may have made room.
    #[cold]
    #[track_caller]
    pub(super) fn release_slow(&self, permits: usize) {
        let mut released = permits;
        let mut refused = None;
        wake_in_rounds(|batch| {
            self.queue.with(|locked| {
                // ORDERING: Relaxed: the maximum changes only under the lock, which is held.
                let max = self.max.load(Ordering::Relaxed);
                let released = mem::take(&mut released);
                match self.settle(locked, batch, |state| state.more(released, max)) {
                    Ok(more) => more,
                    Err(state) => {
                        refused = Some((state.count(), max));
                        false
                    }
                }
            })
        });
        if let Some((count, max)) = refused {
            panic!("cannot release {permits} permits: {count} of at most {max} are free already");
        }
    }

    /// Under the lock: changes the state, keeping what others change meanwhile.
    pub(super) fn update(&self, change: impl Fn(State) -> State) {
        // ORDERING: Relaxed: the exchange below decides.
        let mut state = self.state.load(Ordering::Relaxed);
        // ORDERING: Release: a close to who reads `CLOSED` (`take`, `is_closed`), a reduced maximum to who reads the
        // count (`give`, P4). Relaxed on failure: the loop looks again.
        while let Err(now) = self.state.exchange(state, change(state), Ordering::Release, Ordering::Relaxed) {
            state = now;
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
