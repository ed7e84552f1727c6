//! Taking a map apart, and its end.

use core::fmt;
use core::ptr::NonNull;

use alloc::boxed::Box;
use alloc::vec::{self, Vec};

use super::Map;
use super::entry::Entry;
use super::shards::Shards;
use crate::sync::Ordering;

/// An entry that is in no table, and that nobody else reaches. Dropped with all that it holds: a vector of these goes on
/// after a destructor that panics.
struct Owned<K, V>(NonNull<Entry<K, V>>);

// SAFETY: it owns a key and a value.
unsafe impl<K: Send, V: Send> Send for Owned<K, V> {}
// SAFETY: a shared reference to it gives nothing.
unsafe impl<K: Sync, V: Sync> Sync for Owned<K, V> {}

impl<K, V> Drop for Owned<K, V> {
    fn drop(&mut self) {
        // SAFETY: nobody else reaches it, what was retired has been dropped, and it is dropped once.
        drop(unsafe { Entry::into_parts(self.0) });
    }
}

impl<K, V, S> Map<K, V, S> {
    /// All entries; the map is empty, and has dropped what was retired.
    fn take_entries(&mut self) -> Vec<Owned<K, V>> {
        // ORDERING: Relaxed: nobody else has the map.
        let shards = self.shards.swap(0, Ordering::Relaxed);
        let shards = core::ptr::with_exposed_provenance_mut::<Shards<K, V>>(shards);
        // SAFETY: made by `split`, and nobody else has the map.
        let shards = (!shards.is_null()).then(|| unsafe { Box::from_raw(shards) });
        let mut all = Vec::new();
        for shard in core::iter::once(self.only()).chain(shards.iter().flat_map(|shards| shards.iter())) {
            let (tables, mut expunged) = shard.take_all();
            // SAFETY: nobody else has the map.
            all.extend(unsafe { tables[0].entries() }.map(|(entry, _)| Owned(entry)));
            // SAFETY: not freed yet (M4).
            expunged.retain(|entry| unsafe { entry.as_ref() }.word().is_expunged());
            all.extend(expunged.into_iter().map(Owned));
            for table in tables {
                // SAFETY: nobody else has it; they are two, or none.
                unsafe { table.free() };
            }
        }
        // Before an entry is taken apart: a value may be in its place. If this panics, the entries go all the same.
        self.reclaim.drain();
        all
    }
}

impl<K, V, S> Drop for Map<K, V, S> {
    fn drop(&mut self) {
        drop(self.take_entries());
    }
}

/// The iterator of a map that is taken apart: its keys and values, moved.
pub struct IntoIter<K, V>(vec::IntoIter<Owned<K, V>>);

impl<K, V, S> IntoIterator for Map<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;

    fn into_iter(mut self) -> IntoIter<K, V> {
        IntoIter(self.take_entries().into_iter())
    }
}

impl<K, V> Iterator for IntoIter<K, V> {
    type Item = (K, V);

    fn next(&mut self) -> Option<(K, V)> {
        self.0.find_map(|owned| {
            let owned = core::mem::ManuallyDrop::new(owned);
            // SAFETY: nobody else reaches it; what was retired has been dropped; it is not used again.
            unsafe { Entry::into_parts(owned.0) }
        })
    }
}

impl<K, V> fmt::Debug for IntoIter<K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").finish_non_exhaustive()
    }
}
