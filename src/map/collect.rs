//! The collector: bags, batches, and which epochs they wait for. The protocol is in [`reclaim`](super::reclaim).

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::frame::Frame;
use super::lane::{Epoch, Gate, Lane};
use super::reclaim::{EPOCHS, RESERVED, Reclaim, WAITING};
use super::seats::Seats;
use crate::sync::{AtomicUsize, CachePadded, Lock, Ordering, lanes, thread_index};
use crate::wait::{Queue, Ring, WakeBatch, wake_in_rounds};

/// What is needed from the first retirement on.
pub(super) struct Depot<G> {
    /// The bag of all while there is one lane: no longer used once there are `bags`, which is looked at under its lock.
    bag: Bag<G>,
    /// Null, or one bag per lane.
    bags: AtomicUsize,
    lanes: usize,
    /// How often a collection was asked for since the last collector began.
    requests: AtomicUsize,
    pub(super) state: Lock<State<G>>,
    pub(super) flushes: Queue<u64, ()>,
}

type Bag<G> = Lock<Vec<G>>;

pub(super) struct State<G> {
    /// All but the two in [`Reclaim`].
    epochs: Vec<Epoch>,
    seats: Option<Seats>,
    /// Somebody may sit: see S3.
    seated: bool,
    /// The seats were closed, and the heavy barrier passed, since they were opened last.
    fenced: bool,
    pub(super) widen: bool,
    /// The oldest first.
    batches: Vec<Batch<G>>,
    /// The numbers of those that are being dropped.
    dropping: Vec<u64>,
    taken: u64,
    /// Somebody waits in `flushes`, or did.
    flushing: bool,
}

pub(super) struct Batch<G> {
    /// Of several that became one, the first.
    number: u64,
    /// The epochs that have not been crossed off, by their index, and [`SEATS`].
    needs: u32,
    garbage: Vec<G>,
    /// Of the others that became one with this.
    more: Vec<Vec<G>>,
}

/// Stands for the seats in a set of epochs.
const SEATS: u32 = 1 << 31;

impl<G> State<G> {
    /// Makes a batch of `garbage`.
    fn take(&mut self, garbage: Vec<G>) {
        if !garbage.is_empty() {
            let epochs = u32::MAX >> (u32::BITS - (2 + self.epochs.len() as u32));
            let needs = epochs | if self.seated { SEATS } else { 0 };
            self.taken += 1;
            self.batches.push(Batch { number: self.taken, needs, garbage, more: Vec::new() });
        }
    }

    /// Whether every batch up to `number` has been dropped.
    fn is_dropped(&self, number: u64) -> bool {
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
        if let Some(frame) = Frame::begin(core::ptr::from_ref(depot).addr()) {
            loop {
                let dead = self.sweep_up(depot);
                // Foreign code, outside of every lock.
                self.discard(dead);
                if !frame.was_asked_again() {
                    break;
                }
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
            depot.state.with(|state| {
                // This lane's bag, since the other threads' are in their caches, not in ours, and they may be at them. Under
                // the lock: what is in neither a bag nor a batch would be overlooked by a flush.
                state.take(depot.empty_bag());
                self.sweep(depot, state, &mut dead);
            });
            // ORDERING: AcqRel: as above; a request made meanwhile is served. Acquire on failure: the same.
            match depot.requests.compare_exchange(seen, 0, Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return dead,
                Err(now) => seen = now,
            }
        }
    }

    /// Drops batches; a destructor that panics does not keep the others from being dropped.
    fn discard(&self, dead: Vec<Batch<G>>) {
        struct Dropped<'a, G>(&'a Reclaim<G>, Vec<u64>);

        impl<G> Drop for Dropped<'_, G> {
            fn drop(&mut self) {
                self.0.dropped(&self.1);
            }
        }

