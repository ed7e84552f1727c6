//! When what was taken out of the map can be dropped: read this file first if you doubt the map.
//!
//! Readers follow pointers without a lock; writers unlink what the pointers lead to and *retire* it. It is dropped when
//! no reader can have it any more. The scheme is that of sleepable RCU (two sets of counters, readers enter the active
//! one, P. McKenney 2006), with a read-modify-write on each side in place of fences.
//!
//! # Protocol
//!
//! An *epoch* is a set of counters, its *lanes*; a thread uses the lane of its number. The *gate* names the active epoch.
//!
//! - A reader **enters**: it reads the gate and adds one to its lane of that epoch. It **leaves** by subtracting one from
//!   the same lane, from whichever thread.
//! - A writer unlinks, then **retires**: puts the thing into the *bag* of its lane, or, if somebody else is at that, into the
//!   *overflow* of all.
//! - Now and then somebody **collects**, one at a time: empties its lane's bag and the overflow into a *batch* that *needs*
//!   every epoch. Who finds another at it leaves it to that one: see [`depot`](super::depot). If
//!   it needs the active epoch, the gate is moved to an epoch that is empty (a new one, if none is), so that readers who
//!   come now are in nobody's way. Then the collector looks at the lanes of the epochs that are needed, by a
//!   read-modify-write on each. An epoch whose lanes are all zero is crossed off all batches; a batch that needs no epoch
//!   is dropped, after the lock.
//! - A lane that a batch waits for carries [`WAITING`]: whoever leaves it empty collects.
//!
//! # Invariants
//!
//! - R1: Whoever follows a pointer of the map has entered, or sits in one of the [`seats`](super::seats), and has not left.
//! - R2: What is retired was unlinked before, for good: who enters later, and sees the unlinking, cannot reach it.
//! - R3: An epoch is crossed off a batch only when each of its lanes was seen at zero, by a read-modify-write, after the
//!   batch was taken from the bags; or it is newer than the batch.
//! - R4: Lanes live as long as the map.
//!
//! # Why nothing is dropped too early
//!
//! Let reader r have the pointer to x when the batch of x is dropped. r entered by an addition to some lane l (R1), of an
//! epoch that has been crossed off by a look at l (R3). In the modification order of l, either the addition comes first:
//! then the look saw r's count, unless r had left, and its subtraction (Release) was read by the look (Acquire), so that
//! all that r did happens before the drop. Or the look comes first: then the addition (Acquire) reads from it or from a
//! later one in its release sequence (Release), and the unlinking, which happens before the look, happens before all
//! that r reads: r cannot reach x (R2). If the epoch is newer than the batch, r read it in the gate (Acquire), where the
//! collector put it (Release) after the unlinking: the same.
//!
//! A reader that reads the gate and is then held up may enter an epoch that is no longer active. It is counted there all
//! the same, and every epoch is looked at for every batch: that reader only makes somebody wait.
//!
//! # How much is kept
//!
//! A collection is due when a bag holds [`BATCH`] things: when the lane is left empty. It is due at once when the bag holds
//! [`FULL`], or when a large table was retired; what is in the bag goes to the overflow then, and becomes a batch as soon as
//! somebody has the collector's state, even if another collection is dropping things. Batches that need the same become one, so
//! there are never many. So beyond what a reader that is older than it protects, at most `FULL` things per lane lie in the bags,
//! and as many in a batch whose collector moved the gate after a reader had come: see [`Map`](crate::Map) for the bound in the
//! user's terms. The gate can move as long as one of [`EPOCHS`] epochs is empty.

use core::fmt;
use core::marker::PhantomData;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::depot::{Depot, Due};
use super::lane::{Gate, Lane};
use super::seats::Open;
use crate::sync::{AtomicUsize, Ordering, lanes, small, thread_index};

/// So many things in a bag make a collection due.
pub(crate) const BATCH: usize = small(64, 1);

/// So many things in a bag are too many.
pub(super) const FULL: usize = 2 * BATCH;

/// A collection that found another one going on, and left the bag as it was, is asked for again so many things later.
pub(super) const STEP: usize = small(BATCH / 4, 1);

/// At most so many epochs, so that a word holds a set of them, and one bit more.
pub(crate) const EPOCHS: usize = small(31, 4);

