//! The ways to get permits, or to give up: waits, timed waits, tries, and polls with drops at random moments.

use core::pin::pin;
use core::task::Poll;
use std::sync::Arc;
use std::thread;

use xsync::{OwnedPermit, Semaphore};

use crate::common::{block_on, poll};
use crate::seed::Rng;

/// Waits for as long as it takes; panics if the semaphore is closed.
pub(crate) fn wait(semaphore: &Arc<Semaphore>, n: usize, rng: &mut Rng) -> OwnedPermit {
    match rng.below(2) {
        #[cfg(feature = "std")]
        0 => semaphore.acquire_owned(n).wait(),
        _ => block_on(semaphore.acquire_owned(n)),
    }
    .expect("open, and within the maximum")
}

/// One way or another, at random; `None` if it gave up, or was refused because of a close or a reduction.
pub(crate) fn attempt(semaphore: &Arc<Semaphore>, n: usize, rng: &mut Rng) -> Option<OwnedPermit> {
    match rng.below(5) {
        0 => semaphore.try_acquire_owned(n).ok(),
        #[cfg(feature = "std")]
        1 => {
            let timeout = core::time::Duration::from_micros(rng.below(200) as u64);
            semaphore.acquire_owned(n).wait_timeout(timeout)?.ok()
        }
        2 => block_on(semaphore.acquire_owned(n)).ok(),
        _ => polled(semaphore, n, rng),
    }
}

/// Polls a few times, then drops the future, in whatever state it is then.
fn polled(semaphore: &Arc<Semaphore>, n: usize, rng: &mut Rng) -> Option<OwnedPermit> {
    let mut future = pin!(semaphore.acquire_owned(n));
    for _ in 0..rng.below(4) {
        if let Poll::Ready(answer) = poll(future.as_mut()) {
            return answer.ok();
        }
        if rng.one_in(2) {
            thread::yield_now();
        }
    }
    None
}
