//! Guards of one entry.

use core::fmt;
use core::ops::Deref;

use super::find::Inside;
use super::write::Hit;

/// An entry of a [`Map`](crate::Map), with a value that it has or had: what it refers to stays until the guard is
/// dropped. It derefs to the value.
///
/// Holding it delays the freeing of what is taken out of the map meanwhile, and nothing else: no writer waits for it. It
/// can be sent to another thread and held across `.await`. Dropping it may run destructors of values that were taken out
/// of the map.
pub struct Ref<'a, K, V> {
    hit: Hit<K, V>,
    inside: Inside<'a, K, V>,
}

// SAFETY: it gives shared references to a key and a value (`Sync`), and dropping it may drop others (`Send`).
unsafe impl<K: Send + Sync, V: Send + Sync> Send for Ref<'_, K, V> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync> Sync for Ref<'_, K, V> {}

impl<'a, K, V> Ref<'a, K, V> {
    /// # Safety
    /// The hit was made while `inside` was, by the same map.
    pub(super) unsafe fn new(inside: Inside<'a, K, V>, hit: Hit<K, V>) -> Self {
        Self { hit, inside }
    }

    /// The key.
    #[must_use]
    #[inline]
    pub fn key(&self) -> &K {
        // SAFETY: it was in a table while this was inside, and is not freed before this leaves (E1).
        unsafe { self.hit.entry.as_ref() }.key()
    }

    /// The value.
    #[must_use]
    #[inline]
    pub fn value(&self) -> &V {
        // SAFETY: the entry had it while this was inside, and it is not dropped before this leaves (R2).
        unsafe { self.hit.value.as_ref() }
    }
}

impl<K, V> Clone for Ref<'_, K, V> {
    fn clone(&self) -> Self {
        Self { hit: self.hit, inside: self.inside.clone() }
    }
}

impl<K, V> Deref for Ref<'_, K, V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.value()
    }
}

impl<K, V: PartialEq> PartialEq<V> for Ref<'_, K, V> {
    fn eq(&self, other: &V) -> bool {
        self.value() == other
    }
}

impl<K: fmt::Debug, V: fmt::Debug> fmt::Debug for Ref<'_, K, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ref").field("key", self.key()).field("value", self.value()).finish()
    }
}

impl<K, V> Clone for Hit<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Hit<K, V> {}
