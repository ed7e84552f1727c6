//! The traits that a map of Rust has.

use core::fmt;
use core::hash::{BuildHasher, Hash as Hashable};

use super::Map;

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
