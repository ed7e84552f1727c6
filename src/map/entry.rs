//! An entry: a key, its word, and one or two places for values, in one piece of memory.
//!
//! A value lives in a place of its entry if one is vacant, and else on its own. So a key that is overwritten now and then
//! needs no allocation for it: by the time of a store the value before last has been dropped, and has left its place.
//! Small values have two places, so that they are never on their own for long; of larger ones, every other is.
//!
//! # Invariants
//!
//! - E1: An entry is reached through a table, by who has entered the map (R1); it is freed when it was retired, which is
//!   when no table holds it any more, and both its places are vacant.
//! - E2: A place that is vacant belongs to nobody. Who clears the bit (*claims* it) has it alone, until the word says that
//!   the value is there, or it is vacated again. Who moves the word away from it retires the value, and the place is
//!   vacated when that was dropped.
//! - E3: A boxed value is owned by the word that points to it; who moves the word away retires it.

use core::fmt;
use core::mem::{ManuallyDrop, MaybeUninit, offset_of};
use core::ptr::NonNull;

use alloc::boxed::Box;

use super::hash::Hash;
use super::slot::Slot;
use super::word::{Boxed, Place, State, Word};
use crate::sync::{AtomicUsize, Ordering, Tracked, UnsafeCell};

/// In this order, so that the second place comes after the first.
#[repr(C)]
pub(super) struct Entry<K, V> {
    word: AtomicUsize,
    first: UnsafeCell<MaybeUninit<V>>,
    key: ManuallyDrop<K>,
    alive: Tracked,
}

/// An entry of small values.
#[repr(C)]
struct Roomy<K, V> {
    entry: Entry<K, V>,
    second: UnsafeCell<MaybeUninit<V>>,
}

impl<K, V> Entry<K, V> {
    /// A second place costs less than the box that it saves.
    const IS_ROOMY: bool = size_of::<V>() <= size_of::<u64>();

    fn new(hash: Hash, key: K, value: V) -> NonNull<Self> {
        let entry = Self {
            word: AtomicUsize::new(Word::born(hash).bits()),
            first: UnsafeCell::new(MaybeUninit::new(value)),
            key: ManuallyDrop::new(key),
            alive: Tracked::new(),
        };
        let entry = if Self::IS_ROOMY {
            let second = UnsafeCell::new(MaybeUninit::uninit());
            Box::into_raw(Box::new(Roomy { entry, second })).cast::<Self>()
        } else {
            Box::into_raw(Box::new(entry))
        };
        // For `place`, which reaches past the entry.
        let _ = entry.expose_provenance();
        NonNull::new(entry).expect("a box has an address")
    }

    /// Frees the memory, and drops nothing of what was there.
    ///
    /// # Safety
    /// Nobody has the entry any more.
    unsafe fn free(entry: NonNull<Self>) {
        if Self::IS_ROOMY {
            // SAFETY: made by `new` as this, and nobody has it.
            drop(unsafe { Box::from_raw(entry.as_ptr().cast::<Roomy<K, V>>()) });
        } else {
            // SAFETY: made by `new`, and nobody has it.
            drop(unsafe { Box::from_raw(entry.as_ptr()) });
        }
    }

    /// What the word says now, and the word.
    #[inline(always)]
    pub(super) fn word(&self) -> Word {
        // ORDERING: Acquire: the value that it points to, from the Release exchange in `advance`.
        Word::from_bits(self.word.load(Ordering::Acquire))
    }

    /// Moves the word on.
    #[inline(always)]
    pub(super) fn advance(&self, from: Word, to: Word) -> Result<(), Word> {
        // ORDERING: AcqRel: Release: the new value, to the Acquire load in `word`. Acquire: a write that observes another
        // happens after it, what is removed is dropped after what its writer did, and what is claimed is written after
        // what was there was dropped (the Release in `set`). On failure as in `word`.
        match self.word.compare_exchange(from.bits(), to.bits(), Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(()),
            Err(now) => Err(Word::from_bits(now)),
        }
    }

    /// Moves the word on from the state of `from`, whatever others do to its places meanwhile; else says what it is now.
    ///
    /// The same state is the same value, since who is inside holds off that its place is used again.
    #[inline]
    pub(super) fn advance_state(&self, mut from: Word, to: impl Fn(Word) -> Word) -> Result<(), Word> {
        loop {
            match self.advance(from, to(from)) {
                Err(now) if now.has_state_of(from) => from = now,
                done => return done,
            }
        }
    }

    /// Sets bits that were clear; returns the word that this makes. It may be the last that the caller sees of the entry.
    fn set(word: &AtomicUsize, bits: Word) -> Word {
        // ORDERING: AcqRel: Release: a place is claimed (in `advance`), and an entry freed, after what was there was dropped.
        // Acquire: who leaves the entry bare frees it after what the others did.
        Word::from_bits(word.fetch_or(bits.bits(), Ordering::AcqRel)).and(bits)
    }

