//! What a holder holds: split, merge, forget, and the ways to reach the semaphore.

use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use core::task::Poll;
use std::sync::Arc;

use xsync::{AcquireError, Handle, Permit, Semaphore, TryAcquireError};

use super::common::{panic_message, poll, task::Task};
use super::{numbers, queued};

#[test]
fn a_permit_knows_what_it_holds_and_of_which_semaphore() {
    let semaphore = Semaphore::new(3);
    let permit = semaphore.try_acquire(2).unwrap();
    assert_eq!(permit.permits(), 2);
    assert!(core::ptr::eq(permit.semaphore(), &semaphore));
    assert!(core::ptr::eq(*permit.handle(), &semaphore));
}

#[test]
fn split_takes_off_what_it_says_and_nothing_is_lost() {
    let semaphore = Semaphore::new(5);
    let mut permit = semaphore.try_acquire(5).unwrap();
    let two = permit.split(2).unwrap();
    let none = permit.split(0).unwrap();
    assert_eq!((permit.permits(), two.permits(), none.permits()), (3, 2, 0));
    assert_eq!(numbers(&semaphore), (0, 5));
    drop(two);
    assert_eq!(numbers(&semaphore), (2, 5));
    drop((permit, none));
    assert_eq!(numbers(&semaphore), (5, 5));
}

#[test]
fn split_refuses_more_than_it_holds_and_changes_nothing() {
    let semaphore = Semaphore::new(2);
    let mut permit = semaphore.try_acquire(2).unwrap();
    assert!(permit.split(3).is_none());
    assert!(permit.split(usize::MAX).is_none());
    assert_eq!(permit.permits(), 2);
    let all = permit.split(2).unwrap();
    assert_eq!((permit.permits(), all.permits()), (0, 2));
    assert!(permit.split(1).is_none());
}

#[test]
fn merge_adds_up_and_nothing_is_lost() {
    let semaphore = Semaphore::new(5);
    let mut permit = semaphore.try_acquire(2).unwrap();
    permit.merge(semaphore.try_acquire(3).unwrap());
    assert_eq!(permit.permits(), 5);
    assert_eq!(numbers(&semaphore), (0, 5));
    drop(permit);
    assert_eq!(numbers(&semaphore), (5, 5));
}

#[test]
fn merge_refuses_permits_of_another_semaphore_with_both_counts() {
    let (one, other) = (Semaphore::new(17), Semaphore::new(23));
    let mut permit = one.try_acquire(17).unwrap();
    let foreign = other.try_acquire(23).unwrap();
    let message = panic_message(|| permit.merge(foreign));
    assert!(message.contains("17") && message.contains("23"), "{message}");
    assert_eq!(permit.permits(), 17);
    // The foreign permit was moved in: it went back to where it came from.
    assert_eq!((numbers(&one), numbers(&other)), ((0, 17), (23, 23)));
    drop(permit);
    assert_eq!(numbers(&one), (17, 17));
}

#[test]
fn a_forgotten_permit_gives_nothing_back() {
    let semaphore = Semaphore::new(2);
    semaphore.try_acquire(2).unwrap().forget();
    assert_eq!(numbers(&semaphore), (0, 2));
}

#[test]
fn a_leaked_permit_keeps_its_permits_until_a_raw_release() {
    let semaphore = Semaphore::new(2);
    core::mem::forget(semaphore.try_acquire(2).unwrap());
    let mut request = queued(&semaphore, 1);
    request.assert_pending();
    semaphore.release(2);
    assert_eq!(request.ready().unwrap().permits(), 1);
    assert_eq!(numbers(&semaphore), (2, 2));
}

#[test]
fn splitting_and_merging_wakes_nobody() {
    let semaphore = Semaphore::new(2);
    let mut permit = semaphore.try_acquire(2).unwrap();
    let request = queued(&semaphore, 1);
    let part = permit.split(1).unwrap();
    permit.merge(part);
    assert_eq!(request.wakes(), 0);
    drop(permit);
    assert_eq!(request.wakes(), 1);
}

/// A semaphore inside a larger shared state; clones of its handle may be told to panic.
struct Pool {
    semaphore: Semaphore,
    name: &'static str,
    clone_panics: AtomicBool,
}

struct PoolHandle(Arc<Pool>);

impl Clone for PoolHandle {
    fn clone(&self) -> Self {
        assert!(!self.0.clone_panics.load(SeqCst), "cannot be cloned");
        Self(Arc::clone(&self.0))
    }
}

// SAFETY: the `Arc` owns the pool, whose semaphore is never replaced.
unsafe impl Handle for PoolHandle {
    fn semaphore(&self) -> &Semaphore {
        &self.0.semaphore
    }
}

fn pool(permits: usize) -> PoolHandle {
    PoolHandle(Arc::new(Pool {
        semaphore: Semaphore::new(permits),
        name: "pool",
        clone_panics: AtomicBool::new(false),
    }))
}

