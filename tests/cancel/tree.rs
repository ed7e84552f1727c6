//! The tree: a cancellation reaches all below and nothing else, whoever has been dropped; children that come later are
//! born cancelled.

use xsync::{CancelToken, Cancelled};

use crate::common::task::Task;
use crate::drops;

/// Three levels, three children each: 1 + 3 + 9 + 27 tokens. The children of `i` are `3 * i + 1` to `3 * i + 3`.
const NODES: usize = 40;

fn tree() -> Vec<CancelToken> {
    let mut tree = vec![CancelToken::new()];
    for place in 1..NODES {
        tree.push(tree[(place - 1) / 3].child());
    }
    tree
}

/// Whether `place` is `top` or below it.
fn is_below(place: usize, top: usize) -> bool {
    core::iter::successors(Some(place), |&at| at.checked_sub(1).map(|at| at / 3)).any(|at| at == top)
}

fn waits(tree: &[CancelToken]) -> Vec<Task<Cancelled<'_>>> {
    tree.iter().map(|token| Task::queued(token.cancelled())).collect()
}

#[test]
fn a_cancellation_reaches_all_below_and_nothing_else() {
    for top in 0..NODES {
        let tree = tree();
        let waiting = waits(&tree);
        tree[top].cancel();
        for (place, (token, task)) in tree.iter().zip(&waiting).enumerate() {
            let reached = is_below(place, top);
            assert_eq!((token.is_cancelled(), token.cause().is_some()), (reached, reached), "{place} below {top}");
            assert_eq!((task.wakes(), task.kept()), (usize::from(reached), usize::from(!reached)));
        }
    }
}

#[test]
fn two_cancellations_in_any_order_reach_the_union_once() {
    for first in 0..13 {
        for second in 0..13 {
            let tree = tree();
            let waiting = waits(&tree);
            tree[first].cancel();
            tree[second].cancel();
            for (place, (token, task)) in tree.iter().zip(&waiting).enumerate() {
                let reached = is_below(place, first) || is_below(place, second);
                assert_eq!((token.is_cancelled(), task.wakes()), (reached, usize::from(reached)), "{place}");
            }
        }
    }
}

#[test]
fn whoever_was_dropped_the_rest_is_reached() {
    const LEN: usize = 5;
    for dropped in drops(LEN) {
        let root = CancelToken::new();
        let mut children: Vec<_> = (0..LEN).map(|_| Some(root.child())).collect();
        for &place in &dropped {
            children[place] = None;
        }
        let newcomer = root.child();
        root.cancel();
        assert!(children.iter().flatten().chain([&newcomer]).all(CancelToken::is_cancelled), "{dropped:?}");
    }
}

#[test]
fn a_token_without_a_handle_still_passes_the_cancellation_down() {
    let root = CancelToken::new();
    let leaves: Vec<_> = (0..3).map(|_| root.child().child().child()).collect();
    let waiting = waits(&leaves);
    root.cancel();
    assert!(leaves.iter().all(CancelToken::is_cancelled));
    assert!(waiting.iter().all(|task| task.wakes() == 1));
}

#[test]
fn a_root_without_a_handle_cancels_nothing() {
    let root = CancelToken::new();
    let child = root.child();
    let leaf = child.child();
    drop(root);
    assert!(!child.is_cancelled() && !leaf.is_cancelled());
    child.cancel();
    assert!(leaf.is_cancelled());
}

#[test]
fn every_node_may_go_before_the_cancellation() {
    for gone in 1..NODES {
        let mut tree = tree().into_iter().map(Some).collect::<Vec<_>>();
        tree[gone] = None;
        tree[0].as_ref().unwrap().cancel();
        assert!(tree.iter().flatten().all(CancelToken::is_cancelled), "{gone}");
    }
}

#[test]
fn every_node_may_go_after_the_cancellation() {
    for (top, gone) in [(0, 1), (1, 4), (1, 1), (4, 13), (0, 39)] {
        let mut tree = tree().into_iter().map(Some).collect::<Vec<_>>();
        tree[top].as_ref().unwrap().cancel();
        tree[gone] = None;
        if let Some(root) = &tree[0] {
            root.cancel();
        }
        assert!(tree.iter().flatten().all(CancelToken::is_cancelled), "{gone}");
    }
}

#[test]
fn children_of_a_cancelled_token_are_born_cancelled() {
    let root = CancelToken::new();
    let before = root.child();
    root.cancel();
    let born = root.child();
    let generations = [born.clone(), born.child(), born.child().child(), before.child(), before.child().child()];
    for token in &generations {
        assert!(token.is_cancelled() && token.cause().is_some());
        let mut waiting = Task::new(token.cancelled());
        waiting.ready();
        assert_eq!(waiting.kept(), 0);
    }
}

#[test]
fn children_of_a_token_that_inherited_are_born_cancelled() {
    let root = CancelToken::new();
    let (childless, with_child) = (root.child(), root.child());
    let grandchild = with_child.child();
    root.cancel();
    assert!([&childless, &with_child, &grandchild].iter().all(|token| token.child().is_cancelled()));
}

#[test]
fn a_cancelled_child_does_not_stop_its_siblings_work() {
    let root = CancelToken::new();
    let mut siblings: Vec<_> = (0..100).map(|_| root.child()).collect();
    for place in (0..100).step_by(3) {
        siblings[place].cancel();
    }
    for (place, token) in siblings.iter().enumerate() {
        assert_eq!(token.is_cancelled(), place % 3 == 0);
    }
    siblings.truncate(50);
    assert!(!root.is_cancelled());
    root.cancel();
    assert!(siblings.iter().all(CancelToken::is_cancelled));
}

/// Every number of children and of waiters around the batch and the section: nobody is forgotten at a boundary.
#[test]
fn no_boundary_of_a_round_forgets_anybody() {
    for children in [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100] {
        for waiters in [0, 1, 2, 15, 16, 17, 33] {
            let root = CancelToken::new();
            let below: Vec<_> = (0..children).map(|_| root.child()).collect();
            // Every fifth has a child of its own, so that the walk goes down and comes back.
            let deeper: Vec<_> = below.iter().step_by(5).map(CancelToken::child).collect();
            let all = || [&root].into_iter().chain(&below).chain(&deeper);
            let mut waiting: Vec<_> =
                all().flat_map(|token| (0..waiters).map(|_| Task::queued(token.cancelled()))).collect();
            root.cancel();
            assert!(all().all(CancelToken::is_cancelled), "{children} {waiters}");
            for task in &mut waiting {
                assert_eq!((task.wakes(), task.kept()), (1, 0), "{children} {waiters}");
                task.ready();
            }
        }
    }
}

#[test]
fn a_dropped_child_wakes_and_cancels_nobody() {
    let root = CancelToken::new();
    let (kept, gone) = (root.child(), root.child());
    let waiting = waits(core::slice::from_ref(&kept));
    drop(gone.child());
    drop(gone);
    assert!(!root.is_cancelled() && !kept.is_cancelled());
    assert_eq!(waiting[0].wakes(), 0);
}
