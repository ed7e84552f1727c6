//! A poller that is alive and never polled again stalls nobody.

use core::future::Future;
use core::pin::{Pin, pin};
use core::task::Poll;
use std::sync::mpsc::channel;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::common::task::Task;
use crate::common::{CountingWaker, block_on, in_time, poll};
use crate::{Group, joined, leaked, started, steered};

#[test]
fn a_leader_that_is_polled_once_and_kept_stalls_nobody() {
    let group = Group::new();
    let (_kept, steer) = started(&group, "a");
    let mut follower = joined(&group, "a");
    steer.ends(|| 1);
    assert_eq!(follower.wakes(), 1, "the wake reaches who is polled");
    assert_eq!(follower.ready(), 1);
}

#[test]
fn a_wake_before_the_follower_came_is_news_for_it() {
    let group = Group::new();
    let (kept, steer) = started(&group, "a");
    steer.ends(|| 1);
    assert_eq!(kept.wakes(), 1);
    let mut follower = Task::new(group.work("a", crate::unwanted));
    assert_eq!(follower.ready(), 1);
}

#[test]
fn the_newest_poller_neglected_stalls_nobody() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let mut newest = joined(&group, "a");
    steer.wake();
    newest.assert_pending();
    assert_eq!(steer.polls(), 2, "the newest has polled the work");
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
    drop(newest);
}

#[test]
fn any_neglected_majority_stalls_nobody() {
    for polled in 0..5 {
        let group = Group::new();
        let (first, steer) = started(&group, "a");
        let mut callers = vec![first];
        callers.extend((1..5).map(|_| joined(&group, "a")));
        let counter = CountingWaker::new();
        assert!(callers[polled].poll_with(&counter.waker()).is_pending());
        for round in 1..=3 {
            steer.wake();
            assert_eq!(counter.wakes(), round);
            assert!(callers[polled].poll_with(&counter.waker()).is_pending());
        }
        steer.ends(|| 1);
        assert_eq!(counter.wakes(), 4);
        assert_eq!(callers[polled].poll_with(&counter.waker()), Poll::Ready(1));
    }
}

#[test]
fn a_wake_during_a_poll_reaches_a_follower_that_came_during_it() {
    // A follower that is polled while the work is being polled, and a poller that goes afterwards.
    let group = leaked();
    let (first, steer) = started(group, "a");
    let (sent, follower) = channel();
    let hand = steer.clone();
    steer.at_poll(move || {
        let task = joined(group, "a");
        hand.wake();
        sent.send(task).unwrap();
    });
    steer.wake();
    let mut first = first;
    first.assert_pending();
    let mut follower = follower.try_recv().unwrap();
    steer.set(|| 1);
    drop(first);
    assert_eq!(follower.wakes(), 1);
    assert_eq!(follower.ready(), 1);
}

#[test]
fn in_another_task_that_is_stuck() {
    in_time(|| {
        let group = leaked();
        let (mut stuck, steer) = started(group, "a");
        let (joined, has_joined) = channel();
        let follower = std::thread::spawn(move || {
            let mut work = pin!(group.work("a", crate::unwanted));
            assert!(poll(work.as_mut()).is_pending());
            joined.send(()).unwrap();
            block_on(work)
        });
        has_joined.recv().unwrap();
        steer.ends(|| 1);
        assert_eq!(follower.join().unwrap(), 1);
        assert_eq!(stuck.ready(), 1);
    });
}

#[test]
fn in_a_select_whose_other_branch_waits_for_it() {
    in_time(|| {
        block_on(async {
            let (group, (work, steer)) = (Group::new(), steered());
            let mut leader = pin!(group.work("a", move || work));
            tokio::select! {
                biased;
                _ = leader.as_mut() => panic!("the work is not ready"),
                () = core::future::ready(()) => {
                    // The leader is alive, and not polled in here.
                    steer.ends(|| 1);
                    assert_eq!(group.work("a", crate::unwanted).await, 1);
                }
            }
            assert_eq!(leader.await, 1);
        });
    });
}

/// A future of a set.
fn boxed<'g>(call: impl Future<Output = u32> + 'g) -> Pin<Box<dyn Future<Output = u32> + 'g>> {
    Box::pin(call)
}

#[test]
fn among_futures_of_which_only_those_are_polled_that_were_woken() {
    in_time(|| {
        block_on(async {
            let (group, (work, steer)) = (leaked(), steered());
            let mut set = FuturesUnordered::new();
            set.push(boxed(group.work("a", move || work)));
            set.push(boxed(group.work("b", || core::future::ready(0))));
            // One is ready, the other was polled once; the set is not polled in the body of the loop.
            assert_eq!(set.next().await, Some(0));
            steer.ends(|| 1);
            assert_eq!(group.work("a", crate::unwanted).await, 1);
            assert_eq!(set.next().await, Some(1));
        });
    });
}

#[test]
fn among_such_futures_an_older_caller_beside_a_newer_that_is_not_polled() {
    in_time(|| {
        block_on(async {
            let group = leaked();
            let (mut newest, steer) = started(group, "a");
            let mut set = FuturesUnordered::new();
            set.push(boxed(group.work("a", crate::unwanted)));
            set.push(boxed(group.work("b", || core::future::ready(0))));
            assert_eq!(set.next().await, Some(0));
            // It was the last to poll the work, and is kept.
            steer.wake();
            newest.assert_pending();
            steer.ends(|| 1);
            assert_eq!(set.next().await, Some(1));
            drop(newest);
        });
    });
}
