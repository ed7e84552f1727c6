//! Closing.

use std::task::Poll;

use loom::future::block_on;
use xsync::{AcquireError, Semaphore};
use xsync_loom_tests::{Counter, Outcomes, forever, model, poll, spawn};

use crate::{Acquired, all_held, assert_closed};

/// Property: an acquisition is granted or told of the close; it does not sleep.
/// Fails if: a newcomer under the lock does not look for the close (`newcomer-ignores-close`).
#[test]
fn close_races_acquire() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let semaphore = forever(Semaphore::new(1));
        let thread = spawn(move || block_on(semaphore.acquire(1)).map(drop));
        semaphore.close();
        seen.saw(thread.join().unwrap().is_ok());
        assert_closed(semaphore, 1, 1);
    });
    outcomes.were(&["false", "true"]);
}

/// Property: an acquisition with nothing free is told of the close, whether it had queued or not.
/// Fails if: a newcomer under the lock does not look for the close (`newcomer-ignores-close`), or the close forgets
/// who waits (`close-refuses-nobody`), or leaves `QUEUED` set with nobody in line (`close-leaves-queued`).
#[test]
fn close_races_enqueue() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let thread = spawn(move || block_on(semaphore.acquire(1)).map(drop));
        semaphore.close();
        assert_eq!(thread.join().unwrap(), Err(AcquireError::Closed));
        assert_closed(semaphore, 0, 1);
        drop(held);
        assert_closed(semaphore, 1, 1);
    });
}

/// Property: close, release and the waiter's giving up, all at once, keep every permit and the close.
/// Fails if: the close wipes the count (`close-wipes-the-count`), or a dropped future keeps what it was granted
/// (`dropped-grant-is-kept`).
#[test]
fn close_races_release_and_cancel() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let waker = Counter::new();
        let mut waiting = Box::pin(semaphore.acquire(1));
        assert!(waker.poll(waiting.as_mut()).is_pending());
        let closing = spawn(move || semaphore.close());
        let releasing = spawn(move || drop(held));
        drop(waiting);
        closing.join().unwrap();
        releasing.join().unwrap();
        assert!(waker.wakes() <= 1);
        assert_eq!(waker.kept(), 0);
        assert_closed(semaphore, 1, 1);
    });
}

/// Property: of three in line each gets one verdict: those that the release reached first are granted, the rest is
/// closed; a grant before the close stays valid.
/// Fails if: the close forgets who waits (`close-refuses-nobody`), or stops at the end of a batch (`one-batch-only`).
#[test]
fn close_races_release_to_the_queue() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(1);
        let counters = [(); 3].map(|()| Counter::new());
        let mut waiting = [(); 3].map(|()| Box::pin(semaphore.acquire(1)));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let thread = spawn(move || drop(held));
        semaphore.close();
        thread.join().unwrap();
        let verdicts: Vec<Acquired> = waiting
            .iter_mut()
            .zip(&counters)
            .map(|(future, counter)| {
                assert_eq!((counter.wakes(), counter.kept()), (1, 0));
                match poll(future.as_mut()) {
                    Poll::Ready(verdict) => verdict,
                    Poll::Pending => panic!("left asleep"),
                }
            })
            .collect();
        let granted: Vec<bool> = verdicts.iter().map(Result::is_ok).collect();
        assert!(granted == [true, false, false] || granted == [false; 3]);
        seen.saw(granted[0]);
        assert_closed(semaphore, if granted[0] { 0 } else { 1 }, 1);
        drop(verdicts);
        assert_closed(semaphore, 1, 1);
    });
    outcomes.were(&["false", "true"]);
}

/// Property: a second close, at the same time, shares the work: each of five in line, more than a batch for each of
/// the two, gets one verdict.
/// Fails if: the close stops at the end of a batch (`one-batch-only`).
#[test]
fn two_closes() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let counters = [(); 5].map(|()| Counter::new());
        let mut waiting = [(); 5].map(|()| Box::pin(semaphore.acquire(1)));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let thread = spawn(move || semaphore.close());
        semaphore.close();
        thread.join().unwrap();
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
            assert!(matches!(poll(future.as_mut()), Poll::Ready(Err(AcquireError::Closed))));
        }
        drop(held);
        assert_closed(semaphore, 1, 1);
    });
}

/// Property: when a close and a reduction meet, each request in line gets one verdict: of the close all that it has
/// found in line.
/// Fails if: the reduction forgets who waits (`reduction-refuses-nobody`), or takes some of those that the close has yet
/// to refuse (`reduction-takes-from-the-close`), or either stops at the end of a batch (`one-batch-only`).
#[test]
fn close_races_reduce() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(3);
        let counters = [(); 4].map(|()| Counter::new());
        let mut waiting = [3, 1, 3, 3].map(|permits| Box::pin(semaphore.acquire(permits)));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let thread = spawn(move || semaphore.reduce_permits(1));
        semaphore.close();
        thread.join().unwrap();
        let verdicts = waiting.iter_mut().zip(&counters).map(|(future, counter)| {
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
            match poll(future.as_mut()) {
                Poll::Ready(Err(refused)) => refused,
                _ => panic!("neither closed nor refused"),
            }
        });
        let verdicts: Vec<AcquireError> = verdicts.collect();
        let large = if verdicts[0] == AcquireError::Closed {
            AcquireError::Closed
        } else {
            AcquireError::ExceedsMax { requested: 3, max: 2 }
        };
        assert_eq!(verdicts, [large, AcquireError::Closed, large, large]);
        seen.saw(large);
        assert_closed(semaphore, -1, 2);
        drop(held);
        assert_closed(semaphore, 2, 2);
    });
    outcomes.were(&["3 permits were requested of a semaphore whose maximum is 2", "the semaphore is closed"]);
}
