//! One waiter: the node that lives inside a future.

use core::marker::{PhantomData, PhantomPinned};
use core::mem::MaybeUninit;
use core::panic::{RefUnwindSafe, UnwindSafe};
use core::ptr::NonNull;
use core::task::{Poll, Waker};

use super::list::Link;
use crate::sync::{AtomicUsize, Ordering, UnsafeCell, assert_exclusive};

/// What a resolver tells a waiter, in a word whose two top bits are free.
pub(crate) trait Verdict: Copy {
    /// As a number of at most `usize::MAX / 4 - 1`.
    fn encode(self) -> usize;
    /// The inverse.
    fn decode(word: usize) -> Self;
}

/// The verdict of a plain broadcast: woken.
impl Verdict for () {
    #[inline]
    fn encode(self) -> usize {
        0
    }

    #[inline]
    fn decode(_: usize) {}
}

/// Where a waiter is in its life; the module's head has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status<V> {
    Idle,
    Waiting,
    Done,
    Resolved(V),
}

impl<V: Verdict> Status<V> {
    const RESOLVED: usize = 3;

    /// Two low bits for the kind, the verdict above them.
    #[inline]
    fn encode(self) -> usize {
        match self {
            Self::Idle => 0,
            Self::Waiting => 1,
            Self::Done => 2,
            Self::Resolved(verdict) => {
                debug_assert!(verdict.encode() < usize::MAX / 4);
                verdict.encode() << 2 | Self::RESOLVED
            }
        }
    }

    #[inline]
    fn decode(word: usize) -> Self {
        match word & 3 {
            0 => Self::Idle,
            1 => Self::Waiting,
            2 => Self::Done,
            _ => Self::Resolved(V::decode(word >> 2)),
        }
    }
}

/// A node of the queue: a payload, a place in line, and the waker to fire.
///
/// `link` comes first, so that a pointer to it is a pointer to the node.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Waiter<P, V> {
    link: Link,
    waker: UnsafeCell<MaybeUninit<Waker>>,
    status: AtomicUsize,
    payload: P,
    _verdict: PhantomData<V>,
    _pinned: PhantomPinned,
}

// SAFETY: links and waker are touched only as the table in the module's head says, under the queue's lock while
// `Waiting`, else by the owner (W1, W6); `Waker` is `Send + Sync`; the payload is read only.
unsafe impl<P: Send, V: Send> Send for Waiter<P, V> {}
// SAFETY: as above; a shared reference gives access only to the status word and, under the lock, to the rest.
unsafe impl<P: Sync, V: Send> Sync for Waiter<P, V> {}

// The cells change under the lock, where no code that can panic runs.
impl<P, V> UnwindSafe for Waiter<P, V> {}
impl<P, V> RefUnwindSafe for Waiter<P, V> {}

impl<P, V: Verdict> Waiter<P, V> {
    const_fn! {
        pub(crate) const fn new(payload: P) -> Self {
            Self {
                link: Link::new(),
                waker: UnsafeCell::new(MaybeUninit::uninit()),
                status: AtomicUsize::new(0),
                payload,
                _verdict: PhantomData,
                _pinned: PhantomPinned,
            }
        }
    }

    #[inline]
    pub(crate) fn payload(&self) -> &P {
        &self.payload
    }

    /// Where this waiter is, seen by its owner.
    #[inline]
    pub(crate) fn status(&self) -> Status<V> {
        // ORDERING: Acquire: what the resolver did and saw, published by the Release store in `resolve` (W4).
        Status::decode(self.status.load(Ordering::Acquire))
    }

    /// The owner is served: without asking under the lock, or after reading its verdict.
    #[inline]
    pub(crate) fn finish(&self) {
        // ORDERING: Relaxed: not linked, so nobody but the owner looks.
        self.status.store(Status::<V>::Done.encode(), Ordering::Relaxed);
    }

    /// The owner, who has its verdict or never queued, may queue again.
    pub(crate) fn begin_again(&self) {
        debug_assert!(matches!(self.status(), Status::Idle | Status::Done));
        // ORDERING: Relaxed: not linked, so nobody but the owner looks.
        self.status.store(Status::<V>::Idle.encode(), Ordering::Relaxed);
    }

