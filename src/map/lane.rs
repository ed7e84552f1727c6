//! The counters of an epoch, and the word that names it.

use alloc::boxed::Box;

use crate::sync::{AtomicUsize, CachePadded};

/// How many readers are in, and `WAITING`.
pub(super) type Lane = AtomicUsize;

/// An epoch of its own memory, which stays where it is.
#[derive(Debug)]
pub(super) struct Epoch(Box<[CachePadded<Lane>]>);

impl Epoch {
    /// `lanes` is a power of two, at most 128.
    pub(super) fn new(lanes: usize) -> Self {
        Self((0..lanes).map(|_| CachePadded::new(Lane::new(0))).collect())
    }

    pub(super) fn lanes(&self) -> &[CachePadded<Lane>] {
        &self.0
    }

    pub(super) fn gate(&self) -> Gate {
        Gate(self.0.as_ptr().expose_provenance() | self.0.len().trailing_zeros() as usize)
    }
}

/// Names the active epoch.
///
/// | bits | meaning |
/// |---|---|
/// | 0, 8 | the first or second epoch inside the map, of one lane each: no address, because a map can be moved |
/// | address, 3 low bits | an [`Epoch`], and the logarithm of the number of its lanes |
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Gate(usize);

const LOG: usize = 0b111;

impl Gate {
    pub(super) const FIRST: Self = Self(0);

    pub(super) const fn of_inline(index: usize) -> Self {
        Self(index << 3)
    }

    pub(super) const fn bits(self) -> usize {
        self.0
    }

    pub(super) const fn from_bits(bits: usize) -> Self {
        Self(bits)
    }

    #[inline(always)]
    pub(super) const fn inline(self) -> Option<usize> {
        if self.0 <= 8 { Some(self.0 >> 3) } else { None }
    }

    /// Whether all readers share one lane.
    #[inline(always)]
    pub(super) const fn is_narrow(self) -> bool {
        self.0 & LOG == 0
    }

    /// The lane of a thread.
    ///
    /// # Safety
    /// This is the gate of an [`Epoch`] that lives as long as the reference is used.
    #[inline(always)]
    pub(super) unsafe fn lane<'a>(self, thread: usize) -> &'a Lane {
        let first = core::ptr::with_exposed_provenance::<CachePadded<Lane>>(self.0 & !LOG);
        let index = thread & ((1 << (self.0 & LOG)) - 1);
        // SAFETY: the index is less than the number of lanes.
        let lane = unsafe { first.add(index) };
        // SAFETY: the epoch is alive.
        unsafe { &*lane }
    }
}

#[cfg(test)]
mod tests {
    use super::{Epoch, Gate};

    #[test]
    fn a_gate_leads_to_the_lane_of_a_thread() {
        for lanes in [1, 2, 64] {
            let epoch = Epoch::new(lanes);
            assert_eq!((epoch.gate().inline(), epoch.gate().is_narrow()), (None, lanes == 1));
            for thread in 0..2 * lanes {
                // SAFETY: the epoch is alive.
                let lane = unsafe { epoch.gate().lane(thread) };
                assert!(core::ptr::eq(lane, &*epoch.lanes()[thread % lanes]));
            }
        }
    }

    #[test]
    fn the_first_two_have_no_address() {
        assert!(Gate::FIRST.is_narrow() && Gate::of_inline(1).is_narrow());
        assert_eq!(Gate::FIRST.inline(), Some(0));
        assert_eq!(Gate::of_inline(1).inline(), Some(1));
        assert_eq!(Gate::from_bits(Gate::of_inline(1).bits()).inline(), Some(1));
    }
}
