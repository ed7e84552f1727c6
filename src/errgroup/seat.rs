//! What a child has in its group, wherever it runs.

use core::ptr::NonNull;

use super::GroupError;
#[cfg(feature = "std")]
use super::Panic;
use super::count::MAX_CHILDREN;
use super::shared::Shared;
use crate::sync::Arc;
use crate::wait::wake_in_rounds;

/// One child, counted; dropping it counts it out.
pub(super) struct Seat<E> {
    shared: NonNull<Shared<E>>,
    /// It holds a permit of the group's slots.
    slot: bool,
}

// SAFETY: a seat is a share in an `Arc<Shared<E>>` (G1), which is `Send` and `Sync` for an `E` that is `Send`: errors
// are moved in and out under a lock, and never shared.
unsafe impl<E: Send> Send for Seat<E> {}
// SAFETY: as above.
unsafe impl<E: Send> Sync for Seat<E> {}

impl<E> Seat<E> {
    /// A seat, unless the group has ended.
    ///
    /// # Panics
    ///
    /// If there are [`MAX_CHILDREN`] already.
    #[inline]
    pub(super) fn take(shared: &Arc<Shared<E>>) -> Option<Self> {
        let before = shared.count.add();
        if before.is_closed() {
            shared.count.undo();
            return None;
        }
        if before.children() >= MAX_CHILDREN {
            shared.count.undo();
            panic!("a group has {MAX_CHILDREN} children already");
        }
        let pointer = Arc::as_ptr(shared);
        if before.children() == 0 {
            // SAFETY: it came from an `Arc`, which is alive; this is the reference of all seats (G1).
            unsafe { Arc::increment_strong_count(pointer) };
        }
        let shared = NonNull::new(pointer.cast_mut()).expect("an `Arc` is not null");
        Some(Self { shared, slot: false })
    }

    #[inline]
    pub(super) fn shared(&self) -> &Shared<E> {
        // SAFETY: a seat keeps it (G1).
        unsafe { self.shared.as_ref() }
    }

    /// Takes over a permit of the group's slots that was taken for this child, and forgotten.
    pub(super) fn hold_slot(&mut self) {
        self.slot = true;
    }

    /// The child ends without a result of its own.
    #[cold]
    pub(super) fn abandon(&self) {
        let shared = self.shared();
        #[cfg(feature = "std")]
        if std::thread::panicking() {
            // Dropped by a panic, its own or that of a child that held it.
            return shared.fail(GroupError::Panicked(Panic::unseen()));
        }
        // Also if the cancel of a parent has not come down here yet: who dropped it may have seen it up there.
        if shared.token.is_cancelled_above() {
            shared.count.cut();
        } else {
            shared.fail(GroupError::Aborted);
        }
    }
}

impl<E> Drop for Seat<E> {
    #[inline]
    fn drop(&mut self) {
        // Counted out also if a waker of who waits for the slot panics (G4).
        let _out = CountOut(self.shared);
        if self.slot {
            let slots = self.shared().slots.as_ref().expect("a slot of a group with a limit");
            slots.release(1);
        }
    }
}

struct CountOut<E>(NonNull<Shared<E>>);

impl<E> Drop for CountOut<E> {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: its seat is still counted, and keeps it (G1).
        let before = unsafe { self.0.as_ref() }.count.sub();
        if before.children() == 1 {
            self.last(before.is_waiting());
        }
    }
}

impl<E> CountOut<E> {
    /// The count went to zero.
    #[cold]
    fn last(&self, waiting: bool) {
        // SAFETY: it came from an `Arc`, whose reference of all seats is this one's to give up (G1).
        let shared = unsafe { Arc::from_raw(self.0.as_ptr().cast_const()) };
        if waiting {
            // All who are linked: a `Wait` may have been forgotten, in front of the one that is polled.
            wake_in_rounds(|batch| {
                shared.queue.with(|locked| {
                    let empty = locked.resolve_all((), batch);
                    if empty {
                        shared.count.end_wait();
                    }
                    !empty
                })
            });
        }
    }
}
