//! Sizes, in bytes on 64-bit targets.
#![cfg(target_pointer_width = "64")]

use core::mem::size_of;

use xsync::{
    Acquire, AcquireError, AcquireUntil, AcquireUntilError, CancelFlag, Cancelled, Permit, RunUntilCancelled,
    Semaphore, TryAcquireError,
};

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
fn what_a_cancellation_ends_takes_its_parts() {
    assert_eq!(
        size_of::<AcquireUntil<'_, &Semaphore>>(),
        size_of::<Acquire<&Semaphore>>() + size_of::<Cancelled<'_>>()
    );
    assert_eq!(size_of::<RunUntilCancelled<'_, [u64; 9]>>(), size_of::<Cancelled<'_>>() + 72);
    assert!(size_of::<AcquireUntil<'_, &Semaphore>>() <= 128);
}

#[cfg(feature = "alloc")]
#[test]
fn tokens_are_pointers() {
    use xsync::{CancelToken, Cause, DropGuard};
    assert_eq!(size_of::<CancelToken>(), 8);
    assert_eq!(size_of::<Option<CancelToken>>(), 8);
    assert_eq!(size_of::<DropGuard>(), 8);
    assert!(size_of::<Option<Cause>>() <= 24);
}

#[cfg(feature = "alloc")]
#[test]
fn the_parts_of_a_group_are_small() {
    use xsync::{Child, ErrGroup, GroupError, Join, Member, Panic, Reason, Refused, Spawn, Spawner, Tracked, Wait};

    /// Of a future that, like most, knows when it is not there.
    type Work = core::future::Ready<Result<(), u64>>;
    const WORK: usize = size_of::<Option<Work>>();
    /// A place in a queue.
    const WAITER: usize = size_of::<Cancelled<'_>>() - 8;

    assert_eq!(size_of::<Spawner<u64>>(), 8);
    for (name, size, bound) in [
        ("ErrGroup", size_of::<ErrGroup<u64>>(), 24),
        ("Member", size_of::<Member<u64>>(), 16),
        ("Child", size_of::<Child<Work, u64>>(), WAITER + WORK + 24),
        ("Tracked", size_of::<Tracked<Work, u64>>(), 2 * WAITER + WORK + 48),
        ("Spawn", size_of::<Spawn<'_, Work, fn(), u64>>(), size_of::<AcquireUntil<'_, &Semaphore>>() + WORK + 16),
        ("Wait", size_of::<Wait<'_, u64>>(), WAITER + 8),
        ("Join", size_of::<Join<u64>>(), WAITER + 24),
        ("GroupError", size_of::<GroupError<u64>>(), 16),
        ("Panic", size_of::<Panic>(), 8),
        ("Reason", size_of::<Reason>(), 1),
        ("Refused", size_of::<Refused<u64>>(), 16),
    ] {
        assert!(size <= bound, "{name}: {size}, more than {bound}");
    }
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
    assert!(size_of::<Result<Permit<&Semaphore>, AcquireUntilError>>() <= 24);
}
