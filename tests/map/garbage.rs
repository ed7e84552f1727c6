//! How much of what was taken out lies about: never more than a small bound beyond what a guard that is older protects.

use core::task::Poll;
use std::sync::mpsc::channel;
use std::thread;

use crate::alive::{Alive, Counted, Flushed};
use crate::common::{CountingWaker, block_on, in_time, poll, poll_with};
use core::pin::pin;
use xsync::Map;

/// In the bags, and in a batch whose collector moved on after a guard had come: 256 for each lane, of which there are two
/// for each processor, rounded up to a power of two.
fn bound() -> isize {
    let threads = thread::available_parallelism().map_or(1, |threads| threads.get());
    256 * (2 * threads).next_power_of_two().min(64) as isize
}

type Counts = Map<u64, Counted>;

/// Replaces the values of some keys, `number` times in all.
fn churn(map: &Counts, alive: &Alive, number: u64) {
    (0..number).for_each(|round| drop(map.insert(round % 8, alive.with(round))));
}

#[test]
fn without_guards_little_lies_about() {
    let (map, alive) = (Map::new(), Alive::default());
    for round in 0..10_000 {
        churn(&map, &alive, 1 + round % 5);
        assert!(alive.count() <= 8 + bound(), "{} after {round}", alive.count());
    }
    map.flushed();
    assert_eq!(alive.count(), 5);
}

#[test]
fn threads_leave_little_about() {
    let (map, alive) = (Map::new(), Alive::default());
    thread::scope(|scope| {
        (0..4).for_each(|_| drop(scope.spawn(|| churn(&map, &alive, 30_000))));
    });
    assert!(alive.count() <= 8 + bound(), "{}", alive.count());
    map.flushed();
    assert_eq!(alive.count(), 8);
}

#[test]
fn one_guard_keeps_what_is_younger_until_it_goes() {
    let (map, alive) = (Map::new(), Alive::default());
    churn(&map, &alive, 5_000);
    let before = alive.count();
    let guard = map.get(&1).unwrap();
    assert!(before <= 8 + bound());
    churn(&map, &alive, 5_000);
    // It is younger than what was retired before, of which all but the last are gone.
    assert!(alive.count() <= 5_000 + 8 + bound());
    assert_eq!(guard.value, 4_993);
    drop(guard);
    assert!(alive.count() <= 8 + bound(), "{}", alive.count());
    map.flushed();
    assert_eq!(alive.count(), 8);
}

/// Guards of different ages, dropped in an order: `order` maps the time to the index of the guard that goes.
fn guards_of_different_ages(guards: usize, order: impl Fn(usize) -> usize) {
    const BETWEEN: u64 = 500;
    let (map, alive) = (Map::new(), Alive::default());
    churn(&map, &alive, 8);
    let mut held: Vec<_> = (0..guards)
        .map(|_| {
            let guard = map.get(&3);
            churn(&map, &alive, BETWEEN);
            guard
        })
        .collect();
    for time in 0..guards {
        held[order(time)] = None;
        // The oldest that is left protects all that came after it.
        let protected = held.iter().position(Option::is_some).map_or(0, |oldest| (guards - oldest) as isize);
        let later = if protected > 0 { 40 * time as isize } else { 0 };
        let most = protected * BETWEEN as isize + later + 8 + bound();
        assert!(alive.count() <= most, "{} of {most} with {protected} of {guards}", alive.count());
        churn(&map, &alive, 40);
    }
    map.flushed();
    assert_eq!(alive.count(), 8);
}

#[test]
fn what_the_oldest_guard_kept_goes_with_it() {
    guards_of_different_ages(2, |time| time);
    guards_of_different_ages(5, |time| time);
    guards_of_different_ages(20, |time| time);
    guards_of_different_ages(30, |time| time);
}

#[test]
fn what_a_younger_guard_kept_goes_with_the_oldest() {
    guards_of_different_ages(5, |time| 4 - time);
    guards_of_different_ages(20, |time| 19 - time);
    guards_of_different_ages(20, |time| time * 7 % 20);
}

/// Guards each of which overlaps the next.
fn relay(map: &Counts, alive: &Alive) {
    let mut held = map.get(&0);
    for round in 0..2_000 {
        churn(map, alive, 50);
        let next = map.get(&0);
        drop(core::mem::replace(&mut held, next));
        assert!(alive.count() <= 8 + 50 + bound(), "{} after {round}", alive.count());
    }
}

#[test]
fn a_relay_of_guards_lets_garbage_go() {
    let (map, alive) = (Map::new(), Alive::default());
    churn(&map, &alive, 8);
    relay(&map, &alive);
}

/// Nearly all epochs are from before there was more than one lane, when that comes about.
#[test]
fn a_relay_lets_garbage_go_when_threads_meet_after_many_guards() {
    for guards in 24..32 {
        let (map, alive) = (Map::new(), Alive::default());
        churn(&map, &alive, 8);
        let hold = |_| {
            let guard = map.get(&3);
            churn(&map, &alive, 500);
            guard
        };
        drop((0..guards).map(hold).collect::<Vec<_>>());
        churn(&map, &alive, 2_000);
        map.flushed();
        // Another thread meets a guard of this one.
        let guard = map.get(&1);
        let other = || (0..50).for_each(|_| drop(map.get(&1)));
        thread::scope(|scope| scope.spawn(other).join().unwrap());
        drop(guard);
        churn(&map, &alive, 300);
        map.flushed();
        relay(&map, &alive);
    }
}

