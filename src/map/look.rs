//! Where a search through a dirty table has come to, so that it can be gone on with: by who puts a new key there, under the
//! lock, or after that by who found that somebody else did.

use super::entry::Entry;
use super::hash::Hash;
use super::table::Table;

/// A table, by its word, and how many of a search's slots were looked at (B3). Who has it stays inside, so that no other
/// table gets that word.
#[derive(Default)]
pub(super) struct Cursor {
    table: usize,
    step: usize,
}

impl Cursor {
    fn step_in<K, V>(&self, table: Table<K, V>) -> usize {
        if self.table == table.word() { self.step } else { 0 }
    }

    /// Goes on until `is` says that an entry is it.
    ///
    /// # Safety
    /// The table was a shard's dirty table while the caller was inside, who stays so for `'a`.
    pub(super) unsafe fn find<'a, K, V>(
        &mut self,
        table: Table<K, V>,
        hash: Hash,
        is: &mut dyn FnMut(&K) -> bool,
    ) -> Option<&'a Entry<K, V>> {
        // SAFETY: not freed before the caller leaves (R1).
        let mut search = unsafe { table.search(hash, self.step_in(table)) };
        // SAFETY: in a table that the caller could read (E1).
        let found =
            search.by_ref().map(|entry| unsafe { entry.as_ref() }).find(|entry: &&'a Entry<K, V>| is(entry.key()));
        *self = Self { table: table.word(), step: search.step() };
        found
    }

    /// Whether all that may have the hash was looked at.
    ///
    /// # Safety
    /// The table is alive.
    pub(super) unsafe fn is_at_end<K, V>(&self, table: Table<K, V>, hash: Hash) -> bool {
        // SAFETY: alive.
        unsafe { table.search(hash, self.step_in(table)) }.next().is_none()
    }
}
