//! Callers that go, at each moment.

use crate::common::kept;
use crate::common::task::Task;
use crate::{Group, joined, started};

#[test]
fn a_poller_that_goes_leaves_the_same_work_to_the_others() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    let mut other = joined(&group, "a");
    drop(first);
    assert_eq!((group.in_flight(), steer.is_dropped()), (1, false));
    steer.ends(|| 1);
    assert_eq!(other.wakes(), 1);
    assert_eq!(other.ready(), 1);
    assert_eq!(steer.polls(), 2);
}

#[test]
fn a_poller_that_was_woken_and_goes_leaves_the_news_to_the_others() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    let mut other = joined(&group, "a");
    steer.ends(|| 1);
    assert_eq!(first.wakes(), 1);
    drop(first);
    assert_eq!(other.wakes(), 1);
    assert_eq!(other.ready(), 1);
}

#[test]
fn a_chain_of_pollers_goes_and_the_last_finishes() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    let mut callers: Vec<_> = (0..5).map(|_| joined(&group, "a")).collect();
    drop(first);
    let mut last = callers.pop().unwrap();
    for mut caller in callers {
        steer.wake();
        caller.assert_pending();
        steer.wake();
        drop(caller);
    }
    steer.ends(|| 3);
    assert_eq!(last.ready(), 3);
}

#[test]
fn the_last_to_go_drops_the_work_and_frees_the_key() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    let other = joined(&group, "a");
    let counters = [other.cancel(), first.cancel()];
    assert!(counters.iter().all(|counter| kept(counter) == 0), "their wakers went with them");
    assert_eq!((group.in_flight(), steer.is_dropped()), (0, true));
    let (mut next, again) = started(&group, "a");
    again.ends(|| 2);
    assert_eq!(next.ready(), 2);
    assert_eq!(steer.polls(), 1, "the dropped work is not polled");
}

#[test]
fn a_storm_of_callers_that_go_leaves_no_key() {
    let group: xsync::SingleFlight<u32, u32> = xsync::SingleFlight::new();
    for round in 0..50 {
        let tasks: Vec<_> = (0..200_u32)
            .map(|i| {
                let mut task = Task::new(group.work(i % (round + 1), core::future::pending));
                task.assert_pending();
                task
            })
            .collect();
        assert_eq!(group.in_flight(), (round + 1).min(200) as usize);
        drop(tasks);
        assert_eq!(group.in_flight(), 0);
    }
}

#[test]
fn a_value_that_nobody_fetches_is_dropped_with_the_last_caller() {
    let group: xsync::SingleFlight<u32, std::sync::Arc<()>> = xsync::SingleFlight::new();
    let (work, steer) = crate::steered();
    let value = std::sync::Arc::new(());
    let mut first = Task::queued(group.work(1, move || work));
    let others: Vec<_> = (0..3).map(|_| Task::queued(group.work(1, core::future::pending))).collect();
    let sent = value.clone();
    steer.ends(move || sent);
    drop(first.ready());
    assert_eq!(std::sync::Arc::strong_count(&value), 2);
    drop(others);
    assert_eq!(std::sync::Arc::strong_count(&value), 1);
}

#[test]
fn callers_with_short_deadlines_fill_it_if_they_overlap() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    let mut before = None;
    let mut first = Some(first);
    // Each stays for two steps of the work, and overlaps with the next.
    for _ in 0..8 {
        let mut next = joined(&group, "a");
        drop(first.take());
        steer.wake();
        next.assert_pending();
        before.replace(next);
    }
    assert_eq!(steer.polls(), 9);
    steer.ends(|| 9);
    assert_eq!(before.unwrap().ready(), 9);
    assert_eq!(steer.polls(), 10);
}