#[test]
fn a_session_that_other_threads_outlive_keeps_only_its_own() {
    let (map, alive) = (Map::new(), Alive::default());
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                for _ in 0..300 {
                    let session = map.session();
                    for key in 0..50 {
                        session.insert(key, alive.with(key));
                    }
                    drop(session);
                    drop(map.remove(&0));
                }
            });
        }
    });
    // Each of the others may have been in a session of 50.
    assert!(alive.count() <= 50 + 3 * 50 + bound(), "{}", alive.count());
    map.flushed();
    assert_eq!(alive.count(), map.len() as isize);
}

#[test]
fn flush_waits_for_a_guard_elsewhere() {
    in_time(|| {
        let (map, alive) = (Map::new(), Alive::default());
        churn(&map, &alive, 8);
        let (opened, is_open) = channel();
        let (close, closes) = channel::<()>();
        let waker = CountingWaker::new();
        let mut flush = pin!(map.flush());
        thread::scope(|scope| {
            let map = &map;
            scope.spawn(move || {
                let guard = map.remove(&0).unwrap();
                opened.send(()).unwrap();
                closes.recv().unwrap();
                assert_eq!(guard.value, 0);
            });
            is_open.recv().unwrap();
            assert!(poll(pin!(map.flush())).is_pending());
            flush.set(map.flush());
            assert!(poll_with(flush.as_mut(), &waker.waker()).is_pending());
            assert_eq!((alive.count(), waker.wakes()), (8, 0));
            close.send(()).unwrap();
            map.flushed();
            assert_eq!(alive.count(), 7);
        });
        // By either of the threads: the other may have been told first that all is dropped.
        assert_eq!(waker.wakes(), 1);
        assert_eq!(poll(flush), Poll::Ready(()));
    });
}

#[test]
#[cfg(feature = "std")]
fn a_thread_waits_no_longer_than_it_said() {
    let map = Map::new();
    map.insert(1, 1);
    let guard = map.remove(&1).unwrap();
    assert!(!map.flush().wait_timeout(core::time::Duration::from_millis(1)));
    assert!(!map.flush().wait_deadline(std::time::Instant::now()));
    drop(guard);
    assert!(map.flush().wait_timeout(core::time::Duration::from_secs(100)));
    map.flush().wait();
    assert_eq!(map.len(), 0);
}

#[test]
fn two_flushes_wait_for_what_was_retired_before_each() {
    let (map, alive) = (Map::new(), Alive::default());
    churn(&map, &alive, 8);
    let first = map.remove(&0).unwrap();
    let (one, other) = (CountingWaker::new(), CountingWaker::new());
    let mut early = pin!(map.flush());
    assert!(poll_with(early.as_mut(), &one.waker()).is_pending());
    let second = map.remove(&1).unwrap();
    let mut late = pin!(map.flush());
    assert!(poll_with(late.as_mut(), &other.waker()).is_pending());
    drop(first);
    assert_eq!((one.wakes(), other.wakes(), alive.count()), (1, 0, 7));
    assert!(poll(early).is_ready() && poll_with(late.as_mut(), &other.waker()).is_pending());
    drop(second);
    assert_eq!((other.wakes(), alive.count()), (1, 6));
    assert!(poll(late).is_ready());
}

#[test]
fn a_flush_that_is_dropped_leaves_nobody_waiting() {
    let (map, alive) = (Map::new(), Alive::default());
    churn(&map, &alive, 8);
    let guard = map.remove(&0).unwrap();
    drop(map.flush());
    let (gone, waker) = (CountingWaker::new(), CountingWaker::new());
    let mut stays = pin!(map.flush());
    {
        let mut goes = pin!(map.flush());
        assert!(poll_with(goes.as_mut(), &gone.waker()).is_pending());
        assert!(poll_with(stays.as_mut(), &waker.waker()).is_pending());
    }
    assert_eq!(crate::common::kept(&gone), 0);
    drop(guard);
    assert_eq!((gone.wakes(), waker.wakes(), alive.count()), (0, 1, 7));
    assert!(poll(stays).is_ready());
    let empty: Counts = Map::new();
    block_on(empty.flush());
    block_on(map.flush());
}

/// Tables are retired more often than a bag is full, and readers never leave their lane all at once.
#[test]
fn a_relay_lets_tables_and_values_go() {
    const KEYS: u64 = 300;
    let (map, alive) = (Map::new(), Alive::default());
    (0..KEYS).for_each(|key| drop(map.insert(key, alive.with(key))));
    map.flushed();
    let mut held = map.get(&0);
    for round in 0..2_000 {
        churn(&map, &alive, 40);
        // A new key, and its promotion.
        drop(map.insert(KEYS + round, alive.with(0)));
        (0..80).for_each(|_| drop(map.get(&(KEYS + round))));
        drop(map.remove(&(KEYS + round)));
        let next = map.get(&0);
        drop(core::mem::replace(&mut held, next));
        let most = KEYS as isize + 42 + bound();
        assert!(alive.count() <= most, "{} of {most} after {round}", alive.count());
    }
}

/// What it waits for has become one with what was retired later.
#[test]
fn a_flush_waits_for_its_own_although_more_was_retired_since() {
    let (map, alive) = (Map::new(), Alive::default());
    churn(&map, &alive, 8);
    let guard = map.get(&3);
    drop(map.remove(&4));
    let mut flush = pin!(map.flush());
    churn(&map, &alive, 5_000);
    drop(map.flush());
    assert!(poll(flush.as_mut()).is_pending());
    drop(guard);
    assert!(poll(flush.as_mut()).is_ready());
}
