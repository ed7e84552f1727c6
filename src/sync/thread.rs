//! Which of several lanes a thread takes, so that threads keep out of each other's cache lines.

#[cfg(all(feature = "std", not(xsync_loom)))]
mod native {
    use core::cell::Cell;

    use crate::sync::{AtomicUsize, Ordering};

    std::thread_local! {
        static INDEX: Cell<usize> = const { Cell::new(0) };
    }

    /// A number of this thread's own, from 1 on.
    #[inline]
    pub(crate) fn thread_index() -> usize {
        match INDEX.get() {
            0 => count_in(),
            index => index,
        }
    }

    #[cold]
    fn count_in() -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        // ORDERING: Relaxed: only has to be another number each time.
        let index = NEXT.fetch_add(1, Ordering::Relaxed).max(1);
        INDEX.set(index);
        index
    }

    /// How many lanes are worth having: a power of two, at most 64, twice as many as threads can run at once.
    pub(crate) fn lanes() -> usize {
        static LANES: AtomicUsize = AtomicUsize::new(0);
        // ORDERING: Relaxed on both: nothing but the number, which each that asks would find.
        match LANES.load(Ordering::Relaxed) {
            0 => {
                let threads = std::thread::available_parallelism().map_or(1, core::num::NonZeroUsize::get);
                let lanes = (2 * threads).next_power_of_two().min(64);
                // ORDERING: as above.
                LANES.store(lanes, Ordering::Relaxed);
                lanes
            }
            lanes => lanes,
        }
    }
}

/// A model has two lanes, and numbers its threads anew each time it runs.
#[cfg(xsync_loom)]
mod native {
    use core::sync::atomic::{AtomicUsize, Ordering};

    loom::lazy_static! {
        static ref NEXT: AtomicUsize = AtomicUsize::new(1);
    }

    loom::thread_local! {
        // ORDERING: Relaxed: only has to be another number each time.
        static INDEX: usize = NEXT.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn thread_index() -> usize {
        INDEX.with(|index| *index)
    }

    pub(crate) fn lanes() -> usize {
        2
    }
}

/// Without `std` threads cannot be told apart.
#[cfg(not(feature = "std"))]
mod native {
    #[inline(always)]
    pub(crate) fn thread_index() -> usize {
        1
    }

    pub(crate) fn lanes() -> usize {
        1
    }
}

pub(crate) use native::{lanes, thread_index};
