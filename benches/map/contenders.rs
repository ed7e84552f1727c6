//! The maps that are compared, as one trait, with one hasher for all.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{RwLock, RwLockWriteGuard};

pub type Hasher = foldhash::fast::FixedState;

/// How often each key is read once a map is filled: what it puts off until it is read, it has done then.
pub const PASSES: u64 = 4;

/// What all of them ask of a key.
pub trait Key: Hash + Ord + Clone + Send + Sync + 'static {}

impl<K: Hash + Ord + Clone + Send + Sync + 'static> Key for K {}

/// A value, and the number in it that a read looks at.
pub trait Value: Clone + Send + Sync + 'static {
    /// Whether it is a [`Line`].
    const LINE: bool;
    fn of(number: u64) -> Self;
    fn number(&self) -> u64;
}

impl Value for u64 {
    const LINE: bool = false;

    fn of(number: u64) -> Self {
        number
    }
    fn number(&self) -> u64 {
        *self
    }
}

/// 64 bytes.
#[derive(Clone)]
pub struct Line([u64; 8]);

impl Value for Line {
    const LINE: bool = true;

    fn of(number: u64) -> Self {
        Self([number; 8])
    }
    fn number(&self) -> u64 {
        self.0[7]
    }
}

/// A map, or one way to use it.
pub trait Contender<K: Key, V: Value>: Sync + Send {
    /// In the tables.
    const NAME: &'static str;
    /// Whose version is told.
    const PACKAGE: &'static str = Self::NAME;
    /// What some of them enter once for many operations.
    type Session<'a>: Session<K, V>
    where
        Self: 'a;

    fn new() -> Self;
    fn session(&self) -> Self::Session<'_>;
    /// Frees what is left of what was removed, where a map has a way to do so.
    fn settle(&self) {}
}

/// The operations.
pub trait Session<K, V> {
    fn read(&self, key: &K) -> Option<u64>;
    fn insert(&self, key: K, value: V);
    fn remove(&self, key: &K);
}

/// xsync, which enters for each operation.
pub struct Xsync<K, V>(pub xsync::Map<K, V, Hasher>);

impl<K: Key, V: Value> Contender<K, V> for Xsync<K, V> {
    const NAME: &'static str = "xsync";
    type Session<'a> = &'a Self;

    fn new() -> Self {
        Self(xsync::Map::default())
    }
    fn session(&self) -> &Self {
        self
    }
    fn settle(&self) {
        self.0.flush().wait();
    }
}

impl<K: Key, V: Value> Session<K, V> for &Xsync<K, V> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.0.read_with(key, V::number)
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.0.insert(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.0.remove(key);
    }
}

/// xsync, in sessions.
pub struct InSessions<K, V>(xsync::Map<K, V, Hasher>);

impl<K: Key, V: Value> Contender<K, V> for InSessions<K, V> {
    const NAME: &'static str = "its sessions";
    const PACKAGE: &'static str = "xsync";
    type Session<'a> = xsync::Session<'a, K, V, Hasher>;

    fn new() -> Self {
        Self(xsync::Map::default())
    }
    fn session(&self) -> Self::Session<'_> {
        self.0.session()
    }
    fn settle(&self) {
        self.0.flush().wait();
    }
}

impl<K: Key, V: Value> Session<K, V> for xsync::Session<'_, K, V, Hasher> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.get(key).map(V::number)
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.insert(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.remove(key);
    }
}

/// dashmap.
pub struct Dash<K, V>(pub dashmap::DashMap<K, V, Hasher>);

impl<K: Key, V: Value> Contender<K, V> for Dash<K, V> {
    const NAME: &'static str = "dashmap";
    type Session<'a> = &'a Self;

    fn new() -> Self {
        Self(dashmap::DashMap::default())
    }
    fn session(&self) -> &Self {
        self
    }
    fn settle(&self) {
        self.0.shrink_to_fit();
    }
}

impl<K: Key, V: Value> Session<K, V> for &Dash<K, V> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.0.get(key).map(|value| value.number())
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.0.insert(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.0.remove(key);
    }
}

/// papaya, which pins for each operation.
pub struct Papaya<K, V>(pub papaya::HashMap<K, V, Hasher>);

