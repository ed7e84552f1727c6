//! The wait: for all children, whatever they do, as often as one likes.

use core::task::Poll;

use xsync::{CancelToken, Cause, ErrGroup, GroupError};

use crate::common::{CountingWaker, kept, panic_message, poll, task::Task};
use crate::{Ended, Group, assert_waits, child, ended, forget, running, well};

fn finished(token: &CancelToken) -> bool {
    matches!(token.cause(), Some(Cause::Finished))
}

#[test]
fn without_children_it_has_ended() {
    let mut group = Group::new();
    let token = group.token().clone();
    assert!(!token.is_cancelled());
    assert_eq!(ended(&mut group), Ended::Well);
    assert!(finished(&token));
    assert_eq!(ended(&mut Group::default()), Ended::Well);
}

#[test]
fn it_is_for_every_child_and_woken_once_by_the_last() {
    let mut group = Group::new();
    let token = group.token().clone();
    let mut children: Vec<_> = (0..100).map(|_| running(&group)).collect();
    let member = group.member();
    let mut wait = Task::queued(group.wait());
    for (task, steer) in &mut children {
        steer.ends(|| Ok(()));
        task.ready();
        wait.assert_pending();
    }
    assert_eq!((wait.wakes(), token.is_cancelled()), (0, false));
    member.finish(Ok(()));
    assert_eq!((wait.wakes(), wait.kept(), token.is_cancelled()), (1, 0, false));
    assert!(wait.ready().is_ok());
    assert!(finished(&token));
    assert_eq!(wait.wakes(), 1);
}

#[test]
fn it_goes_on_after_a_failure() {
    let mut group = Group::new();
    let token = group.token().clone();
    let (mut slow, steer) = running(&group);
    let failing = group.member();
    let mut wait = Task::queued(group.wait());
    failing.finish(Err("early"));
    assert!(matches!(token.cause(), Some(Cause::Failed)));
    assert_eq!(wait.wakes(), 0);
    wait.assert_pending();
    steer.ends(|| Err("late"));
    slow.ready();
    assert_eq!(wait.wakes(), 1);
    assert_eq!(Ended::from(wait.ready()), Ended::Task("early"));
    assert!(matches!(token.cause(), Some(Cause::Failed)), "the first reason stays");
}

#[test]
fn the_outcome_is_the_same_for_every_wait() {
    let mut group = ErrGroup::<String>::new();
    group.member().finish(Err("failed".to_owned()));
    let first: *const GroupError<String> = Task::new(group.wait()).ready().unwrap_err();
    for _ in 0..3 {
        assert!(core::ptr::eq(first, Task::new(group.wait()).ready().unwrap_err()));
    }
    // And can be had at last.
    let GroupError::Task(error) = Task::new(group.join()).ready().unwrap_err() else { panic!("was a task's") };
    assert_eq!(error, "failed");
}

#[test]
fn dropped_in_any_state_it_loses_nothing() {
    let mut group = Group::new();
    let (mut task, steer) = running(&group);
    drop(group.wait());
    let gone = Task::queued(group.wait()).cancel();
    assert_eq!(kept(&gone), 0);
    // The group goes on.
    let (mut second, second_steer) = running(&group);
    let woken = Task::queued(group.wait());
    steer.ends(|| Ok(()));
    task.ready();
    second_steer.ends(|| Ok(()));
    second.ready();
    assert_eq!((gone.wakes(), woken.wakes(), woken.kept()), (0, 1, 0));
    // Woken, and dropped before its poll: the group has not ended yet.
    drop(woken);
    assert!(!group.token().is_cancelled());
    let (mut third, third_steer) = running(&group);
    assert_waits(&mut group);
    third_steer.ends(|| Err("the third"));
    third.ready();
    assert_eq!(ended(&mut group), Ended::Task("the third"));
}

#[test]
fn it_wakes_the_task_that_polled_it_last() {
    let mut group = Group::new();
    let member = group.member();
    let mut wait = Task::queued(group.wait());
    let other = CountingWaker::new();
    assert!(wait.poll_with(&other.waker()).is_pending());
    assert_eq!((wait.kept(), kept(&other)), (0, 1));
    member.finish(Ok(()));
    assert_eq!((wait.wakes(), other.wakes(), kept(&other)), (0, 1, 0));
    assert!(wait.ready().is_ok());
}

