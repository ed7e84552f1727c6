//! Guards and sessions that are leaked: what they protect stays until the map goes, and nothing else suffers.

use core::mem::forget;
use std::sync::Arc;
use std::thread;

use crate::alive::Alive;
use xsync::Map;

#[test]
fn leaked_guards_keep_values_until_the_map_goes() {
    for leaks in [1, 10, 100] {
        let (map, alive) = (Map::new(), Alive::default());
        for round in 0..leaks {
            (0..60).for_each(|key| drop(map.insert(key, alive.with(key))));
            forget(map.get(&(round % 60)));
            forget(map.remove(&(round % 60)));
            forget(map.session());
            let mut iter = map.iter();
            forget(iter.next());
            forget(iter);
        }
        (0..5_000).for_each(|key| drop(map.insert(key, alive.with(key))));
        (0..5_000).for_each(|key| assert_eq!(map.get(&key).unwrap().value, key));
        map.retain(|key, _| key % 2 == 0);
        map.shrink_to_fit();
        assert_eq!((map.len(), map.iter().count()), (2_500, 2_500));
        assert!(crate::common::poll(core::pin::pin!(map.flush())).is_pending());
        drop(map);
        assert_eq!(alive.count(), 0, "{leaks}");
    }
}

#[test]
fn a_leaked_guard_of_another_thread_is_the_same() {
    let (map, alive) = (Map::new(), Alive::default());
    thread::scope(|scope| {
        for thread in 0..4 {
            let (map, alive) = (&map, &alive);
            scope.spawn(move || {
                for key in 0..500 {
                    map.insert(key, alive.with(key));
                    if key % 50 == thread {
                        forget(map.get(&key));
                    }
                    map.remove(&(key / 2));
                }
            });
        }
    });
    assert_eq!(map.iter().count(), map.len());
    drop(map);
    assert_eq!(alive.count(), 0);
}

static FORGOTTEN: std::sync::Mutex<Vec<usize>> = std::sync::Mutex::new(Vec::new());

#[test]
fn a_leaked_flush_waits_for_nobody() {
    let (map, alive) = (Map::new(), Alive::default());
    map.insert(1, alive.with(1));
    forget(map.remove(&1));
    {
        let mut flush = Box::pin(map.flush());
        assert!(crate::common::poll(flush.as_mut()).is_pending());
        // Pinned memory that is leaked stays where it is. Its address is kept, so that it is no leak to those who look for such.
        FORGOTTEN.lock().unwrap().push(core::ptr::from_ref(&*flush).expose_provenance());
        forget(flush);
    }
    (0..500).for_each(|key| drop(map.insert(key % 3, alive.with(key))));
    assert_eq!(map.len(), 3);
    drop(map);
    assert_eq!(alive.count(), 0);
}

#[test]
fn an_owned_guard_outlives_every_other_handle() {
    let alive = Alive::default();
    let map = Arc::new(Map::new());
    (0..100).for_each(|key| drop(map.insert(key, alive.with(key))));
    let guard = Map::get_owned(&map, &7).unwrap();
    assert!(Map::get_owned(&map, &1_000).is_none());
    assert_eq!(Arc::strong_count(&map), 2);
    map.clear();
    let clone = guard.clone();
    drop((map, guard));
    let value = thread::spawn(move || (*clone.key(), clone.value().value, clone.map().len())).join().unwrap();
    assert_eq!((value, alive.count()), ((7, 7, 0), 0));
}
