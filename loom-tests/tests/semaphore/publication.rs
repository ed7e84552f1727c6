//! What one thread wrote and another reads, with nothing but the semaphore between them.
//!
//! Who acquires polls without being woken where it matters, so that no wake stands in for an ordering.

use std::pin::pin;

use loom::future::block_on;
use loom::thread;
use xsync::{AcquireError, Semaphore, TryAcquireError};
use xsync_loom_tests::{Shadow, forever, model, poll, poll_until_ready, spawn};

use crate::{Held, all_held, assert_closed, assert_idle};

/// Tries until it gets `n`, without queueing.
fn try_until_acquired(semaphore: &'static Semaphore, n: usize) -> Held {
    loop {
        match semaphore.try_acquire(n) {
            Ok(permit) => return permit,
            Err(TryAcquireError::NoPermits) => thread::yield_now(),
            Err(error) => panic!("{error}"),
        }
    }
}

/// Property: what a holder wrote before its release is seen by who takes the permits without queueing.
/// Fails if: a fast acquire, or a guard's addition, orders nothing (`fast-acquire-relaxed`, `guard-relaxed`).
#[test]
fn released_then_taken() {
    model(3, || {
        let semaphore = forever(Semaphore::new(1));
        let data = forever(Shadow::new(0));
        let thread = spawn(move || {
            if let Ok(_permit) = semaphore.try_acquire(1) {
                data.increment();
            }
        });
        if let Ok(_permit) = semaphore.try_acquire(1) {
            data.increment();
        }
        thread.join().unwrap();
        assert!((1..=2).contains(&data.get()));
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: what a holder wrote before its release is seen by a newcomer who is served under the lock, and by a
/// waiter who finds itself granted.
/// Fails if: a newcomer's exchange under the lock orders nothing (`newcomer-relaxed`), or the verdict does not
/// (`verdict-told-relaxed`).
#[test]
fn released_then_granted() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let data = forever(Shadow::new(0));
        let thread = spawn(move || {
            let _permit = poll_until_ready(pin!(semaphore.acquire(1))).unwrap();
            data.increment();
        });
        data.increment();
        drop(held);
        thread.join().unwrap();
        assert_eq!(data.get(), 2);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: through a chain of holders each sees what all before it wrote.
/// Fails if: a guard's addition publishes nothing (`guard-relaxed`), or the verdict does not (`verdict-told-relaxed`).
#[test]
fn chain_of_holders() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let data = forever(Shadow::new(0));
        let woken = spawn(move || {
            let _permit = block_on(semaphore.acquire(1)).unwrap();
            data.increment();
        });
        let polling = spawn(move || {
            let _permit = poll_until_ready(pin!(semaphore.acquire(1))).unwrap();
            data.increment();
        });
        data.increment();
        drop(held);
        woken.join().unwrap();
        polling.join().unwrap();
        assert_eq!(data.get(), 3);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: who takes permits of several releases sees what was written before each.
/// Fails if: a guard's addition publishes nothing (`guard-relaxed`), who grants does not read the word with Acquire
/// (`settle-look-relaxed`), or the verdict orders nothing (`verdict-told-relaxed`).
#[test]
fn two_releases_then_granted() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        let first = held.split(1).unwrap();
        let data = forever([Shadow::new(0), Shadow::new(0)]);
        let release = move |n: usize, permit: Held| {
            data[n].increment();
            drop(permit);
        };
        let threads = [spawn(move || release(0, first)), spawn(move || release(1, held))];
        let permit = poll_until_ready(pin!(semaphore.acquire(2))).unwrap();
        assert_eq!([data[0].get(), data[1].get()], [1, 1]);
        drop(permit);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a waiter sees what was written before a guard's addition, with `QUEUED` set or not, that an addition of
/// permits by another thread makes use of.
/// Fails if: who grants does not read the word with Acquire (`settle-look-relaxed`), the guard's addition or the one of
/// permits publishes nothing (`guard-relaxed`, `addition-relaxed`), or the verdict does not (`verdict-told-relaxed`).
#[test]
fn released_then_granted_by_an_addition() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        let first = held.split(1).unwrap();
        let data = forever([Shadow::new(0), Shadow::new(0)]);
        let releasing = spawn(move || {
            data[0].increment();
            drop(first);
        });
        let adding = spawn(move || {
            data[1].increment();
            semaphore.add_permits(1);
        });
        let permit = poll_until_ready(pin!(semaphore.acquire(2))).unwrap();
        assert_eq!([data[0].get(), data[1].get()], [1, 1]);
        releasing.join().unwrap();
        adding.join().unwrap();
        assert_idle(semaphore, 0, 3);
        drop((permit, held));
        assert_idle(semaphore, 3, 3);
    });
}

