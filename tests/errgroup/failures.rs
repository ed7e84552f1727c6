//! The outcomes: which failure is the first, what counts as one, and what they say.

use core::error::Error;
use core::fmt;

use xsync::{Cause, ErrGroup};

use crate::common::task::Task;
use crate::{Ended, Group, assert_waits, child, ended, running, well};

#[test]
fn the_first_failure_in_time_stays() {
    // Whichever of three children is the first, the second, the third.
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut group = Group::new();
        let mut children = ["a", "b", "c"].map(|name| (name, running(&group)));
        for place in order {
            let (name, (task, steer)) = &mut children[place];
            let name = *name;
            steer.ends(move || Err(name));
            task.ready();
        }
        assert_eq!(ended(&mut group), Ended::Task(["a", "b", "c"][order[0]]));
    }
}

/// One way for a child to end badly.
fn fail(group: &Group, way: usize) -> Ended {
    match way {
        0 => {
            let (mut task, steer) = running(group);
            steer.ends(|| Err("a task"));
            task.ready();
            Ended::Task("a task")
        }
        1 => {
            group.member().finish(Err("a member"));
            Ended::Task("a member")
        }
        2 => {
            drop(child(group));
            Ended::Aborted
        }
        3 => {
            drop(running(group));
            Ended::Aborted
        }
        4 => {
            drop(group.member());
            Ended::Aborted
        }
        5 => {
            drop(group.track(well()));
            Ended::Aborted
        }
        _ => {
            let (mut task, steer) = running(group);
            steer.ends(|| std::panic::resume_unwind(Box::new("a panic")));
            let caught = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| task.poll()));
            assert_eq!(*caught.unwrap_err().downcast::<&str>().unwrap(), "a panic");
            Ended::Panicked
        }
    }
}

#[test]
fn each_kind_of_failure_is_told_apart_and_cancels_the_group() {
    for way in 0..7 {
        let mut group = Group::new();
        let token = group.token().clone();
        let expected = fail(&group, way);
        assert!(matches!(token.cause(), Some(Cause::Failed)));
        assert_eq!(ended(&mut group), expected);
        assert_eq!(ended(&mut group), expected);
    }
}

#[test]
fn of_two_failures_the_first_is_the_outcome_whatever_they_are() {
    for first in 0..7 {
        for second in [0, 1, 6] {
            let mut group = Group::new();
            // It has begun: one that has not is not begun after the first.
            let (mut task, steer) = running(&group);
            let member = group.member();
            let expected = fail(&group, first);
            match second {
                0 => {
                    steer.ends(|| Err("second"));
                    task.ready();
                    member.finish(Ok(()));
                }
                1 => {
                    member.finish(Err("second"));
                    steer.ends(|| Ok(()));
                    task.ready();
                }
                _ => {
                    drop((task, member));
                }
            }
            assert_eq!(ended(&mut group), expected);
        }
    }
}

#[test]
fn dropped_after_a_cancellation_it_is_cut_not_aborted() {
    for began in [false, true] {
        let mut group = Group::new();
        let (task, _) = if began { running(&group) } else { child(&group) };
        group.cancel();
        drop(task);
        assert_eq!(ended(&mut group), Ended::Cancelled);
    }
    let mut group = Group::new();
    let (member, tracked) = (group.member(), group.track(well()));
    group.cancel();
    drop(member);
    assert_waits(&mut group);
    drop(tracked);
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_failure_after_a_cancellation_is_a_failure() {
    let mut group = Group::new();
    let (mut task, steer) = running(&group);
    let cut = child(&group).0;
    group.cancel();
    drop(cut);
    steer.ends(|| Err("what the cancellation led to"));
    task.ready();
    assert_eq!(ended(&mut group), Ended::Task("what the cancellation led to"));
}

#[test]
fn children_that_all_end_well_after_a_cancellation_have_ended_well() {
    let mut group = Group::new();
    let (mut task, steer) = running(&group);
    let member = group.member();
    group.cancel();
    steer.ends(|| Ok(()));
    task.ready();
    member.finish(Ok(()));
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn one_refused_child_is_enough_to_be_cancelled() {
    let mut group = Group::new();
    let (mut task, steer) = running(&group);
    group.cancel();
    assert!(group.try_spawn(well(), drop).is_err());
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[derive(Debug)]
struct DiskFull;

impl fmt::Display for DiskFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the disk is full")
    }
}

impl Error for DiskFull {}

#[derive(Debug)]
struct Outer(DiskFull);

impl fmt::Display for Outer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot write")
    }
}

impl Error for Outer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[test]
fn a_failure_speaks_as_the_error_in_it() {
    let mut group = ErrGroup::new();
    group.member().finish(Err(Outer(DiskFull)));
    let failure = Task::new(group.wait()).ready().unwrap_err();
    assert_eq!(failure.to_string(), "cannot write");
    // Each text comes once in the chain.
    assert_eq!(failure.source().unwrap().to_string(), "the disk is full");
    assert!(failure.source().unwrap().source().is_none());
    assert!(Task::new(group.join()).ready().unwrap_err().into_task().is_some());
}

#[test]
fn the_other_failures_have_texts_of_their_own() {
    let texts = [2, 6].map(|way| {
        let group = Group::new();
        fail(&group, way);
        let failure = Task::new(group.join()).ready().unwrap_err();
        let text = failure.to_string();
        assert_eq!(failure.into_task(), None);
        text
    });
    assert_eq!(texts, ["a child of the group was dropped before it had finished", "a child of the group panicked"]);
    let group = ErrGroup::<Outer>::new();
    group.cancel();
    drop(group.member());
    let failure = Task::new(group.join()).ready().unwrap_err();
    assert_eq!((failure.to_string().as_str(), failure.source().is_none()), ("the group was cancelled", true));
}
