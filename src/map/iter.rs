//! Iteration by guards.

use core::fmt;

use super::Map;
use super::find::Inside;
use super::guard::Ref;
use super::walk::Walk;
use super::write::hit_of;

/// The iterator of [`Map::iter`]: a guard for each key.
pub struct Iter<'a, K, V, S> {
    map: &'a Map<K, V, S>,
    inside: Inside<'a, K, V>,
    walk: Walk<K, V>,
}

// SAFETY: as for `Ref`.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync> Send for Iter<'_, K, V, S> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync> Sync for Iter<'_, K, V, S> {}

impl<K, V, S> Map<K, V, S> {
    /// All keys with their values: every key that is there throughout exactly once, any key at most once, each with a value
    /// that it had at some moment, in no order: each iteration begins somewhere else. The body may call any method of the same
    /// map.
    #[doc(alias = "Range")]
    pub fn iter(&self) -> Iter<'_, K, V, S> {
        Iter { map: self, inside: self.enter(), walk: Walk::new() }
    }
}

impl<'a, K, V, S> Iterator for Iter<'a, K, V, S> {
    type Item = Ref<'a, K, V>;

    fn next(&mut self) -> Option<Ref<'a, K, V>> {
        loop {
            // SAFETY: the same one each time.
            let (entry, _) = unsafe { self.walk.next(self.map, &self.inside) }?;
            // SAFETY: read inside.
            if let Some(hit) = unsafe { hit_of(entry, entry.word()) } {
                // SAFETY: made inside; the clone was entered while this was.
                return Some(unsafe { Ref::new(self.inside.clone(), hit) });
            }
        }
    }
}

impl<'a, K, V, S> IntoIterator for &'a Map<K, V, S> {
    type Item = Ref<'a, K, V>;
    type IntoIter = Iter<'a, K, V, S>;

    fn into_iter(self) -> Iter<'a, K, V, S> {
        self.iter()
    }
}

impl<K, V, S> fmt::Debug for Iter<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").finish_non_exhaustive()
    }
}
