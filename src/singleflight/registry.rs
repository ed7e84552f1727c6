//! Which flights there are, by key: a few shards, each a locked table. The invariants are the module's.

use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::NonNull;

use alloc::boxed::Box;

use super::flight::{Blank, Hold};
use super::key::Ask;
use super::table::{Table, heads, mixed};
use super::word::{Phase, Seat};
use crate::sync::{AtomicUsize, CachePadded, Lock, Ordering, assert_exclusive, small};

const SHARDS: usize = small(16, 1);

/// More handles than this would have to be leaked ones.
const MAX_HANDLES: usize = isize::MAX as usize;

pub(super) struct Registry<K, V> {
    /// The group's, and one for each waiter and driver that does not borrow the group.
    handles: AtomicUsize,
    shards: [CachePadded<Shard<K, V>>; SHARDS],
}

struct Shard<K, V> {
    table: Lock<Table<K, V>>,
    /// How many flights are in the table; written under its lock.
    len: AtomicUsize,
}

/// How a caller has come to its flight.
pub(super) enum Entry<K, V> {
    /// It is one that was there.
    Joined(Hold<K, V>),
    /// It is new, and the caller has its work.
    Started(Hold<K, V>),
}

/// What is asked of a flight that was found.
enum Found<K, V> {
    Candidate(Hold<K, V>, u64),
    Inserted(Hold<K, V>, Option<usize>),
    Nothing,
}

impl<K, V> Registry<K, V> {
    fn new() -> Self {
        let shard = || CachePadded::new(Shard { table: Lock::new(Table::new()), len: AtomicUsize::new(0) });
        Self { handles: AtomicUsize::new(1), shards: core::array::from_fn(|_| shard()) }
    }

    fn shard(&self, hash: u64) -> &Shard<K, V> {
        &self.shards[(mixed(hash) >> 56) as usize & (SHARDS - 1)]
    }

    /// The flight of a key: one that callers join still, or a new one, in memory that `blank` makes.
    ///
    /// The search visits flights of the same hash in the order in which they came, each once: held, so that it stays
    /// what it is, and compared outside of the lock (Y3). If none is left under the lock, none is there.
    pub(super) fn enter<A: Ask<K>>(
        &self,
        hash: u64,
        ask: &mut A,
        conduct: impl Fn(&Hold<K, V>) -> Seat,
        blank: impl Fn() -> Blank<K, V>,
    ) -> Entry<K, V> {
        let shard = self.shard(hash);
        let mut seen = 0;
        // ORDERING: Relaxed: a hint. Where nothing is in flight, memory is made first, and the lock taken once.
        let mut spare = if shard.len.load(Ordering::Relaxed) == 0 { Some(prepare(ask, &blank)) } else { None };
        loop {
            let found = shard.table.with(|table| match table.next(hash, seen) {
                Some((hold, serial)) => Found::Candidate(hold, serial),
                None => match spare.take() {
                    Some(blank) => {
                        // Only moved: no code of the user's.
                        let hold = blank.launch(ask.take());
                        table.insert(&hold);
                        shard.count(table);
                        Found::Inserted(hold, table.wants())
                    }
                    None => Found::Nothing,
                },
            });
            match found {
                Found::Candidate(hold, serial) => {
                    seen = serial;
                    if ask.is(hold.key()) && hold.join(conduct(&hold)) {
                        return Entry::Joined(hold);
                    }
                }
                Found::Inserted(hold, wanted) => {
                    if wanted.is_some() {
                        shard.resize();
                    }
                    return Entry::Started(hold);
                }
                Found::Nothing => spare = Some(prepare(ask, &blank)),
            }
        }
    }

    /// The listed flight of the key for which `is` says true, if there is one.
    pub(super) fn find(&self, hash: u64, is: impl Fn(&K) -> bool) -> Option<Hold<K, V>> {
        let shard = self.shard(hash);
        let mut seen = 0;
        loop {
            let (hold, serial) = shard.table.with(|table| table.next(hash, seen))?;
            seen = serial;
            // ORDERING: Relaxed: whoever goes on to unlist it exchanges the word.
            if is(hold.key()) && hold.word.load(Ordering::Relaxed).is_listed() {
                return Some(hold);
            }
        }
    }

    /// Takes a flight out of its table. The caller has cleared `LISTED` (Y2).
    pub(super) fn unlist(&self, flight: &Hold<K, V>) {
        let shard = self.shard(flight.hash);
        let (hold, wanted) = shard.table.with(|table| {
            let hold = table.remove(flight);
            shard.count(table);
            (hold, table.wants())
        });
        // Outside of the lock: it may be the last.
        drop(hold);
        if wanted.is_some() {
            shard.resize();
        }
    }

    /// How many flights there are.
    pub(super) fn len(&self) -> usize {
        // ORDERING: Relaxed: a number that may be old as soon as it is read.
        self.shards.iter().map(|shard| shard.len.load(Ordering::Relaxed)).sum()
    }
}

/// The memory for a flight, and the key for it: both made outside of the lock.
fn prepare<K, V, A: Ask<K>>(ask: &mut A, blank: &impl Fn() -> Blank<K, V>) -> Blank<K, V> {
    ask.prepare();
    blank()
}

