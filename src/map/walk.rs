//! A walk over all entries: shard by shard, each shard's read table once it holds everything.

use super::Map;
use super::entry::Entry;
use super::find::Inside;
use super::hash::Hash;
use super::shards::SHARDS;
use super::table::Table;

/// Where a walk stands. It visits every key that is present throughout exactly once and any key at most once: a table
/// holds a key once, shards hold different keys, and a walk that began before the map was split stays in the table of
/// its only shard, which holds all that was there.
pub(super) struct Walk<K, V> {
    table: Table<K, V>,
    index: usize,
    next: Next,
}

#[derive(Clone, Copy)]
enum Next {
    Start,
    Shard(usize),
    End,
}

impl<K, V> Walk<K, V> {
    pub(super) fn new() -> Self {
        Self { table: Table::NONE, index: 0, next: Next::Start }
    }

    /// The next entry, live or not, and the hash of its key.
    ///
    /// # Safety
    /// `inside` is the same each time, or one that was entered while an earlier one was inside.
    pub(super) unsafe fn next<'a, S>(
        &mut self,
        map: &'a Map<K, V, S>,
        inside: &'a Inside<'_, K, V>,
    ) -> Option<(&'a Entry<K, V>, Hash)> {
        loop {
            // SAFETY: it was the read table while the caller was inside (R1), so nobody writes to it (B1).
            if let Some((entry, slot)) = unsafe { self.table.next_entry(&mut self.index) } {
                // SAFETY: in a table (E1).
                let entry = unsafe { entry.as_ref() };
                return Some((entry, slot.hash(entry.word().hash_bits())));
            }
            let (complete, next) = match (self.next, map.shards()) {
                (Next::Start, None) => (map.only().complete(), Next::End),
                (Next::Start, Some(shards)) => (shards.at(0).complete(), Next::Shard(1)),
                (Next::Shard(index), Some(shards)) if index < SHARDS => {
                    (shards.at(index).complete(), Next::Shard(index + 1))
                }
                _ => return None,
            };
            // Without an answer it was split at this moment: start again there.
            if let Some((table, retired)) = complete {
                map.retire_all(inside, retired);
                (self.table, self.index, self.next) = (table, 0, next);
            }
        }
    }
}
