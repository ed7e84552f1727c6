//! Strictly first in, first out by first poll; nobody passes.

use xsync::{Semaphore, TryAcquireError};

use super::common::task::Task;
use super::{numbers, queued};

#[test]
fn the_order_is_that_of_the_first_polls_not_of_the_calls() {
    let semaphore = Semaphore::with_max(0, 3);
    let mut third = Task::new(semaphore.acquire(1));
    let mut first = Task::new(semaphore.acquire(1));
    let mut second = Task::new(semaphore.acquire(1));
    first.assert_pending();
    second.assert_pending();
    third.assert_pending();

    semaphore.release(1);
    assert_eq!([first.wakes(), second.wakes(), third.wakes()], [1, 0, 0]);
    semaphore.release(1);
    assert_eq!([first.wakes(), second.wakes(), third.wakes()], [1, 1, 0]);
    semaphore.release(1);
    assert_eq!([first.wakes(), second.wakes(), third.wakes()], [1, 1, 1]);
    for request in [&mut third, &mut first, &mut second] {
        request.ready().unwrap().forget();
    }
}

#[test]
fn polling_again_neither_loses_nor_wins_a_place() {
    let semaphore = Semaphore::with_max(0, 2);
    let (mut first, mut second) = (queued(&semaphore, 1), queued(&semaphore, 1));
    for _ in 0..3 {
        second.assert_pending();
        first.assert_pending();
    }
    semaphore.release(1);
    assert_eq!([first.wakes(), second.wakes()], [1, 0]);
    second.assert_pending();
    assert_eq!(first.ready().unwrap().permits(), 1);
}

#[test]
fn free_permits_are_kept_for_the_request_in_front() {
    let semaphore = Semaphore::with_max(2, 3);
    let mut large = queued(&semaphore, 3);

    assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::NoPermits);
    assert_eq!(semaphore.try_acquire(0).unwrap_err(), TryAcquireError::NoPermits);
    assert_eq!(semaphore.drain_permits(1), 0);
    let mut small = queued(&semaphore, 1);
    let mut none = queued(&semaphore, 0);
    assert_eq!(numbers(&semaphore), (2, 3));

    semaphore.release(1);
    assert_eq!([large.wakes(), small.wakes(), none.wakes()], [1, 0, 0]);
    assert_eq!(large.ready().unwrap().permits(), 3);
    // Its permits are back: the others are served.
    assert_eq!(small.ready().unwrap().permits(), 1);
    assert_eq!(none.ready().unwrap().permits(), 0);
    assert_eq!(numbers(&semaphore), (3, 3));
}

#[test]
fn a_large_request_is_not_starved_by_small_ones() {
    let semaphore = Semaphore::new(10);
    let mut held: Vec<_> = (0..10).map(|_| semaphore.try_acquire(1).unwrap()).collect();
    let mut all = queued(&semaphore, 10);
    // Each holder gives back and asks again: it queues behind the large request.
    let mut again = Vec::new();
    while let Some(permit) = held.pop() {
        all.assert_pending();
        drop(permit);
        assert!(semaphore.try_acquire(1).is_err());
        again.push(queued(&semaphore, 1));
    }
    let permit = all.ready().unwrap();
    assert_eq!(again.iter().map(|request| request.wakes()).sum::<usize>(), 0);
    drop(permit);
    let permits: Vec<_> = again.iter_mut().map(|request| request.ready().unwrap()).collect();
    assert_eq!((permits.len(), numbers(&semaphore)), (10, (0, 10)));
}

#[test]
fn the_queue_opens_when_the_last_request_was_served() {
    let semaphore = Semaphore::with_max(0, 2);
    let (mut first, mut second) = (queued(&semaphore, 1), queued(&semaphore, 1));
    semaphore.release(1);
    assert!(semaphore.try_acquire(0).is_err());
    semaphore.release(1);
    // Both are granted, though neither was polled: newcomers need not queue.
    assert!(semaphore.try_acquire(0).is_ok());
    let permits = [first.ready().unwrap(), second.ready().unwrap()];
    drop(permits);
    assert_eq!(semaphore.try_acquire(2).unwrap().permits(), 2);
}

/// The documented trap, and its cure.
#[test]
fn a_grant_that_nobody_polls_holds_up_the_queue_until_it_is_dropped() {
    let semaphore = Semaphore::with_max(0, 2);
    let (unpolled, large) = (queued(&semaphore, 1), queued(&semaphore, 2));
    let mut behind = queued(&semaphore, 0);
    semaphore.release(2);
    assert_eq!([unpolled.wakes(), large.wakes()], [1, 0]);
    behind.assert_pending();
    assert!(semaphore.try_acquire(1).is_err());
    drop(unpolled);
    assert_eq!([large.wakes(), behind.wakes()], [1, 1]);
}
