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

#[expect(unused_must_use, reason = "a part that is given back at once")]
fn an_ignored_part() {
    permit().split(1);
}

#[expect(unused_must_use, reason = "a number that nobody knows any more")]
fn an_ignored_drain() {
    SEMAPHORE.drain_permits(0);
}

#[cfg(feature = "std")]
mod timed {
    use core::time::Duration;
    use std::time::Instant;

    use super::{FLAG, SEMAPHORE};

    #[expect(unused_must_use, reason = "whether it was granted")]
    pub(super) fn an_ignored_timeout() {
        SEMAPHORE.acquire(1).wait_timeout(Duration::ZERO);
    }

    #[expect(unused_must_use, reason = "whether it was granted")]
    pub(super) fn an_ignored_deadline() {
        SEMAPHORE.acquire(1).wait_deadline(Instant::now());
    }

    #[expect(unused_must_use, reason = "whether it was cancelled")]
    pub(super) fn an_ignored_timeout_of_a_flag() {
        FLAG.cancelled().wait_timeout(Duration::ZERO);
    }

    #[expect(unused_must_use, reason = "whether it was cancelled")]
    pub(super) fn an_ignored_deadline_of_a_flag() {
        FLAG.cancelled().wait_deadline(Instant::now());
    }
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
    an_ignored_part();
    an_ignored_drain();
    #[cfg(feature = "std")]
    {
        timed::an_ignored_timeout();
        timed::an_ignored_deadline();
        timed::an_ignored_timeout_of_a_flag();
        timed::an_ignored_deadline_of_a_flag();
    }
    ignored_constructions();
    assert_eq!(SEMAPHORE.available_permits(), 2);
    assert!(!FLAG.is_cancelled());
}