impl<K, V> Shard<K, V> {
    /// After `table` changed, under its lock.
    fn count(&self, table: &Table<K, V>) {
        // ORDERING: Relaxed: a hint and a number for display; the table decides.
        self.len.store(table.len(), Ordering::Relaxed);
    }

    /// Gives the table the number of heads that it wants.
    #[cold]
    fn resize(&self) {
        while let Some(wanted) = self.table.with(|table| table.wants()) {
            let new = heads(wanted);
            let (unused, fits) = self.table.with(|table| match table.wants() {
                Some(still) if still == wanted => (table.adopt(new), true),
                still => (new, still.is_none()),
            });
            drop(unused);
            if fits {
                return;
            }
        }
    }
}

impl<K, V> Hold<K, V> {
    /// Counts a caller in; false if nobody joins this flight any more.
    fn join(&self, seat: Seat) -> bool {
        // ORDERING: Relaxed: only counted; what it needs of the flight comes with the end, or with the work.
        let mut word = self.word.load(Ordering::Relaxed);
        while let Some(next) = word.joined(seat) {
            // ORDERING: Relaxed on both: as above.
            match self.word.exchange(word, next, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(()) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// Clears `LISTED` if `may` says so; whether the caller has, and so must take it out of its table (Y2).
    pub(super) fn unlisted(&self, may: impl Fn(super::word::Word) -> bool) -> bool {
        // ORDERING: Relaxed: as in `join`.
        let mut word = self.word.load(Ordering::Relaxed);
        while word.is_listed() && may(word) {
            // ORDERING: Relaxed on both: the table is taken care of under its lock.
            match self.word.exchange(word, word.unlisted(), Ordering::Relaxed, Ordering::Relaxed) {
                Ok(()) => return true,
                Err(now) => word = now,
            }
        }
        false
    }

    /// What has become of it.
    #[inline]
    pub(super) fn phase(&self) -> Phase {
        // ORDERING: Acquire: the value, published by the Release exchange in `publish`.
        self.word.load(Ordering::Acquire).phase()
    }
}

/// One handle on a registry; given up when dropped.
pub(super) struct Handle<K, V>(NonNull<Registry<K, V>>);

// SAFETY: handles are counted atomically, and a registry is shared and dropped by any thread: it holds keys and values.
unsafe impl<K: Send + Sync, V: Send + Sync> Send for Handle<K, V> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync> Sync for Handle<K, V> {}

impl<K, V> Handle<K, V> {
    pub(super) fn new() -> Self {
        Self(NonNull::from(Box::leak(Box::new(Registry::new()))))
    }

    pub(super) fn into_raw(self) -> NonNull<Registry<K, V>> {
        ManuallyDrop::new(self).0
    }

    /// # Safety
    /// The caller owns a handle that [`into_raw`](Self::into_raw) gave, and passes it on.
    pub(super) unsafe fn from_raw(registry: NonNull<Registry<K, V>>) -> Self {
        Self(registry)
    }

    /// One handle more.
    ///
    /// # Safety
    /// `registry` is a pointer that `into_raw` gave, of a handle that stays until this returns.
    pub(super) unsafe fn another(registry: NonNull<Registry<K, V>>) -> Self {
        // SAFETY: as the caller promises; the handle is not dropped here.
        let handle = ManuallyDrop::new(unsafe { Self::from_raw(registry) });
        Self::clone(&handle)
    }
}

impl<K, V> Clone for Handle<K, V> {
    fn clone(&self) -> Self {
        // ORDERING: Relaxed: there is a handle already, and whoever uses the new one has been given it by some way that
        // orders.
        let before = self.handles.fetch_add(1, Ordering::Relaxed);
        if before >= MAX_HANDLES {
            // ORDERING: Relaxed: nothing was done with that handle.
            self.handles.fetch_sub(1, Ordering::Relaxed);
            panic!("more than {MAX_HANDLES} handles of a group");
        }
        Self(self.0)
    }
}

impl<K, V> Deref for Handle<K, V> {
    type Target = Registry<K, V>;

    fn deref(&self) -> &Registry<K, V> {
        // SAFETY: this handle keeps it.
        unsafe { self.0.as_ref() }
    }
}

impl<K, V> Drop for Handle<K, V> {
    fn drop(&mut self) {
        let handles = &self.handles;
        // ORDERING: Release: what this handle was used for, to the Acquire load below of who frees the registry.
        if handles.fetch_sub(1, Ordering::Release) != 1 {
            return;
        }
        // ORDERING: Acquire: what the other handles were used for, published by the Release subtractions above.
        handles.load(Ordering::Acquire);
        // SAFETY: that was the last handle; it came from a box. A flight that is listed still was forgotten with all its
        // callers, and nobody looks for it any more.
        drop(unsafe { Box::from_raw(self.0.as_ptr()) });
    }
}

impl<K, V> Drop for Registry<K, V> {
    fn drop(&mut self) {
        assert_exclusive(&mut self.handles);
    }
}
