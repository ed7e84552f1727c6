//! Work, closures and other code of the user's that panics.

use core::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::Arc;
use std::sync::mpsc::channel;

use xsync::{Panicked, SingleFlight};

use crate::common::task::Task;
use crate::common::{on_wake, panic_message};
use crate::{Group, joined, leaked, started, steered, unwanted};

const SHARED: &str = "the shared work has panicked";

#[test]
fn a_panic_goes_on_in_the_poller_and_the_others_hear_of_it() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let mut plain = joined(&group, "a");
    let mut checked = Task::queued(group.work("a", unwanted).checked());
    steer.ends(|| panic!("at work"));
    assert_eq!(panic_message(|| first.poll()), "at work");
    assert_eq!((group.in_flight(), steer.is_dropped()), (0, true));
    assert!(panic_message(|| plain.poll()).contains(SHARED));
    assert_eq!(checked.ready(), Err(Panicked));
    assert_eq!(Task::new(group.work("a", || async { 2 })).ready(), 2);
}

#[test]
fn all_who_came_during_the_poll_that_panics_are_woken() {
    let group = leaked();
    let (mut first, steer) = started(group, "a");
    let (sent, others) = channel();
    steer.at_poll(move || sent.send((0..100).map(|_| joined(group, "a")).collect::<Vec<_>>()).unwrap());
    steer.ends(|| panic!("at work"));
    assert_eq!(panic_message(|| first.poll()), "at work");
    let others = others.try_recv().unwrap();
    assert!(others.iter().all(|other| other.wakes() == 1));
}

#[test]
fn a_closure_that_panics_ends_the_flight() {
    let group = leaked();
    let (sent, joiner) = channel();
    let mut first = Task::new(group.work("a", move || -> crate::Steered {
        sent.send(joined(group, "a")).unwrap();
        panic!("no work")
    }));
    assert_eq!(panic_message(|| first.poll()), "no work");
    let mut joiner = joiner.try_recv().unwrap();
    assert_eq!((joiner.wakes(), group.in_flight()), (1, 0));
    assert!(panic_message(|| joiner.poll()).contains(SHARED));
}

#[test]
fn a_destructor_of_the_work_that_panics_loses_no_value() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let mut other = joined(&group, "a");
    steer.at_drop(|| panic!("at the end"));
    steer.ends(|| 1);
    assert_eq!(panic_message(|| first.poll()), "at the end");
    assert_eq!(group.in_flight(), 0);
    assert_eq!(other.ready(), 1);
    assert_eq!(first.ready(), 1, "it is stored for the poller too");
}

#[test]
fn a_destructor_that_panics_when_the_last_goes_leaves_no_key() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    steer.at_drop(|| panic!("given up"));
    assert_eq!(panic_message(|| drop(first)), "given up");
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_waker_that_panics_costs_nobody_a_wake_or_the_value() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "a");
    let mut bad = Task::queued_with(group.work("a", unwanted), &on_wake(|| panic!("a bad waker")));
    let mut others: Vec<_> = (0..40).map(|_| joined(&group, "a")).collect();
    assert_eq!(panic_message(|| steer.ends(|| 1)), "a bad waker");
    assert!(others.iter().all(|other| other.wakes() == 1));
    assert_eq!(first.ready(), 1);
    assert!(others.iter_mut().all(|other| other.ready() == 1));
    assert_eq!(bad.ready(), 1);
}

#[test]
fn a_clone_that_panics_is_one_callers_loss() {
    struct Touchy(Arc<AtomicBool>);
    impl Clone for Touchy {
        fn clone(&self) -> Self {
            assert!(!self.0.swap(false, SeqCst), "touched");
            Self(self.0.clone())
        }
    }
    let group: SingleFlight<u8, Touchy> = SingleFlight::new();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work(1, move || work));
    let mut other = Task::queued(group.work(1, core::future::pending));
    let touchy = Arc::new(AtomicBool::new(true));
    let value = Touchy(touchy.clone());
    steer.ends(move || value);
    assert_eq!(panic_message(|| first.poll()), "touched");
    drop(first);
    assert!(Arc::ptr_eq(&other.ready().0, &touchy));
    drop(other);
    assert_eq!(Arc::strong_count(&touchy), 1);
}
