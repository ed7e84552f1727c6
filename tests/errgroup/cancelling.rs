//! Cancellation: what brings it about, what it does to children that look, and to those that have not begun.

use std::sync::Arc;

use xsync::{CancelToken, Cause, ErrGroup, Reason};

use crate::common::{CountingWaker, kept, task::Task};
use crate::{Ended, Group, assert_waits, child, ended, running, well};

fn below(parent: &CancelToken) -> Group {
    Group::builder().parent(parent).build()
}

#[test]
fn each_cause_is_named() {
    let mut group = Group::new();
    let token = group.token().clone();
    assert!(token.cause().is_none());
    group.cancel();
    assert!(matches!(token.cause(), Some(Cause::Requested)));
    assert_eq!(ended(&mut group), Ended::Well);
    assert!(matches!(token.cause(), Some(Cause::Requested)), "the first reason stays");
    drop(group);
    assert!(matches!(token.cause(), Some(Cause::Requested)));

    let group = Group::new();
    let token = group.token().clone();
    drop(group);
    assert!(matches!(token.cause(), Some(Cause::Dropped)));

    let mut group = Group::new();
    let token = group.token().clone();
    assert_eq!(ended(&mut group), Ended::Well);
    assert!(matches!(token.cause(), Some(Cause::Finished)));
    drop(group);
    assert!(matches!(token.cause(), Some(Cause::Finished)));

    let group = Group::new();
    let token = group.token().clone();
    group.member().finish(Err("failed"));
    assert!(matches!(token.cause(), Some(Cause::Failed)));

    let group = Group::new();
    group.token().cancel_with(Arc::new(core::fmt::Error));
    assert!(matches!(group.token().cause(), Some(Cause::Custom(error)) if error.is::<core::fmt::Error>()));
}

#[test]
fn every_handle_cancels_the_same_group() {
    let cancels: [fn(&Group); 4] = [
        Group::cancel,
        |group| group.spawner().cancel(),
        |group| group.token().clone().cancel(),
        |group| {
            let member = group.member();
            member.token().cancel();
            member.finish(Ok(()));
        },
    ];
    for cancel in cancels {
        let mut group = Group::new();
        let (task, steer) = child(&group);
        cancel(&group);
        assert!(group.token().is_cancelled() && group.spawner().token().is_cancelled());
        drop(task);
        assert!(steer.is_dropped());
        assert_eq!(ended(&mut group), Ended::Cancelled);
    }
}

#[test]
fn a_child_that_looks_sees_it_and_ends_as_it_likes() {
    let mut group = Group::new();
    let token = group.token().clone();
    let mut looking = group
        .try_spawn(
            async move {
                token.cancelled().await;
                well().await
            },
            Task::new,
        )
        .unwrap();
    looking.assert_pending();
    group.cancel();
    assert_eq!(looking.wakes(), 1);
    assert_waits(&mut group);
    looking.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn a_child_that_does_not_look_goes_on() {
    let mut group = Group::new();
    let (mut task, steer) = running(&group);
    group.cancel();
    assert_eq!(task.wakes(), 0);
    task.assert_pending();
    task.assert_pending();
    assert_eq!((steer.polls(), steer.is_dropped()), (3, false));
    assert_waits(&mut group);
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn a_child_that_has_not_begun_is_not_begun() {
    let mut group = Group::new();
    let (mut task, steer) = child(&group);
    group.cancel();
    task.ready();
    assert_eq!((steer.polls(), steer.is_dropped()), (0, true));
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn after_a_failure_no_other_child_is_begun() {
    let mut group = Group::new();
    let (mut task, steer) = child(&group);
    group.member().finish(Err("failed"));
    task.ready();
    assert_eq!((steer.polls(), steer.is_dropped()), (0, true));
    assert_eq!(group.try_spawn(well(), |_| ()).unwrap_err().reason, Reason::Cancelled);
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

/// The siblings of a failing child are woken by its very end, before anybody waits.
#[test]
fn a_failure_wakes_the_siblings_that_look() {
    let mut group = Group::new();
    let mut siblings: Vec<_> = (0..50)
        .map(|_| {
            let token = group.token().clone();
            let looking = async move {
                token.cancelled().await;
                Err("stopped")
            };
            let mut task = group.try_spawn::<_, _, _, ()>(looking, Task::new).unwrap();
            task.assert_pending();
            task
        })
        .collect();
    let (mut failing, steer) = running(&group);
    steer.ends(|| Err("failed"));
    failing.ready();
    for sibling in &mut siblings {
        assert_eq!(sibling.wakes(), 1);
        sibling.ready();
    }
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

#[test]
fn a_parent_reaches_in_and_is_not_reached() {
    let server = CancelToken::new();
    let (mut failing, mut cut) = (below(&server), below(&server));
    failing.member().finish(Err("failed"));
    assert_eq!(ended(&mut failing), Ended::Task("failed"));
    assert!(!server.is_cancelled() && !cut.token().is_cancelled());
    let (mut task, steer) = child(&cut);
    server.cancel_with(Arc::new(core::fmt::Error));
    assert!(matches!(cut.token().cause(), Some(Cause::Custom(_))));
    task.ready();
    assert_eq!((steer.polls(), ended(&mut cut)), (0, Ended::Cancelled));
    // One whose parent was cancelled before is born cancelled, and ends well if nothing was asked of it.
    let mut late = below(&server);
    assert!(late.token().is_cancelled());
    assert_eq!(ended(&mut late), Ended::Well);
    let mut late = below(&server);
    assert_eq!(late.try_spawn(well(), |_| ()).unwrap_err().reason, Reason::Cancelled);
    assert_eq!(ended(&mut late), Ended::Cancelled);
}

#[test]
fn a_group_below_a_group_ends_with_it() {
    let outer = Group::new();
    let mut inner = below(outer.token());
    let (task, _steer) = child(&inner);
    outer.member().finish(Err("outside"));
    assert!(matches!(inner.token().cause(), Some(Cause::Failed)));
    drop(task);
    assert_eq!(ended(&mut inner), Ended::Cancelled);
}

/// Whoever waits for the token is woken when the group is dropped; the children are not waited for.
#[test]
fn a_dropped_group_is_cancelled_and_lets_its_children_be() {
    let group = Group::new();
    let token = group.token().clone();
    let looking = Task::queued(token.cancelled());
    let (mut began, steer) = running(&group);
    let (mut idle, idle_steer) = child(&group);
    drop(group);
    assert!(matches!(token.cause(), Some(Cause::Dropped)));
    assert_eq!((looking.wakes(), began.wakes()), (1, 0));
    idle.ready();
    assert_eq!((idle_steer.polls(), idle_steer.is_dropped()), (0, true));
    began.assert_pending();
    steer.ends(|| Err("nobody waits"));
    began.ready();
    assert!(steer.is_dropped());
}

/// A failure that nobody came for is dropped with the group, once the last child has gone.
#[test]
fn a_failure_that_nobody_waits_for_is_dropped() {
    let counter = CountingWaker::new();
    let group = ErrGroup::new();
    let last = group.member();
    group.member().finish(Err(counter.waker()));
    last.token().cancel();
    drop(group);
    assert_eq!(kept(&counter), 1);
    last.finish(Err(counter.waker()));
    assert_eq!(kept(&counter), 0);
}
