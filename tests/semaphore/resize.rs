//! Moving the maximum, and taking permits out without moving it.

use xsync::{AcquireError, Semaphore, TryAcquireError};

use super::{numbers, queued};

#[test]
fn add_permits_raises_the_maximum_and_the_free_permits() {
    let semaphore = Semaphore::with_max(1, 2);
    semaphore.add_permits(3);
    assert_eq!(numbers(&semaphore), (4, 5));
    semaphore.add_permits(0);
    assert_eq!(numbers(&semaphore), (4, 5));
}

#[test]
fn add_permits_grants_who_fits_now() {
    let semaphore = Semaphore::with_max(0, 2);
    let mut requests = [1, 2, 1].map(|n| queued(&semaphore, n));
    semaphore.add_permits(2);
    assert_eq!(requests.each_ref().map(|request| request.wakes()), [1, 0, 0]);
    assert_eq!(numbers(&semaphore), (1, 4));
    let permits = requests[0].ready().unwrap();
    drop(permits);
    assert_eq!(requests.each_ref().map(|request| request.wakes()), [1, 1, 0]);
}

#[test]
fn reduce_permits_takes_free_ones_exactly() {
    let semaphore = Semaphore::new(5);
    let permit = semaphore.try_acquire(1).unwrap();
    semaphore.reduce_permits(3);
    assert_eq!(numbers(&semaphore), (1, 2));
    semaphore.reduce_permits(0);
    assert_eq!(numbers(&semaphore), (1, 2));
    drop(permit);
    assert_eq!(numbers(&semaphore), (2, 2));
}

#[test]
fn what_is_out_becomes_debt_that_releases_pay() {
    let semaphore = Semaphore::new(5);
    let mut permit = semaphore.try_acquire(5).unwrap();
    semaphore.reduce_permits(3);
    assert_eq!(numbers(&semaphore), (0, 2));
    for free in [0, 0, 0, 1, 2] {
        drop(permit.split(1));
        assert_eq!(numbers(&semaphore), (free, 2));
    }
    assert_eq!(permit.permits(), 0);
}

#[test]
fn debt_is_paid_ahead_of_the_queue() {
    let semaphore = Semaphore::new(5);
    let mut permit = semaphore.try_acquire(5).unwrap();
    let mut request = queued(&semaphore, 1);
    semaphore.reduce_permits(3);
    for _ in 0..3 {
        drop(permit.split(1));
        request.assert_pending();
        assert_eq!((request.wakes(), semaphore.available_permits()), (0, 0));
    }
    drop(permit.split(1));
    assert_eq!(request.wakes(), 1);
    assert_eq!(request.ready().unwrap().permits(), 1);
}

#[test]
fn adding_pays_debt_as_well() {
    let semaphore = Semaphore::new(4);
    let permit = semaphore.try_acquire(4).unwrap();
    semaphore.reduce_permits(3);
    semaphore.add_permits(2);
    assert_eq!(numbers(&semaphore), (0, 3));
    assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::NoPermits);
    semaphore.add_permits(2);
    assert_eq!(numbers(&semaphore), (1, 5));
    drop(permit);
    assert_eq!(numbers(&semaphore), (5, 5));
}

#[test]
fn everything_can_be_reduced_away_and_added_again() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire(2).unwrap();
    semaphore.reduce_permits(3);
    assert_eq!(numbers(&semaphore), (0, 0));
    assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::ExceedsMax { requested: 1, max: 0 });
    drop(permit);
    assert_eq!(numbers(&semaphore), (0, 0));
    semaphore.add_permits(1);
    assert_eq!(numbers(&semaphore), (1, 1));
}

#[test]
fn a_queued_request_made_impossible_fails_at_once() {
    let semaphore = Semaphore::with_max(0, 6);
    let mut requests = [5, 2, 6, 4, 3].map(|n| queued(&semaphore, n));
    semaphore.reduce_permits(2);
    assert_eq!(requests.each_ref().map(|request| request.wakes()), [1, 0, 1, 0, 0]);
    for (place, requested) in [(0, 5), (2, 6)] {
        let refused = requests[place].ready().unwrap_err();
        assert_eq!(refused, AcquireError::ExceedsMax { requested, max: 4 });
    }
    // Those that remain are in order: two are owed, then they are served in turn.
    semaphore.release(4);
    assert_eq!(requests.each_ref().map(|request| request.wakes()), [1, 1, 1, 0, 0]);
    assert_eq!(requests[1].ready().unwrap().permits(), 2);
    semaphore.release(2);
    assert_eq!(requests.each_ref().map(|request| request.wakes()), [1, 1, 1, 1, 0]);
}

