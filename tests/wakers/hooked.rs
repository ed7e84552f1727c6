//! Wakers that run code when they are cloned or dropped: neither happens under the lock, nor at a bad moment.

use core::mem::ManuallyDrop;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::{Poll, RawWaker, RawWakerVTable, Waker};
use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, Weak};

use xsync::{AcquireError, CancelFlag, Cancelled, Semaphore};

use crate::Request;
use crate::common::{CountingWaker, in_time, kept, panic_message, shared::Shared, task::Task};

type Hook = Mutex<Option<Box<dyn FnOnce() + Send>>>;

/// What a hand-made waker runs, each once, and how often it was woken.
#[derive(Default)]
pub(crate) struct Hooks {
    at_clone: Hook,
    at_drop: Hook,
    pub(crate) wakes: AtomicUsize,
}

impl Hooks {
    pub(crate) fn at_clone(hook: impl FnOnce() + Send + 'static) -> Arc<Self> {
        Arc::new(Self { at_clone: Mutex::new(Some(Box::new(hook))), ..Self::default() })
    }

    pub(crate) fn at_drop(hook: impl FnOnce() + Send + 'static) -> Arc<Self> {
        Arc::new(Self { at_drop: Mutex::new(Some(Box::new(hook))), ..Self::default() })
    }

    /// Runs `hook` at the first drop, too.
    pub(crate) fn then_at_drop(&self, hook: impl FnOnce() + Send + 'static) {
        *self.at_drop.lock().unwrap() = Some(Box::new(hook));
    }

    /// Runs `first` at the first clone, and `second` at the next.
    pub(crate) fn at_clones(
        first: impl FnOnce() + Send + 'static,
        second: impl FnOnce() + Send + 'static,
    ) -> Arc<Self> {
        Arc::new_cyclic(|this: &Weak<Self>| {
            let this = this.clone();
            let both = move || {
                first();
                let hooks = this.upgrade().expect("a waker keeps it");
                *hooks.at_clone.lock().unwrap() = Some(Box::new(second));
            };
            Self { at_clone: Mutex::new(Some(Box::new(both))), ..Self::default() }
        })
    }

    /// Runs the hook, if it has not been run; the cell is not locked meanwhile.
    fn run(hook: &Hook) {
        let hook = hook.lock().unwrap().take();
        if let Some(hook) = hook {
            hook();
        }
    }

    /// A waker that borrows the caller's `Arc` and is never dropped itself, so that each drop is one of a clone.
    pub(crate) fn waker(self: &Arc<Self>) -> ManuallyDrop<Waker> {
        let data = Arc::as_ptr(self).cast();
        // SAFETY: the functions of `VTABLE` are for the `Arc<Hooks>` that `data` came from, which each test keeps.
        ManuallyDrop::new(unsafe { Waker::new(data, &VTABLE) })
    }

    /// The clones that somebody keeps.
    pub(crate) fn kept(self: &Arc<Self>) -> usize {
        Arc::strong_count(self) - 1
    }
}

static VTABLE: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// # Safety
/// `data` is of an `Arc<Hooks>` that the waker owns.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker owns it, and is not dropped here.
    let hooks = ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Hooks>()) });
    Hooks::run(&hooks.at_clone);
    RawWaker::new(Arc::into_raw(Arc::clone(&hooks)).cast(), &VTABLE)
}

/// # Safety
/// As [`clone`]; the waker is used up.
unsafe fn wake(data: *const ()) {
    // SAFETY: the waker owned it.
    let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
    hooks.wakes.fetch_add(1, SeqCst);
}

/// # Safety
/// As [`clone`].
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker owns it, and is not dropped here.
    let hooks = ManuallyDrop::new(unsafe { Arc::from_raw(data.cast::<Hooks>()) });
    hooks.wakes.fetch_add(1, SeqCst);
}

/// # Safety
/// As [`clone`]; the waker is used up.
unsafe fn drop_waker(data: *const ()) {
    // SAFETY: the waker owned it.
    let hooks = unsafe { Arc::from_raw(data.cast::<Hooks>()) };
    Hooks::run(&hooks.at_drop);
}

