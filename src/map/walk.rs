//! A walk over all entries: shard by shard, each shard's read table once it holds everything.
//!
//! Each begins somewhere else. Else who takes the first and puts in another, again and again, would leave a table full at
//! its end and empty at its beginning: linear probing would go through half of it.

use super::Map;
use super::entry::Entry;
use super::find::Inside;
use super::hash::Hash;
use super::shards::SHARDS;
use super::table::Table;
use crate::sync::next_of_all;

/// Where a walk stands. It visits every key that is present throughout exactly once and any key at most once: a table
/// holds a key once, shards hold different keys, and a walk that began before the map was split stays in the table of
/// its only shard, which holds all that was there.
pub(super) struct Walk<K, V> {
    /// Where this hash would be, it begins.
    start: Hash,
    table: Table<K, V>,
    index: usize,
    /// So many shards; all of them too when it is in the only one.
    begun: usize,
}

impl<K, V> Walk<K, V> {
    pub(super) fn new() -> Self {
        Self { start: Hash(next_of_all()), table: Table::NONE, index: 0, begun: 0 }
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
            if let Some((entry, slot)) = unsafe { self.table.next_entry(self.table.start(self.start), &mut self.index) }
            {
                // SAFETY: in a table (E1).
                let entry = unsafe { entry.as_ref() };
                return Some((entry, slot.hash(entry.word().hash_bits())));
            }
            if self.begun == SHARDS {
                return None;
            }
            let (complete, begun) = match map.shards() {
                None => (map.only().complete(), SHARDS),
                Some(shards) => {
                    let index = self.start.shard().wrapping_add(self.begun) & (SHARDS - 1);
                    (shards.at(index).complete(), self.begun + 1)
                }
            };
            // Without an answer it was split at this moment: start again there.
            if let Some((table, retired)) = complete {
                map.retire_all(inside, retired);
                (self.table, self.index, self.begun) = (table, 0, begun);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Map;

    /// The longest row of filled slots in the read table of the only shard, and how many slots it has.
    fn longest_row(map: &Map<u32, u32>) -> (usize, usize) {
        let table = map.only().read().table::<u32, u32>();
        let (mut behind, mut row, mut longest) = (0, 0, 0);
        loop {
            let mut index = behind;
            // SAFETY: this thread alone has the map.
            if unsafe { table.next_entry(0, &mut index) }.is_none() {
                return (longest, table.room() / 7 * 8);
            }
            row = if index == behind + 1 { row + 1 } else { 1 };
            longest = longest.max(row);
            behind = index;
        }
    }

    #[test]
    fn who_takes_the_first_and_puts_in_another_leaves_the_table_even() {
        let map = Map::new();
        (0..1000).for_each(|key| drop(map.insert(key, 0)));
        for key in 1000..8_000 {
            let first = *map.iter().next().expect("not empty").key();
            map.remove(&first);
            map.insert(key, 0);
        }
        assert_eq!(map.iter().count(), 1000);
        let (longest, len) = longest_row(&map);
        assert!(longest < len / 8, "{longest} of {len} in a row");
    }
}
