//! The drop guard: it cancels when it is dropped, however that comes about, unless it was disarmed.

use core::error::Error;
use std::panic::{catch_unwind, resume_unwind};
use std::sync::Arc;

use xsync::{CancelToken, Cause};

use crate::common::task::Task;

#[test]
fn dropped_it_cancels_and_says_so() {
    let root = CancelToken::new();
    let token = root.child();
    let below = token.child();
    let waiting = Task::queued(below.cancelled());
    let guard = token.clone().drop_guard();
    assert!(!token.is_cancelled());
    drop(guard);
    assert!(token.is_cancelled() && below.is_cancelled() && !root.is_cancelled());
    assert_eq!(waiting.wakes(), 1);
    assert!(matches!((token.cause(), below.cause()), (Some(Cause::Dropped), Some(Cause::Dropped))));
}

#[test]
fn disarmed_it_gives_the_token_back_and_cancels_nothing() {
    let token = CancelToken::new();
    let child = token.child();
    let returned = token.clone().drop_guard().disarm();
    assert!(!token.is_cancelled());
    returned.cancel();
    assert!(child.is_cancelled(), "the same token");
}

#[test]
fn it_is_a_handle_of_its_own() {
    let guard = CancelToken::new().drop_guard();
    let token = guard.disarm();
    let child = token.child();
    let guard = token.drop_guard();
    assert!(!child.is_cancelled());
    drop(guard);
    assert!(child.is_cancelled());
}

#[test]
fn each_guard_of_a_token_cancels() {
    let token = CancelToken::new();
    let guards = [token.clone().drop_guard(), token.clone().drop_guard()];
    let [first, second] = guards;
    first.disarm();
    assert!(!token.is_cancelled());
    drop(second);
    assert!(token.is_cancelled());
}

#[test]
fn a_cause_that_came_before_it_stays() {
    let token = CancelToken::new();
    let guard = token.clone().drop_guard();
    let cause: Arc<dyn Error + Send + Sync> = Arc::from(Box::<dyn Error + Send + Sync>::from("before"));
    token.cancel_with(cause);
    drop(guard);
    assert_eq!(token.cause().unwrap().to_string(), "before");
}

#[test]
fn a_panic_that_unwinds_through_it_cancels() {
    let token = CancelToken::new();
    let waiting = Task::queued(token.cancelled());
    let guarded = token.clone();
    let panic = catch_unwind(move || {
        let _guard = guarded.drop_guard();
        resume_unwind(Box::new("on the way"));
    });
    assert_eq!(panic.unwrap_err().downcast_ref(), Some(&"on the way"));
    assert!(token.is_cancelled() && matches!(token.cause(), Some(Cause::Dropped)));
    assert_eq!(waiting.wakes(), 1);
}

#[test]
fn a_panic_after_it_was_disarmed_cancels_nothing() {
    let token = CancelToken::new();
    let guarded = token.clone();
    let panic = catch_unwind(move || {
        let _token = guarded.drop_guard().disarm();
        resume_unwind(Box::new(()));
    });
    assert!(panic.is_err() && !token.is_cancelled());
}

#[test]
fn in_a_future_it_cancels_when_the_future_is_dropped_or_ends() {
    for ends in [false, true] {
        let token = CancelToken::new();
        let guard = token.clone().drop_guard();
        let mut task = Task::new(async move {
            let _guard = guard;
            if !ends {
                core::future::pending::<()>().await;
            }
        });
        assert_eq!(task.poll().is_ready(), ends);
        assert_eq!(token.is_cancelled(), ends);
        drop(task);
        assert!(token.is_cancelled());
    }
}