/// Something done to a semaphore, and its name.
type Step = (&'static str, fn(&Shared));

fn semaphore(free: usize, max: usize) -> Shared {
    Shared::new(Semaphore::with_max(free, max))
}

#[test]
fn a_clone_that_releases_lets_the_same_poll_succeed() {
    in_time(|| {
        let semaphore = semaphore(0, 2);
        let inner = semaphore.clone();
        let hooks = Hooks::at_clone(move || inner.release(1));
        let waker = hooks.waker();
        let mut request = Task::new(semaphore.request(1));
        let Poll::Ready(Ok(permit)) = request.poll_with(&waker) else { panic!("one is free by now") };
        assert_eq!((permit.permits(), hooks.kept(), hooks.wakes.load(SeqCst)), (1, 0, 0));
        drop(permit);
        assert_eq!(semaphore.available_permits(), 1);
    });
}

#[test]
fn a_waker_that_proved_unneeded_may_act_when_dropped() {
    in_time(|| {
        let semaphore = semaphore(0, 2);
        let (cloned, dropped) = (semaphore.clone(), semaphore.clone());
        let hooks = Hooks::at_clone(move || cloned.release(1));
        hooks.then_at_drop(move || dropped.add_permits(3));
        let waker = hooks.waker();
        let mut request = Task::new(semaphore.request(1));
        assert!(matches!(request.poll_with(&waker), Poll::Ready(Ok(_))));
        assert_eq!((semaphore.available_permits(), semaphore.max_permits()), (4, 5));
        assert_eq!(hooks.kept(), 0);
    });
}

#[test]
fn a_grant_outlives_an_unneeded_waker_that_panics_when_dropped() {
    in_time(|| {
        for polled_again in [false, true] {
            let semaphore = semaphore(0, 1);
            let inner = semaphore.clone();
            let hooks = Hooks::at_clone(move || inner.release(1));
            hooks.then_at_drop(|| resume_unwind(Box::new("a waker's drop")));
            let waker = hooks.waker();
            let mut request = Task::new(semaphore.request(1));
            assert_eq!(panic_message(|| request.poll_with(&waker).is_ready()), "a waker's drop");
            assert_eq!(semaphore.available_permits(), 0);
            if polled_again {
                let permit = request.ready().unwrap();
                assert_eq!(permit.permits(), 1);
            }
            drop(request);
            assert_eq!(semaphore.available_permits(), 1);
        }
    });
}

#[test]
fn a_clone_that_queues_another_is_behind_it() {
    in_time(|| {
        let semaphore = semaphore(0, 2);
        let other: Arc<Mutex<Option<Request>>> = Arc::default();
        let (inner, place) = (semaphore.clone(), Arc::clone(&other));
        let hooks = Hooks::at_clone(move || *place.lock().unwrap() = Some(inner.queued(1)));
        let waker = hooks.waker();
        let mut request = Task::new(semaphore.request(1));
        assert!(request.poll_with(&waker).is_pending());
        semaphore.release(1);
        assert_eq!(other.lock().unwrap().as_ref().unwrap().wakes(), 1);
        assert_eq!(hooks.wakes.load(SeqCst), 0);
        semaphore.release(1);
        assert_eq!(hooks.wakes.load(SeqCst), 1);
    });
}

#[test]
fn a_clone_that_closes_or_reduces_fails_the_same_poll() {
    in_time(|| {
        let closing = semaphore(0, 2);
        let inner = closing.clone();
        let hooks = Hooks::at_clone(move || inner.close());
        let outcome = Task::new(closing.request(1)).poll_with(&hooks.waker());
        assert!(matches!(outcome, Poll::Ready(Err(AcquireError::Closed))));
        assert_eq!(hooks.kept(), 0);

        let shrinking = semaphore(0, 2);
        let inner = shrinking.clone();
        let hooks = Hooks::at_clone(move || inner.reduce_permits(1));
        let outcome = Task::new(shrinking.request(2)).poll_with(&hooks.waker());
        assert!(matches!(outcome, Poll::Ready(Err(AcquireError::ExceedsMax { requested: 2, max: 1 }))));
        assert_eq!(hooks.kept(), 0);
    });
}

#[test]
fn the_same_waker_again_is_not_cloned_again() {
    let semaphore = semaphore(0, 1);
    let hooks = Arc::new(Hooks::default());
    let waker = hooks.waker();
    let mut request = Task::new(semaphore.request(1));
    assert!(request.poll_with(&waker).is_pending());
    let cloned = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&cloned);
    *hooks.at_clone.lock().unwrap() = Some(Box::new(move || _ = count.fetch_add(1, SeqCst)));
    assert!(request.poll_with(&waker).is_pending());
    assert_eq!((cloned.load(SeqCst), hooks.kept()), (0, 1));
}

