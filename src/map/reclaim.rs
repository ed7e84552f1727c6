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
//! - A writer unlinks, then **retires**: puts the thing into the *bag* of its lane.
//! - Now and then somebody **collects**, one at a time: empties the bags into a *batch* that *needs* every epoch, then
//!   looks at the lanes, by a read-modify-write on each. An epoch whose lanes are all zero is crossed off all batches; a
//!   batch that needs no epoch is dropped, after the lock. If the last batch needs the active epoch, the gate is moved to
//!   an epoch that is empty (a new one, if none is), so that readers who come now are in nobody's way.
//! - A lane that a batch waits for carries [`WAITING`]: whoever leaves it empty collects.
//!
//! # Invariants
//!
//! - R1: Whoever follows a pointer of the map has entered, and has not left.
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
//! A collection is due when a bag holds [`BATCH`] things, and when a table was retired. So beyond what a reader that is
//! older than it protects, at most `2 * BATCH` things per lane lie in the bags, and `BATCH` per lane in a batch whose
//! collector moved the gate after a reader had come: see [`Map`](crate::Map) for the bound in the user's terms. The gate
//! can move as long as one of [`EPOCHS`] epochs is empty.

use core::fmt;
use core::marker::PhantomData;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::lane::{Epoch, Gate, Lane};
use crate::sync::{AtomicUsize, CachePadded, Lock, Ordering, lanes, small, thread_index};
use crate::wait::{Queue, Ring, WakeBatch, wake_in_rounds};

/// So many things in a bag make a collection due.
pub(crate) const BATCH: usize = small(32, 1);

/// At most so many epochs, so that a word holds a set of them.
pub(crate) const EPOCHS: usize = small(32, 4);

/// Whoever leaves this lane empty is to collect.
pub(super) const WAITING: usize = !(usize::MAX >> 1);

/// More readers than this in one lane can only be guards that were leaked.
const CROWD: usize = usize::MAX >> 2;

/// The reclamation of one map; `G` is what is retired, and dropping it frees it.
pub(crate) struct Reclaim<G> {
    gate: AtomicUsize,
    /// The first two epochs have one lane each, and live here.
    first: [Lane; 2],
    /// The first thread that met another reader: two such mean contention.
    owner: AtomicUsize,
    /// Null, or the [`Depot`].
    depot: AtomicUsize,
    _garbage: PhantomData<Depot<G>>,
}

/// What is needed from the first retirement on.
struct Depot<G> {
    /// The bag of all while there is one lane.
    bag: Bag<G>,
    /// Null, or one bag per lane.
    bags: AtomicUsize,
    lanes: usize,
    /// How often a collection was asked for since the last collector began.
    requests: AtomicUsize,
    state: Lock<State<G>>,
    flushes: Queue<usize, ()>,
}

type Bag<G> = Lock<Vec<G>>;

struct State<G> {
    /// All but the two in [`Reclaim`].
    epochs: Vec<Epoch>,
    widen: bool,
    /// The oldest first.
    batches: Vec<Batch<G>>,
    /// The numbers of those that are being dropped.
    dropping: Vec<usize>,
    taken: usize,
}

struct Batch<G> {
    number: usize,
    /// The epochs that have not been crossed off, by their index.
    needs: u32,
    garbage: Vec<G>,
}

impl<G> State<G> {
    /// Whether every batch up to `number` has been dropped.
    fn is_dropped(&self, number: usize) -> bool {
        self.batches.iter().map(|batch| batch.number).chain(self.dropping.iter().copied()).all(|other| other > number)
    }
}

