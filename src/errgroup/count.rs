//! The word of a group: how many children it has, and three bits.

use crate::sync::{AtomicUsize, Ordering};

/// | bits | meaning |
/// |---|---|
/// | 0 | `WAITING`: the owner's waiter is linked, or was to be (G3) |
/// | 1 | `CLOSED`: the group has ended (G2); the count means nothing any more |
/// | 2 | `CUT`: a cancellation has ended or refused a child |
/// | the rest | the number of seats (G1) |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count(usize);

const WAITING: usize = 1;
const CLOSED: usize = 2;
const CUT: usize = 4;
const ONE: usize = 8;

/// The largest number of children of a group: a sixteenth of a word.
pub(super) const MAX_CHILDREN: usize = usize::MAX >> 4;

impl Count {
    #[inline]
    pub(super) fn children(self) -> usize {
        self.0 / ONE
    }

    #[inline]
    pub(super) fn is_waiting(self) -> bool {
        self.0 & WAITING != 0
    }

    #[inline]
    pub(super) fn is_closed(self) -> bool {
        self.0 & CLOSED != 0
    }

    #[inline]
    pub(super) fn is_cut(self) -> bool {
        self.0 & CUT != 0
    }
}

#[derive(Debug)]
pub(super) struct AtomicCount(AtomicUsize);

impl AtomicCount {
    pub(super) fn new() -> Self {
        Self(AtomicUsize::new(0))
    }

    /// The word as it is at this moment.
    pub(super) fn now(&self) -> Count {
        // ORDERING: Relaxed: for display.
        Count(self.0.load(Ordering::Relaxed))
    }

    /// One more; returns what was before.
    #[inline]
    pub(super) fn add(&self) -> Count {
        // ORDERING: Relaxed: who hands the child over orders what comes before it. What the taker must have seen to use
        // the group comes with its `Arc`.
        Count(self.0.fetch_add(ONE, Ordering::Relaxed))
    }

    /// Takes back an addition to a closed or overfull group.
    pub(super) fn undo(&self) {
        // ORDERING: Relaxed: nothing was done with that seat.
        self.0.fetch_sub(ONE, Ordering::Relaxed);
    }

    /// One less; returns what was before.
    #[inline]
    pub(super) fn sub(&self) -> Count {
        // ORDERING: Release: what the child did, to the owner's Acquire in `close`. Acquire: what the other children
        // did, by whoever is the last and frees the memory (G1).
        Count(self.0.fetch_sub(ONE, Ordering::AcqRel))
    }

    /// Ends the group if there is no child, and returns the word as it was then.
    pub(super) fn close(&self) -> Option<Count> {
        // ORDERING: Relaxed: the exchange decides.
        let mut now = self.0.load(Ordering::Relaxed);
        loop {
            let count = Count(now);
            if count.children() > 0 {
                return None;
            }
            // ORDERING: Acquire: what the children did, published by the Release subtractions in `sub`;
            // read-modify-writes between keep their release sequences. Relaxed on failure: the loop looks again.
            match self.0.compare_exchange(now, now | CLOSED, Ordering::Acquire, Ordering::Relaxed) {
                Ok(_) => return Some(count),
                Err(other) => now = other,
            }
        }
    }

    /// The owner is about to be linked, under the queue's lock; false if there is no child to wait for.
    pub(super) fn begin_wait(&self) -> bool {
        // ORDERING: Relaxed: who subtracts after this sees the bit and comes for the lock; if the last has subtracted
        // before, it is seen here. All of them change one word.
        let before = Count(self.0.fetch_or(WAITING, Ordering::Relaxed));
        before.children() > 0
    }

    /// The owner's waiter is unlinked, under the queue's lock.
    pub(super) fn end_wait(&self) {
        // ORDERING: Relaxed: the bit changes only under the lock.
        self.0.fetch_and(!WAITING, Ordering::Relaxed);
    }

    /// A cancellation has ended or refused a child; returns what was before: in a closed group it means nothing.
    pub(super) fn cut(&self) -> Count {
        // ORDERING: Relaxed: a child that was ended counts itself out after this, on the same word, and the owner
        // closes it there.
        Count(self.0.fetch_or(CUT, Ordering::Relaxed))
    }
}