#[test]
fn a_clone_that_resolves_the_waiter_it_is_for_is_dropped_unfired() {
    let steps: [Step; 2] = [("grant", |s| s.release(1)), ("close", |s| s.close())];
    for (name, step) in steps {
        in_time(move || {
            let semaphore = semaphore(0, 1);
            let mut request = semaphore.queued(1);
            let inner = semaphore.clone();
            let hooks = Hooks::at_clone(move || step(&inner));
            let outcome = request.poll_with(&hooks.waker());
            assert!(matches!(outcome, Poll::Ready(_)), "{name}");
            assert_eq!((request.wakes(), request.kept()), (1, 0), "{name}");
            assert_eq!((hooks.wakes.load(SeqCst), hooks.kept()), (0, 0), "{name}");
            drop(outcome);
            assert_eq!(semaphore.available_permits(), usize::from(name == "grant"));
        });
    }
}

#[test]
fn a_replaced_waker_whose_drop_resolves_the_waiter_is_seen_by_the_same_poll() {
    in_time(|| {
        let semaphore = semaphore(0, 1);
        let inner = semaphore.clone();
        let hooks = Hooks::at_drop(move || inner.release(1));
        let waker = hooks.waker();
        let mut request = Task::new(semaphore.request(1));
        assert!(request.poll_with(&waker).is_pending());
        assert_eq!(request.ready().unwrap().permits(), 1);
        assert_eq!((request.wakes(), request.kept(), hooks.kept()), (1, 0, 0));
    });
}

#[test]
fn a_cancelled_request_whose_waker_acts_when_dropped_has_left() {
    let steps: [Step; 5] = [
        ("release", |s| s.release(1)),
        ("acquire", |s| s.try_acquire(0).map(drop).unwrap()),
        ("close", |s| s.close()),
        ("add", |s| s.add_permits(1)),
        ("reduce", |s| s.reduce_permits(1)),
    ];
    for (name, step) in steps {
        in_time(move || {
            let semaphore = semaphore(0, 3);
            let inner = semaphore.clone();
            let hooks = Hooks::at_drop(move || step(&inner));
            let waker = hooks.waker();
            let mut request = Task::new(semaphore.request(2));
            assert!(request.poll_with(&waker).is_pending());
            let mut none = semaphore.queued(0);
            drop(request);
            assert_eq!((hooks.kept(), hooks.wakes.load(SeqCst)), (0, 0), "{name}");
            // Behind it one request for none, which was served before the waker acted.
            assert_eq!(none.ready().unwrap().permits(), 0, "{name}");
            assert_eq!(semaphore.available_permits(), usize::from(["release", "add"].contains(&name)), "{name}");
        });
    }
}

#[test]
fn a_waker_dropped_with_one_request_may_drop_another() {
    in_time(|| {
        let semaphore = semaphore(0, 1);
        let other = Arc::new(Mutex::new(None::<Request>));
        let place = Arc::clone(&other);
        let hooks = Hooks::at_drop(move || drop(place.lock().unwrap().take()));
        let waker = hooks.waker();
        let mut request = Task::new(semaphore.request(1));
        assert!(request.poll_with(&waker).is_pending());
        *other.lock().unwrap() = Some(semaphore.queued(1));
        drop(request);
        assert!(other.lock().unwrap().is_none());
        semaphore.release(1);
        assert_eq!(semaphore.try_acquire(1).unwrap().permits(), 1);
    });
}

