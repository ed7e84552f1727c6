//! One shard: the read table, and the dirty table, which is changed under the lock.
//!
//! # Invariants
//!
//! - M1: A dirty table holds every entry of the read table that is not expunged, and all new ones. Without one, no entry
//!   of the read table is expunged, and there are no others.
//! - M2: The read word is *amended* while the dirty table holds an entry that the read table does not.
//! - M3: At most one entry that is not expunged has a given key.
//! - M4: An expunged entry is in `expunged`, once, and retired when the read table that holds it is: what is built is
//!   built after a promotion, which empties the list. One that was un-expunged stays in it, and is passed over.
//! - M5: A shard that was split holds nothing, is amended, and says so under its lock.
//! - M6: While the read word is amended, the news have the bit of each key that the dirty table has and the read table does
//!   not. (Who reads that a shard was split finds the others, and asks for their news.)

use core::ptr::NonNull;

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::books::{Books, DEAD};
use super::entry::{Entry, Fresh};
use super::garbage::Garbage;
use super::hash::Hash;
use super::look::Cursor;
use super::table::Table;
use crate::sync::{AtomicUsize, Ordering, small};

/// The read table, and whether the dirty table holds more.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Read(usize);

const AMENDED: usize = 1;

impl Read {
    pub(super) const NONE: Self = Self(0);

    pub(super) const fn from_bits(bits: usize) -> Self {
        Self(bits)
    }

    pub(super) const fn bits(self) -> usize {
        self.0
    }

    #[inline(always)]
    pub(super) const fn table<K, V>(self) -> Table<K, V> {
        Table::from_word(self.0 & !AMENDED)
    }

    #[inline(always)]
    pub(super) const fn is_amended(self) -> bool {
        self.0 & AMENDED != 0
    }

    const fn of<K, V>(table: Table<K, V>) -> Self {
        Self(table.word())
    }

    const fn amended(self) -> Self {
        Self(self.0 | AMENDED)
    }
}

/// What is known under the lock only.
pub(super) struct Dirty<K, V> {
    /// At least so many entries are to fit into the next table; for that one only.
    reserved: u32,
    split: bool,
    expunged: Option<Box<Expunged<K, V>>>,
}

impl<K, V> Dirty<K, V> {
    pub(super) const fn new() -> Self {
        Self { reserved: 0, split: false, expunged: None }
    }
}

// SAFETY: the entries it points to are owned by the map, whose own auto traits say who may drop them.
unsafe impl<K: Send, V: Send> Send for Dirty<K, V> {}

/// Apart, since there are none most of the time.
pub(super) type Expunged<K, V> = Vec<NonNull<Entry<K, V>>>;

/// What is to be retired when the lock is released.
pub(super) type Retired<K, V> = Vec<Garbage<K, V>>;

/// What became of a new entry.
pub(super) enum Linked<K, V> {
    /// Somebody who may have its key has come, or the tables are others by now.
    Again(Fresh<K, V>),
    /// The shard is too large or too busy, and is the only one; nothing was done.
    Split(Fresh<K, V>),
    Done(NonNull<Entry<K, V>>),
}

/// A shard, wherever its parts are.
pub(super) struct Shard<'a, K, V> {
    pub(super) read: &'a AtomicUsize,
    pub(super) books: &'a Books<K, V>,
}

impl<K, V> Clone for Shard<'_, K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Shard<'_, K, V> {}

impl<'a, K, V> Shard<'a, K, V> {
    #[inline(always)]
    pub(super) fn read(self) -> Read {
        // ORDERING: Acquire: the table and its entries, from the Release store in `set_read`.
        Read::from_bits(self.read.load(Ordering::Acquire))
    }

    fn set_read(self, read: Read) {
        // ORDERING: Release: the table and its entries, to the Acquire load in `read`.
        self.read.store(read.bits(), Ordering::Release);
    }

