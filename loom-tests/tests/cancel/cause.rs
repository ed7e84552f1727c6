//! What is seen of a cancellation: its reason, and what the canceller wrote before.

use loom::thread;
use xsync::CancelToken;
use xsync_loom_tests::{Outcomes, Shadow, forever, model, spawn};

use crate::{tracked, why};

/// Property: who sees a token cancelled finds out why, at the token of the call and below it.
/// Fails if: the flag is raised before the decision is made (`flag-before-decision`), or a child's before it has taken
/// the decision over (`flag-before-inheritance`).
#[test]
fn cancelled_then_asked_why() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let parent = CancelToken::new();
        let child = parent.child();
        let lookers = [("parent", parent.clone()), ("child", child)].map(|(name, token)| {
            let seen = seen.clone();
            spawn(move || {
                let cancelled = token.is_cancelled();
                assert!(!cancelled || why(&token) == "stop");
                seen.saw(format!("{name} {cancelled}"));
            })
        });
        parent.cancel_with(tracked("stop"));
        for looker in lookers {
            looker.join().unwrap();
        }
    });
    outcomes.were(&["child false", "child true", "parent false", "parent true"]);
}

/// Property: of two reasons at once one stays, for all who ask, from the first that is told on; the other is dropped.
/// Fails if: a later decision replaces the first (`decision-replaced`).
#[test]
fn two_causes_at_once() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let token = CancelToken::new();
        let child = token.child();
        let thread = {
            let token = token.clone();
            spawn(move || {
                token.cancel_with(tracked("theirs"));
                why(&token)
            })
        };
        token.cancel_with(tracked("ours"));
        let told = why(&token);
        assert_eq!(thread.join().unwrap(), told);
        assert_eq!([why(&token), why(&child)], [&*told, &*told]);
        seen.saw(told);
    });
    outcomes.were(&["ours", "theirs"]);
}

/// Property: what was written before the cancel of a parent is seen by who sees a child cancelled.
/// Fails if: raising the flag publishes nothing (`raised-relaxed`), or looking orders nothing (`look-relaxed`).
#[test]
fn cancelled_above_then_looked_at() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let parent = CancelToken::new();
        let child = parent.child();
        let canceller = spawn(move || {
            data.increment();
            parent.cancel();
        });
        while !child.is_cancelled() {
            thread::yield_now();
        }
        assert_eq!(data.get(), 1);
        canceller.join().unwrap();
    });
}

/// Property: the same for a child that is born cancelled, perhaps before its parent's flag is raised.
/// Fails if: the parent's flag is raised before the decision is made, so that a later child is not cancelled
/// (`flag-before-decision`).
#[test]
fn cancelled_above_then_born() {
    model(3, || {
        let data = forever(Shadow::new(0));
        let parent = CancelToken::new();
        let canceller = {
            let parent = parent.clone();
            spawn(move || {
                data.increment();
                parent.cancel();
            })
        };
        let mut seen = false;
        while !seen {
            let above = parent.is_cancelled();
            seen = parent.child().is_cancelled();
            assert!(seen || !above);
            if !seen {
                thread::yield_now();
            }
        }
        assert_eq!(data.get(), 1);
        canceller.join().unwrap();
    });
}
