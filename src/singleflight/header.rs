//! What a waker reaches of a flight: its word, who is to be woken, and the count of references to the memory.
//!
//! None of it depends on the types of the user, so a waker that a reactor keeps runs none of their destructors, and keeps
//! nothing of theirs alive.

use core::mem::ManuallyDrop;
use core::pin::pin;
use core::ptr::NonNull;
use core::task::{RawWaker, RawWakerVTable, Waker};

use super::word::{AtomicWord, Word};
#[cfg(feature = "std")]
use crate::sync::this_thread;
use crate::sync::{AtomicUsize, Ordering, assert_exclusive};
use crate::wait::{Queue, Ring, wake_in_rounds};

/// More references than this would have to be leaked ones.
const MAX_REFERENCES: usize = isize::MAX as usize;

pub(super) struct Header {
    /// The holders together have one, each waker has one (F2).
    references: AtomicUsize,
    pub(super) word: AtomicWord,
    pub(super) waiters: Queue<(), ()>,
    /// At most one is in it: the driver.
    pub(super) driver: Queue<(), ()>,
    /// The thread that polls the work or runs it, by `this_thread`; else zero.
    #[cfg(feature = "std")]
    poller: AtomicUsize,
    free: unsafe fn(NonNull<Header>),
}

/// One reference to the memory of a flight; given up when dropped.
pub(super) struct Memory(NonNull<Header>);

impl Header {
    /// Of memory that `free` frees, and nothing else.
    pub(super) fn new(word: Word, free: unsafe fn(NonNull<Header>)) -> Self {
        Self {
            references: AtomicUsize::new(1),
            word: AtomicWord::new(word),
            waiters: Queue::new(),
            driver: Queue::new(),
            #[cfg(feature = "std")]
            poller: AtomicUsize::new(0),
            free,
        }
    }

    /// Wakes who waits for the value, all of them: any may be one that nobody polls any more, so no choice of one would do.
    #[cold]
    pub(super) fn wake_waiters(&self) {
        wake_all(&self.waiters);
    }

    /// The flight has ended, so nobody lines up any more: wakes all who wait.
    pub(super) fn wake_last(&self) {
        wake_in_rounds(|batch| self.waiters.with(|locked| !locked.resolve_all((), batch)));
    }

    /// The work has news, and nobody has it: wakes who is to go on with it. `word` said so.
    pub(super) fn wake_for(&self, word: Word) {
        match (word.is_running(), word.has_driver()) {
            (false, _) => {}
            (true, true) => wake_all(&self.driver),
            (true, false) => self.wake_waiters(),
        }
    }

    /// The work has news: its waker says so.
    fn announce(&self) {
        // ORDERING: Release: what the waker's owner did before, to the Acquire exchange of who takes the work (`take`), also
        // if it is another's wake that brings it here.
        let before = self.word.fetch_or(Word::NEWS, Ordering::Release);
        // Who has the work looks when it gives it back; an earlier wake has not been answered yet.
        if !before.is_polling() && !before.is_woken() {
            self.wake_for(before);
        }
    }

    /// This thread has the work, or has it no longer.
    #[inline]
    pub(super) fn set_poller(&self, polls: bool) {
        #[cfg(feature = "std")]
        {
            let thread = if polls { this_thread() } else { 0 };
            // ORDERING: Relaxed: a thread compares it with its own number, which of all that live only it can have put there.
            self.poller.store(thread, Ordering::Relaxed);
        }
        #[cfg(not(feature = "std"))]
        let _ = polls;
    }

    /// Whether it is this very thread that polls the work, further out.
    #[cfg(feature = "std")]
    pub(super) fn is_polled_here(&self) -> bool {
        // ORDERING: Relaxed: as the store above.
        self.poller.load(Ordering::Relaxed) == this_thread()
    }

    fn add_reference(&self) {
        // ORDERING: Relaxed: there is a reference already, and whoever uses the new one has been given it by some way that
        // orders.
        let before = self.references.fetch_add(1, Ordering::Relaxed);
        if before >= MAX_REFERENCES {
            // ORDERING: Relaxed: nothing was done with that reference.
            self.references.fetch_sub(1, Ordering::Relaxed);
            panic!("more than {MAX_REFERENCES} wakers of one flight");
        }
    }
}

