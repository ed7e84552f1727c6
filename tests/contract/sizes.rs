//! Sizes, in bytes on 64-bit targets.
#![cfg(target_pointer_width = "64")]

use core::mem::size_of;

use xsync::{Acquire, AcquireError, CancelFlag, Cancelled, Permit, Semaphore, TryAcquireError};

#[test]
fn a_semaphore_takes_at_most_forty_bytes() {
    // std's mutex is one word or less where it is a futex.
    let bound = if cfg!(feature = "std") && !cfg!(any(target_os = "linux", target_os = "android")) { 48 } else { 40 };
    assert!(size_of::<Semaphore>() <= bound, "{}", size_of::<Semaphore>());
}

#[test]
fn a_flag_is_no_larger_than_a_semaphore() {
    assert!(size_of::<CancelFlag>() <= size_of::<Semaphore>());
}

#[test]
fn the_futures_take_at_most_sixty_four_bytes() {
    assert!(size_of::<Acquire<&Semaphore>>() <= 64);
    assert!(size_of::<Cancelled<'_>>() <= 64);
    #[cfg(feature = "alloc")]
    assert!(size_of::<xsync::AcquireOwned>() <= 64);
}

#[test]
fn a_permit_is_its_handle_and_a_count() {
    assert_eq!(size_of::<Permit<&Semaphore>>(), 16);
    #[cfg(feature = "alloc")]
    assert_eq!(size_of::<xsync::OwnedPermit>(), 16);
}

#[test]
fn results_take_no_room_beyond_their_parts() {
    assert!(size_of::<Result<Permit<&Semaphore>, AcquireError>>() <= 24);
    assert!(size_of::<Result<Permit<&Semaphore>, TryAcquireError>>() <= 24);
}
