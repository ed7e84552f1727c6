//! One acquisition, dropped in each of its states: the numbers are exact, and no waker is kept.

use xsync::{Acquire, AcquireError, Semaphore};

use crate::common::{CountingWaker, kept, task::Task};

type Request<'a> = Task<Acquire<&'a Semaphore>>;

#[track_caller]
fn queued(semaphore: &Semaphore, permits: usize) -> Request<'_> {
    Task::queued(semaphore.acquire(permits))
}

/// Drops `request`: its waker is neither kept nor fired again.
#[track_caller]
fn cancel(request: Request<'_>) {
    let fired = request.wakes();
    let counter = request.cancel();
    assert_eq!((kept(&counter), counter.wakes()), (0, fired));
}

/// What is free, and that all of the rest can be given back: no permit was lost or won, and nobody is queued.
#[track_caller]
fn assert_free(semaphore: &Semaphore, free: usize) {
    assert_eq!(semaphore.available_permits(), free);
    semaphore.release(semaphore.max_permits() - free);
    assert!(semaphore.try_acquire(semaphore.max_permits()).is_ok() || semaphore.is_closed());
}

#[test]
fn never_polled_it_has_no_place_and_no_permit() {
    let semaphore = Semaphore::new(1);
    cancel(Task::new(semaphore.acquire(1)));
    assert_free(&semaphore, 1);

    let semaphore = Semaphore::with_max(0, 1);
    let unpolled = Task::new(semaphore.acquire(1));
    let mut request = queued(&semaphore, 1);
    cancel(unpolled);
    semaphore.release(1);
    assert_eq!(request.wakes(), 1);
    drop(request.ready());
    assert_free(&semaphore, 1);
}

#[test]
fn queued_alone_it_opens_the_queue() {
    let semaphore = Semaphore::with_max(1, 2);
    let request = queued(&semaphore, 2);
    assert_eq!(request.kept(), 1);
    cancel(request);
    assert_free(&semaphore, 1);
}

#[test]
fn queued_and_polled_again_it_keeps_the_newest_waker_alone() {
    let semaphore = Semaphore::with_max(0, 1);
    let mut request = queued(&semaphore, 1);
    let newer = CountingWaker::new();
    assert!(request.poll_with(&newer.waker()).is_pending());
    assert_eq!((request.kept(), kept(&newer)), (0, 1));
    // The same task again: nothing is cloned or dropped.
    assert!(request.poll_with(&newer.waker()).is_pending());
    assert_eq!((request.kept(), kept(&newer)), (0, 1));
    cancel(request);
    assert_eq!((kept(&newer), newer.wakes()), (0, 0));
    assert_free(&semaphore, 0);
}

#[test]
fn the_newest_waker_alone_is_fired() {
    let semaphore = Semaphore::with_max(0, 1);
    let mut request = queued(&semaphore, 1);
    let newer = CountingWaker::new();
    assert!(request.poll_with(&newer.waker()).is_pending());
    semaphore.release(1);
    assert_eq!((request.wakes(), newer.wakes()), (0, 1));
    assert_eq!((request.kept(), kept(&newer)), (0, 0));
    cancel(request);
    assert_free(&semaphore, 1);
}

#[test]
fn granted_but_not_polled_it_gives_its_permits_back() {
    let semaphore = Semaphore::with_max(0, 3);
    let request = queued(&semaphore, 2);
    semaphore.release(3);
    assert_eq!((request.wakes(), request.kept()), (1, 0));
    assert_eq!(semaphore.available_permits(), 1);
    cancel(request);
    assert_free(&semaphore, 3);
}

#[test]
fn granted_but_not_polled_it_serves_those_behind_it() {
    let semaphore = Semaphore::with_max(0, 9);
    let granted = queued(&semaphore, 3);
    let mut behind = [1, 0, 2, 1].map(|n| queued(&semaphore, n));
    semaphore.release(3);
    assert_eq!(granted.wakes(), 1);
    cancel(granted);
    assert_eq!(behind.each_ref().map(|request| request.wakes()), [1, 1, 1, 0]);
    assert_eq!(semaphore.available_permits(), 0);
    let permits = [0, 1, 2].map(|place: usize| behind[place].ready().unwrap());
    assert_eq!(permits.each_ref().map(|permit| permit.permits()), [1, 0, 2]);
    drop((permits, behind));
    assert_free(&semaphore, 3);
}

#[test]
fn granted_but_not_polled_it_pays_debt_before_those_behind_it() {
    let semaphore = Semaphore::new(4);
    let held = semaphore.try_acquire(4).unwrap();
    let granted = queued(&semaphore, 3);
    let mut behind = queued(&semaphore, 1);
    held.forget();
    semaphore.release(3);
    semaphore.reduce_permits(3);
    cancel(granted);
    behind.assert_pending();
    semaphore.release(1);
    assert_eq!(behind.ready().unwrap().permits(), 1);
    drop(behind);
    assert_free(&semaphore, 1);
}

#[test]
fn closed_but_not_polled_it_gives_nothing_back() {
    let semaphore = Semaphore::with_max(1, 3);
    let request = queued(&semaphore, 2);
    semaphore.close();
    assert_eq!((request.wakes(), request.kept()), (1, 0));
    cancel(request);
    assert_free(&semaphore, 1);
}

#[test]
fn impossible_but_not_polled_it_gives_nothing_back() {
    let semaphore = Semaphore::with_max(1, 3);
    let request = queued(&semaphore, 3);
    let mut behind = queued(&semaphore, 1);
    semaphore.reduce_permits(1);
    assert_eq!((request.wakes(), request.kept()), (1, 0));
    cancel(request);
    behind.assert_pending();
    cancel(behind);
    assert_free(&semaphore, 0);
}

#[test]
fn granted_with_none_and_not_polled_it_gives_nothing_back() {
    let semaphore = Semaphore::with_max(0, 1);
    let (front, none) = (queued(&semaphore, 1), queued(&semaphore, 0));
    cancel(front);
    assert_eq!(none.wakes(), 1);
    cancel(none);
    assert_free(&semaphore, 0);
}

#[test]
fn completed_it_leaves_the_permits_to_the_permit() {
    let semaphore = Semaphore::with_max(0, 2);
    let mut waited = queued(&semaphore, 1);
    semaphore.release(2);
    let permit = waited.ready().unwrap();
    cancel(waited);
    assert_eq!(semaphore.available_permits(), 1);
    let mut served = Task::new(semaphore.acquire(1));
    let another = served.ready().unwrap();
    cancel(served);
    assert_eq!(semaphore.available_permits(), 0);
    drop((permit, another));
    assert_free(&semaphore, 2);
}

#[test]
fn refused_it_leaves_nothing() {
    let semaphore = Semaphore::new(1);
    let mut refused = Task::new(semaphore.acquire(2));
    assert_eq!(refused.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 2, max: 1 });
    cancel(refused);
    assert_free(&semaphore, 1);
}