/// Wakes those who are in `queue` now.
fn wake_all(queue: &Queue<(), ()>) {
    let ring = pin!(Ring::new());
    let ring = ring.as_ref();
    let mut is_cut = false;
    wake_in_rounds(|batch| {
        queue.with(|locked| {
            if !is_cut {
                locked.cut(ring, |()| true);
                is_cut = true;
            }
            !locked.resolve_ring(ring, (), batch)
        })
    });
}

impl Memory {
    /// # Safety
    /// The caller owns a reference to the memory at `header`, a pointer to all of it, and passes it on.
    pub(super) unsafe fn from_raw(header: NonNull<Header>) -> Self {
        Self(header)
    }

    fn header(&self) -> &Header {
        // SAFETY: this reference keeps it (F2).
        unsafe { self.0.as_ref() }
    }
}

impl Drop for Memory {
    #[inline]
    fn drop(&mut self) {
        let references = &self.header().references;
        // ORDERING: Acquire: what was done with the other references, published by the Release subtractions below. Alone,
        // nobody can add one.
        if references.load(Ordering::Acquire) != 1 {
            // ORDERING: Release: what this reference was used for, to the Acquire load above or below of who frees it.
            if references.fetch_sub(1, Ordering::Release) != 1 {
                return;
            }
            // ORDERING: Acquire: as above.
            references.load(Ordering::Acquire);
        }
        let free = self.header().free;
        // SAFETY: that was the last reference; it is a pointer to the whole memory that `free` was made for (F2).
        unsafe { free(self.0) };
    }
}

impl Drop for Header {
    fn drop(&mut self) {
        assert_exclusive(&mut self.references);
    }
}

/// Runs `f` with the flight's own waker, lent: no reference is counted unless it is cloned.
///
/// # Safety
/// `header` is a pointer to the whole memory, which is kept while `f` runs.
pub(super) unsafe fn with_waker<R>(header: NonNull<Header>, f: impl FnOnce(&Waker) -> R) -> R {
    let raw = RawWaker::new(header.as_ptr().cast_const().cast(), &WAKER);
    // SAFETY: the functions of the table keep a waker's contract: they are thread-safe and count references; this one is not
    // dropped, so it needs none of its own.
    let waker = ManuallyDrop::new(unsafe { Waker::from_raw(raw) });
    f(&waker)
}

static WAKER: RawWakerVTable = RawWakerVTable::new(clone, wake, wake_by_ref, drop_waker);

/// # Safety
/// `data` is from a waker of a flight, whose memory is kept for as long as the result is used.
unsafe fn header<'a>(data: *const ()) -> &'a Header {
    // SAFETY: as the caller promises.
    unsafe { &*data.cast::<Header>() }
}

/// # Safety
/// Called by a waker, with its data.
unsafe fn clone(data: *const ()) -> RawWaker {
    // SAFETY: the waker keeps the memory.
    let header = unsafe { header(data) };
    header.add_reference();
    RawWaker::new(data, &WAKER)
}

/// # Safety
/// Called by a waker, with its data, once.
unsafe fn wake(data: *const ()) {
    let header = NonNull::new(data.cast_mut().cast::<Header>()).expect("a flight is not null");
    // SAFETY: the waker's reference, which ends here.
    let memory = unsafe { Memory::from_raw(header) };
    memory.header().announce();
}

/// # Safety
/// Called by a waker, with its data.
unsafe fn wake_by_ref(data: *const ()) {
    // SAFETY: the waker keeps the memory.
    unsafe { header(data) }.announce();
}

/// # Safety
/// Called by a waker, with its data, once.
unsafe fn drop_waker(data: *const ()) {
    let header = NonNull::new(data.cast_mut().cast::<Header>()).expect("a flight is not null");
    // SAFETY: the waker's reference, which ends here.
    drop(unsafe { Memory::from_raw(header) });
}