        if dead.is_empty() {
            return;
        }
        let _dropped = Dropped(self, dead.iter().map(|batch| batch.number).collect());
        drop(dead);
    }

    /// Makes a batch of this thread's bag, whether or not somebody is looking.
    pub(super) fn put_up(&self, depot: &Depot<G>) {
        depot.state.with(|state| state.take(depot.empty_bag()));
    }

    /// Notes that batches have been dropped, and wakes who waited for that.
    fn dropped(&self, numbers: &[u64]) {
        let Some(depot) = self.existing() else { return };
        let flushing = depot.state.with(|state| {
            state.dropping.retain(|number| !numbers.contains(number));
            state.flushing
        });
        if flushing {
            let ring = core::pin::pin!(Ring::new());
            let ring = ring.into_ref();
            depot.flushes.with(|locked| {
                depot.state.with(|state| {
                    locked.cut(ring, |ticket| state.is_dropped(*ticket));
                    state.flushing = locked.payloads().next().is_some();
                });
            });
            wake_in_rounds(|batch: &mut WakeBatch| depot.flushes.with(|locked| !locked.resolve_ring(ring, (), batch)));
        }
    }

    /// One collection, under the lock.
    fn sweep(&self, depot: &Depot<G>, state: &mut State<G>, dead: &mut Vec<Batch<G>>) {
        if state.widen {
            self.widen(depot, state);
        }
        let Some(last) = state.batches.last() else { return };
        let active = self.active(state);
        if last.needs & 1 << active != 0 {
            self.advance(depot, state, active);
        }
        // Whoever of those that are waited for leaves last is told to look; if all have left by now, nobody will.
        let needed = state.batches.iter().fold(0, |set, batch| set | batch.needs);
        let empty = (0..2 + state.epochs.len())
            .filter(|index| needed & 1 << index != 0)
            .filter(|index| self.lanes_of(state, *index).filter(|lane| !wait_for(lane)).count() == 0)
            .fold(0, |set, index| set | 1 << index);
        let risen = if needed & SEATS != 0 && self.are_seats_empty(state) { SEATS } else { 0 };
        Self::cross_off(state, empty | risen, dead);
    }

    /// Closes the seats, if they are open, and looks whether all are empty. If the system refuses the barrier, nobody knows.
    fn are_seats_empty(&self, state: &mut State<G>) -> bool {
        let seats = state.seats.as_ref().expect("they have been opened");
        state.fenced = state.fenced || self.open.close(seats);
        state.seated = !(state.fenced && seats.are_empty());
        !state.seated
    }

    /// Opens the seats, unless something waits to be dropped, which would have them closed again.
    #[cold]
    pub(super) fn open_seats(&self) {
        let depot = self.depot();
        depot.state.with(|state| {
            if !state.seated && state.batches.is_empty() {
                state.seated = true;
                state.fenced = false;
                self.open.open(state.seats.get_or_insert_with(|| Seats::new(depot.lanes)));
            }
        });
    }

    fn cross_off(state: &mut State<G>, empty: u32, dead: &mut Vec<Batch<G>>) {
        for batch in &mut state.batches {
            batch.needs &= !empty;
        }
        // The older needs no more than the younger.
        let alive = state.batches.iter().position(|batch| batch.needs != 0).unwrap_or(state.batches.len());
        state.dropping.extend(state.batches[..alive].iter().map(|batch| batch.number));
        dead.extend(state.batches.drain(..alive));
        // Those that wait for the same become one: behind a guard that is held for long there are few, whatever is retired.
        state.batches.dedup_by(|younger, older| {
            let is_same = younger.needs == older.needs;
            if is_same {
                older.more.push(core::mem::take(&mut younger.garbage));
                older.more.append(&mut younger.more);
            }
            is_same
        });
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

    /// Makes another epoch the active one: one that is empty, or a new one. One of a single lane, from before there were
    /// more, is better than none.
    fn advance(&self, depot: &Depot<G>, state: &mut State<G>, active: usize) {
        let count = 2 + state.epochs.len();
        let empty_of = |state: &State<G>, lanes: usize| {
            let fits = |index: &usize| *index != active && self.lanes_of(state, *index).count() == lanes;
            (0..count).filter(fits).find(|index| self.lanes_of(state, *index).all(is_empty))
        };
        // Room is kept for those of many lanes, for when threads meet.
        let (wide, most) = depot.bags().map_or((1, EPOCHS - RESERVED), |bags| (bags.len(), EPOCHS));
        let is_full = count >= most;
        let empty = empty_of(state, wide).or_else(|| if is_full { empty_of(state, 1) } else { None });
        let gate = match empty {
            Some(index) => {
                state.batches.iter_mut().for_each(|batch| batch.needs &= !(1 << index));
                index.checked_sub(2).map_or_else(|| Gate::of_inline(index), |own| state.epochs[own].gate())
            }
            None if is_full => return,
            None => Self::add_epoch(state, wide),
        };
        // ORDERING: Release: who enters through it sees what was unlinked before (the Acquire load in `enter`).
        self.gate.store(gate.bits(), Ordering::Release);
    }

    /// Several threads read: they get a lane and a bag each.
    fn widen(&self, depot: &Depot<G>, state: &mut State<G>) {
        state.widen = false;
        // ORDERING: Relaxed: written under the lock.
        if depot.bags.load(Ordering::Relaxed) != 0 {
            return;
        }
        let bags: Box<[CachePadded<Bag<G>>]> =
            (0..depot.lanes).map(|_| CachePadded::new(Lock::new(Vec::new()))).collect();
        let bags = Box::into_raw(bags).cast::<CachePadded<Bag<G>>>().expose_provenance();
        // ORDERING: Release: the bags, to the Acquire load in `Depot::bags`.
        depot.bags.store(bags, Ordering::Release);
        // Nobody puts anything there from now on.
        state.take(depot.bag.with(core::mem::take));
        let gate = Self::add_epoch(state, depot.lanes);
        // ORDERING: Release: as in `advance`.
        self.gate.store(gate.bits(), Ordering::Release);
    }

    /// A new epoch, which is newer than every batch there is.
    fn add_epoch(state: &mut State<G>, lanes: usize) -> Gate {
        state.epochs.push(Epoch::new(lanes));
        // Only there: what is moved with its box is not to be reached by an older address.
        state.epochs.last().expect("pushed").gate()
    }

    /// Puts what is in the bags into a batch, drops what can be, and says until which batch to wait.
    pub(super) fn begin_flush(&self) -> u64 {
        let Some(depot) = self.existing() else { return 0 };
        let ticket = depot.state.with(|state| {
            state.take(depot.empty_bags());
            state.taken
        });
        self.collect();
        ticket
    }

    /// Whether all batches up to `ticket` have been dropped.
    ///
    /// If not, whoever drops one takes the lock of [`flushes`](Self::flushes) after it has said so, to wake those who wait.
    pub(super) fn is_dropped(&self, ticket: u64) -> bool {
        self.existing().is_none_or(|depot| {
            depot.state.with(|state| {
                let is_dropped = state.is_dropped(ticket);
                state.flushing |= !is_dropped;
                is_dropped
            })
        })
    }

    /// Where those wait who wait for a batch.
    pub(super) fn flushes(&self) -> Option<&Queue<u64, ()>> {
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
                seats: None,
                seated: false,
                fenced: false,
                widen: false,
                batches: Vec::new(),
                dropping: Vec::new(),
                taken: 0,
                flushing: false,
            }),
            flushes: Queue::new(),
        }
    }

    /// Whether there is a bag for each lane.
    pub(super) fn is_wide(&self) -> bool {
        self.bags().is_some()
    }

    fn bags(&self) -> Option<&[CachePadded<Bag<G>>]> {
        // ORDERING: Acquire: the bags, from the Release store in `widen`.
        let bags = self.bags.load(Ordering::Acquire);
        let bags = core::ptr::with_exposed_provenance::<CachePadded<Bag<G>>>(bags);
        // SAFETY: made by `widen`, `lanes` of them, and freed with the depot.
        (!bags.is_null()).then(|| unsafe { core::slice::from_raw_parts(bags, self.lanes) })
    }

    /// What `f` makes of the bag of this thread's lane.
    #[inline]
    pub(super) fn with_bag<R>(&self, f: impl FnOnce(&mut Vec<G>) -> R) -> R {
        let lane = thread_index() & (self.lanes - 1);
        match self.bags() {
            Some(bags) => bags[lane].with(f),
            None => self.bag.with(|only| match self.bags() {
                Some(bags) => bags[lane].with(f),
                None => f(only),
            }),
        }
    }

    fn empty_bag(&self) -> Vec<G> {
        self.with_bag(core::mem::take)
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
