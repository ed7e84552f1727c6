//! Blocking waits: threads and tasks in one queue, timeouts that leave nothing behind, and waits in odd places.
#![cfg(feature = "std")]
#![expect(clippy::std_instead_of_alloc, reason = "tests run on hosts")]

mod common;

use core::cell::{Cell, RefCell};
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::{Poll, Waker};
use core::time::Duration;
use std::rc::Rc;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::Instant;

use common::{in_time, on_wake, shared::Shared, task::Task};
use xsync::{Acquire, AcquireError, CancelFlag, Handle, Permit, Semaphore};

/// Long enough that only a lost wake reaches it.
const LONG: Duration = Duration::from_secs(3600);

fn shared(free: usize, max: usize) -> Shared {
    Shared::new(Semaphore::with_max(free, max))
}

/// Returns when somebody is queued: from then on a request for none is refused.
fn until_queued(semaphore: &Semaphore) {
    while semaphore.try_acquire(0).is_ok() {
        thread::yield_now();
    }
}

type Outcome = Option<Result<Permit<Shared>, AcquireError>>;

/// The forms of the blocking wait, with so much time that it does not pass.
const FORMS: [fn(&Shared, usize) -> Outcome; 4] = [
    |semaphore, n| Some(semaphore.request(n).wait()),
    |semaphore, n| semaphore.request(n).wait_timeout(LONG),
    |semaphore, n| semaphore.request(n).wait_timeout(Duration::MAX),
    |semaphore, n| semaphore.request(n).wait_deadline(Instant::now() + LONG),
];

/// The same with no time at all.
const MOMENTS: [fn(&Shared, usize) -> Outcome; 2] = [
    |semaphore, n| semaphore.request(n).wait_timeout(Duration::ZERO),
    |semaphore, n| semaphore.request(n).wait_deadline(Instant::now() - Duration::from_millis(1)),
];

#[test]
fn free_permits_are_had_without_waiting_even_in_no_time() {
    for form in FORMS.iter().chain(&MOMENTS) {
        let semaphore = shared(3, 3);
        let permit = form(&semaphore, 2).unwrap().unwrap();
        assert_eq!((permit.permits(), semaphore.available_permits()), (2, 1));
    }
}

#[test]
fn a_refusal_is_had_without_waiting() {
    for form in FORMS.iter().chain(&MOMENTS) {
        let semaphore = shared(0, 3);
        assert_eq!(form(&semaphore, 4).unwrap().unwrap_err(), AcquireError::ExceedsMax { requested: 4, max: 3 });
        semaphore.close();
        assert_eq!(form(&semaphore, 1).unwrap().unwrap_err(), AcquireError::Closed);
    }
}

#[test]
fn a_thread_sleeps_until_it_is_granted_or_refused() {
    for form in FORMS {
        in_time(move || {
            let semaphore = shared(0, 3);
            let wait = || {
                let semaphore = semaphore.clone();
                thread::spawn(move || form(&semaphore, 2).unwrap().map(|permit| permit.permits()))
            };
            let granted = wait();
            until_queued(&semaphore);
            semaphore.release(1);
            assert!(!granted.is_finished());
            semaphore.release(1);
            assert_eq!(granted.join().unwrap(), Ok(2));
            assert_eq!(semaphore.drain_permits(3), 2);

            let impossible = wait();
            until_queued(&semaphore);
            semaphore.reduce_permits(2);
            assert_eq!(impossible.join().unwrap(), Err(AcquireError::ExceedsMax { requested: 2, max: 1 }));
            semaphore.add_permits(2);

            let closed = wait();
            until_queued(&semaphore);
            semaphore.close();
            assert_eq!(closed.join().unwrap(), Err(AcquireError::Closed));
        });
    }
}

#[test]
fn a_timeout_holds_nothing_and_lets_those_behind_in() {
    in_time(|| {
        for form in MOMENTS {
            let semaphore = shared(1, 2);
            assert!(form(&semaphore, 2).is_none());
            assert_eq!((semaphore.available_permits(), semaphore.handles()), (1, 1));
            assert_eq!(semaphore.try_acquire(1).unwrap().permits(), 1);
        }
    });
    in_time(|| {
        let semaphore = shared(1, 2);
        let impatient = semaphore.clone();
        let (behind, queued) = mpsc::channel::<()>();
        let thread = thread::spawn(move || {
            // Times out again and again, until another is behind it.
            while queued.try_recv().is_err() {
                assert!(impatient.request(2).wait_timeout(Duration::from_millis(5)).is_none());
            }
        });
        let mut task = Task::new(semaphore.request(1));
        // The task is queued only while the thread is in front of it.
        while let Poll::Ready(permit) = task.poll() {
            drop(permit);
            task = Task::new(semaphore.request(1));
            thread::yield_now();
        }
        behind.send(()).unwrap();
        thread.join().unwrap();
        assert_eq!(task.wakes(), 1);
        assert_eq!(task.ready().unwrap().permits(), 1);
    });
}