#[test]
fn a_handle_of_ones_own_reaches_the_semaphore_and_keeps_it_alive() {
    let handle = pool(2);
    let state = Arc::downgrade(&handle.0);
    let mut permit: Permit<PoolHandle> = Semaphore::try_acquire_with(handle, 2).unwrap();
    assert_eq!((permit.handle().0.name, numbers(permit.semaphore())), ("pool", (0, 2)));

    let mut waiting = Task::queued(Semaphore::acquire_with(permit.handle().clone(), 1));
    drop(permit.split(1));
    let granted = waiting.ready().unwrap();
    drop(permit);
    assert_eq!(numbers(granted.semaphore()), (1, 2));
    assert_eq!(state.strong_count(), 1);
    drop(granted);
    assert_eq!(state.strong_count(), 0);
}

#[test]
fn a_refused_request_drops_its_handle() {
    let handle = pool(1);
    let refused = Semaphore::try_acquire_with(handle.clone(), 2).unwrap_err();
    assert_eq!(refused, TryAcquireError::ExceedsMax { requested: 2, max: 1 });
    let mut request = Task::new(Semaphore::acquire_with(handle.clone(), 2));
    assert_eq!(request.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 2, max: 1 });
    assert_eq!(Arc::strong_count(&handle.0), 1);
}

#[test]
fn forgetting_a_permit_does_not_leak_its_handle() {
    let handle = pool(2);
    Semaphore::try_acquire_with(handle.clone(), 2).unwrap().forget();
    assert_eq!((Arc::strong_count(&handle.0), numbers(&handle.0.semaphore)), (1, (0, 2)));
}

#[test]
fn merging_does_not_leak_a_handle() {
    let handle = pool(2);
    let mut permit = Semaphore::try_acquire_with(handle.clone(), 1).unwrap();
    permit.merge(Semaphore::try_acquire_with(handle.clone(), 1).unwrap());
    assert_eq!((permit.permits(), Arc::strong_count(&handle.0)), (2, 2));
}

#[test]
fn a_panicking_clone_leaves_the_split_permit_whole() {
    let handle = pool(3);
    let mut permit = Semaphore::try_acquire_with(handle, 3).unwrap();
    permit.handle().0.clone_panics.store(true, SeqCst);
    assert_eq!(panic_message(|| permit.split(1)), "cannot be cloned");
    assert_eq!((permit.permits(), numbers(permit.semaphore())), (3, (0, 3)));
    permit.handle().0.clone_panics.store(false, SeqCst);
    assert_eq!(permit.split(1).unwrap().permits(), 1);
    assert_eq!((permit.permits(), numbers(permit.semaphore())), (2, (1, 3)));
}

#[test]
fn a_future_may_move_until_it_is_polled() {
    let semaphore = Semaphore::new(1);
    let request = semaphore.acquire(1);
    let mut moved = Box::pin(request);
    let Poll::Ready(Ok(permit)) = poll(moved.as_mut()) else { panic!("a permit was free") };
    assert_eq!(permit.permits(), 1);
}

#[cfg(feature = "alloc")]
mod owned {
    use super::*;
    use xsync::{AcquireOwned, OwnedPermit};

    #[test]
    fn an_owned_permit_keeps_the_semaphore_alive() {
        let semaphore = Arc::new(Semaphore::new(3));
        let weak = Arc::downgrade(&semaphore);
        let mut permit: OwnedPermit = semaphore.try_acquire_owned(3).unwrap();
        let mut waiting: Task<AcquireOwned> = Task::queued(semaphore.acquire_owned(1));
        drop(semaphore);

        let part = permit.split(2).unwrap();
        drop(permit);
        let granted = waiting.ready().unwrap();
        drop(waiting);
        drop(part);
        assert_eq!(numbers(granted.semaphore()), (2, 3));
        drop(granted);
        assert_eq!(weak.strong_count(), 0);
    }

    #[test]
    fn an_owned_request_keeps_the_semaphore_alive_while_it_waits() {
        let semaphore = Arc::new(Semaphore::with_max(0, 1));
        let weak = Arc::downgrade(&semaphore);
        let waiting = Task::queued(semaphore.acquire_owned(1));
        drop(semaphore);
        assert_eq!(weak.strong_count(), 1);
        weak.upgrade().unwrap().release(1);
        assert_eq!(waiting.wakes(), 1);
        waiting.cancel();
        assert_eq!(weak.strong_count(), 0);
    }

    #[test]
    fn owned_and_borrowed_requests_share_one_queue() {
        let semaphore = Arc::new(Semaphore::with_max(0, 2));
        let mut borrowed = queued(&semaphore, 1);
        let mut owned = Task::queued(semaphore.acquire_owned(1));
        semaphore.release(1);
        assert_eq!((borrowed.wakes(), owned.wakes()), (1, 0));
        drop(borrowed.ready().unwrap());
        assert_eq!(owned.ready().unwrap().permits(), 1);
    }
}
