//! Wakers are fired oldest first, once for each answer.

use std::sync::{Arc, Mutex};

use xsync::{CancelFlag, Semaphore};

use crate::Request;
use crate::common::{on_wake, shared::Shared, task::Task};

/// More than one batch.
const WAITERS: usize = 100;

/// The places of those that were woken, in order.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<usize>>>);

impl Log {
    fn waker(&self, place: usize) -> core::task::Waker {
        let log = self.clone();
        on_wake(move || log.0.lock().unwrap().push(place))
    }

    fn take(&self) -> Vec<usize> {
        core::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// `WAITERS` requests of `weight`, after one of `front`.
fn queue(semaphore: &Shared, front: usize, weight: usize, log: &Log) -> (Request, Vec<Request>) {
    let front = semaphore.queued(front);
    let request = |place| Task::queued_with(semaphore.request(weight), &log.waker(place));
    (front, (0..WAITERS).map(request).collect())
}

#[track_caller]
fn assert_in_order(log: &Log) {
    assert_eq!(log.take(), (0..WAITERS).collect::<Vec<_>>());
}

#[test]
fn a_release_wakes_the_oldest_first() {
    let (semaphore, log) = (Shared::new(Semaphore::with_max(0, WAITERS + 1)), Log::default());
    let (_front, _requests) = queue(&semaphore, 1, 1, &log);
    semaphore.release(WAITERS + 1);
    assert_in_order(&log);
}

#[test]
fn an_addition_wakes_the_oldest_first() {
    let (semaphore, log) = (Shared::new(Semaphore::with_max(0, 1)), Log::default());
    let (_front, _requests) = queue(&semaphore, 1, 1, &log);
    semaphore.add_permits(WAITERS + 1);
    assert_in_order(&log);
}

#[test]
fn a_front_that_leaves_wakes_the_oldest_first() {
    let (semaphore, log) = (Shared::new(Semaphore::with_max(0, 1)), Log::default());
    let (front, _requests) = queue(&semaphore, 1, 0, &log);
    drop(front);
    assert_in_order(&log);
}

#[test]
fn a_reduction_wakes_the_refused_oldest_first_and_then_the_served() {
    let (semaphore, log) = (Shared::new(Semaphore::with_max(0, 4)), Log::default());
    let (_front, _refused) = queue(&semaphore, 4, 4, &log);
    let _none = Task::queued_with(semaphore.request(0), &log.waker(WAITERS));
    semaphore.reduce_permits(1);
    assert_eq!(log.take(), (0..=WAITERS).collect::<Vec<_>>());
}

#[test]
fn a_close_wakes_the_oldest_first() {
    let (semaphore, log) = (Shared::new(Semaphore::with_max(0, 1)), Log::default());
    let (_front, _requests) = queue(&semaphore, 1, 1, &log);
    semaphore.close();
    assert_in_order(&log);
}

#[test]
fn a_flag_wakes_the_oldest_first() {
    let (flag, log) = (CancelFlag::new(), Log::default());
    let _waiting: Vec<_> = (0..WAITERS).map(|place| Task::queued_with(flag.cancelled(), &log.waker(place))).collect();
    flag.cancel();
    assert_in_order(&log);
}

#[test]
fn nothing_that_comes_after_the_grant_fires_it_again() {
    let semaphore = Semaphore::with_max(0, 3);
    let mut granted = Task::queued(semaphore.acquire(1));
    semaphore.release(1);
    assert_eq!((granted.wakes(), granted.kept()), (1, 0));
    semaphore.release(1);
    semaphore.add_permits(2);
    semaphore.reduce_permits(2);
    semaphore.close();
    let permit = granted.ready().unwrap();
    drop(permit);
    assert_eq!(granted.wakes(), 1);
}

#[test]
fn all_of_a_batch_are_granted_before_the_first_of_them_is_woken() {
    let semaphore = Shared::new(Semaphore::with_max(0, 3));
    let second: Arc<Mutex<Option<Request>>> = Arc::default();
    let (other, outcome) = (Arc::clone(&second), Arc::new(Mutex::new(None)));
    let note = Arc::clone(&outcome);
    let waker = on_wake(move || {
        let permit = other.lock().unwrap().as_mut().unwrap().ready().unwrap();
        *note.lock().unwrap() = Some(permit.permits());
    });
    let _first = Task::queued_with(semaphore.request(1), &waker);
    *second.lock().unwrap() = Some(semaphore.queued(2));
    semaphore.release(3);
    assert_eq!(*outcome.lock().unwrap(), Some(2));
}