/// A handle that runs code, once, when its request looks at the semaphore and is queued: in a timed wait of no time
/// that is the last look, after the time has passed.
struct AtLastLook {
    semaphore: Shared,
    acted: Cell<bool>,
    act: Box<dyn Fn(&Shared)>,
}

impl AtLastLook {
    /// A request for `permits` through such a handle.
    fn request(semaphore: &Shared, permits: usize, act: impl Fn(&Shared) + 'static) -> Acquire<Self> {
        let handle = Self { semaphore: semaphore.clone(), acted: Cell::new(false), act: Box::new(act) };
        Semaphore::acquire_with(handle, permits)
    }
}

// SAFETY: `Shared` is such a handle.
unsafe impl Handle for AtLastLook {
    fn semaphore(&self) -> &Semaphore {
        if !self.acted.get() && self.semaphore.try_acquire(0).is_err() {
            self.acted.set(true);
            (self.act)(&self.semaphore);
        }
        self.semaphore.semaphore()
    }
}

#[test]
fn what_is_granted_with_the_timeout_is_not_lost() {
    in_time(|| {
        let wait = |act: fn(&Shared)| {
            let semaphore = shared(0, 1);
            let request = AtLastLook::request(&semaphore, 1, act);
            (semaphore, request.wait_timeout(Duration::ZERO))
        };
        let (_semaphore, granted) = wait(|semaphore| semaphore.release(1));
        assert_eq!(granted.unwrap().unwrap().permits(), 1);
        let (_semaphore, closed) = wait(|semaphore| semaphore.close());
        assert_eq!(closed.unwrap().unwrap_err(), AcquireError::Closed);
        let (semaphore, nothing) = wait(|_| ());
        assert!(nothing.is_none());
        semaphore.release(1);
        assert_eq!(semaphore.try_acquire(1).unwrap().permits(), 1);
    });
}

#[test]
fn a_race_of_a_grant_and_a_timeout_conserves_the_permits() {
    in_time(|| {
        let semaphore = shared(0, 1);
        for round in 0..2000 {
            let (waiting, releasing) = (semaphore.clone(), semaphore.clone());
            let thread = thread::spawn(move || {
                let outcome = waiting.request(1).wait_timeout(Duration::from_micros(round % 50));
                outcome.map_or(0, |permit| {
                    let permit = permit.unwrap();
                    let permits = permit.permits();
                    permit.forget();
                    permits
                })
            });
            releasing.release(1);
            let taken = thread.join().unwrap();
            assert_eq!(taken + semaphore.available_permits(), 1);
            assert_eq!(semaphore.drain_permits(1) + taken, 1);
        }
    });
}

#[test]
fn threads_and_tasks_share_one_queue_in_order() {
    in_time(|| {
        let semaphore = shared(0, 4);
        let done = Arc::new(AtomicUsize::new(0));
        let wait = |order: usize| {
            let (semaphore, done) = (semaphore.clone(), Arc::clone(&done));
            thread::spawn(move || {
                semaphore.request(1).wait().unwrap().forget();
                assert_eq!(done.swap(order, SeqCst), order - 1);
            })
        };
        let first = wait(1);
        until_queued(&semaphore);
        let second = semaphore.queued(1);
        // Behind the task: it may be queued already, or not.
        let third = wait(3);

        semaphore.release(1);
        first.join().unwrap();
        assert_eq!((second.wakes(), done.load(SeqCst)), (0, 1));
        done.store(2, SeqCst);
        semaphore.release(1);
        assert_eq!(second.wakes(), 1);

        // Now the only one that can be queued is the third.
        until_queued(&semaphore);
        let mut fourth = semaphore.queued(1);
        semaphore.release(1);
        third.join().unwrap();
        fourth.assert_pending();
        assert_eq!(fourth.wakes(), 0);
        semaphore.release(1);
        assert_eq!(fourth.ready().unwrap().permits(), 1);
    });
}

/// A waker that waits, blocking, for one permit of `gate`, and counts when it has it.
fn waiting_waker(gate: &Shared, had: &Arc<AtomicUsize>) -> Waker {
    let (gate, had) = (gate.clone(), Arc::clone(had));
    on_wake(move || {
        gate.request(1).wait().unwrap().forget();
        had.fetch_add(1, SeqCst);
    })
}

#[test]
fn a_waker_fired_by_a_wait_that_gives_up_may_wait() {
    in_time(|| {
        let (semaphore, gate) = (shared(1, 2), shared(0, 1));
        let had = Arc::default();
        let behind: Rc<RefCell<Option<Task<_>>>> = Rc::default();
        let (place, waker) = (Rc::clone(&behind), waiting_waker(&gate, &had));
        let front = AtLastLook::request(&semaphore, 2, move |semaphore| {
            *place.borrow_mut() = Some(Task::queued_with(semaphore.request(1), &waker));
        });
        let opener = thread::spawn(move || {
            until_queued(&gate);
            gate.release(1);
        });
        // Giving up, it lets the one behind it in, whose waker waits on this thread.
        assert!(front.wait_timeout(Duration::ZERO).is_none());
        opener.join().unwrap();
        assert_eq!(had.load(SeqCst), 1);
        assert_eq!(behind.take().unwrap().ready().unwrap().permits(), 1);
    });
}