#[test]
fn who_waited_behind_an_impossible_front_is_served() {
    let semaphore = Semaphore::with_max(3, 5);
    let mut large = queued(&semaphore, 4);
    let mut requests = [1, 1].map(|n| queued(&semaphore, n));
    semaphore.reduce_permits(2);
    assert_eq!(large.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 4, max: 3 });
    assert_eq!(requests.each_ref().map(|request| request.wakes()), [1, 0]);
    assert_eq!(requests[0].ready().unwrap().permits(), 1);
    requests[1].ready().unwrap().forget();
}

#[test]
fn the_queue_opens_when_its_last_request_was_made_impossible() {
    let semaphore = Semaphore::with_max(1, 3);
    let request = queued(&semaphore, 3);
    semaphore.reduce_permits(1);
    // The free one is gone, and the two that are out still are.
    assert_eq!(request.wakes(), 1);
    assert!(semaphore.try_acquire(0).is_ok());
    semaphore.release(2);
    assert_eq!(semaphore.try_acquire(2).unwrap().permits(), 2);
}

#[test]
fn more_impossible_requests_than_one_batch_all_fail() {
    let semaphore = Semaphore::with_max(0, 2);
    let mut impossible: Vec<_> = (0..100).map(|_| queued(&semaphore, 2)).collect();
    let mut none: Vec<_> = (0..100).map(|_| queued(&semaphore, 0)).collect();
    semaphore.reduce_permits(1);
    for request in &mut impossible {
        assert_eq!(request.wakes(), 1);
        assert_eq!(request.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 2, max: 1 });
    }
    for request in &mut none {
        assert_eq!(request.wakes(), 1);
        assert_eq!(request.ready().unwrap().permits(), 0);
    }
}

#[test]
fn a_raised_maximum_admits_requests_that_were_refused() {
    let semaphore = Semaphore::new(1);
    assert!(matches!(semaphore.try_acquire(2).unwrap_err(), TryAcquireError::ExceedsMax { requested: 2, max: 1 }));
    semaphore.add_permits(1);
    assert_eq!(semaphore.try_acquire(2).unwrap().permits(), 2);
}

#[test]
fn forget_does_not_move_the_maximum_and_release_returns_it() {
    let semaphore = Semaphore::new(3);
    semaphore.try_acquire(2).unwrap().forget();
    assert_eq!(numbers(&semaphore), (1, 3));
    let mut request = queued(&semaphore, 3);
    semaphore.release(2);
    assert_eq!(request.ready().unwrap().permits(), 3);
    assert_eq!(numbers(&semaphore), (3, 3));
}

#[test]
fn drain_takes_what_is_free_up_to_its_limit_and_does_not_move_the_maximum() {
    let semaphore = Semaphore::new(5);
    assert_eq!(semaphore.drain_permits(0), 0);
    assert_eq!(semaphore.drain_permits(2), 2);
    assert_eq!(numbers(&semaphore), (3, 5));
    assert_eq!(semaphore.drain_permits(usize::MAX), 3);
    assert_eq!(numbers(&semaphore), (0, 5));
    assert_eq!(semaphore.drain_permits(1), 0);
    semaphore.release(5);
    assert_eq!(numbers(&semaphore), (5, 5));
}

#[test]
fn drain_takes_none_in_debt() {
    let semaphore = Semaphore::new(2);
    let permit = semaphore.try_acquire(2).unwrap();
    semaphore.reduce_permits(1);
    assert_eq!(semaphore.drain_permits(usize::MAX), 0);
    drop(permit);
    assert_eq!(numbers(&semaphore), (1, 1));
}

#[test]
fn what_is_out_counts_against_the_maximum_through_any_resize() {
    let semaphore = Semaphore::new(10);
    let held = semaphore.try_acquire(4).unwrap();
    semaphore.try_acquire(1).unwrap().forget();
    assert_eq!(semaphore.drain_permits(2), 2);
    for (added, reduced) in [(5, 3), (0, 12), (20, 1), (1, 20)] {
        semaphore.add_permits(added);
        semaphore.reduce_permits(reduced);
        let max = semaphore.max_permits();
        assert_eq!(semaphore.available_permits(), max.saturating_sub(7));
    }
    drop(held);
    semaphore.release(3);
    assert_eq!(semaphore.available_permits(), semaphore.max_permits());
}
