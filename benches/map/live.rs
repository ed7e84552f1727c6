//! The system's allocator, with the sum of what is allocated and not freed.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ops::Sub;
use std::sync::atomic::{AtomicIsize, Ordering::Relaxed};

struct Summing;

static REQUESTED: AtomicIsize = AtomicIsize::new(0);
static ROUNDED: AtomicIsize = AtomicIsize::new(0);

/// What malloc keeps before each block, for itself.
const HEADER: usize = size_of::<usize>();

fn count(pointer: *mut u8, layout: Layout, sign: isize) {
    if !pointer.is_null() {
        // SAFETY: a block that the system's allocator gave out and has not taken back.
        let usable = unsafe { libc::malloc_usable_size(pointer.cast()) };
        REQUESTED.fetch_add(sign * layout.size() as isize, Relaxed);
        ROUNDED.fetch_add(sign * (usable + HEADER) as isize, Relaxed);
    }
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Summing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let pointer = unsafe { System.alloc(layout) };
        count(pointer, layout, 1);
        pointer
    }

    // Not by `alloc` and zeros: pages that are never touched stay the system's.
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        let pointer = unsafe { System.alloc_zeroed(layout) };
        count(pointer, layout, 1);
        pointer
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(pointer, layout, -1);
        // SAFETY: as the caller promises: it came from `alloc` above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Summing = Summing;

/// The sums.
#[derive(Clone, Copy)]
pub struct Live {
    /// Bytes that were asked for.
    pub requested: isize,
    /// Bytes that malloc gave, its own header included.
    pub rounded: isize,
}

impl Live {
    pub fn now() -> Self {
        Self { requested: REQUESTED.load(Relaxed), rounded: ROUNDED.load(Relaxed) }
    }
}

impl Sub for Live {
    type Output = Self;

    fn sub(self, before: Self) -> Self {
        Self { requested: self.requested - before.requested, rounded: self.rounded - before.rounded }
    }
}