/// So many of them have many lanes.
pub(crate) const RESERVED: usize = small(2, 1);

/// Whoever leaves this lane empty is to collect.
pub(super) const WAITING: usize = !(usize::MAX >> 1);

/// More readers than this in one lane can only be guards that were leaked.
const CROWD: usize = usize::MAX >> 2;

/// The reclamation of one map; `G` is what is retired, and dropping it frees it.
pub(crate) struct Reclaim<G> {
    pub(super) gate: AtomicUsize,
    /// The first two epochs have one lane each, and live here.
    pub(super) first: [Lane; 2],
    /// One more than the number of the first thread that met another reader: two such mean contention.
    owner: AtomicUsize,
    /// Null, or the [`Depot`].
    pub(super) depot: AtomicUsize,
    pub(super) open: Open,
    _garbage: PhantomData<Depot<G>>,
}

impl<G> Reclaim<G> {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self {
                gate: AtomicUsize::new(Gate::FIRST.bits()),
                first: [Lane::new(0), Lane::new(0)],
                owner: AtomicUsize::new(0),
                depot: AtomicUsize::new(0),
                open: Open::new(),
                _garbage: PhantomData,
            }
        }
    }

    /// Enters: until what is returned is dropped, nothing is freed that can be reached now.
    #[inline]
    pub(crate) fn enter(&self) -> Entered<'_, G> {
        // ORDERING: Acquire: a newer epoch is entered only by those who see what was unlinked before it was made the active
        // one by the store in `advance` or `widen`.
        let gate = Gate::from_bits(self.gate.load(Ordering::Acquire));
        let lane = self.lane(gate);
        // ORDERING: Acquire: sees what was unlinked before the last look at this lane, by `is_empty` or `wait_for`.
        let before = lane.fetch_add(1, Ordering::Acquire);
        let entered = Entered { reclaim: self, lane };
        if before != 0 && (before & !WAITING > CROWD || gate.is_narrow()) {
            self.met_others(gate, before);
        }
        entered
    }

    #[inline(always)]
    fn lane(&self, gate: Gate) -> &Lane {
        match gate.inline() {
            Some(index) => &self.first[index],
            // SAFETY: made by `Epoch::gate`, of an epoch that lives as long as the map (R4).
            None => unsafe { gate.lane(thread_index()) },
        }
    }

    /// Somebody else is in the lane, or this thread a second time.
    #[cold]
    fn met_others(&self, gate: Gate, before: usize) {
        if before & !WAITING > CROWD {
            panic!("xsync: {} guards of one map are open or leaked", before & !WAITING);
        }
        if gate.is_narrow() && before & !WAITING != 0 && lanes() > 1 {
            let me = thread_index().wrapping_add(1);
            // ORDERING: Relaxed on both: a number for comparison, nothing is read through it.
            let owner = self.owner.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed);
            if owner.is_err_and(|owner| owner != me) && !self.depot().is_wide() {
                // ORDERING: Relaxed: whoever serves what is asked for next sees it.
                self.depot().crowded.store(true, Ordering::Relaxed);
                self.collect();
            }
        }
    }

    /// Drops `garbage` when nobody who has entered by now can have it. It has been unlinked (R2). May run destructors of what
    /// was retired before, when this is in the bag.
    #[inline]
    pub(crate) fn retire(&self, entered: &Entered<'_, G>, garbage: G) {
        let due = self.depot().put(garbage);
        if due != Due::Later {
            self.is_due(entered, due);
        }
    }

    /// The same for several things; `urgent` if they are large.
    pub(crate) fn retire_all(&self, entered: &Entered<'_, G>, garbage: Vec<G>, urgent: bool) {
        let due = self.depot().put_all(garbage, urgent);
        if due != Due::Later {
            self.is_due(entered, due);
        }
    }

    #[cold]
    fn is_due(&self, entered: &Entered<'_, G>, due: Due) {
        // ORDERING: Relaxed: asks whoever empties this lane, who reads it by a read-modify-write, to collect.
        entered.lane.fetch_or(WAITING, Ordering::Relaxed);
        if due == Due::Now {
            // Perhaps nobody has left it empty for long: do not wait for that, although destructors run inside then, where
            // they hold up what others retire.
            self.collect();
        }
    }

    pub(super) fn existing(&self) -> Option<&Depot<G>> {
        // ORDERING: Acquire: its fields, from the exchange in `found`.
        let depot = self.depot.load(Ordering::Acquire);
        // SAFETY: made by `found`, and lives as long as the map (only `drain` frees it).
        unsafe { core::ptr::with_exposed_provenance::<Depot<G>>(depot).as_ref() }
    }

    pub(super) fn depot(&self) -> &Depot<G> {
        self.existing().unwrap_or_else(|| self.found())
    }

    /// Makes the depot, unless somebody else just did.
    #[cold]
    fn found(&self) -> &Depot<G> {
        let fresh = Box::new(Depot::<G>::new());
        let fresh = Box::into_raw(fresh);
        // ORDERING: Release: the depot's fields, to the Acquire load in `existing`. Relaxed on failure: it is read there.
        if self.depot.compare_exchange(0, fresh.expose_provenance(), Ordering::Release, Ordering::Relaxed).is_err() {
            // SAFETY: just made, and seen by nobody.
            drop(unsafe { Box::from_raw(fresh) });
        }
        self.existing().expect("somebody has made it")
    }

    /// Drops all that was retired: nobody has entered any more.
    pub(crate) fn drain(&mut self) {
        // ORDERING: Relaxed: the caller has the map for itself.
        let depot = self.depot.swap(0, Ordering::Relaxed);
        if depot != 0 {
            let depot = core::ptr::with_exposed_provenance_mut::<Depot<G>>(depot);
            // SAFETY: made by `found`, and nobody else has the map.
            drop(unsafe { Box::from_raw(depot) });
        }
        self.open = Open::new();
        // ORDERING: Relaxed: as above. The epoch that the gate named is gone with the depot.
        self.gate.store(Gate::FIRST.bits(), Ordering::Relaxed);
    }
}

