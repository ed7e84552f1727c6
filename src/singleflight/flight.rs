//! A flight: one allocation with three lives. The invariants are the module's.

use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Context, Poll};

use alloc::boxed::Box;

use super::header::{Header, Memory, with_waker};
use super::place::Place;
use super::word::Word;
use crate::sync::{AtomicUsize, Ordering, UnsafeCell};

/// `header` comes first, so that a pointer to it is a pointer to the flight.
#[repr(C)]
pub(super) struct Flight<K, V> {
    header: Header,
    /// Who keeps key and value (F2).
    holders: AtomicUsize,
    /// Of the key.
    pub(super) hash: u64,
    pub(super) conduct: Conduct,
    pub(super) listing: UnsafeCell<Listing<K, V>>,
    work: Option<WorkTable<V>>,
    key: Place<K>,
    value: Place<V>,
}

/// Who may go on with a flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Conduct {
    /// Tasks: the future may need the runtime that it was made for.
    Tasks,
    /// Whoever waits: a blocking call has made the future.
    Anybody,
    /// Its leader alone: there is no future.
    Leader,
}

/// A flight's place in a table; the lock of its shard guards it (Y1).
pub(super) struct Listing<K, V> {
    pub(super) next: *const Flight<K, V>,
    /// In the order in which flights come into the shard, from 1 on.
    pub(super) serial: u64,
}

/// What can be done with a future whose type is forgotten.
struct WorkTable<V> {
    poll: unsafe fn(NonNull<Header>, &mut Context<'_>) -> Poll<V>,
    drop: unsafe fn(NonNull<Header>),
}

/// A flight and its future, which is there from the end of the closure that made it to the end of the work.
#[repr(C)]
struct Cell<K, V, F> {
    flight: Flight<K, V>,
    future: Place<F>,
}

/// The memory of a flight that is not listed yet: neither key nor value nor future.
pub(super) struct Blank<K, V>(NonNull<Flight<K, V>>);

/// One holder's share in a flight; given up when dropped.
pub(super) struct Hold<K, V>(NonNull<Flight<K, V>>);

// SAFETY: the key is shared and dropped, the value shared, moved and dropped by whichever holder is there: `Send + Sync`.
// The future is `Send`. Everything else is atomic, or under a lock.
unsafe impl<K: Send + Sync, V: Send + Sync> Send for Hold<K, V> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync> Sync for Hold<K, V> {}

impl<K, V> Blank<K, V> {
    /// Room for a flight with a future.
    pub(super) fn for_work<F: Future<Output = V>>(hash: u64, word: Word, conduct: Conduct) -> Self {
        let work = WorkTable { poll: poll_work::<K, V, F>, drop: drop_work::<K, V, F> };
        Self::allocate::<F>(hash, word, conduct, Some(work))
    }

    /// Room for a flight that a leader flies.
    pub(super) fn for_leader(hash: u64, word: Word) -> Self {
        Self::allocate::<()>(hash, word, Conduct::Leader, None)
    }

    fn allocate<F>(hash: u64, word: Word, conduct: Conduct, work: Option<WorkTable<V>>) -> Self {
        // The table holds it, and its first caller; and the driver, if there is one.
        let holders = if word.has_driver() { 3 } else { 2 };
        let flight = Flight {
            header: Header::new(word, free::<K, V, F>),
            holders: AtomicUsize::new(holders),
            hash,
            conduct,
            listing: UnsafeCell::new(Listing { next: core::ptr::null(), serial: 0 }),
            work,
            key: Place::empty(),
            value: Place::empty(),
        };
        let cell = Box::into_raw(Box::<Cell<K, V, F>>::new_uninit()).cast::<Cell<K, V, F>>();
        // SAFETY: the memory of a `Cell`, just allocated.
        let future = unsafe { &raw mut (*cell).future };
        // SAFETY: as above.
        unsafe { future.write(Place::empty()) };
        // SAFETY: as above; a flight is the first field.
        unsafe { cell.cast::<Flight<K, V>>().write(flight) };
        Self(NonNull::new(cell.cast()).expect("a box is not null"))
    }

