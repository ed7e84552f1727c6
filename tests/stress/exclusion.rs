//! Permits exclude, and order what they guard: plain, unsynchronised data behind a semaphore. A lost permit shows as a
//! wrong sum, a missing order as a report of a race detector.

use core::cell::UnsafeCell;
use std::sync::Arc;

use xsync::Semaphore;

use crate::seed::{Rng, rounds};
use crate::taking::{attempt, wait};
use crate::threads::{perhaps_yield, together};

/// Two numbers that are always equal, unless somebody looks in the middle of a change.
#[derive(Default)]
struct Guarded(UnsafeCell<(u64, u64)>);

// SAFETY: the tests access it only while they hold the permits that allow it, which is what they check.
unsafe impl Sync for Guarded {}

impl Guarded {
    /// # Safety
    /// The caller is alone.
    unsafe fn increment(&self, rng: &mut Rng) {
        // SAFETY: the caller is alone.
        let (left, right) = unsafe { &mut *self.0.get() };
        *left += 1;
        perhaps_yield(rng);
        assert_eq!(*left, *right + 1, "somebody else is changing it");
        *right += 1;
    }

    /// # Safety
    /// Nobody changes it meanwhile.
    unsafe fn read(&self) -> u64 {
        // SAFETY: nobody changes it meanwhile.
        let &(left, right) = unsafe { &*self.0.get() };
        assert_eq!(left, right, "seen in the middle of a change");
        left
    }
}

const THREADS: usize = 4;
const STEPS: usize = 2_000;

/// `work` says how often it has incremented; the sum must be what is there in the end.
fn on_threads(rng: &mut Rng, semaphore: &Arc<Semaphore>, work: impl Fn(&Guarded, &mut Rng) -> u64 + Sync) {
    let guarded = Guarded::default();
    let increments = together(THREADS, rng, |_, mut rng| (0..STEPS).map(|_| work(&guarded, &mut rng)).sum::<u64>());
    // SAFETY: all threads have been joined.
    assert_eq!(unsafe { guarded.read() }, increments.iter().sum::<u64>());
    assert_eq!(semaphore.available_permits(), semaphore.max_permits());
}

/// One permit is a mutex.
#[test]
fn one_permit_excludes() {
    rounds(10, |rng| {
        let semaphore = Arc::new(Semaphore::new(1));
        on_threads(rng, &semaphore, |guarded, rng| {
            let permit = if rng.one_in(4) { Some(wait(&semaphore, 1, rng)) } else { attempt(&semaphore, 1, rng) };
            // SAFETY: with the only permit at hand, this thread is alone.
            permit.iter().for_each(|_| unsafe { guarded.increment(rng) });
            u64::from(permit.is_some())
        });
    });
}

/// One permit is a read lock, all are a write lock.
#[test]
fn all_permits_exclude_each_single_one() {
    const ALL: usize = 3;
    rounds(10, |rng| {
        let semaphore = Arc::new(Semaphore::new(ALL));
        on_threads(rng, &semaphore, |guarded, rng| {
            if rng.one_in(3) {
                let permit = attempt(&semaphore, ALL, rng);
                // SAFETY: with all permits at hand, this thread is alone.
                permit.iter().for_each(|_| unsafe { guarded.increment(rng) });
                return u64::from(permit.is_some());
            }
            let permit = attempt(&semaphore, 1, rng);
            // SAFETY: with a permit at hand, nobody has all of them.
            permit.iter().for_each(|_| assert!(unsafe { guarded.read() } <= (STEPS * THREADS) as u64));
            0
        });
    });
}

/// Permits without a guard, taken by `forget` and by a drain, given back by a raw release.
#[test]
fn forgotten_and_drained_permits_order_as_guards_do() {
    rounds(10, |rng| {
        let semaphore = Arc::new(Semaphore::new(1));
        on_threads(rng, &semaphore, |guarded, rng| {
            if rng.one_in(3) {
                if semaphore.drain_permits(1) == 0 {
                    return 0;
                }
            } else {
                wait(&semaphore, 1, rng).forget();
            }
            // SAFETY: the only permit is this thread's.
            unsafe { guarded.increment(rng) };
            semaphore.release(1);
            1
        });
    });
}
