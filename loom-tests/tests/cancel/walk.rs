//! Cancels at two places of a tree at once. Each does the whole of its work, whoever else is about to (T4).

use std::pin::{Pin, pin};
use std::task::Poll;

use xsync::{CancelToken, Cancelled};
use xsync_loom_tests::{Counter, Outcomes, forever, model, poll, spawn};

use crate::{named, tracked, why};

fn assert_resolved(waiting: Pin<&mut Cancelled<'_>>) {
    assert_eq!(poll(waiting), Poll::Ready(()));
}

/// Property: after the cancel of a parent all below it are cancelled and their waiters resolved, also what a cancel of
/// the child is just about to do; and the other way round, if that one came first. Each waiter is woken once.
/// Fails if: a walk passes by a child that is cancelled already (`walk-skips-the-cancelled`), or unlinks it before
/// what is below it is done (`unlinked-before-its-children`).
#[test]
fn parent_and_child_at_once() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let parent = forever(CancelToken::new());
        let child = forever(parent.child());
        let grandchild = forever(child.child());
        let last = forever(grandchild.child());
        let (one, two) = (Counter::new(), Counter::new());
        let mut mine = pin!(last.cancelled());
        let mut theirs = Box::pin(last.cancelled());
        assert!(one.poll(mine.as_mut()).is_pending());
        assert!(two.poll(theirs.as_mut()).is_pending());
        let thread = spawn(move || {
            parent.cancel_with(named("parent"));
            assert!(parent.is_cancelled() && child.is_cancelled() && grandchild.is_cancelled() && last.is_cancelled());
            assert_resolved(theirs.as_mut());
        });
        child.cancel_with(named("child"));
        // Else it may have found the child cancelled, and returned at once.
        let first = why(child) == "child";
        if first {
            assert!(grandchild.is_cancelled() && last.is_cancelled());
            assert_resolved(mine.as_mut());
        }
        thread.join().unwrap();
        assert_resolved(mine.as_mut());
        assert_eq!([one.wakes(), two.wakes()], [1, 1]);
        assert_eq!([one.kept(), two.kept()], [0, 0]);
        assert_eq!(why(parent), "parent");
        assert_eq!(why(child), if first { "child" } else { "parent" });
        assert_eq!([why(grandchild), why(last)], [why(child), why(child)]);
        seen.saw(why(child));
    });
    outcomes.were(&["child", "parent"]);
}

/// Property: the same where the other cancel is at the grandchild, which has a child of its own.
/// Fails if: a walk passes by one that is cancelled already (`walk-skips-the-cancelled`), or by the one in between
/// (`walk-raises-no-flag`).
#[test]
fn parent_and_grandchild_at_once() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let parent = CancelToken::new();
        let child = parent.child();
        let grandchild = child.child();
        let last = grandchild.child();
        let thread = {
            let (grandchild, last) = (grandchild.clone(), last.clone());
            spawn(move || {
                parent.cancel_with(tracked("parent"));
                assert!(child.is_cancelled() && grandchild.is_cancelled() && last.is_cancelled());
                assert_eq!(why(&child), "parent");
            })
        };
        grandchild.cancel_with(tracked("grandchild"));
        assert!(why(&grandchild) == "parent" || last.is_cancelled());
        thread.join().unwrap();
        assert_eq!(why(&last), why(&grandchild));
        seen.saw(why(&last));
    });
    outcomes.were(&["grandchild", "parent"]);
}

/// Property: of two cancels of one token, each that returns after it was first leaves nothing below it to be done;
/// each waiter, more than a batch, is woken once.
/// Fails if: a child is unlinked before its own waiters are resolved (`unlinked-before-its-waiters`), or a cancel stops
/// at the end of a batch (`one-batch-only`).
#[test]
fn two_cancels_of_a_parent() {
    model(3, || {
        let parent = forever(CancelToken::new());
        let child = forever(parent.child());
        let counters = [(); 3].map(|()| Counter::new());
        let mut waiting = [(); 3].map(|()| Box::pin(child.cancelled()));
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert!(counter.poll(future.as_mut()).is_pending());
        }
        let thread = spawn(move || parent.cancel());
        parent.cancel();
        thread.join().unwrap();
        assert!(child.is_cancelled());
        for (future, counter) in waiting.iter_mut().zip(&counters) {
            assert_resolved(future.as_mut());
            assert_eq!((counter.wakes(), counter.kept()), (1, 0));
        }
    });
}
