//! The scenarios of golang.org/x/sync's own tests, made stricter where those are loose.

use xsync::{Outcome, Role, SingleFlight};

use crate::common::task::Task;
use crate::common::{block_on, panic_message};
use crate::{Group, joined, started, steered, unwanted};

#[test]
fn test_do() {
    let group: SingleFlight<&str, Result<&str, &str>> = SingleFlight::new();
    assert_eq!(block_on(group.work("key", || async { Ok("bar") })), Ok("bar"));
}

#[test]
fn test_do_err() {
    let group: SingleFlight<&str, Result<&str, &str>> = SingleFlight::new();
    assert_eq!(block_on(group.work("key", || async { Err("some error") })), Err("some error"));
}

/// Ten callers and exactly one run: Go's test knows of its callers only that they are about to call, and asks for fewer
/// than ten.
#[test]
fn test_do_dup_suppress() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "key");
    let mut others: Vec<_> = (1..10).map(|_| joined(&group, "key")).collect();
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
    assert!(others.iter_mut().all(|other| other.ready() == 1));
    assert_eq!(steer.polls(), 2);
}

/// The first has returned, and cleaned up, before the third call: Go's test waits until its function is about to return.
#[test]
fn test_forget() {
    let group = Group::new();
    let (mut first, first_steer) = started(&group, "key");
    group.forget("key");
    let (mut second, second_steer) = started(&group, "key");
    first_steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
    drop(first);
    let third = group.start("key", unwanted);
    assert!(third.driver.is_none());
    second_steer.ends(|| 2);
    assert_eq!((second.ready(), Task::new(third.waiter).ready()), (2, 2));
}

#[test]
fn test_do_chan() {
    let group: SingleFlight<&str, &str> = SingleFlight::new();
    let started = group.start("key", || async { "bar" });
    block_on(started.driver.unwrap());
    assert_eq!(block_on(started.waiter), "bar");
}

/// Five callers that have joined, five panics; Go's may each have been the first.
#[test]
fn test_panic_do() {
    let group = Group::new();
    let (mut first, steer) = started(&group, "key");
    let mut others: Vec<_> = (1..5).map(|_| joined(&group, "key")).collect();
    steer.ends(|| panic!("invalid memory address"));
    assert_eq!(panic_message(|| first.poll()), "invalid memory address");
    for other in &mut others {
        assert!(panic_message(|| other.poll()).contains("has panicked"));
    }
    assert_eq!(block_on(group.work("key", || async { 2 })), 2);
}

/// A panic under `DoChan` ends a Go process; here it is an error for whoever asks.
#[test]
fn test_panic_do_chan_and_shared() {
    let group = Group::new();
    let (work, steer) = steered();
    let started = group.start("key", move || work);
    let mut driver = Task::new(started.driver.unwrap());
    let mut shared = Task::queued(group.work("key", unwanted).checked());
    driver.assert_pending();
    steer.ends(|| panic!("panicking in DoChan"));
    assert_eq!(panic_message(|| driver.poll()), "panicking in DoChan");
    assert_eq!(shared.ready(), Err(xsync::Panicked));
    assert_eq!(Task::new(started.waiter.checked()).ready(), Err(xsync::Panicked));
}

/// `Goexit` in the function; the nearest thing here is work that is never finished, whose callers leave.
#[test]
fn test_goexit_do() {
    let group = Group::new();
    let (first, steer) = started(&group, "key");
    let others: Vec<_> = (1..5).map(|_| joined(&group, "key")).collect();
    drop(first);
    drop(others);
    assert!(steer.is_dropped());
    assert_eq!(block_on(group.work("key", || async { 2 })), 2);
}

#[test]
fn example_group() {
    let group: SingleFlight<&str, String> = SingleFlight::new();
    let first = group.start("key", || async { "func 1".to_owned() });
    let second = group.start("key", || async { "func 2".to_owned() });
    block_on(first.driver.unwrap());
    let both = block_on(async { (first.waiter.outcome().await, second.waiter.outcome().await) });
    let outcome = |role| Outcome { value: "func 1".to_owned(), shared: true, role };
    assert_eq!(both, (outcome(Role::Started), outcome(Role::Joined)));
}
