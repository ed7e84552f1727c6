//! `acquire_until` and `run_until_cancelled` between their own steps: a waker that is cloned or dropped inside a poll
//! cancels, releases, or panics there. The cancellation that precedes the return wins, and no permit is lost.

use core::sync::atomic::Ordering::SeqCst;
use core::task::{Poll, Waker};
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

use xsync::{AcquireUntil, AcquireUntilError, CancelFlag, Semaphore};

use crate::common::{in_time, kept, on_wake, panic_message, shared::Shared, task::Task};
use crate::hooked::Hooks;

type Outcome = Poll<Result<usize, AcquireUntilError>>;

fn poll(request: &mut Task<AcquireUntil<'_, Shared>>, waker: &Waker) -> Outcome {
    request.poll_with(waker).map(|answer| answer.map(|permit| permit.permits()))
}

const CANCELLED: Outcome = Poll::Ready(Err(AcquireUntilError::Cancelled));

/// A semaphore of three, none free, and a flag that lives as long as any waker.
fn world() -> (Shared, Arc<CancelFlag>) {
    (Shared::new(Semaphore::with_max(0, 3)), Arc::new(CancelFlag::new()))
}

/// What happens at a step inside the first poll.
type Act = fn(&Shared, &CancelFlag);

const CANCEL: Act = |_, flag| flag.cancel();
const RELEASE: Act = |semaphore, _| semaphore.release(1);
const BOTH: Act = |semaphore, flag| {
    semaphore.release(1);
    flag.cancel();
};
const NEITHER: Act = |_, _| ();

/// What is done as the waker is cloned for the queue, then for the cancellation; what that poll and the next one give,
/// and how many are free in the end.
const STEPS: [(&str, [Act; 2], [Outcome; 2], usize); 9] = [
    ("nothing", [NEITHER, NEITHER], [Poll::Pending, Poll::Pending], 0),
    ("a cancel before it queues", [CANCEL, NEITHER], [CANCELLED, CANCELLED], 0),
    ("a release before it queues", [RELEASE, NEITHER], [Poll::Ready(Ok(1)), CANCELLED], 1),
    ("both before it queues", [BOTH, NEITHER], [CANCELLED, CANCELLED], 1),
    ("a cancel after it queued", [NEITHER, CANCEL], [CANCELLED, CANCELLED], 0),
    ("a grant after it queued", [NEITHER, RELEASE], [Poll::Pending, Poll::Ready(Ok(1))], 1),
    ("both after it queued", [NEITHER, BOTH], [CANCELLED, CANCELLED], 1),
    ("a cancel, then a grant", [CANCEL, RELEASE], [CANCELLED, CANCELLED], 0),
    ("a release, then a cancel", [RELEASE, CANCEL], [Poll::Ready(Ok(1)), CANCELLED], 1),
];

#[test]
fn between_two_steps_of_a_poll_the_cancellation_wins() {
    in_time(|| {
        for (name, [first, second], [now, next], free) in STEPS {
            let (semaphore, flag) = world();
            let [(a, b), (c, d)] = [(); 2].map(|()| (semaphore.clone(), Arc::clone(&flag)));
            let hooks = Hooks::at_clones(move || first(&a, &b), move || second(&c, &d));
            let waker = hooks.waker();
            let mut request = Task::new(semaphore.request(1).until(&*flag));
            assert_eq!(poll(&mut request, &waker), now, "{name}");
            if now == CANCELLED {
                // Out of the queue at once, its wakers and its permit gone.
                assert_eq!((hooks.kept(), hooks.wakes.load(SeqCst)), (0, usize::from(name.starts_with("both after"))));
                assert_eq!(semaphore.available_permits(), free, "{name}");
                assert!(semaphore.try_acquire(free).is_ok(), "{name}");
            } else if now.is_pending() {
                let granted = usize::from(next.is_ready());
                assert_eq!(hooks.wakes.load(SeqCst), granted, "{name}: woken, so it is polled again");
                assert_eq!(poll(&mut request, &waker), next, "{name}");
            }
            drop(request);
            assert_eq!((hooks.kept(), semaphore.available_permits()), (0, free), "{name}");
            assert!(semaphore.try_acquire(free).is_ok(), "{name}: nobody is queued");
        }
    });
}

