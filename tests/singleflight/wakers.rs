//! What wakers keep, and how many wakes there are.

use std::sync::Arc;

use xsync::SingleFlight;

use crate::common::task::Task;
use crate::{Group, joined, leaked, started, steered, unwanted};

#[test]
fn a_waker_that_is_kept_keeps_nothing_of_the_users() {
    let kept = Arc::new(());
    let group: SingleFlight<Arc<()>, Arc<()>> = SingleFlight::new();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work(kept.clone(), move || work));
    let other = Task::queued(group.work(kept.clone(), core::future::pending));
    let waker = steer.take_waker();
    let value = kept.clone();
    steer.set(move || value);
    waker.wake_by_ref();
    drop(first.ready());
    drop((first, other));
    assert!(steer.is_dropped());
    drop(group);
    assert_eq!(Arc::strong_count(&kept), 1, "key, value and the callers' keys are gone");
    waker.wake_by_ref();
    let another = waker.clone();
    drop(waker);
    another.wake();
}

#[test]
fn a_waker_of_work_that_was_given_up_keeps_nothing_and_wakes_nobody() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    let waker = steer.take_waker();
    let counter = first.cancel();
    assert!(steer.is_dropped());
    waker.wake();
    assert_eq!(counter.wakes(), 0);
}

#[test]
fn one_wake_per_joiner_at_completion() {
    let group = leaked();
    let (mut first, steer) = started(group, "a");
    let (sent, joiners) = std::sync::mpsc::channel();
    steer.at_poll(move || sent.send((0..100).map(|_| joined(group, "a")).collect::<Vec<_>>()).unwrap());
    steer.ends(|| 1);
    let own = first.wakes();
    assert_eq!(first.ready(), 1);
    assert_eq!(first.wakes(), own, "who finishes it is not woken for it");
    let mut joiners = joiners.try_recv().unwrap();
    assert!(joiners.iter().all(|joiner| joiner.wakes() == 1));
    assert!(joiners.iter_mut().all(|joiner| joiner.ready() == 1));
    assert!(joiners.iter().all(|joiner| joiner.wakes() == 1 && joiner.kept() == 0));
}

#[test]
fn news_that_nobody_has_answered_wakes_once() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let mut others: Vec<_> = (0..10).map(|_| joined(&group, "a")).collect();
    for round in 1..4 {
        for _ in 0..5 {
            steer.wake();
        }
        assert!(others.iter().all(|other| other.wakes() == round));
        first.assert_pending();
        others.iter_mut().for_each(|other| other.assert_pending());
        assert_eq!(steer.polls(), round + 1, "one poll of the work for each round of news");
    }
}

#[test]
fn a_wake_during_the_poll_waits_for_its_end() {
    let group = leaked();
    let (mut first, steer) = started(group, "a");
    let hand = steer.clone();
    let (sent, joiners) = std::sync::mpsc::channel();
    steer.at_poll(move || {
        let joiners: Vec<_> = (0..10).map(|_| joined(group, "a")).collect();
        hand.wake();
        assert!(joiners.iter().all(|joiner| joiner.wakes() == 0), "they could not poll it now");
        sent.send(joiners).unwrap();
    });
    steer.wake();
    first.assert_pending();
    assert!(joiners.try_recv().unwrap().iter().all(|joiner| joiner.wakes() == 1));
}

#[test]
fn a_wake_during_the_poll_is_answered_by_another_poll() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let hand = steer.clone();
    steer.at_poll(move || hand.wake());
    steer.wake();
    assert_eq!(first.wakes(), 1);
    first.assert_pending();
    assert_eq!(first.wakes(), 2);
    steer.set(|| 1);
    assert_eq!(first.ready(), 1);
}

#[test]
fn the_latest_waker_of_a_caller_is_the_one_that_is_woken() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let latest = crate::common::CountingWaker::new();
    assert!(first.poll_with(&latest.waker()).is_pending());
    steer.wake();
    assert_eq!((first.wakes(), latest.wakes()), (0, 1));
    let mut joiner = Task::new(group.work("a", unwanted));
    assert!(joiner.poll_with(&latest.waker()).is_pending());
}
