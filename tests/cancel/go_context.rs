//! The scenarios that Go's `context` package promises for `WithCancel` and `WithCancelCause`, on tokens.

use core::error::Error;
use std::sync::{Arc, Barrier};
use std::thread;

use xsync::{CancelToken, Cause};

use crate::common::{block_on, in_time, task::Task};

fn cause(text: &str) -> Arc<dyn Error + Send + Sync> {
    Arc::from(Box::<dyn Error + Send + Sync>::from(text))
}

fn text(token: &CancelToken) -> Option<String> {
    token.cause().map(|cause| cause.to_string())
}

#[test]
fn a_child_ends_when_its_parent_does() {
    let parent = CancelToken::new();
    let cancelled = parent.child();
    let plain = cancelled.child().child();
    let waiting = [&parent, &cancelled, &plain].map(|token| Task::queued(token.cancelled()));
    parent.cancel();
    assert_eq!(waiting.map(|task| task.wakes()), [1; 3]);
    // A context made of a cancelled one is cancelled when it is returned.
    assert!(cancelled.child().is_cancelled());
}

#[test]
fn a_child_that_ends_first_leaves_its_parent_alone() {
    let parent = CancelToken::new();
    let child = parent.child();
    child.cancel_with(cause("child"));
    assert!(child.is_cancelled() && !parent.is_cancelled() && parent.cause().is_none());
    let waiting = Task::queued(parent.cancelled());
    parent.cancel_with(cause("parent"));
    assert_eq!(waiting.wakes(), 1);
    assert_eq!((text(&child).as_deref(), text(&parent).as_deref()), (Some("child"), Some("parent")));
}

#[test]
fn many_levels_are_cancelled_by_many_at_once() {
    in_time(|| {
        const LEVELS: usize = 100;
        let mut levels = vec![CancelToken::new()];
        for level in 0..LEVELS {
            levels.push(levels[level].child());
        }
        let go = Arc::new(Barrier::new(LEVELS + 1));
        let threads: Vec<_> = levels
            .iter()
            .cloned()
            .map(|token| {
                let go = Arc::clone(&go);
                thread::spawn(move || {
                    go.wait();
                    token.cancel();
                    block_on(token.cancelled());
                })
            })
            .collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert!(levels.iter().all(CancelToken::is_cancelled));
    });
}

#[test]
fn a_child_cancelled_by_whoever_waits_for_its_parent() {
    in_time(|| {
        let parent = CancelToken::new();
        let child = parent.child();
        let (watched, cancelled) = (parent.clone(), child.clone());
        let thread = thread::spawn(move || {
            block_on(watched.cancelled());
            cancelled.cancel();
        });
        parent.cancel();
        block_on(child.cancelled());
        thread.join().unwrap();
    });
}

#[test]
fn a_token_that_is_seen_cancelled_has_a_cause() {
    in_time(|| {
        for _ in 0..200 {
            let root = CancelToken::new();
            let child = root.child();
            let (seen, cancelled) = (child.clone(), root.clone());
            let thread = thread::spawn(move || cancelled.cancel_with(cause("a race")));
            while !seen.is_cancelled() {
                thread::yield_now();
            }
            assert_eq!(text(&seen).as_deref(), Some("a race"));
            thread.join().unwrap();
        }
    });
}

/// What is done to a parent and a child, and the causes of both.
type Case = (&'static str, fn(&CancelToken, &CancelToken), [Option<&'static str>; 2]);

const CASES: [Case; 11] = [
    ("nothing", |_, _| (), [None, None]),
    ("cancel", |parent, _| parent.cancel(), [Some("cancelled"), Some("cancelled")]),
    ("cancel with", |parent, _| parent.cancel_with(cause("parent")), [Some("parent"), Some("parent")]),
    ("the child", |_, child| child.cancel(), [None, Some("cancelled")]),
    ("the child with", |_, child| child.cancel_with(cause("child")), [None, Some("child")]),
    (
        "both, the parent first",
        |parent, child| {
            parent.cancel_with(cause("parent"));
            child.cancel_with(cause("child"));
        },
        [Some("parent"), Some("parent")],
    ),
    (
        "both, the child first",
        |parent, child| {
            child.cancel_with(cause("child"));
            parent.cancel_with(cause("parent"));
        },
        [Some("parent"), Some("child")],
    ),
    (
        "twice",
        |parent, _| {
            parent.cancel_with(cause("first"));
            parent.cancel_with(cause("second"));
        },
        [Some("first"), Some("first")],
    ),
    (
        "plainly, then with",
        |parent, _| {
            parent.cancel();
            parent.cancel_with(cause("late"));
        },
        [Some("cancelled"), Some("cancelled")],
    ),
    (
        "with, then plainly",
        |parent, child| {
            child.cancel_with(cause("child"));
            child.cancel();
            parent.cancel();
        },
        [Some("cancelled"), Some("child")],
    ),
    (
        "by a guard",
        |parent, child| {
            drop(child.clone().drop_guard());
            parent.cancel_with(cause("parent"));
        },
        [Some("parent"), Some("cancelled by a drop")],
    ),
];

#[test]
fn causes_are_as_in_go() {
    for (name, act, expected) in CASES {
        let parent = CancelToken::new();
        let child = parent.child();
        act(&parent, &child);
        let causes = [text(&parent), text(&child)];
        assert_eq!(causes.each_ref().map(Option::as_deref), expected, "{name}");
        assert_eq!(text(&child.child()).as_deref(), expected[1], "{name}: born after");
        assert_eq!([parent, child].map(|token| token.is_cancelled()), expected.map(|cause| cause.is_some()), "{name}");
    }
}

#[test]
fn a_cause_is_the_callers_value_and_can_be_cast_back() {
    let token = CancelToken::new();
    token.cancel_with(Arc::new("x".parse::<i32>().unwrap_err()));
    let Some(Cause::Custom(error)) = token.child().cause() else { panic!("the parent's") };
    assert!(error.downcast_ref::<core::num::ParseIntError>().is_some());
}
