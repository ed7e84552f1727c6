//! A waker that panics anywhere in a tree: all others are still woken, all below is still cancelled, and then the panic
//! goes on at whoever cancelled.

use std::panic::resume_unwind;
use std::sync::Arc;

use xsync::{CancelToken, Cause};

use crate::common::{in_time, on_wake, panic_message, task::Task};

/// The children of `i` are `3 * i + 1` to `3 * i + 3`.
const NODES: usize = 40;
/// At each node: three times as many as nodes, some batches.
const WAITERS: usize = 3;

fn tree() -> Vec<CancelToken> {
    let mut tree = vec![CancelToken::new()];
    for place in 1..NODES {
        tree.push(tree[(place - 1) / 3].child());
    }
    tree
}

fn panicking() -> core::task::Waker {
    // Without the hook's output: it is expected.
    on_wake(|| resume_unwind(Box::new("a waker's own panic")))
}

/// Cancels a tree by `cancel`, which is given the root, with a panicking waker at `at`.
fn run(at: usize, cancel: impl FnOnce(&CancelToken)) {
    let tree = tree();
    let mut waiting: Vec<_> = (0..NODES * WAITERS)
        .map(|place| {
            let wait = tree[place / WAITERS].cancelled();
            if place == at { Task::queued_with(wait, &panicking()) } else { Task::queued(wait) }
        })
        .collect();
    assert_eq!(panic_message(|| cancel(&tree[0])), "a waker's own panic");
    for (place, task) in waiting.iter_mut().enumerate() {
        assert_eq!((task.wakes(), task.kept()), (usize::from(place != at), 0), "{place} of {at}");
        task.ready();
    }
    for token in &tree {
        assert!(token.is_cancelled() && token.child().is_cancelled(), "{at}");
    }
    // Nothing is left to do.
    tree.iter().for_each(CancelToken::cancel);
}

#[test]
fn a_panic_anywhere_in_the_tree_costs_nobody_else_the_cancellation() {
    in_time(|| (0..NODES * WAITERS).for_each(|at| run(at, CancelToken::cancel)));
}

#[test]
fn a_guard_that_is_dropped_cancels_all_before_the_panic_goes_on() {
    in_time(|| (0..NODES * WAITERS).step_by(7).for_each(|at| run(at, |root| drop(root.clone().drop_guard()))));
}

#[test]
fn the_cause_is_there_after_a_panic() {
    let root = CancelToken::new();
    let child = root.child();
    let waiting = Task::queued_with(child.cancelled(), &panicking());
    let cause = Arc::new(core::fmt::Error);
    assert_eq!(panic_message(|| root.cancel_with(cause)), "a waker's own panic");
    assert!(matches!(child.cause(), Some(Cause::Custom(_))));
    drop(waiting);
}

#[test]
fn a_late_cause_is_dropped_although_a_waker_panics() {
    let token = CancelToken::new();
    let late = Arc::new(core::fmt::Error);
    let (inner, given) = (token.clone(), Arc::clone(&late));
    let waker = on_wake(move || {
        inner.cancel_with(Arc::<core::fmt::Error>::clone(&given));
        resume_unwind(Box::new("after a late cause"));
    });
    let waiting = Task::queued_with(token.cancelled(), &waker);
    drop(waker);
    assert_eq!(panic_message(|| token.cancel()), "after a late cause");
    assert_eq!(Arc::strong_count(&late), 1);
    drop(waiting);
}
