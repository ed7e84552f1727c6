//! Acquisitions that a cancellation ends, by a flag and by a token.

use std::pin::pin;
use std::task::Poll;

use loom::future::block_on;
use xsync::{AcquireUntilError, CancelFlag, CancelToken};
use xsync_loom_tests::{Counter, Outcomes, forever, model, poll_until_ready, spawn};

use crate::{all_held, assert_idle};

/// Property: permits that are released after a cancel are not acquired by what it ends: what was cancelled before the
/// return wins. They stay in the semaphore.
/// Fails if: it looks before it is granted, and not after (`until-looks-once`), or what it gives up is lost
/// (`dropped-grant-is-kept`).
#[test]
fn cancelled_and_then_released() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let flag = forever(CancelFlag::new());
        let thread = spawn(move || poll_until_ready(pin!(semaphore.acquire_until(1, flag))).unwrap_err());
        flag.cancel();
        drop(held);
        assert_eq!(thread.join().unwrap(), AcquireUntilError::Cancelled);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: of a grant and a cancel one wins; if the cancel does, the permits go to the one behind.
/// Fails if: what it gives up is lost (`dropped-grant-is-kept`), or kept until the future is dropped
/// (`given-up-when-dropped`).
#[test]
fn cancel_races_grant_with_one_behind() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(1);
        let flag = forever(CancelFlag::new());
        let [front, behind] = [(); 2].map(|()| Counter::new());
        let mut until = Box::pin(semaphore.acquire_until(1, flag));
        let mut next = pin!(semaphore.acquire(1));
        assert!(front.poll(until.as_mut()).is_pending());
        assert!(behind.poll(next.as_mut()).is_pending());
        let releasing = spawn(move || drop(held));
        let cancelling = spawn(move || flag.cancel());
        let ended = poll_until_ready(until.as_mut());
        releasing.join().unwrap();
        cancelling.join().unwrap();
        match ended {
            Ok(permit) => {
                assert_eq!(behind.wakes(), 0);
                seen.saw("granted");
                drop(permit);
            }
            Err(AcquireUntilError::Cancelled) => seen.saw("cancelled"),
            Err(other) => panic!("{other}"),
        }
        assert_eq!(behind.wakes(), 1);
        let Poll::Ready(Ok(permit)) = behind.poll(next.as_mut()) else { panic!("it was woken") };
        assert_idle(semaphore, 0, 1);
        drop((permit, until));
        assert_eq!((front.kept(), behind.kept()), (0, 0));
        assert_idle(semaphore, 1, 1);
    });
    outcomes.were(&["cancelled", "granted"]);
}

/// Property: who queues for permits that never come is ended by the cancel, and leaves nothing behind.
/// Fails if: it does not wait for the cancellation too (`until-does-not-register`), or one who registers does not look
/// again under the lock (`registration-does-not-look-again`).
#[test]
fn cancel_races_enqueue() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let flag = forever(CancelFlag::new());
        let thread = spawn(move || block_on(semaphore.acquire_until(1, flag)).unwrap_err());
        flag.cancel();
        assert_eq!(thread.join().unwrap(), AcquireUntilError::Cancelled);
        assert_idle(semaphore, 0, 1);
        drop(held);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: a thread that waits for a permit until a child token is cancelled is woken by the cancel of the parent, or
/// by a grant, whichever wins. The permits that it was granted and gives up are back.
/// Fails if: what it gives up is lost (`dropped-grant-is-kept`), or the wake does not reach the parker
/// (`wake-does-not-unpark`).
#[test]
fn cancel_of_the_parent_races_a_blocking_wait() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(2);
        let parent = CancelToken::new();
        let child = forever(parent.child());
        let thread = spawn(move || match semaphore.acquire_until(1, child).wait() {
            Ok(_permit) => "granted",
            Err(AcquireUntilError::Cancelled) => "cancelled",
            Err(other) => panic!("{other}"),
        });
        let releasing = spawn(move || drop(held));
        parent.cancel();
        releasing.join().unwrap();
        seen.saw(thread.join().unwrap());
        assert_idle(semaphore, 2, 2);
    });
    outcomes.were(&["cancelled", "granted"]);
}

/// Property: a large front that a cancel ends lets a small request behind it pass, also while permits are released.
/// Fails if: the front leaves without serving the next (`front-leaves-silently`), or only when the future is dropped
/// (`given-up-when-dropped`).
#[test]
fn cancel_of_a_large_front_races_release() {
    model(3, || {
        let (semaphore, mut held) = all_held(3);
        drop(held.split(1));
        let flag = forever(CancelFlag::new());
        let one = held.split(1).unwrap();
        let mut until = Box::pin(semaphore.acquire_until(3, flag));
        let mut next = pin!(semaphore.acquire(2));
        let behind = Counter::new();
        assert!(Counter::new().poll(until.as_mut()).is_pending());
        assert!(behind.poll(next.as_mut()).is_pending());
        let releasing = spawn(move || drop(one));
        let cancelling = spawn(move || flag.cancel());
        assert_eq!(poll_until_ready(until.as_mut()).unwrap_err(), AcquireUntilError::Cancelled);
        releasing.join().unwrap();
        cancelling.join().unwrap();
        assert_eq!((behind.wakes(), behind.kept()), (1, 0));
        let Poll::Ready(Ok(permit)) = behind.poll(next.as_mut()) else { panic!("it was woken") };
        drop((permit, held));
        assert_idle(semaphore, 3, 3);
    });
}

/// Property: an acquisition that was granted has left the flag's queue, though it had waited there: a cancel just then
/// does not touch it any more.
/// Fails if: it stays in line there (`leaver-stays-linked`).
#[test]
fn granted_then_freed_races_cancel() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(1);
        let flag = forever(CancelFlag::new());
        let waker = Counter::new();
        let mut until = Box::pin(semaphore.acquire_until(1, flag));
        assert!(waker.poll(until.as_mut()).is_pending());
        drop(held);
        let thread = spawn(move || poll_until_ready(until.as_mut()).is_ok());
        flag.cancel();
        seen.saw(if thread.join().unwrap() { "granted" } else { "cancelled" });
        assert_eq!(waker.kept(), 0);
        assert_idle(semaphore, 1, 1);
    });
    outcomes.were(&["cancelled", "granted"]);
}
