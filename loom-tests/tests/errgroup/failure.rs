//! Failures: which one stays, and what is told (G5).

use std::future::ready;
use std::pin::pin;

use loom::future::block_on;
use loom::thread;
use xsync::{CancelToken, Cause, ErrGroup, Spawner};
use xsync_loom_tests::{Counter, Outcomes, forever, model, poll_until_ready, spawn};

use crate::{Group, told};

/// Property: of two first errors one is kept; both children are counted out, and the token is cancelled once.
/// Fails if: a failure is not recorded (`failure-not-recorded`), or does not cancel (`failure-does-not-cancel`).
#[test]
fn two_first_errors() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let mut group = Group::new();
        let members = [group.member(), group.member()];
        let token = forever(group.token().clone());
        let waker = Counter::new();
        let mut cancelled = pin!(token.cancelled());
        assert!(waker.poll(cancelled.as_mut()).is_pending());
        let mut number = 0;
        let threads = members.map(|member| {
            number += 1;
            let error = number;
            spawn(move || member.finish(Err(error)))
        });
        seen.saw(told(block_on(group.wait())));
        assert!(matches!(token.cause(), Some(Cause::Failed)));
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!((waker.wakes(), waker.kept()), (1, 0));
    });
    outcomes.were(&["Err(Task(1))", "Err(Task(2))"]);
}

/// Property: a child that fails because it sees the group cancelled by a failure comes after that failure.
/// Fails if: the token is cancelled before the failure is recorded (`cancelled-before-recorded`), or a later failure
/// replaces the first (`last-failure-stays`).
#[test]
fn failure_that_follows_from_a_failure() {
    model(3, || {
        let mut group = Group::new();
        let (first, second) = (group.member(), group.member());
        let thread = spawn(move || {
            poll_until_ready(pin!(second.token().cancelled()));
            second.finish(Err(2));
        });
        first.finish(Err(1));
        assert_eq!(told(block_on(group.wait())), "Err(Task(1))");
        thread.join().unwrap();
    });
}

/// An error that starts a child, and drops it, when it is dropped.
#[derive(Debug)]
struct Restless(Option<Spawner<Self>>);

impl Drop for Restless {
    fn drop(&mut self) {
        if let Some(spawner) = self.0.take() {
            drop(spawner.member());
        }
    }
}

/// Property: the error that comes too late may use the group as it is dropped, and fail it once more.
/// Fails if: it is dropped under the lock (`late-failure-dropped-under-the-lock`).
#[test]
fn late_error_that_fails_once_more() {
    model(3, || {
        let group = ErrGroup::new();
        let members = [group.member(), group.member()];
        let threads = members.map(|member| {
            let spawner = group.spawner();
            spawn(move || member.finish(Err(Restless(Some(spawner)))))
        });
        let mut first = block_on(group.join()).unwrap_err().into_task().unwrap();
        assert!(first.0.take().is_some());
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

/// Property: who has seen the token cancelled by a failure, and then waits, is told that failure, whatever else was
/// given up because of the cancellation.
/// Fails if: what was given up hides the failure (`given-up-hides-the-failure`), or a failure is not recorded
/// (`failure-not-recorded`).
#[test]
fn cancelled_by_a_failure_then_waited() {
    model(3, || {
        let mut group = Group::new();
        let (failing, leaving) = (group.member(), group.member());
        let owner = spawn(move || {
            while !matches!(group.token().cause(), Some(Cause::Failed)) {
                thread::yield_now();
            }
            told(block_on(group.wait()))
        });
        let leaver = spawn(move || if leaving.token().is_cancelled() { drop(leaving) } else { leaving.finish(Ok(())) });
        failing.finish(Err(1));
        assert_eq!(owner.join().unwrap(), "Err(Task(1))");
        leaver.join().unwrap();
    });
}

/// Property: a future that is dropped unfinished beside a cancel counts as aborted or cancelled, and never as success.
/// Fails if: a child that is dropped says nothing (`dropped-child-is-silent`), or one that is given up in a cancelled
/// group leaves no trace (`given-up-leaves-no-trace`).
#[test]
fn drop_of_a_child_races_cancel() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let mut group = Group::new();
        let child = group.try_spawn(ready(Ok::<(), usize>(())), |child| child).unwrap();
        let thread = spawn(move || drop(child));
        group.cancel();
        seen.saw(told(block_on(group.wait())));
        thread.join().unwrap();
    });
    outcomes.were(&["Err(Aborted)", "Err(Cancelled)"]);
}

/// Property: a child that is dropped by who has seen a token above the group cancelled was cut off, not aborted,
/// although the cancel may not have come down to the group. Fails if: what is given up looks at the group's own flag
/// only (`given-up-looks-no-higher`).
#[test]
fn drop_of_a_child_that_saw_the_cancel_above() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let parent = CancelToken::new();
        let mut group = Group::builder().parent(&parent).build();
        let child = group.try_spawn(ready(Ok::<(), usize>(())), |child| child).unwrap();
        let above = parent.clone();
        let leaver = spawn(move || {
            let cancelled = above.is_cancelled();
            drop(child);
            cancelled
        });
        parent.cancel();
        let cancelled = leaver.join().unwrap();
        let outcome = told(block_on(group.wait()));
        assert!(!cancelled || outcome == "Err(Cancelled)", "{outcome}");
        seen.saw(format!("{:?}", (cancelled, outcome)));
    });
    outcomes.were(&[r#"(false, "Err(Aborted)")"#, r#"(false, "Err(Cancelled)")"#, r#"(true, "Err(Cancelled)")"#]);
}

/// Property: a spawn that is refused as cancelled shows in the outcome: it is not success.
/// Fails if: the reason is formed before the refusal is entered (`refused-before-it-is-cut`).
#[test]
fn refusal_races_end() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let mut group = Group::new();
        let spawner = group.spawner();
        group.cancel();
        let refused =
            spawn(move || spawner.try_spawn(ready(Ok::<(), usize>(())), drop).map_err(|refused| refused.reason));
        let outcome = told(block_on(group.wait()));
        let refused = refused.join().unwrap();
        seen.saw(format!("{:?}", (refused, outcome)));
    });
    outcomes.were(&[r#"(Err(Cancelled), "Err(Cancelled)")"#, r#"(Err(Finished), "Ok(())")"#]);
}

/// Property: a spawn that is refused because of a failure is told `Cancelled`, and hides nothing.
/// Fails if: what was given up hides the failure (`given-up-hides-the-failure`).
#[test]
fn failure_races_spawn() {
    let outcomes = Outcomes::new();
    let seen = outcomes.clone();
    model(3, move || {
        let mut group = Group::new();
        let failing = group.member();
        let spawner = group.spawner();
        let thread = spawn(move || {
            let started = spawner.try_spawn(ready(Ok::<(), usize>(())), |child| block_on(child));
            started.map_or_else(|refused| refused.reason.to_string(), |()| "started".into())
        });
        failing.finish(Err(1));
        let started = thread.join().unwrap();
        assert_eq!(told(block_on(group.wait())), "Err(Task(1))");
        seen.saw(started);
    });
    outcomes.were(&["started", "the group was cancelled"]);
}
