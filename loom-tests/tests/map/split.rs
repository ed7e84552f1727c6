//! The only shard is split into many, once, while others use it.

use xsync_loom_tests::{Outcomes, model, spawn};

use crate::Watched;

/// So many keys that the next new one splits the shard.
fn full() -> Watched {
    Watched::settled(1..=4)
}

/// What is there when key 5 has come.
const AFTER: [(usize, usize); 5] = [(1, 10), (2, 20), (3, 30), (4, 40), (5, 50)];

/// Property: a key that is there throughout is found while it goes from the only shard to one of many.
/// Fails if: the split shard looks complete (`split-looks-complete`), or the shards are published before they are
/// filled (`shards-published-empty`).
#[test]
fn split_races_lookup() {
    model(3, || {
        let map = full();
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        assert_eq!(map.put(5, 50), None);
        assert_eq!(reader.join().unwrap(), Some(10));
        assert_eq!(map.all(), AFTER);
        map.end();
    });
}

/// Property: a key that is in the dirty table of the only shard is found while it goes to one of many.
/// Fails if: a miss looks beside a stale table (`looked-beside-a-stale-table`), the split shard looks complete
/// (`split-looks-complete`, `news-of-the-shard-that-was`), the split forgets the dirty table (`split-forgets-the-dirty`), or
/// the shards are published before they are filled (`shards-published-empty`).
#[test]
fn split_races_miss() {
    model(3, || {
        let map = Watched::settled(1..=3);
        map.put(4, 40);
        let reader = map.clone();
        let reader = spawn(move || reader.look(4));
        assert_eq!(map.put(5, 50), None);
        assert_eq!(reader.join().unwrap(), Some(40));
        assert_eq!(map.all(), AFTER);
        map.end();
    });
}

/// Property: a store to a key beside the split stays, and a removal too.
/// Fails if: the split shard looks complete (`split-looks-complete`), or the shards are published before they are
/// filled (`shards-published-empty`).
#[test]
fn split_races_store_and_removal() {
    model(3, || {
        let map = full();
        let other = map.clone();
        let other = spawn(move || {
            assert_eq!(other.put(1, 11), Some(10));
            assert_eq!(other.take(2), Some(20));
        });
        assert_eq!(map.put(5, 50), None);
        other.join().unwrap();
        assert_eq!(map.all(), [(1, 11), (3, 30), (4, 40), (5, 50)]);
        map.end();
    });
}

/// Property: two new keys of different shards both ask for the split: one does it, and both find their place.
/// Fails if: a new entry is linked beside a stale table (`linked-beside-a-stale-table`), the split is not said under
/// the lock (`split-is-not-said`), or the shard is split twice (`split-twice`).
#[test]
fn two_splits() {
    model(3, || {
        let map = full();
        let other = map.clone();
        let other = spawn(move || other.put(10, 100));
        assert_eq!(map.put(5, 50), None);
        assert_eq!(other.join().unwrap(), None);
        assert_eq!(map.all(), [(1, 10), (2, 20), (3, 30), (4, 40), (5, 50), (10, 100)]);
        map.end();
    });
}

/// Property: two threads that meet at the lock of a small shard split it; the same new key from both is stored once.
/// Fails if: a value that is there is replaced (`value-there-is-replaced`).
#[test]
fn split_by_contention() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let map = Watched::settled([1, 2]);
        let other = map.clone();
        let other = spawn(move || other.try_insert(5, other.value(51)).is_ok());
        let first = map.try_insert(5, map.value(50)).is_ok();
        assert_ne!(first, other.join().unwrap());
        seen.saw(first);
        assert_eq!(map.all(), [(1, 10), (2, 20), (5, if first { 50 } else { 51 })]);
        map.end();
    });
    outcomes.were(&["false", "true"]);
}

/// Property: an iteration beside the split gives each key that is there throughout once, and the new one at most once.
/// Fails if: the split shard looks complete (`split-looks-complete`), the split is not said under the lock
/// (`split-is-not-said`), or the shards are published before they are filled (`shards-published-empty`).
#[test]
fn split_races_iteration() {
    model(3, || {
        let map = full();
        let reader = map.clone();
        let reader = spawn(move || {
            let mut keys: Vec<usize> = reader.session().keys().copied().collect();
            keys.sort_unstable();
            keys
        });
        assert_eq!(map.put(5, 50), None);
        let keys = reader.join().unwrap();
        assert!(keys == [1, 2, 3, 4] || keys == [1, 2, 3, 4, 5], "{keys:?}");
        assert_eq!(map.all(), AFTER);
        map.end();
    });
}

/// Property: a store to a removed key beside the split, which expunges that key: it is moved with its value, or comes
/// anew to where the others went.
/// Fails if: the word is swapped (`word-is-swapped`).
#[test]
fn split_races_store_to_the_removed() {
    model(3, || {
        let map = full();
        assert_eq!(map.take(1), Some(10));
        let other = map.clone();
        let other = spawn(move || other.put(1, 11));
        assert_eq!(map.put(5, 50), None);
        assert_eq!(other.join().unwrap(), None);
        assert_eq!(map.all(), [(1, 11), (2, 20), (3, 30), (4, 40), (5, 50)]);
        map.end();
    });
}

/// Property: a reader that was on its way to the only shard finds its key, though the shard was split meanwhile, and
/// then shrunk with all others.
/// Fails if: the split is not said under the lock (`split-is-not-said`), or a split shard is compacted
/// (`compacted-after-the-split`).
#[test]
fn split_and_shrink_race_lookup() {
    model(3, || {
        let map = full();
        let reader = map.clone();
        let reader = spawn(move || reader.look(1));
        assert_eq!(map.put(5, 50), None);
        map.shrink_to_fit();
        assert_eq!(reader.join().unwrap(), Some(10));
        assert_eq!(map.all(), AFTER);
        map.end();
    });
}