#[test]
fn a_panicking_clone_leaves_no_place_and_takes_no_permit() {
    let semaphore = semaphore(0, 1);
    let hooks = Hooks::at_clone(|| resume_unwind(Box::new("clone")));
    let waker = hooks.waker();
    let mut request = Task::new(semaphore.request(1));
    assert_eq!(panic_message(|| request.poll_with(&waker)), "clone");
    semaphore.release(1);
    assert_eq!(semaphore.try_acquire(1).unwrap().permits(), 1);
    // It may be polled again.
    assert_eq!(request.ready().unwrap().permits(), 1);
}

#[test]
fn a_panicking_clone_leaves_a_queued_request_with_the_waker_it_had() {
    let semaphore = semaphore(0, 1);
    let mut request = semaphore.queued(1);
    let hooks = Hooks::at_clone(|| resume_unwind(Box::new("clone")));
    assert_eq!(panic_message(|| request.poll_with(&hooks.waker())), "clone");
    assert_eq!((request.kept(), hooks.kept()), (1, 0));
    semaphore.release(1);
    assert_eq!(request.wakes(), 1);
    assert_eq!(request.ready().unwrap().permits(), 1);
}

#[test]
fn a_waker_that_panics_when_replaced_leaves_the_new_one_in_place() {
    let semaphore = semaphore(0, 1);
    let hooks = Hooks::at_drop(|| resume_unwind(Box::new("drop")));
    let waker = hooks.waker();
    let mut request = Task::new(semaphore.request(1));
    assert!(request.poll_with(&waker).is_pending());
    let newer = CountingWaker::new();
    assert_eq!(panic_message(|| request.poll_with(&newer.waker())), "drop");
    assert_eq!((hooks.kept(), kept(&newer)), (0, 1));
    semaphore.release(1);
    assert_eq!(newer.wakes(), 1);
    assert_eq!(request.ready().unwrap().permits(), 1);
}

#[test]
fn a_waker_that_panics_when_its_request_is_cancelled_leaves_the_queue_whole() {
    let semaphore = semaphore(1, 2);
    let hooks = Hooks::at_drop(|| resume_unwind(Box::new("drop")));
    let waker = hooks.waker();
    let mut front = Task::new(semaphore.request(2));
    assert!(front.poll_with(&waker).is_pending());
    let mut behind = semaphore.queued(1);
    assert_eq!(panic_message(|| drop(front)), "drop");
    assert_eq!((behind.wakes(), hooks.kept()), (1, 0));
    assert_eq!(behind.ready().unwrap().permits(), 1);
}

#[test]
fn a_flag_s_wakers_may_cancel_it_when_cloned_or_dropped() {
    static CLONED: CancelFlag = CancelFlag::new();
    static REPLACED: CancelFlag = CancelFlag::new();
    static DROPPED: CancelFlag = CancelFlag::new();
    static OTHER: Mutex<Option<Task<Cancelled<'static>>>> = Mutex::new(None);
    in_time(|| {
        let hooks = Hooks::at_clone(|| CLONED.cancel());
        assert!(Task::new(CLONED.cancelled()).poll_with(&hooks.waker()).is_ready());
        assert_eq!((hooks.kept(), hooks.wakes.load(SeqCst)), (0, 0));

        let hooks = Hooks::at_drop(|| REPLACED.cancel());
        let mut waiting = Task::new(REPLACED.cancelled());
        assert!(waiting.poll_with(&hooks.waker()).is_pending());
        waiting.ready();
        assert_eq!((waiting.wakes(), hooks.kept()), (1, 0));

        let hooks = Hooks::at_drop(|| {
            drop(OTHER.lock().unwrap().take());
            DROPPED.cancel();
        });
        let mut waiting = Task::new(DROPPED.cancelled());
        assert!(waiting.poll_with(&hooks.waker()).is_pending());
        *OTHER.lock().unwrap() = Some(Task::queued(DROPPED.cancelled()));
        let last = Task::queued(DROPPED.cancelled());
        drop(waiting);
        assert_eq!((hooks.wakes.load(SeqCst), hooks.kept(), last.wakes()), (0, 0, 1));
        assert!(DROPPED.is_cancelled());
    });
}