    #[inline(always)]
    pub(super) fn key(&self) -> &K {
        self.alive.read();
        &self.key
    }

    /// The value that `word` says.
    ///
    /// # Safety
    /// `word` was read from this entry by who has entered the map and has not left for as long as the value is used.
    #[inline(always)]
    pub(super) unsafe fn value(&self, word: Word) -> Option<NonNull<V>> {
        match word.state::<V>() {
            State::Boxed(boxed) => {
                // SAFETY: the word owned it when it was read (E3), and it is not dropped before the reader leaves (R2).
                let boxed = unsafe { boxed.as_ref() };
                boxed.alive.read();
                Some(NonNull::from(&boxed.value))
            }
            State::Inline(place) => Some(self.place(place).with(address)),
            State::Removed | State::Expunged => None,
        }
    }

    /// The value that the entry was born with, for who linked it and is inside: others may have replaced it by now.
    pub(super) fn born_with(&self) -> NonNull<V> {
        self.first.with(address)
    }

    /// Where a place is, without a branch: after some stores nobody can foretell in which of the two a value is.
    #[inline(always)]
    fn place(&self, place: Place) -> &UnsafeCell<MaybeUninit<V>> {
        let second = place.index() * (offset_of!(Roomy<K, V>, second) - offset_of!(Self, first));
        let address = core::ptr::from_ref(self).addr() + offset_of!(Self, first) + second;
        let place = core::ptr::with_exposed_provenance(address);
        // SAFETY: only a roomy entry has had its second place claimed; made as one by `new`, and alive.
        unsafe { &*place }
    }

    /// A place to be had.
    #[inline(always)]
    fn vacancy(word: Word) -> Option<Place> {
        if word.is_vacant(Place::FIRST) {
            Some(Place::FIRST)
        } else if Self::IS_ROOMY && word.is_vacant(Place::SECOND) {
            Some(Place::SECOND)
        } else {
            None
        }
    }

    /// Gives the entry, whose word is `from` (live or removed), a value; or gives that back, and says what the word is now.
    #[inline]
    pub(super) fn give(&self, mut from: Word, mut value: V) -> Result<NonNull<V>, (V, Word)> {
        loop {
            let given = match Self::vacancy(from) {
                Some(place) => self.store_inline(from, place, value),
                None => self.store_boxed(from, value),
            };
            match given {
                // A place was claimed or vacated meanwhile; what the caller made `value` of is as it was.
                Err((back, now)) if now.has_state_of(from) => (value, from) = (back, now),
                done => return done,
            }
        }
    }

    #[inline]
    fn store_inline(&self, from: Word, place: Place, value: V) -> Result<NonNull<V>, (V, Word)> {
        let claimed = from.claimed(place);
        if let Err(now) = self.advance(from, claimed) {
            return Err((value, now));
        }
        let stored = self.place(place).with_mut(|cell| {
            // By no reference: the address is as good as anybody's who looks into the place.
            let stored = address(cell);
            // SAFETY: claimed: nobody else has it (E2).
            unsafe { stored.write(value) };
            stored
        });
        if self.advance_state(claimed, |word| word.inline(place)).is_ok() {
            return Ok(stored);
        }
        // SAFETY: written above, and not used again before it is claimed anew.
        let value = self.place(place).with_mut(|_| unsafe { stored.read() });
        Err((value, Self::set(&self.word, Word::vacated(place))))
    }

    #[cold]
    fn store_boxed(&self, from: Word, value: V) -> Result<NonNull<V>, (V, Word)> {
        let boxed = Box::new(Boxed { value, alive: Tracked::new() });
        Word::assert_fits(&boxed);
        let boxed = NonNull::from(Box::leak(boxed));
        match self.advance_state(from, |word| word.boxed(boxed)) {
            // SAFETY: alive: the caller is inside.
            Ok(()) => Ok(NonNull::from(&unsafe { boxed.as_ref() }.value)),
            // SAFETY: leaked just now, and no word took it.
            Err(now) => Err((unsafe { Box::from_raw(boxed.as_ptr()) }.value, now)),
        }
    }

    /// Notes that a part of the entry has been dropped, and frees the entry if that was the last.
    ///
    /// # Safety
    /// The part was dropped; it is a place that was not vacant, or the rest, for which this is not called again.
    unsafe fn dropped(entry: NonNull<Self>, part: Word) {
        // SAFETY: its memory is freed only here, by whoever comes last.
        let this = unsafe { entry.as_ref() };
        // Not by a method of the entry: whoever else comes last may free it before this returns.
        if Self::set(&this.word, part).is_bare() {
            this.alive.end();
            // SAFETY: all parts dropped, and nobody has it any more.
            unsafe { Self::free(entry) };
        }
    }

