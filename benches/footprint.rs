//! The semaphores in space: bytes, and allocations. One table, which does not depend on the machine's speed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll, Waker};

use xsync_benches::semaphores::Semaphore;
use xsync_benches::{SUBJECT, every_semaphore, version};

/// The system's allocator, counting.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises: it came from `alloc` above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

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
        free,
        // The box is this program's own.
        first_wait: first_wait + first_poll - 1,
        second_wait: second_wait + second_poll - 1,
    }
}

/// How many allocations `f` makes.
fn counted<R>(f: impl FnOnce() -> R) -> (usize, R) {
    let before = ALLOCATIONS.load(Relaxed);
    let result = f();
    (ALLOCATIONS.load(Relaxed) - before, result)
}
