//! How children are started, by whom, and when a group refuses them.

use core::future::Future;
use core::pin::Pin;
use std::sync::{Arc, Mutex};

use futures_core::FusedFuture;
use xsync::{Reason, Spawner};

use crate::common::{block_on, panic_message, poll, task::Task};
use crate::{Child, Ended, Group, assert_waits, child, ended, running, steered, well};

#[test]
fn what_the_function_returns_is_returned() {
    let mut group = Group::new();
    let mut kept = None;
    let number = block_on(group.spawn(well(), |child| {
        kept = Some(child);
        42
    }));
    assert_eq!(number.unwrap(), 42);
    assert_waits(&mut group);
    block_on(kept.unwrap());
    assert_eq!(ended(&mut group), Ended::Well);
    let mut group = Group::new();
    assert_eq!(group.try_spawn(well(), |_| "a handle").unwrap(), "a handle");
    // It was dropped by the function.
    assert_eq!(ended(&mut group), Ended::Aborted);
}

#[test]
fn a_spawn_starts_nothing_before_it_is_polled() {
    let mut group = Group::new();
    let (future, steer) = steered();
    drop(group.spawn(future, |_| panic!("called")));
    assert!(steer.is_dropped());
    assert_eq!((steer.polls(), ended(&mut group)), (0, Ended::Well));
}

#[test]
fn without_a_limit_a_spawn_never_waits() {
    let mut group = Group::new();
    let children: Vec<Task<Child>> = (0..1_000)
        .map(|_| {
            let mut spawn = Box::pin(group.spawn(steered().0, Task::new));
            assert!(!spawn.is_terminated());
            let core::task::Poll::Ready(Ok(child)) = poll(spawn.as_mut()) else { panic!("was to be started") };
            assert!(spawn.is_terminated());
            child
        })
        .collect();
    assert_waits(&mut group);
    drop(children);
    assert_eq!(ended(&mut group), Ended::Aborted);
}

#[test]
fn a_cancelled_group_refuses_and_gives_the_future_back() {
    for by_try in [true, false] {
        let mut group = Group::new();
        group.cancel();
        let (future, steer) = steered();
        let refused = if by_try {
            group.try_spawn(future, |_| panic!("called"))
        } else {
            block_on(group.spawn(future, |_| panic!("called")))
        }
        .unwrap_err();
        assert_eq!((refused.reason, refused.to_string()), (Reason::Cancelled, "the group was cancelled".into()));
        assert!(refused.future.is_steered_by(&steer) && !steer.is_dropped());
        assert_eq!(steer.polls(), 0);
        assert_eq!(ended(&mut group), Ended::Cancelled);
    }
}

