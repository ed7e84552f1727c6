//! A panic in any place: it goes on to whoever caused it, the group knows, and nobody is left waiting.

use core::future::ready;
use core::num::NonZeroUsize;
use core::task::Waker;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::task::Wake;

use xsync::{Cause, ErrGroup};

use crate::common::{on_wake, panic_message, task::Task, yield_now};
use crate::{Child, Ended, Group, Steer, child, ended, running, well};

/// Without the hook's output: it is expected.
pub(crate) fn panics() {
    resume_unwind(Box::new("on purpose"));
}

/// A waker that panics when it is fired.
fn panicking() -> Waker {
    on_wake(panics)
}

/// Panics when it is dropped.
pub(crate) struct Bomb;

impl Drop for Bomb {
    fn drop(&mut self) {
        panics();
    }
}

/// Where a child's future panics, and how its group ends.
pub(crate) type Place = (&'static str, fn(&Group, Task<Child>, &Steer), Ended);

pub(crate) const PLACES: [Place; 6] = [
    (
        "in its poll",
        |_, mut task, steer| {
            steer.ends(|| {
                panics();
                Ok(())
            });
            task.ready();
        },
        Ended::Panicked,
    ),
    (
        "in its drop after it ended well",
        |_, mut task, steer| {
            steer.at_drop(panics);
            steer.ends(|| Ok(()));
            task.ready();
        },
        Ended::Panicked,
    ),
    (
        "in its drop after it failed",
        |_, mut task, steer| {
            steer.at_drop(panics);
            steer.ends(|| Err("failed"));
            task.ready();
        },
        Ended::Task("failed"),
    ),
    (
        "in its drop when a cancellation ends it",
        |group, mut task, steer| {
            steer.at_drop(panics);
            group.cancel();
            task.ready();
        },
        Ended::Panicked,
    ),
    (
        "in its drop when it is dropped unfinished",
        |_, task, steer| {
            steer.at_drop(panics);
            drop(task);
        },
        Ended::Panicked,
    ),
    (
        "in its drop when it is dropped after a cancellation",
        |group, task, steer| {
            steer.at_drop(panics);
            group.cancel();
            drop(task);
        },
        Ended::Panicked,
    ),
];

#[test]
fn a_panic_of_the_future_is_recorded_and_goes_on() {
    for (place, end, expected) in PLACES {
        for began in [true, false] {
            let mut group = Group::builder().abort_on_cancel().build();
            let (mut sibling, _steer) = running(&group);
            let (task, steer) = if began { running(&group) } else { child(&group) };
            assert_eq!(panic_message(|| end(&group, task, &steer)), "on purpose", "{place}");
            assert!(steer.is_dropped(), "{place}");
            assert!(group.token().is_cancelled(), "{place}");
            assert_eq!(sibling.wakes(), 1, "{place}");
            sibling.ready();
            assert_eq!(ended(&mut group), expected, "{place}");
        }
    }
}

#[test]
fn a_child_that_panicked_in_its_poll_is_dropped_without_more() {
    let mut group = Group::new();
    let (mut task, steer) = running(&group);
    steer.ends(|| {
        panics();
        Ok(())
    });
    assert_eq!(panic_message(|| task.poll()), "on purpose");
    // Before the task is: whoever polled it may keep it.
    assert!(steer.is_dropped());
    assert!(matches!(group.token().cause(), Some(Cause::Failed)));
    assert_eq!(ended(&mut group), Ended::Panicked);
    assert!(panic_message(|| task.poll()).contains("polled after it completed"));
    drop(task);
    assert_eq!(ended(&mut group), Ended::Panicked);
}

#[test]
fn a_panic_in_the_drop_of_the_output_is_the_childs() {
    let mut group = Group::new();
    let mut task = group.try_spawn(ready(Ok(Bomb)), Task::new).unwrap();
    assert_eq!(panic_message(|| task.poll()), "on purpose");
    assert_eq!(ended(&mut group), Ended::Panicked);
}

#[test]
fn a_panic_in_the_drop_of_a_late_error_does_not_keep_the_child_counted() {
    let mut group = ErrGroup::<Option<Bomb>>::new();
    let mut task = Task::new(group.member().run(async {
        yield_now().await;
        Err::<(), _>(Some(Bomb))
    }));
    task.assert_pending();
    let member = group.member();
    group.member().finish(Err(None));
    assert_eq!(panic_message(|| task.poll()), "on purpose");
    assert_eq!(panic_message(|| member.finish(Err(Some(Bomb)))), "on purpose");
    let outcome = Task::new(group.wait()).ready();
    assert!(matches!(outcome, Err(xsync::GroupError::Task(None))));
}

/// The group ends as if the waker had not panicked, for a child that fails and one that is dropped.
#[test]
fn a_waker_that_the_cancellation_fires() {
    for failing in [true, false] {
        let mut group = Group::new();
        let token = group.token().clone();
        let _looking = Task::queued_with(token.cancelled(), &panicking());
        let other = Task::queued(token.cancelled());
        let (mut task, steer) = running(&group);
        let message = if failing {
            steer.ends(|| Err("failed"));
            panic_message(|| task.poll())
        } else {
            panic_message(|| drop(task))
        };
        assert_eq!(message, "on purpose");
        assert_eq!((other.wakes(), steer.is_dropped()), (1, true));
        assert_eq!(ended(&mut group), if failing { Ended::Task("failed") } else { Ended::Aborted });
    }
}

#[test]
fn a_waker_that_a_free_slot_fires() {
    let mut group = Group::builder().limit(NonZeroUsize::MIN).build();
    let spawner = group.spawner();
    let (mut task, steer) = running(&group);
    let mut next = Task::queued_with(spawner.spawn(well(), Task::new), &panicking());
    steer.ends(|| Ok(()));
    assert_eq!(panic_message(|| task.poll()), "on purpose");
    assert!(steer.is_dropped());
    // The slot was granted in spite of it, and goes on to work.
    next.ready().unwrap().ready();
    let slot = group.try_spawn(well(), Task::new);
    slot.unwrap().ready();
    // What comes after the future has ended is not the child's panic.
    assert_eq!(ended(&mut group), Ended::Well);
}

#[test]
fn the_waker_of_whoever_waits() {
    let mut group = Group::new();
    let (mut task, steer) = running(&group);
    let mut wait = Task::queued_with(group.wait(), &panicking());
    steer.ends(|| Ok(()));
    assert_eq!(panic_message(|| task.poll()), "on purpose");
    assert_eq!(Ended::from(wait.ready()), Ended::Well);
}

#[test]
fn a_waker_that_the_end_of_the_wait_fires() {
    for by_join in [false, true] {
        let mut group = Group::new();
        let token = group.token().clone();
        let _looking = Task::queued_with(token.cancelled(), &panicking());
        let other = Task::queued(token.cancelled());
        if by_join {
            let mut join = Task::new(group.join());
            assert_eq!(panic_message(|| join.poll()), "on purpose");
            assert!(join.ready().is_ok());
        } else {
            let mut wait = Task::new(group.wait());
            assert_eq!(panic_message(|| wait.poll().is_ready()), "on purpose");
            assert_eq!(Ended::from(wait.ready()), Ended::Well);
            drop(wait);
            assert_eq!(ended(&mut group), Ended::Well);
        }
        assert_eq!(other.wakes(), 1);
    }
}

#[test]
fn a_waker_that_the_drop_of_the_group_fires() {
    let group = Group::new();
    let token = group.token().clone();
    let _looking = Task::queued_with(token.cancelled(), &panicking());
    let (mut task, steer) = running(&group);
    assert_eq!(panic_message(|| drop(group)), "on purpose");
    assert!(matches!(token.cause(), Some(Cause::Dropped)));
    steer.ends(|| Ok(()));
    task.ready();
}

/// A waker that panics when its last clone is dropped, by a child that gives its place with the token up. That is after
/// the outcome was recorded.
#[test]
fn a_waker_that_panics_when_it_is_dropped() {
    struct Fragile;

    impl Wake for Fragile {
        fn wake(self: Arc<Self>) {}
    }

    impl Drop for Fragile {
        fn drop(&mut self) {
            panics();
        }
    }

    type End = fn(&mut Option<Task<Child>>, &Steer);

    let ends: [(End, Ended); 3] = [
        (
            |task, steer| {
                steer.ends(|| Ok(()));
                task.as_mut().unwrap().ready();
            },
            Ended::Well,
        ),
        (
            |task, steer| {
                steer.ends(|| Err("failed"));
                task.as_mut().unwrap().ready();
            },
            Ended::Task("failed"),
        ),
        (|task, _| drop(task.take()), Ended::Aborted),
    ];
    for (end, expected) in ends {
        let mut group = Group::builder().abort_on_cancel().build();
        let (mut task, steer) = child(&group);
        task.assert_pending();
        let waker = Waker::from(Arc::new(Fragile));
        assert!(task.poll_with(&waker).is_pending());
        drop(waker);
        let mut task = Some(task);
        assert_eq!(panic_message(|| end(&mut task, &steer)), "on purpose");
        assert!(steer.is_dropped());
        assert_eq!(ended(&mut group), expected);
    }
}
