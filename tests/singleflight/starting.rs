//! `start`: a waiter and a driver.

use core::future::pending;

use xsync::{Driver, Outcome, Panicked, Role, SingleFlight, Started};

use crate::common::panic_message;
use crate::common::task::Task;
use crate::{Caller, Group, Steer, boxed, joined, leaked, steered, unwanted};

/// A flight with its driver; nothing was polled yet.
#[track_caller]
fn driven(group: &Group) -> (Caller<'static>, Task<Driver<&'static str, u32>>, Steer) {
    let (work, steer) = steered();
    let started = group.start("a", move || work);
    assert_eq!((group.in_flight(), steer.polls()), (1, 0));
    (boxed(started.waiter), Task::new(started.driver.expect("was to start a flight")), steer)
}

#[test]
fn it_joins_at_the_call() {
    let group = Group::new();
    let called = core::cell::Cell::new(0);
    let Started { waiter, driver } = group.start("a", || {
        called.set(called.get() + 1);
        async { 1 }
    });
    assert_eq!((called.get(), group.in_flight()), (1, 1));
    let second = group.start("a", || -> core::future::Ready<u32> { panic!("joins") });
    assert!(second.driver.is_none());
    Task::new(driver.unwrap()).ready();
    assert_eq!(group.in_flight(), 0);
    assert_eq!(Task::new(waiter.outcome()).ready(), Outcome { value: 1, shared: true, role: Role::Started });
    let joined = Outcome { value: 1, shared: true, role: Role::Joined };
    assert_eq!(Task::new(second.waiter.outcome()).ready(), joined);
}

#[test]
fn the_driver_alone_is_woken_by_the_work_and_the_others_at_the_end() {
    let group = Group::new();
    let (mut waiter, mut driver, steer) = driven(&group);
    waiter.assert_pending();
    let mut others: Vec<_> = (0..50).map(|_| joined(&group, "a")).collect();
    assert_eq!(steer.polls(), 0, "who waits does not poll it");
    driver.assert_pending();
    for round in 1..5 {
        steer.wake();
        assert_eq!(driver.wakes(), round);
        others.iter_mut().for_each(Task::assert_pending);
        assert_eq!(steer.polls(), round);
        driver.assert_pending();
        assert_eq!(steer.polls(), round + 1);
    }
    assert!(others.iter().all(|other| other.wakes() == 0));
    steer.ends(|| 1);
    driver.ready();
    assert!(others.iter().all(|other| other.wakes() == 1));
    assert_eq!(waiter.wakes(), 1);
    assert_eq!(waiter.ready(), 1);
    assert!(others.iter_mut().all(|other| other.ready() == 1));
}

#[test]
fn a_driver_that_is_dropped_leaves_the_work_to_who_waits() {
    for was_polled in [false, true] {
        let group = Group::new();
        let (mut waiter, mut driver, steer) = driven(&group);
        waiter.assert_pending();
        if was_polled {
            driver.assert_pending();
        }
        drop(driver);
        // What nobody has polled yet is news; what was polled wakes them itself.
        assert_eq!(waiter.wakes(), usize::from(!was_polled));
        waiter.assert_pending();
        steer.ends(|| 1);
        assert_eq!(waiter.wakes(), 1 + usize::from(!was_polled));
        assert_eq!(waiter.ready(), 1);
    }
}

#[test]
fn a_driver_that_was_woken_and_is_dropped_passes_the_wake_on() {
    let group = Group::new();
    let (mut waiter, mut driver, steer) = driven(&group);
    waiter.assert_pending();
    driver.assert_pending();
    steer.ends(|| 1);
    assert_eq!((driver.wakes(), waiter.wakes()), (1, 0));
    drop(driver);
    assert_eq!(waiter.wakes(), 1);
    assert_eq!(waiter.ready(), 1);
}

#[test]
fn without_waiters_the_driver_finishes_and_later_callers_join() {
    let group = Group::new();
    let (waiter, mut driver, steer) = driven(&group);
    drop(waiter);
    driver.assert_pending();
    assert_eq!((group.in_flight(), steer.is_dropped()), (1, false));
    let mut late = joined(&group, "a");
    steer.ends(|| 1);
    driver.ready();
    assert_eq!(late.ready(), 1);

    let (waiter, mut driver, steer) = driven(&group);
    drop(waiter);
    driver.assert_pending();
    steer.ends(|| 2);
    driver.ready();
    assert_eq!(group.in_flight(), 0);
}

