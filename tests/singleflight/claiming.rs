//! `claim` and `work_scoped`: flights that a leader flies.

use core::cell::Cell;
use core::task::Poll;

use xsync::{Claim, LeadGuard, Outcome, Role};

use crate::common::panic_message;
use crate::common::task::Task;
use crate::{Group, boxed, started, steered, unwanted};

#[track_caller]
fn lead<'g>(group: &'g Group) -> LeadGuard<'g, &'static str, u32> {
    match Task::new(group.claim("a")).ready() {
        Claim::Lead(lead) => lead,
        Claim::Value(value) => panic!("was to lead, got {value}"),
    }
}

#[track_caller]
fn value(claimed: Claim<'_, &'static str, u32>) -> u32 {
    match claimed {
        Claim::Value(value) => value,
        Claim::Lead(_) => panic!("was to get a value"),
    }
}

#[test]
fn the_leader_completes_for_all() {
    let group = Group::new();
    let guard = lead(&group);
    assert_eq!((*guard.key(), guard.is_shared(), group.in_flight()), ("a", false, 1));
    let mut claims = Task::queued(group.claim("a"));
    let mut works = Task::queued(group.work("a", unwanted).outcome());
    let mut starts = boxed(group.start("a", unwanted).waiter);
    starts.assert_pending();
    assert!(guard.is_shared());
    assert_eq!(guard.complete(1), Outcome { value: 1, shared: true, role: Role::Started });
    assert_eq!([claims.wakes(), works.wakes(), starts.wakes()], [1; 3]);
    assert_eq!(value(claims.ready()), 1);
    assert_eq!(works.ready(), Outcome { value: 1, shared: true, role: Role::Joined });
    assert_eq!(starts.ready(), 1);
    assert_eq!(group.in_flight(), 0);
    assert_eq!(lead(&group).complete(2), Outcome { value: 2, shared: false, role: Role::Started });
}

#[test]
fn a_lead_that_is_dropped_goes_to_who_is_polled_first() {
    let group = Group::new();
    let guard = lead(&group);
    let mut neglected = Task::queued(group.claim("a"));
    let mut second = Task::queued(group.claim("a"));
    drop(guard);
    assert_eq!([neglected.wakes(), second.wakes()], [1; 2]);
    let Claim::Lead(guard) = second.ready() else { panic!("was to lead") };
    neglected.assert_pending();
    assert_eq!(guard.complete(2).value, 2);
    assert_eq!(value(neglected.ready()), 2);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn after_a_lead_was_dropped_each_kind_of_caller_can_start_over() {
    let group = Group::new();
    let guard = lead(&group);
    let (work, steer) = steered();
    let mut works = Task::queued(group.work("a", move || work).outcome());
    let started = group.start("a", || async { 3 });
    assert!(started.driver.is_none());
    let mut starts = Task::queued(started.waiter.outcome());
    drop(guard);
    works.assert_pending();
    assert_eq!(steer.polls(), 1);
    starts.assert_pending();
    steer.ends(|| 2);
    assert_eq!(works.ready(), Outcome { value: 2, shared: true, role: Role::Started });
    assert_eq!(starts.ready(), Outcome { value: 2, shared: true, role: Role::Joined });

    let guard = lead(&group);
    let mut starts = Task::queued(group.start("a", || async { 3 }).waiter.outcome());
    drop(guard);
    assert_eq!(starts.ready(), Outcome { value: 3, shared: false, role: Role::Started });
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_claim_goes_on_with_the_work_of_others() {
    let group = Group::new();
    let (first, steer) = started(&group, "a");
    let mut claims = Task::queued(group.claim("a"));
    drop(first);
    steer.ends(|| 1);
    assert_eq!(value(claims.ready()), 1);
}

#[test]
fn followers_that_go_leave_the_lead_alone() {
    let group = Group::new();
    let guard = lead(&group);
    drop(Task::queued(group.claim("a")));
    assert_eq!(group.in_flight(), 1);
    let mut late = Task::queued(group.claim("a"));
    guard.complete(1);
    assert_eq!(value(late.ready()), 1);
}

#[test]
fn a_forgotten_lead_completes_for_those_who_joined() {
    let group = Group::new();
    let old = lead(&group);
    let mut follower = Task::queued(group.claim("a"));
    assert!(group.forget("a"));
    let new = lead(&group);
    old.complete(1);
    assert_eq!((value(follower.ready()), group.in_flight()), (1, 1));
    drop(new);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn scoped_work_borrows() {
    let group = Group::new();
    let own = String::from("borrowed");
    let mut scoped = Task::new(group.work_scoped("a", async || u32::try_from(own.len()).unwrap()));
    assert_eq!(scoped.ready(), 8);
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_scoped_leader_that_goes_leaves_another_to_start_over() {
    let group = Group::new();
    let (work, first_steer) = steered();
    let first = Task::queued(group.work_scoped("a", async move || work.await));
    let (work, steer) = steered();
    let mut second = Task::queued(group.work_scoped("a", async move || work.await));
    assert_eq!((first_steer.polls(), steer.polls()), (1, 0));
    drop(first);
    second.assert_pending();
    assert_eq!(steer.polls(), 1);
    steer.ends(|| 2);
    assert_eq!(second.ready(), 2);
}

#[test]
fn scoped_work_is_gone_before_its_lead_is_free() {
    struct OnDrop<'a>(&'a Group, &'a Cell<Option<usize>>);

    impl Drop for OnDrop<'_> {
        fn drop(&mut self) {
            self.1.set(Some(self.0.in_flight()));
        }
    }

    let (group, seen) = (Group::new(), Cell::new(None));
    let scoped = Task::queued(group.work_scoped("a", async || {
        let _seen = OnDrop(&group, &seen);
        core::future::pending().await
    }));
    assert_eq!(seen.get(), None);
    drop(scoped);
    assert_eq!((seen.get(), group.in_flight()), (Some(1), 0));
}

#[test]
fn a_scoped_leader_that_panics_ends_the_flight() {
    let group = Group::new();
    let (work, steer) = steered();
    let mut first = Task::queued(group.work_scoped("a", async move || work.await));
    let mut second = Task::queued(group.work_scoped("a", async || 2));
    steer.ends(|| panic!("at work"));
    assert_eq!(panic_message(|| first.poll()), "at work");
    assert_eq!((second.wakes(), group.in_flight()), (1, 0));
    assert!(panic_message(|| second.poll()).contains("has panicked"));
    assert!(matches!(Task::new(group.work_scoped("a", async || 3)).poll(), Poll::Ready(3)));
}
