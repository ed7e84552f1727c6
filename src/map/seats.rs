//! Readers that come and go without a read-modify-write: each in a seat that its thread alone writes.
//!
//! A lane's counter costs two read-modify-writes for each reader, as much as the rest of a lookup. A reader that stays on
//! its thread, and is gone before the call returns, can do without: it counts itself in its thread's *seat* by plain
//! stores, behind the light side of an asymmetric [`barrier`]; who needs to know who is inside pays for the heavy side.
//! (D. Dice and others, "Asymmetric Dekker synchronization", 2001; seize, below papaya, uses such a barrier too.)
//!
//! The heavy side costs microseconds, so that seats are *open* only while nothing is retired: the first collection that
//! needs to look at them closes them, and they are opened again when readers have come so often that it pays.
//!
//! # Invariants
//!
//! - S1: A seat is written by the thread of its number, which is one at a time, and is between calls of that thread what
//!   it was before: zero when the thread ends.
//! - S2: Who has taken a seat reads the map only if the seats were open when it looked *after* the light barrier.
//! - S3: Seats count as taken from when they are opened until each was seen empty after they were closed and the heavy
//!   barrier passed: what is retired meanwhile waits for them, as for an epoch.
//!
//! # Why nobody is overlooked
//!
//! Between a reader's light barrier and the closer's heavy one there is an order. Either the reader's comes first: then
//! its seat is seen taken, and by S3 it is waited for. Or the closer's comes first: then the reader sees that the seats
//! are closed, and by S2 goes; or that they were opened anew (Acquire), and then it came after all that was retired before
//! that. What is retired later waits for it (S3).
//!
//! Nor is a wake lost: who leaves writes the seat, passes the light barrier, and looks whether it is *awaited*; who closes
//! writes that, passes the heavy barrier, and looks at the seat.

use core::marker::PhantomData;

use alloc::boxed::Box;

use super::reclaim::{Entered, Reclaim};
use crate::sync::barrier::{heavy, is_available, light};
use crate::sync::{AtomicUsize, CachePadded, Ordering, is_now_and_then, thread_index};

/// The place of one thread.
struct Seat {
    /// How many readers of that thread are inside: one may read within another.
    inside: AtomicUsize,
    /// Not zero: who leaves is to collect.
    awaited: AtomicUsize,
}

impl Seat {
    #[inline(always)]
    fn sit(&self) {
        // ORDERING: Relaxed on both: this thread alone writes it (S1); the barrier after it orders it.
        let inside = self.inside.load(Ordering::Relaxed);
        // ORDERING: as above.
        self.inside.store(inside + 1, Ordering::Relaxed);
        light();
    }

    /// True if somebody waits for that.
    #[inline(always)]
    fn rise(&self) -> bool {
        // ORDERING: Relaxed: as in `sit`.
        let inside = self.inside.load(Ordering::Relaxed) - 1;
        // ORDERING: Release: what was read, before the look in `are_empty`.
        self.inside.store(inside, Ordering::Release);
        light();
        // ORDERING: Relaxed: the barrier orders it after the store. Nothing is read through it.
        inside == 0 && self.awaited.load(Ordering::Relaxed) != 0
    }
}

/// The seats of a map: one per lane.
#[derive(Debug)]
pub(super) struct Seats(Box<[CachePadded<Seat>]>);

impl core::fmt::Debug for Seat {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Seat").finish_non_exhaustive()
    }
}

impl Seats {
    pub(super) fn new(lanes: usize) -> Self {
        let seat = || CachePadded::new(Seat { inside: AtomicUsize::new(0), awaited: AtomicUsize::new(0) });
        Self((0..lanes).map(|_| seat()).collect())
    }

    fn expect(&self, awaited: usize) {
        for seat in &self.0 {
            // ORDERING: Relaxed: ordered by the barrier in `close`, or by the store in `open`.
            seat.awaited.store(awaited, Ordering::Relaxed);
        }
    }

    /// Whether everybody is gone, when they are closed.
    pub(super) fn are_empty(&self) -> bool {
        // ORDERING: Acquire: what those did who left (the Release in `rise`).
        self.0.iter().all(|seat| seat.inside.load(Ordering::Acquire) == 0)
    }

