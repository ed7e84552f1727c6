//! An entry: a key, its word, and its first value, in one piece of memory.
//!
//! # Invariants
//!
//! - E1: An entry is reached through a table, by who has entered the map (R1); it is freed when it was retired, which is
//!   when no table holds it any more, and both its parts have been dropped.
//! - E2: `first` holds a value from birth until [`Garbage::First`](super::garbage::Garbage) drops it, which is made once,
//!   by who moved the word from first to something else; the word never says first again.
//! - E3: A boxed value is owned by the word that points to it; who moves the word away retires it.

use core::fmt;
use core::mem::ManuallyDrop;
use core::ptr::NonNull;

use alloc::boxed::Box;

use super::hash::Hash;
use super::slot::Slot;
use super::word::{Boxed, State, Word};
use crate::sync::{AtomicUsize, Ordering, Tracked, UnsafeCell};

pub(super) struct Entry<K, V> {
    word: AtomicUsize,
    first: UnsafeCell<ManuallyDrop<V>>,
    key: ManuallyDrop<K>,
    alive: Tracked,
}

impl<K, V> Entry<K, V> {
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
        // happens after it, and what is removed is dropped after what its writer did. On failure as in `word`.
        match self.word.compare_exchange(from.bits(), to.bits(), Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => Ok(()),
            Err(now) => Err(Word::from_bits(now)),
        }
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
            State::First => Some(self.first()),
            State::Removed | State::Expunged => None,
        }
    }

    /// Where the first value is, or was.
    #[inline(always)]
    pub(super) fn first(&self) -> NonNull<V> {
        self.first.with(|first| NonNull::new(first.cast_mut().cast()).expect("the address of a field"))
    }

    /// Notes that a part of the entry, its first value or the rest, has been dropped, and frees the entry if both have.
    ///
    /// # Safety
    /// A part was dropped, and this is not called for it again.
    unsafe fn half_dropped(entry: NonNull<Self>) {
        // SAFETY: its memory is freed only here, by whoever comes second.
        let this = unsafe { entry.as_ref() };
        // ORDERING: AcqRel: who comes second frees after what the first one did.
        let before = this.word.fetch_or(Word::half(), Ordering::AcqRel);
        if Word::from_bits(before).is_half() {
            this.alive.end();
            // SAFETY: made by `Fresh::new`, both parts dropped, and nobody has it any more.
            drop(unsafe { Box::from_raw(entry.as_ptr()) });
        }
    }

    /// Drops the first value.
    ///
    /// # Safety
    /// The word was moved from first by the caller's doing, nobody has the value, and this is called once (E2).
    pub(super) unsafe fn drop_first(entry: NonNull<Self>) {
        let half = Half(entry);
        // SAFETY: alive: only one of its parts has been dropped, if any.
        let this = unsafe { half.0.as_ref() };
        this.first.with_mut(|first| {
            // SAFETY: nobody has the value, by the caller.
            let first = unsafe { &mut *first };
            // SAFETY: it is not used again.
            unsafe { ManuallyDrop::drop(first) };
        });
    }

    /// Drops all but the first value.
    ///
    /// # Safety
    /// The entry was retired, nobody has it, and this is called once (E1).
    pub(super) unsafe fn drop_rest(entry: NonNull<Self>) {
        let half = Half(entry);
        // SAFETY: alive, as above.
        let key = unsafe { &raw mut (*half.0.as_ptr()).key };
        // SAFETY: nobody has the key, which is not used again.
        unsafe { core::ptr::drop_in_place(key.cast::<K>()) };
    }

    /// Takes an entry apart: its key and the value it has, if it has one; else it is dropped.
    ///
    /// # Safety
    /// The caller is the only one who has the entry, nothing of it is retired, and it is not used again.
    pub(super) unsafe fn into_parts(entry: NonNull<Self>) -> Option<(K, V)> {
        // SAFETY: made by `Fresh::new`, and not used again. It drops nothing by itself.
        let mut this = unsafe { Box::from_raw(entry.as_ptr()) };
        // SAFETY: not used again.
        let key = unsafe { ManuallyDrop::take(&mut this.key) };
        let value = match this.word().state::<V>() {
            State::First => this.first.with_mut(|first| {
                // SAFETY: the only one.
                let first = unsafe { &mut *first };
                // SAFETY: the word says that the value is there; not used again.
                unsafe { ManuallyDrop::take(first) }
            }),
            // SAFETY: owned by the word (E3), which is not used again.
            State::Boxed(boxed) => unsafe { Box::from_raw(boxed.as_ptr()) }.value,
            State::Removed | State::Expunged => return None,
        };
        Some((key, value))
    }

    /// Drops an entry with all that it holds.
    ///
    /// # Safety
    /// The caller is the only one who has the entry.
    pub(super) unsafe fn drop_all(entry: NonNull<Self>) {
        /// Also when a destructor panics.
        struct Rest<K, V>(NonNull<Entry<K, V>>);

        impl<K, V> Drop for Rest<K, V> {
            fn drop(&mut self) {
                // SAFETY: the caller is the only one who has it.
                unsafe { Entry::drop_rest(self.0) };
            }
        }

        // SAFETY: alive.
        let word = unsafe { entry.as_ref() }.word();
        let _rest = Rest(entry);
        match word.state::<V>() {
            // SAFETY: the only one; the word says that the value is there.
            State::First => unsafe { Self::drop_first(entry) },
            // SAFETY: owned by the word (E3).
            State::Boxed(boxed) => unsafe { drop_boxed(boxed) },
            State::Removed | State::Expunged => {}
        }
    }
}

