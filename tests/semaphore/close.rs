//! `close`: waiters and newcomers fail, what was granted stays valid, and nothing reopens it.

use xsync::{AcquireError, Semaphore, TryAcquireError};

use super::common::task::Task;
use super::{numbers, queued};

#[track_caller]
fn assert_closed(semaphore: &Semaphore) {
    assert!(semaphore.is_closed());
    for n in [0, 1, usize::MAX] {
        assert_eq!(semaphore.try_acquire(n).unwrap_err(), TryAcquireError::Closed);
        assert_eq!(Task::new(semaphore.acquire(n)).ready().unwrap_err(), AcquireError::Closed);
    }
}

#[test]
fn close_fails_every_waiter_once() {
    let semaphore = Semaphore::with_max(1, 3);
    let mut requests = [3, 0, 1].map(|n| queued(&semaphore, n));
    semaphore.close();
    for request in &mut requests {
        assert_eq!((request.wakes(), request.kept()), (1, 0));
        assert_eq!(request.ready().unwrap_err(), AcquireError::Closed);
    }
    assert_eq!(numbers(&semaphore), (1, 3));
}

#[test]
fn close_leaves_nobody_in_the_queue() {
    let semaphore = Semaphore::with_max(1, 3);
    let _waiting = queued(&semaphore, 3);
    semaphore.close();
    assert!(format!("{semaphore:?}").contains("queued: false"));
    assert_eq!(semaphore.drain_permits(3), 1);
}

#[test]
fn close_fails_later_requests_though_permits_are_free() {
    let semaphore = Semaphore::new(2);
    let mut before = Task::new(semaphore.acquire(1));
    semaphore.close();
    assert_eq!(before.ready().unwrap_err(), AcquireError::Closed);
    assert_closed(&semaphore);
    assert_eq!(numbers(&semaphore), (2, 2));
}

#[test]
fn permits_granted_before_stay_valid() {
    let semaphore = Semaphore::new(3);
    let mut held = semaphore.try_acquire(3).unwrap();
    semaphore.close();
    let part = held.split(1).unwrap();
    assert_eq!((held.permits(), part.permits()), (2, 1));
    held.merge(part);
    drop(held);
    assert_eq!(numbers(&semaphore), (3, 3));
    assert_closed(&semaphore);
}

#[test]
fn a_grant_that_was_not_polled_before_the_close_stays_valid() {
    let semaphore = Semaphore::with_max(0, 2);
    let mut granted = queued(&semaphore, 1);
    let unwanted = queued(&semaphore, 1);
    let mut waiting = queued(&semaphore, 1);
    semaphore.release(2);
    semaphore.close();
    assert_eq!(waiting.ready().unwrap_err(), AcquireError::Closed);
    let permit = granted.ready().unwrap();
    assert_eq!(granted.wakes(), 1);
    unwanted.cancel();
    assert_eq!(numbers(&semaphore), (1, 2));
    drop(permit);
    assert_eq!(numbers(&semaphore), (2, 2));
}

#[test]
fn no_operation_reopens_it() {
    let semaphore = Semaphore::with_max(2, 6);
    let held = semaphore.try_acquire(1).unwrap();
    let waiting = queued(&semaphore, 3);
    semaphore.close();
    assert_closed(&semaphore);

    // What is done, and what is free of what maximum after it.
    type Step<'a> = (&'a str, &'a dyn Fn(), (usize, usize));
    let steps: [Step<'_>; 8] = [
        ("release", &|| semaphore.release(2), (3, 6)),
        ("release none", &|| semaphore.release(0), (3, 6)),
        ("add", &|| semaphore.add_permits(4), (7, 10)),
        ("reduce", &|| semaphore.reduce_permits(5), (2, 5)),
        ("into debt", &|| semaphore.reduce_permits(4), (0, 1)),
        ("out of debt", &|| semaphore.add_permits(5), (3, 6)),
        ("drain", &|| assert_eq!(semaphore.drain_permits(1), 1), (2, 6)),
        ("close", &|| semaphore.close(), (2, 6)),
    ];
    for (name, step, after) in steps {
        step();
        assert_eq!(numbers(&semaphore), after, "{name}");
        assert_closed(&semaphore);
    }
    drop(waiting);
    drop(held);
    semaphore.release(3);
    assert_eq!(numbers(&semaphore), (6, 6));
    assert_closed(&semaphore);
}

#[test]
fn close_wins_over_a_request_that_could_never_be_granted() {
    let semaphore = Semaphore::new(1);
    semaphore.close();
    assert_eq!(semaphore.try_acquire(2).unwrap_err(), TryAcquireError::Closed);
    assert_eq!(Task::new(semaphore.acquire(2)).ready().unwrap_err(), AcquireError::Closed);
}

#[test]
fn a_request_refused_by_a_reduction_keeps_that_answer_through_a_close() {
    let semaphore = Semaphore::with_max(0, 2);
    let mut refused = queued(&semaphore, 2);
    semaphore.reduce_permits(1);
    semaphore.close();
    assert_eq!(refused.wakes(), 1);
    assert_eq!(refused.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 2, max: 1 });
}