    /// What names them, while they are open: their address, and their number less one in its low bits, for which there is
    /// room: at most 64, aligned to 128 bytes wherever there is a barrier.
    fn word(&self) -> usize {
        debug_assert!(self.0.len() <= align_of::<CachePadded<Seat>>());
        self.0.as_ptr().expose_provenance() | (self.0.len() - 1)
    }

    /// The seat of a thread, if it has one.
    ///
    /// # Safety
    /// `word` names seats that live as long as the reference is used.
    #[inline(always)]
    unsafe fn of<'a>(word: usize, thread: usize) -> Option<&'a Seat> {
        const LOW: usize = align_of::<CachePadded<Seat>>() - 1;
        if thread > word & LOW {
            return None;
        }
        let seats = core::ptr::with_exposed_provenance::<CachePadded<Seat>>(word & !LOW);
        // SAFETY: less than their number.
        let seat = unsafe { seats.add(thread) };
        // SAFETY: alive, by the caller.
        Some(unsafe { &*seat })
    }
}

/// The word of the seats that are open, or null.
#[derive(Debug)]
pub(super) struct Open(AtomicUsize);

impl Open {
    const_fn! {
        pub(super) const fn new() -> Self {
            Self(AtomicUsize::new(0))
        }
    }

    #[inline(always)]
    fn word(&self) -> usize {
        // ORDERING: Acquire: the seats, and what was unlinked before they were opened (the Release in `open`).
        self.0.load(Ordering::Acquire)
    }

    pub(super) fn open(&self, seats: &Seats) {
        seats.expect(0);
        // ORDERING: Release: the seats, and what was unlinked so far, to the Acquire loads in `word`.
        self.0.store(seats.word(), Ordering::Release);
    }

    /// Nobody sits down any more. False if the system no longer has the barrier that takes: then nobody knows who sits.
    pub(super) fn close(&self, seats: &Seats) -> bool {
        // ORDERING: Relaxed: the barrier orders it.
        self.0.store(0, Ordering::Relaxed);
        seats.expect(1);
        heavy()
    }
}

/// That its owner has come in, for a moment and on this thread: what it reads in the map stays (R1).
pub(crate) struct Passing<'a, G> {
    place: Place<'a, G>,
    /// A seat is its thread's.
    _here: PhantomData<*const ()>,
}

enum Place<'a, G> {
    Seat {
        _seated: Seated<'a, G>,
    },
    /// The seats are closed, or this thread has none.
    Lane(Entered<'a, G>),
}

/// One who sits, and rises when this is dropped.
struct Seated<'a, G> {
    seat: &'a Seat,
    reclaim: &'a Reclaim<G>,
}

impl<G> Reclaim<G> {
    /// Comes in, as by [`enter`](Self::enter), for a reader that stays on this thread.
    #[inline(always)]
    pub(crate) fn pass(&self) -> Passing<'_, G> {
        let word = self.open.word();
        if word != 0 {
            // SAFETY: they live as long as the map.
            if let Some(seat) = unsafe { Seats::of(word, thread_index()) } {
                seat.sit();
                let seated = Seated { seat, reclaim: self };
                if self.open.word() == word {
                    return Passing { place: Place::Seat { _seated: seated }, _here: PhantomData };
                }
            }
        } else if is_now_and_then() && is_available() {
            self.open_seats();
        }
        Passing { place: Place::Lane(self.enter()), _here: PhantomData }
    }
}

impl<'a, G> Passing<'a, G> {
    /// Its lane, if it is in one.
    pub(super) fn entered(&self) -> Option<&Entered<'a, G>> {
        match &self.place {
            Place::Seat { .. } => None,
            Place::Lane(entered) => Some(entered),
        }
    }

    /// Its lane, to stay in; itself, if it sits.
    #[inline(always)]
    pub(super) fn into_entered(self) -> Result<Entered<'a, G>, Self> {
        match self.place {
            Place::Seat { .. } => Err(self),
            Place::Lane(entered) => Ok(entered),
        }
    }
}

impl<G> Drop for Seated<'_, G> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.seat.rise() {
            self.reclaim.collect();
        }
    }
}
