//! Children: making one, waiting for one, while their parent is cancelled.

use loom::future::block_on;
use xsync::CancelToken;
use xsync_loom_tests::{Counter, Outcomes, forever, model, spawn};

use crate::{tracked, why};

/// Property: a child that is made during a cancel is born cancelled or reached; its own child too. One that is
/// cancelled knows why.
/// Fails if: a child is linked whatever was decided (`creation-does-not-look`), is not cancelled at birth
/// (`born-uncancelled`), or not told why (`born-without-a-decision`).
#[test]
fn cancel_races_creation() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let parent = CancelToken::new();
        let canceller = {
            let parent = parent.clone();
            spawn(move || parent.cancel_with(tracked("stop")))
        };
        let child = parent.child();
        let grandchild = child.child();
        let born = child.is_cancelled();
        assert!(!born || why(&child) == "stop");
        canceller.join().unwrap();
        for token in [&parent, &child, &grandchild] {
            assert!(token.is_cancelled());
            assert_eq!(why(token), "stop");
        }
        seen.saw(if born { "cancelled from the start" } else { "reached" });
    });
    outcomes.were(&["cancelled from the start", "reached"]);
}

/// Property: who waits for a child is woken by the cancel of its parent, and another's drop changes nothing.
/// Fails if: one who registers does not look again under the lock (`registration-does-not-look-again`), one who leaves
/// stays in line (`leaver-stays-linked`), or a cancel reaches its own token only (`cancel-stays-at-the-top`).
#[test]
fn cancel_races_register_on_a_child() {
    model(3, || {
        let parent = CancelToken::new();
        let child = forever(parent.child());
        let waker = Counter::new();
        let mut leaving = Box::pin(child.cancelled());
        assert!(waker.poll(leaving.as_mut()).is_pending());
        let waiting = spawn(move || block_on(child.cancelled()));
        let canceller = spawn(move || parent.cancel());
        drop(leaving);
        waiting.join().unwrap();
        canceller.join().unwrap();
        assert!(child.is_cancelled());
        assert!(waker.wakes() <= 1);
        assert_eq!(waker.kept(), 0);
    });
}

/// Property: a thread that waits for a grandchild is woken by the cancel at the top.
/// Fails if: a cancel reaches its own token only (`cancel-stays-at-the-top`), its children only
/// (`cancel-does-not-descend`), or passes by the one in between (`walk-raises-no-flag`).
#[test]
fn cancel_races_a_thread_at_a_grandchild() {
    model(3, || {
        let parent = CancelToken::new();
        let child = parent.child();
        let grandchild = child.child();
        let thread = spawn(move || {
            grandchild.cancelled().wait();
            assert!(child.is_cancelled());
        });
        parent.cancel();
        thread.join().unwrap();
    });
}
