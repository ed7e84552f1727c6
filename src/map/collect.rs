//! The collector: bags, batches, and which epochs they wait for. The protocol is in [`reclaim`](super::reclaim).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::frame::Frame;
use super::lane::{Epoch, Gate, Lane};
use super::reclaim::{EPOCHS, Reclaim, WAITING};
use crate::sync::{AtomicUsize, CachePadded, Lock, Ordering, lanes, thread_index};
use crate::wait::{Queue, Ring, WakeBatch, wake_in_rounds};

/// What is needed from the first retirement on.
pub(super) struct Depot<G> {
    /// The bag of all while there is one lane.
    bag: Bag<G>,
    /// Null, or one bag per lane.
    bags: AtomicUsize,
    lanes: usize,
    /// How often a collection was asked for since the last collector began.
    requests: AtomicUsize,
    pub(super) state: Lock<State<G>>,
    pub(super) flushes: Queue<usize, ()>,
}

pub(super) type Bag<G> = Lock<Vec<G>>;

pub(super) struct State<G> {
    /// All but the two in [`Reclaim`].
    epochs: Vec<Epoch>,
    pub(super) widen: bool,
    /// The oldest first.
    batches: Vec<Batch<G>>,
    /// The numbers of those that are being dropped.
    dropping: Vec<usize>,
    taken: usize,
}

pub(super) struct Batch<G> {
    number: usize,
    /// The epochs that have not been crossed off, by their index.
    needs: u32,
    garbage: Vec<G>,
}

impl<G> State<G> {
    /// Makes a batch of what is in the bags.
    fn take(&mut self, depot: &Depot<G>) {
        let garbage = depot.empty_bags();
        if !garbage.is_empty() {
            let needs = u32::MAX >> (u32::BITS - (2 + self.epochs.len() as u32));
            self.taken += 1;
            self.batches.push(Batch { number: self.taken, needs, garbage });
        }
    }

    /// Whether every batch up to `number` has been dropped.
    fn is_dropped(&self, number: usize) -> bool {
        self.batches.iter().map(|batch| batch.number).chain(self.dropping.iter().copied()).all(|other| other > number)
    }
}

/// After a destructor that panics: others may have been put off until it was done.
struct Again<'a, G>(&'a Reclaim<G>);

impl<G> Drop for Again<'_, G> {
    fn drop(&mut self) {
        self.0.collect();
    }
}

impl<G> Reclaim<G> {
    /// Drops what can be dropped.
    #[cold]
    pub(crate) fn collect(&self) {
        // ORDERING: Acquire, by a read-modify-write, which reads the newest: who leaves a lane last may know of the depot by
        // `WAITING` alone.
        let depot = self.depot.fetch_add(0, Ordering::Acquire);
        // SAFETY: made by `found`, and lives as long as the map.
        let Some(depot) = (unsafe { core::ptr::with_exposed_provenance::<Depot<G>>(depot).as_ref() }) else { return };
        let again = Again(self);
        // Destructors that retire more do not nest: what they leave is looked for when they are done.
        if let Some(_frame) = Frame::begin(core::ptr::from_ref(depot).addr()) {
            loop {
                let dead = self.sweep_up(depot);
                if dead.is_empty() {
                    break;
                }
                // Foreign code, outside of every lock.
                self.discard(dead);
            }
        }
        core::mem::forget(again);
    }

    /// What can be dropped, unless somebody is looking, who then looks again.
    fn sweep_up(&self, depot: &Depot<G>) -> Vec<Batch<G>> {
        let mut dead = Vec::new();
        // ORDERING: AcqRel: the collector that reads this request sees what the caller did before.
        if depot.requests.fetch_add(1, Ordering::AcqRel) != 0 {
            return dead;
        }
        let mut seen = 1;
        loop {
            depot.state.with(|state| self.sweep(depot, state, &mut dead));
            // ORDERING: AcqRel: as above; a request made meanwhile is served. Acquire on failure: the same.
            match depot.requests.compare_exchange(seen, 0, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return dead,
                Err(now) => seen = now,
            }
        }
    }

    /// Drops batches; a destructor that panics does not keep the others from being dropped.
    fn discard(&self, dead: Vec<Batch<G>>) {
        struct Discard<'a, G>(&'a Reclaim<G>, Batch<G>);

        impl<G> Drop for Discard<'_, G> {
            fn drop(&mut self) {
                let _done = Done(self.0, self.1.number);
                drop(core::mem::take(&mut self.1.garbage));
            }
        }

        struct Done<'a, G>(&'a Reclaim<G>, usize);

        impl<G> Drop for Done<'_, G> {
            fn drop(&mut self) {
                self.0.dropped(self.1);
            }
        }

        let batches: Vec<Discard<'_, G>> = dead.into_iter().map(|batch| Discard(self, batch)).collect();
        drop(batches);
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
        state.take(depot);
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
            .filter(|index| self.lanes_of(state, *index).filter(|lane| !wait_for(lane)).count() == 0)
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
        // ORDERING: Release: the bags, to the Acquire load in `Depot::bags`.
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

    /// Puts what is in the bags into a batch, drops what can be, and says until which batch to wait.
    pub(super) fn begin_flush(&self) -> usize {
        let Some(depot) = self.existing() else { return 0 };
        let ticket = depot.state.with(|state| {
            state.take(depot);
            state.taken
        });
        self.collect();
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
}

impl<G> Depot<G> {
    pub(super) fn new() -> Self {
        Self {
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
        }
    }

    fn bags(&self) -> Option<&[CachePadded<Bag<G>>]> {
        // ORDERING: Acquire: the bags, from the Release store in `widen`.
        let bags = self.bags.load(Ordering::Acquire);
        let bags = core::ptr::with_exposed_provenance::<CachePadded<Bag<G>>>(bags);
        // SAFETY: made by `widen`, `lanes` of them, and freed with the depot.
        (!bags.is_null()).then(|| unsafe { core::slice::from_raw_parts(bags, self.lanes) })
    }

    #[inline]
    pub(super) fn bag(&self) -> &Bag<G> {
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
