//! Each method by itself, on one thread.

use core::sync::atomic::{AtomicIsize, Ordering};

use std::sync::Arc;

use xsync::{Computed, Map, Operation};

use crate::alive::Flushed as _;

#[derive(Debug)]
struct Counted(u64, Arc<AtomicIsize>);

impl Counted {
    fn new(value: u64, alive: &Arc<AtomicIsize>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Self(value, alive.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.1.fetch_sub(1, Ordering::Relaxed);
    }
}

#[test]
fn a_key_is_stored_read_replaced_and_removed() {
    let map = Map::new();
    assert!(map.insert("a".to_owned(), 1).is_none());
    assert_eq!(*map.get("a").unwrap(), 1);
    assert_eq!(*map.insert("a".to_owned(), 2).unwrap(), 1);
    assert_eq!(map.get_cloned("a"), Some(2));
    assert_eq!(map.len(), 1);
    assert_eq!(*map.remove("a").unwrap(), 2);
    assert!(map.get("a").is_none());
    assert!(map.remove("a").is_none());
    assert!(map.is_empty());
    assert!(map.insert("a".to_owned(), 3).is_none());
    assert_eq!(map.get_cloned("a"), Some(3));
}

#[test]
fn many_keys_come_and_go() {
    for n in [10_u64, 100, 5_000, 40_000] {
        let map = Map::new();
        for key in 0..n {
            assert!(map.insert(key, key).is_none(), "{key} of {n}");
        }
        assert_eq!(map.len() as u64, n);
        for key in 0..n {
            assert_eq!(map.get_cloned(&key), Some(key));
            assert!(map.get(&(key + n)).is_none());
        }
        let mut keys: Vec<u64> = map.iter().map(|item| *item.key()).collect();
        keys.sort_unstable();
        assert!(keys.into_iter().eq(0..n));
        for key in 0..n {
            assert_eq!(*map.insert(key, 2 * key).unwrap(), key);
        }
        for key in (0..n).filter(|key| key % 3 != 0) {
            assert_eq!(*map.remove(&key).unwrap(), 2 * key);
        }
        for key in 0..n {
            assert_eq!(map.get_cloned(&key), (key % 3 == 0).then_some(2 * key));
        }
        assert_eq!(map.len() as u64, n.div_ceil(3));
        for key in 0..n {
            assert_eq!(map.insert(key, 7).is_some(), key % 3 == 0);
        }
        assert_eq!(map.len() as u64, n);
        map.clear();
        assert_eq!((map.len(), map.iter().count()), (0, 0));
    }
}

#[test]
fn every_value_is_dropped_once() {
    let alive = Arc::new(AtomicIsize::new(0));
    let map = Map::new();
    for round in 0..3 {
        for key in 0..3_000 {
            map.insert(key, Counted::new(round, &alive));
        }
        for key in 0..2_000 {
            map.remove(&key);
        }
    }
    map.flushed();
    assert_eq!(alive.load(Ordering::Relaxed), 1_000);
    for key in 0..3_000 {
        map.get_or_insert(key, Counted::new(9, &alive));
    }
    map.flushed();
    assert_eq!(alive.load(Ordering::Relaxed), 3_000);
    map.insert(1, Counted::new(1, &alive));
    drop(map);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[test]
fn a_guard_keeps_what_was_removed() {
    let alive = Arc::new(AtomicIsize::new(0));
    let map = Map::new();
    map.insert(1, Counted::new(5, &alive));
    let guard = map.remove(&1).unwrap();
    for key in 2..500 {
        map.insert(key, Counted::new(0, &alive));
        map.remove(&key);
    }
    assert_eq!((*guard.key(), guard.0), (1, 5));
    assert!(alive.load(Ordering::Relaxed) >= 1);
    drop(guard);
    map.flushed();
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}

#[test]
fn conditional_operations_say_what_they_did() {
    let map = Map::new();
    map.insert(1, 10);
    assert_eq!(*map.compare_exchange(&1, &10, 11).unwrap(), 10);
    assert_eq!(map.compare_exchange(&1, &10, 12).unwrap_err(), 12);
    assert_eq!(map.compare_exchange(&2, &10, 12).unwrap_err(), 12);
    assert!(map.compare_remove(&1, &10).is_none());
    assert_eq!(*map.update(&1, |value| value + 1).unwrap(), 12);
    assert!(map.update(&2, |value| value + 1).is_none());
    let (there, refused) = map.try_insert(1, 5).unwrap_err();
    assert_eq!((*there, refused), (12, 5));
    drop(there);
    assert_eq!(*map.try_insert(3, 5).unwrap(), 5);
    assert_eq!(*map.get_or_insert_with(3, || unreachable!()), 5);
    assert_eq!(*map.get_or_insert_with(4, || 6), 6);
    assert_eq!(*map.compare_remove(&1, &12).unwrap(), 12);
    assert!(map.remove_if(&3, |value| *value == 6).is_none());
    map.retain(|key, _| *key == 4);
    assert_eq!(map.len(), 1);
    assert!(
        matches!(map.compute(4, |value| Operation::Insert(value.unwrap() + 1)), Computed::Updated { old, new } if *old == 6 && *new == 7)
    );
    assert!(
        matches!(map.compute(5, |value| { assert!(value.is_none()); Operation::Insert(1) }), Computed::Inserted(new) if *new == 1)
    );
    assert!(matches!(map.compute(5, |_| Operation::Remove), Computed::Removed(old) if *old == 1));
    assert!(matches!(map.compute(5, |_| Operation::Remove), Computed::Aborted(None)));
    assert!(matches!(map.compute(4, |_| Operation::Abort), Computed::Aborted(Some(there)) if *there == 7));
}

#[test]
fn threads_share_a_map() {
    let alive = Arc::new(AtomicIsize::new(0));
    let map = Map::new();
    std::thread::scope(|scope| {
        for thread in 0..4_u64 {
            let (map, alive) = (&map, &alive);
            scope.spawn(move || {
                for round in 0..20_000_u64 {
                    let key = (round * 7 + thread) % 997;
                    match round % 5 {
                        0 => drop(map.remove(&key)),
                        1 | 2 => drop(map.insert(key, Counted::new(key, alive))),
                        _ => assert!(map.get(&key).is_none_or(|value| value.0 == key)),
                    }
                }
            });
        }
    });
    map.flushed();
    assert_eq!(alive.load(Ordering::Relaxed), map.len() as isize);
    assert_eq!(map.iter().count(), map.len());
    drop(map);
    assert_eq!(alive.load(Ordering::Relaxed), 0);
}
