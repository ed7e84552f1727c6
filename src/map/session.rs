//! Many operations inside one entering.

use core::borrow::Borrow;
use core::fmt;
use core::hash::{BuildHasher, Hash as Hashable};

use super::Map;
use super::find::Inside;
use super::guard::Ref;
use super::walk::Walk;
use super::write::{Put, hit_of};

/// Operations on a [`Map`] that share one entering: what they return are plain references, which live as long as the
/// session. It delays the freeing of what is taken out meanwhile, so it should not be held for long where much is written.
pub struct Session<'a, K, V, S> {
    map: &'a Map<K, V, S>,
    inside: Inside<'a, K, V>,
}

// SAFETY: as for `Ref`.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync> Send for Session<'_, K, V, S> {}
// SAFETY: as above.
unsafe impl<K: Send + Sync, V: Send + Sync, S: Sync> Sync for Session<'_, K, V, S> {}

impl<'a, K, V, S> Session<'a, K, V, S> {
    pub(super) fn new(map: &'a Map<K, V, S>) -> Self {
        Self { map, inside: map.enter() }
    }

    /// The map.
    #[must_use]
    pub fn map(&self) -> &'a Map<K, V, S> {
        self.map
    }

    /// All keys with their values. The body may call any method of the same map.
    #[must_use]
    pub fn iter(&self) -> SessionIter<'_, K, V, S> {
        SessionIter { session: self, walk: Walk::new() }
    }

    /// All keys, as [`iter`](Self::iter) goes over them.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.iter().map(|(key, _)| key)
    }

    /// All values, as [`iter`](Self::iter) goes over them.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.iter().map(|(_, value)| value)
    }
}

impl<'a, K: Hashable + Eq, V, S: BuildHasher> Session<'a, K, V, S> {
    /// The value of a key.
    #[doc(alias = "Load")]
    #[inline]
    pub fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let hit = self.map.lookup(&self.inside, key)?;
        // SAFETY: made inside, and not dropped before this leaves (R2).
        Some(unsafe { hit.value.as_ref() })
    }

    /// A key as the map has it, and its value.
    pub fn get_key_value<Q>(&self, key: &Q) -> Option<(&K, &V)>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let hit = self.map.lookup(&self.inside, key)?;
        // SAFETY: made inside, and not freed before this leaves (E1).
        let key = unsafe { hit.entry.as_ref() }.key();
        // SAFETY: the same for the value.
        Some((key, unsafe { hit.value.as_ref() }))
    }

    /// A guard of one value, which may outlive the session.
    pub fn guard<Q>(&self, key: &Q) -> Option<Ref<'a, K, V>>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let hit = self.map.lookup(&self.inside, key)?;
        // SAFETY: made inside, and the clone was entered while it was.
        Some(unsafe { Ref::new(self.inside.clone(), hit) })
    }

    /// Gives a key a value. Returns the value that it had.
    #[doc(alias("Store", "Swap"))]
    pub fn insert(&self, key: K, value: V) -> Option<&V> {
        match self.map.put(&self.inside, key, value, true) {
            // SAFETY: made inside.
            Put::Replaced(old) => Some(unsafe { old.value.as_ref() }),
            Put::New(_) | Put::Kept(..) => None,
        }
    }

    /// The value of a key, which is this one if it had none.
    #[doc(alias = "LoadOrStore")]
    pub fn get_or_insert(&self, key: K, value: V) -> &V {
        let (Put::New(hit) | Put::Replaced(hit) | Put::Kept(hit, ..)) = self.map.put(&self.inside, key, value, false);
        // SAFETY: made inside.
        unsafe { hit.value.as_ref() }
    }

    /// Removes a key. Returns the value that it had.
    #[doc(alias("Delete", "LoadAndDelete"))]
    pub fn remove<Q>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
        Q: Hashable + Eq + ?Sized,
    {
        let found = self.map.find_key(&self.inside, key)?;
        let old = self.map.remove_found(&self.inside, &found, |_| true)?;
        // SAFETY: made inside.
        Some(unsafe { old.value.as_ref() })
    }
}

impl<K, V, S> fmt::Debug for Session<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("len", &self.map.len()).finish_non_exhaustive()
    }
}

/// The iterator of [`Session::iter`].
pub struct SessionIter<'s, K, V, S> {
    session: &'s Session<'s, K, V, S>,
    walk: Walk<K, V>,
}

impl<'s, K, V, S> Iterator for SessionIter<'s, K, V, S> {
    type Item = (&'s K, &'s V);

    fn next(&mut self) -> Option<(&'s K, &'s V)> {
        let session = self.session;
        loop {
            // SAFETY: the same one each time.
            let (entry, _) = unsafe { self.walk.next(session.map, &session.inside) }?;
            // SAFETY: read inside.
            if let Some(hit) = unsafe { hit_of(entry, entry.word()) } {
                // SAFETY: not dropped before the session leaves (R2).
                return Some((entry.key(), unsafe { hit.value.as_ref() }));
            }
        }
    }
}

impl<K, V, S> fmt::Debug for SessionIter<'_, K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionIter").finish_non_exhaustive()
    }
}
