//! What golang.org/x/sync promises of `semaphore.Weighted`, checked here in its own way, and more strictly: whether a
//! request is pending is seen at its own poll, never guessed from the clock.

mod common;

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::Barrier;
use std::thread;

use common::{block_on, in_time, panic_message, poll, shared::Shared, task::Task};
use xsync::{AcquireError, Permit, Semaphore, TryAcquireError};

fn acquire(semaphore: &Semaphore, permits: usize) -> Permit<&Semaphore> {
    block_on(semaphore.acquire(permits)).unwrap()
}

fn numbers(semaphore: &Semaphore) -> (usize, usize) {
    (semaphore.available_permits(), semaphore.max_permits())
}

/// Waits for so short a time that nobody can have released, and keeps what it gets.
fn acquire_for_a_moment(semaphore: &Semaphore, permits: usize) -> bool {
    #[cfg(feature = "std")]
    let outcome = semaphore.acquire(permits).wait_timeout(core::time::Duration::from_millis(1));
    #[cfg(not(feature = "std"))]
    let outcome = match poll(core::pin::pin!(semaphore.acquire(permits))) {
        core::task::Poll::Ready(outcome) => Some(outcome),
        core::task::Poll::Pending => None,
    };
    outcome.is_some_and(|outcome| {
        outcome.unwrap().forget();
        true
    })
}

