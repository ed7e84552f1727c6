//! Threads that start at one moment.

use std::sync::Barrier;
use std::thread;

use crate::seed::Rng;

/// Runs `work` on `count` threads at once, each with its number and randomness of its own; their results, in order.
pub(crate) fn together<R: Send>(count: usize, rng: &mut Rng, work: impl Fn(usize, Rng) -> R + Sync) -> Vec<R> {
    let barrier = Barrier::new(count);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| {
                let (work, barrier, rng) = (&work, &barrier, rng.fork());
                scope.spawn(move || {
                    barrier.wait();
                    work(number, rng)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Sometimes lets the others run, so that they meet the middle of something.
pub(crate) fn perhaps_yield(rng: &mut Rng) {
    if rng.one_in(4) {
        thread::yield_now();
    }
}
