//! Nothing is lost or made: many threads on one semaphore, with all that can be done to it.

use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;

use xsync::{AcquireError, OwnedPermit, Semaphore};

use crate::common::block_on;
use crate::seed::{Rng, rounds};
use crate::taking::{attempt, wait};
use crate::threads::{perhaps_yield, together};

const MAX: usize = 8;

/// A semaphore and an independent count of what its users hold.
struct Budget {
    semaphore: Arc<Semaphore>,
    in_use: AtomicUsize,
    /// No more can be out at this moment: the greatest maximum since everything was in one hand.
    ceiling: AtomicUsize,
}

impl Budget {
    fn new() -> Self {
        Self { semaphore: Arc::new(Semaphore::new(MAX)), in_use: AtomicUsize::new(0), ceiling: AtomicUsize::new(MAX) }
    }

    /// Counts `n` as in use while `f` runs: from after they were granted until before they are given back.
    fn using<R>(&self, n: usize, f: impl FnOnce() -> R) -> R {
        let in_use = self.in_use.fetch_add(n, SeqCst) + n;
        let ceiling = self.ceiling.load(SeqCst);
        assert!(in_use <= ceiling, "{in_use} in use, of at most {ceiling}");
        let result = f();
        self.in_use.fetch_sub(n, SeqCst);
        result
    }

    fn hold(&self, permit: OwnedPermit, rng: &mut Rng) {
        let n = permit.permits();
        let give_back = self.using(n, || {
            perhaps_yield(rng);
            rng.below(4)
        });
        match give_back {
            0 => {
                permit.forget();
                self.semaphore.release(n);
            }
            1 => {
                let mut rest = permit;
                let part = rest.split(rng.below(n + 1)).expect("at most all");
                drop(part);
                drop(rest);
            }
            _ => drop(permit),
        }
    }

    fn step(&self, rng: &mut Rng) {
        if rng.one_in(12) {
            let n = self.semaphore.drain_permits(rng.below(MAX));
            self.using(n, thread::yield_now);
            self.semaphore.release(n);
        } else if let Some(permit) = attempt(&self.semaphore, rng.below(MAX + 1), rng) {
            self.hold(permit, rng);
        }
    }

    /// Raises the maximum for a while. What is out of the reduction is paid before everything is in one hand again.
    fn resize(&self, rng: &mut Rng) {
        let more = rng.below(MAX);
        self.ceiling.fetch_add(more, SeqCst);
        self.semaphore.add_permits(more);
        thread::yield_now();
        self.semaphore.reduce_permits(more);
        let all = wait(&self.semaphore, MAX, rng);
        assert_eq!(self.in_use.load(SeqCst), 0, "somebody holds more than there is");
        assert_eq!(self.semaphore.available_permits(), 0);
        self.ceiling.fetch_sub(more, SeqCst);
        drop(all);
    }
}

#[test]
fn what_is_out_never_exceeds_the_maximum_and_all_comes_back() {
    rounds(10, |rng| {
        let budget = Budget::new();
        together(4, rng, |_, mut rng| (0..2_000).for_each(|_| budget.step(&mut rng)));
        assert_eq!(budget.semaphore.available_permits(), MAX);
        assert!(budget.semaphore.try_acquire(MAX).is_ok());
    });
}

#[test]
fn resizing_keeps_the_account() {
    rounds(10, |rng| {
        let budget = Budget::new();
        together(4, rng, |number, mut rng| match number {
            0 => (0..500).for_each(|_| budget.resize(&mut rng)),
            _ => (0..2_000).for_each(|_| budget.step(&mut rng)),
        });
        assert_eq!(budget.semaphore.max_permits(), MAX);
        assert_eq!(budget.semaphore.available_permits(), MAX);
    });
}

/// Reductions below what is asked for: a request is refused with a maximum that there was, or granted in full; and a
/// release that races a resize is never taken for too much.
#[test]
fn a_request_above_a_shrinking_maximum_is_answered() {
    rounds(10, |rng| {
        let semaphore = Semaphore::new(MAX);
        let request = |rng: &mut Rng| {
            let n = rng.below(MAX + 1);
            match block_on(semaphore.acquire(n)) {
                Ok(permit) => {
                    assert_eq!(permit.permits(), n);
                    perhaps_yield(rng);
                }
                Err(AcquireError::ExceedsMax { requested, max }) => {
                    assert!(requested == n && max < n && max >= 2, "{requested} of {max}");
                }
                Err(error) => panic!("{error}"),
            }
        };
        let resize = |rng: &mut Rng| {
            let less = rng.below(MAX - 1);
            semaphore.reduce_permits(less);
            perhaps_yield(rng);
            semaphore.add_permits(less);
        };
        together(4, rng, |number, mut rng| match number {
            0 => (0..2_000).for_each(|_| resize(&mut rng)),
            _ => (0..2_000).for_each(|_| request(&mut rng)),
        });
        assert_eq!((semaphore.max_permits(), semaphore.available_permits()), (MAX, MAX));
    });
}

/// A close in the middle of it all: every waiter is told, and what was granted before comes back.
#[test]
fn a_close_leaves_nobody_asleep() {
    rounds(500, |rng| {
        let budget = Budget::new();
        let served = AtomicUsize::new(0);
        let until = rng.below(200);
        together(4, rng, |number, mut rng| {
            if number == 0 {
                while served.load(SeqCst) < until {
                    thread::yield_now();
                }
                return budget.semaphore.close();
            }
            // Ends by the close only.
            while let Ok(permit) = block_on(budget.semaphore.acquire_owned(1 + rng.below(MAX))) {
                budget.hold(permit, &mut rng);
                served.fetch_add(1, SeqCst);
            }
        });
        assert!(budget.semaphore.is_closed());
        assert_eq!(budget.semaphore.available_permits(), MAX);
    });
}