#[test]
fn a_hammer_of_all_weights_never_exceeds_the_size() {
    const SIZE: usize = 6;
    in_time(|| {
        let semaphore = Semaphore::new(SIZE);
        let in_use = AtomicUsize::new(0);
        thread::scope(|scope| {
            for weight in 0..=SIZE {
                let (semaphore, in_use) = (&semaphore, &in_use);
                scope.spawn(move || {
                    for _ in 0..2000 {
                        let permit = acquire(semaphore, weight);
                        let used = in_use.fetch_add(weight, SeqCst) + weight;
                        assert!(used <= SIZE, "{used}");
                        thread::yield_now();
                        in_use.fetch_sub(weight, SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert_eq!(numbers(&semaphore), (SIZE, SIZE));
    });
}

#[test]
fn a_release_without_a_hold_panics_and_changes_nothing() {
    let semaphore = Semaphore::new(1);
    let message = panic_message(|| semaphore.release(1));
    assert!(message.contains('1'), "{message}");
    assert_eq!(numbers(&semaphore), (1, 1));
    // Where Go's count would be short by what was released: no capacity was won.
    let held = acquire(&semaphore, 1);
    assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::NoPermits);
    drop(held);
}

/// Acquires and tries by turns, giving back in other portions than were taken.
fn pattern(attempt: impl Fn(&Semaphore) -> bool) {
    let semaphore = Semaphore::new(2);
    acquire(&semaphore, 1).forget();
    assert!(attempt(&semaphore));
    assert!(!attempt(&semaphore));
    assert_eq!(numbers(&semaphore), (0, 2));
    semaphore.release(2);
    assert!(attempt(&semaphore));
    acquire(&semaphore, 1).forget();
    assert!(!attempt(&semaphore));
    assert_eq!(numbers(&semaphore), (0, 2));
    semaphore.release(2);
    assert_eq!(numbers(&semaphore), (2, 2));
}

#[test]
fn a_try_takes_what_is_there() {
    pattern(|semaphore| semaphore.try_acquire(1).map(Permit::forget).is_ok());
}

#[test]
fn an_acquisition_that_is_given_up_leaves_the_count_as_it_was() {
    pattern(|semaphore| acquire_for_a_moment(semaphore, 1));
}

#[test]
fn a_request_above_the_size_blocks_nobody() {
    in_time(|| {
        let semaphore = Semaphore::new(2);
        // Go lets it hang until its context ends. Here it never is in anybody's way.
        let mut too_big = Task::new(semaphore.acquire(3));
        assert_eq!(too_big.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 3, max: 2 });
        thread::scope(|scope| {
            for _ in 0..6 {
                scope.spawn(|| {
                    let permit = acquire(&semaphore, 1);
                    assert_eq!(
                        block_on(semaphore.acquire(3)).unwrap_err(),
                        AcquireError::ExceedsMax { requested: 3, max: 2 }
                    );
                    drop(permit);
                });
            }
        });
        assert_eq!(numbers(&semaphore), (2, 2));
    });
}

#[test]
fn a_pending_request_that_becomes_too_big_blocks_nobody() {
    let semaphore = Semaphore::new(3);
    let held = semaphore.try_acquire(1).unwrap();
    let mut big = Task::queued(semaphore.acquire(3));
    let mut small: Vec<_> = (0..6).map(|_| Task::queued(semaphore.acquire(1))).collect();
    semaphore.reduce_permits(1);
    assert_eq!(big.ready().unwrap_err(), AcquireError::ExceedsMax { requested: 3, max: 2 });
    drop(held);
    for request in &mut small {
        assert_eq!(request.ready().unwrap().permits(), 1);
    }
    assert_eq!(numbers(&semaphore), (2, 2));
}

/// Ordered by nothing but the semaphore that is asked before it is touched.
struct Plain(UnsafeCell<bool>);

// SAFETY: it is read with one permit of a semaphore, and written with all of them.
unsafe impl Sync for Plain {}

impl Plain {
    fn get(&self, _one: &Permit<&Semaphore>) -> bool {
        // SAFETY: while this permit is held nobody has all, which a writer needs.
        unsafe { *self.0.get() }
    }

    fn set(&self, _all: &Permit<&Semaphore>) {
        // SAFETY: while all permits are held here no reader has one.
        unsafe { *self.0.get() = true };
    }
}

#[test]
fn a_large_request_is_served_before_all_that_come_after_it() {
    const CHURNERS: usize = 4;
    in_time(|| {
        let semaphore = Semaphore::new(CHURNERS);
        let stop = Plain(UnsafeCell::new(false));
        let (large_is_queued, large_is_served) = (AtomicBool::new(false), AtomicBool::new(false));
        let holding = Barrier::new(CHURNERS + 1);
        thread::scope(|scope| {
            for _ in 0..CHURNERS {
                scope.spawn(|| {
                    let mut permit = acquire(&semaphore, 1);
                    holding.wait();
                    loop {
                        // Asked again only now: behind the large request, if that was queued before.
                        let behind = large_is_queued.load(SeqCst);
                        drop(permit);
                        permit = acquire(&semaphore, 1);
                        assert!(!behind || large_is_served.load(SeqCst), "passed the large request");
                        if stop.get(&permit) {
                            return;
                        }
                    }
                });
            }
            holding.wait();
            let mut large = Box::pin(semaphore.acquire(CHURNERS));
            let all = match poll(large.as_mut()) {
                core::task::Poll::Ready(all) => all,
                core::task::Poll::Pending => {
                    large_is_queued.store(true, SeqCst);
                    block_on(large.as_mut())
                }
            }
            .unwrap();
            large_is_served.store(true, SeqCst);
            stop.set(&all);
        });
        assert_eq!(numbers(&semaphore), (CHURNERS, CHURNERS));
    });
}

#[test]
fn a_cancelled_front_does_not_starve_who_comes_at_the_same_time() {
    in_time(|| {
        let semaphore = Shared::new(Semaphore::new(10));
        let held = semaphore.try_acquire(1).unwrap();
        for _ in 0..500 {
            let large = semaphore.queued(10);
            assert_eq!(semaphore.try_acquire(1).unwrap_err(), TryAcquireError::NoPermits);
            let start = Barrier::new(2);
            thread::scope(|scope| {
                scope.spawn(|| {
                    start.wait();
                    drop(large);
                });
                start.wait();
                assert_eq!(acquire(&semaphore, 1).permits(), 1);
            });
            assert_eq!(numbers(&semaphore), (9, 10));
        }
        drop(held);
    });
}

#[test]
fn a_cancelled_front_wakes_who_was_behind_it() {
    let semaphore = Semaphore::new(10);
    let held = semaphore.try_acquire(1).unwrap();
    let large = Task::queued(semaphore.acquire(10));
    let mut small = Task::queued(semaphore.acquire(1));
    large.cancel();
    assert_eq!(small.wakes(), 1);
    assert_eq!(small.ready().unwrap().permits(), 1);
    drop(held);
}

#[test]
fn cancelled_first_and_released_second_nothing_is_granted() {
    in_time(|| {
        let semaphore = Shared::new(Semaphore::new(2));
        let held = Semaphore::try_acquire_with(semaphore.clone(), 1).unwrap();
        let waiting = semaphore.queued(2);
        let counter = thread::spawn(move || {
            let counter = waiting.cancel();
            drop(held);
            counter
        })
        .join()
        .unwrap();
        assert_eq!(counter.wakes(), 0);
        assert_eq!(semaphore.try_acquire(2).unwrap().permits(), 2);
        // One that is given up before its first poll takes nothing, though all is free.
        drop(semaphore.acquire(2));
        assert_eq!(numbers(&semaphore), (2, 2));
    });
}

#[test]
fn released_first_and_cancelled_second_the_permits_go_back() {
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire(1).unwrap();
    let waiting = Task::queued(semaphore.acquire(2));
    drop(held);
    assert_eq!((waiting.wakes(), numbers(&semaphore)), (1, (0, 2)));
    waiting.cancel();
    assert_eq!(semaphore.try_acquire(2).unwrap().permits(), 2);
}

#[test]
fn of_none_everything_is_legal() {
    let none = Semaphore::new(0);
    assert_eq!(acquire(&none, 0).permits(), 0);
    none.release(0);
    assert_eq!(block_on(none.acquire(1)).unwrap_err(), AcquireError::ExceedsMax { requested: 1, max: 0 });
    assert_eq!(none.try_acquire(1).unwrap_err(), TryAcquireError::ExceedsMax { requested: 1, max: 0 });
    assert_eq!(numbers(&none), (0, 0));
}

#[test]
fn a_request_for_none_queues_like_any_other_and_is_granted_behind_a_cancelled_front() {
    let semaphore = Semaphore::new(1);
    let held = semaphore.try_acquire(1).unwrap();
    assert_eq!(semaphore.try_acquire(0).unwrap().permits(), 0);
    let front = Task::queued(semaphore.acquire(1));
    let mut none = Task::queued(semaphore.acquire(0));
    assert_eq!(semaphore.try_acquire(0).unwrap_err(), TryAcquireError::NoPermits);
    // Go misses this one: with no permit free it wakes nobody.
    front.cancel();
    assert_eq!(none.wakes(), 1);
    assert_eq!(none.ready().unwrap().permits(), 0);
    drop(held);
}

#[test]
fn sizes_and_weights_that_no_count_can_hold_are_refused() {
    let too_many = Semaphore::MAX_PERMITS + 1;
    assert!(panic_message(|| Semaphore::new(too_many)).contains(&too_many.to_string()));
    let semaphore = Semaphore::new(2);
    let held = semaphore.try_acquire(1).unwrap();
    for n in [too_many, usize::MAX] {
        assert_eq!(semaphore.try_acquire(n).unwrap_err(), TryAcquireError::ExceedsMax { requested: n, max: 2 });
        assert_eq!(block_on(semaphore.acquire(n)).unwrap_err(), AcquireError::ExceedsMax { requested: n, max: 2 });
        assert!(panic_message(|| semaphore.release(n)).contains(&n.to_string()));
        assert_eq!(numbers(&semaphore), (1, 2));
    }
    drop(held);
}

#[test]
fn acquiring_all_joins_a_pool_of_workers() {
    const WORKERS: usize = 3;
    const JOBS: usize = 20;
    in_time(|| {
        let semaphore = Shared::new(Semaphore::new(WORKERS));
        let (done, running) = (AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for _ in 0..JOBS {
                let permit = block_on(semaphore.request(1)).unwrap();
                let (done, running) = (&done, &running);
                scope.spawn(move || {
                    assert!(running.fetch_add(1, SeqCst) < WORKERS);
                    thread::yield_now();
                    running.fetch_sub(1, SeqCst);
                    done.fetch_add(1, SeqCst);
                    drop(permit);
                });
            }
            let all = acquire(&semaphore, WORKERS);
            assert_eq!((done.load(SeqCst), running.load(SeqCst), all.permits()), (JOBS, 0, WORKERS));
        });
    });
}
