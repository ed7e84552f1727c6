//! One acquisition with a cancellation: who wins in each state, and that the numbers are exact.

use futures_core::FusedFuture;
use xsync::{AcquireError, AcquireUntil, AcquireUntilError, CancelFlag, Semaphore};

use crate::common::{CountingWaker, kept, panic_message, task::Task};
use crate::source::Source;

for_each_source! {
    cancelled_before_wins_over_free_permits,
    cancelled_before_wins_over_the_other_errors,
    not_cancelled_it_is_an_acquisition,
    cancelled_while_queued_it_is_woken_once,
    cancelled_while_granted_the_permits_go_back,
    cancelled_and_then_granted_the_permits_go_back,
    closed_and_then_cancelled_it_is_cancelled,
    impossible_and_then_cancelled_it_is_cancelled,
    a_permit_outlives_the_cancellation,
    dropped_in_each_state_it_leaves_nothing,
    the_newest_waker_alone_is_kept_and_fired,
    polled_after_it_completed_it_panics,
    complete_it_waits_for_nothing,
    it_is_terminated_when_it_is_complete,
}

type Request<'a> = Task<AcquireUntil<'a, &'a Semaphore>>;

pub(crate) fn request<'a, S: Source>(semaphore: &'a Semaphore, n: usize, source: &'a S) -> Request<'a> {
    Task::new(semaphore.acquire_until(n, source.watched()))
}

#[track_caller]
pub(crate) fn queued<'a, S: Source>(semaphore: &'a Semaphore, n: usize, source: &'a S) -> Request<'a> {
    Task::queued(semaphore.acquire_until(n, source.watched()))
}

#[track_caller]
pub(crate) fn assert_cancelled(request: &mut Request<'_>) {
    assert_eq!(request.ready().unwrap_err(), AcquireUntilError::Cancelled);
    assert_eq!(request.kept(), 0, "nobody has its waker");
}

/// So many are free and nobody is queued.
#[track_caller]
pub(crate) fn assert_free(semaphore: &Semaphore, free: usize) {
    assert_eq!(semaphore.available_permits(), free);
    assert!(semaphore.is_closed() || semaphore.try_acquire(free).is_ok());
}

fn cancelled_before_wins_over_free_permits<S: Source>() {
    let (semaphore, source) = (Semaphore::new(3), S::default());
    let mut before = request(&semaphore, 1, &source);
    source.cancel();
    let mut requests = [before, request(&semaphore, 3, &source), request(&semaphore, 0, &source)];
    requests.iter_mut().for_each(assert_cancelled);
    assert!(requests.iter().all(|request| request.wakes() == 0));
    assert_free(&semaphore, 3);
    before = request(&semaphore, 1, &source);
    drop(before);
    assert_free(&semaphore, 3);
}

fn cancelled_before_wins_over_the_other_errors<S: Source>() {
    let (semaphore, source) = (Semaphore::new(1), S::default());
    source.cancel();
    assert_cancelled(&mut request(&semaphore, 2, &source));
    semaphore.close();
    assert_cancelled(&mut request(&semaphore, 1, &source));
}

fn not_cancelled_it_is_an_acquisition<S: Source>() {
    let (semaphore, source) = (Semaphore::new(3), S::default());
    let two = request(&semaphore, 2, &source).ready().unwrap();
    assert_eq!((two.permits(), semaphore.available_permits()), (2, 1));
    assert_eq!(request(&semaphore, 0, &source).ready().unwrap().permits(), 0);
    let too_much = request(&semaphore, 4, &source).ready().unwrap_err();
    assert_eq!(too_much, AcquireUntilError::ExceedsMax { requested: 4, max: 3 });

    let mut front = queued(&semaphore, 2, &source);
    let mut behind = queued(&semaphore, 1, &source);
    assert!(semaphore.try_acquire(1).is_err(), "nobody passes");
    drop(two);
    assert_eq!([&front, &behind].map(|request| request.wakes()), [1, 1]);
    let permits = [front.ready().unwrap(), behind.ready().unwrap()];
    assert_eq!(permits.each_ref().map(|permit| permit.permits()), [2, 1]);

    let mut closed = queued(&semaphore, 1, &source);
    semaphore.close();
    assert_eq!(closed.ready().unwrap_err(), AcquireUntilError::Closed);
    assert_eq!(request(&semaphore, 1, &source).ready().unwrap_err(), AcquireUntilError::Closed);
    drop(permits);
    assert_free(&semaphore, 3);
}

fn cancelled_while_queued_it_is_woken_once<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(0, 1), S::default());
    let mut waiting = queued(&semaphore, 1, &source);
    waiting.assert_pending();
    assert_eq!((waiting.wakes(), waiting.kept()), (0, 2), "one waits for the permit, one for the cancellation");
    source.cancel();
    assert_eq!(waiting.wakes(), 1);
    assert_cancelled(&mut waiting);
    semaphore.release(1);
    assert_eq!(waiting.wakes(), 1, "it is no longer queued, although it is still there");
    assert_free(&semaphore, 1);
}

