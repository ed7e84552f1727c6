//! Threads that block: what a hand-off costs when the operating system is in it.
//!
//! Each peer waits by its own blocking form, and `pollster` polls those that have none.

use std::thread;
use std::time::Duration;

use xsync_benches::semaphores::Semaphore;
use xsync_benches::{Plan, Row, Sample, every_semaphore};

const SAMPLE: Duration = Duration::from_millis(8);

pub fn measure(plan: &Plan) {
    let mut row = Row::new("threads: hand-off there and back between 2", SAMPLE);
    every_semaphore!(S => row.contender(S::NAME, hand_off::<S>()));
    row.measure(plan);
    for (threads, permits) in [(2, 1), (4, 2)] {
        let title = format!("threads: {threads} of them, permits: {permits}, held over a yield");
        let mut row = Row::new(title, SAMPLE);
        every_semaphore!(S => row.contender(S::NAME, contend::<S>(threads, permits)));
        row.measure(plan);
    }
}

/// Two threads, each of which waits for a permit that only the other gives. An operation is one wait.
fn hand_off<S: Semaphore>() -> impl FnMut(u64) -> Sample {
    let sides = [S::empty(1), S::empty(1)];
    move |operations| {
        let rounds = operations.div_ceil(2);
        let side = |mine: usize| {
            for _ in 0..rounds {
                S::forget(sides[mine].wait(1));
                sides[1 - mine].add(1);
            }
        };
        sides[0].add(1);
        let sample = Sample::of(rounds * 2, || {
            thread::scope(|scope| {
                scope.spawn(|| side(1));
                side(0);
            });
        });
        S::forget(sides[0].try_acquire(1).expect("comes back"));
        assert_eq!((sides[0].available(), sides[1].available()), (0, 0));
        sample
    }
}

/// Threads that take one permit each, let the system run another thread, and give it back. Without that they would run
/// one after the other and never meet.
fn contend<S: Semaphore>(threads: u64, permits: usize) -> impl FnMut(u64) -> Sample {
    let semaphore = S::new(permits);
    move |operations| {
        let each = operations.div_ceil(threads);
        let sample = Sample::of(each * threads, || {
            thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(|| {
                        for _ in 0..each {
                            let permit = semaphore.wait(1);
                            thread::yield_now();
                            drop(permit);
                        }
                    });
                }
            });
        });
        assert_eq!(semaphore.available(), permits);
        sample
    }
}
