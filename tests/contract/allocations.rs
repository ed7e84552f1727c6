//! Waiting allocates nothing: the place in the queue lives in the future. Only a thread that blocks has a parker, one
//! for all its waits.

use core::pin::pin;
use core::task::Poll;

use xsync::{AcquireError, AcquireUntilError, CancelFlag, Semaphore};

use crate::common::{CountingWaker, poll_with};
use crate::counting::allocations;

#[test]
fn a_semaphore_allocates_nothing() {
    let wakes = CountingWaker::new();
    let waker = wakes.waker();
    let other = CountingWaker::new().waker();
    let count = allocations(|| {
        let semaphore = Semaphore::with_max(1, 4);
        drop(semaphore.try_acquire(1));
        let mut granted = pin!(semaphore.acquire(2));
        let mut impossible = pin!(semaphore.acquire(4));
        let mut closed = pin!(semaphore.acquire(3));
        assert!(poll_with(granted.as_mut(), &waker).is_pending());
        assert!(poll_with(granted.as_mut(), &other).is_pending());
        assert!(poll_with(granted.as_mut(), &waker).is_pending());
        assert!(poll_with(impossible.as_mut(), &waker).is_pending());
        assert!(poll_with(closed.as_mut(), &waker).is_pending());
        {
            let cancelled = pin!(semaphore.acquire(1));
            assert!(poll_with(cancelled, &waker).is_pending());
        }
        semaphore.release(1);
        let Poll::Ready(Ok(mut permit)) = poll_with(granted, &waker) else { panic!("granted") };
        semaphore.reduce_permits(1);
        assert!(matches!(poll_with(impossible, &waker), Poll::Ready(Err(AcquireError::ExceedsMax { .. }))));
        let part = permit.split(1);
        semaphore.add_permits(1);
        semaphore.close();
        assert!(matches!(poll_with(closed, &waker), Poll::Ready(Err(AcquireError::Closed))));
        drop((permit, part));
    });
    assert_eq!((count, wakes.wakes()), (0, 3));
}

#[test]
fn a_flag_allocates_nothing() {
    let wakes = CountingWaker::new();
    let waker = wakes.waker();
    let count = allocations(|| {
        let flag = CancelFlag::new();
        let mut waiting = pin!(flag.cancelled());
        assert!(poll_with(waiting.as_mut(), &waker).is_pending());
        flag.cancel();
        assert!(poll_with(waiting, &waker).is_ready());
    });
    assert_eq!((count, wakes.wakes()), (0, 1));
}

#[test]
fn what_a_flag_ends_allocates_nothing() {
    let wakes = CountingWaker::new();
    let waker = wakes.waker();
    let count = allocations(|| {
        let (semaphore, flag) = (Semaphore::with_max(0, 1), CancelFlag::new());
        let mut granted = pin!(semaphore.acquire_until(1, &flag));
        let mut cancelled = pin!(semaphore.acquire(1).until(&flag));
        let mut run = pin!(flag.run_until_cancelled(core::future::pending::<()>()));
        assert!(poll_with(granted.as_mut(), &waker).is_pending());
        assert!(poll_with(cancelled.as_mut(), &waker).is_pending());
        assert!(poll_with(run.as_mut(), &waker).is_pending());
        semaphore.release(1);
        let Poll::Ready(permit) = poll_with(granted, &waker) else { panic!("granted") };
        flag.cancel();
        assert!(matches!(poll_with(cancelled, &waker), Poll::Ready(Err(AcquireUntilError::Cancelled))));
        assert_eq!(poll_with(run, &waker), Poll::Ready(None));
        drop(permit);
    });
    assert_eq!(count, 0);
    assert!(wakes.wakes() >= 3);
}

#[cfg(feature = "alloc")]
#[test]
fn owned_forms_allocate_nothing_either() {
    let semaphore = std::sync::Arc::new(Semaphore::with_max(0, 1));
    let waker = CountingWaker::new().waker();
    let count = allocations(|| {
        let mut request = pin!(semaphore.acquire_owned(1));
        assert!(poll_with(request.as_mut(), &waker).is_pending());
        semaphore.release(1);
        let Poll::Ready(permit) = poll_with(request, &waker) else { panic!("granted") };
        drop(permit);
        drop(semaphore.try_acquire_owned(1));
    });
    assert_eq!(count, 0);
}

#[cfg(feature = "std")]
mod blocking {
    use core::time::Duration;
    use std::thread;

    use crate::common::{in_time, shared::Shared};
    use crate::counting::allocations;
    use xsync::{CancelFlag, Semaphore};

    #[test]
    fn a_thread_allocates_one_parker_for_all_its_waits() {
        in_time(|| {
            const WAITS: usize = 500;
            let semaphore = Shared::new(Semaphore::with_max(0, 1));
            let releasing = semaphore.clone();
            let releaser = thread::spawn(move || {
                for _ in 0..WAITS {
                    while releasing.try_acquire(0).is_ok() {
                        thread::yield_now();
                    }
                    releasing.release(1);
                }
            });
            let wait = || semaphore.acquire(1).wait().unwrap().forget();
            let first = allocations(wait);
            // The parker, and the waker that unparks.
            assert!((1..=2).contains(&first), "{first}");
            assert_eq!(allocations(|| (1..WAITS).for_each(|_| wait())), 0);
            releaser.join().unwrap();

            let flag = CancelFlag::new();
            let timed = allocations(|| {
                assert!(semaphore.acquire(1).wait_timeout(Duration::from_millis(1)).is_none());
                assert!(!flag.cancelled().wait_timeout(Duration::from_millis(1)));
            });
            assert_eq!(timed, 0);
        });
    }
}