impl<K: Key, V: Value> Contender<K, V> for Papaya<K, V> {
    const NAME: &'static str = "papaya";
    type Session<'a> = &'a Self;

    fn new() -> Self {
        Self(papaya::HashMap::default())
    }
    fn session(&self) -> &Self {
        self
    }
}

impl<K: Key, V: Value> Session<K, V> for &Papaya<K, V> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.0.pin().get(key).map(V::number)
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.0.pin().insert(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.0.pin().remove(key);
    }
}

type Pin<'a, K, V> = papaya::HashMapRef<'a, K, V, Hasher, papaya::LocalGuard<'a>>;

/// papaya, pinned.
pub struct Pinned<K, V>(papaya::HashMap<K, V, Hasher>);

impl<K: Key, V: Value> Contender<K, V> for Pinned<K, V> {
    const NAME: &'static str = "papaya, pinned";
    const PACKAGE: &'static str = "papaya";
    type Session<'a> = Pin<'a, K, V>;

    fn new() -> Self {
        Self(papaya::HashMap::default())
    }
    fn session(&self) -> Self::Session<'_> {
        self.0.pin()
    }
}

impl<K: Key, V: Value> Session<K, V> for Pin<'_, K, V> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.get(key).map(V::number)
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.insert(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.remove(key);
    }
}

/// scc.
pub struct Scc<K, V>(pub scc::HashMap<K, V, Hasher>);

impl<K: Key, V: Value> Contender<K, V> for Scc<K, V> {
    const NAME: &'static str = "scc";
    type Session<'a> = &'a Self;

    fn new() -> Self {
        Self(scc::HashMap::default())
    }
    fn session(&self) -> &Self {
        self
    }
}

impl<K: Key, V: Value> Session<K, V> for &Scc<K, V> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.0.read_sync(key, |_, value| value.number())
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.0.upsert_sync(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.0.remove_sync(key);
    }
}

/// flurry, which pins for each operation.
pub struct Flurry<K, V>(pub flurry::HashMap<K, V, Hasher>);

impl<K: Key, V: Value> Contender<K, V> for Flurry<K, V> {
    const NAME: &'static str = "flurry";
    type Session<'a> = &'a Self;

    fn new() -> Self {
        Self(flurry::HashMap::default())
    }
    fn session(&self) -> &Self {
        self
    }
}

impl<K: Key, V: Value> Session<K, V> for &Flurry<K, V> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.0.pin().get(key).map(V::number)
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.0.pin().insert(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.0.pin().remove(key);
    }
}

/// std's map, hashbrown, under std's lock.
pub struct Locked<K, V>(pub RwLock<HashMap<K, V, Hasher>>);

impl<K, V> Locked<K, V> {
    pub fn write(&self) -> RwLockWriteGuard<'_, HashMap<K, V, Hasher>> {
        self.0.write().expect("nobody panics")
    }
}

impl<K: Key, V: Value> Contender<K, V> for Locked<K, V> {
    const NAME: &'static str = "RwLock<HashMap>";
    const PACKAGE: &'static str = "";
    type Session<'a> = &'a Self;

    fn new() -> Self {
        Self(RwLock::default())
    }
    fn session(&self) -> &Self {
        self
    }
    fn settle(&self) {
        self.write().shrink_to_fit();
    }
}

impl<K: Key, V: Value> Session<K, V> for &Locked<K, V> {
    #[inline]
    fn read(&self, key: &K) -> Option<u64> {
        self.0.read().expect("nobody panics").get(key).map(V::number)
    }
    #[inline]
    fn insert(&self, key: K, value: V) {
        self.write().insert(key, value);
    }
    #[inline]
    fn remove(&self, key: &K) {
        self.write().remove(key);
    }
}

/// Runs an expression once for each of them, under the given name; the subject first.
macro_rules! every_map {
    ($name:ident => $body:expr) => {
        $crate::contenders::every_map! {
            $name => $body; Xsync, InSessions, Dash, Papaya, Pinned, Scc, Flurry, Locked
        }
    };
    ($name:ident => $body:expr; $($map:ident),*) => {{
        $({
            use $crate::contenders::$map as $name;
            $body;
        })*
    }};
}

pub(crate) use every_map;
