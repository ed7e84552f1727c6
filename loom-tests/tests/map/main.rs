//! The map: one model per race between what readers, writers, builders of tables and collectors do.

mod entry;
mod flush;
mod memory;
mod nested;
mod place;
mod promote;
mod reclaim;
mod seats;
mod split;

use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Deref;
use std::pin::pin;
use std::sync::{Arc, Mutex};

use xsync_loom_tests::{Shadow, poll, spawn};

/// Keys are numbers.
type MapOf<const WIDE: usize> = xsync::Map<usize, Value<WIDE>, BuildHasherDefault<Plain>>;

/// Of values that are small enough for an entry to have two places.
type Map = MapOf<0>;

/// Keys hash to themselves, so that every execution has the same tables; those from a hundred on to their last two
/// digits, so that there are some that share a hash.
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
        self.0 = number as u64 % 100;
    }
}

/// A number that is not to be read after it was dropped, nor dropped twice: loom watches the life of each.
struct Value<const WIDE: usize = 0> {
    life: Arc<Life>,
    /// Makes it too large for a second place.
    _wide: [usize; WIDE],
}

impl<const WIDE: usize> Value<WIDE> {
    /// The number, of a value that is alive.
    fn read(&self) -> usize {
        self.life.read()
    }
}

impl<const WIDE: usize> Drop for Value<WIDE> {
    fn drop(&mut self) {
        self.life.end();
    }
}

/// A number, and how often what has it was dropped.
struct Life {
    number: usize,
    ends: Shadow,
}

impl Life {
    fn read(&self) -> usize {
        assert_eq!(self.ends.get(), 0, "{} was dropped", self.number);
        self.number
    }

    fn end(&self) {
        if !std::thread::panicking() {
            self.ends.increment();
        }
    }
}

/// All lives that were begun in an execution.
#[derive(Clone, Default)]
struct Lives(Arc<Mutex<Vec<Arc<Life>>>>);

impl Lives {
    fn begin(&self, number: usize) -> Arc<Life> {
        let life = Arc::new(Life { number, ends: Shadow::new(0) });
        self.0.lock().expect("nobody panics with it").push(Arc::clone(&life));
        life
    }

    fn value<const WIDE: usize>(&self, number: usize) -> Value<WIDE> {
        Value { life: self.begin(number), _wide: [0; WIDE] }
    }

    fn begun(&self) -> usize {
        self.0.lock().expect("nobody panics with it").len()
    }

    /// How many have ended. The caller has joined all other threads.
    fn ended(&self) -> usize {
        self.0.lock().expect("nobody panics with it").iter().map(|life| life.ends.get()).sum()
    }

    /// Each has ended, and once.
    fn are_over(&self) {
        for life in &*self.0.lock().expect("nobody panics with it") {
            assert_eq!(life.ends.get(), 1, "the drops of {}", life.number);
        }
    }
}

/// A map, and the lives of its values. Threads share it without an order that loom could see.
#[derive(Clone)]
struct WatchedOf<const WIDE: usize> {
    map: Arc<MapOf<WIDE>>,
    lives: Lives,
}

type Watched = WatchedOf<0>;

impl<const WIDE: usize> Deref for WatchedOf<WIDE> {
    type Target = MapOf<WIDE>;

    fn deref(&self) -> &MapOf<WIDE> {
        &self.map
    }
}

impl<const WIDE: usize> WatchedOf<WIDE> {
    fn new() -> Self {
        Self { map: Arc::new(MapOf::default()), lives: Lives::default() }
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

    /// Has the map widened, by a second thread that meets a reader: there are two lanes from now on, and the next thread has that
    /// of this one. (This one meets itself first.)
    fn widen(&self)
    where
        Self: Clone + Send + 'static,
    {
        let session = self.session();
        drop(self.session());
        let other = self.clone();
        spawn(move || other.look(1)).join().unwrap();
        drop(session);
    }

    /// A value for the map.
    fn value(&self, number: usize) -> Value<WIDE> {
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

/// Drops all that was retired; nobody is inside.
fn flush<K, V, S>(map: &xsync::Map<K, V, S>) {
    assert!(poll(pin!(map.flush())).is_ready());
}