/// Property: a slow release that leaves permits over publishes to who takes those without queueing.
/// Fails if: the step of a slow release publishes nothing (`settle-step-relaxed`).
#[test]
fn left_over_by_a_grant_then_taken() {
    model(3, || {
        let (semaphore, held) = all_held(2);
        let data = forever(Shadow::new(0));
        let mut waiting = pin!(semaphore.acquire(1));
        assert!(poll(waiting.as_mut()).is_pending());
        let thread = spawn(move || {
            let permit = try_until_acquired(semaphore, 1);
            assert_eq!(data.get(), 1);
            drop(permit);
        });
        data.increment();
        drop(held);
        thread.join().unwrap();
        drop(poll_until_ready(waiting).unwrap());
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: a release whose permits went straight to the front, and that left the word as it was, publishes to who
/// takes other permits after somebody else has cleared `QUEUED`.
/// Fails if: that clearing publishes nothing (`settle-step-relaxed`).
#[test]
fn handed_over_then_taken() {
    model(3, || {
        let (semaphore, mut held) = all_held(3);
        let one = held.split(1).unwrap();
        let data = forever(Shadow::new(0));
        let mut waiting = [(); 2].map(|()| Box::pin(semaphore.acquire(1)));
        for future in &mut waiting {
            assert!(poll(future.as_mut()).is_pending());
        }
        let taking = spawn(move || {
            let permit = try_until_acquired(semaphore, 1);
            assert_eq!(data.get(), 1);
            drop(permit);
        });
        let releasing = spawn(move || {
            data.increment();
            drop(one);
        });
        drop(held);
        releasing.join().unwrap();
        taking.join().unwrap();
        assert_idle(semaphore, 1, 3);
        drop(waiting);
        assert_idle(semaphore, 3, 3);
    });
}

/// Property: a guard that goes by the lock because of an old hint, though nobody is queued any more, publishes to who
/// takes its permits.
/// Fails if: a slow release with nobody queued publishes nothing (`slow-release-relaxed`).
#[test]
fn released_on_an_old_hint_then_taken() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        let one = held.split(1).unwrap();
        let data = forever(Shadow::new(0));
        let mut waiting = pin!(semaphore.acquire(1));
        assert!(poll(waiting.as_mut()).is_pending());
        let releasing = spawn(move || drop(one));
        let taking = spawn(move || {
            let permit = try_until_acquired(semaphore, 1);
            assert_eq!(data.get(), 1);
            drop(permit);
        });
        data.increment();
        drop(held);
        releasing.join().unwrap();
        taking.join().unwrap();
        drop(poll_until_ready(waiting).unwrap());
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: what was written before a raw release is seen by who takes the permits.
/// Fails if: the exchange of a raw release publishes nothing (`raw-release-relaxed`).
#[test]
fn released_raw_then_taken() {
    model(3, || {
        let semaphore = forever(Semaphore::with_max(0, 1));
        let data = forever(Shadow::new(0));
        let thread = spawn(move || {
            data.increment();
            semaphore.release(1);
        });
        let permit = try_until_acquired(semaphore, 1);
        assert_eq!(data.get(), 1);
        thread.join().unwrap();
        assert_idle(semaphore, 0, 1);
        drop(permit);
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: a release that pays debt publishes too: who takes what a later release frees sees what both wrote.
/// Fails if: a guard's addition publishes nothing (`guard-relaxed`).
#[test]
fn debt_paid_then_taken() {
    model(3, || {
        let (semaphore, mut held) = all_held(2);
        semaphore.reduce_permits(1);
        let first = held.split(1).unwrap();
        let data = forever([Shadow::new(0), Shadow::new(0)]);
        let release = move |n: usize, permit: Held| {
            data[n].increment();
            drop(permit);
        };
        let threads = [spawn(move || release(0, first)), spawn(move || release(1, held))];
        let permit = poll_until_ready(pin!(semaphore.acquire(1))).unwrap();
        assert_eq!([data[0].get(), data[1].get()], [1, 1]);
        drop(permit);
        for thread in threads {
            thread.join().unwrap();
        }
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: who takes permits that were added sees what was written before the addition, and a resize between a
/// release and an acquisition does not cut the chain.
/// Fails if: the addition publishes nothing (`addition-relaxed`).
#[test]
fn added_then_taken() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let data = forever(Shadow::new(0));
        let thread = spawn(move || {
            data.increment();
            semaphore.add_permits(1);
        });
        let permit = try_until_acquired(semaphore, 1);
        assert_eq!(data.get(), 1);
        drop((permit, held));
        thread.join().unwrap();
        assert_idle(semaphore, 2, 2);
    });
}

/// Property: who drains permits sees what was written before they were released.
/// Fails if: a drain orders nothing (`drain-relaxed`).
#[test]
fn released_then_drained() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let data = forever(Shadow::new(0));
        let thread = spawn(move || {
            data.increment();
            drop(held);
        });
        while semaphore.drain_permits(1) == 0 {
            thread::yield_now();
        }
        assert_eq!(data.get(), 1);
        semaphore.release(1);
        thread.join().unwrap();
        assert_idle(semaphore, 1, 1);
    });
}

/// Property: who sees it closed sees what was written before the close.
/// Fails if: the close publishes nothing (`close-relaxed`), or the look orders nothing
/// (`is-closed-relaxed`).
#[test]
fn closed_then_looked_at() {
    model(3, || {
        let semaphore = forever(Semaphore::new(1));
        let data = forever(Shadow::new(0));
        let thread = spawn(move || {
            if semaphore.is_closed() {
                assert_eq!(data.get(), 1);
            }
        });
        data.increment();
        semaphore.close();
        thread.join().unwrap();
        assert_closed(semaphore, 1, 1);
    });
}

/// Property: who is refused with `Closed` sees what was written before the close, by its first look or by an
/// exchange that the close made fail.
/// Fails if: the close publishes nothing (`close-relaxed`), or the look of a fast acquire
/// orders nothing (`refusal-relaxed`).
#[test]
fn closed_then_refused() {
    model(3, || {
        let semaphore = forever(Semaphore::new(1));
        let data = forever(Shadow::new(0));
        let thread = spawn(move || {
            data.increment();
            semaphore.close();
        });
        match semaphore.try_acquire(1) {
            Ok(permit) => drop(permit),
            Err(error) => {
                assert_eq!(error, TryAcquireError::Closed);
                assert_eq!(data.get(), 1);
            }
        }
        thread.join().unwrap();
        assert_closed(semaphore, 1, 1);
    });
}

/// Property: a waiter that the close resolves sees what was written before the close.
/// Fails if: the verdict orders nothing (`verdict-told-relaxed`).
#[test]
fn closed_then_resolved() {
    model(3, || {
        let (semaphore, held) = all_held(1);
        let data = forever(Shadow::new(0));
        let mut waiting = pin!(semaphore.acquire(1));
        assert!(poll(waiting.as_mut()).is_pending());
        let thread = spawn(move || {
            data.increment();
            semaphore.close();
        });
        assert_eq!(poll_until_ready(waiting).map(drop), Err(AcquireError::Closed));
        assert_eq!(data.get(), 1);
        thread.join().unwrap();
        drop(held);
        assert_closed(semaphore, 1, 1);
    });
}