#[test]
fn a_waker_may_wait_inside_a_wait_and_both_end() {
    in_time(|| {
        let (outer, other, gate) = (shared(0, 1), shared(0, 1), shared(0, 1));
        let had = Arc::default();
        let task = Task::queued_with(other.request(1), &waiting_waker(&gate, &had));
        let fired = other.clone();
        let request = AtLastLook::request(&outer, 1, move |_| fired.release(1));
        let helper = thread::spawn(move || {
            // The inner wait is under way: the outer one is granted first, then the inner one.
            until_queued(&gate);
            outer.release(1);
            gate.release(1);
        });
        assert_eq!(request.wait_timeout(Duration::ZERO).unwrap().unwrap().permits(), 1);
        helper.join().unwrap();
        assert_eq!((had.load(SeqCst), other.available_permits()), (1, 0));
        drop(task);
    });
}

/// Waits when its thread ends.
struct WaitsAtExit(RefCell<Option<(Shared, mpsc::Sender<usize>)>>);

impl Drop for WaitsAtExit {
    fn drop(&mut self) {
        if let Some((semaphore, result)) = self.0.take() {
            result.send(semaphore.request(1).wait().map_or(0, |permit| permit.permits())).unwrap();
        }
    }
}

#[test]
fn a_destructor_of_a_thread_local_may_wait() {
    thread_local! {
        static AT_EXIT: WaitsAtExit = const { WaitsAtExit(RefCell::new(None)) };
    }
    // Whichever of the two thread locals is destroyed first.
    for waits_before in [false, true] {
        in_time(move || {
            let semaphore = shared(0, 1);
            let (send, receive) = mpsc::channel();
            let inner = semaphore.clone();
            let thread = thread::spawn(move || {
                let wait = || assert!(shared(0, 1).request(1).wait_timeout(Duration::ZERO).is_none());
                if waits_before {
                    wait();
                }
                AT_EXIT.with(|at_exit| at_exit.0.replace(Some((inner, send))));
                if !waits_before {
                    wait();
                }
            });
            until_queued(&semaphore);
            semaphore.release(1);
            assert_eq!(receive.recv(), Ok(1));
            thread.join().unwrap();
        });
    }
}

#[test]
fn a_flag_s_waits_end_with_it_or_with_their_time() {
    in_time(|| {
        let flag = CancelFlag::new();
        assert!(!flag.cancelled().wait_timeout(Duration::ZERO));
        assert!(!flag.cancelled().wait_timeout(Duration::from_millis(1)));
        assert!(!flag.cancelled().wait_deadline(Instant::now()));
        flag.cancel();
        flag.cancelled().wait();
        assert!(flag.cancelled().wait_timeout(Duration::ZERO));
        assert!(flag.cancelled().wait_timeout(Duration::MAX));
        assert!(flag.cancelled().wait_deadline(Instant::now()));
    });
}

#[test]
fn a_flag_wakes_threads_and_tasks_alike() {
    let forms: [fn(&CancelFlag) -> bool; 4] = [
        |flag| {
            flag.cancelled().wait();
            true
        },
        |flag| flag.cancelled().wait_timeout(LONG),
        |flag| flag.cancelled().wait_timeout(Duration::MAX),
        |flag| flag.cancelled().wait_deadline(Instant::now() + LONG),
    ];
    in_time(move || {
        for _ in 0..100 {
            let flag = CancelFlag::new();
            let started = Barrier::new(forms.len() + 1);
            thread::scope(|scope| {
                let waiting = forms.map(|form| {
                    let (flag, started) = (&flag, &started);
                    scope.spawn(move || {
                        started.wait();
                        form(flag)
                    })
                });
                let task = Task::queued(flag.cancelled());
                started.wait();
                // Some threads sleep by now, others come later.
                thread::yield_now();
                flag.cancel();
                assert!(waiting.into_iter().all(|thread| thread.join().unwrap()));
                assert_eq!(task.wakes(), 1);
            });
        }
    });
}

#[test]
fn a_release_that_races_a_resize_never_panics_falsely() {
    in_time(|| {
        let semaphore = shared(4, 4);
        thread::scope(|scope| {
            scope.spawn(|| {
                for n in (0..20_000).map(|round| round % 4 + 1) {
                    semaphore.reduce_permits(n);
                    semaphore.add_permits(n);
                }
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..20_000 {
                        drop(semaphore.try_acquire(1));
                        semaphore.release(semaphore.drain_permits(2));
                    }
                });
            }
        });
        assert_eq!((semaphore.available_permits(), semaphore.max_permits()), (4, 4));
    });
}