impl<G> Reclaim<G> {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self {
                gate: AtomicUsize::new(Gate::FIRST.bits()),
                first: [Lane::new(0), Lane::new(0)],
                owner: AtomicUsize::new(0),
                depot: AtomicUsize::new(0),
                _garbage: PhantomData,
            }
        }
    }

    /// Enters: until what is returned is dropped, nothing is freed that can be reached now.
    #[inline]
    pub(crate) fn enter(&self) -> Entered<'_, G> {
        // ORDERING: Acquire: a newer epoch is entered only by those who see what was unlinked before it was made the active
        // one by the exchange in `advance`.
        let gate = Gate::from_bits(self.gate.load(Ordering::Acquire));
        let lane = self.lane(gate);
        // ORDERING: Acquire: sees what was unlinked before the last look at this lane, by `is_empty` or `wait_for`.
        let before = lane.fetch_add(1, Ordering::Acquire);
        if before != 0 {
            self.met_others(gate, lane, before);
        }
        Entered { reclaim: self, lane }
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
    fn met_others(&self, gate: Gate, lane: &Lane, before: usize) {
        if before & !WAITING > CROWD {
            // ORDERING: Relaxed: nothing was read since the addition.
            lane.fetch_sub(1, Ordering::Relaxed);
            panic!("xsync: {} guards of one map are open or leaked", before & !WAITING);
        }
        if gate.inline().is_some() && before & !WAITING != 0 && lanes() > 1 {
            let me = thread_index();
            // ORDERING: Relaxed on both: a number for comparison, nothing is read through it.
            let owner = self.owner.compare_exchange(0, me, Ordering::Relaxed, Ordering::Relaxed);
            if owner.is_err_and(|owner| owner != me) {
                self.depot().state.with(|state| state.widen = true);
                self.collect();
            }
        }
    }

    /// Drops `garbage` when nobody who has entered by now can have it. It has been unlinked (R2); `urgent` if it is large.
    pub(crate) fn retire(&self, entered: &Entered<'_, G>, garbage: G, urgent: bool) {
        let len = self.depot().bag().with(|bag| {
            bag.push(garbage);
            bag.len()
        });
        if urgent || len % BATCH == 0 {
            // ORDERING: Relaxed: asks whoever empties this lane, who reads it by a read-modify-write, to collect.
            entered.lane.fetch_or(WAITING, Ordering::Relaxed);
            if len > BATCH {
                // Nobody has left it empty since: do not wait for that.
                self.collect();
            }
        }
    }

    /// Drops what can be dropped, unless somebody is at it, who then looks again.
    #[cold]
    pub(crate) fn collect(&self) {
        let Some(depot) = self.existing() else { return };
        // ORDERING: AcqRel: the collector that reads this request sees what the caller did before.
        if depot.requests.fetch_add(1, Ordering::AcqRel) != 0 {
            return;
        }
        let mut dead = Vec::new();
        let mut seen = 1;
        loop {
            depot.state.with(|state| self.sweep(depot, state, &mut dead));
            // ORDERING: AcqRel: as above; a request made meanwhile is served. Acquire on failure: the same.
            match depot.requests.compare_exchange(seen, 0, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => break,
                Err(now) => seen = now,
            }
        }
        self.discard(dead);
    }

    /// Drops batches, outside of every lock: foreign code.
    fn discard(&self, dead: Vec<Batch<G>>) {
        /// Goes on after a destructor that panics, and says that the batch is done.
        struct Discard<'a, G>(&'a Reclaim<G>, Batch<G>);

        impl<G> Drop for Discard<'_, G> {
            fn drop(&mut self) {
                let garbage = core::mem::take(&mut self.1.garbage);
                let _done = Done(self.0, self.1.number);
                drop(garbage);
            }
        }

        struct Done<'a, G>(&'a Reclaim<G>, usize);

        impl<G> Drop for Done<'_, G> {
            fn drop(&mut self) {
                self.0.dropped(self.1);
            }
        }

        let _batches: Vec<Discard<'_, G>> = dead.into_iter().map(|batch| Discard(self, batch)).collect();
    }

    fn dropped(&self, number: usize) {
        let Some(depot) = self.existing() else { return };
        depot.state.with(|state| state.dropping.retain(|other| *other != number));
        let ring = core::pin::pin!(Ring::new());
        let ring = ring.into_ref();
        depot.flushes.with(|locked| {
            depot.state.with(|state| locked.cut(ring, |ticket| state.is_dropped(*ticket)));
        });
        wake_in_rounds(|batch: &mut WakeBatch| depot.flushes.with(|locked| !locked.resolve_ring(ring, (), batch)));
    }

    /// One collection, under the lock.
    fn sweep(&self, depot: &Depot<G>, state: &mut State<G>, dead: &mut Vec<Batch<G>>) {
        if state.widen {
            self.widen(depot, state);
        }
        let all = u32::MAX >> (u32::BITS - (2 + state.epochs.len() as u32));
        let garbage = depot.empty_bags();
        if !garbage.is_empty() {
            state.taken += 1;
            state.batches.push(Batch { number: state.taken, needs: all, garbage });
        }
        if state.batches.is_empty() {
            return;
        }
        let empty = (0..2 + state.epochs.len())
            .filter(|index| self.lanes_of(state, *index).all(is_empty))
            .fold(0, |set, index| set | 1 << index);
        Self::cross_off(state, empty, dead);
        let Some(last) = state.batches.last() else { return };
        let active = self.active(state);
        if last.needs & 1 << active != 0 {
            self.advance(depot, state, empty & !(1 << active));
        }
        // Whoever of those that are waited for leaves last is told to look; if all have left by now, nobody will.
        let needed = state.batches.iter().fold(0, |set, batch| set | batch.needs);
        let empty = (0..2 + state.epochs.len())
            .filter(|index| needed & 1 << index != 0)
            .filter(|index| self.lanes_of(state, *index).fold(true, |empty, lane| wait_for(lane) && empty))
            .fold(0, |set, index| set | 1 << index);
        Self::cross_off(state, empty, dead);
    }

    fn cross_off(state: &mut State<G>, empty: u32, dead: &mut Vec<Batch<G>>) {
        for batch in &mut state.batches {
            batch.needs &= !empty;
        }
        // The older needs no more than the younger.
        let alive = state.batches.iter().position(|batch| batch.needs != 0).unwrap_or(state.batches.len());
        state.dropping.extend(state.batches[..alive].iter().map(|batch| batch.number));
        dead.extend(state.batches.drain(..alive));
    }

    fn lanes_of<'a>(&'a self, state: &'a State<G>, index: usize) -> impl Iterator<Item = &'a Lane> {
        let inline = self.first.get(index).into_iter();
        let own = state.epochs.get(index.wrapping_sub(2)).map(Epoch::lanes).unwrap_or_default();
        inline.chain(own.iter().map(|lane| &**lane))
    }

    fn active(&self, state: &State<G>) -> usize {
        // ORDERING: Relaxed: only collectors move it, under the lock.
        let gate = Gate::from_bits(self.gate.load(Ordering::Relaxed));
        gate.inline().unwrap_or_else(|| {
            2 + state.epochs.iter().position(|epoch| epoch.gate() == gate).expect("the gate names an epoch")
        })
    }

    /// Makes another epoch the active one: one of `empty`, or a new one.
    fn advance(&self, depot: &Depot<G>, state: &mut State<G>, empty: u32) {
        let wide = depot.bags().map_or(1, <[_]>::len);
        let mut fit = (0..2 + state.epochs.len()).filter(|index| empty & 1 << index != 0);
        let gate = match fit.find(|index| self.lanes_of(state, *index).count() == wide) {
            Some(index) if index < 2 => Gate::of_inline(index),
            Some(index) => state.epochs[index - 2].gate(),
            None if 2 + state.epochs.len() < EPOCHS => Self::add_epoch(state, wide),
            None => return,
        };
        // ORDERING: Release: who enters through it sees what was unlinked before (the Acquire load in `enter`).
        self.gate.store(gate.bits(), Ordering::Release);
    }

    /// Several threads read: they get a lane and a bag each.
    fn widen(&self, depot: &Depot<G>, state: &mut State<G>) {
        state.widen = false;
        // ORDERING: Relaxed: written under the lock.
        if depot.bags.load(Ordering::Relaxed) != 0 || 2 + state.epochs.len() == EPOCHS {
            return;
        }
        let bags: Box<[CachePadded<Bag<G>>]> =
            (0..depot.lanes).map(|_| CachePadded::new(Lock::new(Vec::new()))).collect();
        let bags = Box::into_raw(bags).cast::<CachePadded<Bag<G>>>().expose_provenance();
        // ORDERING: Release: the bags, to the Acquire load in `Depot::bag`.
        depot.bags.store(bags, Ordering::Release);
        let gate = Self::add_epoch(state, depot.lanes);
        // ORDERING: Release: as in `advance`.
        self.gate.store(gate.bits(), Ordering::Release);
    }

    /// A new epoch, which is newer than every batch there is.
    fn add_epoch(state: &mut State<G>, lanes: usize) -> Gate {
        let epoch = Epoch::new(lanes);
        let gate = epoch.gate();
        state.epochs.push(epoch);
        gate
    }

    fn existing(&self) -> Option<&Depot<G>> {
        // ORDERING: Acquire: its fields, from the exchange in `depot`.
        let depot = self.depot.load(Ordering::Acquire);
        // SAFETY: made by `depot`, and lives as long as the map.
        unsafe { core::ptr::with_exposed_provenance::<Depot<G>>(depot).as_ref() }
    }

    fn depot(&self) -> &Depot<G> {
        self.existing().unwrap_or_else(|| self.found())
    }

    /// Makes the depot, unless somebody else just did.
    #[cold]
    fn found(&self) -> &Depot<G> {
        let fresh = Box::new(Depot::<G> {
            bag: Lock::new(Vec::new()),
            bags: AtomicUsize::new(0),
            lanes: lanes(),
            requests: AtomicUsize::new(0),
            state: Lock::new(State {
                epochs: Vec::new(),
                widen: false,
                batches: Vec::new(),
                dropping: Vec::new(),
                taken: 0,
            }),
            flushes: Queue::new(),
        });
        let fresh = Box::into_raw(fresh);
        // ORDERING: Release: the depot's fields, to the Acquire load in `existing`. Relaxed on failure: it is read there.
        if self.depot.compare_exchange(0, fresh.expose_provenance(), Ordering::Release, Ordering::Relaxed).is_err() {
            // SAFETY: just made, and seen by nobody.
            drop(unsafe { Box::from_raw(fresh) });
        }
        self.existing().expect("somebody has made it")
    }

    /// Puts what is in the bags into a batch, drops what can be, and says until which batch to wait.
    pub(super) fn begin_flush(&self) -> usize {
        let Some(depot) = self.existing() else { return 0 };
        let mut dead = Vec::new();
        let ticket = depot.state.with(|state| {
            self.sweep(depot, state, &mut dead);
            state.taken
        });
        self.discard(dead);
        ticket
    }

    /// Whether all batches up to `ticket` have been dropped.
    pub(super) fn is_dropped(&self, ticket: usize) -> bool {
        self.existing().is_none_or(|depot| depot.state.with(|state| state.is_dropped(ticket)))
    }

    /// Where those wait who wait for a batch.
    pub(super) fn flushes(&self) -> Option<&Queue<usize, ()>> {
        self.existing().map(|depot| &depot.flushes)
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
        // ORDERING: Relaxed: as above. The epoch that the gate named is gone with the depot.
        self.gate.store(Gate::FIRST.bits(), Ordering::Relaxed);
    }
}

