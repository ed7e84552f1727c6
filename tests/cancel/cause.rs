//! Why a token was cancelled: the first reason stays, its own comes before its parent's, the nearest above counts.

use core::error::Error;
use core::fmt;
use std::sync::Arc;

use xsync::{CancelToken, Cause};

use crate::common::task::Task;

/// An error with a name, and perhaps a source.
#[derive(Debug)]
struct Named(&'static str, Option<Box<Named>>);

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Named {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

fn named(name: &'static str) -> Arc<dyn Error + Send + Sync> {
    Arc::new(Named(name, None))
}

/// The name of the cause, which is one of [`named`].
#[track_caller]
fn name(token: &CancelToken) -> &'static str {
    match token.cause().expect("cancelled") {
        Cause::Custom(cause) => cause.downcast_ref::<Named>().expect("a named one").0,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_reason_is_the_one_given() {
    let token = CancelToken::new();
    let cause = named("a reason");
    token.cancel_with(Arc::clone(&cause));
    let Some(Cause::Custom(found)) = token.cause() else { panic!("{:?}", token.cause()) };
    assert!(Arc::ptr_eq(&found, &cause), "the same error, not a copy");
}

#[test]
fn the_first_reason_stays() {
    let token = CancelToken::new();
    token.cancel_with(named("first"));
    token.cancel_with(named("second"));
    token.cancel();
    drop(token.clone().drop_guard());
    assert_eq!(name(&token), "first");

    let token = CancelToken::new();
    token.cancel();
    token.cancel_with(named("late"));
    assert!(matches!(token.cause(), Some(Cause::Requested)));
}

#[test]
fn a_late_reason_is_dropped_at_once() {
    let token = CancelToken::new();
    let (first, late) = (named("first"), named("late"));
    token.cancel_with(Arc::clone(&first));
    token.cancel_with(Arc::clone(&late));
    assert_eq!((Arc::strong_count(&first), Arc::strong_count(&late)), (2, 1));
    drop(token.cause());
    assert_eq!(Arc::strong_count(&first), 2);
    drop(token);
    assert_eq!(Arc::strong_count(&first), 1);
}

#[test]
fn a_reason_lives_as_long_as_what_is_below_it() {
    let cause = named("kept");
    let token = CancelToken::new();
    let below = token.child().child();
    token.cancel_with(Arc::clone(&cause));
    drop(token);
    assert_eq!((name(&below), Arc::strong_count(&cause)), ("kept", 2));
    drop(below);
    assert_eq!(Arc::strong_count(&cause), 1);
}

#[test]
fn children_have_their_parents_reason() {
    let root = CancelToken::new();
    let child = root.child();
    let grandchild = child.child();
    root.cancel_with(named("of the root"));
    assert_eq!([&root, &child, &grandchild].map(name), ["of the root"; 3]);
    child.cancel_with(named("late"));
    assert_eq!(name(&child), "of the root");
}

#[test]
fn a_childs_own_reason_comes_before_its_parents() {
    let root = CancelToken::new();
    let child = root.child();
    let (below, sibling) = (child.child(), root.child());
    child.cancel_with(named("its own"));
    assert!(root.cause().is_none() && sibling.cause().is_none());
    root.cancel_with(named("of the root"));
    assert_eq!([&child, &below].map(name), ["its own"; 2]);
    assert_eq!([&root, &sibling].map(name), ["of the root"; 2]);
}

#[test]
fn the_nearest_above_counts_in_whatever_order_they_came() {
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        const NAMES: [&str; 3] = ["zero", "one", "two"];
        let mut line = vec![CancelToken::new()];
        for _ in 0..3 {
            line.push(line[line.len() - 1].child());
        }
        for at in order {
            line[at].cancel_with(named(NAMES[at]));
        }
        // Whoever was cancelled when one above was keeps that reason.
        let mut expected = ["zero"; 3];
        let mut reached = 3;
        for at in order {
            (at..reached).for_each(|place| expected[place] = NAMES[at]);
            reached = reached.min(at);
        }
        let found = [0, 1, 2].map(|at: usize| name(&line[at]));
        assert_eq!((found, name(&line[3])), (expected, expected[2]), "{order:?}");
    }
}

#[test]
fn a_child_that_is_born_cancelled_has_the_reason_of_the_nearest_above() {
    let root = CancelToken::new();
    let child = root.child();
    child.cancel_with(named("of the child"));
    root.cancel_with(named("of the root"));
    let born = child.child();
    let below = born.child().child();
    assert_eq!([&born, &below].map(name), ["of the child"; 2]);
    assert_eq!(name(&root.child()), "of the root");
    born.cancel_with(named("late"));
    assert_eq!(name(&born), "of the child");
}

#[test]
fn who_is_woken_finds_the_reason() {
    let root = CancelToken::new();
    let child = root.child();
    let mut waiting = Task::queued(async {
        child.cancelled().await;
        name(&child)
    });
    root.cancel_with(named("a reason"));
    assert_eq!(waiting.ready(), "a reason");
}

#[test]
fn a_cause_reads_as_what_it_is() {
    let requested = CancelToken::new();
    requested.cancel();
    let dropped = CancelToken::new();
    drop(dropped.clone().drop_guard());
    let custom = CancelToken::new();
    custom.cancel_with(Arc::new(Named("the disk is full", Some(Box::new(Named("no space", None))))));
    let texts = [requested, dropped, custom].map(|token| {
        let cause = token.cause().unwrap();
        (cause.to_string(), cause.source().map(ToString::to_string))
    });
    let text = |text: &str, source: Option<&str>| (text.to_owned(), source.map(ToOwned::to_owned));
    assert_eq!(
        texts,
        [text("cancelled", None), text("cancelled by a drop", None), text("the disk is full", Some("no space"))]
    );
    assert_eq!(Cause::Failed.to_string(), "cancelled by a failure in the group");
    assert_eq!(Cause::Finished.to_string(), "cancelled because the group has ended");
    assert!(Cause::Failed.source().is_none() && Cause::Finished.source().is_none());
}

#[test]
fn a_cause_can_be_passed_on_to_another_token() {
    let (one, other) = (CancelToken::new(), CancelToken::new());
    one.cancel_with(named("first"));
    other.cancel_with(Arc::new(one.cause().unwrap()));
    assert_eq!(other.cause().unwrap().to_string(), "first");
}
