//! Threads that wait, with and without a deadline. (A timed sleep ends at whatever moment loom chooses.)

use std::time::{Duration, Instant};

use loom::future::block_on;
use xsync_loom_tests::{Outcomes, model, spawn};

use crate::{all_held, assert_idle};

const LATER: Duration = Duration::from_secs(3600);

/// Property: a thread that is about to park is woken by the release.
/// Fails if: the wake does not reach the parker (`wake-does-not-unpark`).
#[test]
fn wait_races_release() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let thread = spawn(move || drop(semaphore.acquire(1).wait().unwrap()));
        drop(held);
        thread.join().unwrap();
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: a thread and a task in one queue are both served.
/// Fails if: the wake does not reach the parker (`wake-does-not-unpark`), or the batch loses it
/// (`resolve-drops-the-waker`).
#[test]
fn thread_and_task_race_release() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let thread = spawn(move || drop(semaphore.acquire(1).wait().unwrap()));
        let task = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        drop(held);
        thread.join().unwrap();
        task.join().unwrap();
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: a wait whose time is over when the grant comes holds the permits or has given them back.
/// Fails if: a dropped future keeps what it was granted (`dropped-grant-is-kept`).
#[test]
fn wait_timeout_races_grant() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(1);
        let thread = spawn(move || semaphore.acquire(1).wait_timeout(LATER));
        drop(held);
        let waited = thread.join().unwrap();
        seen.saw(if waited.is_some() { "granted" } else { "too late" });
        match waited {
            Some(granted) => {
                let granted = granted.unwrap();
                assert_idle(semaphore, 0, 1);
                drop(granted);
            }
            None => assert_idle(semaphore, 1, 1),
        }
        assert_idle(semaphore, 1, 1);
    });
    outcomes.were(&["granted", "too late"]);
}

/// Property: a wait that ends at its deadline hands what was free for it to the next in line.
/// Fails if: the front leaves without serving the next (`front-leaves-silently`).
#[test]
fn wait_deadline_races_one_behind() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        let first = held.split(1).unwrap();
        let timed = spawn(move || drop(semaphore.acquire(2).wait_deadline(Instant::now() + LATER)));
        let behind = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        drop(first);
        timed.join().unwrap();
        behind.join().unwrap();
        assert_idle(semaphore, 1, 2);
        drop(held);
        assert_idle(semaphore, 2, 2);
    });
}
