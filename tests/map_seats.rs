//! Lookups that come so often that they need no read-modify-write: what they read stays all the same. Its own binary, and
//! one test at a time, so that its threads are few enough to have seats.
#![cfg(feature = "std")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

#[path = "map/alive.rs"]
mod alive;
#[path = "common/mod.rs"]
mod common;

use core::panic::AssertUnwindSafe;
use core::pin::pin;
use std::panic::catch_unwind;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use alive::{Alive, Counted, Flushed};
use common::{in_time, poll};
use xsync::Map;

/// Enough lookups in a row for seats to be opened, and more.
const MANY: u64 = 10_000;

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A map of one key, whose seats this thread has had opened.
fn warm(alive: &Alive) -> Arc<Map<u64, Counted>> {
    let map = Map::new();
    map.insert(1, alive.with(10));
    warm_up(&map);
    Arc::new(map)
}

fn warm_up(map: &Map<u64, Counted>) {
    for _ in 0..MANY {
        assert!(map.contains_key(&1));
    }
}

#[test]
fn what_is_read_stays_until_the_lookup_returns() {
    let _alone = alone();
    in_time(|| {
        let alive = Alive::default();
        let map = warm(&alive);
        let (inside, is_inside) = channel();
        let (go, may_go) = channel::<()>();
        let reader = thread::spawn({
            let map = Arc::clone(&map);
            move || {
                warm_up(&map);
                map.read_with(&1, |counted| {
                    inside.send(()).unwrap();
                    may_go.recv().unwrap();
                    counted.value
                })
            }
        });
        is_inside.recv().unwrap();
        drop(map.insert(1, alive.with(11)));
        let mut flush = pin!(map.flush());
        assert!(poll(flush.as_mut()).is_pending(), "somebody reads");
        assert_eq!(alive.count(), 2);
        // The closed seats are nobody's hindrance: what comes after is read at once.
        assert_eq!(map.read_with(&1, |counted| counted.value), Some(11));
        assert!(poll(flush.as_mut()).is_pending());
        go.send(()).unwrap();
        assert_eq!(reader.join().unwrap(), Some(10));
        assert!(poll(flush.as_mut()).is_ready());
        assert_eq!(alive.count(), 1);
    });
}

#[test]
fn who_waits_is_woken_by_the_last_reader() {
    let _alone = alone();
    in_time(|| {
        let alive = Alive::default();
        let map = warm(&alive);
        for round in 0..200 {
            warm_up(&map);
            let (inside, is_inside) = channel();
            let reader = thread::spawn({
                let map = Arc::clone(&map);
                move || {
                    map.read_with(&1, |counted| {
                        inside.send(()).unwrap();
                        thread::yield_now();
                        counted.value
                    })
                }
            });
            is_inside.recv().unwrap();
            drop(map.insert(1, alive.with(11 + round)));
            // Sleeps until the reader has gone.
            map.flush().wait();
            assert_eq!(alive.count(), 1);
            assert_eq!(reader.join().unwrap(), Some(10 + round));
        }
    });
}

#[test]
fn a_lookup_within_a_lookup_leaves_the_outer_one_inside() {
    let _alone = alone();
    let alive = Alive::default();
    let map = warm(&alive);
    let read = map.read_with(&1, |outer| {
        assert_eq!(map.read_with(&1, |inner| inner.value), Some(10));
        drop(map.insert(1, alive.with(11)));
        assert!(poll(pin!(map.flush())).is_pending());
        assert_eq!(map.read_with(&1, |inner| inner.value), Some(11));
        assert_eq!(alive.count(), 2);
        outer.value
    });
    assert_eq!(read, Some(10));
    map.flushed();
    assert_eq!(alive.count(), 1);
}

#[test]
fn who_panics_has_left() {
    let _alone = alone();
    let alive = Alive::default();
    let map = warm(&alive);
    let panicked = catch_unwind(AssertUnwindSafe(|| map.read_with(&1, |_| -> u64 { panic!("in a lookup") })));
    assert!(panicked.is_err());
    map.remove(&1);
    map.flushed();
    assert_eq!(alive.count(), 0);
}

#[test]
fn seats_are_closed_and_opened_many_times_among_threads_that_come_and_go() {
    let _alone = alone();
    in_time(|| {
        let alive = Alive::default();
        let map = warm(&alive);
        for generation in 0..20 {
            thread::scope(|scope| {
                let (map, alive) = (&map, &alive);
                scope.spawn(move || {
                    let mut last = 0;
                    for _ in 0..3 * MANY {
                        let now = map.read_with(&1, |counted| counted.value).unwrap();
                        assert!(now >= last, "from {last} back to {now}");
                        last = now;
                    }
                });
                scope.spawn(move || {
                    for round in 0..300 {
                        drop(map.insert(1, alive.with(1_000 * (generation + 1) + round)));
                        (0..50).for_each(|_| assert!(map.contains_key(&1)));
                    }
                });
            });
        }
        map.flushed();
        assert_eq!(alive.count(), 1);
    });
}