fn cancelled_while_granted_the_permits_go_back<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(0, 9), S::default());
    let mut granted = queued(&semaphore, 3, &source);
    let mut behind = [2, 1, 1].map(|n| Task::queued(semaphore.acquire(n)));
    semaphore.release(3);
    assert_eq!((granted.wakes(), semaphore.available_permits()), (1, 0));
    source.cancel();
    assert_eq!(behind.each_ref().map(Task::wakes), [0; 3]);
    assert_cancelled(&mut granted);
    assert_eq!(behind.each_ref().map(Task::wakes), [1, 1, 0]);
    let permits = [behind[0].ready().unwrap(), behind[1].ready().unwrap()];
    drop((behind, permits));
    assert_free(&semaphore, 3);
    drop(granted);
    assert_free(&semaphore, 3);
}

fn cancelled_and_then_granted_the_permits_go_back<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(0, 2), S::default());
    let mut waiting = queued(&semaphore, 2, &source);
    let mut behind = Task::queued(semaphore.acquire(1));
    source.cancel();
    semaphore.release(2);
    assert_eq!((waiting.wakes(), behind.wakes(), semaphore.available_permits()), (2, 0, 0));
    assert_cancelled(&mut waiting);
    assert_eq!((behind.wakes(), semaphore.available_permits()), (1, 1));
    assert_eq!(behind.ready().unwrap().permits(), 1);
    assert_free(&semaphore, 2);
}

fn closed_and_then_cancelled_it_is_cancelled<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(1, 2), S::default());
    let mut waiting = queued(&semaphore, 2, &source);
    semaphore.close();
    source.cancel();
    assert_cancelled(&mut waiting);
    assert_free(&semaphore, 1);
}

fn impossible_and_then_cancelled_it_is_cancelled<S: Source>() {
    let (semaphore, source, never) = (Semaphore::with_max(1, 3), S::default(), S::default());
    let mut waiting = queued(&semaphore, 3, &source);
    let mut other = queued(&semaphore, 3, &never);
    semaphore.reduce_permits(1);
    source.cancel();
    assert_cancelled(&mut waiting);
    assert_eq!(other.ready().unwrap_err(), AcquireUntilError::ExceedsMax { requested: 3, max: 2 });
    assert_free(&semaphore, 0);
}

fn a_permit_outlives_the_cancellation<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(1, 2), S::default());
    let mut at_once = request(&semaphore, 1, &source);
    let served = at_once.ready().unwrap();
    let mut waiting = queued(&semaphore, 1, &source);
    semaphore.release(1);
    let granted = waiting.ready().unwrap();
    source.cancel();
    drop((at_once, waiting));
    assert_free(&semaphore, 0);
    drop((served, granted));
    assert_free(&semaphore, 2);
}

fn dropped_in_each_state_it_leaves_nothing<S: Source>() {
    for cancelled in [false, true] {
        let source = S::default();
        let semaphore = Semaphore::with_max(0, 5);
        let cancel = || {
            if cancelled {
                source.cancel()
            }
        };
        let gone = |request: Request<'_>, fired: usize| {
            let counter = request.cancel();
            assert_eq!((kept(&counter), counter.wakes()), (0, fired));
        };
        let (never_polled, waiting, granted) =
            (request(&semaphore, 1, &source), queued(&semaphore, 2, &source), queued(&semaphore, 1, &source));
        let wakes = usize::from(cancelled);
        cancel();
        gone(never_polled, 0);
        gone(waiting, wakes);
        semaphore.release(1);
        gone(granted, wakes + 1);
        assert_free(&semaphore, 1);
    }
    let (semaphore, source) = (Semaphore::with_max(0, 1), S::default());
    let mut completed = queued(&semaphore, 1, &source);
    semaphore.release(1);
    let permit = completed.ready().unwrap();
    source.cancel();
    let counter = completed.cancel();
    assert_eq!((kept(&counter), counter.wakes()), (0, 1));
    drop(permit);
    assert_free(&semaphore, 1);
}

fn the_newest_waker_alone_is_kept_and_fired<S: Source>() {
    for cancelled in [false, true] {
        let (semaphore, source) = (Semaphore::with_max(0, 1), S::default());
        let mut waiting = queued(&semaphore, 1, &source);
        let newer = CountingWaker::new();
        assert!(waiting.poll_with(&newer.waker()).is_pending());
        assert_eq!((waiting.kept(), kept(&newer)), (0, 2));
        if cancelled {
            source.cancel()
        } else {
            semaphore.release(1)
        }
        assert_eq!((waiting.wakes(), newer.wakes(), kept(&newer)), (0, 1, 1));
        drop(waiting);
        assert_eq!(kept(&newer), 0);
    }
}

