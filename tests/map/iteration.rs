//! Iteration: what is there throughout is visited exactly once, anything at most once, also while the map splits,
//! promotes and shrinks.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::collections::HashSet;
use std::thread;

use xsync::Map;

/// The keys that stay are below; others come and go above.
const STAY: u64 = 2_000;

/// Visits again and again until `ends`, while `disturb` runs on this thread.
fn visited_beside(map: &Map<u64, u64>, disturb: impl FnOnce()) -> u64 {
    (0..STAY).for_each(|key| drop(map.insert(key, key)));
    let (stop, visits) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) || visits.load(Ordering::Relaxed) == 0 {
                let mut seen = HashSet::new();
                if visits.fetch_add(1, Ordering::Relaxed) % 2 == 0 {
                    map.iter().for_each(|item| assert!(seen.insert(*item.key()), "{} twice", item.key()));
                } else {
                    map.session().keys().for_each(|key| assert!(seen.insert(*key), "{key} twice"));
                }
                assert_eq!(seen.iter().filter(|key| **key < STAY).count() as u64, STAY);
            }
        });
        disturb();
        stop.store(true, Ordering::Relaxed);
    });
    visits.into_inner()
}

#[test]
fn beside_promotions() {
    let map = Map::new();
    visited_beside(&map, || {
        for round in 0..200 {
            for key in STAY..STAY + 100 {
                map.insert(key + round, key);
                map.get(&(key + round));
            }
            for key in STAY..STAY + 100 {
                map.remove(&(key + round));
            }
        }
    });
}

#[test]
fn beside_a_split() {
    for _ in 0..40 {
        let map = Map::new();
        visited_beside(&map, || (STAY..3 * STAY).for_each(|key| drop(map.insert(key, key))));
    }
}

#[test]
fn beside_compaction_and_clearing_of_others() {
    let map = Map::new();
    visited_beside(&map, || {
        for _ in 0..20 {
            (STAY..2 * STAY).for_each(|key| drop(map.insert(key, key)));
            map.retain(|key, _| *key < STAY);
            map.shrink_to_fit();
        }
    });
}

#[test]
fn a_key_is_there_throughout_a_split() {
    for round in 0..100 {
        let map: Map<u64, u64> = Map::new();
        (0..4_000).for_each(|key| drop(map.insert(key, key)));
        // Dead entries make the split take longer; half of them would be compacted away before.
        (2_000..3_900).for_each(|key| drop(map.remove(&key)));
        let stop = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    assert!(map.contains_key(&7), "round {round}");
                }
            });
            (4_000..4_200).for_each(|key| drop(map.insert(key, key)));
            stop.store(true, Ordering::Relaxed);
        });
    }
}

/// The same on one thread: the walk stands still while all that happens.
#[test]
fn a_walk_that_is_held_up_goes_on() {
    for stop_at in [0, 1, 500, 1_999] {
        let map = Map::new();
        (0..STAY).for_each(|key| drop(map.insert(key, key)));
        let mut iter = map.iter();
        let mut seen: HashSet<u64> = (0..stop_at).map(|_| *iter.next().unwrap().key()).collect();
        (STAY..5 * STAY).for_each(|key| drop(map.insert(key, key)));
        (STAY..5 * STAY).for_each(|key| drop(map.remove(&key)));
        map.shrink_to_fit();
        iter.for_each(|item| assert!(seen.insert(*item.key()), "twice"));
        assert_eq!(seen.iter().filter(|key| **key < STAY).count() as u64, STAY);
    }
}

#[test]
fn keys_and_values_go_together() {
    let map: Map<u64, u64> = (0..100).map(|key| (key, 2 * key)).collect();
    let session = map.session();
    let keys: u64 = session.keys().sum();
    assert_eq!((keys, session.values().sum::<u64>()), (4_950, 9_900));
    assert!((&map).into_iter().all(|item| *item == 2 * item.key()));
    assert_eq!(map.iter().take(3).count(), 3);
}
