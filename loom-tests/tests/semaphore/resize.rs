//! Moving the number of permits, and raw releases that are one too many.

use std::pin::pin;
use std::task::Poll;

use loom::future::block_on;
use xsync::{AcquireError, Semaphore, TryAcquireError};
use xsync_loom_tests::{Counter, Outcomes, forever, model, panics_with, poll, spawn};

use crate::{all_held, assert_idle, assert_state};

const TOO_MANY: &str = "cannot release";

/// Property: a guard that races an addition is never taken for one too many.
/// Fails if: a suspicion outside the lock is not looked into under it (`guard-judges-outside-the-lock`).
#[test]
fn add_races_release() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let thread = spawn(move || drop(held));
        semaphore.add_permits(1);
        thread.join().unwrap();
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a guard that races a reduction is never taken for one too many, and the sum is exact.
/// Fails if: a suspicion outside the lock is not looked into under it (`guard-judges-outside-the-lock`).
#[test]
fn reduce_races_release() {
    model(3, || {
        let semaphore = forever(Semaphore::new(2));
        let held = semaphore.try_acquire(1).unwrap();
        let thread = spawn(move || drop(held));
        semaphore.reduce_permits(1);
        thread.join().unwrap();
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: a raw release that races an addition or a reduction is never taken for one too many.
/// Fails if: one that does not fit outside the lock does not ask again under it (`release-judges-outside-the-lock`).
#[test]
fn resize_races_raw_release() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let semaphore = forever(Semaphore::with_max(1, 2));
        let seen = seen.clone();
        let thread = spawn(move || {
            semaphore.release(1);
            seen.saw(semaphore.max_permits());
        });
        semaphore.reduce_permits(1);
        semaphore.add_permits(1);
        thread.join().unwrap();
        assert_idle(semaphore, 2, 2);
    });
    outcomes.were(&["1", "2"]);
}

/// Property: permits added reach who waits, whether it queued before or after.
/// Fails if: an addition serves nobody (`addition-serves-nobody`).
#[test]
fn add_races_acquire() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let thread = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        semaphore.add_permits(1);
        thread.join().unwrap();
        assert_idle(semaphore, 1, 2);
        drop(held);
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: an acquisition without waiting takes all permits before a reduction, or is told by its maximum after it.
/// Fails if: the state is swapped whatever it has become (`exchange-is-a-swap`), or the look of a fast acquire orders
/// nothing (`refusal-relaxed`).
#[test]
fn reduce_races_try_acquire() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let semaphore = forever(Semaphore::new(2));
        let thread = spawn(move || semaphore.try_acquire(2));
        semaphore.reduce_permits(1);
        match thread.join().unwrap() {
            Ok(permit) => {
                seen.saw("taken first");
                assert_idle(semaphore, -1, 1);
                drop(permit);
            }
            Err(refused) => {
                seen.saw("reduced first");
                assert_eq!(refused, TryAcquireError::ExceedsMax { requested: 2, max: 1 });
            }
        }
        assert_idle(semaphore, 1, 1);
    });
    outcomes.were(&["reduced first", "taken first"]);
}

/// Property: debt serves nobody, neither a newcomer nor who is queued, until releases have paid it.
/// Fails if: a negative count fits as if it was huge (`debt-fits-everybody`).
#[test]
fn reduce_races_acquire() {
    model(3, || {
        let (semaphore, held) = all_held(2);
        let waker = Counter::new();
        let thread = {
            let waker = waker.clone();
            spawn(move || {
                let mut waiting = Box::pin(semaphore.acquire(1));
                assert!(waker.poll(waiting.as_mut()).is_pending());
                waiting
            })
        };
        semaphore.reduce_permits(1);
        let mut waiting = thread.join().unwrap();
        assert_eq!(waker.wakes(), 0);
        assert_state(semaphore, -1, 1, true, false);
        drop(held);
        assert_eq!(waker.wakes(), 1);
        let Poll::Ready(Ok(granted)) = poll(waiting.as_mut()) else { panic!("all were released") };
        assert_idle(semaphore, 0, 1);
        drop(granted);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: debt is paid ahead of the queue: of two releases, one pays and one serves.
/// Fails if: a reduction takes nothing when nothing is free (`reduction-makes-no-debt`).
#[test]
fn reduce_races_release_to_the_queue() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, mut held) = all_held(2);
        let first = held.split(1).unwrap();
        let waker = Counter::new();
        let mut waiting = pin!(semaphore.acquire(1));
        assert!(waker.poll(waiting.as_mut()).is_pending());
        let reducing = spawn(move || semaphore.reduce_permits(1));
        drop(first);
        reducing.join().unwrap();
        if waker.wakes() == 1 {
            seen.saw("served first");
            assert_idle(semaphore, -1, 1);
        } else {
            seen.saw("paid first");
            assert_state(semaphore, 0, 1, true, false);
        }
        drop(held);
        assert_eq!(waker.wakes(), 1);
        let Poll::Ready(Ok(granted)) = poll(waiting.as_mut()) else { panic!("all were released") };
        assert_idle(semaphore, 0, 1);
        drop(granted);
        assert_idle(semaphore, 1, 1);
    });
    outcomes.were(&["paid first", "served first"]);
}

