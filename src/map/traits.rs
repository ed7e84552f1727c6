//! The traits that a map of Rust has, and its end.

use core::fmt;
use core::hash::{BuildHasher, Hash as Hashable};
use core::ptr::NonNull;

use alloc::vec::Vec;

use super::Map;
use super::entry::Entry;
use super::shards::Shards;

impl<K, V, S: Default> Default for Map<K, V, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for Map<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.session().iter()).finish()
    }
}

impl<K, V, S> Clone for Map<K, V, S>
where
    K: Clone + Hashable + Eq,
    V: Clone,
    S: Clone + BuildHasher,
{
    fn clone(&self) -> Self {
        let clone = Self::with_hasher(self.hasher.clone());
        clone.reserve(self.len());
        for (key, value) in self.session().iter() {
            clone.insert(key.clone(), value.clone());
        }
        clone
    }
}

impl<K, V, S> PartialEq for Map<K, V, S>
where
    K: Hashable + Eq,
    V: PartialEq,
    S: BuildHasher,
{
    /// Whether both have the same keys with equal values; exact while nobody writes.
    fn eq(&self, other: &Self) -> bool {
        let (own, others) = (self.session(), other.session());
        self.len() == other.len() && own.iter().all(|(key, value)| others.get(key) == Some(value))
    }
}

impl<K: Hashable + Eq, V, S: BuildHasher> Extend<(K, V)> for Map<K, V, S> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, items: I) {
        let items = items.into_iter();
        self.reserve(items.size_hint().0);
        for (key, value) in items {
            self.insert(key, value);
        }
    }
}

impl<K: Hashable + Eq, V, S: BuildHasher + Default> FromIterator<(K, V)> for Map<K, V, S> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(items: I) -> Self {
        let mut map = Self::default();
        map.extend(items);
        map
    }
}

impl<K, V, S> Drop for Map<K, V, S> {
    fn drop(&mut self) {
        /// Dropped with all that it holds: a vector of these goes on after a destructor that panics.
        struct Owned<K, V>(NonNull<Entry<K, V>>);

        impl<K, V> Drop for Owned<K, V> {
            fn drop(&mut self) {
                // SAFETY: nobody has the map any more, and no entry is in the list twice.
                unsafe { Entry::drop_all(self.0) };
            }
        }

        // ORDERING: Relaxed: nobody else has the map.
        let shards = self.shards.swap(0, crate::sync::Ordering::Relaxed);
        let shards = core::ptr::with_exposed_provenance_mut::<Shards<K, V>>(shards);
        // SAFETY: made by `split`, and nobody has the map any more.
        let shards = (!shards.is_null()).then(|| unsafe { alloc::boxed::Box::from_raw(shards) });
        let mut all = Vec::new();
        for shard in core::iter::once(self.only()).chain(shards.iter().flat_map(|shards| shards.iter())) {
            let (tables, mut expunged) = shard.take_all();
            // SAFETY: nobody has the map any more.
            all.extend(unsafe { tables[0].entries() }.map(|(entry, _)| Owned(entry)));
            expunged.sort_unstable();
            expunged.dedup();
            // SAFETY: not freed yet (M4).
            expunged.retain(|entry| unsafe { entry.as_ref() }.word().is_expunged());
            all.extend(expunged.into_iter().map(Owned));
            for table in tables {
                // SAFETY: nobody has it any more; they are two, or none.
                unsafe { table.free() };
            }
        }
        // What was retired first, since parts of entries that are in no table may be there. Then the entries, also if that
        // panics.
        self.reclaim.drain();
        drop(all);
    }
}
