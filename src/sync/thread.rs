//! Which of several lanes a thread takes, so that threads keep out of each other's cache lines.

#[cfg(all(feature = "std", not(xsync_loom)))]
mod native {
    use core::cell::Cell;

    use crate::sync::{AtomicUsize, Ordering};

    /// So many numbers are given out again, one thread at a time: as many as a word has bits.
    const SEATS: usize = usize::BITS as usize;

    /// The numbers below [`SEATS`] that threads have.
    static TAKEN: AtomicUsize = AtomicUsize::new(0);

    /// A number that is given back when its thread ends.
    struct Seat(usize);

    impl Drop for Seat {
        fn drop(&mut self) {
            // What this thread still does, in other destructors, it does as one of many.
            INDEX.set(usize::MAX - self.0);
            // ORDERING: Release: what this thread did alone, to the next that has the number (the Acquire in `take_seat`).
            TAKEN.fetch_and(!(1 << self.0), Ordering::Release);
        }
    }

    std::thread_local! {
        /// One more than the number, or zero.
        static INDEX: Cell<usize> = const { Cell::new(0) };
        static SEAT: Cell<Option<Seat>> = const { Cell::new(None) };
        static CALLS: Cell<u32> = const { Cell::new(0) };
        static HERE: u8 = const { 0 };
    }

    /// What names this thread, and no other as long as this one lives, in destructors at its end too; never zero.
    #[inline]
    pub(crate) fn this_thread() -> usize {
        HERE.with(|here| core::ptr::from_ref(here).addr())
    }

    /// A number of this thread's: if less than [`lanes`], no other thread has it as long as this one lives.
    #[inline(always)]
    pub(crate) fn thread_index() -> usize {
        match INDEX.get() {
            0 => count_in(),
            index => index - 1,
        }
    }

    #[cold]
    fn count_in() -> usize {
        static NEXT: AtomicUsize = AtomicUsize::new(SEATS);
        // ORDERING: Relaxed: spreads the threads.
        let seat = take_seat().unwrap_or_else(|| NEXT.fetch_add(1, Ordering::Relaxed).max(SEATS));
        INDEX.set(seat + 1);
        if seat < SEATS && SEAT.try_with(|kept| kept.set(Some(Seat(seat)))).is_err() {
            // This thread is at its end.
            drop(Seat(seat));
        }
        INDEX.get() - 1
    }

    fn take_seat() -> Option<usize> {
        let lowest = |taken: usize| (taken != usize::MAX).then(|| taken | (taken + 1));
        // ORDERING: Acquire: what the last thread of that number did alone (the Release in `Seat::drop`). Relaxed on failure
        // and at first: the exchange looks again.
        let taken = TAKEN.fetch_update(Ordering::Acquire, Ordering::Relaxed, lowest).ok()?;
        Some((!taken).trailing_zeros() as usize)
    }

    /// True at each 4,096th call of this thread.
    #[inline(always)]
    pub(crate) fn is_now_and_then() -> bool {
        let calls = CALLS.get().wrapping_add(1);
        CALLS.set(calls);
        calls % 4096 == 0
    }

    /// How many lanes are worth having: a power of two, at most 64, twice as many as threads can run at once.
    pub(crate) fn lanes() -> usize {
        static LANES: AtomicUsize = AtomicUsize::new(0);
        // ORDERING: Relaxed on both: nothing but the number, which each that asks would find.
        match LANES.load(Ordering::Relaxed) {
            0 => {
                let threads = std::thread::available_parallelism().map_or(1, core::num::NonZeroUsize::get);
                let lanes = (2 * threads).next_power_of_two().min(SEATS);
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
    use core::cell::Cell;
    use core::sync::atomic::{AtomicUsize, Ordering};

    loom::lazy_static! {
        static ref NEXT: AtomicUsize = AtomicUsize::new(0);
    }

    loom::thread_local! {
        // ORDERING: Relaxed: only has to be another number each time.
        static INDEX: usize = NEXT.fetch_add(1, Ordering::Relaxed);
        static CALLS: Cell<u32> = Cell::new(0);
    }

    pub(crate) fn thread_index() -> usize {
        INDEX.with(|index| *index)
    }

    #[cfg(feature = "std")]
    pub(crate) fn this_thread() -> usize {
        thread_index() + 1
    }

    /// True at the third call of a thread: a model that is not about this has fewer.
    pub(crate) fn is_now_and_then() -> bool {
        CALLS.with(|calls| {
            calls.set(calls.get() + 1);
            calls.get() == 3
        })
    }

    pub(crate) fn lanes() -> usize {
        2
    }
}

/// Without `std` threads cannot be told apart.
#[cfg(not(feature = "std"))]
mod native {
    /// All are one of many.
    #[inline(always)]
    pub(crate) fn thread_index() -> usize {
        usize::MAX
    }

    #[inline(always)]
    pub(crate) fn is_now_and_then() -> bool {
        false
    }

    pub(crate) fn lanes() -> usize {
        1
    }
}

#[cfg(feature = "std")]
pub(crate) use native::this_thread;
pub(crate) use native::{is_now_and_then, lanes, thread_index};

#[cfg(all(test, feature = "std", not(xsync_loom)))]
mod tests {
    use std::sync::Barrier;
    use std::thread;

    use super::thread_index;

    #[test]
    fn of_many_threads_at_once_no_two_have_one_number_and_later_ones_have_low_ones() {
        const THREADS: usize = 150;
        let barrier = Barrier::new(THREADS);
        let mut numbers: Vec<usize> = thread::scope(|scope| {
            let number = || {
                let number = thread_index();
                barrier.wait();
                assert_eq!(thread_index(), number);
                number
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(number)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), THREADS);
        let later = thread::spawn(thread_index).join().unwrap();
        assert!(later < usize::BITS as usize, "{later}");
    }
}
