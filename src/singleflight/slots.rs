//! The flights of a [`StaticSingleFlight`](super::StaticSingleFlight): a fixed number of slots, and a board that says what
//! is in them.
//!
//! # Invariants
//!
//! - **K1** The board changes under its lock alone. Locks are taken in the order queue, board. Under them nothing of the
//!   user's runs: keys and values are moved, and compared, cloned and dropped outside.
//! - **K2** A slot has a key while it has holders: its leader, its followers, and who compares its key. It has a value while
//!   it is `Done` besides. Who gives the last hold up takes both out, in the section in which the slot becomes free.
//! - **K3** A slot is led by one holder at a time, from the section that makes it `Led` until that holder makes it `Open` or
//!   `Done`. While it is led, its leader alone touches the place of the value.
//! - **K4** Flights of one key are told by serial numbers. A slot is taken for a key in a section in which every flight that
//!   could be joined had been compared before.

use core::pin::{Pin, pin};
use core::task::{Context, Poll, ready};

use super::place::Place;
use crate::sync::Lock;
use crate::wait::{Queue, Ring, Status, Waiter, wake_in_rounds};

pub(super) struct Slots<K, V, const N: usize> {
    board: Lock<Board<N>>,
    /// All who wait, each with the index of its slot.
    queue: Queue<usize, ()>,
    keys: [Place<K>; N],
    values: [Place<V>; N],
}

// SAFETY: a holder shares the key (`Sync`), clones the value from where it is (`Sync`) or moves it, and the last drops them
// (`Send`); who touches them when is settled by K2 and K3.
unsafe impl<K: Send + Sync, V: Send + Sync, const N: usize> Sync for Slots<K, V, N> {}

struct Board<const N: usize> {
    slots: [Slot; N],
    last_serial: u64,
}

#[derive(Clone, Copy)]
struct Slot {
    state: State,
    holders: usize,
    serial: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Free,
    Led,
    /// Its leader gave up: whoever comes next leads.
    Open,
    Done,
}

/// How a caller stands to a slot that it has found.
pub(super) enum Found {
    Leads(usize),
    Follows(usize),
    Full,
}

/// What a follower sees.
pub(super) enum Seen {
    Leads,
    Done,
}

/// What was in a slot that has become free: the user's to drop.
type Left<K, V> = Option<(K, Option<V>)>;

impl<K, V, const N: usize> Slots<K, V, N> {
    const_fn! {
        pub(super) const fn new() -> Self {
            let slot = Slot { state: State::Free, holders: 0, serial: 0 };
            Self {
                board: Lock::new(Board { slots: [slot; N], last_serial: 0 }),
                queue: Queue::new(),
                keys: each!(Place::empty(); N),
                values: each!(Place::empty(); N),
            }
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.board
            .with(|board| board.slots.iter().filter(|slot| matches!(slot.state, State::Led | State::Open)).count())
    }

    /// The slot of the key in `own`, which is taken if a slot is taken for it.
    pub(super) fn find(&self, own: &mut Option<K>) -> Found
    where
        K: Eq,
    {
        let mut seen = 0;
        loop {
            let found = self.board.with(|board| match board.next(seen) {
                Some(index) => {
                    board.slots[index].holders += 1;
                    Ok((index, board.slots[index].serial))
                }
                None => Err(board.take().inspect(|&index| {
                    let key = own.take().expect("a caller has its key until a slot has it");
                    // SAFETY: the slot was free, so it has no key, and nobody looks (K2).
                    unsafe { self.keys[index].put(key) };
                })),
            });
            let (index, serial) = match found {
                Err(None) => return Found::Full,
                Err(Some(index)) => return Found::Leads(index),
                Ok(candidate) => candidate,
            };
            seen = serial;
            // From here on it has a hold, which a panic gives up.
            let hold = Hold::of(self, index);
            if own.as_ref() == Some(self.key(index)) {
                match self.board.with(|board| board.slots[index].join()) {
                    Some(true) => return Found::Leads(hold.keep()),
                    Some(false) => return Found::Follows(hold.keep()),
                    None => {}
                }
            }
        }
    }

    /// The key of a slot that the caller holds.
    pub(super) fn key(&self, index: usize) -> &K {
        // SAFETY: the caller has a hold, so it is there and stays (K2).
        unsafe { self.keys[index].get() }
    }

    /// A follower looks; or is in line.
    pub(super) fn poll(&self, waiter: Pin<&Waiter<usize, ()>>, cx: &mut Context<'_>) -> Poll<Seen> {
        let index = *waiter.payload();
        loop {
            if let Status::Waiting | Status::Resolved(()) = waiter.status() {
                ready!(self.queue.poll_waiting(waiter, cx.waker()));
            }
            match self.board.with(|board| board.slots[index].look()) {
                Some(seen) => return Poll::Ready(seen),
                None => {
                    waiter.begin_again();
                    let is_led = || self.board.with(|board| board.slots[index].state == State::Led);
                    ready!(self.queue.enqueue(waiter, cx.waker(), || (!is_led()).then_some(())));
                }
            }
        }
    }

    /// A follower is in line no longer.
    pub(super) fn leave_line(&self, waiter: Pin<&Waiter<usize, ()>>) {
        if let Status::Waiting = waiter.status() {
            let left = self.queue.with(|locked| locked.leave(&waiter));
            // The waker in it is foreign code: dropped here, after the lock.
            drop(left);
        }
    }

    /// A hold ends.
    fn let_go(&self, index: usize) {
        let left = self.board.with(|board| {
            if board.slots[index].holders == 1 {
                return self.free(board, index);
            }
            board.slots[index].holders -= 1;
            None
        });
        // The user's destructors: after the lock.
        drop(left);
    }

    /// A hold ends, if it is the last.
    fn free_if_last(&self, index: usize) -> Left<K, V> {
        self.board.with(|board| if board.slots[index].holders == 1 { self.free(board, index) } else { None })
    }

    /// The leader leads no longer.
    fn end_lead(&self, index: usize, state: State) {
        self.board.with(|board| board.slots[index].state = state);
        self.wake(index);
    }

    /// The last hold ends, under the lock: the slot is free, and what was in it comes out.
    fn free(&self, board: &mut Board<N>, index: usize) -> Left<K, V> {
        let slot = &mut board.slots[index];
        let has_value = slot.state == State::Done;
        *slot = Slot { state: State::Free, holders: 0, ..*slot };
        // SAFETY: the last holder takes it, once, since the slot is free from now on (K2).
        let key = unsafe { self.keys[index].take() };
        // SAFETY: as above.
        Some((key, has_value.then(|| unsafe { self.values[index].take() })))
    }

    /// Wakes the followers of a slot.
    fn wake(&self, index: usize) {
        let ring = pin!(Ring::new());
        let ring = ring.as_ref();
        let mut is_cut = false;
        wake_in_rounds(|batch| {
            self.queue.with(|locked| {
                if !is_cut {
                    locked.cut(ring, |&slot| slot == index);
                    is_cut = true;
                }
                !locked.resolve_ring(ring, (), batch)
            })
        });
    }
}

impl<const N: usize> Board<N> {
    /// The oldest flight after `serial`.
    fn next(&self, serial: u64) -> Option<usize> {
        let younger = |&index: &usize| self.slots[index].state != State::Free && self.slots[index].serial > serial;
        (0..N).filter(younger).min_by_key(|&index| self.slots[index].serial)
    }

