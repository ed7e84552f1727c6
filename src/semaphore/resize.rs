//! Moving the number of permits while the semaphore is in use.

use core::pin::pin;

use super::Semaphore;
use super::state::MAX_PERMITS;
use super::verdict::Verdict;
use crate::sync::Ordering;
use crate::wait::{Ring, wake_in_rounds};

impl Semaphore {
    /// Raises the maximum by `permits` and adds as many free permits.
    ///
    /// # Panics
    ///
    /// If the maximum would pass [`MAX_PERMITS`](Self::MAX_PERMITS). The semaphore is unchanged. Also if a waker that
    /// it fires panics, after all the others were fired.
    #[track_caller]
    pub fn add_permits(&self, permits: usize) {
        let raised = self.queue.with(|_| -> Result<(), usize> {
            // ORDERING: Relaxed: the limit changes only under the lock, which is held.
            let limit = self.limit.load(Ordering::Relaxed);
            let max = limit.max();
            let raised = max.checked_add(permits).filter(|&raised| raised <= MAX_PERMITS).ok_or(max)?;
            // ORDERING: Release: what the caller wrote, to who takes the new permits (`take`, `serve`) or grants them
            // (`settle`).
            self.state.add(permits, Ordering::Release);
            // ORDERING: Release: after the count (P4), to the Acquire load in `give`.
            self.limit.store(limit.with_max(raised), Ordering::Release);
            Ok(())
        });
        if let Err(max) = raised {
            panic!("cannot add {permits} permits to a maximum of {max}: MAX_PERMITS is {MAX_PERMITS}");
        }
        self.release_slow(0);
    }

    /// Lowers the maximum by `permits`, exactly, and takes as many permits away.
    ///
    /// What is out becomes debt: the next releases pay it, before anybody in the queue is served. Queued requests, each
    /// of which is looked at under the lock, that are now above the maximum fail at once with
    /// [`AcquireError::ExceedsMax`](crate::AcquireError::ExceedsMax).
    ///
    /// # Panics
    ///
    /// If `permits` is above the maximum. The semaphore is unchanged. Also if a waker that it fires panics, after all
    /// the others were fired.
    #[track_caller]
    pub fn reduce_permits(&self, permits: usize) {
        let ring = pin!(Ring::new());
        let ring = ring.as_ref();
        let reduced = self.queue.with(|locked| -> Result<usize, usize> {
            // ORDERING: Relaxed: the limit changes only under the lock, which is held.
            let limit = self.limit.load(Ordering::Relaxed);
            let max = limit.max().checked_sub(permits).ok_or(limit.max())?;
            // ORDERING: Release: as in `hint`, after the count of earlier additions. Before the count of this
            // reduction, which changes next, with Release (P4).
            self.limit.store(limit.with_max(max), Ordering::Release);
            // ORDERING: Relaxed: a difference is formed, whatever the word is.
            let state = self.state.load(Ordering::Relaxed);
            // ORDERING: Release: the maximum to who reads the count (`give`, P4).
            self.state.step(state, state.less(permits), Ordering::Release);
            // A close refuses all who are in line, some perhaps in its next round.
            if !state.is_closed() {
                locked.cut(ring, |&waiting| waiting > max);
            }
            Ok(max)
        });
        match reduced {
            Ok(max) => {
                let refused = Verdict::ExceedsMax { max };
                wake_in_rounds(|batch| {
                    self.queue.with(|locked| {
                        // In the rounds too, so that a waker that panics does not keep who was behind from being
                        // granted.
                        !locked.resolve_ring(ring, refused, batch) || self.settle(locked, batch, 0).unwrap_or(false)
                    })
                });
            }
            Err(max) => panic!("cannot take {permits} permits away from a maximum of {max}"),
        }
    }

    /// Takes up to `limit` free permits out of the semaphore, without a guard and without waiting, and says how many.
    ///
    /// It passes nobody: while somebody is queued it takes none. A raw [`release`](Self::release) returns them; the
    /// maximum does not move.
    #[must_use = "a release that returns them needs their number"]
    pub fn drain_permits(&self, limit: usize) -> usize {
        // ORDERING: Relaxed: the exchange below decides.
        let mut state = self.state.load(Ordering::Relaxed);
        loop {
            let drained = limit.min(usize::try_from(state.count()).unwrap_or(0));
            if drained == 0 || state.is_queued() {
                return 0;
            }
            // ORDERING: Acquire: as `take`, what the last holders wrote. Relaxed on failure: nothing is concluded.
            match self.state.exchange(state, state.less(drained), Ordering::Acquire, Ordering::Relaxed) {
                Ok(()) => return drained,
                Err(now) => state = now,
            }
        }
    }
}