/// Property: a request that a reduction makes impossible is refused, queued or not, and does not sleep.
/// Fails if: the reduction forgets who waits (`reduction-refuses-nobody`), or a newcomer under the lock does not
/// compare with the maximum (`newcomer-ignores-max`).
#[test]
fn reduce_races_a_request_above_the_new_maximum() {
    model(3, || {
        let (semaphore, held) = all_held(2);
        let thread = spawn(move || block_on(semaphore.acquire(2)).map(drop));
        semaphore.reduce_permits(1);
        assert_eq!(thread.join().unwrap(), Err(AcquireError::ExceedsMax { requested: 2, max: 1 }));
        assert_idle(semaphore, -1, 1);
        drop(held);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: of an addition and a reduction that meet nothing is left over, and a request at the maximum in between
/// is refused or goes on waiting, as the one or the other comes first.
/// Fails if: the reduction forgets who waits (`reduction-refuses-nobody`).
#[test]
fn add_races_reduce() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(2);
        let waker = Counter::new();
        let mut waiting = pin!(semaphore.acquire(2));
        assert!(waker.poll(waiting.as_mut()).is_pending());
        let thread = spawn(move || semaphore.reduce_permits(1));
        semaphore.add_permits(1);
        thread.join().unwrap();
        seen.saw(waker.wakes());
        if waker.wakes() == 1 {
            let Poll::Ready(Err(refused)) = poll(waiting.as_mut()) else { panic!("nothing is free") };
            assert_eq!(refused, AcquireError::ExceedsMax { requested: 2, max: 1 });
            assert_idle(semaphore, 0, 2);
            drop(held);
        } else {
            assert_state(semaphore, 0, 2, true, false);
            drop(held);
            let Poll::Ready(Ok(granted)) = poll(waiting.as_mut()) else { panic!("all were released") };
            assert_idle(semaphore, 0, 2);
            drop(granted);
        }
        assert_idle(semaphore, 2, 2);
    });
    outcomes.were(&["0", "1"]);
}

