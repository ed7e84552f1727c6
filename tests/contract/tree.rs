//! What a tree of tokens costs: one allocation for each, none to wait or to cancel, and nothing that stays.

use core::pin::pin;
use core::task::Poll;

use xsync::{AcquireUntilError, CancelToken, Semaphore};

use crate::common::{CountingWaker, poll_with};
use crate::counting::{allocations, bytes};

#[test]
fn a_token_is_one_allocation_and_a_clone_none() {
    let mut tokens = Vec::with_capacity(4);
    assert_eq!(allocations(|| tokens.push(CancelToken::new())), 1);
    assert_eq!(allocations(|| tokens.push(tokens[0].child())), 1);
    assert_eq!(allocations(|| tokens.push(tokens[1].child())), 1);
    assert_eq!(allocations(|| tokens.push(tokens[1].clone())), 0);
    assert_eq!(allocations(|| tokens[0].cancel()), 0);
    assert_eq!(allocations(|| drop(tokens[0].child())), 1, "born cancelled");
}

#[cfg(target_pointer_width = "64")]
#[test]
fn a_token_takes_at_most_two_cache_lines() {
    let before = bytes();
    let token = CancelToken::new();
    let alone = bytes() - before;
    assert!(alone <= 128, "{alone}");
    let child = token.child();
    assert_eq!(bytes() - before, 2 * alone);
    drop((token, child));
    assert_eq!(bytes(), before);
}

#[test]
fn waiting_and_cancelling_allocate_nothing() {
    let wakes = CountingWaker::new();
    let waker = wakes.waker();
    let (root, semaphore) = (CancelToken::new(), Semaphore::with_max(0, 1));
    let child = root.child();
    let leaves: Vec<_> = (0..100).map(|_| child.child()).collect();
    let count = allocations(|| {
        let mut waiting = pin!(leaves[7].cancelled());
        let mut acquiring = pin!(semaphore.acquire_until(1, &leaves[99]));
        let mut running = pin!(child.run_until_cancelled(core::future::pending::<()>()));
        assert!(poll_with(waiting.as_mut(), &waker).is_pending());
        assert!(poll_with(acquiring.as_mut(), &waker).is_pending());
        assert!(poll_with(running.as_mut(), &waker).is_pending());
        let guard = root.clone().drop_guard();
        drop(guard);
        assert!(poll_with(waiting, &waker).is_ready());
        assert!(matches!(poll_with(acquiring, &waker), Poll::Ready(Err(AcquireUntilError::Cancelled))));
        assert_eq!(poll_with(running, &waker), Poll::Ready(None));
        assert!(leaves[0].cause().is_some());
    });
    assert_eq!((count, wakes.wakes()), (0, 3));
}

#[test]
fn a_dropped_child_leaves_nothing_in_its_parent() {
    let root = CancelToken::new();
    let neighbours = [root.child(), root.child()];
    let before = bytes();
    for round in 0..1_000_000 {
        let child = root.child();
        if round % 16 == 0 {
            child.cancel();
        }
        drop(child);
        assert_eq!(bytes(), before);
    }
    // With grandchildren, in both orders.
    for _ in 0..1000 {
        let child = root.child();
        let grandchild = child.child();
        drop(child);
        drop(grandchild);
        let child = root.child();
        drop(child.child());
        drop(child);
        assert_eq!(bytes(), before);
    }
    root.cancel();
    for _ in 0..1000 {
        drop(root.child().child());
        assert_eq!(bytes(), before);
    }
    assert!(neighbours.iter().all(CancelToken::is_cancelled));
}

#[test]
fn children_that_are_kept_for_a_while_leave_nothing_either() {
    let root = CancelToken::new();
    let mut children = std::collections::VecDeque::with_capacity(101);
    children.extend((0..100).map(|_| root.child()));
    let before = bytes();
    for round in 0..10_000 {
        children.push_back(root.child());
        // From the front, the back and the middle.
        let place = [0, 100, 50][round % 3];
        drop(children.remove(place));
        assert_eq!(bytes(), before);
    }
    root.cancel();
    assert!(children.iter().all(CancelToken::is_cancelled));
}

/// In which order the places of `0..len` go.
const ORDERS: [fn(usize) -> Vec<usize>; 4] = [
    |len| (0..len).collect(),
    |len| (0..len).rev().collect(),
    |len| (0..len / 2).rev().chain(len / 2..len).collect(),
    |len| (0..len).step_by(2).chain((1..len).step_by(2)).collect(),
];

#[test]
fn a_tree_is_freed_to_the_last_byte_in_any_order() {
    const LEN: usize = 1000;
    // The parent of each: a line, a fan, a binary tree.
    let shapes: [fn(usize) -> usize; 3] = [|place| place - 1, |_| 0, |place| (place - 1) / 2];
    for parent in shapes {
        for order in ORDERS {
            for cancelled in [None, Some(0), Some(LEN / 2), Some(LEN - 1)] {
                let before = bytes();
                let mut tree = vec![Some(CancelToken::new())];
                for place in 1..LEN {
                    let child = tree[parent(place)].as_ref().map(CancelToken::child);
                    tree.push(child);
                }
                if let Some(at) = cancelled {
                    tree[at].as_ref().unwrap().cancel();
                }
                for place in order(LEN) {
                    tree[place] = None;
                }
                drop(tree);
                assert_eq!(bytes(), before);
            }
        }
    }
}

#[test]
fn a_cause_is_freed_with_its_tokens() {
    let before = bytes();
    let token = CancelToken::new();
    let child = token.child();
    token.cancel_with(std::sync::Arc::new(core::fmt::Error));
    token.cancel_with(std::sync::Arc::from(Box::<dyn core::error::Error + Send + Sync>::from("too late")));
    drop(token.cause());
    drop(token);
    drop(child);
    assert_eq!(bytes(), before);
}
