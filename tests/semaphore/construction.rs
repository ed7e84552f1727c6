//! `new` and `with_max`: constant, exact, and strict about their arguments.

use xsync::{AcquireError, Semaphore, TryAcquireError};

use super::common::{panic_message, poll};
use super::numbers;

#[test]
fn new_has_all_permits_free_and_its_maximum_is_their_number() {
    for permits in [0, 1, 2, 1000, Semaphore::MAX_PERMITS] {
        let semaphore = Semaphore::new(permits);
        assert_eq!(numbers(&semaphore), (permits, permits));
        assert!(!semaphore.is_closed());
    }
}

#[test]
fn with_max_holds_the_rest_out_until_it_is_released() {
    let semaphore = Semaphore::with_max(1, 3);
    assert_eq!(numbers(&semaphore), (1, 3));
    assert_eq!(semaphore.try_acquire(2).unwrap_err(), TryAcquireError::NoPermits);
    semaphore.release(2);
    assert_eq!(numbers(&semaphore), (3, 3));
    assert!(semaphore.try_acquire(3).is_ok());
    panic_message(|| semaphore.release(1));
}

#[test]
fn a_static_needs_no_initialisation_at_run_time() {
    static ALL: Semaphore = Semaphore::new(2);
    static SOME: Semaphore = Semaphore::with_max(1, 2);
    assert_eq!((numbers(&ALL), numbers(&SOME)), ((2, 2), (1, 2)));
    let permit = ALL.try_acquire(2).unwrap();
    assert_eq!(numbers(permit.semaphore()), (0, 2));
}

#[test]
fn a_moved_semaphore_keeps_its_numbers() {
    let semaphore = Semaphore::with_max(1, 2);
    semaphore.try_acquire(1).unwrap().forget();
    let moved = Box::new(semaphore);
    assert_eq!(numbers(&moved), (0, 2));
}

#[test]
fn a_semaphore_of_none_serves_requests_for_none() {
    let semaphore = Semaphore::new(0);
    assert_eq!(semaphore.try_acquire(0).unwrap().permits(), 0);
    let mut request = Box::pin(semaphore.acquire(1));
    assert!(matches!(
        poll(request.as_mut()),
        core::task::Poll::Ready(Err(AcquireError::ExceedsMax { requested: 1, max: 0 }))
    ));
}

#[test]
fn more_than_max_permits_is_refused_with_both_numbers() {
    let too_many = Semaphore::MAX_PERMITS + 1;
    for refused in [too_many, usize::MAX] {
        for message in [panic_message(|| Semaphore::new(refused)), panic_message(|| Semaphore::with_max(0, refused))] {
            assert!(message.contains(&refused.to_string()), "{message}");
            assert!(message.contains(&Semaphore::MAX_PERMITS.to_string()), "{message}");
        }
    }
}

#[test]
fn more_free_permits_than_the_maximum_is_refused_with_both_numbers() {
    let message = panic_message(|| Semaphore::with_max(4321, 1234));
    assert!(message.contains("4321") && message.contains("1234"), "{message}");
}
