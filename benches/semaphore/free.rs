//! Free permits, one thread: what an acquisition costs that never waits.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use xsync_benches::semaphores::Semaphore;
use xsync_benches::{Plan, Row, Sample, every_semaphore};

use crate::floor::Floor;

/// Short, so that few samples meet a preemption.
const SAMPLE: Duration = Duration::from_millis(2);

pub fn measure(plan: &Plan) {
    for (title, permits, n) in [
        ("free permit: try_acquire of the last one", 1, 1),
        ("free permit: try_acquire of one of five", 5, 1),
        ("free permit: try_acquire of the last three", 3, 3),
    ] {
        let mut row = Row::new(title, SAMPLE);
        every_semaphore!(S => if S::WEIGHTED || n == 1 {
            row.contender(S::NAME, try_acquire::<S>(permits, n));
        });
        row.contender("floor", floor(permits, n));
        row.measure(plan);
    }
    for (title, permits, n) in [
        ("free permit: acquire, polled once, of the last one", 1, 1),
        ("free permit: acquire, polled once, of one of five", 5, 1),
        ("free permit: acquire, polled once, of three of five", 5, 3),
    ] {
        let mut row = Row::new(title, SAMPLE);
        every_semaphore!(S => if S::WEIGHTED || n == 1 {
            row.contender(S::NAME, acquire::<S>(permits, n));
        });
        row.contender("floor", floor(permits, n));
        row.measure(plan);
    }
    let mut row = Row::new("free permit: owned acquire, polled once, of the last one", SAMPLE);
    every_semaphore!(S => row.contender(S::NAME, acquire_owned::<S>(1)));
    row.measure(plan);
}

fn try_acquire<S: Semaphore>(permits: usize, n: usize) -> impl FnMut(u64) -> Sample {
    let semaphore = S::new(permits);
    move |operations| {
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                drop(semaphore.try_acquire(n).expect("free"));
            }
        });
        assert_eq!(semaphore.available(), permits);
        sample
    }
}

fn floor(permits: usize, n: usize) -> impl FnMut(u64) -> Sample {
    let semaphore = Floor::new(permits);
    move |operations| {
        Sample::of(operations, || {
            for _ in 0..operations {
                drop(semaphore.try_acquire(n).expect("free"));
            }
        })
    }
}

/// Polled by hand, so that no executor is measured.
fn acquire<S: Semaphore>(permits: usize, n: usize) -> impl FnMut(u64) -> Sample {
    let semaphore = S::new(permits);
    move |operations| {
        let sample = Sample::of(operations, || {
            for _ in 0..operations {
                drop(S::permit(ready(semaphore.acquire(n))));
            }
        });
        assert_eq!(semaphore.available(), permits);
        sample
    }
}

fn acquire_owned<S: Semaphore>(permits: usize) -> impl FnMut(u64) -> Sample {
    let semaphore = S::shared(permits);
    move |operations| {
        Sample::of(operations, || {
            for _ in 0..operations {
                drop(ready(S::acquire_owned(&semaphore, 1)));
            }
        })
    }
}

/// The output of a future that is ready at its first poll.
#[inline]
pub fn ready<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a free permit was not given at the first poll"),
    }
}
