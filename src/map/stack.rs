//! A list that anybody may add to and take whole, without a lock (R. K. Treiber 1986; what is taken is taken by one
//! exchange, so that no node is compared with one that was at its address before).
//!
//! # Invariants
//!
//! - N1: A node is in the list from the exchange that puts it at the head to the one that takes the head away. Before, it is
//!   its maker's alone; after, it and all that follow are the taker's alone.

use core::marker::PhantomData;
use core::panic::{RefUnwindSafe, UnwindSafe};

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::sync::{AtomicUsize, Ordering, Tracked};

pub(super) struct Stack<T> {
    /// The address of the newest node, or null.
    head: AtomicUsize,
    _values: PhantomData<Box<Node<T>>>,
}

struct Node<T> {
    value: T,
    next: usize,
    alive: Tracked,
}

// SAFETY: a value goes from who pushes it to who takes it, and is shared by nobody (N1).
unsafe impl<T: Send> Sync for Stack<T> {}

// As for a lock: no foreign code runs while the list is changed.
impl<T> UnwindSafe for Stack<T> {}
impl<T> RefUnwindSafe for Stack<T> {}

impl<T> Stack<T> {
    pub(super) fn new() -> Self {
        Self { head: AtomicUsize::new(0), _values: PhantomData }
    }

    pub(super) fn push(&self, value: T) {
        // That it is empty is the rule.
        let mut next = 0;
        let node = Box::into_raw(Box::new(Node { value, next, alive: Tracked::new() }));
        loop {
            // SAFETY: made above, and not in the list yet (N1).
            unsafe { (*node).next = next };
            // ORDERING: Release: the node, to the Acquire exchange in `take`, directly or through later ones of these.
            // Relaxed on failure: only what its address is.
            match self.head.compare_exchange(next, node.expose_provenance(), Ordering::Release, Ordering::Relaxed) {
                Ok(_) => return,
                Err(now) => next = now,
            }
        }
    }

    /// All values, the oldest first.
    pub(super) fn take(&self) -> Vec<T> {
        let mut values = Vec::new();
        // ORDERING: Relaxed: only whether there is something; who needs to see it has been told by another word.
        if self.head.load(Ordering::Relaxed) == 0 {
            return values;
        }
        // ORDERING: Acquire: the nodes, from the Release exchanges in `push`.
        let mut address = self.head.swap(0, Ordering::Acquire);
        while address != 0 {
            let node = core::ptr::with_exposed_provenance_mut::<Node<T>>(address);
            // SAFETY: made by `push`, and taken by this exchange alone (N1).
            let node = *unsafe { Box::from_raw(node) };
            node.alive.end();
            address = node.next;
            values.push(node.value);
        }
        values.reverse();
        values
    }
}

impl<T> Drop for Stack<T> {
    fn drop(&mut self) {
        drop(self.take());
    }
}

#[cfg(test)]
mod tests {
    use alloc::rc::Rc;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::Stack;

    #[test]
    fn what_was_pushed_is_taken_once_in_that_order() {
        let stack = Stack::new();
        assert_eq!(stack.take(), Vec::<u8>::new());
        (1..=3).for_each(|value| stack.push(value));
        assert_eq!(stack.take(), vec![1, 2, 3]);
        stack.push(4);
        assert_eq!(stack.take(), vec![4]);
        assert_eq!(stack.take(), Vec::<u8>::new());
    }

    #[test]
    fn what_is_left_is_dropped_with_it() {
        let value = Rc::new(());
        let stack = Stack::new();
        stack.push(Rc::clone(&value));
        stack.push(Rc::clone(&value));
        drop(stack);
        assert_eq!(Rc::strong_count(&value), 1);
    }
}
