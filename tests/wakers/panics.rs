//! A waker that panics does not cost the others their answer, and the panic goes on at whoever fired it.

use std::panic::resume_unwind;

use xsync::{AcquireError, CancelFlag, Semaphore};

use crate::Request;
use crate::common::{kept, on_wake, panic_message, shared::Shared, task::Task};

/// More than three batches. Each place is tried: first, last of a batch, first of the next, last.
const WAITERS: usize = 100;

fn panicking() -> core::task::Waker {
    // Without the hook's output: it is expected.
    on_wake(|| resume_unwind(Box::new("a waker's own panic")))
}

/// `WAITERS` futures, the one at `place` with a waker that panics.
fn queue<F: Future>(place: usize, future: impl Fn() -> F) -> Vec<Task<F>> {
    (0..WAITERS)
        .map(|i| if i == place { Task::queued_with(future(), &panicking()) } else { Task::queued(future()) })
        .collect()
}

/// Fires the wakers with `fire`: all but the one at `place` count once, and its panic goes on.
#[track_caller]
fn assert_all_woken<F: Future>(tasks: &[Task<F>], place: usize, fire: impl FnOnce()) {
    assert_eq!(panic_message(fire), "a waker's own panic");
    for (i, task) in tasks.iter().enumerate() {
        assert_eq!((task.wakes(), task.kept()), (usize::from(i != place), 0), "{i} of {place}");
    }
}

/// All of `requests` were granted one permit, and the semaphore is whole.
#[track_caller]
fn assert_all_granted(semaphore: &Shared, mut requests: Vec<Request>) {
    assert_eq!(semaphore.available_permits(), 0);
    let permits: Vec<_> = requests.iter_mut().map(|request| request.ready().unwrap()).collect();
    assert_eq!(permits.iter().map(|permit| permit.permits()).sum::<usize>(), WAITERS);
    drop(permits);
    assert_eq!(semaphore.available_permits(), WAITERS);
    assert!(semaphore.try_acquire(WAITERS).is_ok());
}

#[test]
fn a_release_serves_all() {
    for place in 0..WAITERS {
        let semaphore = Shared::new(Semaphore::with_max(0, WAITERS));
        let requests = queue(place, || semaphore.request(1));
        assert_all_woken(&requests, place, || semaphore.release(WAITERS));
        assert_all_granted(&semaphore, requests);
    }
}

#[test]
fn a_dropped_permit_serves_all() {
    for place in 0..WAITERS {
        let semaphore = Shared::new(Semaphore::new(WAITERS));
        let permit = Semaphore::try_acquire_with(semaphore.clone(), WAITERS).unwrap();
        let requests = queue(place, || semaphore.request(1));
        assert_all_woken(&requests, place, || drop(permit));
        assert_all_granted(&semaphore, requests);
    }
}

#[test]
fn an_addition_serves_all() {
    for place in 0..WAITERS {
        let semaphore = Shared::new(Semaphore::with_max(0, 1));
        let requests = queue(place, || semaphore.request(1));
        assert_all_woken(&requests, place, || semaphore.add_permits(WAITERS));
        let permits: Vec<_> = requests.into_iter().map(|mut request| request.ready().unwrap()).collect();
        assert_eq!((permits.len(), semaphore.available_permits()), (WAITERS, 0));
    }
}

#[test]
fn a_front_that_leaves_serves_all_and_keeps_no_waker() {
    for place in 0..WAITERS {
        let semaphore = Shared::new(Semaphore::with_max(WAITERS, WAITERS + 1));
        let front = semaphore.queued(WAITERS + 1);
        let requests = queue(place, || semaphore.request(1));
        let (front, counter) = front.into_parts();
        assert_all_woken(&requests, place, || drop(front));
        assert_eq!((kept(&counter), counter.wakes()), (0, 0));
        let permits: Vec<_> = requests.into_iter().map(|mut request| request.ready().unwrap()).collect();
        assert_eq!((permits.len(), semaphore.available_permits()), (WAITERS, 0));
    }
}

#[test]
fn a_close_fails_all() {
    for place in 0..WAITERS {
        let semaphore = Shared::new(Semaphore::with_max(0, 1));
        let mut requests = queue(place, || semaphore.request(1));
        assert_all_woken(&requests, place, || semaphore.close());
        for request in &mut requests {
            assert_eq!(request.ready().unwrap_err(), AcquireError::Closed);
        }
        semaphore.release(1);
        assert_eq!(semaphore.available_permits(), 1);
    }
}

#[test]
fn a_reduction_fails_all_that_it_makes_impossible_and_serves_the_rest() {
    for place in 0..WAITERS {
        let semaphore = Shared::new(Semaphore::with_max(0, 2));
        let mut requests = queue(place, || semaphore.request(2));
        let mut none = semaphore.queued(0);
        assert_all_woken(&requests, place, || semaphore.reduce_permits(1));
        for request in &mut requests {
            assert_eq!(request.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 2, max: 1 });
        }
        assert_eq!(none.ready().unwrap().permits(), 0);
    }
}

#[test]
fn a_flag_wakes_all() {
    for place in 0..WAITERS {
        let flag = CancelFlag::new();
        let mut waiting = queue(place, || flag.cancelled());
        assert_all_woken(&waiting, place, || flag.cancel());
        waiting.iter_mut().for_each(|task| task.ready());
    }
}

#[test]
fn the_answer_of_the_panicking_one_is_not_lost_either() {
    let semaphore = Shared::new(Semaphore::with_max(0, 1));
    let mut request = Task::queued_with(semaphore.request(1), &panicking());
    panic_message(|| semaphore.release(1));
    assert_eq!(request.ready().unwrap().permits(), 1);
    assert_eq!(semaphore.available_permits(), 1);
}
