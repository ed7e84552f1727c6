//! Storms on a cancel flag.

use core::cell::UnsafeCell;
use core::pin::pin;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

use xsync::CancelFlag;

use crate::common::{block_on, poll};
use crate::seed::{Rng, rounds};
use crate::threads::{perhaps_yield, together};

/// Written before the cancellation, read by whoever has seen it.
struct Published(UnsafeCell<u64>);

// SAFETY: written only before `cancel` is called, read only by who has seen that it was.
unsafe impl Sync for Published {}

impl Published {
    /// # Safety
    /// The flag that comes with it was seen cancelled.
    unsafe fn get(&self) -> u64 {
        // SAFETY: the writer has finished, since the flag was seen cancelled.
        unsafe { *self.0.get() }
    }
}

/// Waits in one way or another; true once the flag was seen cancelled.
fn watch(flag: &CancelFlag, rng: &mut Rng) -> bool {
    match rng.below(5) {
        0 => flag.is_cancelled(),
        #[cfg(feature = "std")]
        1 => flag.cancelled().wait_timeout(core::time::Duration::from_micros(rng.below(100) as u64)),
        #[cfg(feature = "std")]
        2 => {
            flag.cancelled().wait();
            true
        }
        3 => {
            block_on(flag.cancelled());
            true
        }
        _ => {
            let mut wait = pin!(flag.cancelled());
            (0..rng.below(4)).any(|_| poll(wait.as_mut()).is_ready())
        }
    }
}

#[test]
fn everybody_sees_a_cancellation_and_what_came_before_it() {
    rounds(2_000, |rng| {
        let flag = CancelFlag::new();
        let published = Published(UnsafeCell::new(0));
        together(4, rng, |number, mut rng| {
            if number == 0 {
                perhaps_yield(&mut rng);
                // SAFETY: nobody reads before the cancellation.
                unsafe { *published.0.get() = 42 };
                return flag.cancel();
            }
            while !watch(&flag, &mut rng) {}
            // SAFETY: the flag was seen cancelled.
            assert_eq!(unsafe { published.get() }, 42);
        });
    });
}

/// Several cancel at once; each waiter is released exactly once, and none is left.
#[test]
fn many_cancellers_release_each_waiter_once() {
    rounds(500, |rng| {
        let flag = CancelFlag::new();
        let released = AtomicUsize::new(0);
        let waiters = 40 + rng.below(60);
        let mut waits: Vec<_> = (0..waiters).map(|_| Box::pin(flag.cancelled())).collect();
        for wait in &mut waits {
            assert!(poll(wait.as_mut()).is_pending());
        }
        // Some leave while the others are released.
        let leaving = waits.split_off(waiters - rng.below(20));
        let staying = waits.len();
        thread::scope(|scope| {
            scope.spawn(|| drop(leaving));
            scope.spawn(|| {
                for wait in waits {
                    block_on(wait);
                    released.fetch_add(1, SeqCst);
                }
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    flag.cancel();
                    assert!(flag.is_cancelled());
                });
            }
        });
        assert_eq!(released.into_inner(), staying);
    });
}