    /// Becomes a flight, with its key. Of the holds, the table's are a pointer, and this gives the first caller's.
    pub(super) fn launch(self, key: K) -> Hold<K, V> {
        let flight = ManuallyDrop::new(self).0;
        // SAFETY: valid, and nobody else knows of it.
        let place = unsafe { &flight.as_ref().key };
        // SAFETY: as above.
        unsafe { place.put(key) };
        Hold(flight)
    }
}

impl<K, V> Drop for Blank<K, V> {
    fn drop(&mut self) {
        // SAFETY: the reference that the holders would have had.
        drop(unsafe { Memory::from_raw(self.0.cast()) });
    }
}

impl<K, V> Flight<K, V> {
    pub(super) fn key(&self) -> &K {
        // SAFETY: there before it was listed, and to the end of its holders (F2), of whom who asks is one.
        unsafe { self.key.get() }
    }

    /// Puts the value in its place.
    ///
    /// # Safety
    /// The caller has the work (F1), and there is no value yet.
    pub(super) unsafe fn set_value(&self, value: V) {
        // SAFETY: nobody looks there before the end is published, which the caller alone can do.
        unsafe { self.value.put(value) };
    }
}

impl<K, V> Deref for Flight<K, V> {
    type Target = Header;

    #[inline(always)]
    fn deref(&self) -> &Header {
        &self.header
    }
}

impl<K, V> Hold<K, V> {
    #[inline]
    pub(super) fn as_ptr(&self) -> *const Flight<K, V> {
        self.0.as_ptr()
    }

    /// # Safety
    /// The caller owns one hold of `flight`, a pointer that [`into_raw`](Self::into_raw) or [`Blank::launch`] gave, and
    /// passes it on.
    #[inline]
    pub(super) unsafe fn from_raw(flight: *const Flight<K, V>) -> Self {
        Self(NonNull::new(flight.cast_mut()).expect("a flight is not null"))
    }

    /// One hold more, of a flight that `flight` points to and that has one.
    ///
    /// # Safety
    /// It has a holder, who stays until this returns; the pointer is as for [`from_raw`](Self::from_raw).
    pub(super) unsafe fn another(flight: *const Flight<K, V>) -> Self {
        // SAFETY: as the caller promises.
        let hold = unsafe { Self::from_raw(flight) };
        // ORDERING: Relaxed: there is a holder already, and the lock of the table orders what this one looks at: the key.
        hold.holders.fetch_add(1, Ordering::Relaxed);
        hold
    }

    /// The value, of a flight that is done: moved out if this is the only holder, else cloned.
    pub(super) fn value(&self) -> V
    where
        V: Clone,
    {
        // ORDERING: Acquire: what the other holders did with the value, before their Release subtraction in `drop`. Alone,
        // nobody can add one.
        if self.holders.load(Ordering::Acquire) == 1 {
            // ORDERING: Relaxed: nobody else looks.
            self.word.fetch_and(Word::EMPTIED, Ordering::Relaxed);
            // SAFETY: it was stored, and is taken once, since the word says so from now on.
            return unsafe { self.value.take() };
        }
        // SAFETY: it was stored before the end was published, and is there to the end of its holders (F2), but for the last.
        unsafe { self.value.get() }.clone()
    }

    /// Puts the future in its place.
    ///
    /// # Safety
    /// The caller has the work (F1); the flight was made for this type; there is no future yet.
    pub(super) unsafe fn set_work<F: Future<Output = V>>(&self, future: F) {
        // SAFETY: the flight is the first field of a cell of this type, to all of which the pointer reaches.
        let cell = unsafe { self.0.cast::<Cell<K, V, F>>().as_ref() };
        // SAFETY: who has the work has the place to itself.
        unsafe { cell.future.put(future) };
    }

