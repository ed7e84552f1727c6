//! An allocator that counts, per thread, so that tests do not disturb each other.

use core::alloc::{GlobalAlloc, Layout};
use core::cell::Cell;
use std::alloc::System;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static BYTES: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator, which counts what each thread asks for and gives back.
pub(crate) struct Counting;

// SAFETY: it passes everything on to `System`.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        BYTES.set(BYTES.get() + layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        BYTES.set(BYTES.get() - layout.size() as isize);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(pointer, layout) }
    }
}

/// How often this thread allocates in `f`.
pub(crate) fn allocations(f: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    f();
    ALLOCATIONS.get() - before
}

/// How many bytes this thread has got and not given back; what another thread gives back is not seen.
pub(crate) fn bytes() -> isize {
    BYTES.get()
}

#[test]
fn the_counter_counts() {
    let before = bytes();
    let mut kept = None;
    assert_eq!(allocations(|| kept = Some(core::hint::black_box(Box::new(1_u64)))), 1);
    assert_eq!(bytes() - before, 8);
    drop(kept);
    assert_eq!((bytes(), allocations(|| ())), (before, 0));
}
