//! The two ends of a request: more than the maximum, and zero.

use xsync::{AcquireError, Semaphore, TryAcquireError};

use super::common::task::Task;
use super::{numbers, queued};

#[test]
fn above_the_maximum_is_refused_at_once_with_both_numbers() {
    let semaphore = Semaphore::with_max(1, 5);
    for requested in [6, Semaphore::MAX_PERMITS, Semaphore::MAX_PERMITS + 1, usize::MAX] {
        let refused = Task::new(semaphore.acquire(requested)).ready().unwrap_err();
        assert_eq!(refused, AcquireError::ExceedsMax { requested, max: 5 });
        let refused = semaphore.try_acquire(requested).unwrap_err();
        assert_eq!(refused, TryAcquireError::ExceedsMax { requested, max: 5 });
        assert_eq!(numbers(&semaphore), (1, 5));
    }
}

#[test]
fn above_the_maximum_is_never_queued() {
    let semaphore = Semaphore::with_max(0, 5);
    // Nobody in front, then somebody.
    for _ in 0..2 {
        let mut refused = Task::new(semaphore.acquire(6));
        assert_eq!(refused.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 6, max: 5 });
        assert_eq!(refused.kept(), 0);
        let next = queued(&semaphore, 1);
        semaphore.release(1);
        assert_eq!(next.wakes(), 1);
        drop(next);
        assert_eq!(semaphore.drain_permits(5), 1);
    }
    let front = queued(&semaphore, 1);
    let refused = Task::new(semaphore.acquire(6)).ready().unwrap_err();
    assert_eq!(refused, AcquireError::ExceedsMax { requested: 6, max: 5 });
    let refused = semaphore.try_acquire(6).unwrap_err();
    assert_eq!(refused, TryAcquireError::ExceedsMax { requested: 6, max: 5 });
    semaphore.release(1);
    assert_eq!(front.wakes(), 1);
}

#[test]
fn exactly_the_maximum_is_queued_and_served() {
    let semaphore = Semaphore::with_max(0, 5);
    let mut request = queued(&semaphore, 5);
    semaphore.release(5);
    assert_eq!(request.ready().unwrap().permits(), 5);
}

#[test]
fn zero_is_granted_with_no_permit_left() {
    let semaphore = Semaphore::with_max(0, 1);
    assert_eq!(semaphore.try_acquire(0).unwrap().permits(), 0);
    assert_eq!(Task::new(semaphore.acquire(0)).ready().unwrap().permits(), 0);
    assert_eq!(numbers(&semaphore), (0, 1));
}

#[test]
fn zero_is_granted_in_debt() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire(3).unwrap();
    semaphore.reduce_permits(2);
    assert_eq!(semaphore.try_acquire(0).unwrap().permits(), 0);
    assert_eq!(Task::new(semaphore.acquire(0)).ready().unwrap().permits(), 0);
    drop(permit);
    assert_eq!(numbers(&semaphore), (1, 1));
}

#[test]
fn zero_waits_its_turn_like_any_other() {
    let semaphore = Semaphore::with_max(0, 2);
    let mut front = queued(&semaphore, 2);
    let mut none = queued(&semaphore, 0);
    assert_eq!(semaphore.try_acquire(0).unwrap_err(), TryAcquireError::NoPermits);
    semaphore.release(1);
    assert_eq!([front.wakes(), none.wakes()], [0, 0]);
    none.assert_pending();
    semaphore.release(1);
    // With no permit left after the front: zero fits nothing.
    assert_eq!([front.wakes(), none.wakes()], [1, 1]);
    assert_eq!(front.ready().unwrap().permits(), 2);
    assert_eq!(none.ready().unwrap().permits(), 0);
}

#[test]
fn zero_behind_a_cancelled_front_is_granted_with_no_permit_left() {
    let semaphore = Semaphore::with_max(0, 2);
    let front = queued(&semaphore, 1);
    let mut none = queued(&semaphore, 0);
    let small = queued(&semaphore, 1);
    front.cancel();
    assert_eq!([none.wakes(), small.wakes()], [1, 0]);
    assert_eq!(none.ready().unwrap().permits(), 0);
}

#[test]
fn zero_behind_a_cancelled_front_is_granted_in_debt() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire(3).unwrap();
    let front = queued(&semaphore, 1);
    let none = queued(&semaphore, 0);
    semaphore.reduce_permits(2);
    assert_eq!(none.wakes(), 0);
    front.cancel();
    assert_eq!(none.wakes(), 1);
    drop(permit);
    assert_eq!(numbers(&semaphore), (1, 1));
}

#[test]
fn a_permit_of_none_gives_nothing_back() {
    let semaphore = Semaphore::new(1);
    drop(semaphore.try_acquire(0).unwrap());
    semaphore.try_acquire(0).unwrap().forget();
    assert_eq!(numbers(&semaphore), (1, 1));
}
