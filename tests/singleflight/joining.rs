//! Callers with one key share one run.

use core::cell::Cell;
use core::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use core::task::Poll;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};

use xsync::{Outcome, Role, SingleFlight};

use crate::common::task::Task;
use crate::{Group, caller, joined, leaked, started, steered, unwanted};

#[test]
fn a_caller_alone_runs_its_work_and_leaves_nothing() {
    let group = Group::new();
    assert_eq!(Task::new(group.work("a", || async { 1 })).ready(), 1);
    assert_eq!(group.in_flight(), 0);
    let outcome = Task::new(group.work("a", || async { 2 }).outcome()).ready();
    assert_eq!(outcome, Outcome { value: 2, shared: false, role: Role::Started });
}

#[test]
fn nothing_happens_before_the_first_poll() {
    let group = Group::new();
    let called = Cell::new(false);
    let work = group.work("a", || {
        called.set(true);
        async { 1 }
    });
    assert_eq!((called.get(), group.in_flight()), (false, 0));
    drop(work);
    assert!(!called.get());
}

#[test]
fn all_who_come_meanwhile_get_the_value_of_the_first() {
    let group = Group::new();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work("a", move || work).outcome());
    let mut others: Vec<_> = (0..3).map(|_| Task::queued(group.work("a", unwanted).outcome())).collect();
    assert_eq!((group.in_flight(), steer.polls()), (1, 1));
    steer.ends(|| 7);
    assert_eq!(first.ready(), Outcome { value: 7, shared: true, role: Role::Started });
    assert_eq!(group.in_flight(), 0);
    for other in &mut others {
        assert_eq!(other.ready(), Outcome { value: 7, shared: true, role: Role::Joined });
    }
    assert_eq!(steer.polls(), 2);
}

#[test]
fn other_keys_are_other_flights() {
    let group = Group::new();
    let (mut a, steer_a) = started(&group, "a");
    let (mut b, steer_b) = started(&group, "b");
    assert_eq!(group.in_flight(), 2);
    steer_b.ends(|| 2);
    assert_eq!(b.ready(), 2);
    a.assert_pending();
    steer_a.ends(|| 1);
    assert_eq!(a.ready(), 1);
}

#[test]
fn a_caller_after_the_end_starts_anew() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let mut waits = joined(&group, "a");
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
    // One that has not fetched its value yet does not keep the flight open.
    let (mut next, again) = started(&group, "a");
    again.ends(|| 2);
    assert_eq!(next.ready(), 2);
    assert_eq!(waits.ready(), 1);
}

#[test]
fn a_value_is_shared_if_it_goes_to_more_than_one() {
    let group = Group::new();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work("a", move || work).outcome());
    drop(joined(&group, "a"));
    steer.ends(|| 1);
    assert!(!first.ready().shared, "the other had left before the end");
}

#[test]
fn errors_are_shared_and_the_work_runs_once() {
    let group: SingleFlight<u8, Result<u32, &str>> = SingleFlight::new();
    let runs = Cell::new(0);
    let (work, steer) = steered();
    let mut work = Some(work);
    let mut tasks: Vec<_> = (0..4)
        .map(|_| {
            let work = work.take();
            let runs = &runs;
            Task::queued(group.work(1, move || {
                runs.set(runs.get() + 1);
                work.expect("runs once")
            }))
        })
        .collect();
    steer.ends(|| Err("down"));
    assert!(tasks.iter_mut().all(|task| task.ready() == Err("down")));
    assert_eq!((runs.get(), group.in_flight()), (1, 0));
}

#[test]
fn a_poll_without_news_does_not_poll_the_work() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let mut other = joined(&group, "a");
    for _ in 0..3 {
        first.assert_pending();
        other.assert_pending();
    }
    assert_eq!(steer.polls(), 1);
    steer.wake();
    other.assert_pending();
    first.assert_pending();
    assert_eq!(steer.polls(), 2);
}

#[test]
fn the_last_to_fetch_gets_the_value_itself() {
    struct Counted(Arc<AtomicUsize>);

    impl Clone for Counted {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, SeqCst);
            Self(self.0.clone())
        }
    }

    for callers in 1..5 {
        let group: SingleFlight<u8, Counted> = SingleFlight::new();
        let clones = Arc::<AtomicUsize>::default();
        let (work, steer) = steered();
        let mut first = Task::queued(group.work(1, move || work));
        let mut others: Vec<_> = (1..callers).map(|_| Task::queued(group.work(1, core::future::pending))).collect();
        let value = Counted(clones.clone());
        steer.ends(move || value);
        drop(first.ready());
        others.iter_mut().for_each(|other| drop(other.ready()));
        assert_eq!(clones.load(SeqCst), callers - 1);
        assert_eq!(Arc::strong_count(&clones), 1, "the value is gone");
    }
}

#[test]
fn the_future_is_dropped_before_anybody_has_the_value() {
    let group = leaked();
    let (mut first, steer) = started(group, "a");
    let other = joined(group, "a");
    let other = Arc::new(Mutex::new(other));
    let (sent, seen) = channel();
    let at_drop = other.clone();
    steer.at_drop(move || sent.send(at_drop.lock().unwrap().poll()).unwrap());
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
    assert_eq!(seen.try_recv(), Ok(Poll::Pending));
    assert_eq!(other.lock().unwrap().ready(), 1);
}

#[test]
fn a_caller_that_completed_says_so_when_it_is_polled_again() {
    let group = Group::new();
    let (mut task, steer) = caller(&group, "a");
    steer.ends(|| 1);
    assert_eq!(task.ready(), 1);
    assert!(crate::common::panic_message(|| task.poll()).contains("polled after it completed"));
}
