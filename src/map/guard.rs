//! Guards of one entry.

use core::borrow::Borrow;
use core::fmt;
use core::hash::{BuildHasher, Hash as Hashable};
use core::ops::Deref;

use super::Map;
use super::find::Inside;
use super::write::Hit;
use crate::sync::Arc;

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

/// A [`Ref`] that owns a handle of the map instead of borrowing it.
pub struct OwnedRef<K: 'static, V: 'static, S> {
    /// First, so that it is dropped before the map may be.
    guard: Ref<'static, K, V>,
    map: Arc<Map<K, V, S>>,
}

impl<K: Hashable + Eq, V, S: BuildHasher> Map<K, V, S> {
    /// As [`get`](Self::get), with a guard that owns a handle of the map.
    pub fn get_owned<Q>(map: &Arc<Self>, key: &Q) -> Option<OwnedRef<K, V, S>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let map = map.clone();
        let guard = map.get(key)?;
        // SAFETY: the map stays where it is, and as it is, as long as the handle beside the guard.
        let guard = unsafe { core::mem::transmute::<Ref<'_, K, V>, Ref<'static, K, V>>(guard) };
        Some(OwnedRef { guard, map })
    }
}

impl<K, V, S> OwnedRef<K, V, S> {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &K {
        self.guard.key()
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> &V {
        self.guard.value()
    }

    /// The map.
    #[must_use]
    pub fn map(&self) -> &Arc<Map<K, V, S>> {
        &self.map
    }
}

impl<K, V, S> Clone for OwnedRef<K, V, S> {
    fn clone(&self) -> Self {
        Self { guard: self.guard.clone(), map: self.map.clone() }
    }
}

impl<K, V, S> Deref for OwnedRef<K, V, S> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.guard.value()
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for OwnedRef<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OwnedRef").field("key", self.key()).field("value", self.value()).finish_non_exhaustive()
    }
}

impl<K, V> Clone for Hit<K, V> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K, V> Copy for Hit<K, V> {}
