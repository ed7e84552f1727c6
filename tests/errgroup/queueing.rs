//! [`Tracked`](xsync::Tracked): children that are counted at once and wait for their slot by themselves.

use core::num::NonZeroUsize;

use xsync::{Reason, Tracked};

use crate::common::{CountingWaker, kept, panic_message, task::Task};
use crate::{Ended, Group, Steer, Steered, assert_waits, ended, running, steered, well};

type Queued = Task<Tracked<Steered, &'static str>>;

fn limited(limit: usize) -> Group {
    Group::builder().limit(NonZeroUsize::new(limit).unwrap()).build()
}

fn tracked(group: &Group) -> (Queued, Steer) {
    let (future, steer) = steered();
    (Task::new(group.track(future)), steer)
}

#[test]
fn without_a_limit_it_runs_at_once() {
    let mut group = Group::new();
    let (mut task, steer) = tracked(&group);
    assert_waits(&mut group);
    task.assert_pending();
    assert_eq!(steer.polls(), 1);
    steer.ends(|| Ok(()));
    assert_eq!(task.wakes(), 1);
    task.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn the_queue_has_no_bounds_and_runs_in_order() {
    let mut group = limited(2);
    let mut queue: Vec<_> = (0..50).map(|_| tracked(&group)).collect();
    assert_waits(&mut group);
    for (task, _) in &mut queue {
        task.assert_pending();
    }
    while !queue.is_empty() {
        // Two run, the others were not begun; who is next was woken, once.
        for (i, (_, steer)) in queue.iter().enumerate() {
            assert_eq!(steer.polls(), usize::from(i < 2));
        }
        let (mut task, steer) = queue.remove(0);
        steer.ends(|| Ok(()));
        task.ready();
        assert!(steer.is_dropped());
        for (i, (task, _)) in queue.iter_mut().enumerate().skip(1) {
            assert_eq!(task.wakes(), usize::from(i == 1));
            task.assert_pending();
        }
    }
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn it_shares_the_slots_with_spawned_children_in_turn() {
    let mut group = limited(1);
    let spawner = group.spawner();
    let (mut first, steer) = running(&group);
    let (mut second, second_steer) = tracked(&group);
    second.assert_pending();
    let mut third = Task::queued(spawner.spawn(well(), Task::new));
    steer.ends(|| Ok(()));
    first.ready();
    assert_eq!((second.wakes(), third.wakes()), (1, 0));
    assert_eq!(spawner.try_spawn(well(), |_| panic!("called")).unwrap_err().reason, Reason::Full);
    second.assert_pending();
    assert_eq!(second_steer.polls(), 1);
    second_steer.ends(|| Ok(()));
    second.ready();
    assert_eq!(third.wakes(), 1);
    third.ready().unwrap().ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn cancelled_in_the_queue_it_is_woken_and_not_begun() {
    for abort in [false, true] {
        let builder = Group::builder().limit(NonZeroUsize::MIN);
        let mut group = if abort { builder.abort_on_cancel() } else { builder }.build();
        let member = group.member();
        let (mut first, steer) = running(&group);
        let (mut queued, queued_steer) = tracked(&group);
        let (mut unpolled, unpolled_steer) = tracked(&group);
        queued.assert_pending();
        group.cancel();
        assert_eq!(queued.wakes(), 1);
        queued.ready();
        assert_eq!((queued.wakes(), queued.kept()), (1, 0));
        assert_eq!((queued_steer.polls(), queued_steer.is_dropped()), (0, true));
        unpolled.ready();
        assert_eq!((unpolled_steer.polls(), unpolled_steer.is_dropped()), (0, true));
        steer.ends(|| Ok(()));
        first.ready();
        assert_waits(&mut group);
        member.finish(Ok(()));
        assert_eq!(ended(&mut group), Ended::Cancelled);
    }
}

/// Granted its slot, and cancelled before it is polled: it is not begun, and the slot goes back.
#[test]
fn a_cancellation_wins_over_a_slot_that_was_granted_before_it() {
    let mut group = limited(1);
    let (mut first, steer) = running(&group);
    let (mut queued, queued_steer) = tracked(&group);
    queued.assert_pending();
    steer.ends(|| Ok(()));
    first.ready();
    assert_eq!(queued.wakes(), 1);
    group.cancel();
    queued.ready();
    assert_eq!((queued_steer.polls(), queued_steer.is_dropped()), (0, true));
    assert_eq!(ended(&mut group), Ended::Cancelled);
}

#[test]
fn a_failure_ends_the_queue() {
    let mut group = limited(1);
    let mut queue: Vec<_> = (0..20).map(|_| tracked(&group)).collect();
    for (task, _) in &mut queue {
        task.assert_pending();
    }
    let (mut failing, steer) = queue.remove(0);
    steer.ends(|| Err("failed"));
    failing.ready();
    for (task, steer) in &mut queue {
        assert!(task.wakes() > 0);
        task.ready();
        assert_eq!((steer.polls(), steer.is_dropped()), (0, true));
    }
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

/// In each state: never polled, in the queue, granted its slot, running.
#[test]
fn dropped_in_any_state_it_leaves_nothing_and_is_aborted() {
    for state in 0..4 {
        let mut group = limited(1);
        let (mut first, first_steer) = tracked(&group);
        first.assert_pending();
        let (mut task, steer) = tracked(&group);
        if state > 0 {
            task.assert_pending();
        }
        if state > 1 {
            first_steer.ends(|| Ok(()));
            first.ready();
            assert_eq!(task.wakes(), 1);
        }
        if state > 2 {
            task.assert_pending();
        }
        assert_eq!(steer.polls(), usize::from(state > 2));
        let counter = task.cancel();
        assert_eq!((steer.is_dropped(), kept(&counter)), (true, 0));
        assert!(group.token().is_cancelled());
        drop(first);
        assert_eq!(ended(&mut group), Ended::Aborted);
    }
}

#[test]
fn dropped_with_its_slot_it_lets_the_line_behind_know() {
    let mut group = limited(1);
    let (mut first, steer) = running(&group);
    let (mut second, _) = tracked(&group);
    let (mut third, third_steer) = tracked(&group);
    second.assert_pending();
    third.assert_pending();
    steer.ends(|| Ok(()));
    first.ready();
    assert_eq!((second.wakes(), third.wakes()), (1, 0));
    // The slot goes on, though nothing is begun in it: the drop has cancelled the group.
    drop(second);
    assert!(third.wakes() > 0);
    third.ready();
    assert_eq!((third_steer.polls(), ended(&mut group)), (0, Ended::Aborted));
}

#[test]
fn it_wakes_whoever_polled_last_in_the_queue() {
    for by_cancel in [false, true] {
        let mut group = limited(1);
        let (mut first, steer) = running(&group);
        let (mut queued, _steer) = tracked(&group);
        queued.assert_pending();
        let other = CountingWaker::new();
        assert!(queued.poll_with(&other.waker()).is_pending());
        assert_eq!(queued.kept(), 0);
        if by_cancel {
            group.cancel();
        }
        steer.ends(|| Ok(()));
        first.ready();
        assert_eq!(queued.wakes(), 0);
        assert!(other.wakes() > 0);
        drop(queued);
        assert_eq!(kept(&other), 0);
        assert_eq!(ended(&mut group), if by_cancel { Ended::Cancelled } else { Ended::Aborted });
    }
}

/// As a child that never queued: a group that does not abort leaves it alone.
#[test]
fn once_it_runs_it_waits_for_the_cancellation_no_more() {
    let mut group = limited(1);
    let (mut first, first_steer) = running(&group);
    let (mut queued, steer) = tracked(&group);
    queued.assert_pending();
    first_steer.ends(|| Ok(()));
    first.ready();
    let other = CountingWaker::new();
    assert!(queued.poll_with(&other.waker()).is_pending());
    // The future has the new one, and nobody the old one.
    assert_eq!((steer.polls(), queued.kept(), kept(&other)), (1, 0, 1));
    group.cancel();
    assert_eq!((queued.wakes(), other.wakes()), (1, 0));
    steer.ends(|| Ok(()));
    queued.ready();
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn a_child_can_queue_more_than_the_limit() {
    let mut group = limited(1);
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let (send, receive) = std::sync::mpsc::channel();
    steer.ends(move || {
        (0..10).for_each(|_| send.send(Task::new(spawner.track(well()))).unwrap());
        Ok(())
    });
    task.ready();
    receive.iter().for_each(|mut task| task.ready());
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn ended_it_is_not_polled_again() {
    for limit in [None, NonZeroUsize::new(1)] {
        let builder = Group::builder();
        let mut group = if let Some(limit) = limit { builder.limit(limit) } else { builder }.build();
        let mut task = Task::new(group.track(well()));
        task.ready();
        assert!(panic_message(|| task.poll()).contains("polled after it completed"));
        assert_eq!(ended(&mut group), Ended::Well);
    }
}

#[test]
fn debugging_shows_whether_it_waits_for_its_slot() {
    let group = limited(1);
    let (mut task, steer) = tracked(&group);
    let of = |queued, begun, ended| {
        format!("Tracked {{ queued: {queued}, child: Child {{ begun: {begun}, ended: {ended}, .. }} }}")
    };
    assert_eq!(format!("{:?}", task.future()), of(true, false, false));
    task.assert_pending();
    assert_eq!(format!("{:?}", task.future()), of(false, true, false));
    steer.ends(|| Ok(()));
    task.ready();
    assert_eq!(format!("{:?}", task.future()), of(false, true, true));
}
