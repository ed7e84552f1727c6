//! A broadcast of more than one batch (close, cancel, a reduction) ends with the waiters that it began with, whoever
//! leaves or comes meanwhile.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use std::sync::{Arc, Mutex};

use xsync::{AcquireError, CancelFlag, Cancelled, Semaphore};

use crate::Request;
use crate::common::{CountingWaker, in_time, kept, on_wake, shared::Shared, task::Task};

/// More than three batches.
const WAITERS: usize = 100;

/// Tasks that a waker can reach, each taken out by whoever wants to drop or poll it.
struct Tasks<F>(Arc<Mutex<Vec<Option<Task<F>>>>>);

impl<F> Clone for Tasks<F> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<F: Future + Send + 'static> Tasks<F> {
    fn new() -> Self {
        Self(Arc::default())
    }

    fn push(&self, task: Task<F>) {
        self.0.lock().unwrap().push(Some(task));
    }

    fn take(&self, place: usize) -> Option<Task<F>> {
        self.0.lock().unwrap()[place].take()
    }

    fn put(&self, place: usize, task: Task<F>) {
        self.0.lock().unwrap()[place] = Some(task);
    }

    /// `WAITERS` of them. The waker of the one at `at` runs `act`.
    fn fill(&self, at: usize, future: impl Fn() -> F, act: impl Fn(&Self) + Send + Sync + 'static) {
        let tasks = self.clone();
        let waker = on_wake(move || act(&tasks));
        for place in 0..WAITERS {
            let task = if place == at { Task::queued_with(future(), &waker) } else { Task::queued(future()) };
            self.push(task);
        }
    }

    /// The places of those that are there and were not woken, once each. Ends the cycle of tasks and wakers.
    fn unwoken(&self) -> (Vec<usize>, Vec<Task<F>>) {
        let tasks = core::mem::take(&mut *self.0.lock().unwrap());
        let there = || tasks.iter().enumerate().filter_map(|(place, task)| Some((place, task.as_ref()?)));
        assert!(there().all(|(_, task)| task.wakes() <= 1 && task.wakes() + task.kept() <= 1));
        (
            there().filter(|(_, task)| task.wakes() == 0).map(|(place, _)| place).collect(),
            tasks.into_iter().flatten().collect(),
        )
    }
}

/// Which others the waker at `at` drops: those next in turn, wherever a batch ends; those before; many.
const PATTERNS: [fn(usize) -> Vec<usize>; 4] = [
    |at| (at + 1..WAITERS).take(2).collect(),
    |at| (0..at).rev().take(2).chain([WAITERS - 1]).filter(|&place| place != at).collect(),
    |at| (0..WAITERS).rev().filter(|&place| place != at && place % 3 == 0).collect(),
    |at| (at + 1..WAITERS).collect(),
];

/// Every pattern at every place.
fn all_drops() -> impl Iterator<Item = (usize, Vec<usize>)> {
    PATTERNS.into_iter().flat_map(|pattern| (0..WAITERS).map(move |at| (at, pattern(at))))
}

/// Runs a broadcast in which one waker drops others: all that are left are woken once. Leaves those.
fn waiters_that_leave<F: Future + Send + 'static>(
    (at, dropped): (usize, &[usize]),
    future: impl Fn() -> F,
    fire: impl FnOnce(),
) -> Vec<Task<F>> {
    let tasks = Tasks::new();
    let counters = Arc::new(Mutex::new(Vec::new()));
    let (gone, dropping) = (Arc::clone(&counters), dropped.to_vec());
    tasks.fill(at, future, move |tasks| {
        for &place in &dropping {
            let counter = tasks.take(place).unwrap().cancel();
            gone.lock().unwrap().push((place, counter));
        }
    });
    fire();
    let (unwoken, left) = tasks.unwoken();
    assert_eq!(unwoken, [at], "only the one with the other waker");
    assert_eq!(left.len(), WAITERS - dropped.len());
    let counters = counters.lock().unwrap();
    assert_eq!(counters.len(), dropped.len());
    for (place, counter) in &*counters {
        // Those whose wakers were on their way already are woken for nothing.
        assert!(counter.wakes() <= 1 && kept(counter) == 0, "{place} by {at}");
    }
    left
}

#[test]
fn a_close_survives_waiters_that_leave() {
    in_time(|| {
        for (at, dropped) in all_drops() {
            let semaphore = Shared::new(Semaphore::with_max(0, 1));
            let left = waiters_that_leave((at, &dropped), || semaphore.request(1), || semaphore.close());
            for mut request in left {
                assert_eq!(request.ready().unwrap_err(), AcquireError::Closed);
            }
        }
    });
}

#[test]
fn a_reduction_survives_waiters_that_leave() {
    in_time(|| {
        for (at, dropped) in all_drops() {
            let semaphore = Shared::new(Semaphore::with_max(0, 2));
            let left = waiters_that_leave((at, &dropped), || semaphore.request(2), || semaphore.reduce_permits(1));
            for mut request in left {
                assert_eq!(request.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 2, max: 1 });
            }
            // Nobody is queued, and nothing was granted.
            semaphore.release(2);
            assert_eq!(semaphore.try_acquire(1).unwrap().permits(), 1);
        }
    });
}

