//! Acquire, release and grant.

use std::pin::pin;
use std::task::Poll;

use loom::future::block_on;
use xsync::{Semaphore, TryAcquireError};
use xsync_loom_tests::{Counter, Outcomes, forever, model, poll, poll_until_ready, spawn};

use crate::{all_held, assert_idle, assert_state};

/// Property: the last permit goes to one of two, and none is lost or made.
/// Fails if: the state is swapped whatever it has become (`exchange-is-a-swap`).
#[test]
fn two_fast_acquires() {
    model(3, || {
        let semaphore = forever(Semaphore::new(1));
        let thread = spawn(move || semaphore.try_acquire(1).ok());
        let here = semaphore.try_acquire(1).ok();
        let there = thread.join().unwrap();
        assert!(here.is_some() != there.is_some());
        assert_idle(semaphore, 0, 1);
        drop((here, there));
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: fast acquires and releases of several permits keep the sum.
/// Fails if: the state is swapped whatever it has become (`exchange-is-a-swap`).
#[test]
fn fast_acquire_races_fast_release() {
    model(3, || {
        let semaphore = forever(Semaphore::new(3));
        let held = semaphore.try_acquire(2).unwrap();
        let thread = spawn(move || drop(held));
        let taken = semaphore.try_acquire(1).unwrap();
        thread.join().unwrap();
        assert_idle(semaphore, 2, 3);
        drop(taken);
        assert_idle(semaphore, 3, 3);
    });
}

/// Property: a newcomer takes what is released before it queues, and is woken by what is released after.
/// Fails if: it does not look again under the lock (`newcomer-does-not-look-again`), queues without saying so
/// (`queued-not-set`), is granted without a wake (`resolve-drops-the-waker`), or a guard that found `QUEUED` set as it
/// added its permits leaves them there (`guard-ignores-queued`, `guard-does-not-settle`), or who empties the queue
/// leaves the word as it was (`step-not-taken`, `queued-stays`).
#[test]
fn release_races_acquire() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let thread = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        drop(held);
        thread.join().unwrap();
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: two who wait for different weights while two release are both served.
/// Fails if: a newcomer queues without saying so (`queued-not-set`), a release that is not enough for the front
/// forgets that somebody is queued (`settle-forgets-queued`), or a guard that found `QUEUED` set leaves its permits
/// there (`guard-ignores-queued`, `guard-does-not-settle`).
#[test]
fn two_releases_race_a_large_acquire() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        let half = held.split(1).unwrap();
        let waiting = spawn(move || drop(block_on(semaphore.acquire(2)).unwrap()));
        let releasing = spawn(move || drop(half));
        drop(held);
        waiting.join().unwrap();
        releasing.join().unwrap();
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: two guards whose additions meet a third's release under the lock lose no permit, make none, and the front
/// is woken once.
/// Fails if: a change under the lock puts the word where it saw it (`step-overwrites`) or is not made
/// (`step-not-taken`, `queued-stays`), or a guard that found `QUEUED` set
/// leaves its permits there (`guard-ignores-queued`, `guard-does-not-settle`).
#[test]
fn two_guards_race_a_slow_release() {
    model(3, || {
        let (semaphore, mut held) = all_held(3);
        let guards = [held.split(1).unwrap(), held.split(1).unwrap()];
        held.forget();
        // They start before the queue does, so that the hint may tell them that it is empty.
        let threads = guards.map(|guard| spawn(move || drop(guard)));
        let front = Counter::new();
        let mut waiting = pin!(semaphore.acquire(3));
        assert!(front.poll(waiting.as_mut()).is_pending());
        semaphore.release(1);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!((front.wakes(), front.kept()), (1, 0));
        let Poll::Ready(Ok(granted)) = poll(waiting.as_mut()) else { panic!("all were released") };
        assert_idle(semaphore, 0, 3);
        drop(granted);
        assert_idle(semaphore, 3, 3);
    });
}

/// Property: permits that a guard hands to the front, by a hint that is up to date, are at no moment seen free.
/// Fails if: they go through the count (`handed-over-through-the-count`), or the guard has no hint (`hint-never-set`).
#[test]
fn handed_over_races_a_look() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let counters = [(); 2].map(|()| Counter::new());
        let mut waiting = [(); 2].map(|()| Box::pin(semaphore.acquire(1)));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let [front, behind] = waiting;
        let looking = spawn(move || {
            assert_eq!(semaphore.available_permits(), 0);
            drop(behind);
            assert_eq!(semaphore.available_permits(), 0);
        });
        drop(held);
        looking.join().unwrap();
        assert_eq!(counters.map(|counter| counter.wakes()), [1, 0]);
        assert_idle(semaphore, 0, 1);
        drop(front);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: nobody passes a queued request that does not fit yet, whatever is free.
/// Fails if: a fast acquire does not look for `QUEUED` (`try-acquire-passes`), a drain does not (`drain-passes`), or
/// a release that is not enough for the front clears it (`settle-forgets-queued`).
#[test]
fn newcomers_race_a_release_to_the_queue() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, mut held) = all_held(3);
        let first = held.split(1).unwrap();
        let front = Counter::new();
        let mut waiting = pin!(semaphore.acquire(2));
        assert!(front.poll(waiting.as_mut()).is_pending());
        let seen = seen.clone();
        let newcomer = spawn(move || {
            assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::NoPermits);
            assert_eq!(semaphore.drain_permits(1), 0);
            seen.saw(semaphore.available_permits());
        });
        drop(first);
        newcomer.join().unwrap();
        assert_state(semaphore, 1, 3, true, false);
        drop(held);
        assert_eq!(front.wakes(), 1);
        let Poll::Ready(Ok(granted)) = poll(waiting.as_mut()) else { panic!("all were released") };
        assert_idle(semaphore, 1, 3);
        drop(granted);
        assert_idle(semaphore, 3, 3);
    });
    outcomes.were(&["0", "1"]);
}

