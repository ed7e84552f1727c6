//! Drivers, wakers and handles that go.

use std::task::Poll;

use xsync::{Abandoned, SingleFlight};
use xsync_loom_tests::{Counter, forever, model, spawn};

use crate::{Group, started, work};

/// Property: what a driver was woken for reaches the waiters when it goes, with what was written before.
/// Fails if: a driver that goes does not look for news (`driver-keeps-news`).
#[test]
fn driver_goes_beside_a_wake() {
    model(3, || {
        let group = forever(Group::new());
        let (work, hand) = work();
        let started = group.start(1, move || work);
        let mut driver = Box::pin(started.driver.unwrap());
        let mut waiter = Box::pin(started.waiter);
        let counter = Counter::new();
        assert!(counter.poll(waiter.as_mut()).is_pending());
        assert!(Counter::new().poll(driver.as_mut()).is_pending());
        let event = spawn(move || hand.wake());
        drop(driver);
        event.join().unwrap();
        assert!(counter.wakes() > 0);
        assert_eq!(counter.poll(waiter.as_mut()), Poll::Ready(7));
        assert_eq!(group.in_flight(), 0);
    });
}

/// Property: a driver and the last waiter that go at once drop the work once.
/// Fails if: a driver that goes last closes nothing (`driver-closes-nothing`).
#[test]
fn driver_and_waiter_go_at_once() {
    model(3, || {
        let group = forever(Group::new());
        let (work, hand) = work();
        let started = group.start(1, move || work);
        let driver = started.driver.unwrap();
        let waiter = started.waiter;
        let goes = spawn(move || drop(driver));
        drop(waiter);
        goes.join().unwrap();
        assert_eq!((group.in_flight(), hand.dropped.get()), (0, 1));
    });
}

/// Property: a waker that is fired and dropped as the flight ends touches memory that is there.
/// Fails if: who frees the memory does not see what the other references were used for (`memory-freed-unseen`).
#[test]
fn waker_beside_the_end() {
    model(3, || {
        let group = forever(Group::new());
        let (first, hand) = started(group, &Counter::new());
        let event = spawn(move || hand.wake());
        drop(first);
        event.join().unwrap();
        assert_eq!(group.in_flight(), 0);
    });
}

/// Property: a handle of `start` and the group that go at once free the registry once, and the flight leaves it before.
/// Fails if: who frees the registry does not see what the other handles were used for (`registry-freed-unseen`).
#[test]
fn group_goes_beside_a_waiter() {
    model(3, || {
        let group = SingleFlight::<u8, usize>::new();
        let (work, hand) = work();
        let started = group.start(1, move || work);
        drop(started.driver);
        let waiter = started.waiter;
        let goes = spawn(move || drop(waiter));
        drop(group);
        goes.join().unwrap();
        assert_eq!(hand.dropped.get(), 1);
    });
}

/// Property: a thread that only waits is told when the last goes that could go on with the work, whichever of the two is
/// first.
/// Fails if: closing wakes no guests (`guests-left-behind`).
#[test]
fn guest_beside_a_driver_that_goes() {
    model(3, || {
        let group = forever(Group::new());
        let (mut work, hand) = work();
        work.ready_at = usize::MAX;
        let started = group.start(1, move || work);
        let waiter = started.waiter;
        let guest = spawn(move || waiter.wait());
        drop(started.driver);
        assert_eq!(guest.join().unwrap(), Err(Abandoned));
        assert_eq!((group.in_flight(), hand.dropped.get()), (0, 1));
    });
}
