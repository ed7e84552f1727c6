//! Giving up a request, in each state that it can be in.

use std::pin::pin;
use std::task::Poll;

use loom::future::block_on;
use xsync_loom_tests::{Counter, Outcomes, model, poll, spawn};

use crate::{all_held, assert_idle};

/// Property: a grant to a future that is being dropped is given back.
/// Fails if: a dropped future keeps what it was granted (`dropped-grant-is-kept`), or its drop thinks that only a
/// queued one has to say so (`granted-drop-is-silent`).
#[test]
fn grant_races_drop() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(1);
        let waker = Counter::new();
        let mut waiting = Box::pin(semaphore.acquire(1));
        assert!(waker.poll(waiting.as_mut()).is_pending());
        let thread = spawn(move || drop(held));
        drop(waiting);
        thread.join().unwrap();
        assert_eq!(waker.kept(), 0);
        seen.saw(if waker.wakes() == 1 { "granted first" } else { "dropped first" });
        assert_idle(semaphore, 1, 1);
    });
    outcomes.were(&["dropped first", "granted first"]);
}

/// Property: what a dropped future was granted goes to the next in line.
/// Fails if: a dropped future keeps what it was granted (`dropped-grant-is-kept`).
#[test]
fn grant_races_drop_with_one_behind() {
    model(3, || {
        let (semaphore, held) = all_held(2);
        let mut front = Box::pin(semaphore.acquire(2));
        assert!(poll(front.as_mut()).is_pending());
        let behind = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        let releasing = spawn(move || drop(held));
        drop(front);
        behind.join().unwrap();
        releasing.join().unwrap();
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a small request behind a large front that gives up is served by what was free all along.
/// Fails if: the front leaves without serving the next (`front-leaves-silently`).
#[test]
fn cancel_of_the_front_races_a_small_acquire() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        drop(held.split(1));
        let mut front = Box::pin(semaphore.acquire(2));
        assert!(poll(front.as_mut()).is_pending());
        let behind = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        drop(front);
        behind.join().unwrap();
        assert_idle(semaphore, 1, 2);
        drop(held);
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a request for nothing behind a front that gives up is served although nothing is free.
/// Fails if: nothing fits only something (`zero-needs-a-free-permit`), or the front leaves without serving the next
/// (`front-leaves-silently`).
#[test]
fn cancel_of_the_front_races_a_zero_acquire() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let mut front = Box::pin(semaphore.acquire(1));
        assert!(poll(front.as_mut()).is_pending());
        let behind = spawn(move || drop(block_on(semaphore.acquire(0)).unwrap()));
        drop(front);
        behind.join().unwrap();
        assert_idle(semaphore, 0, 1);
        drop(held);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: release, acquire and the front's giving up, all at once, lose no wake and no permit.
/// Fails if: the front leaves without serving the next (`front-leaves-silently`), or a newcomer does not look again
/// under the lock (`newcomer-does-not-look-again`).
#[test]
fn release_races_acquire_and_cancel_of_the_front() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        let first = held.split(1).unwrap();
        let mut front = Box::pin(semaphore.acquire(2));
        assert!(poll(front.as_mut()).is_pending());
        let behind = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        let releasing = spawn(move || drop(first));
        drop(front);
        behind.join().unwrap();
        releasing.join().unwrap();
        assert_idle(semaphore, 1, 2);
        drop(held);
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: when the two in front give up at once, the third, who fits, is served by whoever leaves last.
/// Fails if: the front leaves without serving the next (`front-leaves-silently`).
#[test]
fn two_cancels_in_front() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        drop(held.split(1));
        let waker = Counter::new();
        let mut large = [(); 2].map(|()| Box::pin(semaphore.acquire(2)));
        for future in &mut large {
            assert!(poll(future.as_mut()).is_pending());
        }
        let mut small = pin!(semaphore.acquire(1));
        assert!(waker.poll(small.as_mut()).is_pending());
        let [first, second] = large;
        let thread = spawn(move || drop(first));
        drop(second);
        thread.join().unwrap();
        assert_eq!(waker.wakes(), 1);
        let Poll::Ready(Ok(granted)) = poll(small.as_mut()) else { panic!("woken for nothing") };
        assert_idle(semaphore, 0, 2);
        drop((granted, held));
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: one who leaves from the middle of the queue while a release grants in two batches costs nobody a grant.
/// Fails if: leaving does not unlink (`leaver-stays-linked`), or a dropped future keeps what it was granted
/// (`dropped-grant-is-kept`).
#[test]
fn cancel_of_the_middle_races_two_batches() {
    model(3, || {
        let (semaphore, held) = all_held(3);
        let counters = [(); 4].map(|()| Counter::new());
        let mut waiting = [(); 4].map(|()| Some(Box::pin(semaphore.acquire(1))));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut().unwrap().as_mut()).is_pending());
        }
        let thread = spawn(move || drop(held));
        drop(waiting[1].take());
        thread.join().unwrap();
        // Three permits for the three that are left, whether the second had been granted or not.
        for n in [0, 2, 3] {
            assert_eq!((counters[n].wakes(), counters[n].kept()), (1, 0));
            let Poll::Ready(Ok(permit)) = poll(pin!(waiting[n].take().unwrap())) else { panic!("not granted") };
            permit.forget();
        }
        assert!(counters[1].wakes() <= 1);
        assert_eq!(counters[1].kept(), 0);
        assert_idle(semaphore, 0, 3);
    });
}