impl<G> Drop for Reclaim<G> {
    fn drop(&mut self) {
        self.drain();
    }
}

/// That its owner has entered: what it reads in the map stays (R1). Leaves when dropped.
pub(crate) struct Entered<'a, G> {
    reclaim: &'a Reclaim<G>,
    lane: &'a Lane,
}

impl<G> Entered<'_, G> {
    #[cold]
    fn left_last(&self) {
        // ORDERING: Acquire: what those did who left before (the Release below), or who wait for the lane (`wait_for`): who has
        // retired something has made the depot, and has let go of the bag.
        self.lane.load(Ordering::Acquire);
        self.reclaim.collect();
    }
}

impl<G> Clone for Entered<'_, G> {
    /// Enters once more, the same lane: it cannot be crossed off meanwhile.
    fn clone(&self) -> Self {
        // ORDERING: Relaxed: this count is held, so that the lane is not seen at zero.
        let before = self.lane.fetch_add(1, Ordering::Relaxed);
        let clone = Self { reclaim: self.reclaim, lane: self.lane };
        if before & !WAITING > CROWD {
            panic!("xsync: {} guards of one map are open or leaked", before & !WAITING);
        }
        clone
    }
}

impl<G> Drop for Entered<'_, G> {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: Release: what was read, before the looks in `is_empty` and `wait_for`.
        if self.lane.fetch_sub(1, Ordering::Release) == WAITING | 1 {
            self.left_last();
        }
    }
}

impl<G> fmt::Debug for Entered<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}

// Without `std` there is one lane.
#[cfg(all(test, feature = "std"))]
mod tests {
    use alloc::vec::Vec;

    use super::{Ordering, Reclaim};

    #[test]
    fn threads_that_meet_in_any_epoch_of_one_lane_get_lanes_of_their_own() {
        for guards in [0, 1, 2, 3, 40] {
            let reclaim = Reclaim::new();
            let _held: Vec<_> = (0..guards)
                .map(|_| {
                    let entered = reclaim.enter();
                    // What it may have has the next one enter another epoch.
                    reclaim.retire_all(&entered, vec![0_u8], true);
                    entered
                })
                .collect();
            let _here = reclaim.enter();
            assert!(!reclaim.depot().is_wide());
            // ORDERING: Relaxed: no other thread has it. As if another had come before this one.
            reclaim.owner.store(usize::MAX, Ordering::Relaxed);
            drop(reclaim.enter());
            assert!(reclaim.depot().is_wide(), "with {guards} guards of different ages");
        }
    }
}