    /// The owner is served at once, without having queued.
    #[inline]
    pub(super) fn answer(&self, verdict: V) {
        // ORDERING: Relaxed: not linked, so nobody but the owner looks.
        self.status.store(Status::Resolved(verdict).encode(), Ordering::Relaxed);
    }

    /// The owner takes its verdict, if there is one.
    #[inline]
    pub(super) fn collect(&self) -> Poll<V> {
        match self.status() {
            Status::Resolved(verdict) => {
                self.finish();
                Poll::Ready(verdict)
            }
            _ => Poll::Pending,
        }
    }

    #[inline]
    pub(super) fn as_link(&self) -> NonNull<Link> {
        NonNull::from(self).cast()
    }

    /// The node that `link` is the first field of, if `link` was made by [`as_link`](Self::as_link) of a `Self`.
    #[inline]
    pub(super) fn from_link(link: NonNull<Link>) -> NonNull<Self> {
        link.cast()
    }

    /// Seen under the lock, where it cannot change.
    #[inline]
    pub(super) fn status_locked(&self) -> Status<V> {
        // ORDERING: Relaxed: stores of `Waiting` and `Resolved` are made under the lock, which the caller holds.
        Status::decode(self.status.load(Ordering::Relaxed))
    }

    /// Makes it `Waiting`, with `waker` to fire; the caller links it.
    ///
    /// # Safety
    /// The lock is held; the waiter is `Idle`, and the caller is its owner.
    #[inline]
    pub(super) unsafe fn begin(&self, waker: Waker) {
        self.waker.with_mut(|slot| {
            // SAFETY: the lock is held, and the owner is here: nobody else looks at the slot.
            unsafe { (*slot).write(waker) };
        });
        // ORDERING: Relaxed: made under the lock, where all who care read it.
        self.status.store(Status::<V>::Waiting.encode(), Ordering::Relaxed);
    }

    /// Whether the waker to fire would wake the same task as `other`. No foreign code and no lock: two pointers are
    /// compared, in a slot that only the owner writes (W6).
    ///
    /// # Safety
    /// The waiter has queued; the caller is its owner.
    #[inline]
    pub(super) unsafe fn will_wake(&self, other: &Waker) -> bool {
        self.waker.with(|slot| {
            // SAFETY: only the owner writes the slot, and it is here.
            let slot = unsafe { &*slot };
            // SAFETY: written when it queued (W6). If it has been moved out since, its bits are still there, and
            // `will_wake` looks at nothing else.
            unsafe { slot.assume_init_ref() }.will_wake(other)
        })
    }

    /// Takes the waker out; the caller moves the status on at once, or writes a new waker.
    ///
    /// # Safety
    /// The lock is held; the waiter is `Waiting`.
    #[inline]
    pub(super) unsafe fn take_waker(&self) -> Waker {
        self.waker.with(|slot| {
            // SAFETY: the lock is held, so nobody writes the slot.
            let slot = unsafe { &*slot };
            // SAFETY: written, by W6; it is moved out once, since the status moves on.
            unsafe { slot.assume_init_read() }
        })
    }

    /// Exchanges the waker to fire.
    ///
    /// # Safety
    /// The lock is held; the waiter is `Waiting`, and the caller is its owner.
    #[inline]
    pub(super) unsafe fn replace_waker(&self, waker: Waker) -> Waker {
        // SAFETY: as the caller promises.
        let old = unsafe { self.take_waker() };
        self.waker.with_mut(|slot| {
            // SAFETY: the lock is held, and the owner is here: nobody else looks at the slot.
            unsafe { (*slot).write(waker) };
        });
        old
    }

    /// Tells the owner its verdict. The owner may free the node from this moment on (W4), which is why this takes a
    /// pointer: no reference to the node may be live when the store lands.
    ///
    /// # Safety
    /// The lock is held; the waiter was `Waiting`, is unlinked, its waker is taken out. It is not used after this.
    #[inline]
    pub(super) unsafe fn resolve(waiter: NonNull<Self>, verdict: V) {
        // SAFETY: valid until the store below.
        let status = unsafe { &(*waiter.as_ptr()).status };
        // ORDERING: Release: all that the resolver did and saw, to the Acquire load in `status`.
        status.store(Status::Resolved(verdict).encode(), Ordering::Release);
    }
}

impl<P, V> Drop for Waiter<P, V> {
    #[inline]
    fn drop(&mut self) {
        assert_exclusive(&mut self.status);
    }
}
