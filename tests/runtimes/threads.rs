//! The suite in blocking form: no future is polled by hand, no task is spawned.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use xsync::{AcquireError, CancelFlag, Semaphore};

use crate::common::in_time;

const LONG: Duration = Duration::from_secs(120);

/// Returns once somebody is queued: nobody can pass then, not even for nothing.
fn until_queued(semaphore: &Semaphore) {
    while semaphore.try_acquire(0).is_ok() {
        thread::yield_now();
    }
}

#[test]
fn a_worker_pool_is_bounded_and_joined_by_acquiring_all() {
    in_time(|| {
        const WORKERS: usize = 3;
        let semaphore = Arc::new(Semaphore::new(WORKERS));
        let (running, ended) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        for _ in 0..50 {
            let permit = semaphore.acquire_owned(1).wait().unwrap();
            let (running, ended) = (Arc::clone(&running), Arc::clone(&ended));
            thread::spawn(move || {
                let peak = running.fetch_add(1, SeqCst) + 1;
                thread::yield_now();
                running.fetch_sub(1, SeqCst);
                ended.fetch_add(usize::from(peak <= WORKERS), SeqCst);
                drop(permit);
            });
        }
        let _all = semaphore.acquire(WORKERS).wait().unwrap();
        assert_eq!((running.load(SeqCst), ended.load(SeqCst)), (0, 50));
    });
}

#[test]
fn a_timeout_gives_up_the_place_in_the_queue() {
    in_time(|| {
        let semaphore = Semaphore::with_max(1, 2);
        thread::scope(|scope| {
            let front = scope.spawn(|| semaphore.acquire(2).wait_timeout(Duration::from_millis(50)).is_none());
            let behind = scope.spawn(|| {
                // In the queue behind the front, or after it: in both cases there is one permit to have.
                let permit = semaphore.acquire(1).wait_timeout(LONG).expect("in time").unwrap();
                permit.permits()
            });
            assert!(front.join().unwrap());
            assert_eq!(behind.join().unwrap(), 1);
        });
        assert_eq!(semaphore.available_permits(), 1);
        let past = Instant::now();
        assert!(semaphore.acquire(2).wait_deadline(past).is_none());
        assert_eq!(semaphore.acquire(1).wait_deadline(past).expect("free permits need no time").unwrap().permits(), 1);
    });
}

#[test]
fn a_timed_wait_is_served_before_its_time() {
    in_time(|| {
        let semaphore = Semaphore::new(1);
        let only = semaphore.try_acquire(1).unwrap();
        thread::scope(|scope| {
            let timed = scope.spawn(|| semaphore.acquire(1).wait_timeout(LONG).is_some_and(|answer| answer.is_ok()));
            until_queued(&semaphore);
            drop(only);
            assert!(timed.join().unwrap());
        });
        // A time that no clock reaches is no deadline at all.
        assert!(semaphore.acquire(1).wait_timeout(Duration::MAX).expect("in time").is_ok());
    });
}

#[test]
fn a_close_ends_every_wait() {
    in_time(|| {
        let semaphore = Semaphore::new(1);
        let held = semaphore.try_acquire(1).unwrap();
        thread::scope(|scope| {
            let waits = [(); 4].map(|()| scope.spawn(|| semaphore.acquire(1).wait().map(|_| ())));
            until_queued(&semaphore);
            semaphore.close();
            for wait in waits {
                assert_eq!(wait.join().unwrap(), Err(AcquireError::Closed));
            }
        });
        assert_eq!(semaphore.acquire(1).wait_timeout(LONG).expect("at once").map(|_| ()), Err(AcquireError::Closed));
        drop(held);
        assert_eq!(semaphore.available_permits(), 1);
    });
}

#[test]
fn a_cancelled_flag_releases_threads() {
    in_time(|| {
        let flag = CancelFlag::new();
        assert!(!flag.cancelled().wait_timeout(Duration::from_millis(1)));
        assert!(!flag.cancelled().wait_deadline(Instant::now()));
        thread::scope(|scope| {
            let untimed = scope.spawn(|| flag.cancelled().wait());
            let timed = scope.spawn(|| flag.cancelled().wait_timeout(LONG));
            flag.cancel();
            untimed.join().unwrap();
            assert!(timed.join().unwrap());
        });
        assert!(flag.cancelled().wait_deadline(Instant::now()));
    });
}
