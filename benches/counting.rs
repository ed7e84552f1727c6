//! The system's allocator, counting.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);
static BYTES: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Relaxed);
        BYTES.fetch_add(layout.size(), Relaxed);
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

/// What was allocated.
#[derive(Clone, Copy, PartialEq)]
pub struct Allocated {
    pub times: usize,
    pub bytes: usize,
}

/// What `f` allocates, whatever it frees.
pub fn counted<R>(f: impl FnOnce() -> R) -> (Allocated, R) {
    let before = (ALLOCATIONS.load(Relaxed), BYTES.load(Relaxed));
    let result = f();
    let (times, bytes) = (ALLOCATIONS.load(Relaxed) - before.0, BYTES.load(Relaxed) - before.1);
    (Allocated { times, bytes }, result)
}