#[test]
fn cancelled_before_it_neither_queues_nor_takes() {
    in_time(|| {
        let (semaphore, flag) = world();
        flag.cancel();
        let inner = semaphore.clone();
        let hooks = Hooks::at_clone(move || inner.close());
        let waker = hooks.waker();
        let mut request = Task::new(semaphore.request(1).until(&*flag));
        assert_eq!(poll(&mut request, &waker), CANCELLED);
        assert!(!semaphore.is_closed(), "no waker was cloned to queue");
    });
}

#[test]
fn an_unneeded_waker_that_cancels_when_it_is_dropped_takes_the_grant_back() {
    in_time(|| {
        let (semaphore, flag) = world();
        let (releasing, cancelling) = (semaphore.clone(), Arc::clone(&flag));
        let hooks = Hooks::at_clone(move || releasing.release(1));
        hooks.then_at_drop(move || cancelling.cancel());
        let waker = hooks.waker();
        let mut request = Task::new(semaphore.request(1).until(&*flag));
        assert_eq!(poll(&mut request, &waker), CANCELLED);
        assert_eq!((semaphore.available_permits(), hooks.kept()), (1, 0));
    });
}

/// The grant has been seen, and the waker of the cancellation is given up: it cancels as it is dropped, which is before
/// the return.
#[test]
fn a_waker_that_cancels_as_the_granted_one_stops_waiting_wins() {
    in_time(|| {
        let (semaphore, flag) = world();
        let inner = Arc::clone(&flag);
        let hooks = Hooks::at_drop(move || inner.cancel());
        let waker = hooks.waker();
        let mut request = Task::queued_with(semaphore.request(2).until(&*flag), &waker);
        let mut behind = semaphore.queued(1);
        // The waker of the acquisition is used up by its wake, and not dropped.
        semaphore.release(2);
        assert_eq!((hooks.wakes.load(SeqCst), hooks.kept(), flag.is_cancelled()), (1, 1, false));
        assert_eq!(poll(&mut request, &waker), CANCELLED);
        assert!(flag.is_cancelled());
        assert_eq!((behind.wakes(), semaphore.available_permits(), hooks.kept()), (1, 1, 0));
        assert_eq!(behind.ready().unwrap().permits(), 1);
    });
}

#[test]
fn a_clone_that_panics_leaves_an_acquisition_that_can_be_dropped_or_polled() {
    in_time(|| {
        for second in [false, true] {
            for polled_again in [false, true] {
                let (semaphore, flag) = world();
                let panic = || resume_unwind(Box::new("a clone"));
                let hooks = if second { Hooks::at_clones(|| (), panic) } else { Hooks::at_clone(panic) };
                let waker = hooks.waker();
                let mut request = Task::new(semaphore.request(1).until(&*flag));
                assert_eq!(panic_message(|| poll(&mut request, &waker)), "a clone");
                if polled_again {
                    assert!(poll(&mut request, &waker).is_pending());
                    flag.cancel();
                    assert_eq!(hooks.wakes.load(SeqCst), 1);
                    assert_eq!(poll(&mut request, &waker), CANCELLED);
                }
                drop(request);
                assert_eq!(hooks.kept(), 0);
                semaphore.release(1);
                assert!(semaphore.try_acquire(1).is_ok(), "nobody is queued");
            }
        }
    });
}

#[test]
fn a_waker_that_is_dropped_as_the_cancelled_one_leaves_may_act() {
    in_time(|| {
        const ACTS: [Act; 4] = [NEITHER, RELEASE, CANCEL, |semaphore, _| semaphore.close()];
        for act in ACTS {
            let (semaphore, flag) = world();
            let other = Arc::new(CancelFlag::new());
            let (inner, source) = (semaphore.clone(), Arc::clone(&other));
            let hooks = Hooks::at_drop(move || act(&inner, &source));
            let waker = hooks.waker();
            let mut request = Task::queued_with(semaphore.request(2).until(&*flag), &waker);
            let mut behind = Task::queued(semaphore.request(1).until(&*other));
            flag.cancel();
            assert_eq!(poll(&mut request, &waker), CANCELLED);
            let (closed, cancelled) = (semaphore.is_closed(), other.is_cancelled());
            let released = semaphore.available_permits() == 0 && behind.wakes() == 1 && !closed && !cancelled;
            let answer = poll(&mut behind, Waker::noop());
            match answer {
                Poll::Pending => assert!(!closed && !cancelled && !released),
                Poll::Ready(Ok(1)) => assert!(released),
                Poll::Ready(Err(AcquireUntilError::Closed)) => assert!(closed),
                Poll::Ready(Err(error)) => assert!(cancelled && error == AcquireUntilError::Cancelled),
                Poll::Ready(Ok(_)) => panic!("one was asked for"),
            }
            drop((request, behind));
            assert_eq!(hooks.kept(), 0);
        }
    });
}