/// Property: two releases serve four waiters, two batches, each woken once, in whatever order they come.
/// Fails if: a release stops at the end of a batch (`grant-one-batch-only`).
#[test]
fn two_releases_across_a_batch() {
    model(3, || {
        let (semaphore, mut held) = all_held(4);
        let one = held.split(1).unwrap();
        let counters = [(); 4].map(|()| Counter::new());
        let mut waiting = [(); 4].map(|()| Box::pin(semaphore.acquire(1)));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let thread = spawn(move || drop(one));
        drop(held);
        thread.join().unwrap();
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
            let Poll::Ready(Ok(permit)) = poll(future.as_mut()) else { panic!("all were released") };
            permit.forget();
        }
        assert_idle(semaphore, 0, 4);
    });
}

/// Property: a waiter granted while it replaces its waker knows it by that poll, or is woken by the new waker.
/// Fails if: the old waker stays (`waker-not-replaced`), or the owner does not look again after replacing it
/// (`replacer-does-not-look-again`).
#[test]
fn waker_replaced_races_grant() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(1);
        let (old, new) = (Counter::new(), Counter::new());
        let mut waiting = pin!(semaphore.acquire(1));
        assert!(old.poll(waiting.as_mut()).is_pending());
        let thread = spawn(move || drop(held));
        let replaced = new.poll(waiting.as_mut());
        thread.join().unwrap();
        let permit = match replaced {
            Poll::Ready(granted) => {
                seen.saw("granted by then");
                granted.unwrap()
            }
            Poll::Pending => {
                assert_eq!((old.wakes(), new.wakes()), (0, 1));
                let Poll::Ready(granted) = poll(waiting.as_mut()) else { panic!("woken for nothing") };
                seen.saw("granted later");
                granted.unwrap()
            }
        };
        assert_eq!((old.kept(), new.kept()), (0, 0));
        assert_idle(semaphore, 0, 1);
        drop(permit);
        assert_idle(semaphore, 1, 1);
    });
    outcomes.were(&["granted by then", "granted later"]);
}

/// Property: an owner that sees its grant, without a wake or the lock, may free the future at once.
/// Fails if: the granter touches the node after it told the verdict (`resolver-looks-back`).
#[test]
fn grant_races_free() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let mut waiting = Box::pin(semaphore.acquire(1));
        assert!(poll(waiting.as_mut()).is_pending());
        let thread = spawn(move || {
            let granted = poll_until_ready(waiting.as_mut()).unwrap();
            drop(waiting);
            granted.forget();
        });
        drop(held);
        thread.join().unwrap();
        assert_idle(semaphore, 0, 1);
    });
}
