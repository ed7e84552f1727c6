//! A release grants as many requests from the front as fit, and stops at the first that does not.

use xsync::Semaphore;

use super::{Request, numbers, queued};

fn wakes<'a, 's: 'a>(requests: impl IntoIterator<Item = &'a Request<'s>>) -> Vec<usize> {
    requests.into_iter().map(|request| request.wakes()).collect()
}

#[test]
fn one_release_grants_all_in_front_that_fit() {
    let semaphore = Semaphore::with_max(0, 6);
    let mut requests = [1, 2, 0, 3].map(|n| queued(&semaphore, n));
    semaphore.release(6);
    assert_eq!(wakes(&requests), [1, 1, 1, 1]);
    // The permits are the waiters', though none was polled.
    assert_eq!(numbers(&semaphore), (0, 6));
    let held = requests.each_mut().map(|request| request.ready().unwrap().permits());
    assert_eq!(held, [1, 2, 0, 3]);
}

#[test]
fn it_stops_at_the_first_that_does_not_fit_even_if_one_behind_would() {
    let semaphore = Semaphore::with_max(0, 9);
    let requests = [1, 5, 1, 0].map(|n| queued(&semaphore, n));
    semaphore.release(3);
    assert_eq!(wakes(&requests), [1, 0, 0, 0]);
    assert_eq!(numbers(&semaphore), (2, 9));
    semaphore.release(2);
    assert_eq!(wakes(&requests), [1, 0, 0, 0]);
    assert_eq!(numbers(&semaphore), (4, 9));
    semaphore.release(1);
    assert_eq!(wakes(&requests), [1, 1, 0, 0]);
    assert_eq!(numbers(&semaphore), (0, 9));
    semaphore.release(1);
    assert_eq!(wakes(&requests), [1, 1, 1, 1]);
    assert_eq!(numbers(&semaphore), (0, 9));
}

#[test]
fn a_request_that_fits_exactly_is_granted() {
    let semaphore = Semaphore::with_max(0, 4);
    let mut request = queued(&semaphore, 4);
    semaphore.release(3);
    request.assert_pending();
    semaphore.release(1);
    assert_eq!(request.wakes(), 1);
    assert_eq!(request.ready().unwrap().permits(), 4);
}

#[test]
fn dropping_a_permit_releases_what_it_holds() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire(3).unwrap();
    let requests = [2, 2].map(|n| queued(&semaphore, n));
    drop(permit);
    assert_eq!(wakes(&requests), [1, 0]);
    assert_eq!(numbers(&semaphore), (1, 3));
}

#[test]
fn releasing_none_is_legal_and_grants_nobody() {
    let semaphore = Semaphore::with_max(1, 2);
    semaphore.release(0);
    assert_eq!(numbers(&semaphore), (1, 2));
    let requests = [2, 0].map(|n| queued(&semaphore, n));
    semaphore.release(0);
    assert_eq!(wakes(&requests), [0, 0]);
    assert_eq!(numbers(&semaphore), (1, 2));
}

#[test]
fn one_release_reaches_any_number_of_waiters() {
    const WAITERS: usize = 1000;
    let semaphore = Semaphore::with_max(0, WAITERS + 1);
    let mut requests: Vec<_> = (0..WAITERS).map(|_| queued(&semaphore, 1)).collect();
    let large = queued(&semaphore, 2);
    semaphore.release(WAITERS + 1);
    assert_eq!(wakes(&requests), [1; WAITERS]);
    assert_eq!((large.wakes(), numbers(&semaphore)), (0, (1, WAITERS + 1)));
    requests.iter_mut().for_each(|request| request.ready().unwrap().forget());
}

#[test]
fn available_permits_do_not_count_what_was_granted() {
    let semaphore = Semaphore::with_max(0, 3);
    let mut request = queued(&semaphore, 2);
    semaphore.release(3);
    assert_eq!(numbers(&semaphore), (1, 3));
    let permit = request.ready().unwrap();
    assert_eq!(numbers(&semaphore), (1, 3));
    drop(permit);
    assert_eq!(numbers(&semaphore), (3, 3));
}
