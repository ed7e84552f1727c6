//! Forgetting a key: by identity, and without harm to who has joined.

use crate::common::task::Task;
use crate::{Group, joined, leaked, started};

#[test]
fn a_forgotten_flight_serves_those_who_joined_and_a_new_one_those_who_come() {
    let group = Group::new();
    let (mut first, old) = started(&group, "a");
    let mut joiner = joined(&group, "a");
    assert!(group.forget("a"));
    assert_eq!(group.in_flight(), 0);
    let (mut second, new) = started(&group, "a");
    // The old one's end, with all that follows it, does not remove the new one.
    old.ends(|| 1);
    assert_eq!((first.ready(), joiner.ready()), (1, 1));
    assert_eq!(group.in_flight(), 1);
    let mut third = joined(&group, "a");
    new.ends(|| 2);
    assert_eq!((second.ready(), third.ready()), (2, 2));
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn a_forgotten_flight_that_is_given_up_does_not_remove_the_new_one() {
    let group = Group::new();
    let (first, old) = started(&group, "a");
    assert!(group.forget("a"));
    let (mut second, new) = started(&group, "a");
    drop(first);
    assert!(old.is_dropped());
    assert_eq!(group.in_flight(), 1);
    new.ends(|| 2);
    assert_eq!(second.ready(), 2);
}

#[test]
fn forgetting_says_whether_there_was_one() {
    let group = Group::new();
    assert!(!group.forget("a"));
    let (_first, _steer) = started(&group, "a");
    assert!(!group.forget("b"));
    assert!(group.forget("a"));
    assert!(!group.forget("a"));
}

#[test]
fn what_is_shared_is_not_forgotten_unshared() {
    let group = Group::new();
    assert!(group.forget_unshared("a"), "unknown: the next caller starts anew");
    let (mut first, steer) = started(&group, "a");
    let other = joined(&group, "a");
    assert!(!group.forget_unshared("a"));
    assert_eq!(group.in_flight(), 1);
    drop(other);
    assert!(group.forget_unshared("a"));
    assert_eq!(group.in_flight(), 0);
    steer.ends(|| 1);
    assert_eq!(first.ready(), 1);
}

#[test]
fn forgetting_k_times_gives_k_and_one_runs_at_once() {
    let group = Group::new();
    let mut runs = Vec::new();
    for k in 0..5 {
        let (first, steer) = started(&group, "a");
        let joiners: Vec<_> = (0..2).map(|_| joined(&group, "a")).collect();
        runs.push((first, joiners, steer));
        if k < 4 {
            assert!(group.forget("a"));
        }
    }
    assert_eq!(group.in_flight(), 1);
    for (number, (first, joiners, steer)) in (0..5).zip(&mut runs).rev() {
        steer.ends(move || number);
        assert_eq!(first.ready(), number);
        assert!(joiners.iter_mut().all(|joiner| joiner.ready() == number));
    }
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn work_may_forget_its_own_key() {
    let group = leaked();
    let work = || async {
        assert!(group.forget("a"));
        group.work("a", || async { 1 }).await + 1
    };
    assert_eq!(Task::new(group.work("a", work)).ready(), 2);
    assert_eq!(group.in_flight(), 0);
}