#[test]
fn a_grant_of_many_survives_waiters_that_leave() {
    in_time(|| {
        for (at, dropped) in all_drops() {
            let semaphore = Shared::new(Semaphore::with_max(0, WAITERS));
            let left = waiters_that_leave((at, &dropped), || semaphore.request(1), || semaphore.release(WAITERS));
            let permits: Vec<_> = left.into_iter().map(|mut request| request.ready().unwrap()).collect();
            // Those who left gave back what they were granted, or would have been.
            assert_eq!(semaphore.available_permits(), dropped.len());
            drop(permits);
            assert_eq!(semaphore.try_acquire(WAITERS).unwrap().permits(), WAITERS);
        }
    });
}

#[test]
fn a_cancelled_flag_survives_waiters_that_leave() {
    const FLAGS: usize = PATTERNS.len() * WAITERS;
    static EACH: [CancelFlag; FLAGS] = [const { CancelFlag::new() }; FLAGS];
    in_time(|| {
        for ((at, dropped), flag) in all_drops().zip(&EACH) {
            let left = waiters_that_leave((at, &dropped), || flag.cancelled(), || flag.cancel());
            left.into_iter().for_each(|mut task| task.ready());
        }
    });
}

#[test]
fn a_waiter_of_a_later_batch_may_be_polled_with_another_waker_meanwhile() {
    in_time(|| {
        let semaphore = Shared::new(Semaphore::with_max(0, 1));
        let tasks = Tasks::new();
        let newer = CountingWaker::new();
        let counter = Arc::clone(&newer);
        tasks.fill(
            0,
            || semaphore.request(1),
            move |tasks| {
                let mut later = tasks.take(99).unwrap();
                // Its turn has not come: it waits on.
                assert!(later.poll_with(&counter.waker()).is_pending());
                tasks.put(99, later);
            },
        );
        semaphore.close();
        let (unwoken, mut left) = tasks.unwoken();
        assert_eq!((unwoken, newer.wakes(), kept(&newer)), (vec![0, 99], 1, 0));
        assert_eq!(left.len(), WAITERS);
        assert_eq!(left[99].ready().unwrap_err(), AcquireError::Closed);
    });
}

#[test]
fn whoever_comes_during_a_close_is_refused_and_not_queued() {
    in_time(|| {
        let semaphore = Shared::new(Semaphore::with_max(0, 1));
        let tasks = Tasks::new();
        let refused = Arc::new(AtomicUsize::new(0));
        let (inner, count) = (semaphore.clone(), Arc::clone(&refused));
        tasks.fill(
            0,
            || semaphore.request(1),
            move |_| {
                let outcome = Task::new(inner.request(1)).poll();
                count.fetch_add(usize::from(matches!(outcome, Poll::Ready(Err(AcquireError::Closed)))), SeqCst);
            },
        );
        semaphore.close();
        assert_eq!((tasks.unwoken().0, refused.load(SeqCst)), (vec![0], 1));
    });
}

#[test]
fn whoever_comes_during_a_cancel_does_not_wait() {
    static FLAG: CancelFlag = CancelFlag::new();
    in_time(|| {
        let tasks: Tasks<Cancelled<'static>> = Tasks::new();
        tasks.fill(
            0,
            || FLAG.cancelled(),
            |tasks| {
                let mut newcomer = Task::new(FLAG.cancelled());
                newcomer.ready();
                tasks.push(newcomer);
            },
        );
        FLAG.cancel();
        let (unwoken, left) = tasks.unwoken();
        assert_eq!((unwoken, left.len()), (vec![0, WAITERS], WAITERS + 1));
    });
}

#[test]
fn whoever_comes_during_a_reduction_waits_and_is_none_of_its_business() {
    in_time(|| {
        let semaphore = Shared::new(Semaphore::with_max(0, 2));
        let tasks: Tasks<_> = Tasks::new();
        let newcomer: Arc<Mutex<Option<Request>>> = Arc::default();
        let (inner, place) = (semaphore.clone(), Arc::clone(&newcomer));
        tasks.fill(
            0,
            || semaphore.request(2),
            move |_| {
                // Possible again, but not for those whom the reduction had refused before.
                inner.add_permits(1);
                *place.lock().unwrap() = Some(inner.queued(2));
            },
        );
        semaphore.reduce_permits(1);
        let (unwoken, left) = tasks.unwoken();
        assert_eq!(unwoken, [0]);
        for mut request in left {
            assert_eq!(request.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 2, max: 1 });
        }
        let mut newcomer = newcomer.lock().unwrap().take().unwrap();
        newcomer.assert_pending();
        semaphore.release(2);
        assert_eq!((newcomer.wakes(), newcomer.ready().unwrap().permits()), (1, 2));
    });
}