    /// Drops the value in a place, and vacates that.
    ///
    /// # Safety
    /// The word was moved from there by the caller's doing, nobody has the value, and this is called once (E2).
    pub(super) unsafe fn drop_inline(entry: NonNull<Self>, place: Place) {
        let part = Part(entry, Word::vacated(place));
        // SAFETY: alive: not all of its parts have been dropped.
        let this = unsafe { part.0.as_ref() };
        this.place(place).with_mut(|cell| {
            // SAFETY: nobody has the value, by the caller.
            let cell = unsafe { &mut *cell };
            // SAFETY: it was written by who claimed the place or made the entry, and is not used again.
            unsafe { cell.assume_init_drop() };
        });
    }

    /// Drops all but what is in its places.
    ///
    /// # Safety
    /// The entry was retired, nobody has it, and this is called once (E1). Its word is of no boxed value.
    pub(super) unsafe fn drop_rest(entry: NonNull<Self>) {
        let part = Part(entry, Word::gone());
        // SAFETY: alive, as above.
        let key = unsafe { &raw mut (*part.0.as_ptr()).key };
        // SAFETY: nobody has the key, which is not used again.
        unsafe { core::ptr::drop_in_place(key.cast::<K>()) };
    }

    /// Takes an entry apart: its key and the value it has, if it has one; else it is dropped.
    ///
    /// # Safety
    /// The caller is the only one who has the entry, nothing of it is retired, and it is not used again.
    pub(super) unsafe fn into_parts(entry: NonNull<Self>) -> Option<(K, V)> {
        struct Free<K, V>(NonNull<Entry<K, V>>);

        impl<K, V> Drop for Free<K, V> {
            fn drop(&mut self) {
                // SAFETY: the caller is the only one who had it.
                unsafe { Entry::free(self.0) };
            }
        }

        let mut free = Free(entry);
        // SAFETY: alive until `free` ends, and nobody else has it.
        let this = unsafe { free.0.as_mut() };
        this.alive.end();
        // SAFETY: not used again.
        let key = unsafe { ManuallyDrop::take(&mut this.key) };
        let value = match this.word().state::<V>() {
            // SAFETY: the word says that the value is there; not used again.
            State::Inline(place) => this.place(place).with_mut(|cell| unsafe { cell.cast::<V>().read() }),
            // SAFETY: owned by the word (E3), which is not used again.
            State::Boxed(boxed) => unsafe { Box::from_raw(boxed.as_ptr()) }.value,
            State::Removed | State::Expunged => return None,
        };
        Some((key, value))
    }
}

/// Notes, when it is dropped, that a part of an entry has been: also when the destructor panics.
struct Part<K, V>(NonNull<Entry<K, V>>, Word);

impl<K, V> Drop for Part<K, V> {
    fn drop(&mut self) {
        // SAFETY: the part has been dropped, or its destructor has panicked; each is dropped under one of these.
        unsafe { Entry::dropped(self.0, self.1) };
    }
}

/// Where the value in a place is.
#[inline(always)]
fn address<V>(cell: *const MaybeUninit<V>) -> NonNull<V> {
    NonNull::new(cell.cast_mut().cast()).expect("the address of a field")
}

/// Drops a value that was boxed.
///
/// # Safety
/// The word that owned it was moved away, nobody has it, and this is called once.
pub(super) unsafe fn drop_boxed<V>(boxed: NonNull<Boxed<V>>) {
    // SAFETY: made by `store_boxed`, and not used again.
    let boxed = unsafe { Box::from_raw(boxed.as_ptr()) };
    boxed.alive.end();
}

/// An entry that no table holds yet.
pub(super) struct Fresh<K, V> {
    entry: NonNull<Entry<K, V>>,
    hash: Hash,
}

impl<K, V> Fresh<K, V> {
    pub(super) fn new(hash: Hash, key: K, value: V) -> Self {
        let fresh = Self { entry: Entry::new(hash, key, value), hash };
        // SAFETY: alive, and nobody else has it.
        Slot::assert_fits(unsafe { fresh.entry.as_ref() });
        fresh
    }

    pub(super) fn hash(&self) -> Hash {
        self.hash
    }

    pub(super) fn key(&self) -> &K {
        // SAFETY: alive, and nobody else has it.
        unsafe { self.entry.as_ref() }.key()
    }

    /// For a table: the entry is the map's now.
    pub(super) fn into_entry(self) -> NonNull<Entry<K, V>> {
        ManuallyDrop::new(self).entry
    }

    /// The key was there: what it was made of.
    pub(super) fn into_parts(self) -> (K, V) {
        // SAFETY: nobody else has it, and it is not used again.
        unsafe { Entry::into_parts(self.into_entry()) }.expect("it has its first value")
    }
}

impl<K, V> Drop for Fresh<K, V> {
    fn drop(&mut self) {
        // SAFETY: nobody else has it, and it is not used again.
        drop(unsafe { Entry::into_parts(self.entry) });
    }
}

impl<K, V> fmt::Debug for Entry<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}
