//! Cancels that take several rounds. Under loom a batch is 2 wakers, and a section of a family's lock 2 children.

use std::task::Poll;

use xsync::CancelToken;
use xsync_loom_tests::{Counter, Outcomes, forever, model, poll, spawn};

use crate::{tracked, why};

/// Property: three children, more than a section, are reached, whichever of them is dropped meanwhile.
/// Fails if: a cancel stops after one section (`one-section-only`), or a child that was unlinked is unlinked again when
/// it is dropped (`unlinked-twice`).
#[test]
fn three_children_two_dropped_meanwhile() {
    model(3, || {
        let parent = CancelToken::new();
        let [first, second, third] = [(); 3].map(|()| parent.child());
        let canceller = spawn(move || parent.cancel_with(tracked("stop")));
        drop(second);
        drop(first);
        canceller.join().unwrap();
        assert_eq!(why(&third), "stop");
    });
}

/// Property: three waiters of one child, more than a batch, are woken once each, also if one of them leaves meanwhile,
/// and then the child after it is cancelled.
/// Fails if: a child is unlinked before its own waiters are resolved (`unlinked-before-its-waiters`), or a cancel stops
/// at the end of a batch (`one-batch-only`).
#[test]
fn three_waiters_of_a_child_one_leaves() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let parent = CancelToken::new();
        let child = forever(parent.child());
        let next = parent.child();
        let counters = [(); 4].map(|()| Counter::new());
        let mut waiting = [(); 4].map(|()| Some(Box::pin(child.cancelled())));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut().unwrap().as_mut()).is_pending());
        }
        let canceller = spawn(move || parent.cancel());
        drop(waiting[2].take());
        canceller.join().unwrap();
        for n in [0, 1, 3] {
            assert_eq!((counters[n].wakes(), counters[n].kept()), (1, 0));
            assert_eq!(poll(waiting[n].as_mut().unwrap().as_mut()), Poll::Ready(()));
        }
        assert_eq!(counters[2].kept(), 0);
        assert!(next.is_cancelled());
        seen.saw(counters[2].wakes());
    });
    outcomes.were(&["0", "1"]);
}

/// Property: a batch that is filled by several children, one of which has a child, is fired and followed by another.
/// A child that comes in at the end of a family that is being cancelled is reached or born cancelled.
/// Fails if: a cancel stops at the end of a batch (`one-batch-only`), a child is unlinked before its own waiters are
/// resolved (`unlinked-before-its-waiters`), or it is linked whatever was decided (`creation-does-not-look`).
#[test]
fn a_batch_across_children_and_a_newcomer() {
    model(3, || {
        let parent = forever(CancelToken::new());
        let [first, second] = [(); 2].map(|()| forever(parent.child()));
        let below = forever(first.child());
        let counters = [(); 3].map(|()| Counter::new());
        let mut waiting = [first, below, second].map(|token| Box::pin(token.cancelled()));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let newcomer = spawn(|| parent.child());
        parent.cancel();
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
            assert_eq!(poll(future.as_mut()), Poll::Ready(()));
        }
        assert!(newcomer.join().unwrap().is_cancelled());
    });
}