    /// The dirty table, or none. Read after a read word that is amended, it has all that there is, or is none, and there is
    /// another read word by now: it is put in place before that, and taken away after it.
    #[inline]
    pub(super) fn dirty_table(self) -> Table<K, V> {
        // ORDERING: Acquire: the table and its entries, or what came before its end, from the Release store in `set_dirty`.
        Table::from_word(self.books.table.load(Ordering::Acquire))
    }

    fn set_dirty(self, table: Table<K, V>) {
        // ORDERING: Release: to the Acquire load in `dirty_table`.
        self.books.table.store(table.word(), Ordering::Release);
    }

    /// Whether there may be a key of this hash that the read table of `seen`, which is amended, does not have.
    #[inline]
    pub(super) fn may_have_more(self, hash: Hash, seen: Read) -> bool {
        self.books.is_news(hash) || self.read() != seen
    }

    /// Whether `seen` is no longer what to go by.
    fn is_stale(self, dirty: &Dirty<K, V>, seen: Read) -> bool {
        dirty.split || self.read() != seen
    }

    /// Whether the dirty table has no room. By M1 it holds as many as there are.
    fn is_full(self, table: Table<K, V>) -> bool {
        self.books.counts().0 as usize == table.room()
    }

    /// After one miss too many: the dirty table becomes the read table, unless another has by now, or somebody is at the tables:
    /// then a later miss sees to it.
    pub(super) fn promote_missed(self) -> Retired<K, V> {
        let mut retired = Vec::new();
        self.books.dirty.try_with(|dirty| {
            if !self.dirty_table().is_none() && self.books.has_missed_enough() {
                self.promote(dirty, &mut retired);
            }
        });
        retired
    }

    /// Puts a new entry into the dirty table; `cursor` has been through it, and through the read table of `seen`, and has not
    /// found its key.
    pub(super) fn link(
        self,
        fresh: Fresh<K, V>,
        seen: Read,
        cursor: &Cursor,
        is_split: bool,
    ) -> (Linked<K, V>, Retired<K, V>) {
        let mut retired = Vec::new();
        let linked = self.books.dirty.with_contention(|dirty, contended| {
            // SAFETY: the dirty table is alive while the lock is held.
            if self.is_stale(dirty, seen) || !unsafe { cursor.is_at_end(self.dirty_table(), fresh.hash()) } {
                return Linked::Again(fresh);
            }
            let (entries, _) = self.books.counts();
            if !is_split && entries as usize >= if contended { SPLIT_CONTENDED } else { SPLIT } {
                return Linked::Split(fresh);
            }
            self.make_room(dirty, &mut retired);
            let hash = fresh.hash();
            let entry = fresh.into_entry();
            self.books.note_news(hash);
            self.put(hash, entry);
            Linked::Done(entry)
        });
        (linked, retired)
    }

    /// Un-expunges `entry`, which was found in the read table of `seen`. False if the entry was retired, or is about to be.
    pub(super) fn unexpunge(self, hash: Hash, entry: &Entry<K, V>, seen: Read) -> (bool, Retired<K, V>) {
        let mut retired = Vec::new();
        let done = self.books.dirty.with(|dirty| {
            if self.is_stale(dirty, seen) {
                return false;
            }
            if !entry.word().is_expunged() {
                return true;
            }
            debug_assert!(!self.dirty_table().is_none(), "by M1, an entry is expunged only beside a dirty table");
            if self.is_full(self.dirty_table()) {
                // Promoted, the table would have no place for what it does not hold.
                self.promote(dirty, &mut retired);
                return false;
            }
            let mut word = entry.word();
            while word.is_expunged() {
                // Only the foreign bits can have changed: the lock is held.
                match entry.advance(word, word.unexpunged()) {
                    Ok(()) => {
                        // ORDERING: Relaxed: a count.
                        self.books.dead.fetch_add(1, Ordering::Relaxed);
                        self.put(hash, NonNull::from(entry));
                        break;
                    }
                    Err(now) => word = now,
                }
            }
            true
        });
        (done, retired)
    }