/// The front gives up, and so lets in one whose waker panics: the poll panics, and all is as if it had not.
#[test]
fn a_panic_of_whoever_is_let_in_goes_on_in_the_poll_that_gives_up() {
    in_time(|| {
        for granted in [false, true] {
            let semaphore = Shared::new(Semaphore::with_max(if granted { 0 } else { 2 }, 9));
            let flag = CancelFlag::new();
            let mut front = Task::queued(semaphore.request(if granted { 2 } else { 3 }).until(&flag));
            let waker = on_wake(|| resume_unwind(Box::new("let in")));
            let mut first = Task::queued_with(semaphore.request(1), &waker);
            let mut second = semaphore.queued(1);
            if granted {
                semaphore.release(2);
            }
            flag.cancel();
            assert_eq!(panic_message(|| front.poll().is_ready()), "let in");
            assert_eq!(second.wakes(), 1);
            let permits = [first.ready().unwrap(), second.ready().unwrap()];
            assert_eq!(semaphore.available_permits(), 0);
            drop(permits);
            assert_eq!(kept(&front.cancel()), 0);
            assert_eq!(semaphore.available_permits(), 2);
            assert!(semaphore.try_acquire(2).is_ok());
        }
    });
}

/// A waker of the cancellation drops the acquisitions of others, which are to be woken by it too.
#[test]
fn a_waker_of_the_cancellation_may_drop_other_acquisitions() {
    in_time(|| {
        const WAITERS: usize = 100;
        const PLACES: [usize; 9] = [3, 4, 15, 16, 17, 31, 32, 33, WAITERS - 1];
        static FLAGS: [CancelFlag; PLACES.len()] = [const { CancelFlag::new() }; PLACES.len()];
        for (at, flag) in PLACES.into_iter().zip(&FLAGS) {
            let semaphore = Shared::new(Semaphore::with_max(0, WAITERS));
            let requests: Arc<Mutex<Vec<Task<AcquireUntil<'static, Shared>>>>> = Arc::default();
            let dropping = Arc::clone(&requests);
            let counters = Arc::new(Mutex::new(Vec::new()));
            let gone = Arc::clone(&counters);
            let waker = on_wake(move || {
                let all = core::mem::take(&mut *dropping.lock().unwrap());
                // What one gives back may wake this very waker.
                let left: Vec<_> = all.into_iter().map(Task::cancel).collect();
                gone.lock().unwrap().extend(left);
            });
            for place in 0..WAITERS {
                let request = semaphore.request(1).until(flag);
                let task = if place == at { Task::queued_with(request, &waker) } else { Task::queued(request) };
                requests.lock().unwrap().push(task);
            }
            semaphore.release(3);
            assert_eq!(semaphore.available_permits(), 0);
            flag.cancel();
            let counters = counters.lock().unwrap();
            assert_eq!(counters.len(), WAITERS, "{at}");
            assert!(counters.iter().all(|counter| kept(counter) == 0), "{at}");
            assert_eq!(semaphore.available_permits(), 3, "{at}");
            assert!(semaphore.try_acquire(3).is_ok(), "{at}");
        }
    });
}

#[test]
fn a_run_whose_waker_cancels_as_it_is_cloned_ends_in_that_poll() {
    in_time(|| {
        let flag = Arc::new(CancelFlag::new());
        let inner = Arc::clone(&flag);
        let hooks = Hooks::at_clone(move || inner.cancel());
        let waker = hooks.waker();
        let mut run = Task::new(flag.run_until_cancelled(core::future::pending::<()>()));
        assert_eq!(run.poll_with(&waker), Poll::Ready(None));
        assert_eq!((hooks.kept(), hooks.wakes.load(SeqCst)), (0, 0));
    });
}
