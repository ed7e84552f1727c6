//! A group with a limit: slots are exact, given in turn, and never lost.

use core::num::NonZeroUsize;

use futures_core::FusedFuture;
use xsync::Reason;

use crate::common::{block_on, panic_message, poll, task::Task};
use crate::{Ended, Group, ended, running, steered, well};

fn limited(limit: usize) -> Group {
    Group::builder().limit(NonZeroUsize::new(limit).unwrap()).build()
}

#[track_caller]
fn assert_full(group: &Group) {
    let (future, steer) = steered();
    let refused = group.try_spawn(future, |_| panic!("called")).unwrap_err();
    assert_eq!((refused.reason, refused.to_string()), (Reason::Full, "the group's limit is reached".into()));
    assert!(refused.future.is_steered_by(&steer) && !steer.is_dropped());
    assert_eq!(steer.polls(), 0);
}

#[test]
fn it_is_exact_at_every_limit() {
    for limit in 1..=20 {
        let mut group = limited(limit);
        let mut children: Vec<_> = (0..limit).map(|_| running(&group)).collect();
        assert_full(&group);
        // For each that ends in whatever way, one more, and not two.
        for i in 0..limit {
            let (mut task, steer) = children.remove(i * 7 % children.len());
            steer.ends(|| Ok(()));
            task.ready();
            children.push(running(&group));
            assert_full(&group);
        }
        for (mut task, steer) in children {
            steer.ends(|| Ok(()));
            task.ready();
        }
        // A refusal for want of a slot is no failure.
        assert_eq!(ended(&mut group), Ended::Well);
    }
}

#[test]
fn members_take_no_slot() {
    let mut group = limited(1);
    let members = [(); 5].map(|()| group.member());
    let (mut task, steer) = running(&group);
    assert_full(&group);
    steer.ends(|| Ok(()));
    task.ready();
    members.into_iter().for_each(|member| member.finish(Ok(())));
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn a_limit_that_no_semaphore_can_count_is_as_good_as_none() {
    let mut group = Group::builder().limit(NonZeroUsize::MAX).build();
    drop([(); 100].map(|()| running(&group)));
    assert_eq!(ended(&mut group), Ended::Aborted);
}

#[test]
fn spawns_wait_for_their_turn() {
    let mut group = limited(1);
    let spawner = group.spawner();
    let (mut task, mut steer) = running(&group);
    let mut spawns: Vec<_> = (0..5)
        .map(|_| {
            let (future, steer) = steered();
            (Task::queued(spawner.spawn(future, Task::new)), steer)
        })
        .collect();
    while !spawns.is_empty() {
        let (mut spawn, next) = spawns.remove(0);
        assert_eq!(spawn.wakes(), 0);
        steer.ends(|| Ok(()));
        task.ready();
        assert_eq!(spawn.wakes(), 1);
        // The slot is promised: nobody passes, and it is one.
        assert_full(&group);
        spawns.iter_mut().for_each(|(spawn, _)| spawn.assert_pending());
        assert!(!spawn.future().is_terminated());
        (task, steer) = (spawn.ready().unwrap(), next);
        assert!(spawn.future().is_terminated());
        assert_full(&group);
    }
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn a_spawn_that_is_dropped_gives_its_place_up() {
    let mut group = limited(1);
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let [in_queue, granted, mut last] = [(); 3].map(|()| Task::queued(spawner.spawn(steered().0, |_| ())));
    assert_eq!(in_queue.cancel().wakes(), 0);
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!((granted.wakes(), last.wakes()), (1, 0));
    assert_eq!(granted.cancel().wakes(), 1);
    assert_eq!(last.wakes(), 1);
    last.ready().unwrap();
    // Dropped by the function that was to spawn it.
    assert_eq!(ended(&mut group), Ended::Aborted);
}

#[test]
fn a_cancellation_ends_the_wait_for_a_slot() {
    let mut group = limited(1);
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let (future, waiting) = steered();
    let mut spawn = Task::queued(spawner.spawn(future, |_| panic!("called")));
    group.cancel();
    assert_eq!(spawn.wakes(), 1);
    let refused = spawn.ready().unwrap_err();
    assert_eq!((refused.reason, waiting.polls(), waiting.is_dropped()), (Reason::Cancelled, 0, false));
    assert!(refused.future.is_steered_by(&waiting));
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_failure_ends_the_wait_for_a_slot_and_its_own_slot_starts_nothing() {
    let mut group = limited(1);
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let mut spawn = Task::queued(spawner.spawn(steered().0, |_| panic!("called")));
    steer.ends(|| Err("failed"));
    task.ready();
    // Cancelled first, then granted the slot.
    assert!(spawn.wakes() > 0);
    assert_eq!(spawn.ready().unwrap_err().reason, Reason::Cancelled);
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

#[test]
fn a_cancellation_wins_over_a_slot_that_was_granted_before_it() {
    let mut group = limited(1);
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let mut spawn = Task::queued(spawner.spawn(steered().0, |_| panic!("called")));
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!(spawn.wakes(), 1);
    group.cancel();
    assert_eq!(spawn.ready().unwrap_err().reason, Reason::Cancelled);
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_slot_outlives_the_wait_that_it_was_taken_in() {
    let mut group = limited(1);
    let (task, steer) = running(&group);
    crate::assert_waits(&mut group);
    // A wait that was given up changes nothing about the limit.
    assert_full(&group);
    drop((task, steer));
    assert_eq!(ended(&mut group), Ended::Aborted);
}

#[test]
fn a_child_can_fill_its_group_but_not_wait_for_it_by_a_try() {
    let mut group = limited(2);
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    steer.ends(move || {
        let second = spawner.try_spawn(well(), Box::pin).unwrap();
        assert_eq!(spawner.try_spawn(well(), |_| panic!("called")).unwrap_err().reason, Reason::Full);
        block_on(second);
        block_on(spawner.try_spawn(well(), Box::pin).unwrap());
        Ok(())
    });
    task.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn after_the_end_a_slot_is_free_and_starts_nothing() {
    let mut group = limited(1);
    assert_eq!(ended(&mut group), Ended::Well);
    for _ in 0..3 {
        assert_eq!(block_on(group.spawn(well(), |_| ())).unwrap_err().reason, Reason::Finished);
        assert_eq!(group.try_spawn(well(), |_| ()).unwrap_err().reason, Reason::Finished);
    }
}

#[test]
fn a_spawn_that_has_completed_is_not_polled_again() {
    let group = limited(1);
    let mut spawn = Box::pin(group.spawn(well(), drop));
    assert!(poll(spawn.as_mut()).is_ready());
    assert!(panic_message(|| poll(spawn.as_mut())).contains("polled after it completed"));
}