    /// Puts an entry into the dirty table, which has room, and says so in the read word (M2).
    fn put(self, hash: Hash, entry: NonNull<Entry<K, V>>) {
        // SAFETY: the lock is held (B1), and there is room (B2).
        unsafe { self.dirty_table().insert(hash, entry) };
        self.books.add_entries(1);
        let read = self.read();
        if !read.is_amended() {
            self.set_read(read.amended());
        }
    }

    /// The dirty table becomes the read table.
    fn promote(self, dirty: &mut Dirty<K, V>, retired: &mut Retired<K, V>) {
        self.replace(dirty, Read::of(self.dirty_table()), retired);
        self.books.forget_news();
    }

    /// Puts another read table in place, and no dirty one; the old one is retired, and what was expunged (M4).
    fn replace(self, dirty: &mut Dirty<K, V>, read: Read, retired: &mut Retired<K, V>) {
        let old = self.read().table();
        self.set_read(read);
        self.set_dirty(Table::NONE);
        self.books.forget_misses();
        if !old.is_none() {
            retired.push(Garbage::Table(old));
        }
        let Some(expunged) = dirty.expunged.take() else { return };
        // SAFETY: alive: they are retired here, and no earlier (M4).
        let gone = expunged.iter().filter(|entry| unsafe { entry.as_ref() }.word().is_expunged());
        retired.extend(gone.map(|entry| Garbage::Entry(*entry)));
    }

    /// Sees to it that there is a dirty table with room for one more.
    fn make_room(self, dirty: &mut Dirty<K, V>, retired: &mut Retired<K, V>) {
        let table = self.dirty_table();
        if table.is_none() {
            self.build(dirty, 1);
        } else if self.is_full(table) {
            // It is complete: the reader gets it for nothing, and the next one is built from it.
            self.promote(dirty, retired);
            self.build(dirty, 1);
        }
    }

    /// Builds a dirty table from the read table, leaving out, and expunging, what was removed.
    fn build(self, dirty: &mut Dirty<K, V>, more: usize) {
        let read = self.read().table::<K, V>();
        // Nothing to expunge is the rule. A removal that is not counted yet stays removed, as if it came later.
        let (entries, dead) = self.books.counts();
        let survivors = if dead == 0 { entries as usize } else { self.expunge(dirty, read) };
        let wanted = (survivors + more).max(core::mem::take(&mut dirty.reserved) as usize);
        if wanted == 0 {
            return;
        }
        let table = Table::new(Table::<K, V>::log_for(wanted));
        // SAFETY: it is the read table, which is retired under this lock only.
        for (entry, slot) in unsafe { read.entries() } {
            // SAFETY: in the read table (E1).
            let word = unsafe { entry.as_ref() }.word();
            if !word.is_expunged() {
                // SAFETY: nobody else reaches the table; it was made with room for the survivors.
                unsafe { table.insert(slot.hash(word.hash_bits()), entry) };
            }
        }
        self.set_dirty(table);
    }

    /// Expunges what was removed; how many are left.
    fn expunge(self, dirty: &mut Dirty<K, V>, read: Table<K, V>) -> usize {
        let mut survivors = 0;
        // SAFETY: it is the read table, which is retired under this lock only.
        for (pointer, _) in unsafe { read.entries() } {
            // SAFETY: in the read table (E1).
            let entry = unsafe { pointer.as_ref() };
            let mut word = entry.word();
            while word.is_removed() {
                match entry.advance(word, word.expunged()) {
                    Ok(()) => word = word.expunged(),
                    Err(now) => word = now,
                }
            }
            if word.is_expunged() {
                dirty.expunged.get_or_insert_default().push(pointer);
                self.books.add_entries(-1);
                // ORDERING: Relaxed: a count.
                self.books.dead.fetch_sub(1, Ordering::Relaxed);
            } else {
                survivors += 1;
            }
        }
        survivors
    }

    /// Promotes the dirty table, if there is one, and gives the read table of everything.
    pub(super) fn complete(self) -> Option<(Table<K, V>, Retired<K, V>)> {
        let mut retired = Vec::new();
        let read = self.read();
        if !read.is_amended() {
            return Some((read.table(), retired));
        }
        let table = self.books.dirty.with(|dirty| {
            if dirty.split {
                return None;
            }
            if !self.dirty_table().is_none() {
                self.promote(dirty, &mut retired);
            }
            Some(self.read().table())
        })?;
        Some((table, retired))
    }