    /// A free slot, which the caller leads from now on.
    fn take(&mut self) -> Option<usize> {
        let index = self.slots.iter().position(|slot| slot.state == State::Free)?;
        self.last_serial += 1;
        self.slots[index] = Slot { state: State::Led, holders: 1, serial: self.last_serial };
        Some(index)
    }
}

impl Slot {
    /// A caller with its key comes: true if it leads; none if nobody joins any more.
    fn join(&mut self) -> Option<bool> {
        match self.state {
            State::Led => Some(false),
            State::Open => {
                self.state = State::Led;
                Some(true)
            }
            State::Done | State::Free => None,
        }
    }

    /// A follower looks: none if it is to wait on.
    fn look(&mut self) -> Option<Seen> {
        match self.state {
            State::Done => Some(Seen::Done),
            _ => self.join()?.then_some(Seen::Leads),
        }
    }
}

/// A hold on a slot, given up when dropped.
pub(super) struct Hold<'a, K, V, const N: usize> {
    slots: &'a Slots<K, V, N>,
    index: usize,
}

impl<'a, K, V, const N: usize> Hold<'a, K, V, N> {
    /// One that the caller has.
    pub(super) fn of(slots: &'a Slots<K, V, N>, index: usize) -> Self {
        Self { slots, index }
    }

    /// Stays, as the caller's.
    fn keep(self) -> usize {
        core::mem::ManuallyDrop::new(self).index
    }

    pub(super) fn key(&self) -> &K {
        self.slots.key(self.index)
    }

    /// The leader has the value, which others get too, if they hold the slot.
    pub(super) fn complete(self, value: V) -> V
    where
        V: Clone,
    {
        let alone = self.slots.free_if_last(self.index);
        if let Some(key) = alone {
            self.keep();
            drop(key);
            return value;
        }
        // SAFETY: the caller leads, and there is no value yet (K3).
        unsafe { self.slots.values[self.index].put(value) };
        self.slots.end_lead(self.index, State::Done);
        self.fetch()
    }

    /// The leader gives the lead up.
    pub(super) fn give_up(self) {
        self.slots.end_lead(self.index, State::Open);
    }

    /// The value of a slot that is done. It is moved to the last, else cloned.
    pub(super) fn fetch(self) -> V
    where
        V: Clone,
    {
        match self.slots.free_if_last(self.index) {
            Some((_key, value)) => {
                self.keep();
                value.expect("it is done")
            }
            // SAFETY: done, and the hold keeps it (K2).
            None => unsafe { self.slots.values[self.index].get() }.clone(),
        }
    }
}

impl<K, V, const N: usize> Drop for Hold<'_, K, V, N> {
    fn drop(&mut self) {
        self.slots.let_go(self.index);
    }
}