/// Notes, when it is dropped, that a part of an entry has been: also when the destructor panics.
struct Half<K, V>(NonNull<Entry<K, V>>);

impl<K, V> Drop for Half<K, V> {
    fn drop(&mut self) {
        // SAFETY: the part has been dropped, or its destructor has panicked; each is dropped under one of these.
        unsafe { Entry::half_dropped(self.0) };
    }
}

/// Drops a value that was boxed.
///
/// # Safety
/// The word that owned it was moved away, nobody has it, and this is called once.
pub(super) unsafe fn drop_boxed<V>(boxed: NonNull<Boxed<V>>) {
    // SAFETY: made by `NewValue`, and not used again.
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
        let entry = Box::new(Entry {
            word: AtomicUsize::new(Word::first(hash).bits()),
            first: UnsafeCell::new(ManuallyDrop::new(value)),
            key: ManuallyDrop::new(key),
            alive: Tracked::new(),
        });
        let fresh = Self { entry: NonNull::from(Box::leak(entry)), hash };
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
        // SAFETY: nobody else has it.
        unsafe { Entry::drop_all(self.entry) };
    }
}

/// A value that no word points to yet.
pub(super) struct NewValue<V>(Box<Boxed<V>>);

impl<V> NewValue<V> {
    pub(super) fn new(value: V) -> Self {
        Self(Box::new(Boxed { value, alive: Tracked::new() }))
    }

    pub(super) fn into_value(self) -> V {
        self.0.value
    }

    /// Puts it into an entry whose word is `from`: live or removed.
    #[inline]
    pub(super) fn store_in<K>(self, entry: &Entry<K, V>, from: Word) -> Result<NonNull<V>, (Self, Word)> {
        let boxed = NonNull::from(Box::leak(self.0));
        match entry.advance(from, from.boxed(boxed)) {
            // SAFETY: alive: the caller is inside.
            Ok(()) => Ok(NonNull::from(&unsafe { boxed.as_ref() }.value)),
            // SAFETY: leaked just now, and no word took it.
            Err(now) => Err((Self(unsafe { Box::from_raw(boxed.as_ptr()) }), now)),
        }
    }
}

impl<K, V> fmt::Debug for Entry<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}
