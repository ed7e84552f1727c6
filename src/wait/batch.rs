//! Wakers on their way from the lock to their tasks.

use core::mem::{self, MaybeUninit};
use core::task::Waker;

use crate::sync::small;

/// Enough that most releases need one round, and that a broadcast is not spent on the lock. On the stack, written only
/// as far as used: 512 bytes, or 128 on chips of 32 bits, whose interrupt handlers have little.
const CAPACITY: usize = small(if usize::BITS < 64 { 16 } else { 32 }, 2);

/// Up to [`CAPACITY`] wakers, fired in the order in which they were pushed.
///
/// Invariant B1: `slots[fired..filled]` are initialised, the others are not.
#[must_use = "a waker that is not fired is a lost wake"]
pub(crate) struct WakeBatch {
    slots: [MaybeUninit<Waker>; CAPACITY],
    fired: usize,
    filled: usize,
}

impl WakeBatch {
    #[inline]
    fn new() -> Self {
        Self { slots: [const { MaybeUninit::uninit() }; CAPACITY], fired: 0, filled: 0 }
    }

    /// How many more it takes.
    #[inline]
    pub(crate) fn room(&self) -> usize {
        CAPACITY - self.filled
    }

    #[inline]
    pub(crate) fn push(&mut self, waker: Waker) {
        self.slots[self.filled].write(waker);
        self.filled += 1;
    }

    /// Fires all, the oldest first.
    #[inline]
    fn fire(&mut self) {
        while self.fired < self.filled {
            let slot = &mut self.slots[self.fired];
            self.fired += 1;
            // SAFETY: by B1 the slot is initialised; `fired` has moved on, so it is read once.
            let waker = unsafe { slot.assume_init_read() };
            waker.wake();
        }
    }
}

impl Drop for WakeBatch {
    /// Fires what is left: a waker before them has panicked.
    fn drop(&mut self) {
        self.fire();
    }
}

/// Wakes the task that is being polled, to be polled again; the caller holds no lock.
#[cfg(feature = "alloc")]
pub(crate) fn poll_again(cx: &core::task::Context<'_>) {
    cx.waker().wake_by_ref();
}

/// Runs `round` until it returns false. Each round fills a batch under the lock; the batch is fired after it.
///
/// If a waker panics, the rest of its batch and all further rounds still take place, and then the panic goes on.
#[inline]
pub(crate) fn wake_in_rounds(round: impl FnMut(&mut WakeBatch) -> bool) {
    struct Rounds<F: FnMut(&mut WakeBatch) -> bool> {
        round: F,
        more: bool,
    }

    impl<F: FnMut(&mut WakeBatch) -> bool> Rounds<F> {
        #[inline]
        fn run(&mut self) {
            while self.more {
                let mut batch = WakeBatch::new();
                self.more = (self.round)(&mut batch);
                batch.fire();
                // Nothing is left to fire: the destructor is for a waker that panics, no code where a panic aborts.
                mem::forget(batch);
            }
        }
    }

    impl<F: FnMut(&mut WakeBatch) -> bool> Drop for Rounds<F> {
        #[inline]
        fn drop(&mut self) {
            self.run();
        }
    }

    let mut rounds = Rounds { round, more: true };
    rounds.run();
    // As for a batch: the destructor is for a waker that panics.
    mem::forget(rounds);
}
