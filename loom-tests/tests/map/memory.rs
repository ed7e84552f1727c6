//! An entry's memory: its key is dropped once, when no table holds the entry and nobody has it, and the memory goes when
//! that and both values were dropped, in whatever order (E1).

use std::borrow::Borrow;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use xsync_loom_tests::{model, spawn};

use crate::{Life, Lives, Plain, Value, flush};

/// A key whose life is watched as a value's is.
struct Key(Arc<Life>);

impl Borrow<usize> for Key {
    fn borrow(&self) -> &usize {
        assert_eq!(self.0.ends.get(), 0, "the key {} was dropped", self.0.number);
        &self.0.number
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        Borrow::<usize>::borrow(self) == other.borrow()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Borrow::<usize>::borrow(self).hash(state);
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// A map that watches its keys too.
#[derive(Clone)]
struct Keyed {
    map: Arc<xsync::Map<Key, Value, BuildHasherDefault<Plain>>>,
    keys: Lives,
    values: Lives,
}

impl Keyed {
    /// With keys of one shard in its read table.
    fn settled(keys: impl IntoIterator<Item = usize>) -> Self {
        let this = Self { map: Arc::default(), keys: Lives::default(), values: Lives::default() };
        this.map.reserve(5);
        for key in keys {
            assert_eq!(this.put(key, 10 * key), None);
        }
        this.promote();
        this
    }

    fn put(&self, key: usize, number: usize) -> Option<usize> {
        self.map.insert(Key(self.keys.begin(key)), self.values.value(number)).map(|old| old.read())
    }

    fn look(&self, key: usize) -> Option<usize> {
        self.map.get(&key).map(|value| value.read())
    }

    fn take(&self, key: usize) -> Option<usize> {
        self.map.remove(&key).map(|old| old.read())
    }

    fn promote(&self) {
        assert_eq!(self.map.iter().count(), self.map.len());
    }

    /// Drops all that was retired; then how many keys and values are alive. All other threads have been joined.
    fn alive(&self) -> [usize; 2] {
        flush(&self.map);
        [&self.keys, &self.values].map(|lives| lives.begun() - lives.ended())
    }

    fn end(self) {
        drop(Arc::into_inner(self.map).expect("all other threads are done with it"));
        self.keys.are_over();
        self.values.are_over();
    }
}

/// Property: an entry goes while a reader has it, and both its values were taken out of it before: whoever drops the
/// last of the three frees it, and the key lasts as long as the reader.
/// Fails if: an entry is freed with its key (`freed-with-its-key`) or with its values (`freed-with-its-values`), or
/// one that is expunged is not listed (`expunged-is-not-listed`), or listed twice (`expunged-is-listed-twice`).
#[test]
fn parts_dropped_by_two() {
    model(3, || {
        let map = Keyed::settled(1..=4);
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        assert_eq!(map.put(1, 11), Some(10));
        assert_eq!(map.take(1), Some(11));
        // Expunges it.
        assert_eq!(map.put(10, 100), None);
        map.promote();
        let looked = reader.join().unwrap();
        assert!([None, Some(10), Some(11)].contains(&looked), "{looked:?}");
        assert_eq!(map.alive(), [4, 4]);
        map.end();
    });
}

/// Property: a store to an expunged key beside the promotion that retires what is expunged: an entry that is brought
/// back keeps its key.
/// Fails if: what was un-expunged is retired (`unexpunged-is-retired`).
#[test]
fn brought_back_beside_promotion() {
    model(3, || {
        let map = Keyed::settled(1..=4);
        assert_eq!(map.take(1), Some(10));
        assert_eq!(map.put(10, 100), None);
        let other = map.clone();
        let other = spawn(move || other.put(1, 11));
        map.map.iter().count();
        assert_eq!(other.join().unwrap(), None);
        map.promote();
        assert_eq!(map.look(1), Some(11));
        assert_eq!(map.alive(), [5, 5]);
        map.end();
    });
}

/// Property: a shard that is half dead is compacted, and the keys that were removed go, beside a reader of the old
/// table.
/// Fails if: nothing is compacted (`nothing-is-compacted`), or a table is freed at once (`table-freed-at-once`).
#[test]
fn compaction_races_reader() {
    model(3, || {
        let map = Keyed::settled([1, 2, 3]);
        let reader = map.clone();
        let reader = spawn(move || (reader.look(1), reader.look(2)));
        assert_eq!(map.take(1), Some(10));
        let (first, second) = reader.join().unwrap();
        assert!([None, Some(10)].contains(&first) && second == Some(20), "{first:?} {second:?}");
        assert_eq!(map.alive(), [2, 2]);
        map.end();
    });
}
