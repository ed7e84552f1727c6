//! Over-release and overflow panic with the numbers, and nothing has changed.

use xsync::Semaphore;

use super::common::panic_message;
use super::{numbers, queued};

#[track_caller]
fn assert_names(message: &str, wanted: &[usize]) {
    for number in wanted {
        assert!(message.split(|c: char| !c.is_ascii_digit()).any(|word| word == number.to_string()), "{message}");
    }
}

#[test]
fn releasing_what_nobody_holds_panics_with_the_numbers() {
    let semaphore = Semaphore::with_max(12, 17);
    assert_names(&panic_message(|| semaphore.release(6)), &[6, 12, 17]);
    assert_eq!(numbers(&semaphore), (12, 17));
    semaphore.release(5);
    assert_names(&panic_message(|| semaphore.release(1)), &[1, 17]);
    assert_eq!(numbers(&semaphore), (17, 17));
}

#[test]
fn no_number_overflows() {
    let semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
    for n in [1, Semaphore::MAX_PERMITS, usize::MAX / 4, usize::MAX / 2, usize::MAX / 2 + 1, usize::MAX] {
        assert_names(&panic_message(|| semaphore.release(n)), &[n]);
        assert_names(&panic_message(|| semaphore.add_permits(n)), &[n, Semaphore::MAX_PERMITS]);
        assert_eq!(numbers(&semaphore), (Semaphore::MAX_PERMITS, Semaphore::MAX_PERMITS));
    }
    assert_eq!(semaphore.try_acquire(1).unwrap().permits(), 1);
}

#[test]
fn a_guard_whose_permits_were_released_already_panics_however_many_it_holds() {
    for times in [1, 2, 3, 5, 17] {
        let semaphore = Semaphore::new(Semaphore::MAX_PERMITS);
        let mut guard = semaphore.try_acquire(0).unwrap();
        for _ in 0..times {
            guard.merge(semaphore.try_acquire(Semaphore::MAX_PERMITS).unwrap());
            semaphore.release(Semaphore::MAX_PERMITS);
        }
        let held = guard.permits();
        assert_names(&panic_message(|| drop(guard)), &[held, Semaphore::MAX_PERMITS]);
        assert_eq!(numbers(&semaphore), (Semaphore::MAX_PERMITS, Semaphore::MAX_PERMITS));
    }
}

#[test]
fn releasing_too_much_leaves_the_queue_as_it_was() {
    let semaphore = Semaphore::with_max(2, 5);
    let mut front = queued(&semaphore, 4);
    let behind = queued(&semaphore, 1);
    // The front would fit, were this not one too many.
    assert_names(&panic_message(|| semaphore.release(4)), &[4, 2, 5]);
    assert_eq!(numbers(&semaphore), (2, 5));
    assert_eq!([front.wakes(), behind.wakes()], [0, 0]);
    front.assert_pending();
    semaphore.release(3);
    assert_eq!([front.wakes(), behind.wakes()], [1, 1]);
    assert_eq!(front.ready().unwrap().permits(), 4);
}

#[test]
fn releasing_too_much_in_debt_is_measured_by_the_new_maximum() {
    let semaphore = Semaphore::new(10);
    semaphore.try_acquire(9).unwrap().forget();
    semaphore.reduce_permits(4);
    // One is free, four are gone: three are owed of the nine that are out.
    panic_message(|| semaphore.release(10));
    assert_eq!(numbers(&semaphore), (0, 6));
    semaphore.release(9);
    assert_eq!(numbers(&semaphore), (6, 6));
}

#[test]
fn adding_past_the_limit_panics_with_the_numbers() {
    let semaphore = Semaphore::with_max(1, 7);
    let message = panic_message(|| semaphore.add_permits(Semaphore::MAX_PERMITS - 6));
    assert_names(&message, &[Semaphore::MAX_PERMITS - 6, 7, Semaphore::MAX_PERMITS]);
    assert_eq!(numbers(&semaphore), (1, 7));
    semaphore.add_permits(Semaphore::MAX_PERMITS - 7);
    assert_eq!(numbers(&semaphore), (Semaphore::MAX_PERMITS - 6, Semaphore::MAX_PERMITS));
}

#[test]
fn reducing_below_zero_panics_with_the_numbers() {
    let semaphore = Semaphore::with_max(1, 7);
    let mut request = queued(&semaphore, 7);
    for n in [8, usize::MAX] {
        assert_names(&panic_message(|| semaphore.reduce_permits(n)), &[n, 7]);
        assert_eq!(numbers(&semaphore), (1, 7));
        request.assert_pending();
    }
    semaphore.release(6);
    assert_eq!(request.ready().unwrap().permits(), 7);
}

#[test]
fn dropping_a_permit_whose_permits_were_released_behind_its_back_panics() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire(2).unwrap();
    semaphore.release(2);
    assert_names(&panic_message(|| drop(permit)), &[2, 3]);
    assert_eq!(numbers(&semaphore), (3, 3));
}
