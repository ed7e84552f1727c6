//! What is wrong to ignore warns: each function here ignores one value, and expects that warning.
#![deny(unfulfilled_lint_expectations)]

use xsync::{CancelFlag, Permit, Semaphore};

static SEMAPHORE: Semaphore = Semaphore::new(2);
static FLAG: CancelFlag = CancelFlag::new();

/// By value, since a `Result` around it warns by itself.
fn permit() -> Permit<&'static Semaphore> {
    SEMAPHORE.try_acquire(1).unwrap()
}

#[expect(unused_must_use, reason = "a permit is given back at once")]
fn an_ignored_permit() {
    permit();
}

#[expect(unused_must_use, reason = "nothing is acquired")]
fn an_ignored_acquisition() {
    SEMAPHORE.acquire(2);
}

#[expect(unused_must_use, reason = "nothing waits")]
fn an_ignored_wait() {
    FLAG.cancelled();
}

#[expect(unused_must_use, reason = "a value for nothing")]
fn ignored_constructions() {
    Semaphore::new(1);
    Semaphore::with_max(0, 1);
    CancelFlag::new();
}

#[test]
fn what_is_ignored_has_no_effect() {
    an_ignored_permit();
    an_ignored_acquisition();
    an_ignored_wait();
    ignored_constructions();
    assert_eq!(SEMAPHORE.available_permits(), 2);
    assert!(!FLAG.is_cancelled());
}