impl<G> Depot<G> {
    fn bags(&self) -> Option<&[CachePadded<Bag<G>>]> {
        // ORDERING: Acquire: the bags, from the Release store in `widen`.
        let bags = self.bags.load(Ordering::Acquire);
        let bags = core::ptr::with_exposed_provenance::<CachePadded<Bag<G>>>(bags);
        // SAFETY: made by `widen`, `lanes` of them, and freed with the depot.
        (!bags.is_null()).then(|| unsafe { core::slice::from_raw_parts(bags, self.lanes) })
    }

    #[inline]
    fn bag(&self) -> &Bag<G> {
        self.bags().map_or(&self.bag, |bags| &bags[thread_index() & (self.lanes - 1)])
    }

    fn empty_bags(&self) -> Vec<G> {
        let mut garbage = self.bag.with(core::mem::take);
        for bag in self.bags().unwrap_or_default() {
            bag.with(|bag| garbage.append(bag));
        }
        garbage
    }
}

impl<G> Drop for Depot<G> {
    fn drop(&mut self) {
        if let Some(bags) = self.bags() {
            let bags = core::ptr::from_ref(bags).cast_mut();
            // SAFETY: made by `widen` from a box, and nobody has the depot any more.
            drop(unsafe { Box::from_raw(bags) });
        }
    }
}

