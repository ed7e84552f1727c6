//! Groups that abort on cancel: the cancellation itself brings about the poll that drops the child.

use core::future::{pending, poll_fn};
use core::task::Poll;

use xsync::CancelToken;

use crate::common::{CountingWaker, kept, panic_message, task::Task};
use crate::{Child, Ended, Group, Steer, assert_waits, child, ended, running, steered};

fn aborting() -> Group {
    Group::builder().abort_on_cancel().build()
}

#[test]
fn a_cancellation_wakes_each_child_once_and_its_next_poll_drops_the_future() {
    let mut group = aborting();
    let mut children: Vec<_> = (0..100).map(|_| running(&group)).collect();
    group.cancel();
    group.cancel();
    for (i, (task, steer)) in children.iter_mut().enumerate() {
        assert_eq!((task.wakes(), task.kept(), steer.is_dropped()), (1, 1, false), "{i}");
        task.ready();
        assert_eq!((task.wakes(), task.kept(), steer.is_dropped(), steer.polls()), (1, 0, true, 1), "{i}");
    }
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_failure_aborts_the_siblings() {
    let mut group = aborting();
    let (mut sibling, steer) = running(&group);
    let (mut failing, failing_steer) = running(&group);
    failing_steer.ends(|| Err("failed"));
    failing.ready();
    assert_eq!(sibling.wakes(), 1);
    // The failing child's own place in the line for the cancellation was given up.
    assert_eq!(failing.kept(), 0);
    assert_waits(&mut group);
    sibling.ready();
    assert_eq!((steer.polls(), steer.is_dropped()), (1, true));
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

#[test]
fn so_do_a_parent_and_the_drop_of_the_group() {
    let parent = CancelToken::new();
    let mut group = Group::builder().abort_on_cancel().parent(&parent).build();
    let (mut task, steer) = running(&group);
    parent.cancel();
    assert_eq!(task.wakes(), 1);
    task.ready();
    assert!(steer.is_dropped());
    assert_eq!(ended(&mut group), Ended::Cancelled);

    let group = aborting();
    let (mut task, steer) = running(&group);
    drop(group);
    assert_eq!(task.wakes(), 1);
    task.ready();
    assert!(steer.is_dropped());
}

#[test]
fn a_child_that_has_not_begun_is_not_begun_and_needs_no_wake() {
    let mut group = aborting();
    let (mut task, steer) = child(&group);
    group.cancel();
    assert_eq!(task.wakes(), 0);
    task.ready();
    assert_eq!((steer.polls(), steer.is_dropped()), (0, true));
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn what_was_ready_before_the_poll_is_cut_all_the_same() {
    let mut group = aborting();
    let (mut task, steer) = running(&group);
    steer.ends(|| Ok(()));
    group.cancel();
    task.ready();
    assert_eq!((steer.polls(), steer.is_dropped()), (1, true));
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_child_that_cancels_its_own_group_is_cut_in_the_same_poll() {
    let mut group = aborting();
    let spawner = group.spawner();
    let (mut first, steer) = running(&group);
    let cancels = async move {
        spawner.cancel();
        pending::<()>().await;
        Ok(())
    };
    let mut second = group.try_spawn::<_, _, _, ()>(cancels, Task::new).unwrap();
    second.ready();
    assert_eq!((second.wakes(), second.kept()), (0, 0));
    first.ready();
    assert!(steer.is_dropped());
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_child_that_cancels_its_own_group_and_ends_well_has_ended_well() {
    let mut group = aborting();
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    steer.ends(move || {
        spawner.cancel();
        Ok(())
    });
    task.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn the_cancellation_wakes_whoever_polled_last() {
    let group = aborting();
    let (mut task, _steer) = running(&group);
    let other = CountingWaker::new();
    assert!(task.poll_with(&other.waker()).is_pending());
    // Kept twice: by what the future waits for, and for the cancellation.
    assert_eq!((task.kept(), kept(&other)), (0, 2));
    group.cancel();
    assert_eq!((task.wakes(), other.wakes()), (0, 1));
    task.ready();
    assert_eq!(kept(&other), 0);
}

/// Whoever ends has left the line before the cancellation that its own end may bring: it does not wake itself.
#[test]
fn an_ended_child_leaves_nothing_with_the_token_and_is_not_woken_by_it() {
    type End = fn(&mut Option<Task<Child>>, &Steer);

    let ends: [End; 4] = [
        |task, steer| {
            steer.ends(|| Ok(()));
            task.as_mut().unwrap().ready();
        },
        |task, steer| {
            steer.ends(|| Err("failed"));
            task.as_mut().unwrap().ready();
        },
        |task, steer| {
            steer.ends(|| std::panic::resume_unwind(Box::new("panics")));
            assert_eq!(panic_message(|| task.as_mut().unwrap().poll()), "panics");
        },
        |task, _| drop(task.take()),
    ];
    for end in ends {
        let group = aborting();
        let (mut task, steer) = running(&group);
        let counter = CountingWaker::new();
        assert!(task.poll_with(&counter.waker()).is_pending());
        let mut task = Some(task);
        end(&mut task, &steer);
        // Woken once by the hand that steers the future, unless it was dropped.
        assert_eq!((counter.wakes(), kept(&counter)), (usize::from(task.is_some()), 0));
        group.cancel();
        assert_eq!(counter.wakes(), usize::from(task.is_some()));
    }
}

#[test]
fn without_abort_nobody_waits_for_the_cancellation() {
    let group = Group::new();
    let polled = poll_fn(|_| Poll::<Result<(), &'static str>>::Pending);
    let mut task = group.try_spawn(polled, Task::new).unwrap();
    task.assert_pending();
    assert_eq!(task.kept(), 0);
}

#[test]
fn members_end_by_themselves() {
    let mut group = aborting();
    let member = group.member();
    group.cancel();
    assert_waits(&mut group);
    assert!(member.token().is_cancelled());
    member.finish(Ok(()));
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn a_member_that_runs_a_future_is_aborted_with_it() {
    let mut group = aborting();
    let (future, steer) = steered();
    let mut task = Task::queued(group.member().run(future));
    group.cancel();
    assert_eq!(task.wakes(), 1);
    task.ready();
    assert!(steer.is_dropped());
    assert_eq!(ended(&mut group), Ended::Cancelled);
}
