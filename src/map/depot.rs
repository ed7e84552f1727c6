//! Where retired things lie until they are dropped, and how one of those who would collect does it for all.
//!
//! Who replaces a value waits for nobody. Its lane's bag has a lock, as have the collector's [`State`] and the queue of
//! flushes, but who finds one of them taken goes on without: what does not get into the bag goes to `overflow`; who cannot
//! get at the state or the queue has *asked* before, and whoever had the lock looks for that after it. (The asking and
//! the looking are read-modify-writes on one word. Either the asking comes first, and is seen; or the looking does, and
//! the asker sees what was before it: that the lock was released.)

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::collect::State;
use super::reclaim::{BATCH, FULL, STEP};
use super::stack::Stack;
use crate::sync::{AtomicBool, AtomicUsize, CachePadded, Lock, Ordering, lanes, thread_index};
use crate::wait::Queue;

/// What is needed from the first retirement on.
pub(super) struct Depot<G> {
    /// The bag of all while there is one lane, and of who overlooks the `bags` when they are new.
    bag: Bag<G>,
    /// Null, or one bag per lane.
    bags: AtomicUsize,
    pub(super) lanes: usize,
    /// What no bag could take.
    overflow: Stack<Vec<G>>,
    /// The numbers of batches that have been dropped, until the state is told.
    pub(super) done: Stack<Vec<u64>>,
    /// Threads meet: there is to be a lane for each.
    pub(super) crowded: AtomicBool,
    /// Not zero: somebody is to see to the state. Whoever releases the lock of the state or of the flushes looks at it after.
    asked: AtomicUsize,
    pub(super) state: Lock<State<G>>,
    pub(super) flushes: Queue<u64, ()>,
}

type Bag<G> = Lock<Vec<G>>;

/// When to collect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Later,
    /// When the lane is left empty.
    Soon,
    Now,
}

impl<G> Depot<G> {
    pub(super) fn new() -> Self {
        Self {
            bag: Lock::new(Vec::new()),
            bags: AtomicUsize::new(0),
            lanes: lanes(),
            overflow: Stack::new(),
            done: Stack::new(),
            crowded: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            state: Lock::new(State::new()),
            flushes: Queue::new(),
        }
    }

    /// Puts something that was retired into the bag of this thread's lane.
    #[inline]
    pub(super) fn put(&self, garbage: G) -> Due {
        let mut garbage = Some(garbage);
        let due = self.try_bag(|bag| {
            bag.extend(garbage.take());
            self.due(bag, 1, false)
        });
        due.unwrap_or_else(|| self.put_over(garbage.into_iter().collect(), false))
    }

    /// The same for several things; `urgent` if they are to be dropped soon, however few.
    pub(super) fn put_all(&self, mut garbage: Vec<G>, urgent: bool) -> Due {
        let due = self.try_bag(|bag| {
            let added = garbage.len();
            bag.append(&mut garbage);
            self.due(bag, added, urgent)
        });
        due.unwrap_or_else(|| self.put_over(garbage, urgent))
    }

    /// What is due after so many things were added to the bag.
    #[inline]
    fn due(&self, bag: &mut Vec<G>, added: usize, urgent: bool) -> Due {
        let len = bag.len();
        if urgent || len >= FULL {
            // Under the lock: what is in neither is overlooked by a flush.
            self.overflow.push(core::mem::take(bag));
            Due::Now
        } else if len >= BATCH && (len - added) / STEP != len / STEP {
            Due::Soon
        } else {
            Due::Later
        }
    }

    /// Somebody else is at the bag.
    #[cold]
    fn put_over(&self, garbage: Vec<G>, urgent: bool) -> Due {
        self.overflow.push(garbage);
        if urgent { Due::Now } else { Due::Soon }
    }

    /// Whether there is a bag for each lane.
    pub(super) fn is_wide(&self) -> bool {
        self.bags().is_some()
    }

    pub(super) fn bags(&self) -> Option<&[CachePadded<Bag<G>>]> {
        // ORDERING: Acquire: the bags, from the Release store in `make_bags`.
        let bags = self.bags.load(Ordering::Acquire);
        let bags = core::ptr::with_exposed_provenance::<CachePadded<Bag<G>>>(bags);
        // SAFETY: made by `make_bags`, `lanes` of them, and freed with the depot.
        (!bags.is_null()).then(|| unsafe { core::slice::from_raw_parts(bags, self.lanes) })
    }

    /// Makes a bag for each lane; by who has the state.
    pub(super) fn make_bags(&self) {
        let bags: Box<[CachePadded<Bag<G>>]> =
            (0..self.lanes).map(|_| CachePadded::new(Lock::new(Vec::new()))).collect();
        let bags = Box::into_raw(bags).cast::<CachePadded<Bag<G>>>().expose_provenance();
        // ORDERING: Release: the bags, to the Acquire load in `bags`.
        self.bags.store(bags, Ordering::Release);
    }

    /// What `f` makes of the bag of this thread's lane, unless somebody else is at it.
    #[inline]
    fn try_bag<R>(&self, f: impl FnOnce(&mut Vec<G>) -> R) -> Option<R> {
        let lane = thread_index() & (self.lanes - 1);
        match self.bags() {
            Some(bags) => bags[lane].try_with(f),
            None => self.bag.try_with(f),
        }
    }

    /// What lies about in this lane: the other threads' bags are in their caches, not in ours, and they may be at them.
    pub(super) fn gather(&self) -> Vec<Vec<G>> {
        // Who retired so much will again: without growing step by step.
        let own = self.try_bag(|bag| core::mem::replace(bag, Vec::with_capacity(bag.len())));
        // What came to it when the others were made.
        let only = if self.is_wide() { self.bag.try_with(core::mem::take) } else { None };
        self.with_overflow(own.into_iter().chain(only).collect())
    }

    /// What lies about anywhere.
    pub(super) fn gather_all(&self) -> Vec<Vec<G>> {
        let only = self.bag.with(core::mem::take);
        let bags = self.bags().unwrap_or_default().iter().map(|bag| bag.with(core::mem::take));
        self.with_overflow(core::iter::once(only).chain(bags).collect())
    }

    /// After the bags: what leaves one of them gets here.
    fn with_overflow(&self, mut pieces: Vec<Vec<G>>) -> Vec<Vec<G>> {
        pieces.extend(self.overflow.take());
        pieces.retain(|piece| !piece.is_empty());
        pieces
    }

    /// Has somebody see to the state.
    pub(super) fn ask(&self) {
        // ORDERING: AcqRel: who answers sees what the asker did before; and if a look at this came before, the asker sees
        // that the lock was released.
        self.asked.fetch_add(1, Ordering::AcqRel);
    }

    /// Whether somebody was asked for; after the lock of the state or of the flushes was released.
    pub(super) fn is_asked(&self) -> bool {
        // ORDERING: AcqRel, by a read-modify-write: the other side of `ask`.
        self.asked.fetch_add(0, Ordering::AcqRel) != 0
    }

    /// All who have asked by now are answered; by who has the state.
    pub(super) fn answer(&self) {
        // ORDERING: AcqRel: as in `ask`; what is looked at after this is no older than what was asked for.
        self.asked.swap(0, Ordering::AcqRel);
    }
}

impl<G> Drop for Depot<G> {
    fn drop(&mut self) {
        if let Some(bags) = self.bags() {
            let bags = core::ptr::from_ref(bags).cast_mut();
            // SAFETY: made by `make_bags` from a box, and nobody has the depot any more.
            drop(unsafe { Box::from_raw(bags) });
        }
    }
}