/// Property: when a reduction refuses the front, those behind it who fit are served.
/// Fails if: a reduction serves nobody (`reduction-serves-nobody`).
#[test]
fn reduce_refuses_the_front_races_one_behind() {
    model(3, || {
        let semaphore = forever(Semaphore::new(3));
        let held = semaphore.try_acquire(1).unwrap();
        let front = Counter::new();
        let mut waiting = pin!(semaphore.acquire(3));
        assert!(front.poll(waiting.as_mut()).is_pending());
        let behind = spawn(move || drop(block_on(semaphore.acquire(1)).unwrap()));
        semaphore.reduce_permits(1);
        behind.join().unwrap();
        assert_eq!(front.wakes(), 1);
        let Poll::Ready(Err(refused)) = poll(waiting.as_mut()) else { panic!("it is above the maximum") };
        assert_eq!(refused, AcquireError::ExceedsMax { requested: 3, max: 2 });
        assert_idle(semaphore, 1, 2);
        drop(held);
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a reduction, the front's giving up, and a release to what is left, keep every permit.
/// Fails if: a dropped future keeps what it was granted (`dropped-grant-is-kept`), or leaving does not unlink
/// (`leaver-stays-linked`).
#[test]
fn reduce_races_release_and_cancel() {
    model(3, || {
        let (semaphore, held) = all_held(2);
        let waker = Counter::new();
        let mut waiting = Box::pin(semaphore.acquire(2));
        assert!(waker.poll(waiting.as_mut()).is_pending());
        let reducing = spawn(move || semaphore.reduce_permits(1));
        let releasing = spawn(move || drop(held));
        drop(waiting);
        reducing.join().unwrap();
        releasing.join().unwrap();
        assert!(waker.wakes() <= 1);
        assert_eq!(waker.kept(), 0);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: a raw release that nothing is out for panics before, during and after an addition.
/// Fails if: the addition raises the maximum first (`addition-raises-the-maximum-first`).
#[test]
fn add_races_a_release_too_many() {
    model(3, || {
        let semaphore = forever(Semaphore::new(1));
        let thread = spawn(move || semaphore.add_permits(1));
        assert!(panics_with(TOO_MANY, || semaphore.release(1)));
        thread.join().unwrap();
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a raw release that nothing is out for panics before, during and after a reduction.
/// Fails if: the reduction lowers the count first (`reduction-lowers-the-count-first`).
#[test]
fn reduce_races_a_release_too_many() {
    model(3, || {
        let semaphore = forever(Semaphore::new(2));
        let thread = spawn(move || semaphore.reduce_permits(1));
        assert!(panics_with(TOO_MANY, || semaphore.release(1)));
        thread.join().unwrap();
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: of two raw releases that are too many together exactly one panics, also if the other and a reduction
/// come between its look and its exchange.
/// Fails if: the reduction lowers the count first (`reduction-lowers-the-count-first`).
#[test]
fn reduce_races_two_releases_one_too_many() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        // Two are out, and three are released: no order of these lets the count pass through the same value twice.
        let semaphore = forever(Semaphore::with_max(1, 3));
        let thread = spawn(move || {
            let refused = panics_with(TOO_MANY, || semaphore.release(2));
            semaphore.reduce_permits(1);
            refused
        });
        let here = panics_with(TOO_MANY, || semaphore.release(1));
        let there = thread.join().unwrap();
        assert!(here != there);
        assert_idle(semaphore, if here { 2 } else { 1 }, 2);
        seen.saw(here);
    });
    outcomes.were(&["false", "true"]);
}

/// Property: what is drained while others release is exactly what is missing.
/// Fails if: the state is swapped whatever it has become (`exchange-is-a-swap`).
#[test]
fn drain_races_release() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let semaphore = forever(Semaphore::new(3));
        let held = semaphore.try_acquire(1).unwrap();
        let thread = spawn(move || drop(held));
        let drained = semaphore.drain_permits(3);
        thread.join().unwrap();
        assert_idle(semaphore, 3 - drained as isize, 3);
        semaphore.release(drained);
        assert_idle(semaphore, 3, 3);
        seen.saw(drained);
    });
    outcomes.were(&["2", "3"]);
}

/// Property: a guard whose permits a raw release has given back already panics and leaves the count as it was, and of
/// it and an honest holder exactly one does.
/// Fails if: a guard does not look at what it added to (`guard-does-not-look`), or what was too much stays
/// (`excess-stays`).
#[test]
fn guard_too_many_races_acquire() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, held) = all_held(1);
        semaphore.release(1);
        let thread = spawn(move || panics_with(TOO_MANY, || drop(held)));
        let honest = semaphore.try_acquire(1).unwrap();
        let there = thread.join().unwrap();
        assert_idle(semaphore, if there { 0 } else { 1 }, 1);
        let here = panics_with(TOO_MANY, || drop(honest));
        assert!(here != there);
        assert_idle(semaphore, 1, 1);
        seen.saw(there);
    });
    outcomes.were(&["false", "true"]);
}

/// Property: a guard that comes back one too many panics before, during and after an addition.
/// Fails if: a guard does not look at what it added to (`guard-does-not-look`), or only at the maximum of afterwards
/// (`guard-asks-too-late`), or what was too much stays (`excess-stays`).
#[test]
fn add_races_a_guard_too_many() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        semaphore.release(1);
        let thread = spawn(move || semaphore.add_permits(1));
        assert!(panics_with(TOO_MANY, || drop(held)));
        thread.join().unwrap();
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a guard that comes back one too many panics before, during and after a reduction.
/// Fails if: a guard does not look at what it added to (`guard-does-not-look`), or only at a maximum of before
/// (`guard-asks-too-early`, `guard-takes-an-old-maximum`), or what was too much stays (`excess-stays`).
#[test]
fn reduce_races_a_guard_too_many() {
    model(3, || {
        let semaphore = forever(Semaphore::new(2));
        let held = semaphore.try_acquire(1).unwrap();
        semaphore.release(1);
        let thread = spawn(move || semaphore.reduce_permits(1));
        assert!(panics_with(TOO_MANY, || drop(held)));
        thread.join().unwrap();
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: of a large guard that comes back too many and a small one that would fit, one panics or both (the word
/// does not say whose the excess is), and what did not panic is in the count.
/// Fails if: a guard does not look at what it added to (`guard-does-not-look`), or what was too much stays
/// (`excess-stays`).
#[test]
fn guard_too_many_races_a_small_guard() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let (semaphore, mut held) = all_held(4);
        let small = held.split(1).unwrap();
        semaphore.release(3);
        let thread = spawn(move || panics_with(TOO_MANY, || drop(held)));
        let small = panics_with(TOO_MANY, || drop(small));
        let large = thread.join().unwrap();
        assert!(large);
        assert_idle(semaphore, if small { 3 } else { 4 }, 4);
        seen.saw(small);
    });
    outcomes.were(&["false", "true"]);
}
