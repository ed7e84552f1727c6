//! The intrusive doubly linked list: the only links in the crate.
//!
//! A [`Link`] is the first field of each node; pointers to it carry the provenance of the whole node. A [`List`] ends
//! in null on both sides, so it can be built in a `const` and moved while empty or not. A [`Ring`] holds some
//! that were cut off: its links end in a guard on the caller's stack, so that unlinking from it touches no list.
//!
//! Every function here that takes a pointer asks for the queue's lock to be held (W1).

use core::marker::PhantomPinned;
use core::pin::Pin;
use core::ptr::{self, NonNull};

use crate::sync::UnsafeCell;

/// Neighbours in a chain; null at the ends of a list. Meaningful only while linked (W1).
#[derive(Debug)]
pub(crate) struct Link {
    prev: UnsafeCell<*const Link>,
    next: UnsafeCell<*const Link>,
}

impl Link {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { prev: UnsafeCell::new(ptr::null()), next: UnsafeCell::new(ptr::null()) }
        }
    }
}

/// Reads a link.
///
/// # Safety
/// The node that holds `cell` is linked, and the queue's lock is held.
#[inline]
unsafe fn get(cell: &UnsafeCell<*const Link>) -> *const Link {
    cell.with(|link| {
        // SAFETY: the caller holds the lock that guards all links (W1).
        unsafe { *link }
    })
}

/// Writes a link.
///
/// # Safety
/// The queue's lock is held, and the node that holds `cell` is linked or about to be.
#[inline]
unsafe fn set(cell: &UnsafeCell<*const Link>, to: *const Link) {
    cell.with_mut(|link| {
        // SAFETY: the caller holds the lock that guards all links (W1).
        unsafe { *link = to };
    });
}

/// A FIFO of linked nodes.
#[derive(Debug)]
pub(crate) struct List {
    head: *const Link,
    tail: *const Link,
}

// SAFETY: a list is only pointers to nodes; what may be done through them is settled by W1 to W4, whichever thread
// holds the lock that it lives in.
unsafe impl Send for List {}

impl List {
    pub(crate) const fn new() -> Self {
        Self { head: ptr::null(), tail: ptr::null() }
    }

    #[inline]
    pub(crate) fn front(&self) -> Option<NonNull<Link>> {
        NonNull::new(self.head.cast_mut())
    }

    /// The node after `link`.
    ///
    /// # Safety
    /// `link` is in this list; the lock is held.
    #[inline]
    pub(crate) unsafe fn after(&self, link: NonNull<Link>) -> Option<NonNull<Link>> {
        // SAFETY: by W2 a linked node is valid memory.
        let link = unsafe { link.as_ref() };
        // SAFETY: the caller promises that it is linked and that the lock is held.
        NonNull::new(unsafe { get(&link.next) }.cast_mut())
    }

    /// # Safety
    /// `link` is valid and not linked; the lock is held.
    #[inline]
    pub(crate) unsafe fn push_back(&mut self, link: NonNull<Link>) {
        // SAFETY: the caller promises that it is valid.
        let node = unsafe { link.as_ref() };
        // SAFETY: the lock is held, the node is about to be linked.
        unsafe { set(&node.prev, self.tail) };
        // SAFETY: as above.
        unsafe { set(&node.next, ptr::null()) };
        // SAFETY: null, or by W2 a valid linked node.
        match unsafe { self.tail.as_ref() } {
            None => self.head = link.as_ptr(),
            // SAFETY: `tail` is linked, the lock is held.
            Some(tail) => unsafe { set(&tail.next, link.as_ptr()) },
        }
        self.tail = link.as_ptr();
    }

    /// Unlinks `link` from this list, or from a ring cut off from it; true if it was the front of this list.
    ///
    /// # Safety
    /// `link` is linked in this list or in such a ring; the lock is held.
    #[inline]
    pub(crate) unsafe fn unlink(&mut self, link: NonNull<Link>) -> bool {
        // SAFETY: by W2 a linked node is valid memory.
        let node = unsafe { link.as_ref() };
        // SAFETY: linked, and the lock is held.
        let prev = unsafe { get(&node.prev) };
        // SAFETY: as above.
        let next = unsafe { get(&node.next) };
        // A null neighbour means an end of this list: a ring has none.
        // SAFETY: null, or by W2 a valid linked node (or the guard of a ring, which outlives its nodes by W7).
        match unsafe { prev.as_ref() } {
            None => self.head = next,
            // SAFETY: linked, and the lock is held.
            Some(prev) => unsafe { set(&prev.next, next) },
        }
        // SAFETY: as for `prev`.
        match unsafe { next.as_ref() } {
            None => self.tail = prev,
            // SAFETY: linked, and the lock is held.
            Some(next) => unsafe { set(&next.prev, prev) },
        }
        prev.is_null()
    }

    /// Moves the nodes that `picked` says to the end of `ring`, in order.
    ///
    /// # Safety
    /// The lock is held.
    pub(crate) unsafe fn cut(&mut self, ring: Pin<&Ring>, mut picked: impl FnMut(NonNull<Link>) -> bool) {
        let mut cursor = self.front();
        while let Some(link) = cursor {
            // SAFETY: it was reached from the front, so it is in this list; the lock is held.
            cursor = unsafe { self.after(link) };
            if picked(link) {
                // SAFETY: as above.
                unsafe { self.unlink(link) };
                // SAFETY: it was just unlinked; the lock is held.
                unsafe { ring.push_back(link) };
            }
        }
    }
}

/// Nodes cut off from a list to be resolved in rounds, in a circle through a guard on the stack (W7).
#[derive(Debug)]
pub(crate) struct Ring {
    guard: Link,
    _pinned: PhantomPinned,
}

impl Ring {
    const_fn! {
        pub(crate) const fn new() -> Self {
            Self { guard: Link::new(), _pinned: PhantomPinned }
        }
    }

    fn guard(&self) -> *const Link {
        &raw const self.guard
    }

    /// # Safety
    /// `link` is valid and not linked; the lock is held.
    unsafe fn push_back(self: Pin<&Self>, link: NonNull<Link>) {
        let guard = self.get_ref().guard();
        // SAFETY: the lock is held.
        let last = unsafe { get(&self.guard.prev) };
        // An untouched ring has null links, which stand for the guard itself.
        let last = if last.is_null() { guard } else { last };
        // SAFETY: the caller promises that it is valid.
        let node = unsafe { link.as_ref() };
        // SAFETY: the lock is held, the node is about to be linked.
        unsafe { set(&node.prev, last) };
        // SAFETY: as above.
        unsafe { set(&node.next, guard) };
        // SAFETY: the guard, or by W2 a valid linked node.
        let last = unsafe { &*last };
        // SAFETY: linked, and the lock is held.
        unsafe { set(&last.next, link.as_ptr()) };
        // SAFETY: as above.
        unsafe { set(&self.guard.prev, link.as_ptr()) };
    }

    /// The first node, if any; it stays linked.
    ///
    /// # Safety
    /// The lock is held.
    pub(crate) unsafe fn front(self: Pin<&Self>) -> Option<NonNull<Link>> {
        // SAFETY: the lock is held.
        let first = unsafe { get(&self.guard.next) };
        if ptr::eq(first, self.get_ref().guard()) { None } else { NonNull::new(first.cast_mut()) }
    }
}
