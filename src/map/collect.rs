//! The collector: batches, and which epochs they wait for. The protocol is in [`reclaim`](super::reclaim).

use core::pin::pin;

use alloc::vec::Vec;

use super::depot::Depot;
use super::frame::Frame;
use super::lane::{Epoch, Gate, Lane};
use super::reclaim::{EPOCHS, RESERVED, Reclaim, WAITING};
use super::seats::Seats;
use crate::sync::Ordering;
use crate::wait::{Locked, Queue, Ring, WakeBatch, wake_in_rounds};

pub(super) struct State<G> {
    /// All but the two in [`Reclaim`].
    epochs: Vec<Epoch>,
    seats: Option<Seats>,
    /// Somebody may sit: see S3.
    seated: bool,
    /// The seats were closed, and the heavy barrier passed, since they were opened last.
    fenced: bool,
    /// The oldest first.
    batches: Vec<Batch<G>>,
    /// The numbers of those that are being dropped.
    dropping: Vec<u64>,
    taken: u64,
    /// Somebody waits in `flushes`, or did.
    flushing: bool,
    /// Perhaps for what is done by now.
    waking: bool,
}

pub(super) struct Batch<G> {
    /// Of several that became one, the first.
    number: u64,
    /// The epochs that have not been crossed off, by their index, and [`SEATS`].
    needs: u32,
    /// In the pieces that it came in.
    garbage: Vec<Vec<G>>,
}

/// Stands for the seats in a set of epochs.
const SEATS: u32 = 1 << 31;

impl<G> State<G> {
    pub(super) const fn new() -> Self {
        Self {
            epochs: Vec::new(),
            seats: None,
            seated: false,
            fenced: false,
            batches: Vec::new(),
            dropping: Vec::new(),
            taken: 0,
            flushing: false,
            waking: false,
        }
    }

    /// Makes a batch of `garbage`.
    fn take(&mut self, garbage: Vec<Vec<G>>) {
        if !garbage.is_empty() {
            let epochs = u32::MAX >> (u32::BITS - (2 + self.epochs.len() as u32));
            let needs = epochs | if self.seated { SEATS } else { 0 };
            self.taken += 1;
            self.batches.push(Batch { number: self.taken, needs, garbage });
        }
    }

    /// Notes which batches have been dropped.
    fn note_done(&mut self, depot: &Depot<G>) {
        for numbers in depot.done.take() {
            self.dropping.retain(|number| !numbers.contains(number));
            self.waking |= self.flushing;
        }
    }

    /// Fills `batch` with the wakers of those who wait for what is done; true if there are more.
    fn wake(&mut self, depot: &Depot<G>, flushes: &mut Locked<'_, u64, ()>, batch: &mut WakeBatch) -> bool {
        self.note_done(depot);
        let ring = pin!(Ring::new());
        let ring = ring.into_ref();
        let mut room = batch.room();
        flushes.cut(ring, |ticket| {
            let is_picked = room > 0 && self.is_dropped(*ticket);
            room -= usize::from(is_picked);
            is_picked
        });
        flushes.resolve_ring(ring, (), batch);
        self.waking = flushes.payloads().any(|ticket| self.is_dropped(*ticket));
        self.flushing = flushes.payloads().next().is_some();
        self.waking
    }

    /// Whether every batch up to `number` has been dropped.
    fn is_dropped(&self, number: u64) -> bool {
        self.batches.iter().map(|batch| batch.number).chain(self.dropping.iter().copied()).all(|other| other > number)
    }
}

/// Has it done at the end, in whichever way that comes.
pub(super) struct AtEnd<'a, G>(pub(super) &'a Reclaim<G>, pub(super) fn(&Reclaim<G>));

impl<G> Drop for AtEnd<'_, G> {
    fn drop(&mut self) {
        (self.1)(self.0);
    }
}

/// Batches that nobody has any more. Dropped, they are noted as done when all of theirs are, though a destructor panics.
struct Dead<'a, G>(&'a Depot<G>, Vec<Batch<G>>);

impl<G> Drop for Dead<'_, G> {
    fn drop(&mut self) {
        struct Done<'a, G>(&'a Depot<G>, Vec<u64>);

        impl<G> Drop for Done<'_, G> {
            fn drop(&mut self) {
                self.0.done.push(core::mem::take(&mut self.1));
                self.0.ask();
            }
        }

        if !self.1.is_empty() {
            let _done = Done(self.0, self.1.iter().map(|batch| batch.number).collect());
            drop(core::mem::take(&mut self.1));
        }
    }
}

