//! The FIFO under its lock.

use core::marker::PhantomData;
use core::pin::Pin;
use core::ptr::NonNull;
use core::task::{Poll, Waker};

use super::batch::WakeBatch;
use super::list::{Link, List, Ring};
use super::waiter::{Status, Verdict, Waiter};
use crate::sync::Lock;

/// A FIFO of waiters with a payload `P` (a weight, or nothing), each of which gets one verdict `V`.
///
/// A waiter belongs to the queue that it was first polled with: its owner passes it to no other.
#[derive(Debug)]
pub(crate) struct Queue<P, V> {
    list: Lock<List>,
    _waiters: PhantomData<fn(P) -> V>,
}

/// The queue while its lock is held: the only way to reach the nodes.
#[derive(Debug)]
pub(crate) struct Locked<'a, P, V> {
    list: &'a mut List,
    _waiters: PhantomData<fn(P) -> V>,
}

/// How a waiter left the queue.
#[derive(Debug)]
pub(crate) enum Left<V> {
    /// It was waiting. The waker is to be dropped after the lock is released.
    Unlinked { was_front: bool, waker: Waker },
    /// It had been resolved, or had not been waiting.
    Before(Status<V>),
}

impl<P, V: Verdict> Queue<P, V> {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { list: Lock::new(List::new()), _waiters: PhantomData }
        }
    }

    /// Runs `f` with the lock held. `f` runs no foreign code (W5).
    #[inline]
    pub(crate) fn with<R>(&self, f: impl FnOnce(&mut Locked<'_, P, V>) -> R) -> R {
        self.list.with(|list| f(&mut Locked { list, _waiters: PhantomData }))
    }

    /// As [`with`](Self::with), unless somebody else has the lock.
    #[cfg(feature = "alloc")]
    pub(crate) fn try_with<R>(&self, f: impl FnOnce(&mut Locked<'_, P, V>) -> R) -> Option<R> {
        self.list.try_with(|list| f(&mut Locked { list, _waiters: PhantomData }))
    }

    /// Under the lock, asks `serve` for a verdict; without one, puts the `Idle` waiter at the end of the queue.
    pub(crate) fn enqueue(
        &self,
        waiter: Pin<&Waiter<P, V>>,
        waker: &Waker,
        serve: impl FnOnce() -> Option<V>,
    ) -> Poll<V> {
        debug_assert!(matches!(waiter.status(), Status::Idle));
        let waker = waker.clone();
        let unused = self.with(|locked| match serve() {
            Some(verdict) => {
                waiter.answer(verdict);
                Some(waker)
            }
            None => {
                // SAFETY: the lock is held; `Idle`, and the caller is the owner.
                unsafe { waiter.begin(waker) };
                // SAFETY: the lock is held; an `Idle` waiter is not linked (W1); it is pinned, and its owner's drop
                // unlinks it (W2).
                unsafe { locked.list.push_back(waiter.get_ref().as_link()) };
                None
            }
        });
        // Foreign code: after the lock (W5), and while the verdict is still in the waiter, so that a panic does not
        // lose it.
        drop(unused);
        waiter.collect()
    }

    /// The owner of a waiter that has queued looks again: the verdict, or `waker` is the one to fire from now on.
    pub(crate) fn poll_waiting(&self, waiter: Pin<&Waiter<P, V>>, waker: &Waker) -> Poll<V> {
        // SAFETY: it has queued, and the caller is its owner.
        if matches!(waiter.status(), Status::Waiting) && !unsafe { waiter.will_wake(waker) } {
            let fresh = waker.clone();
            let replaced = self.with(|_| match waiter.status_locked() {
                // SAFETY: the lock is held, it is `Waiting`, and the caller is its owner.
                Status::Waiting => unsafe { waiter.replace_waker(fresh) },
                _ => fresh,
            });
            // Foreign code: as above.
            drop(replaced);
        }
        waiter.collect()
    }
}

impl<P, V: Verdict> Locked<'_, P, V> {
    /// The payloads in line, the front first.
    #[inline]
    pub(crate) fn payloads(&self) -> impl Iterator<Item = &P> {
        let mut cursor = self.list.front();
        core::iter::from_fn(move || {
            let link = cursor?;
            // SAFETY: reached from the front, so it is in the list, and the lock is held.
            cursor = unsafe { self.list.after(link) };
            // SAFETY: a linked node of this queue is a valid `Waiter<P, V>` while the lock is held (W1, W2).
            let waiter = unsafe { Waiter::<P, V>::from_link(link).as_ref() };
            Some(waiter.payload())
        })
    }

    /// Resolves the front, if any, whose waker goes to `batch`.
    #[inline]
    pub(crate) fn resolve_front(&mut self, verdict: V, batch: &mut WakeBatch) {
        if let Some(link) = self.list.front() {
            // SAFETY: it is linked, in this queue, and the lock is held.
            unsafe { self.resolve(link, verdict, batch) };
        }
    }

    /// Resolves those in line until the batch is full; true if the queue became empty. Repeated, it ends with those it
    /// began with only if nobody queues meanwhile.
    pub(crate) fn resolve_all(&mut self, verdict: V, batch: &mut WakeBatch) -> bool {
        while self.list.front().is_some() {
            if batch.room() == 0 {
                return false;
            }
            self.resolve_front(verdict, batch);
        }
        true
    }

    /// Cuts the waiters off that `picked` says, to be resolved by [`resolve_ring`](Self::resolve_ring); it looks at
    /// each.
    pub(crate) fn cut(&mut self, ring: Pin<&Ring>, mut picked: impl FnMut(&P) -> bool) {
        let picked = |link| {
            // SAFETY: a linked node of this queue is a valid `Waiter<P, V>` while the lock is held (W1, W2).
            let waiter = unsafe { Waiter::<P, V>::from_link(link).as_ref() };
            picked(waiter.payload())
        };
        // SAFETY: the lock is held.
        unsafe { self.list.cut(ring, picked) };
    }

    /// Resolves what is in `ring`, which was cut from this queue, until the batch is full; true if it became empty.
    pub(crate) fn resolve_ring(&mut self, ring: Pin<&Ring>, verdict: V, batch: &mut WakeBatch) -> bool {
        loop {
            // SAFETY: the lock is held.
            match unsafe { ring.front() } {
                None => return true,
                Some(_) if batch.room() == 0 => return false,
                // SAFETY: it is linked, in a ring of this queue, and the lock is held.
                Some(link) => unsafe { self.resolve(link, verdict, batch) },
            }
        }
    }

    /// Takes a waiter out that its owner gives up.
    pub(crate) fn leave(&mut self, waiter: &Waiter<P, V>) -> Left<V> {
        match waiter.status_locked() {
            Status::Waiting => {
                // SAFETY: `Waiting`, so linked (W1), and the lock is held.
                let was_front = unsafe { self.list.unlink(waiter.as_link()) };
                // SAFETY: `Waiting`, and the lock is held.
                let waker = unsafe { waiter.take_waker() };
                waiter.finish();
                Left::Unlinked { was_front, waker }
            }
            status => Left::Before(status),
        }
    }

    /// # Safety
    /// `link` is a waiter of this queue, linked in its list or in a ring cut from it.
    #[inline]
    unsafe fn resolve(&mut self, link: NonNull<Link>, verdict: V, batch: &mut WakeBatch) {
        // SAFETY: linked, and the lock is held.
        unsafe { self.list.unlink(link) };
        let waiter = Waiter::<P, V>::from_link(link);
        // SAFETY: it was linked, and its owner has not been told yet: valid (W2, W4).
        let node = unsafe { waiter.as_ref() };
        // SAFETY: it is `Waiting` still, and the lock is held.
        batch.push(unsafe { node.take_waker() });
        // SAFETY: unlinked, waker taken; not used after this.
        unsafe { Waiter::resolve(waiter, verdict) };
    }
}
