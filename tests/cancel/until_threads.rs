//! `acquire_until` for threads: all forms end by the grant, by the cancellation, or in time, and nothing is lost.

use core::time::Duration;
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use xsync::{AcquireUntil, AcquireUntilError, Permit, Semaphore};

use crate::acquire_until::assert_free;
use crate::common::{in_time, shared::Shared, task::Task};
use crate::source::Source;

for_each_source! {
    a_grant_ends_each_form,
    a_cancellation_ends_each_form,
    cancelled_before_no_form_takes_a_permit,
    a_time_that_passes_leaves_nothing,
    threads_and_cancellations_conserve_permits,
}

/// Long enough that only a lost wake reaches it.
const LONG: Duration = Duration::from_secs(3600);

type Outcome = Option<Result<Permit<Shared>, AcquireUntilError>>;
type Form = fn(AcquireUntil<'_, Shared>) -> Outcome;

const FORMS: [Form; 4] = [
    |request| Some(request.wait()),
    |request| request.wait_timeout(LONG),
    |request| request.wait_timeout(Duration::MAX),
    |request| request.wait_deadline(Instant::now() + LONG),
];

const SHORT: [Form; 4] = [
    |request| request.wait_timeout(Duration::ZERO),
    |request| request.wait_timeout(Duration::from_millis(2)),
    |request| request.wait_deadline(Instant::now()),
    |request| request.wait_deadline(Instant::now() + Duration::from_millis(2)),
];

fn shared(free: usize, max: usize) -> Shared {
    Shared::new(Semaphore::with_max(free, max))
}

/// A thread that waits for one permit, and is queued already.
fn waiting<S: Source>(semaphore: &Shared, source: &Arc<S>, form: Form) -> thread::JoinHandle<Outcome> {
    let (inner, source) = (semaphore.clone(), Arc::clone(source));
    let thread = thread::spawn(move || form(inner.request(1).until(source.watched())));
    while semaphore.try_acquire(0).is_ok() {
        thread::yield_now();
    }
    thread
}

fn a_grant_ends_each_form<S: Source>() {
    in_time(|| {
        for form in FORMS {
            let (semaphore, source) = (shared(0, 1), Arc::new(S::default()));
            let thread = waiting(&semaphore, &source, form);
            semaphore.release(1);
            let permit = thread.join().unwrap().unwrap().unwrap();
            source.cancel();
            assert_eq!((permit.permits(), semaphore.available_permits()), (1, 0));
            drop(permit);
            let at_once = form(semaphore.request(1).until(S::default().watched())).unwrap().unwrap();
            assert_eq!(at_once.permits(), 1);
        }
    });
}

fn a_cancellation_ends_each_form<S: Source>() {
    in_time(|| {
        for form in FORMS {
            let (semaphore, source) = (shared(0, 1), Arc::new(S::default()));
            let thread = waiting(&semaphore, &source, form);
            let mut behind = Task::queued(semaphore.request(1));
            source.cancel();
            assert_eq!(thread.join().unwrap().unwrap().unwrap_err(), AcquireUntilError::Cancelled);
            behind.assert_pending();
            semaphore.release(1);
            assert_eq!(behind.ready().unwrap().permits(), 1);
            assert_eq!(semaphore.handles(), 1, "all have given their handles up");
        }
    });
}

fn cancelled_before_no_form_takes_a_permit<S: Source>() {
    let (semaphore, source) = (shared(1, 1), S::default());
    source.cancel();
    for form in FORMS.into_iter().chain(SHORT) {
        let outcome = form(semaphore.request(1).until(source.watched()));
        assert_eq!(outcome.unwrap().unwrap_err(), AcquireUntilError::Cancelled);
    }
    assert_free(&semaphore, 1);
}

fn a_time_that_passes_leaves_nothing<S: Source>() {
    in_time(|| {
        let (semaphore, source) = (shared(1, 2), S::default());
        for form in SHORT {
            assert!(form(semaphore.request(2).until(source.watched())).is_none());
            assert_free(&semaphore, 1);
            assert_eq!(semaphore.handles(), 1);
            assert_eq!(form(semaphore.request(1).until(source.watched())).unwrap().unwrap().permits(), 1);
        }
        source.cancel();
        assert_free(&semaphore, 1);
    });
}

/// Each thread's cancellation races a grant: whatever comes first, no permit is lost, and none is held twice.
fn threads_and_cancellations_conserve_permits<S: Source>() {
    const ROUNDS: usize = 200;
    in_time(|| {
        let semaphore = shared(1, 1);
        for round in 0..ROUNDS {
            let source = Arc::new(S::default());
            let held = Semaphore::try_acquire_with(semaphore.clone(), 1).unwrap();
            let threads: Vec<_> = (0..2)
                .map(|_| {
                    let (semaphore, source) = (semaphore.clone(), Arc::clone(&source));
                    thread::spawn(move || match semaphore.request(1).until(source.watched()).wait() {
                        Ok(permit) => {
                            assert_eq!(semaphore.available_permits(), 0);
                            permit.permits()
                        }
                        Err(error) => {
                            assert_eq!(error, AcquireUntilError::Cancelled);
                            0
                        }
                    })
                })
                .collect();
            for _ in 0..round % 7 {
                thread::yield_now();
            }
            drop(held);
            source.cancel();
            let served: usize = threads.into_iter().map(|thread| thread.join().unwrap()).sum();
            assert!(served <= 2, "{round}");
            assert_free(&semaphore, 1);
        }
    });
}