impl<G> Drop for Reclaim<G> {
    fn drop(&mut self) {
        self.drain();
    }
}

/// Whether nobody is in the lane; takes [`WAITING`] off.
fn is_empty(lane: &Lane) -> bool {
    // ORDERING: AcqRel: the look of R3. Acquire: what those did who left (the Release in `Entered::drop`); Release: what
    // was unlinked, to those who enter after (the Acquire addition in `enter`).
    lane.fetch_and(!WAITING, Ordering::AcqRel) & !WAITING == 0
}

/// The same, and puts [`WAITING`] on it.
fn wait_for(lane: &Lane) -> bool {
    // ORDERING: AcqRel: the look of R3, as above.
    lane.fetch_or(WAITING, Ordering::AcqRel) & !WAITING == 0
}

/// That its owner has entered: what it reads in the map stays (R1). Leaves when dropped.
pub(crate) struct Entered<'a, G> {
    reclaim: &'a Reclaim<G>,
    lane: &'a Lane,
}

impl<G> Clone for Entered<'_, G> {
    /// Enters once more, the same lane: it cannot be crossed off meanwhile.
    fn clone(&self) -> Self {
        // ORDERING: Relaxed: this count is held, so that the lane is not seen at zero.
        let before = self.lane.fetch_add(1, Ordering::Relaxed);
        if before & !WAITING > CROWD {
            // ORDERING: Relaxed: as above.
            self.lane.fetch_sub(1, Ordering::Relaxed);
            panic!("xsync: {} guards of one map are open or leaked", before & !WAITING);
        }
        Self { reclaim: self.reclaim, lane: self.lane }
    }
}

impl<G> Drop for Entered<'_, G> {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: Release: what was read, before the looks in `is_empty` and `wait_for`.
        if self.lane.fetch_sub(1, Ordering::Release) == WAITING | 1 {
            self.reclaim.collect();
        }
    }
}

impl<G> fmt::Debug for Entered<'_, G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entered").finish_non_exhaustive()
    }
}
