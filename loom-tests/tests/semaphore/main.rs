//! The semaphore: one model per race between two or three of its operations.

mod blocking;
mod close;
mod give_up;
mod grant;
mod publication;
mod resize;
mod until;

use xsync::{AcquireError, Permit, Semaphore};

/// A grant.
type Held = Permit<&'static Semaphore>;

/// What an acquisition gives.
type Acquired = Result<Held, AcquireError>;

/// A semaphore with nothing free, and a permit with everything.
fn all_held(max: usize) -> (&'static Semaphore, Held) {
    let semaphore = xsync_loom_tests::forever(Semaphore::new(max));
    (semaphore, semaphore.try_acquire(max).expect("all are free"))
}

/// Checks the state exactly, with nobody queued. A negative count is debt.
#[track_caller]
fn assert_idle(semaphore: &Semaphore, count: isize, max: usize) {
    assert_state(semaphore, count, max, false, false);
}

/// As [`assert_idle`], after a close.
#[track_caller]
fn assert_closed(semaphore: &Semaphore, count: isize, max: usize) {
    assert_state(semaphore, count, max, false, true);
}

#[track_caller]
fn assert_state(semaphore: &Semaphore, count: isize, max: usize, queued: bool, closed: bool) {
    assert_eq!(semaphore.available_permits(), usize::try_from(count).unwrap_or(0));
    assert_eq!(semaphore.max_permits(), max);
    assert_eq!(semaphore.is_closed(), closed);
    // The debt and `QUEUED` show only here.
    let expected = format!("Semaphore {{ count: {count}, max: {max}, queued: {queued}, closed: {closed} }}");
    assert_eq!(format!("{semaphore:?}"), expected);
}