/// Whatever it was that completed it, the cancellation included.
fn polled_after_it_completed_it_panics<S: Source>() {
    for cancelled in [false, true] {
        let (semaphore, source) = (Semaphore::new(1), S::default());
        let mut request = request(&semaphore, 1, &source);
        if cancelled {
            source.cancel();
            assert_cancelled(&mut request);
        } else {
            assert_eq!(request.ready().unwrap().permits(), 1);
        }
        assert!(panic_message(|| request.poll()).contains("after it completed"));
        source.cancel();
        assert!(panic_message(|| request.poll()).contains("after it completed"));
        drop(request);
        assert_free(&semaphore, 1);
    }
}

/// Nobody is left with its waker, although the future is still there.
fn complete_it_waits_for_nothing<S: Source>() {
    let (semaphore, source) = (Semaphore::with_max(0, 2), S::default());
    let mut granted = queued(&semaphore, 1, &source);
    semaphore.release(1);
    let permit = granted.ready().unwrap();
    let mut closed = queued(&semaphore, 1, &source);
    semaphore.close();
    assert_eq!(closed.ready().unwrap_err(), AcquireUntilError::Closed);
    for request in [&granted, &closed] {
        assert_eq!((request.wakes(), request.kept()), (1, 0));
    }
    source.cancel();
    assert_eq!([granted.wakes(), closed.wakes()], [1, 1]);
    drop(permit);
    assert_free(&semaphore, 1);
}

fn it_is_terminated_when_it_is_complete<S: Source>() {
    let (semaphore, source) = (Semaphore::new(1), S::default());
    let mut served = request(&semaphore, 1, &source);
    assert!(!served.future().is_terminated());
    let permit = served.ready().unwrap();
    assert!(served.future().is_terminated());
    let mut waiting = queued(&semaphore, 1, &source);
    assert!(!waiting.future().is_terminated());
    source.cancel();
    assert!(!waiting.future().is_terminated(), "it was not polled since");
    assert_cancelled(&mut waiting);
    assert!(waiting.future().is_terminated());
    drop(permit);
}

#[test]
fn a_cancelled_owned_acquisition_gives_its_handle_up_at_once() {
    use crate::common::shared::Shared;
    let (semaphore, flag) = (Shared::new(Semaphore::with_max(0, 1)), CancelFlag::new());
    let mut waiting = Task::queued(semaphore.request(1).until(&flag));
    assert_eq!(semaphore.handles(), 2);
    flag.cancel();
    assert_eq!(waiting.ready().unwrap_err(), AcquireUntilError::Cancelled);
    assert_eq!(semaphore.handles(), 1);
    drop(waiting);
    assert_eq!(semaphore.handles(), 1);
}

#[cfg(feature = "alloc")]
#[test]
fn owned_acquisitions_end_by_a_token_too() {
    use std::sync::Arc;
    let (semaphore, token) = (Arc::new(Semaphore::new(1)), xsync::CancelToken::new());
    let permit: xsync::OwnedPermit = Task::new(semaphore.acquire_owned(1).until(&token)).ready().unwrap();
    let mut waiting = Task::queued(semaphore.acquire_owned(1).until(&token));
    let mut behind = Task::queued(Arc::clone(&semaphore).acquire_owned(1));
    drop(permit);
    token.cancel();
    assert_eq!(behind.wakes(), 0);
    assert_eq!(waiting.ready().unwrap_err(), AcquireUntilError::Cancelled);
    assert_eq!((behind.wakes(), Arc::strong_count(&semaphore)), (1, 2));
    assert_eq!(behind.ready().unwrap().permits(), 1);
    assert_free(&semaphore, 1);
}

#[test]
fn its_errors_are_those_of_an_acquisition_and_one_more() {
    let exceeds = AcquireError::ExceedsMax { requested: 4, max: 3 };
    for (error, source) in [
        (AcquireUntilError::Closed, AcquireError::Closed),
        (AcquireUntilError::ExceedsMax { requested: 4, max: 3 }, exceeds),
    ] {
        assert_eq!(AcquireUntilError::from(source), error);
        assert_eq!(error.to_string(), source.to_string());
    }
    assert_eq!(AcquireUntilError::Cancelled.to_string(), "the acquisition was cancelled");
}

#[test]
fn debug_output_shows_the_acquisition() {
    let (semaphore, flag) = (Semaphore::with_max(0, 7), CancelFlag::new());
    let waiting = queued(&semaphore, 7, &flag);
    let text = format!("{:?}", waiting.future());
    assert!(text.starts_with("AcquireUntil") && text.contains('7') && text.contains("Waiting"), "{text}");
}
