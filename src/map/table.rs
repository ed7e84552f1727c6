//! A table: a power of two of slots, linear probing from the beginning of a group, which is a cache line of them.
//!
//! One format for both tables, so that promoting the dirty table to be the read table is one store of its address. A hit
//! costs two dependent cache misses: the slot, and the entry with its key and first value.
//!
//! # Invariants
//!
//! - B1: While a table is dirty, its slots are filled under its shard's lock, each once, and read by anybody as what may be
//!   filled meanwhile. Once it is the read table, nobody writes to it.
//! - B2: At least an eighth of the slots is empty, so that a search ends. A group is filled from its beginning, so that
//!   a search ends where the last of one is.
//! - B3: Nothing leaves a table: where a search for a hash went on, it goes on.

use core::alloc::Layout;
use core::marker::PhantomData;
use core::ptr::NonNull;

use alloc::alloc::{alloc_zeroed, dealloc, handle_alloc_error};

use super::entry::Entry;
use super::hash::Hash;
use super::slot::{Slot, SlotCell};
use crate::sync::tags::GROUP;
use crate::sync::{AtomicUsize, Tracked, assume_zeroed, small};

/// What precedes the slots: nothing but, under loom, their shadow. Its alignment leaves six bits of its address free.
#[repr(align(64))]
struct Head {
    alive: Tracked,
}

/// The logarithm of the smallest number of slots.
const MIN_LOG: u32 = small(4, 2) as u32;

/// The address of a table, or none, as a word.
///
/// | bits | meaning |
/// |---|---|
/// | 0 | left free for who keeps the word |
/// | 1 to 5 | the logarithm of the number of slots |
/// | above | the address |
///
/// All zero: no table, which is searched like an empty one.
pub(crate) struct Table<K, V> {
    word: usize,
    _entries: PhantomData<*const Entry<K, V>>,
}

impl<K, V> Clone for Table<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Table<K, V> {}

impl<K, V> PartialEq for Table<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl<K, V> Table<K, V> {
    pub(super) const NONE: Self = Self::from_word(0);

    pub(super) const fn from_word(word: usize) -> Self {
        Self { word, _entries: PhantomData }
    }

    pub(super) const fn word(self) -> usize {
        self.word
    }

    pub(super) const fn is_none(self) -> bool {
        self.word == 0
    }

    /// The logarithm of the size of a table that `entries` fill by half at most, so that as many again can come before
    /// the next is built.
    pub(super) fn log_for(entries: usize) -> u32 {
        (2 * entries).next_power_of_two().trailing_zeros().max(MIN_LOG)
    }

    fn layout(log: u32) -> Layout {
        let slots = Layout::array::<SlotCell>(1 << log);
        let layout = slots.and_then(|slots| Layout::new::<Head>().extend(slots));
        layout.expect("a table fits in memory").0
    }

    /// An empty table of `1 << log` slots.
    pub(super) fn new(log: u32) -> Self {
        let layout = Self::layout(log);
        // SAFETY: not of size zero: there are slots.
        let head = unsafe { alloc_zeroed(layout) }.cast::<Head>();
        let Some(head) = NonNull::new(head) else { handle_alloc_error(layout) };
        // SAFETY: aligned, and large enough.
        unsafe { head.write(Head { alive: Tracked::new() }) };
        let table = Self::from_word(head.as_ptr().expose_provenance() | (log as usize) << 1);
        // SAFETY: so many words are there, all zero, and nobody has them yet.
        unsafe { assume_zeroed(table.slots().cast(), (size_of::<SlotCell>() / size_of::<AtomicUsize>()) << log) };
        table
    }

    #[inline(always)]
    const fn log(self) -> u32 {
        (self.word as u32 & 63) >> 1
    }

    #[inline(always)]
    fn head(self) -> *mut Head {
        core::ptr::with_exposed_provenance_mut(self.word & !63)
    }

    /// The first slot, behind the head.
    #[inline(always)]
    fn slots(self) -> *mut SlotCell {
        self.head().wrapping_byte_add(size_of::<Head>()).cast()
    }

    /// How many entries it takes.
    pub(super) const fn room(self) -> usize {
        if self.is_none() {
            return 0;
        }
        let len = 1 << self.log();
        if len < 8 { len - 1 } else { len / 8 * 7 }
    }

    /// Whether it takes as much memory as many values.
    pub(super) const fn is_large(self) -> bool {
        !self.is_none() && self.log() >= small(9, MIN_LOG as usize) as u32
    }

    #[inline(always)]
    fn len(self) -> usize {
        if self.is_none() { 0 } else { 1 << self.log() }
    }

    /// # Safety
    /// The table is alive for `'a`, and `index` is less than its length.
    #[inline(always)]
    unsafe fn cell<'a>(self, index: usize) -> &'a SlotCell {
        // SAFETY: less than the length.
        let cell = unsafe { self.slots().add(index) };
        // SAFETY: alive.
        unsafe { &*cell }
    }

    /// # Safety
    /// As for [`cell`](Self::cell), and nobody else writes the slot (B1).
    #[inline(always)]
    unsafe fn slot(self, index: usize) -> Slot {
        // SAFETY: by the caller.
        let cell = unsafe { self.cell(index) };
        // SAFETY: by the caller.
        unsafe { cell.settled() }
    }

    /// The entries whose hash may be `hash`, from the `from`th slot of the search on; the table may be dirty.
    ///
    /// # Safety
    /// The table is alive while this is used.
    #[inline(always)]
    pub(super) unsafe fn search(self, hash: Hash, from: usize) -> Search<K, V> {
        if !self.is_none() {
            // SAFETY: alive.
            unsafe { (*self.head()).alive.read() };
        }
        Search { table: self, hash, step: from }
    }

