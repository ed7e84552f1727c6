//! A node of the tree: its handles, its children, and the decision to cancel it. The invariants are the module's.

use core::mem::ManuallyDrop;
use core::ops::Deref;
use core::ptr::NonNull;

use alloc::boxed::Box;

use super::{CancelFlag, Cause};
use crate::sync::{AtomicBool, AtomicUsize, Lock, Ordering, assert_exclusive, small};
use crate::wait::{Link, List, WakeBatch};

/// How many children are cancelled in one section of their parent's lock.
const CHILDREN: usize = small(32, 2);

/// More handles than this would have to be leaked ones.
const MAX_HANDLES: usize = isize::MAX as usize;

/// `sibling` comes first, so that a pointer to it is a pointer to the node.
#[repr(C)]
pub(super) struct Node {
    sibling: Link,
    handles: AtomicUsize,
    flag: CancelFlag,
    linked: AtomicBool,
    family: Lock<Family>,
    parent: Option<Handle>,
}

struct Family {
    children: List,
    decision: Option<Decision>,
}

/// What settled that a node is cancelled.
#[derive(Clone)]
pub(super) enum Decision {
    /// A call on the node itself.
    Own(Cause),
    /// The cancellation of its parent, which knows why.
    Inherited,
}

/// One handle on a node; gives it up when dropped.
pub(super) struct Handle(NonNull<Node>);

// SAFETY: handles are counted atomically (T1), and what can be reached through one is the `Sync` part of a node: the
// flag, the family under its lock, words. `sibling` is reached under the parent's lock only (T2).
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

/// Where the cancellation of a node's children has come to.
pub(super) enum Progress {
    /// There is more to do, in another round.
    More,
    /// This child has children of its own.
    Into(Handle),
    /// No child is left.
    Done,
}

impl Handle {
    /// A node of its own, or, if `parent` has been cancelled, a cancelled one.
    pub(super) fn new(parent: Option<&Self>) -> Self {
        let node = Box::new(Node {
            sibling: Link::new(),
            handles: AtomicUsize::new(1),
            flag: CancelFlag::new(),
            linked: AtomicBool::new(false),
            family: Lock::new(Family { children: List::new(), decision: None }),
            parent: parent.cloned(),
        });
        // Whatever changes it reaches it through this pointer.
        let node = Self(NonNull::from(Box::leak(node)));
        if let Some(parent) = parent {
            let born_cancelled = parent.family.with(|family| {
                if family.decision.is_some() {
                    return true;
                }
                // ORDERING: Relaxed: changes only under the parent's lock, which is held.
                node.linked.store(true, Ordering::Relaxed);
                // SAFETY: valid, not linked before, and the parent's lock is held (T2).
                unsafe { family.children.push_back(node.0.cast()) };
                false
            });
            if born_cancelled {
                node.decide(Decision::Inherited);
                node.flag.cancel();
            }
        }
        node
    }

    /// The parent's handle that this node holds.
    pub(super) fn parent(&self) -> Option<&Self> {
        self.parent.as_ref()
    }
}

impl Deref for Handle {
    type Target = Node;

    fn deref(&self) -> &Node {
        // SAFETY: this handle keeps the node (T1).
        unsafe { self.0.as_ref() }
    }
}

impl Clone for Handle {
    fn clone(&self) -> Self {
        self.add_handle();
        Self(self.0)
    }
}

