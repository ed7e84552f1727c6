//! The semaphores in space: bytes, and allocations. One table, which does not depend on the machine's speed.

use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use xsync_benches::semaphores::Semaphore;
use xsync_benches::{SUBJECT, every_semaphore, version};

mod counting;

use counting::counted;

/// What a semaphore takes.
struct Footprint {
    semaphore: usize,
    future: usize,
    free: usize,
    first_wait: usize,
    second_wait: usize,
}

fn main() {
    println!("| contender         | version | semaphore | future | allocations: free | first wait | second wait |");
    println!("|-------------------|---------|----------:|-------:|------------------:|-----------:|------------:|");
    every_semaphore!(S => {
        let found = footprint::<S>();
        if S::NAME == SUBJECT {
            assert!(found.semaphore <= 40 && found.future <= 64);
            assert_eq!((found.free, found.first_wait, found.second_wait), (0, 0, 0));
        }
        println!(
            "| {:<17} | {:<7} | {:>9} | {:>6} | {:>17} | {:>10} | {:>11} |",
            S::NAME, version(S::NAME), found.semaphore, found.future, found.free, found.first_wait, found.second_wait
        );
    });
}

fn footprint<S: Semaphore>() -> Footprint {
    let semaphore = S::new(1);
    let mut cx = Context::from_waker(Waker::noop());

    let mut holder = pin!(semaphore.acquire(1));
    let future = size_of_val(&*holder);
    let (free, held) = counted(|| holder.as_mut().poll(&mut cx));
    assert!(held.is_ready());

    let (first_wait, mut first) = counted(|| Box::pin(semaphore.acquire(1)));
    let (first_poll, polled) = counted(|| first.as_mut().poll(&mut cx));
    assert!(matches!(polled, Poll::Pending));
    let (second_wait, mut second) = counted(|| Box::pin(semaphore.acquire(1)));
    let (second_poll, polled) = counted(|| second.as_mut().poll(&mut cx));
    assert!(matches!(polled, Poll::Pending));

    Footprint {
        semaphore: size_of::<S>(),
        future,
        free: free.times,
        // The box is this program's own.
        first_wait: first_wait.times + first_poll.times - 1,
        second_wait: second_wait.times + second_poll.times - 1,
    }
}