    /// Drops what is dead out of the tables, whatever can be saved by it.
    pub(super) fn shrink(self) -> Retired<K, V> {
        let mut retired = Vec::new();
        self.books.dirty.with(|dirty| {
            dirty.reserved = 0;
            self.compact(dirty, &mut retired);
        });
        retired
    }

    /// The same after a removal, if half of them is dead; not if somebody is at the tables: the next removal looks again.
    pub(super) fn compact_half_dead(self) -> Retired<K, V> {
        let mut retired = Vec::new();
        self.books.dirty.try_with(|dirty| {
            let (entries, dead) = self.books.counts();
            if dead >= DEAD as isize && dead >= entries / 2 {
                self.compact(dirty, &mut retired);
            }
        });
        retired
    }

    fn compact(self, dirty: &mut Dirty<K, V>, retired: &mut Retired<K, V>) {
        if dirty.split {
            return;
        }
        if !self.dirty_table().is_none() {
            self.promote(dirty, retired);
        }
        self.build(dirty, 0);
        self.promote(dirty, retired);
    }

    /// The next table that is built has room for `entries`.
    pub(super) fn reserve(self, entries: u32) {
        self.books.dirty.with(|dirty| dirty.reserved = dirty.reserved.max(entries));
    }

    /// Hands all entries over to `take`, and is empty from then on (M5), unless it was split before. When `take` returns,
    /// whoever asks anew is sent to where the entries are.
    pub(super) fn split(self, take: impl FnOnce(&[(Hash, NonNull<Entry<K, V>>)])) -> Retired<K, V> {
        let mut retired = Vec::new();
        self.books.dirty.with(|dirty| {
            if dirty.split {
                return;
            }
            if !self.dirty_table().is_none() {
                self.promote(dirty, &mut retired);
            }
            let read = self.read().table::<K, V>();
            self.expunge(dirty, read);
            let mut entries = Vec::new();
            // SAFETY: it is the read table, which is retired under this lock only.
            for (entry, slot) in unsafe { read.entries() } {
                // SAFETY: in the read table (E1).
                let word = unsafe { entry.as_ref() }.word();
                if !word.is_expunged() {
                    entries.push((slot.hash(word.hash_bits()), entry));
                }
            }
            take(&entries);
            dirty.split = true;
            // At no moment may it look as if the shard were complete and empty.
            self.replace(dirty, Read::NONE.amended(), &mut retired);
            self.books.add_entries(-(entries.len() as isize));
        });
        retired
    }

    /// The tables for exclusive use: of everything not expunged, of what else there is, and what is expunged.
    pub(super) fn take_all(self) -> ([Table<K, V>; 2], Expunged<K, V>) {
        self.books.dirty.with(|dirty| {
            let read = self.read().table();
            self.set_read(Read::NONE);
            let table = self.dirty_table();
            self.set_dirty(Table::NONE);
            let expunged = dirty.expunged.take().map_or_else(Vec::new, |expunged| *expunged);
            if table.is_none() { ([read, Table::NONE], expunged) } else { ([table, read], expunged) }
        })
    }

    /// Starts with entries that nobody else reaches.
    pub(super) fn adopt(self, entries: &[(Hash, NonNull<Entry<K, V>>)]) {
        if entries.is_empty() {
            return;
        }
        let table = Table::new(Table::<K, V>::log_for(entries.len()));
        for (hash, entry) in entries {
            // SAFETY: nobody else reaches the table; it was made with room for them.
            unsafe { table.insert(*hash, *entry) };
        }
        self.set_read(Read::of(table));
        self.books.add_entries(entries.len() as isize);
    }
}

/// A single shard is split at so many entries, which is how many may be moved at once.
pub(super) const SPLIT: usize = small(4096, 4);

/// The same if others wanted its lock.
const SPLIT_CONTENDED: usize = small(64, 2);