impl PartialEq for Handle {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Drop for Handle {
    /// In a loop: the last handle of a node gives up the one on its parent, which may be the last too.
    fn drop(&mut self) {
        let mut node = self.0;
        // SAFETY: a handle of `node`, given up here, once.
        while let Some(parent) = unsafe { give_up(node) } {
            node = ManuallyDrop::new(parent).0;
        }
    }
}

/// Gives a handle up. If it was the last, frees the node, whose handle on its parent is returned.
///
/// # Safety
/// The caller owns a handle of `node`, and does not use it again.
unsafe fn give_up(node: NonNull<Node>) -> Option<Handle> {
    // SAFETY: the handle still keeps the node (T1).
    let handles = unsafe { &(*node.as_ptr()).handles };
    // ORDERING: Release: what this handle was used for, to the Acquire load below of who frees the node.
    if handles.fetch_sub(1, Ordering::Release) > 1 {
        return None;
    }
    // ORDERING: Acquire: what the other handles were used for, published by the Release subtractions above.
    handles.load(Ordering::Acquire);
    // SAFETY: that was the last handle, so nobody else reaches the node but through its parent's list (T1).
    let dying = unsafe { node.as_ref() };
    if let Some(parent) = &dying.parent {
        parent.disown(dying);
    }
    // SAFETY: it came from a `Box`; it has no handle, is not linked, and so has no children (T1, T2).
    let mut node = unsafe { Box::from_raw(node.as_ptr()) };
    // Moved out first: if the cause's destructor panics, this handle is dropped on the way.
    let parent = node.parent.take();
    drop(node);
    parent
}

impl Node {
    pub(super) fn flag(&self) -> &CancelFlag {
        &self.flag
    }

    /// Counts one more handle, of a node that has one.
    fn add_handle(&self) {
        // ORDERING: Relaxed: there is a handle already, and whoever uses the new one has been given it by some way that
        // orders.
        let before = self.handles.fetch_add(1, Ordering::Relaxed);
        if before >= MAX_HANDLES {
            // ORDERING: Relaxed: nothing was done with that handle.
            self.handles.fetch_sub(1, Ordering::Relaxed);
            panic!("more than {MAX_HANDLES} handles of a token");
        }
    }

    /// Settles that it is cancelled, unless that was settled before: then `decision` comes back, to be dropped without
    /// a lock.
    pub(super) fn decide(&self, decision: Decision) -> Option<Decision> {
        self.family.with(|family| {
            if family.decision.is_some() {
                return Some(decision);
            }
            family.decision = Some(decision);
            None
        })
    }

    /// Why it is cancelled, if that was settled.
    pub(super) fn decision(&self) -> Option<Decision> {
        // An `Arc` of the user's is cloned here, which runs no code of theirs.
        self.family.with(|family| family.decision.clone())
    }

    /// Unlinks `child`, unless that was done before.
    fn disown(&self, child: &Node) {
        self.family.with(|family| family.remove(child));
    }

    /// Of a node that was decided: unlinks the child that has `ended`, then cancels others, the oldest first, up to one
    /// that has children itself.
    pub(super) fn cancel_children(&self, ended: Option<&Handle>, batch: &mut WakeBatch) -> Progress {
        self.family.with(|family| {
            if let Some(child) = ended {
                family.remove(child);
            }
            for _ in 0..CHILDREN {
                let Some(link) = family.children.front() else { return Progress::Done };
                let node = link.cast::<Node>();
                // SAFETY: a linked node is valid while its parent's lock is held (T2); `sibling` is its first field.
                let child = unsafe { node.as_ref() };
                if child.inherit() {
                    return Progress::Into(Handle(node));
                }
                if child.flag.raise(batch) {
                    return Progress::More;
                }
                family.remove(child);
            }
            Progress::More
        })
    }

    /// The decision of its parent becomes its own, if it has none. If it has children, which come next, it counts a
    /// handle for the caller.
    fn inherit(&self) -> bool {
        self.family.with(|family| {
            family.decision.get_or_insert(Decision::Inherited);
            let has_children = family.children.front().is_some();
            if has_children {
                // A child in the list holds a handle until it has unlinked itself, so there is one (T1).
                self.add_handle();
            }
            has_children
        })
    }
}

impl Family {
    /// Unlinks `child`, which is or was in this family.
    fn remove(&mut self, child: &Node) {
        // ORDERING: Relaxed: changes only under the parent's lock, which is held.
        if child.linked.load(Ordering::Relaxed) {
            // ORDERING: Relaxed: as above.
            child.linked.store(false, Ordering::Relaxed);
            // SAFETY: it is linked, in this list, whose lock is held (T2).
            unsafe { self.children.unlink(NonNull::from(&child.sibling)) };
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        assert_exclusive(&mut self.handles);
    }
}
