//! The scenarios of Go's own map tests, `sync.Map` and its successor, each with a good, a constant and a truncated hash.
#![cfg(feature = "alloc")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "map/alive.rs"]
mod alive;
#[path = "map/support.rs"]
mod support;

use core::hash::BuildHasher;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Barrier, Mutex, Weak};
use std::thread;

use alive::{Alive, Flushed};
use support::Random;
use xsync::Map;

/// Runs each function, generic over the hasher, with each of the three.
macro_rules! with_each_hasher {
    ($($name:ident)*) => {
        mod good { $(#[test] fn $name() { super::$name::<crate::support::Good>(); })* }
        mod constant { $(#[test] fn $name() { super::$name::<crate::support::Constant>(); })* }
        mod truncated { $(#[test] fn $name() { super::$name::<crate::support::Truncated>(); })* }
    };
}

trait Hashing: BuildHasher + Default + Send + Sync {}
impl<S: BuildHasher + Default + Send + Sync> Hashing for S {}

with_each_hasher! {
    random_operations_match_a_mutex_map
    a_range_beside_writers_sees_each_key_once
    deleted_keys_are_freed
    a_range_may_call_any_method
    a_missing_key_has_no_nil_to_compare_with
    concurrent_clears_leave_nothing
    an_empty_map_has_nothing
    a_store_or_load_happens_once
    exchanging_and_removing_one_old_value_never_both_succeed
    a_cache_of_weak_pointers_drops_each_once
}

fn new<K, V, S: Hashing>() -> Map<K, V, S> {
    Map::with_hasher(S::default())
}

fn random_operations_match_a_mutex_map<S: Hashing>() {
    for seed in 0..30 {
        let mut random = Random::new(seed);
        let (map, oracle) = (new::<String, u64, S>(), Mutex::new(HashMap::new()));
        for step in 0..300 {
            let length = 1 + random.below(3);
            let key: String = (0..length).map(|_| char::from(b'a' + random.below(4) as u8)).collect();
            let (old, value) = (random.below(4), random.below(4));
            let mut oracle = oracle.lock().unwrap();
            let there = oracle.get(&key).copied();
            match random.below(if step % 100 == 99 { 9 } else { 8 }) {
                0 => assert_eq!(map.get_cloned(&key), there),
                1 | 2 => {
                    assert_eq!(map.insert(key.clone(), value).as_deref().copied(), oracle.insert(key, value));
                }
                3 => {
                    let actual = *oracle.entry(key.clone()).or_insert(value);
                    assert_eq!(*map.get_or_insert(key, value), actual);
                }
                4 | 5 => assert_eq!(map.remove(&key).as_deref().copied(), oracle.remove(&key)),
                6 => {
                    assert_eq!(map.compare_exchange(&key, &old, value).is_ok(), there == Some(old));
                    if there == Some(old) {
                        oracle.insert(key, value);
                    }
                }
                7 => {
                    assert_eq!(map.compare_remove(&key, &old).is_some(), there == Some(old));
                    if there == Some(old) {
                        oracle.remove(&key);
                    }
                }
                _ => {
                    map.clear();
                    oracle.clear();
                }
            }
        }
        let contents: HashMap<String, u64> = map.iter().map(|item| (item.key().clone(), *item)).collect();
        assert_eq!(contents, *oracle.lock().unwrap(), "seed {seed}");
    }
}

fn a_range_beside_writers_sees_each_key_once<S: Hashing>() {
    const KEYS: u64 = 1024;
    let map = new::<u64, u64, S>();
    for key in 1..=KEYS {
        map.insert(key, key);
    }
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        for writer in 1..3 {
            let (map, stop) = (&map, &stop);
            scope.spawn(move || {
                for factor in (writer..).step_by(2) {
                    for key in 1..=KEYS {
                        if stop.load(Ordering::Relaxed) {
                            return;
                        }
                        map.insert(key, key * factor);
                    }
                }
            });
        }
        for _ in 0..16 {
            let mut seen = BTreeSet::new();
            for item in &map {
                assert_eq!(*item % *item.key(), 0);
                assert!(seen.insert(*item.key()), "{} twice", item.key());
            }
            assert!(seen.into_iter().eq(1..=KEYS));
        }
        stop.store(true, Ordering::Relaxed);
    });
}

fn deleted_keys_are_freed<S: Hashing>() {
    let alive = Alive::default();
    let map = new::<alive::Counted, (), S>();
    map.insert(alive.with(u64::MAX), ());
    for key in 0..20_000 {
        map.insert(alive.with(key), ());
        assert!(map.remove(&alive.with(key)).is_some());
        assert!(alive.count() < 600, "{} keys are kept after {key}", alive.count());
    }
    map.shrink_to_fit();
    map.flushed();
    assert_eq!(alive.count(), 1);
    drop(map);
    assert_eq!(alive.count(), 0);
}

fn a_range_may_call_any_method<S: Hashing>() {
    let map = new::<u64, &str, S>();
    for key in 0..5 {
        map.insert(key, "value");
    }
    map.insert(0, "x");
    for item in &map {
        for inner in &map {
            if *item.key() == *inner.key() {
                assert!(map.contains_key(inner.key()));
            }
        }
        map.get_or_insert(42, "dummy");
        map.insert(42, "dummy");
        assert_eq!(map.remove(&42).as_deref(), Some(&"dummy"));
        assert!(map.remove(item.key()).is_some() || *item.key() == 42);
    }
    assert_eq!((map.len(), map.iter().count()), (0, 0));
}

fn a_missing_key_has_no_nil_to_compare_with<S: Hashing>() {
    let map = new::<&str, Option<u64>, S>();
    assert_eq!(map.compare_exchange("key", &None, Some(1)).unwrap_err(), Some(1));
    map.insert("key", None);
    map.remove("key");
    assert_eq!(map.compare_exchange("key", &None, Some(1)).unwrap_err(), Some(1));
    assert!(map.compare_remove("key", &None).is_none());
    map.insert("key", None);
    assert!(map.compare_exchange("key", &None, Some(1)).is_ok());
}

fn concurrent_clears_leave_nothing<S: Hashing>() {
    let map = new::<u64, u64, S>();
    thread::scope(|scope| {
        for thread in 0..10 {
            let map = &map;
            scope.spawn(move || (0..50).for_each(|key| drop(map.insert(key + thread, key))));
            scope.spawn(move || (0..50).for_each(|key| assert!(map.get(&key).is_none_or(|value| *value <= key))));
            scope.spawn(move || (0..5).for_each(|_| map.clear()));
        }
    });
    map.clear();
    assert!(map.iter().next().is_none() && map.is_empty());
}

fn an_empty_map_has_nothing<S: Hashing>() {
    let map = new::<String, u64, S>();
    for key in 0..128 {
        let key = format!("{key:b}");
        assert!(map.get(&key).is_none() && map.remove(&key).is_none() && map.update(&key, |value| *value).is_none());
    }
    map.clear();
    assert!(map.is_empty());
}

fn a_store_or_load_happens_once<S: Hashing>() {
    let map = new::<u64, usize, S>();
    let stored = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..8 {
            let (map, stored) = (&map, &stored);
            scope.spawn(move || {
                for key in 0..128 {
                    match map.try_insert(key, thread) {
                        Ok(new) => {
                            assert_eq!(*new, thread);
                            stored.fetch_add(1, Ordering::Relaxed);
                        }
                        Err((there, _)) => assert_eq!(map.get_cloned(&key), Some(*there)),
                    }
                }
            });
        }
    });
    assert_eq!((stored.into_inner(), map.len()), (128, 128));
}

fn exchanging_and_removing_one_old_value_never_both_succeed<S: Hashing>() {
    const ROUNDS: usize = 2_000;
    let map = new::<u64, usize, S>();
    let barrier = Barrier::new(2);
    let won = [const { AtomicBool::new(false) }; 2];
    let race = |side: usize, round: usize| {
        barrier.wait();
        let wins = match side {
            0 => map.compare_exchange(&1, &round, usize::MAX).is_ok(),
            _ => map.compare_remove(&1, &round).is_some(),
        };
        won[side].store(wins, Ordering::SeqCst);
        barrier.wait();
    };
    thread::scope(|scope| {
        scope.spawn(|| (0..ROUNDS).for_each(|round| race(1, round)));
        for round in 0..ROUNDS {
            map.insert(1, round);
            map.insert(2 + round as u64 % 7, round);
            race(0, round);
            let won = [0, 1].map(|side: usize| won[side].load(Ordering::SeqCst));
            assert_ne!(won[0], won[1], "round {round}");
            assert_eq!(map.get_cloned(&1), won[0].then_some(usize::MAX));
        }
    });
}

/// What was taken out of the cache: at most once.
struct Cached(u64, AtomicUsize);

fn a_cache_of_weak_pointers_drops_each_once<S: Hashing>() {
    let map = new::<u64, Weak<Cached>, S>();
    thread::scope(|scope| {
        for thread in 0..4 {
            let map = &map;
            scope.spawn(move || {
                let mut random = Random::new(thread);
                let mut kept: Vec<Arc<Cached>> = Vec::new();
                for _ in 0..5_000 {
                    let key = random.below(250);
                    let entry = map.get(&key).and_then(|weak| weak.upgrade());
                    let entry = entry.unwrap_or_else(|| {
                        let fresh = Arc::new(Cached(key, AtomicUsize::new(0)));
                        let weak = Arc::downgrade(&fresh);
                        if map.replace_if(&key, weak.clone(), |old| old.strong_count() == 0).is_err() {
                            let _ = map.try_insert(key, weak);
                        }
                        fresh
                    });
                    assert_eq!(entry.0, key);
                    let weak = Arc::downgrade(&entry);
                    let is_same = |other: &Weak<Cached>| other.ptr_eq(&weak);
                    let taken = match random.below(4) {
                        0 => map.remove_if(&key, is_same).is_some(),
                        1 => map.replace_if(&key, Weak::new(), is_same).is_ok(),
                        _ => false,
                    };
                    if taken {
                        assert_eq!(entry.1.fetch_add(1, Ordering::SeqCst), 0, "taken out twice");
                    }
                    if kept.len() < 16 {
                        kept.push(entry);
                    } else {
                        kept[random.below(16) as usize] = entry;
                    }
                }
            });
        }
    });
    assert!(map.len() <= 250);
}

#[path = "map/go_trie.rs"]
mod trie;
