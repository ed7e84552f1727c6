//! The cancel flag.

use std::task::Poll;
use std::time::Duration;

use loom::future::block_on;
use loom::thread;
use xsync::CancelFlag;
use xsync_loom_tests::{Counter, Outcomes, Shadow, forever, model, poll, poll_until_ready, spawn};

/// Property: who waits is woken, whether it registered before or after the cancel, and another's drop at the same
/// time changes nothing.
/// Fails if: one who registers does not look again under the lock (`registration-does-not-look-again`), or the cancel
/// forgets who waits (`cancel-resolves-nobody`).
#[test]
fn cancel_races_register_and_drop() {
    model(3, || {
        let flag = forever(CancelFlag::new());
        let waker = Counter::new();
        let mut leaving = Box::pin(flag.cancelled());
        assert!(waker.poll(leaving.as_mut()).is_pending());
        let waiting = spawn(move || block_on(flag.cancelled()));
        let cancelling = spawn(move || flag.cancel());
        drop(leaving);
        waiting.join().unwrap();
        cancelling.join().unwrap();
        assert!(flag.is_cancelled());
        assert!(waker.wakes() <= 1);
        assert_eq!(waker.kept(), 0);
    });
}

/// Property: two cancels at once wake each of three waiters, more than a batch, once.
/// Fails if: the cancel forgets who waits (`cancel-resolves-nobody`), or stops at the end of a batch
/// (`one-batch-only`).
#[test]
fn two_cancels() {
    model(3, || {
        let flag = forever(CancelFlag::new());
        let counters = [(); 3].map(|()| Counter::new());
        let mut waiting = [(); 3].map(|()| Box::pin(flag.cancelled()));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let thread = spawn(move || flag.cancel());
        flag.cancel();
        thread.join().unwrap();
        assert!(flag.is_cancelled());
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
            assert_eq!(poll(future.as_mut()), Poll::Ready(()));
        }
    });
}

/// Property: one who leaves while a cancel is between two batches costs nobody else the wake.
/// Fails if: leaving does not unlink (`leaver-stays-linked`), or a cancel stops at the end of a batch
/// (`one-batch-only`).
#[test]
fn cancel_races_leave_between_batches() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let flag = forever(CancelFlag::new());
        let counters = [(); 4].map(|()| Counter::new());
        let mut waiting = [(); 4].map(|()| Some(Box::pin(flag.cancelled())));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut().unwrap().as_mut()).is_pending());
        }
        let thread = spawn(move || flag.cancel());
        drop(waiting[2].take());
        thread.join().unwrap();
        for n in [0, 1, 3] {
            assert_eq!((counters[n].wakes(), counters[n].kept()), (1, 0));
            assert_eq!(poll(waiting[n].as_mut().unwrap().as_mut()), Poll::Ready(()));
        }
        assert_eq!(counters[2].kept(), 0);
        seen.saw(counters[2].wakes());
    });
    outcomes.were(&["0", "1"]);
}

/// Property: who sees it cancelled sees what the canceller wrote before.
/// Fails if: raising the flag publishes nothing (`raised-relaxed`), or looking orders nothing (`look-relaxed`).
#[test]
fn cancelled_then_looked_at() {
    model(3, || {
        let flag = forever(CancelFlag::new());
        let data = forever(Shadow::new(0));
        let canceller = spawn(move || {
            data.increment();
            flag.cancel();
        });
        while !flag.is_cancelled() {
            thread::yield_now();
        }
        assert_eq!(data.get(), 1);
        canceller.join().unwrap();
    });
}

/// Property: a waiter that finds itself resolved sees what the canceller wrote before.
/// Fails if: the verdict orders nothing (`verdict-told-relaxed`).
#[test]
fn cancelled_then_resolved() {
    model(3, || {
        let flag = forever(CancelFlag::new());
        let data = forever(Shadow::new(0));
        let mut waiting = Box::pin(flag.cancelled());
        assert!(poll(waiting.as_mut()).is_pending());
        let canceller = spawn(move || {
            data.increment();
            flag.cancel();
        });
        poll_until_ready(waiting.as_mut());
        assert_eq!(data.get(), 1);
        drop(waiting);
        canceller.join().unwrap();
    });
}

/// Property: a thread that waits is woken by the cancel, with a deadline or without.
/// Fails if: the wake does not reach the parker (`wake-does-not-unpark`).
#[test]
fn cancel_races_blocking_waits() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let flag = forever(CancelFlag::new());
        let patient = spawn(move || flag.cancelled().wait());
        let timed = spawn(move || flag.cancelled().wait_timeout(Duration::from_secs(3600)));
        flag.cancel();
        patient.join().unwrap();
        seen.saw(timed.join().unwrap());
        assert!(flag.is_cancelled());
    });
    outcomes.were(&["false", "true"]);
}
