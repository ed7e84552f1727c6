//! Handles: the last one of a token is given up while others walk by, make children, or give up theirs (T1, T2).

use xsync::CancelToken;
use xsync_loom_tests::{model, spawn};

use crate::{tracked, why};

/// Property: the last handle of a child is given up during a cancel: its memory is freed once, by its owner.
/// Fails if: a node is freed while it is linked (`freed-while-linked`), its handle on its parent is kept
/// (`parent-handle-kept`), or its own lock is held as it takes its parent's (`locked-upwards`).
#[test]
fn cancel_races_drop_of_a_child() {
    model(3, || {
        let parent = CancelToken::new();
        let child = parent.child();
        let sibling = parent.child();
        let canceller = spawn(move || parent.cancel_with(tracked("stop")));
        drop(child);
        canceller.join().unwrap();
        assert_eq!(why(&sibling), "stop");
    });
}

/// Property: a chain whose lower end goes during a cancel goes once, whether the cancel has come to it or not.
/// Fails if: the cancel goes down without a handle (`walk-without-a-handle`), a node is freed while it is linked
/// (`freed-while-linked`), its handle on its parent is kept (`parent-handle-kept`), or its own lock is held as it takes
/// its parent's (`locked-upwards`).
#[test]
fn cancel_races_drop_of_a_grandchild() {
    model(3, || {
        let parent = CancelToken::new();
        let child = parent.child();
        let grandchild = child.child();
        drop(child);
        let canceller = spawn(move || parent.cancel_with(tracked("stop")));
        drop(grandchild);
        canceller.join().unwrap();
    });
}

/// Property: the last handles of a parent and of its child go at once: the one above them neither loses a child that it
/// has nor keeps one that it has not. It is cancelled afterwards.
/// Fails if: a node is freed while it is linked (`freed-while-linked`), with a handle left (`freed-too-early`), or its
/// handle on its parent is kept (`parent-handle-kept`).
#[test]
fn last_handles_of_parent_and_child() {
    model(3, || {
        let top = CancelToken::new();
        let parent = top.child();
        let child = parent.child();
        let sibling = top.child();
        let thread = spawn(move || drop(child));
        drop(parent);
        thread.join().unwrap();
        top.cancel_with(tracked("stop"));
        assert_eq!(why(&sibling), "stop");
    });
}

/// Property: two children leave the family at once, and a third comes.
/// Fails if: a node is freed while it is linked (`freed-while-linked`), or its handle on its parent is kept
/// (`parent-handle-kept`).
#[test]
fn two_children_leave_and_one_comes() {
    model(3, || {
        let parent = CancelToken::new();
        let [first, second] = [(); 2].map(|()| parent.child());
        let threads = [spawn(move || drop(first)), spawn(move || drop(second))];
        let third = parent.child();
        for thread in threads {
            thread.join().unwrap();
        }
        parent.cancel_with(tracked("stop"));
        assert_eq!(why(&third), "stop");
    });
}

/// Property: whoever gives the last of three handles up frees the token, with all that the others did to it behind it.
/// Fails if: giving up publishes nothing (`handle-given-up-relaxed`), the last one sees nothing
/// (`last-handle-relaxed`), or a node is freed with a handle left (`freed-too-early`).
#[test]
fn three_last_handles() {
    model(3, || {
        let token = CancelToken::new();
        token.cancel_with(tracked("stop"));
        let threads = [token.clone(), token.clone()].map(|token| spawn(move || drop(token)));
        drop(token);
        for thread in threads {
            thread.join().unwrap();
        }
    });
}
