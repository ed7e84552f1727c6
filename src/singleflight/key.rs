//! Keys as callers have them: their own, or a borrowed form that becomes one if it has to.

use alloc::borrow::ToOwned;
use core::borrow::Borrow;
use core::fmt;
use core::hash::{BuildHasher, Hash};

/// A key to look for, and to list a flight by.
pub trait Ask<K> {
    fn hash(&self, hasher: &impl BuildHasher) -> u64;

    /// Whether `key` is the same.
    fn is(&self, key: &K) -> bool;

    /// Sees to it that [`take`](Self::take) only moves.
    fn prepare(&mut self);

    /// The key, which was prepared.
    fn take(&mut self) -> K;
}

/// A caller's own key.
pub struct OwnKey<K>(Option<K>);

/// A borrowed form of a key, which is made into one only by a caller that starts a flight.
pub struct BorrowedKey<'q, K, Q: ?Sized> {
    query: &'q Q,
    key: Option<K>,
}

impl<K> OwnKey<K> {
    pub(super) fn new(key: K) -> Self {
        Self(Some(key))
    }

    fn key(&self) -> &K {
        self.0.as_ref().expect("not taken yet")
    }
}

impl<'q, K, Q: ?Sized> BorrowedKey<'q, K, Q> {
    pub(super) fn new(query: &'q Q) -> Self {
        Self { query, key: None }
    }
}

impl<K: Hash + Eq> Ask<K> for OwnKey<K> {
    fn hash(&self, hasher: &impl BuildHasher) -> u64 {
        hasher.hash_one(self.key())
    }

    fn is(&self, key: &K) -> bool {
        self.key() == key
    }

    fn prepare(&mut self) {}

    fn take(&mut self) -> K {
        self.0.take().expect("taken once")
    }
}

impl<K, Q> Ask<K> for BorrowedKey<'_, K, Q>
where
    K: Borrow<Q>,
    Q: Hash + Eq + ToOwned<Owned = K> + ?Sized,
{
    fn hash(&self, hasher: &impl BuildHasher) -> u64 {
        hasher.hash_one(self.query)
    }

    fn is(&self, key: &K) -> bool {
        key.borrow() == self.query
    }

    fn prepare(&mut self) {
        if self.key.is_none() {
            self.key = Some(self.query.to_owned());
        }
    }

    fn take(&mut self) -> K {
        self.key.take().expect("prepared before")
    }
}

impl<K: fmt::Debug> fmt::Debug for OwnKey<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K, Q: fmt::Debug + ?Sized> fmt::Debug for BorrowedKey<'_, K, Q> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.query.fmt(f)
    }
}