#[test]
fn a_group_that_has_ended_refuses_and_its_outcome_stays() {
    let mut group = Group::new();
    assert_eq!(ended(&mut group), Ended::Well);
    let spawner = group.spawner();
    let refused = group.try_spawn(well(), |_| panic!("called")).unwrap_err();
    let text = "the group has ended and was waited for";
    assert_eq!((refused.reason, refused.to_string()), (Reason::Finished, text.into()));
    assert_eq!(format!("{refused:?}"), "Refused { reason: Finished, .. }");
    let refused = block_on(spawner.spawn(well(), |_| panic!("called"))).unwrap_err();
    assert_eq!((refused.reason, block_on(refused.future)), (Reason::Finished, Ok(())));
    for message in [
        panic_message(|| drop(group.track(well()))),
        panic_message(|| drop(spawner.track(well()))),
        panic_message(|| drop(group.member())),
        panic_message(|| drop(spawner.member())),
    ] {
        assert_eq!(message, "the group has ended: it was waited for, and all its children had ended");
    }
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn a_failed_group_that_has_ended_says_so_too() {
    let mut group = Group::new();
    group.member().finish(Err("failed"));
    assert_eq!(group.try_spawn(well(), |_| ()).unwrap_err().reason, Reason::Cancelled);
    assert_eq!(ended(&mut group), Ended::Task("failed"));
    assert_eq!(group.try_spawn(well(), |_| ()).unwrap_err().reason, Reason::Finished);
    assert_eq!(ended(&mut group), Ended::Task("failed"));
}

#[test]
fn a_spawn_function_that_panics_drops_its_child() {
    for limit in [None, core::num::NonZeroUsize::new(1)] {
        let builder = Group::builder();
        let mut group = if let Some(limit) = limit { builder.limit(limit) } else { builder }.build();
        let (future, steer) = steered();
        let message = panic_message(|| group.try_spawn(future, |_child| std::panic::resume_unwind(Box::new("no"))));
        assert_eq!(message, "no");
        assert_eq!((steer.polls(), steer.is_dropped()), (0, true));
        let outcome = if cfg!(feature = "std") { Ended::Panicked } else { Ended::Aborted };
        assert_eq!(ended(&mut group), outcome);
    }
}

#[test]
fn a_spawn_that_has_completed_is_not_polled_again() {
    let group = Group::new();
    let mut spawn = Box::pin(group.spawn(well(), drop));
    assert!(poll(spawn.as_mut()).is_ready());
    assert!(panic_message(|| poll(spawn.as_mut())).contains("polled after it completed"));
}

#[test]
fn a_child_that_has_ended_is_not_polled_again() {
    let mut group = Group::new();
    let (mut task, steer) = child(&group);
    steer.ends(|| Ok(()));
    task.ready();
    assert!(panic_message(|| task.poll()).contains("polled after it completed"));
    assert_eq!(ended(&mut group), Ended::Well);
}

type Pool = Arc<Mutex<Vec<Pin<Box<dyn Future<Output = ()> + Send>>>>>;

/// Polls everything in the pool, and what comes into it meanwhile, until nothing is left.
fn run(pool: &Pool) {
    loop {
        let Some(mut task) = pool.lock().unwrap().pop() else { return };
        block_on(task.as_mut());
    }
}

/// A child that starts two more, and so on.
fn tree(spawner: Spawner<&'static str>, pool: Pool, depth: usize, ended: Arc<Mutex<usize>>) {
    let (next, more) = (spawner.clone(), Arc::clone(&pool));
    let child = async move {
        for _ in 0..if depth > 0 { 2 } else { 0 } {
            tree(next.clone(), Arc::clone(&more), depth - 1, Arc::clone(&ended));
        }
        *ended.lock().unwrap() += 1;
        Ok::<_, &'static str>(())
    };
    spawner.try_spawn(child, |child| pool.lock().unwrap().push(Box::pin(child))).unwrap();
}

#[test]
fn children_start_children_and_the_wait_is_for_all_of_them() {
    let mut group = Group::new();
    let (pool, count) = (Pool::default(), Arc::default());
    tree(group.spawner(), Arc::clone(&pool), 9, Arc::clone(&count));
    assert_waits(&mut group);
    run(&pool);
    assert_eq!((*count.lock().unwrap(), ended(&mut group)), (1_023, Ended::Well));
}

#[test]
fn a_child_that_starts_another_and_ends_keeps_the_group_waiting() {
    let mut group = Group::new();
    let spawner = group.spawner();
    let (mut first, steer) = running(&group);
    let mut wait = Task::queued(group.wait());
    let second = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&second);
    steer.ends(move || {
        let (future, steer) = steered();
        *kept.lock().unwrap() = Some((spawner.try_spawn(future, Task::new).unwrap(), steer));
        Ok(())
    });
    first.ready();
    assert_eq!(wait.wakes(), 0);
    let (mut second, steer) = second.lock().unwrap().take().unwrap();
    wait.assert_pending();
    steer.ends(|| Err("the second"));
    second.ready();
    assert_eq!(wait.wakes(), 1);
    assert_eq!(Ended::from(wait.ready()), Ended::Task("the second"));
}

#[test]
fn a_spawner_outlives_its_group_and_starts_nothing() {
    let group = Group::new();
    let spawner = group.spawner();
    let (mut child, steer) = running(&group);
    drop(group);
    let refused = spawner.try_spawn(well(), drop).unwrap_err();
    assert_eq!(refused.reason, Reason::Cancelled);
    assert!(spawner.token().is_cancelled());
    steer.ends(|| Err("nobody waits"));
    child.ready();
    assert!(steer.is_dropped());
}

#[test]
fn debugging_shows_how_a_group_stands() {
    let mut group = Group::new();
    let (task, member) = (child(&group).0, group.member());
    let of = |children, cancelled, finished| {
        format!("Spawner {{ children: {children}, cancelled: {cancelled}, finished: {finished}, .. }}")
    };
    assert_eq!(format!("{:?}", group.spawner()), of(2, false, false));
    assert_eq!(format!("{group:?}"), format!("ErrGroup {{ spawner: {}, .. }}", of(2, false, false)));
    member.finish(Err("failed"));
    assert_eq!(format!("{:?}", group.spawner()), of(1, true, false));
    drop(task);
    assert_eq!(ended(&mut group), Ended::Task("failed"));
    assert_eq!(format!("{:?}", group.spawner()), of(0, true, true));
}
