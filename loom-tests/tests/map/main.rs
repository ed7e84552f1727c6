//! The map: one model per race between what readers, writers, builders of tables and collectors do.

mod entry;
mod flush;
mod promote;
mod reclaim;
mod split;

use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Deref;
use std::sync::{Arc, Mutex};

use xsync_loom_tests::Shadow;

/// Keys are numbers, and hash to themselves, so that every execution has the same tables.
type Map = xsync::Map<usize, Value, BuildHasherDefault<Plain>>;

#[derive(Default)]
struct Plain(u64);

impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, _: &[u8]) {
        unreachable!("keys are numbers");
    }

    fn write_usize(&mut self, number: usize) {
        self.0 = number as u64;
    }
}

/// A number that is not to be read after it was dropped, nor dropped twice: loom watches the life of each.
struct Value {
    number: usize,
    life: Arc<Shadow>,
}

impl Value {
    /// The number, of a value that is alive.
    fn read(&self) -> usize {
        assert_eq!(self.life.get(), 0, "{} was dropped", self.number);
        self.number
    }
}

impl Drop for Value {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.life.increment();
        }
    }
}

/// The lives of all values that were made in an execution.
#[derive(Clone, Default)]
struct Lives(Arc<Mutex<Vec<Arc<Shadow>>>>);

impl Lives {
    fn value(&self, number: usize) -> Value {
        let life = Arc::new(Shadow::new(0));
        self.0.lock().expect("nobody panics with it").push(Arc::clone(&life));
        Value { number, life }
    }

    /// How many have ended. The caller has joined all other threads.
    fn ended(&self) -> usize {
        self.0.lock().expect("nobody panics with it").iter().map(|life| life.get()).sum()
    }

    /// Each has ended, and once.
    fn are_over(&self) {
        for life in &*self.0.lock().expect("nobody panics with it") {
            assert_eq!(life.get(), 1);
        }
    }
}

/// A map, and the lives of its values. Threads share it without an order that loom could see.
#[derive(Clone)]
struct Watched {
    map: Arc<Map>,
    lives: Lives,
}

impl Deref for Watched {
    type Target = Map;

    fn deref(&self) -> &Map {
        &self.map
    }
}

impl Watched {
    fn new() -> Self {
        Self { map: Arc::new(Map::default()), lives: Lives::default() }
    }

    /// With these keys, whose values are ten times as much, in the read table of the only shard.
    fn settled(keys: impl IntoIterator<Item = usize>) -> Self {
        let this = Self::new();
        for key in keys {
            assert!(this.insert(key, this.value(10 * key)).is_none());
        }
        this.promote();
        this
    }

    /// The same in a map that was split, where they can be as many as it takes to have dead ones among them. The keys 1 to
    /// 4 and 10 to 13 are of one shard, 5 to 9 of the other.
    fn settled_in_shards(keys: impl IntoIterator<Item = usize>) -> Self {
        let this = Self::new();
        this.reserve(5);
        for key in keys {
            assert!(this.insert(key, this.value(10 * key)).is_none());
        }
        this.promote();
        this
    }

    /// A value for the map.
    fn value(&self, number: usize) -> Value {
        self.lives.value(number)
    }

    /// Stores a number; the number that the key had.
    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.insert(key, self.value(number)).map(|old| old.read())
    }

    /// The number that a key has.
    fn look(&self, key: usize) -> Option<usize> {
        self.get(&key).map(|value| value.read())
    }

    /// Removes a key; the number that it had.
    fn take(&self, key: usize) -> Option<usize> {
        self.remove(&key).map(|old| old.read())
    }

    /// Makes the dirty table the read table, as an iteration does.
    fn promote(&self) {
        assert_eq!(self.iter().count(), self.len());
    }

    /// Keys and numbers, in order; no key twice, and as many as the map counts.
    fn all(&self) -> Vec<(usize, usize)> {
        let mut all: Vec<_> = self.iter().map(|entry| (*entry.key(), entry.read())).collect();
        all.sort_unstable();
        assert!(all.is_sorted_by(|one, next| one.0 < next.0), "a key twice: {all:?}");
        assert_eq!(self.len(), all.len());
        all
    }

    /// How many values have been dropped. The caller has joined all other threads.
    fn dropped(&self) -> usize {
        self.lives.ended()
    }

    /// The end of the map: each value has been dropped, and once.
    fn end(self) {
        drop(Arc::into_inner(self.map).expect("all other threads are done with it"));
        self.lives.are_over();
    }
}