#[test]
fn without_waiters_and_driver_the_work_is_dropped() {
    for waiter_first in [false, true] {
        for was_polled in [false, true] {
            let group = Group::new();
            let (waiter, mut driver, steer) = driven(&group);
            if was_polled {
                driver.assert_pending();
            }
            if waiter_first {
                drop(waiter);
                assert_eq!(group.in_flight(), 1);
                drop(driver);
            } else {
                drop(driver);
                assert_eq!(group.in_flight(), 1);
                drop(waiter);
            }
            assert_eq!((group.in_flight(), steer.is_dropped()), (0, true));
        }
    }
}

#[test]
fn the_handles_outlive_the_group() {
    let group = Group::new();
    let (mut waiter, mut driver, steer) = driven(&group);
    drop(group);
    driver.assert_pending();
    steer.ends(|| 1);
    driver.ready();
    assert_eq!(waiter.ready(), 1);

    let group = Group::new();
    let (waiter, driver, steer) = driven(&group);
    drop(group);
    drop((driver, waiter));
    assert!(steer.is_dropped());
}

#[test]
fn a_panic_of_driven_work() {
    let group = Group::new();
    let (mut waiter, mut driver, steer) = driven(&group);
    let mut checked = Task::queued(group.start("a", unwanted).waiter.checked());
    driver.assert_pending();
    steer.ends(|| panic!("at work"));
    assert_eq!(panic_message(|| driver.poll()), "at work");
    assert_eq!(checked.wakes(), 1);
    assert_eq!(checked.ready(), Err(Panicked));
    assert!(panic_message(|| waiter.poll()).contains("has panicked"));
    drop(driver);
    assert_eq!((group.in_flight(), steer.is_dropped()), (0, true));
}

#[test]
fn a_closure_that_panics_in_start_ends_the_flight() {
    let group = leaked();
    let (sent, joiner) = std::sync::mpsc::channel();
    let message = panic_message(|| {
        group.start("a", || -> crate::Steered {
            sent.send(joined(group, "a")).unwrap();
            panic!("no work")
        })
    });
    assert_eq!((&*message, group.in_flight()), ("no work", 0));
    let mut joiner = joiner.try_recv().unwrap();
    assert_eq!(joiner.wakes(), 1);
    assert!(panic_message(|| joiner.poll()).contains("has panicked"));
}

#[test]
fn work_and_start_join_each_other() {
    let group = Group::new();
    let (first, steer) = crate::started(&group, "a");
    let started = group.start("a", unwanted);
    assert!(started.driver.is_none());
    let mut waiter = boxed(started.waiter);
    waiter.assert_pending();
    drop(first);
    steer.ends(|| 1);
    assert_eq!(waiter.ready(), 1, "without a driver it goes on with the work itself");
}

#[test]
fn a_forgotten_flight_is_driven_to_its_end() {
    let group = Group::new();
    let (mut waiter, mut driver, steer) = driven(&group);
    driver.assert_pending();
    assert!(group.forget("a"));
    let (mut waiter2, mut driver2, steer2) = driven(&group);
    driver2.assert_pending();
    steer.ends(|| 1);
    driver.ready();
    assert_eq!((waiter.ready(), group.in_flight()), (1, 1));
    steer2.ends(|| 2);
    driver2.ready();
    assert_eq!((waiter2.ready(), group.in_flight()), (2, 0));
}

#[test]
fn the_handles_are_static_and_send() {
    fn assert<T: Send + 'static>(_: &T) {}
    let group: SingleFlight<String, String> = SingleFlight::new();
    let started = group.start(String::new(), pending);
    assert(&started);
    assert(&started.driver);
}

#[test]
fn one_waiter_beside_its_driver_shares_with_nobody() {
    let group = Group::new();
    let Started { waiter, driver } = group.start("a", || async { 1 });
    Task::new(driver.unwrap()).ready();
    let alone = Outcome { value: 1, shared: false, role: Role::Started };
    assert_eq!(Task::new(waiter.outcome()).ready(), alone);
}
