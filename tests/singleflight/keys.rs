//! Keys: by borrow, by hostile hash, in any number.

use core::borrow::Borrow;
use core::cell::Cell;
use core::hash::{BuildHasherDefault, Hash, Hasher};

use xsync::{Claim, SingleFlight};

use crate::common::task::Task;
use crate::{steered, unwanted};

#[test]
fn a_borrowed_form_joins_and_starts() {
    let group: SingleFlight<String, u32> = SingleFlight::new();
    let (work, steer) = steered();
    let mut owned = Task::queued(group.work("a".to_owned(), move || work));
    let mut borrowed = Task::queued(group.work_ref("a", unwanted));
    steer.ends(|| 1);
    assert_eq!((owned.ready(), borrowed.ready()), (1, 1));

    let (work, steer) = steered();
    let mut borrowed = Task::queued(group.work_ref("b", move || work));
    let mut owned = Task::queued(group.work("b".to_owned(), unwanted));
    assert!(!group.forget("a") && group.forget("b"));
    steer.ends(|| 2);
    assert_eq!((owned.ready(), borrowed.ready()), (2, 2));

    let started = group.start_ref("b", || async { 4 });
    let mut joined = Task::queued(group.start_ref("b", unwanted).waiter);
    Task::new(started.driver.unwrap()).ready();
    assert_eq!((Task::new(started.waiter).ready(), joined.ready()), (4, 4));

    let Claim::Lead(lead) = Task::new(group.claim_ref("c")).ready() else { panic!("was to lead") };
    let mut follower = Task::queued(group.claim_ref("c"));
    assert_eq!(lead.key(), "c");
    assert_eq!(lead.complete(3).value, 3);
    assert!(matches!(follower.ready(), Claim::Value(3)));
}

thread_local! {
    static MADE: Cell<usize> = const { Cell::new(0) };
}

/// A key that counts how often it is made of its borrowed form.
#[derive(PartialEq, Eq, Hash)]
struct Made(Name);

#[derive(PartialEq, Eq, Hash)]
struct Name(u8);

impl Borrow<Name> for Made {
    fn borrow(&self) -> &Name {
        &self.0
    }
}

impl ToOwned for Name {
    type Owned = Made;

    fn to_owned(&self) -> Made {
        MADE.set(MADE.get() + 1);
        Made(Self(self.0))
    }
}

#[test]
fn only_who_starts_makes_a_key_of_its_borrowed_form() {
    let group: SingleFlight<Made, u32> = SingleFlight::new();
    let names = [Name(1), Name(2)];
    let (work, steer) = steered();
    // Another flight, so that the table is not empty.
    let other = Task::queued(group.work_ref(&names[1], core::future::pending));
    let mut first = Task::queued(group.work_ref(&names[0], move || work));
    let mut callers: Vec<_> = (0..3).map(|_| Task::queued(group.work_ref(&names[0], unwanted))).collect();
    let mut started = Task::queued(group.start_ref(&names[0], unwanted).waiter);
    let mut claim = Task::queued(group.claim_ref(&names[0]));
    assert_eq!(MADE.get(), 2);
    steer.ends(|| 1);
    assert_eq!((first.ready(), started.ready()), (1, 1));
    assert!(matches!(claim.ready(), Claim::Value(1)));
    assert!(callers.iter_mut().all(|caller| caller.ready() == 1));
    drop(other);
    assert_eq!((MADE.get(), group.in_flight()), (2, 0));
}

/// Gives every key the same hash.
#[derive(Default)]
struct Constant;

impl Hasher for Constant {
    fn finish(&self) -> u64 {
        42
    }

    fn write(&mut self, _bytes: &[u8]) {}
}

#[test]
fn keys_of_one_hash_are_told_apart() {
    let group: SingleFlight<u32, u32, BuildHasherDefault<Constant>> = SingleFlight::default();
    let mut flights: Vec<_> = (0..100_u32)
        .map(|key| {
            let (work, steer) = steered();
            (Task::queued(group.work(key, move || work)), steer, key)
        })
        .collect();
    let mut joiners: Vec<_> = (0..100_u32).map(|key| Task::queued(group.work(key, unwanted))).collect();
    assert_eq!(group.in_flight(), 100);
    for key in (0..100).step_by(3) {
        assert!(group.forget(&key));
        assert!(!group.forget(&key));
    }
    for (task, steer, key) in flights.iter_mut().rev() {
        let value = *key;
        steer.ends(move || value);
        assert_eq!(task.ready(), value);
    }
    for (key, joiner) in (0..).zip(&mut joiners) {
        assert_eq!(joiner.ready(), key);
    }
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn ten_thousand_keys_at_once_and_none_left() {
    let group: SingleFlight<u32, u32> = SingleFlight::new();
    let mut flights: Vec<_> = (0..10_000_u32)
        .map(|key| {
            let (work, steer) = steered();
            (Task::queued(group.work(key, move || work)), steer, key)
        })
        .collect();
    assert_eq!(group.in_flight(), 10_000);
    for (_, steer, key) in &flights {
        let value = *key + 1;
        steer.ends(move || value);
        // The flight of each is found again, however the tables have grown meanwhile.
        assert_eq!(Task::new(group.work(*key, unwanted)).ready(), value);
    }
    assert!(flights.iter_mut().all(|(task, _, key)| task.ready() == *key + 1));
    assert_eq!(group.in_flight(), 0);
}