    /// The first entry whose hash may be `hash` and that `is` says is it. Apart from [`search`](Self::search), which may meet
    /// who fills a slot, and can be gone on with: that costs a hit 1.7 of 8 ns.
    ///
    /// # Safety
    /// The table and its entries are alive, and nobody writes to it (B1).
    #[inline(always)]
    pub(super) unsafe fn find<'a>(
        self,
        hash: Hash,
        mut is: impl FnMut(&'a Entry<K, V>) -> bool,
    ) -> Option<&'a Entry<K, V>> {
        if self.is_none() {
            return None;
        }
        // SAFETY: alive.
        unsafe { (*self.head()).alive.read() };
        let mask = self.len() - 1;
        let mut place = hash.place(self.log());
        loop {
            // SAFETY: less than the length, which is a multiple of a group.
            let group = unsafe { self.slots().add(place) };
            // SAFETY: alive and not written, by the caller; a table is aligned to 64 bytes.
            let mut candidates = unsafe { SlotCell::candidates(group, hash) };
            while candidates != 0 {
                // SAFETY: one of the group.
                let slot = unsafe { self.slot(place + candidates.trailing_zeros() as usize) };
                candidates &= candidates - 1;
                if !slot.is_empty() {
                    // SAFETY: not empty.
                    let entry = unsafe { slot.entry() };
                    // SAFETY: alive, by the caller.
                    let entry = unsafe { entry.as_ref() };
                    if is(entry) {
                        return Some(entry);
                    }
                }
            }
            // SAFETY: one of the group.
            if unsafe { self.slot(place + GROUP - 1) }.is_empty() {
                return None;
            }
            place = (place + GROUP) & mask;
        }
    }

    /// The slot where a search for this hash begins.
    pub(super) fn start(self, hash: Hash) -> usize {
        if self.is_none() { 0 } else { hash.place(self.log()) }
    }

    /// All entries, with their slots.
    ///
    /// # Safety
    /// As for [`find`](Self::find).
    pub(super) unsafe fn entries(self) -> impl Iterator<Item = (NonNull<Entry<K, V>>, Slot)> {
        let mut index = 0;
        core::iter::from_fn(move || {
            // SAFETY: by the caller.
            unsafe { self.next_entry(0, &mut index) }
        })
    }

    /// The next entry from the `index`th slot on, which is moved behind it. They are counted from slot `start`, and around.
    ///
    /// # Safety
    /// As for [`find`](Self::find).
    pub(super) unsafe fn next_entry(self, start: usize, index: &mut usize) -> Option<(NonNull<Entry<K, V>>, Slot)> {
        if *index == 0 && !self.is_none() {
            // SAFETY: alive.
            unsafe { (*self.head()).alive.read() };
        }
        while *index < self.len() {
            // SAFETY: alive, and less than the length.
            let slot = unsafe { self.slot(start.wrapping_add(*index) & (self.len() - 1)) };
            *index += 1;
            if !slot.is_empty() {
                // SAFETY: not empty.
                return Some((unsafe { slot.entry() }, slot));
            }
        }
        None
    }

    /// Puts an entry where the search for its hash ends.
    ///
    /// # Safety
    /// The table is alive and no read table, the caller alone fills it (B1), and there is room (B2).
    pub(super) unsafe fn insert(self, hash: Hash, entry: NonNull<Entry<K, V>>) {
        let mask = self.len() - 1;
        let mut place = hash.place(self.log());
        loop {
            // SAFETY: less than the length, of which a group is a part.
            let group = unsafe { self.slots().add(place) };
            // SAFETY: alive, and the caller alone fills it; a table is aligned as a group is.
            let mut vacancies = unsafe { SlotCell::vacancies(group) };
            while vacancies != 0 {
                let index = vacancies.trailing_zeros() as usize;
                vacancies &= vacancies - 1;
                // SAFETY: one of the group.
                if unsafe { self.slot(place + index) }.is_empty() {
                    // SAFETY: as above.
                    unsafe { self.cell(place + index) }.fill(Slot::new(hash, entry));
                    return;
                }
            }
            place = (place + GROUP) & mask;
        }
    }

    /// # Safety
    /// Nobody has the table any more. It may be none.
    pub(super) unsafe fn free(self) {
        if self.is_none() {
            return;
        }
        // SAFETY: alive until here.
        unsafe { (*self.head()).alive.end() };
        // SAFETY: as above, and not used again.
        unsafe { self.head().drop_in_place() };
        // SAFETY: made by `new` with this layout.
        unsafe { dealloc(self.head().cast(), Self::layout(self.log())) };
    }
}

/// A search in a table.
pub(super) struct Search<K, V> {
    table: Table<K, V>,
    hash: Hash,
    step: usize,
}

impl<K, V> Search<K, V> {
    /// How many slots it has looked at: where to go on (B3).
    pub(super) fn step(&self) -> usize {
        self.step
    }
}

impl<K, V> Iterator for Search<K, V> {
    type Item = NonNull<Entry<K, V>>;

    #[inline(always)]
    fn next(&mut self) -> Option<NonNull<Entry<K, V>>> {
        if self.table.is_none() {
            return None;
        }
        let mask = (1_usize << self.table.log()) - 1;
        let place = self.hash.place(self.table.log());
        loop {
            // SAFETY: alive, by who made the search; masked, so less than the length.
            let slot = unsafe { self.table.cell(place.wrapping_add(self.step) & mask) }.current();
            if slot.is_empty() {
                return None;
            }
            self.step += 1;
            if slot.may_be(self.hash) {
                // SAFETY: not empty.
                return Some(unsafe { slot.entry() });
            }
        }
    }
}