    /// Polls the future, with the flight's own waker.
    ///
    /// # Safety
    /// The caller has the work (F1), and the future is there.
    pub(super) unsafe fn poll_work(&self) -> Poll<V> {
        let work = self.work.as_ref().expect("a flight with a future");
        let header = self.0.cast();
        let poll = |waker: &_| {
            // SAFETY: as the caller promises; the table was made for this flight.
            unsafe { (work.poll)(header, &mut Context::from_waker(waker)) }
        };
        // SAFETY: a hold keeps the memory, to all of which the pointer reaches.
        unsafe { with_waker(header, poll) }
    }

    /// Drops the future.
    ///
    /// # Safety
    /// The caller has the work, or has ended the flight (F1); the future is there, and is not used again.
    pub(super) unsafe fn drop_work(&self) {
        let work = self.work.as_ref().expect("a flight with a future");
        // SAFETY: as the caller promises; the table was made for this flight.
        unsafe { (work.drop)(self.0.cast()) };
    }
}

impl<K, V> Deref for Hold<K, V> {
    type Target = Flight<K, V>;

    #[inline(always)]
    fn deref(&self) -> &Flight<K, V> {
        // SAFETY: a hold keeps the flight (F2).
        unsafe { self.0.as_ref() }
    }
}

impl<K, V> Drop for Hold<K, V> {
    #[inline]
    fn drop(&mut self) {
        // ORDERING: Acquire: what the other holders did, published by the Release subtractions below. Alone, nobody can add
        // one.
        if self.holders.load(Ordering::Acquire) != 1 {
            // ORDERING: Release: what this holder did with key and value, to the Acquire loads of who is the last (above, below,
            // and in `value`).
            if self.holders.fetch_sub(1, Ordering::Release) != 1 {
                return;
            }
            // ORDERING: Acquire: as above.
            self.holders.load(Ordering::Acquire);
        }
        // Dropped in reverse, each although the one before it panics.
        // SAFETY: the reference of all holders, of whom this was the last.
        let _memory = unsafe { Memory::from_raw(self.0.cast()) };
        // SAFETY: the last holder drops it (F2).
        let _key = unsafe { self.key.take() };
        // ORDERING: Relaxed: nobody changes it any more but by a wake.
        let is_stored = self.word.load(Ordering::Relaxed).is_stored();
        // SAFETY: it was stored, and the last holder drops it (F2).
        let _value = is_stored.then(|| unsafe { self.value.take() });
    }
}

/// Polls the future of a flight.
///
/// # Safety
/// `flight` is one of a `Cell<K, V, F>`, in which the future is; the caller has the work.
unsafe fn poll_work<K, V, F: Future<Output = V>>(flight: NonNull<Header>, cx: &mut Context<'_>) -> Poll<V> {
    // SAFETY: as the caller promises.
    let cell = unsafe { flight.cast::<Cell<K, V, F>>().as_ref() };
    // SAFETY: it stays where it is until it is dropped in place (`drop_work`).
    let poll = |future: &mut F| unsafe { Pin::new_unchecked(future) }.poll(cx);
    // SAFETY: it is there, and who has the work has it alone.
    unsafe { cell.future.with_mut(poll) }
}

/// Drops the future of a flight.
///
/// # Safety
/// As for [`poll_work`], and it is not used again.
unsafe fn drop_work<K, V, F>(flight: NonNull<Header>) {
    // SAFETY: as the caller promises.
    let cell = unsafe { flight.cast::<Cell<K, V, F>>().as_ref() };
    // SAFETY: it is there, the caller has it alone, and it is not used again.
    unsafe { cell.future.drop_in_place() };
}

/// Frees the memory of a flight, whose key, value and future are gone.
///
/// # Safety
/// `flight` is one of a `Cell<K, V, F>`, made by `Blank::allocate`, that nobody reaches any more.
unsafe fn free<K, V, F>(flight: NonNull<Header>) {
    // SAFETY: as the caller promises; what is of the user's is in places, so that only the header is dropped.
    drop(unsafe { Box::from_raw(flight.cast::<Cell<K, V, F>>().as_ptr()) });
}
