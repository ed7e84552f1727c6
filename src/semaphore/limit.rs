//! The maximum, with a hint beside it.

use crate::sync::{AtomicUsize, Ordering};

/// The maximum, and whether somebody was queued when the queue's lock was last released.
///
/// | part | legal values | meaning |
/// |---|---|---|
/// | maximum (bits 1..) | `0 ..= MAX_PERMITS` | what could be free if nothing was out |
/// | `QUEUED` (bit 0) | 0 or 1 | a copy of the state's bit, perhaps old: it says which way is likely the right one |
///
/// The copy is here because a guard that comes back looks at this word anyway, while the state word was exchanged a
/// moment ago: to ask that first costs a quarter of an uncontended acquisition and release.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit(usize);

impl Limit {
    const QUEUED: usize = 1;
    const SHIFT: u32 = 1;

    /// With nobody queued. `max` is at most `MAX_PERMITS`.
    pub(super) const fn new(max: usize) -> Self {
        Self(max << Self::SHIFT)
    }

    #[inline]
    pub(super) const fn max(self) -> usize {
        self.0 >> Self::SHIFT
    }

    #[inline]
    pub(super) const fn is_queued(self) -> bool {
        self.0 & Self::QUEUED != 0
    }

    pub(super) const fn with_max(self, max: usize) -> Self {
        Self(max << Self::SHIFT | self.0 & Self::QUEUED)
    }

    #[inline]
    pub(super) const fn with_queued(self, queued: bool) -> Self {
        Self(if queued { self.0 | Self::QUEUED } else { self.0 & !Self::QUEUED })
    }
}

/// A [`Limit`] that threads share. It is written only under the queue's lock.
pub(super) struct AtomicLimit(AtomicUsize);

impl AtomicLimit {
    const_fn! {
        pub(super) const fn new(limit: Limit) -> Self {
            Self(AtomicUsize::new(limit.0))
        }
    }

    #[inline]
    #[track_caller]
    pub(super) fn load(&self, order: Ordering) -> Limit {
        // ORDERING: the caller's.
        Limit(self.0.load(order))
    }

    #[inline]
    #[track_caller]
    pub(super) fn store(&self, limit: Limit, order: Ordering) {
        // ORDERING: the caller's.
        self.0.store(limit.0, order);
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;
    use crate::semaphore::state::MAX_PERMITS;

    #[test]
    fn each_part_changes_alone() {
        for max in [0, 1, 2, 3, MAX_PERMITS - 1, MAX_PERMITS] {
            let limit = Limit::new(max);
            assert_eq!((limit.max(), limit.is_queued()), (max, false));
            for queued in [true, false] {
                let limit = limit.with_queued(queued);
                assert_eq!((limit.max(), limit.is_queued()), (max, queued));
                let moved = limit.with_max(MAX_PERMITS - max);
                assert_eq!((moved.max(), moved.is_queued()), (MAX_PERMITS - max, queued));
            }
        }
    }
}
