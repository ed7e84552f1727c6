//! Searching the dirty table: under the lock by hash, outside of it by the user's `Eq`, over several sections if need be.

use core::ptr::NonNull;

use super::books::Books;
use super::entry::{Entry, Fresh};
use super::hash::Hash;
use super::shard::Dirty;
use crate::sync::small;

/// So many candidates are taken along from under the lock, to be compared outside.
pub(super) const CANDIDATES: usize = small(4, 1);

/// Entries that may have the key, for the user's `Eq` to say.
pub(super) struct Candidates<K, V> {
    pub(super) entries: [Option<NonNull<Entry<K, V>>>; CANDIDATES],
}

impl<K, V> Candidates<K, V> {
    pub(super) fn iter(&self) -> impl Iterator<Item = NonNull<Entry<K, V>>> {
        self.entries.iter().map_while(|entry| *entry)
    }
}

/// How far a search through dirty tables has come, over several sections of the lock.
#[derive(Default)]
pub(super) struct Cursor {
    /// The shard's address: the map may have been split meanwhile.
    books: usize,
    pub(super) generation: u32,
    pub(super) step: usize,
    pub(super) missed: bool,
}

impl Cursor {
    /// Begins anew in another shard.
    pub(super) fn of<K, V>(&mut self, books: &Books<K, V>) -> &mut Self {
        let books = core::ptr::from_ref(books).addr();
        if self.books != books {
            self.books = books;
            self.step = 0;
        }
        self
    }
}

/// What was found under the lock.
pub(super) enum Look<K, V> {
    /// The read table is another by now, or the map was split.
    Again,
    /// Compare these, and look again.
    Compare(Candidates<K, V>),
    /// Nobody has the key.
    Absent,
}

/// What became of a new entry.
pub(super) enum Linked<K, V> {
    Again(Fresh<K, V>),
    Compare(Candidates<K, V>, Fresh<K, V>),
    /// The shard is too large or too busy, and is the only one; nothing was done.
    Split(Fresh<K, V>),
    Done(NonNull<Entry<K, V>>),
}

impl<K, V> Dirty<K, V> {
    /// The next entries that may have a hash, from where `cursor` stands.
    pub(super) fn candidates(&self, hash: Hash, cursor: &mut Cursor) -> Option<Candidates<K, V>> {
        if cursor.generation != self.generation {
            cursor.generation = self.generation;
            cursor.step = 0;
        }
        let mut found = Candidates { entries: [None; CANDIDATES] };
        // SAFETY: the lock is held, so that the table is alive and nobody writes to it (B1).
        let mut search = unsafe { self.table.search(hash, cursor.step) };
        for place in &mut found.entries {
            *place = search.next();
        }
        cursor.step = search.step();
        found.entries[0].is_some().then_some(found)
    }
}
