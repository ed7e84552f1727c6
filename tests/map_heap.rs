//! What the map takes of the heap: nothing when it is empty, little when it is small, and no more than it needs when most
//! of it was removed. Its own binary, for the counting allocator.
#![cfg(feature = "alloc")]

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Waker};

use counting::{Counting, allocations, bytes};
use xsync::Map;

#[path = "common/counting.rs"]
mod counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Waits without a thread's parker, which would count.
fn block_on(flush: impl Future<Output = ()>) {
    let mut flush = pin!(flush);
    while flush.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending() {}
}

/// What `f` makes, the bytes that it keeps, and how often it allocated.
fn counted<R>(f: impl FnOnce() -> R) -> (R, isize, usize) {
    let (before, mut made) = (bytes(), None);
    let allocations = allocations(|| made = Some(f()));
    (made.unwrap(), bytes() - before, allocations)
}

fn small_maps() {
    let warm: Map<u64, u64> = Map::new();
    warm.insert(1, 1);
    block_on(warm.flush());
    let (map, kept, allocations) = counted(|| {
        let map = Map::<u64, u64>::new();
        assert!(map.get(&1).is_none() && map.remove(&1).is_none() && map.is_empty());
        assert!(map.update(&1, |value| *value).is_none() && map.iter().next().is_none());
        map.clear();
        map.retain(|_, _| true);
        block_on(map.flush());
        map
    });
    assert_eq!((kept, allocations), (0, 0), "an empty map");
    let ((), kept, _) = counted(|| (0..8).for_each(|key| drop(map.insert(key, key))));
    assert!(kept <= 512, "{kept} bytes for 8 entries");
    let ((), kept, _) = counted(|| (0..8).for_each(|key| assert!(map.get(&key).is_some_and(|value| *value == key))));
    assert!(kept <= 0, "reads keep nothing");
    let full = counted(|| (0..8).map(|key| *map.get(&key).unwrap()).sum::<u64>());
    assert_eq!((full.0, full.2), (28, 0), "a settled map is read without allocating");
    let walked = counted(|| (map.iter().count(), map.session().iter().count()));
    assert_eq!((walked.0, walked.2), ((8, 8), 0), "nor does a walk allocate");
    // Read very often, it gets a line for each thread that may read at once.
    let ((), kept, _) = counted(|| (0..10_000).for_each(|_| assert!(map.contains_key(&1))));
    assert!(kept <= 128 * 64, "{kept} bytes for lines");
    let ((), _, allocations) = counted(|| (0..10_000).for_each(|_| assert!(map.contains_key(&1))));
    assert_eq!(allocations, 0, "lookups are free");
    let ((), kept, _) = counted(|| drop((map, warm)));
    assert!(kept < 0, "the map's end gives back");
}

/// Whether the next new key needs another table after so many reads: if the one that had it all became the read table.
fn is_promoted_by(reads: u64) -> bool {
    let map = Map::new();
    (0..4_u64).for_each(|key| drop(map.insert(key, key)));
    (0..reads).for_each(|key| assert!(map.contains_key(&(key % 4))));
    let (_, _, allocations) = counted(|| drop(map.insert(4, 4)));
    allocations > 1
}

fn misses_promote() {
    assert!(!is_promoted_by(0), "a table that has room takes a new key");
    assert!(!is_promoted_by(7), "a few misses are borne");
    assert!(is_promoted_by(8), "eight misses promote");
}

/// Removes 99 of 100 of a map's keys; what it then takes, in percent of what it took.
fn shrunk(map: &Map<u64, u64>, keys: u64, remove: impl FnOnce(&Map<u64, u64>)) -> f64 {
    let before = bytes();
    (0..keys).for_each(|key| drop(map.insert(key, key)));
    let peak = bytes() - before;
    remove(map);
    assert_eq!(map.len() as u64, keys / 100);
    block_on(map.flush());
    let kept = bytes() - before;
    (0..keys).step_by(100).for_each(|key| assert_eq!(map.get_cloned(&key), Some(key)));
    100.0 * kept as f64 / peak as f64
}

fn large_maps() {
    const MANY: u64 = 1_000_000;
    const SOME: u64 = 100_000;
    let by_key = |map: &Map<u64, u64>| {
        (0..map.len() as u64).filter(|key| key % 100 != 0).for_each(|key| drop(map.remove(&key)));
    };
    let map = Map::new();
    let percent = shrunk(&map, MANY, by_key);
    assert!(percent < 5.0, "{percent} % are kept after removals");
    map.clear();
    let percent = shrunk(&map, SOME, |map| map.retain(|key, _| key % 100 == 0));
    assert!(percent < 5.0, "{percent} % are kept after `retain`");
    let reserved = Map::new();
    reserved.reserve(SOME as usize);
    let percent = shrunk(&reserved, SOME, by_key);
    assert!(percent < 5.0, "{percent} % are kept after `reserve`, and removals");
    drop(reserved);
    map.clear();
    map.reserve(SOME as usize);
    let percent = shrunk(&map, SOME, by_key);
    assert!(percent < 5.0, "{percent} % are kept after `reserve` of a map that was split, and removals");
    map.shrink_to_fit();
    map.clear();
}

#[test]
fn the_heap_follows_what_is_there() {
    let before = bytes();
    small_maps();
    misses_promote();
    large_maps();
    // What the thread has of its own may stay.
    let kept = bytes() - before;
    assert!(kept < 1_024, "{kept} bytes are leaked");
}