/// Between the wake and the poll another child is started: the wait goes on, and is woken again.
#[test]
fn a_child_that_comes_after_the_wake_is_waited_for() {
    let mut group = Group::new();
    let spawner = group.spawner();
    let first = spawner.member();
    let mut wait = Task::queued(group.wait());
    for _ in 0..3 {
        spawner.member().finish(Ok(()));
        wait.assert_pending();
    }
    assert_eq!(wait.wakes(), 0);
    first.finish(Ok(()));
    assert_eq!(wait.wakes(), 1);
    let mut late = spawner.member();
    for wakes in 2..=5 {
        wait.assert_pending();
        late.finish(Ok(()));
        assert_eq!(wait.wakes(), wakes);
        late = spawner.member();
    }
    wait.assert_pending();
    late.finish(Err("the last"));
    assert_eq!(Ended::from(wait.ready()), Ended::Task("the last"));
    assert_eq!(spawner.try_spawn(well(), |_| ()).unwrap_err().reason, xsync::Reason::Finished);
}

#[test]
fn a_child_that_is_leaked_is_waited_for_and_no_other_harm_is_done() {
    let mut group = Group::new();
    forget(group.member());
    let (mut task, steer) = child(&group);
    assert_waits(&mut group);
    steer.ends(|| Err("failed"));
    task.ready();
    assert!(group.token().is_cancelled());
    for _ in 0..3 {
        assert_waits(&mut group);
    }
}

/// A pending wait that is leaked stays in line for ever; it does not take the wake of the next one.
#[test]
fn a_wait_that_is_leaked_costs_the_next_nothing() {
    let mut group = Group::new();
    let member = group.member();
    let mut leaked = Box::pin(group.wait());
    assert!(poll(leaked.as_mut()).is_pending());
    forget(leaked);
    let mut wait = Task::queued(group.wait());
    member.finish(Ok(()));
    assert_eq!(wait.wakes(), 1);
    assert!(wait.ready().is_ok());
}

#[test]
fn completed_it_is_not_polled_again() {
    let mut group = Group::new();
    let mut wait = Box::pin(group.wait());
    assert!(matches!(poll(wait.as_mut()), Poll::Ready(Ok(()))));
    assert_eq!(panic_message(|| poll(wait.as_mut()).is_ready()), "`Wait` polled after it completed");
    drop(wait);
    let mut join = Box::pin(group.join());
    assert!(matches!(poll(join.as_mut()), Poll::Ready(Ok(()))));
    assert_eq!(panic_message(|| poll(join.as_mut())), "`Join` polled after it completed");
}

#[test]
fn a_join_is_the_last_wait() {
    let mut group = Group::new();
    let token = group.token().clone();
    let (mut task, steer) = running(&group);
    assert_waits(&mut group);
    let mut join = Task::queued(group.join());
    steer.ends(|| Err("failed"));
    task.ready();
    assert_eq!((join.wakes(), join.kept()), (1, 0));
    assert_eq!(join.ready().unwrap_err().into_task(), Some("failed"));
    assert!(matches!(token.cause(), Some(Cause::Failed)));

    let group = Group::new();
    let token = group.token().clone();
    assert!(Task::new(group.join()).ready().is_ok());
    assert!(finished(&token));
}

#[test]
fn a_join_that_is_dropped_cancels_the_group() {
    for polled in [false, true] {
        let group = Group::new();
        let (spawner, member) = (group.spawner(), group.member());
        let mut join = Task::new(group.join());
        if polled {
            join.assert_pending();
        }
        let counter = join.cancel();
        assert!(matches!(spawner.token().cause(), Some(Cause::Dropped)));
        member.finish(Ok(()));
        assert_eq!((counter.wakes(), kept(&counter)), (0, 0));
    }
}

#[test]
fn debugging_a_wait_names_it() {
    let mut group = Group::new();
    assert!(format!("{:?}", group.wait()).starts_with("Wait { group: Some(ErrGroup {"));
    assert!(format!("{:?}", group.join()).starts_with("Join { group: Some(ErrGroup {"));
}