impl<G> Reclaim<G> {
    /// Drops what can be dropped.
    #[cold]
    pub(crate) fn collect(&self) {
        if let Some(depot) = self.existing() {
            self.collect_in(depot, false);
        }
    }

    /// Does what others could not while this caller had a lock: called after each that is not one of `serve`.
    pub(super) fn attend(&self) {
        if let Some(depot) = self.existing()
            && depot.is_asked()
        {
            // Even in a destructor: they have gone on, and rely on it.
            self.collect_in(depot, true);
        }
    }

    fn collect_in(&self, depot: &Depot<G>, nests: bool) {
        // After a destructor that panics: others may have been put off until it was done.
        let again = AtEnd(self, Self::collect);
        // Destructors that retire more do not nest: what they leave is looked for when they are done.
        match Frame::begin(core::ptr::from_ref(depot).addr()) {
            Some(frame) => loop {
                depot.ask();
                self.serve(depot);
                if !frame.was_asked_again() {
                    break;
                }
            },
            None if nests => self.serve(depot),
            None => {}
        }
        core::mem::forget(again);
    }

    /// Sees to all that was asked for, unless somebody is at it, who then does.
    fn serve(&self, depot: &Depot<G>) {
        loop {
            let mut dead = Dead(depot, Vec::new());
            // All of it before foreign code: those who asked have gone on, and rely on it.
            while self.is_more_asked(depot, &mut dead.1) {}
            if dead.1.is_empty() {
                return;
            }
            // Foreign code, outside of every lock. It asks in the end.
            drop(dead);
        }
    }

    /// One collection, what can be dropped of which is added to `dead`. True if somebody has asked meanwhile; false too if
    /// others have a lock, who then look.
    fn is_more_asked(&self, depot: &Depot<G>, dead: &mut Vec<Batch<G>>) -> bool {
        let seen = depot.state.try_with(|state| {
            depot.answer();
            state.note_done(depot);
            // Under the lock: what is in neither a bag nor a batch would be overlooked by a flush.
            state.take(depot.gather());
            self.sweep(depot, state, dead);
            state.waking
        });
        let is_left_to_others = seen.is_none_or(|is_waking| is_waking && !self.wake_flushes(depot));
        !is_left_to_others && depot.is_asked()
    }

    /// Wakes those who wait for what is done by now. False if somebody has the queue, and does it after that.
    fn wake_flushes(&self, depot: &Depot<G>) -> bool {
        depot.ask();
        let mut is_free = true;
        wake_in_rounds(|batch: &mut WakeBatch| {
            let more = depot.flushes.try_with(|locked| {
                // If somebody else has the state, that one has been asked too.
                depot.state.try_with(|state| state.wake(depot, locked, batch)).unwrap_or(false)
            });
            is_free = more.is_some();
            more.unwrap_or(false)
        });
        is_free
    }

    /// One collection, under the lock.
    fn sweep(&self, depot: &Depot<G>, state: &mut State<G>, dead: &mut Vec<Batch<G>>) {
        // ORDERING: Relaxed: it was set before somebody asked.
        if depot.crowded.load(Ordering::Relaxed) && !depot.is_wide() {
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

    /// Opens the seats, unless something waits to be dropped, which would have them closed again, or somebody is at the state.
    #[cold]
    pub(super) fn open_seats(&self) {
        let depot = self.depot();
        depot.state.try_with(|state| {
            if !state.seated && state.batches.is_empty() {
                state.seated = true;
                state.fenced = false;
                self.open.open(state.seats.get_or_insert_with(|| Seats::new(depot.lanes)));
            }
        });
        self.attend();
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
                older.garbage.append(&mut younger.garbage);
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
        depot.make_bags();
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
            state.take(depot.gather_all());
            state.taken
        });
        self.collect();
        // In a destructor that does nothing for others.
        self.attend();
        ticket
    }

    /// Whether all batches up to `ticket` have been dropped.
    ///
    /// If not, whoever drops one has the [`flushes`](Self::flushes) looked through after it has said so, to wake those who wait.
    /// The caller [attends](Self::attend) when it has no lock.
    pub(super) fn is_dropped(&self, ticket: u64) -> bool {
        self.existing().is_none_or(|depot| {
            depot.state.with(|state| {
                state.note_done(depot);
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
