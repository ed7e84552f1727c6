//! Children that are not futures.

use std::panic::{catch_unwind, resume_unwind};

use xsync::Cause;

use crate::common::{on_wake, panic_message, task::Task};
use crate::{Ended, Group, assert_waits, ended, steered};

#[test]
fn a_member_is_waited_for_until_it_finishes() {
    let mut group = Group::new();
    let [first, second] = [(); 2].map(|()| group.member());
    assert_waits(&mut group);
    first.finish(Ok(()));
    assert_waits(&mut group);
    second.finish(Ok(()));
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn its_error_is_the_groups_and_cancels_it() {
    let mut group = Group::new();
    let (first, second) = (group.member(), group.spawner().member());
    assert!(!first.token().is_cancelled());
    assert_eq!(format!("{first:?}"), "Member { cancelled: false, .. }");
    second.finish(Err("failed"));
    assert!(matches!(first.token().cause(), Some(Cause::Failed)));
    assert_eq!(format!("{first:?}"), "Member { cancelled: true, .. }");
    first.finish(Err("late"));
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

#[test]
fn dropped_it_is_aborted() {
    let mut group = Group::new();
    drop(group.member());
    assert!(group.token().is_cancelled());
    assert_eq!(ended(&mut group), Ended::Aborted);
}

/// Without std nobody can tell whether a thread panics.
#[test]
fn dropped_by_a_panic_it_has_panicked() {
    for cancelled in [false, true] {
        let mut group = Group::new();
        let member = group.member();
        if cancelled {
            group.cancel();
        }
        let caught = catch_unwind(move || {
            let _member = member;
            resume_unwind(Box::new("on the way"));
        });
        assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "on the way");
        let expected = if cfg!(feature = "std") {
            Ended::Panicked
        } else if cancelled {
            Ended::Cancelled
        } else {
            Ended::Aborted
        };
        assert_eq!(ended(&mut group), expected);
    }
}

/// What it finishes with counts, whatever its thread does.
#[test]
fn finished_while_its_thread_panics_it_has_finished() {
    struct Finish(Option<xsync::Member<&'static str>>, Result<(), &'static str>);

    impl Drop for Finish {
        fn drop(&mut self) {
            self.0.take().unwrap().finish(self.1);
        }
    }

    for (result, expected) in [(Ok(()), Ended::Well), (Err("failed"), Ended::Task("failed"))] {
        let mut group = Group::new();
        let finish = Finish(Some(group.member()), result);
        let caught = catch_unwind(move || {
            let _finish = finish;
            resume_unwind(Box::new(()));
        });
        assert!(caught.is_err());
        assert_eq!(ended(&mut group), expected);
    }
}

#[test]
fn it_becomes_a_future_without_being_counted_twice() {
    let mut group = Group::new();
    let (future, steer) = steered();
    let mut task = Task::new(group.member().run(future));
    assert_eq!(steer.polls(), 0);
    assert_waits(&mut group);
    task.assert_pending();
    steer.ends(|| Err("failed"));
    assert_eq!(task.wakes(), 1);
    task.ready();
    assert!(steer.is_dropped());
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

#[test]
fn a_future_that_was_a_member_can_be_dropped_or_not_begun() {
    let mut group = Group::new();
    drop(group.member().run(steered().0));
    assert_eq!(ended(&mut group), Ended::Aborted);
    let mut group = Group::new();
    let (future, steer) = steered();
    let mut task = Task::new(group.member().run(future));
    group.cancel();
    task.ready();
    assert_eq!((steer.polls(), ended(&mut group)), (0, Ended::Cancelled));
}

/// The panic of a waker goes on at whoever finishes; the member has been counted out, and its error recorded.
#[test]
fn a_waker_that_panics_does_not_keep_it_counted() {
    let mut group = Group::new();
    let token = group.token().clone();
    let panicking = on_wake(|| resume_unwind(Box::new("a waker's own panic")));
    let looking = Task::queued_with(token.cancelled(), &panicking);
    let member = group.member();
    assert_eq!(panic_message(|| member.finish(Err("failed"))), "a waker's own panic");
    drop(looking);
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}
