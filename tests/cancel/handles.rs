//! The same states with handles that own: each handle is dropped, whatever became of its request.

use xsync::{Handle, Semaphore};

use crate::common::{shared::Shared, task::Task};

/// Drops a request in each state; `handles` counts those that exist, `handle` among them.
fn each_state_drops_its_handle<H: Handle + Clone>(handle: &H, handles: impl Fn() -> usize) {
    let semaphore = handle.semaphore();
    let request = |n| Task::new(Semaphore::acquire_with(handle.clone(), n));
    let queued = |n| Task::queued(Semaphore::acquire_with(handle.clone(), n));
    let alone = handles();
    assert_eq!((semaphore.available_permits(), semaphore.max_permits()), (0, 4));

    let never_polled = request(1);
    assert_eq!(handles(), alone + 1);
    never_polled.cancel();
    assert_eq!(handles(), alone, "never polled");

    let (front, middle, back) = (queued(1), queued(1), queued(1));
    assert_eq!(handles(), alone + 3);
    for (place, request) in [("middle", middle), ("front", front), ("back", back)] {
        let before = handles();
        request.cancel();
        assert_eq!(handles(), before - 1, "{place}");
    }

    let granted = queued(2);
    semaphore.release(2);
    granted.cancel();
    assert_eq!((handles(), semaphore.available_permits()), (alone, 2), "granted");

    let mut completed = request(2);
    let permit = completed.ready().unwrap_or_else(|_| panic!("two are free"));
    assert_eq!(handles(), alone + 1, "the permit's");
    completed.cancel();
    drop(permit);
    assert_eq!((handles(), semaphore.available_permits()), (alone, 2), "completed");

    let mut refused = request(5);
    assert!(refused.ready().is_err());
    assert_eq!(handles(), alone, "refused");

    let impossible = queued(4);
    semaphore.reduce_permits(1);
    impossible.cancel();
    assert_eq!((handles(), semaphore.available_permits()), (alone, 1), "impossible");

    let closed = queued(3);
    semaphore.close();
    closed.cancel();
    assert_eq!((handles(), semaphore.available_permits()), (alone, 1), "closed");
}

#[test]
fn a_handle_of_ones_own_is_dropped_in_each_state() {
    let handle = Shared::new(Semaphore::with_max(0, 4));
    each_state_drops_its_handle(&handle, || handle.handles());
}

#[cfg(feature = "alloc")]
#[expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]
#[test]
fn an_arc_is_dropped_in_each_state() {
    let handle = std::sync::Arc::new(Semaphore::with_max(0, 4));
    each_state_drops_its_handle(&handle, || std::sync::Arc::strong_count(&handle));
}
